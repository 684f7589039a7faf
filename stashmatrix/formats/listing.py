"""What the directory commands write: records as plain lines, JSON, CSV or details."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from stashmatrix.catalogue.model import Catalogue, Room, Space
from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.matrix.links import matrix_to_url, matrix_uri
from stashmatrix.text import printable

if TYPE_CHECKING:
    from stashmatrix.catalogue.guide import Guide, Topic
    from stashmatrix.records.results import CheckedLink, Skipped

Record = Mapping[str, str | int | Sequence[str] | None]
"""One thing that a command lists: its values by their names."""

ROOM_KEYS = (
    "name",
    "alias",
    "aliases",
    "category",
    "category_title",
    "flags",
    "description",
    "link",
    "matrix_uri",
    "published_link",
)
"""The keys of ``room_record``, in order."""

LIVE_KEYS = ("verdict", "members", "findings")
"""The keys of ``live_record``, in order."""

# A tab or a carriage return at the start counts, too; ``printable`` has made a backslash of either.
_FORMULA_STARTS = ("=", "+", "-", "@")


def room_record(room: Room) -> Record:
    """Return all that the catalogue knows of a room, by the names that JSON and CSV use."""
    return {
        "name": room.name,
        "alias": room.alias,
        "aliases": [str(address.alias) for address in room.alternatives],
        "category": room.category.id,
        "category_title": room.category.title,
        "flags": [str(flag) for flag in room.flags],
        "description": room.description,
        "link": matrix_to_url(room.link),
        "matrix_uri": matrix_uri(room.link),
        "published_link": room.published_link,
    }


def live_record(link: "CheckedLink | Skipped") -> Record:
    """Return what a room's homeserver says of it now; a room that is not to be checked has no verdict."""
    from stashmatrix.records.answers import Resolved  # not loaded by a list without it
    from stashmatrix.records.results import CheckedLink

    if not isinstance(link, CheckedLink):
        return {"verdict": None, "members": None, "findings": []}
    about = link.answer.summary if isinstance(link.answer, Resolved) else None
    return {
        "verdict": link.verdict,
        "members": None if about is None else about.members,
        "findings": [finding.check.code for finding in link.findings],
    }


def space_record(space: Space) -> Record:
    """Return all that the catalogue knows of the space."""
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
    """Return each homeserver of the guide; the last record has no name and links to a list of more."""
    servers: list[Record] = [
        {"name": server.name, "sign_up": server.sign_up, "note": server.note} for server in guide.homeservers
    ]
    return [*servers, {"name": None, "sign_up": guide.more_homeservers, "note": "a list of more homeservers"}]


def plain_rooms(rooms: Iterable[Room], live: Mapping[RoomAlias, Record]) -> str:
    """Write one room a line: name, alias, category, flags and description, separated by tabs.

    Behind them is what ``live`` has of the room, if it has any.
    """
    return plain(
        {
            "name": room.name,
            "alias": room.alias,
            "category": room.category.id,
            "flags": room.flags,
            "description": room.description,
            **live.get(room.alias, {}),
        }
        for room in rooms
    )


def plain(records: Iterable[Record]) -> str:
    """Write one record a line, its values separated by tabs."""
    return "".join("\t".join(cells(record)) + "\n" for record in records)


def as_csv(records: Sequence[Record], keys: Sequence[str]) -> str:
    """Write records as CSV (RFC 4180), with ``keys`` as its header.

    A cell that a spreadsheet would take for a formula starts with a ``'``, which makes it text (OWASP, CSV
    Injection).
    """
    import csv
    import io

    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(keys)
    writer.writerows(map(_as_text, cells(record)) for record in records)
    return file.getvalue()


def _as_text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def cells(record: Record) -> list[str]:
    """Return the values of a record as text that is safe to print."""
    return [
        "" if value is None else printable(str(value) if isinstance(value, str | int) else ",".join(value))
        for value in record.values()
    ]


Details = Sequence[tuple[str, str]]
"""What there is to say of a room: keys and values that are safe to print."""


def shown(record: Record) -> Details:
    """Return the keys and values of a record for people; empty ones are left out."""
    return [(key.replace("_", " "), cell) for key, cell in zip(record, cells(record), strict=True) if cell]


def details(pairs: Details) -> str:
    """Write one value a line, as ``key: value``."""
    width = max(len(key) for key, _ in pairs) + 1
    return "".join(f"{key + ':':<{width}} {cell}\n" for key, cell in pairs)


def plain_topics(topics: "Iterable[Topic]") -> str:
    """Write the guide as plain text, one paragraph a line."""
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
