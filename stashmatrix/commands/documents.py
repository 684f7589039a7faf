"""Which documents a command reads: its arguments and options, and the references in them."""

import os
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from stashmatrix import files
from stashmatrix.catalogue import reading
from stashmatrix.catalogue.model import Catalogue
from stashmatrix.commands import terminal
from stashmatrix.commands.settings import PerFileIgnores
from stashmatrix.documents import collect
from stashmatrix.documents.collect import Document, Selection
from stashmatrix.documents.read import Page, commented, page
from stashmatrix.errors import InvalidFileError, StashmatrixError
from stashmatrix.records.reference import Ignore, Reference

if TYPE_CHECKING:
    from stashmatrix.documents.changes import Changes

_PATTERN = "PATTERN"

PathsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[PATH]...",
        help="Files, folders and globs to check; - is stdin. Without any, the catalogue in use.",
        show_default=False,
    ),
]
IncludeOption = Annotated[
    list[str] | None,
    typer.Option(metavar=_PATTERN, help="Read these files in folders too, such as '*.py'; repeatable."),
]
ExcludeOption = Annotated[
    list[str] | None,
    typer.Option(metavar=_PATTERN, help="Leave out these, in place of vendored folders; repeatable."),
]
ExtendExcludeOption = Annotated[
    list[str] | None, typer.Option(metavar=_PATTERN, help="Leave out these besides; repeatable.")
]
ForceExcludeOption = Annotated[
    bool, typer.Option("--force-exclude", help="Leave out files that are named, too.")
]
NoIgnoreOption = Annotated[bool, typer.Option("--no-ignore", help="Read what git ignores, too.")]
HiddenOption = Annotated[bool, typer.Option("--hidden", help="Read what is hidden, too.")]
FilesFromOption = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Check the files that FILE lists, one a line; - is stdin."),
]
StdinFilenameOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="Name of what stdin holds: it chooses the format.")
]
IncludeCodeOption = Annotated[
    bool, typer.Option("--include-code", help="Check links in blocks of code, too.")
]

ChangedSinceOption = Annotated[
    str | None,
    typer.Option(metavar="REV", help="Check links on lines that changed since the branch left REV."),
]

_MANY = 1_000
"""Documents that take long enough to read for people to ask what goes on."""
_STEP = 100

# A YAML file is a catalogue if it has these of its keys.
_KEYS = tuple(re.compile(rb"^%s:" % key, re.MULTILINE) for key in (b"community", b"rooms", b"categories"))


class Wanted(NamedTuple):
    """What to read, as the options say it."""

    paths: tuple[str, ...]
    selection: Selection
    stdin_filename: str | None = None
    include_code: bool = False
    outputs: tuple[Path, ...] = ()
    """Files that this run writes: those in folders are no documents."""


def named(
    paths: Iterable[str] | None, files_from: str | None, stdin_filename: str | None
) -> tuple[str, ...] | None:
    """Return the paths that the user names, in arguments and in a list; ``None`` if there is neither.

    Raises ``StashmatrixError`` if the list cannot be read, and a usage error if stdin is to be two things,
    or has a name and is not read.
    """
    reads_stdin = collect.STDIN in (paths or ())
    if reads_stdin and files_from == collect.STDIN:
        raise typer.BadParameter("stdin is a document already", param_hint="--files-from")
    if stdin_filename is not None and not reads_stdin:
        raise typer.BadParameter("it needs the path -, which is stdin", param_hint="--stdin-filename")
    if files_from is None:
        return tuple(paths) if paths else None
    if files_from == collect.STDIN:
        data = _stdin()
    else:
        data = files.read_bytes(files_from, limit=collect.MAX_BYTES) or b""
    return (*(paths or ()), *collect.listed(data))


def read_all(wanted: Wanted, *, warn: Callable[[str], None]) -> Page:
    """Return what all documents hold, in their order.

    Raises ``StashmatrixError`` if what the user named cannot be read, or a catalogue is faulty.
    """
    documents = collect.collect(wanted.paths, wanted.selection, warn=warn, environment=os.environ)
    with _shown(documents) as shown:
        pages = list(_pages(wanted, shown, warn))
    return Page(
        tuple(reference for page in pages for reference in page.references),
        tuple(ignore for page in pages for ignore in page.ignores),
        len(pages),
        tuple(digest for page in pages for digest in page.digests),
    )


@contextmanager
def _shown(documents: Sequence[Document]) -> Iterator[Iterable[Document]]:
    """Give the documents; if they are many, show how many of them have been taken."""
    if len(documents) < _MANY:
        yield documents
        return
    with terminal.progress("reading documents") as show:
        yield _counted(documents, show)


def _counted(
    documents: Sequence[Document], show: Callable[[int, int, Collection[str]], None]
) -> Iterator[Document]:
    for number, document in enumerate(documents):
        if number % _STEP == 0:
            show(number, len(documents), ())
        yield document


def _pages(wanted: Wanted, documents: Iterable[Document], warn: Callable[[str], None]) -> Iterator[Page]:
    outputs = {_absolute(path) for path in wanted.outputs}
    for document in documents:
        if outputs and not document.named and _absolute(document.path) in outputs:
            continue
        if document.path == collect.STDIN:
            name = wanted.stdin_filename or _STDIN_NAME
            yield page(name, _stdin(), include_code=wanted.include_code)
            continue
        data = collect.load(document, warn=warn)
        if data is None:
            continue
        yield _page(document, data, wanted, warn)


def _page(document: Document, data: bytes, wanted: Wanted, warn: Callable[[str], None]) -> Page:
    """Read a document, which may be a catalogue."""
    catalogue = _catalogue(document, data, warn)
    if catalogue is None:
        return page(document.path, data, include_code=wanted.include_code)
    return commented(document.path, data, catalogue.references())


def read_again(wanted: Wanted | None, path: str, data: bytes) -> Page:
    """Read a document with these bytes as it was read before; as no catalogue if it is a faulty one now.

    Without ``wanted``, it is the catalogue in use, and has no references then.
    """
    if wanted is not None:
        return _page(Document(path, named=False, included=True), data, wanted, lambda _: None)
    try:
        return commented(path, data, reading.load(Path(path), data).references())
    except InvalidFileError:
        return Page()


def data_of(wanted: Wanted | None, path: str) -> bytes:
    """Return what a document holds now; raise ``StashmatrixError`` if it cannot be read."""
    if wanted is not None and is_stdin(wanted, path):
        return _stdin()
    return files.read_bytes(path, limit=collect.MAX_BYTES) or b""


def is_stdin(wanted: Wanted, path: str) -> bool:
    """Say whether the references with this path are those of stdin."""
    return collect.STDIN in wanted.paths and path == (wanted.stdin_filename or _STDIN_NAME)


_STDIN_NAME = "<stdin>"


def of_catalogue(catalogue: Catalogue, path: Path) -> Page:
    """Return the references of the catalogue at ``path`` with what its comments say of them."""
    data = files.read_bytes(str(path), limit=collect.MAX_BYTES) or b""
    return commented(catalogue.path, data, catalogue.references())


def with_file_ignores(page: Page, rules: Sequence[PerFileIgnores]) -> Page:
    """Return a page with what a configuration file says of its files."""
    if not rules:
        return page
    of_file = cache(partial(_ignores_of_file, rules))
    return page._replace(
        references=tuple(
            each._replace(ignores=each.ignores + of_file(each.source.path)) for each in page.references
        )
    )


def _ignores_of_file(rules: Iterable[PerFileIgnores], path: str) -> tuple[Ignore, ...]:
    return tuple(rule.ignore for rule in rules if rule.matches(path))


def changes(revision: str) -> "Changes":
    """Return what changed since ``revision``; raise ``StashmatrixError`` if git cannot tell."""
    from stashmatrix.documents.changes import changes_since  # few runs ask for it

    return changes_since(revision, os.environ)


def _absolute(path: str | Path) -> str:
    return os.path.abspath(path)  # noqa: PTH100 (without "..", which pathlib keeps as it may cross a link)


def _catalogue(document: Document, data: bytes, warn: Callable[[str], None]) -> Catalogue | None:
    """Return the catalogue that a document is, or ``None``; raise ``InvalidFileError`` for a faulty one.

    One that the user did not name may be something else: it is only warned of.
    """
    if not document.path.endswith((".yaml", ".yml")) or not all(key.search(data) for key in _KEYS):
        return None
    try:
        return reading.load(Path(document.path), data)
    except InvalidFileError as error:
        if document.named:
            raise
        warn(f"{error.message}; read as a document")
        return None


def files_of(references: Iterable[Reference]) -> tuple[Path, ...]:
    """Return the files that hold ``references``."""
    return tuple(Path(path) for path in dict.fromkeys(reference.source.path for reference in references))


@cache
def _stdin() -> bytes:
    """Return all of stdin, which can be read once only."""
    data = sys.stdin.buffer.read(collect.MAX_BYTES + 1)
    if len(data) > collect.MAX_BYTES:
        raise StashmatrixError(f"stdin is larger than {collect.MAX_BYTES // 1024 // 1024} MiB")
    return data


def repository() -> tuple[str, str]:
    """Return the root of the repository, and the working directory as seen from there, empty for the root."""
    here = Path.cwd()
    workspace = os.environ.get("GITHUB_WORKSPACE")
    if workspace and here.is_relative_to(workspace):
        root = Path(workspace)
    else:
        root = next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)
    return str(root), here.relative_to(root).as_posix().removeprefix(".")
