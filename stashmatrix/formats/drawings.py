"""What the directory commands draw on a terminal."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text

from stashmatrix.catalogue.model import Catalogue, Category, Flag, Room
from stashmatrix.formats.listing import Details, Record, cells
from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.matrix.links import matrix_to_url
from stashmatrix.text import counted, printable

if TYPE_CHECKING:
    from stashmatrix.catalogue.guide import Topic

_FLAG_STYLES = {Flag.NSFW: "red", Flag.BRIDGED: "cyan", Flag.ARCHIVED: "yellow"}
_GAP = 2
_NARROWEST_COLUMN = 12
_NARROWEST_DESCRIPTION = 30
_WIDEST_TEXT = 88


def table(records: Iterable[Record], width: int) -> RenderableType:
    """Draw records as a table for a screen of ``width`` columns; long values fold, none is cut.

    Columns of single words, such as addresses, keep their full width if the screen has room for it.
    """
    rows = [cells(record) for record in records]
    full_widths = [
        None if any(" " in cell for cell in column) else max(map(len, column))
        for column in zip(*rows, strict=True)
    ]
    needed = sum(_GAP + (_NARROWEST_COLUMN if full is None else full) for full in full_widths)
    grid = Table.grid(padding=(0, _GAP, 0, 0))
    for full in full_widths:
        grid.add_column(width=full if needed <= width else None)
    for row in rows:
        grid.add_row(*(_linked(cell) for cell in row))
    return grid


def _linked(text: str, style: str = "") -> Text:
    """Return text that is a hyperlink if it is a URL."""
    link = text if text.startswith("https://") and text.isascii() else None
    return Text.assemble((text, Style.parse(style) + Style(link=link)), overflow="fold")


def rooms_table(
    catalogue: Catalogue, rooms: Sequence[Room], live: Mapping[RoomAlias, Record], width: int
) -> RenderableType:
    """Draw rooms under their categories' titles, for a screen of ``width`` columns.

    Descriptions are beside the aliases if the screen is wide enough, else below them. ``live`` is what is
    known of the rooms right now.
    """
    marks = {room.alias: _marks(room, live.get(room.alias)) for room in rooms}
    alias_width = max((len(printable(room.alias)) for room in rooms), default=0)
    marks_width = max(map(len, marks.values()), default=0)
    beside = width - alias_width - marks_width - 3 * _GAP >= _NARROWEST_DESCRIPTION
    by_category: dict[Category, list[Room]] = defaultdict(list)
    for room in rooms:
        by_category[room.category].append(room)
    parts: list[RenderableType] = []
    for category in catalogue.categories:
        if members := by_category[category]:
            parts += [
                _category_heading(category, len(members)),
                _room_rows(members, marks, beside, alias_width, marks_width),
                "",
            ]
    total = f"{counted(len(rooms), 'room')} of {len(catalogue.rooms)}"
    as_of = f", as of {catalogue.as_of}" if catalogue.as_of else ""
    if as_of and not live:
        as_of += "; 'stashmatrix check-links' finds the dead ones"
    return Group(*parts, Text(total + as_of, style="dim"))


def _category_heading(category: Category, rooms: int) -> RenderableType:
    return Text.assemble(
        (printable(category.title), "bold"), (f"  {printable(category.id)} · {counted(rooms, 'room')}", "dim")
    )


def _room_rows(
    rooms: Iterable[Room],
    marks: Mapping[RoomAlias, Text],
    beside: bool,
    alias_width: int,
    marks_width: int,
) -> RenderableType:
    if beside:
        grid = Table.grid(padding=(0, _GAP, 0, 0))
        grid.add_column(width=alias_width)
        grid.add_column(width=marks_width)
        for room in rooms:
            grid.add_row(_alias_text(room), marks[room.alias], _about_text(room))
        return Padding(grid, (0, 0, 0, _GAP))
    lines: list[RenderableType] = []
    for room in rooms:
        heading = Text.assemble(_alias_text(room), "  ", marks[room.alias], overflow="fold")
        lines.append(Padding(heading, (0, 0, 0, _GAP)))
        if about := _about_text(room):
            lines.append(Padding(about, (0, 0, 0, 3 * _GAP)))
    return Group(*lines)


def _alias_text(room: Room) -> Text:
    style = Style(color="green", link=matrix_to_url(room.link))
    return Text.assemble((printable(room.alias), style), overflow="fold")


def _about_text(room: Room) -> Text:
    return Text(": ".join(printable(text) for text in (room.own_name, room.description) if text))


def _flags_text(flags: Iterable[Flag]) -> Text:
    return Text(" ").join(Text(flag, style=_FLAG_STYLES[flag]) for flag in flags)


def _marks(room: Room, live: Record | None) -> Text:
    """Return the flags of a room, and what is known of it right now."""
    marks = [_flags_text(room.flags)] if room.flags else []
    if live is not None:
        verdict, members, findings = live["verdict"], live["members"], live["findings"]
        assert isinstance(findings, Sequence)
        if isinstance(members, int):
            marks.append(Text(counted(members, "member")))
        reasons = ", ".join(findings)
        if verdict is not None and (verdict != "ok" or not isinstance(members, int) or reasons):
            text = f"{verdict}: {reasons}" if reasons else str(verdict)
            marks.append(Text(text, style=_KEY_STYLES.get(str(verdict), "")))
    return Text(" ").join(marks)


_KEY_STYLES = {
    "name": "bold",
    "alias": "green",
    "verdict": "bold",
    "ok": "green",
    "broken": "bold red",
    "unverified": "magenta",
    "error": "bold red",
    "warning": "yellow",
    "hint": "dim",
    "note": "dim",
}
"""How a value is drawn, by its key, or by itself if it is a verdict."""
_EXPLAINED = {
    "published link": "where the community's page led: to another room, by mistake",
}
"""What does not explain itself, by its key."""


def details(cards: Iterable[Details]) -> RenderableType:
    """Draw what there is to say of rooms, each as a card; long values fold behind their keys."""
    parts: list[RenderableType] = []
    for pairs in cards:
        grid = Table.grid(padding=(0, _GAP, 0, 0))
        grid.add_column(no_wrap=True)
        for key, value in pairs:
            text = _linked(value, _KEY_STYLES.get(value if key == "verdict" else key, ""))
            if key == "flags":
                text = _flags_text(map(Flag, value.split(",")))
            if key in _EXPLAINED:
                text.append(f"\n{_EXPLAINED[key]}", style="dim")
            grid.add_row(Text.assemble((key, "dim")), text)
        parts += [grid, ""]
    return Group(*parts[:-1])


def qr_code(lines: Iterable[str]) -> RenderableType:
    """Draw the lines of a QR code, light on dark whatever the terminal's colours are."""
    return Text("\n".join(lines), style="#ffffff on #000000")


def picker(
    rooms: Sequence[Room],
    *,
    chosen: int,
    query: str,
    total: int,
    is_typing: bool,
    message: str,
    columns: int,
    lines: int,
) -> RenderableType:
    """Draw the rooms that a person can choose from, on a screen of so many ``columns`` and ``lines``.

    The chosen one stands out without colour, too. On a very short screen only the rooms are left.
    """
    frame = 2 if lines > 2 else 0  # noqa: PLR2004 (the search and the keys)
    height = lines - frame
    first = max(0, min(chosen - height // 2, len(rooms) - height))
    names = max((cell_len(printable(room.name)) for room in rooms), default=0)
    is_narrow = columns - names < _NARROWEST_COLUMN
    shown = [
        _choice(room, 0 if is_narrow else names, is_chosen=place == chosen)
        for place, room in enumerate(rooms[first : first + height], start=first)
    ]
    shown += [Text("no room matches", style="dim")] if not rooms else []
    count = f"{len(rooms)} of {total}"
    search = Text.assemble(("search ", "bold"), printable(query), (" ", "reverse" if is_typing else ""))
    search.truncate(max(0, columns - len(count) - 1))
    search.pad_right(columns - search.cell_len - len(count))
    search.append(count, style="dim")
    keys = Text(message or _keys(columns, is_typing=is_typing), style="" if message else "dim")
    parts = [search, *shown, *[Text()] * (height - len(shown)), keys] if frame else shown
    for part in parts:
        part.truncate(columns, overflow="ellipsis")
        part.no_wrap = True
    return Group(*parts)


def _choice(room: Room, names: int, *, is_chosen: bool) -> Text:
    """Draw a room by its name, and what it is about behind the column of ``names``, if there is one."""
    name = Text(printable(room.name), style="reverse" if is_chosen else "green")
    line = Text.assemble(("> ", "bold") if is_chosen else "  ", name)
    if names:
        line.pad_right(names - name.cell_len + _GAP)
        line.append_text(_flags_text(room.flags)).append(" " if room.flags else "")
        line.append_text(_about_text(room))
    return line


def _keys(columns: int, *, is_typing: bool) -> str:
    """Return what the keys do, as much of it as there is room for."""
    texts = (
        (
            "Enter opens   arrows choose, then c copies, q shows a QR code   Esc leaves",
            "Enter open  Tab c/q  Esc leave",
        )
        if is_typing
        else (
            "Enter opens   c copies   q shows a QR code   type to search   Esc leaves",
            "Enter open  c copy  q QR  Esc leave",
        )
    )
    return next((text for text in texts if len(text) <= columns), texts[-1])


def topics_page(topics: "Iterable[Topic]", width: int) -> RenderableType:
    """Draw the guide for a screen of ``width`` columns; addresses are never broken."""
    margin = max(0, width - _WIDEST_TEXT)
    parts: list[RenderableType] = []
    for topic in topics:
        parts += [Text(topic.title, style="bold"), ""]
        for paragraph in topic.paragraphs:
            parts += [Padding(Text(paragraph.strip()), (0, margin, 1, 0))]
        parts += [_bullet(Text(point.strip()), margin) for point in topic.points]
        parts += [
            _bullet(Text(f"{page.title}\n").append_text(_linked(page.url)), margin) for page in topic.links
        ]
        parts.append("")
    return Group(*parts[:-1])


def _bullet(text: Text, margin: int) -> RenderableType:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_row("  •", text)
    return Padding(grid, (0, margin, 0, 0))
