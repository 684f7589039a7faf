"""A catalogue file, loaded whole or refused with all its faults."""

from collections.abc import Iterable, Mapping
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

from stashmatrix.catalogue import fields, yamlfile
from stashmatrix.catalogue.forms import Entry
from stashmatrix.catalogue.model import Catalogue, Category, Flag, Room, Space
from stashmatrix.catalogue.nodes import Document, Node
from stashmatrix.records.reference import Source
from stashmatrix.text import printable_path, quoted

P = TypeVar("P", Node, Source)

_source = attrgetter("source")


@cache
def bundled(name: str) -> Path:
    """Return the path of a data file that ships with the package.

    It is inside the package if installed from a wheel, and beside it in a checkout.
    """
    package = Path(__file__).parents[1]
    installed = package / "data" / name
    return installed if installed.exists() else package.parent / "data" / name


def is_bundled(path: str) -> bool:
    """Say whether this is the catalogue that ships with the package."""
    return path == str(bundled("rooms.yaml"))


def shown_path(path: str) -> str:
    """Return the path of a catalogue as people read it; that of the bundled one is long."""
    return "data/rooms.yaml (bundled)" if is_bundled(path) else printable_path(path)


def load(path: Path, data: bytes | None = None) -> Catalogue:
    """Load the catalogue at ``path``; raise ``InvalidFileError`` with all its faults.

    ``data`` is what the file holds, if that is known.
    """
    document = yamlfile.load(path, data)
    top = fields.CATALOGUE.read(document, document.root, "the catalogue").values
    categories = _categories(document, top["categories"])
    for room in top["rooms"]:
        _check_room(document, room, categories)
    _check_addresses(document, top["space"], top["rooms"])
    document.finish()
    community = top["community"].values
    flags = {} if top["flags"] is None else top["flags"].values
    return Catalogue(
        path=document.path,
        community=community["name"],
        prefix=community["prefix"] or "",
        origin=top["source"],
        as_of=top["as_of"],
        space=None if top["space"] is None else _space(top["space"].values),
        flags={Flag(name): meaning for name, meaning in flags.items() if meaning is not None},
        categories=tuple(categories.values()),
        rooms=tuple(_room(room.values, categories) for room in top["rooms"]),
    )


def _categories(document: Document, entries: Iterable[Entry]) -> dict[str, Category]:
    """Return the categories by ID."""
    usable = [entry for entry in entries if entry.values["id"] is not None]
    _check_unique(document, "category", ((entry.values["id"], entry.at("id")) for entry in usable))
    return {entry.values["id"]: Category(**entry.values) for entry in usable}


def _check_room(document: Document, room: Entry, categories: Mapping[str, Category]) -> None:
    """Check the category, and that ``check: false`` and ``reason`` are both there or both absent."""
    category, check = room.values["category"], room.values["check"]
    if category is not None and category not in categories:
        document.unknown(room.at("category"), "category", category, categories)
    if check is False and not room.has("reason"):
        document.fault(room.at("check"), "a room with 'check: false' needs a reason")
    if room.has("reason") and (check or not room.has("check")):
        document.fault(room.at("reason"), "a reason needs 'check: false': this room is checked")


def _check_addresses(document: Document, space: Entry | None, rooms: Iterable[Entry]) -> None:
    """Check that no alias is there twice."""
    addresses = [address for room in rooms for address in (room.values["alias"], *room.values["aliases"])]
    if space is not None:
        addresses += (space.values["alias"], *space.values["alternatives"])
    _check_unique(document, "alias", sorted(filter(None, addresses), key=_source))


def _check_unique(document: Document, noun: str, names: Iterable[tuple[str, P]]) -> None:
    """Check that no name is there twice."""
    places: dict[str, P] = {}
    for name, place in names:
        first = places.setdefault(name, place)
        if first is not place:
            document.fault(place, f"duplicate {noun} {quoted(name)} (first on line {first.line})")


def _space(values: Mapping[str, Any]) -> Space:
    alias, source = values["alias"]
    return Space(alias=alias, alternatives=values["alternatives"], source=source)


def _room(values: Mapping[str, Any], categories: Mapping[str, Category]) -> Room:
    alias, source = values["alias"]
    return Room(
        alias=alias,
        category=categories[values["category"]],
        flags=tuple(flag for flag in Flag if flag in values["flags"]),
        description=values["description"],
        published_link=values["published_link"],
        unchecked=values["reason"],
        source=source,
        own_name=None if values["name"] == alias.localpart else values["name"],
        alternatives=values["aliases"],
    )
