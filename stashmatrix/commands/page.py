"""Turn a rooms page into a catalogue, or a catalogue into a rooms page."""

import difflib
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, Self

import typer

from stashmatrix import files
from stashmatrix.catalogue import writing as yaml
from stashmatrix.catalogue.model import Catalogue, Flag
from stashmatrix.catalogue.reading import is_bundled, shown_path
from stashmatrix.commands import terminal
from stashmatrix.commands.exits import ExitStatus
from stashmatrix.commands.invocation import catalogue_path, load_catalogue
from stashmatrix.commands.parameters import option_parser
from stashmatrix.errors import Fault, InvalidFileError, StashmatrixError
from stashmatrix.formats import listing
from stashmatrix.page import section, syntaxes, writing
from stashmatrix.page.marks import MARKS, Marks
from stashmatrix.page.reading import read_page
from stashmatrix.text import ascii_json, counted, printable, printable_path, quoted


class PageFormat(StrEnum):
    """How the rooms are written."""

    MARKDOWN = "markdown"
    MDX = "mdx"
    RST = "rst"
    ASCIIDOC = "asciidoc"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class Mark:
    """What marks a room with a flag, as ``FLAG=TEXT``."""

    flag: Flag
    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``text``; raise ``ValueError`` if it is no such pair."""
        name, equals, mark = text.partition("=")
        if not equals or name not in tuple(Flag) or not mark.strip():
            raise ValueError(f"expected FLAG=TEXT with one of {', '.join(Flag)}, got {quoted(text)}")
        return cls(Flag(name), mark.strip())


PageArgument = Annotated[Path, typer.Argument(metavar="PAGE", help="The page, in Markdown.")]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to FILE, not to stdout.")
]
MarkOption = Annotated[
    list[Mark] | None,
    typer.Option(
        metavar="FLAG=TEXT",
        parser=option_parser(Mark.parse),
        help="What marks a room with a flag, such as nsfw=[18+]; repeatable.",
    ),
]


def import_page(
    page: PageArgument,
    output: OutputOption = None,
    mark: MarkOption = None,
    community: Annotated[
        str | None, typer.Option(metavar="NAME", help="The community's name; the page's title by default.")
    ] = None,
) -> None:
    """Read the rooms of a page, and write a catalogue of them.

    Headings are categories; list items, table rows and definitions with a link to a room are rooms. What a
    catalogue has no place for becomes a comment.
    """
    text, summary = imported(page, _marks(mark), community)
    _write(text, output)
    terminal.note(summary)


def imported(page: Path, marks: Marks = MARKS, community: str | None = None) -> tuple[str, str]:
    """Return the catalogue file of a page's rooms, and one line on what was read.

    Raises ``StashmatrixError`` if the page lists no rooms.
    """
    name = printable_path(str(page))
    found = read_page(name, files.read_text(page), marks, community=community)
    rooms = found.catalogue.rooms
    if not rooms:
        raise StashmatrixError(
            f"{name} lists no rooms",
            hint="a room is a list item, a table row or a definition with a link to it, under a heading",
        )
    notes = [(note.line, f"{name}:{note.line}: {printable(note.message)}") for note in found.notes]
    categories = counted(len(found.catalogue.categories), "category", "categories")
    unread = f"; {counted(len(notes), 'comment')} on what is not there" if notes else ""
    summary = f"{name}: {counted(len(rooms), 'room')} in {categories}{unread}"
    return yaml.dump(found.catalogue, notes), summary


def export_page(
    ctx: typer.Context,
    page_format: Annotated[PageFormat, typer.Option("--format", help="Output format.")] = PageFormat.MARKDOWN,
    output: OutputOption = None,
    into: Annotated[
        Path | None,
        typer.Option(
            metavar="PAGE",
            help=f"Replace what stands between the comments {section.BEGIN} and {section.END}.",
        ),
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(metavar="PAGE", help="Say whether PAGE is what --into would make it; exit 1 if not."),
    ] = None,
    mark: MarkOption = None,
    check_report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="HTML only: mark the rooms that are gone, closed or unverified by FILE, a JSON report of "
            "check-links.",
        ),
    ] = None,
) -> None:
    """Write the catalogue's rooms as the section of a page, or as a page that people search."""
    page = _page({"--output": output, "--into": into, "--check": check}, page_format)
    if check_report is not None and page_format is not PageFormat.HTML:
        raise typer.BadParameter("only --format html shows it", param_hint="--check-report")
    catalogue, marks = load_catalogue(ctx), _marks(mark)
    if page is None:
        _write(_text(catalogue, page_format, marks, check_report), output)
        return
    old = _read(page)
    new = _replaced(page, old, catalogue, marks)
    if into is not None:
        if new != old:
            files.replace(page, new)
        return
    if new != old:
        _tell_drift(page, old, new, catalogue_path(ctx))
        raise typer.Exit(ExitStatus.FINDINGS)


def _page(targets: dict[str, Path | None], page_format: PageFormat) -> Path | None:
    """Return the page that the options name; ``None`` if they name none."""
    given = [name for name, path in targets.items() if path is not None]
    if len(given) > 1:
        raise typer.BadParameter(f"there is {given[0]}, too", param_hint=given[1])
    page = targets["--into"] or targets["--check"]
    if page is not None and page_format is not PageFormat.MARKDOWN:
        raise typer.BadParameter(f"{given[0]} writes what the name of the page says", param_hint="--format")
    return page


def _marks(given: list[Mark] | None) -> Marks:
    """Return the marks, in which those that are given replace all others of their flag."""
    own: dict[Flag, tuple[str, ...]] = {}
    for each in given or ():
        own[each.flag] = (*own.get(each.flag, ()), each.text)
    return MARKS | own


def _text(catalogue: Catalogue, page_format: PageFormat, marks: Marks, check_report: Path | None) -> str:
    records = [listing.room_record(room) for room in catalogue.rooms]
    match page_format:
        case PageFormat.MARKDOWN:
            return writing.whole(catalogue, marks, syntaxes.MARKDOWN)
        case PageFormat.MDX:
            return writing.whole(catalogue, marks, syntaxes.MDX)
        case PageFormat.RST:
            return writing.whole(catalogue, marks, syntaxes.RST)
        case PageFormat.ASCIIDOC:
            return writing.whole(catalogue, marks, syntaxes.ASCIIDOC)
        case PageFormat.JSON:
            return ascii_json(records)
        case PageFormat.CSV:
            return listing.as_csv(records, listing.ROOM_KEYS)
        case PageFormat.HTML:
            return _website(catalogue, check_report)


def _website(catalogue: Catalogue, check_report: Path | None) -> str:
    from stashmatrix.page import checkreport, website  # draws and escapes: no other command needs that

    if check_report is None:
        return website.write(catalogue)
    report = checkreport.load(check_report)
    if not any(room.alias in report.states for room in catalogue.rooms):
        raise StashmatrixError(
            f"{printable_path(str(check_report))} tells nothing of the catalogue's rooms",
            hint="'stashmatrix check-links --format json' writes a report of them",
        )
    return website.write(catalogue, report)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        terminal.use_utf8()
        terminal.write(text)
    else:
        files.replace(output, text)


def _read(page: Path) -> str:
    """Return the text of a page with its byte order mark and its line ends."""
    data = files.read_bytes(str(page), limit=files.MAX_BYTES)
    assert data is not None
    try:
        return data.decode()
    except UnicodeDecodeError:
        fault = Fault(1, 1, "not UTF-8")
        raise InvalidFileError(printable_path(str(page)), (fault,)) from None


def _replaced(page: Path, text: str, catalogue: Catalogue, marks: Marks) -> str:
    """Return the text of a page with the rooms of the catalogue between its marker comments."""
    name = printable_path(str(page))
    markers = section.find(name, text)
    if markers is None:
        syntax = syntaxes.syntaxes_of(name)[0]
        lines = "\n".join(map(syntax.commented, (section.BEGIN, section.END)))
        raise StashmatrixError(
            f"{name} has no section for the rooms", hint=f"put these two lines where they belong:\n{lines}"
        )
    body = writing.body(catalogue, marks, markers.syntax)
    if text[: markers.begin].endswith("\r\n"):
        body = body.replace("\n", "\r\n")
    return text[: markers.begin] + body + text[markers.end :]


def _tell_drift(page: Path, old: str, new: str, catalogue: Path) -> None:
    """Show how a page differs from what it should be, where that begins, and what mends it."""
    name, source = printable_path(str(page)), shown_path(str(catalogue))
    terminal.write(_diff(old, new, name))
    pairs = zip_longest(old.splitlines(keepends=True), new.splitlines(keepends=True))
    line = next(number for number, (one, other) in enumerate(pairs, start=1) if one != other)
    terminal.say(f"{name}:{line}: differs from the catalogue {source}")
    option = "" if is_bundled(str(catalogue)) else f"--catalogue {source} "
    terminal.say(
        f"hint: 'stashmatrix {option}page export --into {name}' makes its rooms those of the catalogue"
    )


def _diff(old: str, new: str, name: str) -> str:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), f"a/{name}", f"b/{name}", lineterm="")
    return "".join(f"{printable(line)}\n" for line in lines)
