"""A catalogue file, loaded whole or refused whole."""

import gc
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

from stashmatrix.catalogue import yamlfile
from stashmatrix.catalogue.model import Address, Catalogue, Category, Flag, Room, Space
from stashmatrix.catalogue.yamlfile import Document, Node
from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.matrix.links import parse_link
from stashmatrix.records.reference import Source
from stashmatrix.text import printable

T = TypeVar("T")


def bundled(name: str) -> Path:
    """Return the path of a data file that ships with the package.

    It is inside the package when installed from a wheel, and beside it in a checkout.
    """
    package = Path(__file__).parents[1]
    installed = package / "data" / name
    return installed if installed.exists() else package.parent / "data" / name


def load(path: Path) -> Catalogue:
    """Load the catalogue at ``path``; raise ``InvalidFileError`` with all that is wrong with it."""
    # Loading makes many objects and no garbage: collecting would only look through them all, again
    # and again, and take longer the more there are.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _load(path)
    finally:
        if collecting:
            gc.enable()


def _load(path: Path) -> Catalogue:
    document = yamlfile.load(path)
    top = document.mapping(
        document.root,
        "the catalogue",
        required=("community", "categories", "rooms"),
        optional=("source", "as_of", "space", "flags"),
    )
    community, prefix = _community(document, top.get("community"))
    categories = _categories(document, top.get("categories"))
    catalogue = Catalogue(
        path=document.path,
        community=community,
        prefix=prefix,
        origin=document.text(top.get("source"), "source"),
        as_of=document.parsed(top.get("as_of"), "as_of", _day),
        space=_space(document, top.get("space")),
        flags=_flag_meanings(document, top.get("flags")),
        categories=tuple(categories.values()),
        rooms=_rooms(document, top.get("rooms"), categories),
    )
    _check_aliases(document, catalogue)
    document.finish()
    return catalogue


def _community(document: Document, node: Node | None) -> tuple[str, str]:
    if node is None:
        return "", ""
    entry = document.mapping(node, "community", required=("name",), optional=("prefix",))
    name = document.text(entry.get("name"), "the community's name")
    return name or "", document.text(entry.get("prefix"), "the community's prefix") or ""


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or text != day.isoformat():  # fromisoformat reads other forms too
        raise ValueError(f"'{text}' is not a date of the form 2024-01-16")
    return day


def _category_id(text: str) -> str:
    words = text.split("-")
    if not all(word.isascii() and word.isalnum() and word == word.lower() for word in words):
        raise ValueError(f"'{text}' should be of lower-case letters, digits and single hyphens")
    return text


def _flag_meanings(document: Document, node: Node | None) -> dict[Flag, str]:
    if node is None:
        return {}
    entry = document.mapping(node, "flags", optional=tuple(Flag))
    meanings = {name: document.text(value, f"the meaning of {name}") for name, value in entry.items()}
    return {Flag(name): meaning for name, meaning in meanings.items() if meaning is not None}


def _categories(document: Document, node: Node | None) -> dict[str, Category]:
    categories: dict[str, Category] = {}
    for item in document.entries(node, "categories"):
        entry = document.mapping(item, "a category", required=("id", "title"))
        category_id = document.parsed(entry.get("id"), "a category's id", _category_id)
        title = document.text(entry.get("title"), "a category's title")
        if category_id is None:
            continue
        if category_id in categories:
            document.fault(entry["id"], f"the category '{category_id}' is there twice")
        categories[category_id] = Category(id=category_id, title=title or "")
    return categories


def _address(document: Document, node: Node | None) -> Address | None:
    alias = document.parsed(node, "an alias", RoomAlias)
    if node is None or alias is None:
        return None
    if not alias.localpart:
        document.fault(node, f"'{printable(alias)}' has no name before the colon")
        return None
    return Address(alias, Source(document.path, node.line, node.column))


def _space(document: Document, node: Node | None) -> Space | None:
    if node is None:
        return None
    entry = document.mapping(node, "space", required=("alias",), optional=("alternatives",))
    main = _address(document, entry.get("alias"))
    nodes = document.entries(entry.get("alternatives"), "alternatives")
    others = tuple(other for other in (_address(document, item) for item in nodes) if other is not None)
    return Space(alias=main.alias, alternatives=others, source=main.source) if main is not None else None


def _rooms(document: Document, node: Node | None, categories: dict[str, Category]) -> tuple[Room, ...]:
    rooms = (_room(document, item, categories) for item in document.entries(node, "rooms"))
    return tuple(room for room in rooms if room is not None)


def _room(document: Document, node: Node, categories: dict[str, Category]) -> Room | None:
    entry = document.mapping(
        node,
        "a room",
        required=("alias", "category"),
        optional=("flags", "description", "published_link", "check", "reason"),
    )
    address = _address(document, entry.get("alias"))
    category = _chosen(document, entry.get("category"), "category", categories.get)
    flags = {
        _chosen(document, item, "flag", {str(flag): flag for flag in Flag}.get)
        for item in document.entries(entry.get("flags"), "flags")
    }
    description = document.text(entry.get("description"), "a description")
    link = document.text(entry.get("published_link"), "a published link")
    if link is not None:
        document.parsed(entry["published_link"], "a published link", parse_link)
    unchecked = _unchecked(document, entry)
    if address is None or category is None:
        return None
    return Room(
        alias=address.alias,
        category=category,
        flags=tuple(flag for flag in Flag if flag in flags),
        description=description.strip() if description is not None else None,
        published_link=link,
        unchecked=unchecked,
        source=address.source,
    )


def _unchecked(document: Document, entry: dict[str, Node]) -> str | None:
    """Read why a room is not to be checked: ``check: false`` and its ``reason`` need each other."""
    check = document.boolean(entry.get("check"), "check")
    reason = document.text(entry.get("reason"), "a reason")
    if check is False and "reason" not in entry:
        document.fault(entry["check"], "a room with 'check: false' needs a reason")
    if "reason" in entry and (check or "check" not in entry):
        document.fault(entry["reason"], "a reason needs 'check: false': this room is checked")
    return reason.strip() if reason is not None else None


def _chosen(document: Document, node: Node | None, noun: str, get: Callable[[str], T | None]) -> T | None:
    """Read a name that must be one of a set, through the ``get`` of that set."""
    text = document.text(node, f"a {noun}")
    if node is None or text is None:
        return None
    value = get(text)
    if value is None:
        document.fault(node, f"unknown {noun} '{printable(text, limit=60)}'")
    return value


def _check_aliases(document: Document, catalogue: Catalogue) -> None:
    """Note each alias that is there twice, and each name that two rooms share."""
    space = catalogue.space
    rooms = [Address(room.alias, room.source) for room in catalogue.rooms]
    main = [Address(space.alias, space.source)] if space is not None else []
    others = space.alternatives if space is not None else ()
    aliases: dict[str, Source] = {}
    names: dict[str, Source] = {}
    for alias, source in (*main, *others, *rooms):
        first = aliases.setdefault(alias, source)
        if first != source:
            document.fault(
                Node(alias, *source[1:]), f"'{printable(alias)}' is there already, on line {first.line}"
            )
    for alias, source in (*main, *rooms):  # the space's other addresses may share its name
        first = names.setdefault(alias.localpart, source)
        if first != source and aliases[alias] == source:
            name = printable(alias.localpart)
            document.fault(Node(alias, *source[1:]), f"the name '{name}' is taken, on line {first.line}")
