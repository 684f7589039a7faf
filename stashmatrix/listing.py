"""What the directory commands show: records as a table, plain lines, JSON, CSV or links."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from stashmatrix.catalogue import Catalogue, Category, Flag, Room, Space
from stashmatrix.escaping import printable
from stashmatrix.links import matrix_to_url, matrix_uri
from stashmatrix.wording import counted

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from stashmatrix.guide import Guide, Topic

Record = Mapping[str, str | int | Sequence[str] | None]

ROOM_KEYS = (
    "name",
    "alias",
    "category",
    "category_title",
    "flags",
    "description",
    "link",
    "matrix_uri",
    "published_link",
)
"""The keys of ``room_record``, in order."""

_FLAG_STYLES = {Flag.NSFW: "red", Flag.BRIDGED: "cyan", Flag.ARCHIVED: "yellow"}
_GAP = 2
_NARROWEST_COLUMN = 12
_NARROWEST_DESCRIPTION = 30
_WIDEST_TEXT = 88


def room_record(room: Room) -> Record:
    """Return what there is to know of a room, by the names that JSON and CSV use."""
    return {
        "name": room.name,
        "alias": room.alias,
        "category": room.category.id,
        "category_title": room.category.title,
        "flags": [str(flag) for flag in room.flags],
        "description": room.description,
        "link": matrix_to_url(room.link),
        "matrix_uri": matrix_uri(room.link),
        "published_link": room.published_link,
    }


def space_record(space: Space) -> Record:
    """Return what there is to know of the space."""
    return {
        "name": space.name,
        "alias": space.alias,
        "alternatives": [str(address.alias) for address in space.alternatives],
        "link": matrix_to_url(space.link),
        "matrix_uri": matrix_uri(space.link),
    }


def category_records(catalogue: Catalogue) -> list[Record]:
    """Return each category with its number of rooms."""
    counts = Counter(room.category for room in catalogue.rooms)
    return [
        {"id": category.id, "title": category.title, "rooms": counts[category]}
        for category in catalogue.categories
    ]


def homeserver_records(guide: "Guide") -> list[Record]:
    """Return each homeserver of the guide, and at last the list of more, which has no name."""
    servers: list[Record] = [
        {"name": server.name, "sign_up": server.sign_up, "note": server.note} for server in guide.homeservers
    ]
    return [*servers, {"name": None, "sign_up": guide.more_homeservers, "note": "a list of more homeservers"}]


def plain_rooms(rooms: Iterable[Room]) -> str:
    """Write rooms one a line: name, alias, category, flags and description, between tabs."""
    return plain(
        {
            "name": room.name,
            "alias": room.alias,
            "category": room.category.id,
            "flags": room.flags,
            "description": room.description,
        }
        for room in rooms
    )


def plain(records: Iterable[Record]) -> str:
    """Write records one a line, their values between tabs."""
    return "".join("\t".join(_cells(record)) + "\n" for record in records)


def as_csv(records: Sequence[Record], keys: Sequence[str]) -> str:
    """Write records as CSV (RFC 4180) with a line of ``keys`` above."""
    import csv
    import io

    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(keys)
    writer.writerows(_cells(record) for record in records)
    return file.getvalue()


def _cells(record: Record) -> list[str]:
    return [
        "" if value is None else printable(str(value) if isinstance(value, str | int) else ",".join(value))
        for value in record.values()
    ]


def details(record: Record) -> str:
    """Write all that is known of one record, a line each: key, colon, value."""
    known = {key: cell for key, cell in zip(record, _cells(record), strict=True) if cell}
    width = max(map(len, known)) + 1
    return "".join(f"{key.replace('_', ' ') + ':':<{width}} {cell}\n" for key, cell in known.items())


def table(records: Iterable[Record], width: int) -> "RenderableType":
    """Draw records as columns for a screen of ``width`` columns; long values fold, none is cut.

    Columns of single words, such as addresses, keep their width where the screen has it.
    """
    from rich.table import Table
    from rich.text import Text

    rows = [_cells(record) for record in records]
    solid = [
        None if any(" " in cell for cell in column) else max(map(len, column))
        for column in zip(*rows, strict=True)
    ]
    taken = sum(_GAP + (_NARROWEST_COLUMN if wanted is None else wanted) for wanted in solid)
    grid = Table.grid(padding=(0, _GAP, 0, 0))
    for wanted in solid:
        grid.add_column(width=wanted if taken <= width else None)
    for row in rows:
        grid.add_row(*(Text(cell, overflow="fold") for cell in row))
    return grid


def rooms_table(catalogue: Catalogue, rooms: Sequence[Room], width: int) -> "RenderableType":
    """Draw rooms under their categories' titles, for a screen of ``width`` columns.

    Descriptions stand beside the aliases where there is room enough, and below them where not.
    """
    from rich.console import Group
    from rich.text import Text

    alias_width = max((len(printable(room.alias)) for room in rooms), default=0)
    flags_width = max((len(" ".join(room.flags)) for room in rooms), default=0)
    beside = width - alias_width - flags_width - 3 * _GAP >= _NARROWEST_DESCRIPTION
    by_category: dict[Category, list[Room]] = defaultdict(list)
    for room in rooms:
        by_category[room.category].append(room)
    parts: list[RenderableType] = []
    for category in catalogue.categories:
        if members := by_category[category]:
            parts += [
                _category_heading(category, len(members)),
                _room_rows(members, beside, alias_width, flags_width),
                "",
            ]
    shown = f"{counted(len(rooms), 'room')} of {len(catalogue.rooms)}"
    as_of = (
        f", as of {catalogue.as_of}; 'stashmatrix check-links' finds the dead ones" if catalogue.as_of else ""
    )
    return Group(*parts, Text(shown + as_of, style="dim"))


def _category_heading(category: Category, rooms: int) -> "RenderableType":
    from rich.text import Text

    return Text.assemble(
        (printable(category.title), "bold"), (f"  {printable(category.id)} · {counted(rooms, 'room')}", "dim")
    )


def _room_rows(rooms: Iterable[Room], beside: bool, alias_width: int, flags_width: int) -> "RenderableType":
    from rich.console import Group
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    if beside:
        grid = Table.grid(padding=(0, _GAP, 0, 0))
        grid.add_column(width=alias_width)
        grid.add_column(width=flags_width)
        for room in rooms:
            grid.add_row(_alias_text(room), _flags_text(room), Text(printable(room.description or "")))
        return Padding(grid, (0, 0, 0, _GAP))
    lines: list[RenderableType] = []
    for room in rooms:
        heading = Text.assemble(_alias_text(room), "  ", _flags_text(room), overflow="fold")
        lines.append(Padding(heading, (0, 0, 0, _GAP)))
        if room.description is not None:
            lines.append(Padding(Text(printable(room.description)), (0, 0, 0, 3 * _GAP)))
    return Group(*lines)


def _alias_text(room: Room) -> "Text":
    from rich.text import Text

    return Text(printable(room.alias), style="green", overflow="fold")


def _flags_text(room: Room) -> "Text":
    from rich.text import Text

    return Text(" ").join(Text(flag, style=_FLAG_STYLES[flag]) for flag in room.flags)


def plain_topics(topics: "Iterable[Topic]") -> str:
    """Write the guide as plain text, a paragraph a line."""
    return "\n".join(
        "\n".join(
            (
                topic.title,
                "=" * len(topic.title),
                *(paragraph.strip() for paragraph in topic.paragraphs),
                *(f"- {point.strip()}" for point in topic.points),
                *(f"- {page.title}: {page.url}" for page in topic.links),
                "",
            )
        )
        for topic in topics
    )


def topics_page(topics: "Iterable[Topic]", width: int) -> "RenderableType":
    """Draw the guide for a screen of ``width`` columns; addresses are never broken."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    margin = max(0, width - _WIDEST_TEXT)
    parts: list[RenderableType] = []
    for topic in topics:
        parts += [Text(topic.title, style="bold"), ""]
        for paragraph in topic.paragraphs:
            parts += [Padding(Text(paragraph.strip()), (0, margin, 1, 0))]
        parts += [_bullet(Text(point.strip()), margin) for point in topic.points]
        parts += [_bullet(Text(f"{page.title}\n{page.url}", overflow="fold"), margin) for page in topic.links]
        parts.append("")
    return Group(*parts[:-1])


def _bullet(text: "Text", margin: int) -> "RenderableType":
    from rich.padding import Padding
    from rich.table import Table

    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_row("  •", text)
    return Padding(grid, (0, margin, 0, 0))
