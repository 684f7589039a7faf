"""Which files a run reads, and what is in them."""

import os
import re
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from stashmatrix import files
from stashmatrix.documents import kinds
from stashmatrix.documents.gitignore import Patterns
from stashmatrix.documents.walk import Rules, Walker, folders_above
from stashmatrix.errors import StashmatrixError
from stashmatrix.text import printable_path, quoted

MAX_BYTES = 128 * 1024 * 1024
"""The largest document that is read."""

STDIN = "-"
"""The path that stands for standard input."""

# git takes a file for binary that has a NUL here; in these encodings, text has them too.
_WHERE_BINARIES_HAVE_NUL = 8000
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")

_WILDCARD = re.compile(r"[*?\[]")
_READ_MORE = "--hidden, --no-ignore and --include read more"


@dataclass(frozen=True, slots=True)
class Selection:
    """What to read of a folder. Patterns are those of ``.gitignore`` files, from the working directory."""

    include: tuple[str, ...] = ()
    """What to read besides documents, such as programs; ``exclude`` and ``hidden`` still count."""
    exclude: tuple[str, ...] | None = None
    """What to leave out, in place of folders that are vendored or generated."""
    extend_exclude: tuple[str, ...] = ()
    """What to leave out besides."""
    force_exclude: bool = False
    """Whether a file that the user names is judged as one that is found, but for ``.gitignore`` files."""
    no_ignore: bool = False
    """Whether what git ignores is read."""
    hidden: bool = False
    """Whether what is hidden is read."""


class Document(NamedTuple):
    """A file to read."""

    path: str
    """As the user wrote it, or the folder that it is in."""
    named: bool
    """Whether the user named it, so that a fault in it is an error."""
    included: bool
    """Whether it is read whatever its kind."""


class _Target(NamedTuple):
    """A path that the user wrote, or the part of a glob before its first wildcard."""

    path: str
    """Without ``./`` at its start and a slash at its end."""
    identity: str
    """The same for all paths to one file."""
    is_folder: bool
    glob: str | None = None

    @property
    def prefix(self) -> str:
        """What the paths of all files in a folder begin with."""
        return "" if self.path == "." else f"{self.path}/".replace("//", "/")


def collect(
    paths: Iterable[str],
    selection: Selection,
    *,
    warn: Callable[[str], None],
    environment: Mapping[str, str],
) -> tuple[Document, ...]:
    """Return the documents at ``paths``, each once: in their order, and in that of their names in a folder.

    A path is a file, a folder, a glob or ``STDIN``. ``environment`` is that of git. Warns of a folder that
    has no documents or cannot be read; raises ``StashmatrixError`` if a path leads nowhere, or a glob
    matches no document.
    """
    here = _working_directory()
    real = cache(os.path.realpath)
    targets = [_target(path, real) for path in dict.fromkeys(paths)]
    named = {target.identity for target in targets if not target.is_folder}
    rules = _rules(selection)
    default_output = selection.exclude is None and not selection.no_ignore
    walker = Walker(rules, selection.no_ignore, default_output, environment, warn)
    seen: set[str] = set()
    documents: list[Document] = []
    for target in targets:
        if target.is_folder:
            identity_of_folder = f"{target.identity}/".replace("//", "/")
            for document in _walk(target, here, walker):
                identity = identity_of_folder + document.path[len(target.prefix) :]
                if identity not in seen and identity not in named:
                    seen.add(identity)
                    documents.append(document)
        elif target.identity not in seen and (not selection.force_exclude or _is_found(target, here, rules)):
            seen.add(target.identity)
            documents.append(Document(target.path, named=True, included=True))
    return tuple(documents)


def load(document: Document, *, warn: Callable[[str], None]) -> bytes | None:
    """Return what a document holds; ``None`` if it is not to be read after all.

    That is one which the user did not name, and which is binary, a program, or cannot be read, which is
    warned of. Raises ``StashmatrixError`` if one that the user named cannot be read.
    """
    if document.named:
        return files.read_bytes(document.path, limit=MAX_BYTES)
    is_wanted = is_text if document.included or "." in document.path.rpartition("/")[2] else _is_prose
    try:
        return files.read_bytes(document.path, limit=MAX_BYTES, follow=False, wanted=is_wanted)
    except StashmatrixError as error:
        warn(error.message)
        return None


def is_text(data: bytes) -> bool:
    """Say whether a file that begins with ``data`` is text."""
    return data.find(b"\0", 0, _WHERE_BINARIES_HAVE_NUL) < 0 or data.startswith(_WIDE_MARKS)


def _is_prose(data: bytes) -> bool:
    return is_text(data) and not data.startswith(b"#!")


def listed(data: bytes) -> tuple[str, ...]:
    """Return the paths of a list: one a line, or with a NUL after each, as ``find -print0`` writes."""
    separator = b"\0" if b"\0" in data else b"\n"
    lines = data.split(separator)
    if separator == b"\n":
        lines = [line.removesuffix(b"\r") for line in lines]
    return tuple(os.fsdecode(line) for line in lines if line)


def _rules(selection: Selection) -> Rules:
    return Rules(
        include=Patterns(selection.include),
        exclude=Patterns((*(selection.exclude or ()), *selection.extend_exclude)),
        vendored=kinds.VENDORED if selection.exclude is None else frozenset(),
        hidden=selection.hidden,
    )


def _target(written: str, real: Callable[[str], str]) -> _Target:
    """Find what the user wrote; raise ``StashmatrixError`` if there is nothing."""
    if written == STDIN:
        return _Target(STDIN, STDIN, is_folder=False)
    if not written:
        raise StashmatrixError("expected a path, got an empty text")
    path = written
    while path.startswith("./"):
        path = path[2:].lstrip("/")
    path = path.rstrip("/") or ("/" if path else ".")
    try:
        is_folder = stat.S_ISDIR(Path(written).stat().st_mode)
    except (OSError, ValueError) as error:
        if _WILDCARD.search(path):
            return _glob_target(path)
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise StashmatrixError(f"{printable_path(written)} cannot be read: {reason}") from error
    folder, _, name = path.rpartition("/")
    if is_folder or not folder or Path(path).is_symlink():
        return _Target(path, os.path.realpath(path), is_folder)
    return _Target(path, f"{real(folder)}/{name}", is_folder)


def _glob_target(path: str) -> _Target:
    """Return the folder before the first wildcard, and the glob from there."""
    segments = path.split("/")
    first = next(index for index, segment in enumerate(segments) if _WILDCARD.search(segment))
    folder = "/".join(segments[:first]) or ("/" if path.startswith("/") else ".")
    if not Path(folder).is_dir():
        raise _no_match(path)
    return _Target(folder, os.path.realpath(folder), is_folder=True, glob="/".join(segments[first:]))


def _walk(target: _Target, here: str, walker: Walker) -> list[Document]:
    """Return the documents in a folder, or those that a glob matches."""
    path = target.prefix
    place = f"{_place(target, here)}/".removeprefix("/")
    wanted = None if target.glob is None else _wildcards(target.glob)
    found = walker.walk(path, place, Patterns([f"/{wanted}"]) if wanted else None)
    if not found:
        if target.glob is not None:
            raise _no_match(path + target.glob)
        walker.warn(f"{printable_path(target.path)} has no documents: {_READ_MORE}")
    return [Document(each.path, named=False, included=each.included) for each in found]


def _wildcards(glob: str) -> str:
    """Return ``glob`` without stars at its end that mean all that a folder holds."""
    segments = glob.split("/")
    while segments and segments[-1] in ("", "*", "**"):
        segments.pop()
    return "/".join(segments)


def _no_match(glob: str) -> StashmatrixError:
    return StashmatrixError(f"{quoted(glob)} matches no document", hint=_READ_MORE)


def _working_directory() -> str:
    """Return the working directory with a slash; raise ``StashmatrixError`` if somebody deleted it."""
    try:
        return f"{Path.cwd()}/".replace("//", "/")
    except OSError as error:
        raise StashmatrixError(f"the working directory cannot be read: {error.strerror}") from error


def _place(target: _Target, here: str) -> str:
    """Return where a target is, as patterns see it: from the working directory, or else from itself."""
    path = target.path if target.path.startswith("/") else here + target.path
    absolute = os.path.normpath(path)
    if absolute.startswith(here):
        return absolute.removeprefix(here)
    return "" if target.is_folder else absolute.rpartition("/")[2]


def _is_found(target: _Target, here: str, rules: Rules) -> bool:
    """Say whether a file that the user names would be found in a folder."""
    if target.path == STDIN:
        return True
    place = _place(target, here)
    if not all(rules.enters(above.rpartition("/")[2], above) for above in folders_above(place)):
        return False
    included = rules.includes(place, inherited=rules.includes_above(place))
    return rules.takes(place.rpartition("/")[2], place, included=included)
