"""The catalogue: a community's categories and rooms, loaded whole or refused whole.

Records are immutable, in the file's order, and remember the line that they stand on.
"""

import gc
from collections.abc import Callable, Iterable
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, TypeVar

from stashmatrix import yamlfile
from stashmatrix.errors import IdentifierError, UnknownNameError
from stashmatrix.escaping import printable, some_of
from stashmatrix.identifiers import RoomAlias
from stashmatrix.links import Link, parse_link
from stashmatrix.suggestions import unknown
from stashmatrix.yamlfile import Document, Node

T = TypeVar("T")

_MOST_CANDIDATES = 10


class Flag(StrEnum):
    """What sets a room apart from an ordinary one."""

    NSFW = "nsfw"
    BRIDGED = "bridged"
    ARCHIVED = "archived"


class Source(NamedTuple):
    """A place in a file; line and column count from 1."""

    path: str
    line: int
    column: int


class Address(NamedTuple):
    """An alias and the place where the catalogue gives it."""

    alias: RoomAlias
    source: Source


class Category(NamedTuple):
    """A group of rooms."""

    id: str
    title: str


class Room(NamedTuple):
    """A room that the catalogue lists."""

    alias: RoomAlias
    category: Category
    flags: tuple[Flag, ...]
    """In the order of ``Flag``."""
    description: str | None
    published_link: str | None
    """The link as the page gave it, kept only where it does not lead to ``alias``."""
    unchecked: str | None
    """Why nobody is to check the room; ``None`` where it is to be checked."""
    source: Source

    @property
    def name(self) -> str:
        """What a person types: the alias's localpart."""
        return self.alias.localpart

    @property
    def link(self) -> Link:
        """The link that opens the room."""
        return Link(target=self.alias)


class Space(NamedTuple):
    """The community's space, a room of rooms."""

    alias: RoomAlias
    alternatives: tuple[Address, ...]
    """Other addresses of the same space."""
    source: Source

    @property
    def name(self) -> str:
        """What a person types: the alias's localpart."""
        return self.alias.localpart

    @property
    def link(self) -> Link:
        """The link that opens the space."""
        return Link(target=self.alias)


class Catalogue(NamedTuple):
    """All that a catalogue file says."""

    path: str
    community: str
    prefix: str
    """What the community's room names begin with and a person may leave out; may be empty."""
    origin: str | None
    """Where the catalogue comes from: the file's ``source``."""
    as_of: date | None
    """The day up to which the catalogue is known to be true."""
    space: Space | None
    flags: dict[Flag, str]
    """What each flag means here."""
    categories: tuple[Category, ...]
    rooms: tuple[Room, ...]

    def category(self, category_id: str) -> Category:
        """Return the category of that ID; raise ``UnknownNameError`` if there is none."""
        for category in self.categories:
            if category.id == category_id:
                return category
        ids = [category.id for category in self.categories]
        raise unknown("category", category_id, {name: name for name in ids}, otherwise=", ".join(ids))

    def find(self, text: str) -> Room | Space:
        """Return the room or space that a person means by ``text``.

        ``text`` is, and the first that fits counts: an exact name; an alias, with or without its #;
        a link; ``space``; a name without the community's prefix; the beginning of one name only.
        Raises ``UnknownNameError`` if none fits, or several names begin so.
        """
        by_alias, by_name = self._entries()
        short = {
            name.removeprefix(self.prefix): entry for name, entry in by_name.items() if name != self.prefix
        }
        alias = _alias_in(text)
        for key, entries in ((text, by_name), (alias, by_alias), ("#" + alias, by_alias), (text, short)):
            if key in entries:
                return entries[key]
        folded = text.casefold()
        for entries in (by_name, short):
            same = [entry for name, entry in entries.items() if name.casefold() == folded]
            if len(same) == 1:
                return same[0]
        begun = {
            entry.name: entry
            for name, entry in by_name.items()
            if folded and any(known.startswith(folded) for known in self._known_as(name))
        }
        if len(begun) == 1:
            return next(iter(begun.values()))
        if begun:
            message = f"several rooms begin with '{printable(text, limit=80)}'"
            raise UnknownNameError(message, hint=f"one of: {some_of(begun, most=_MOST_CANDIDATES)}")
        names = {name: entry.name for name, entry in (short | by_name).items()}
        raise unknown("room", text, names, otherwise="'stashmatrix rooms' lists them all")

    def _known_as(self, name: str) -> tuple[str, str]:
        """Return a name in both forms that a person may type, in lower case."""
        return name.casefold(), name.removeprefix(self.prefix).casefold()

    def _entries(self) -> tuple[dict[str, Room | Space], dict[str, Room | Space]]:
        """Return rooms and space by alias and by name; the space is also called ``space``."""
        by_alias: dict[str, Room | Space] = {str(room.alias): room for room in self.rooms}
        by_name: dict[str, Room | Space] = {room.name: room for room in self.rooms}
        if self.space is not None:
            for alias in (self.space.alias, *(other.alias for other in self.space.alternatives)):
                by_alias.setdefault(alias, self.space)
            by_name.setdefault(self.space.name, self.space)
            by_name.setdefault("space", self.space)
        return by_alias, by_name


def _alias_in(text: str) -> str:
    """Return the alias that a link leads to, or ``text`` where it is no link to one."""
    try:
        return str(parse_link(text).target)
    except IdentifierError:
        return text


class Filters(NamedTuple):
    """Which rooms to select; all that are given must hold."""

    query: str = ""
    """Words that each stand in the name or the description, whatever their case."""
    categories: tuple[Category, ...] = ()
    """Any of these; all where there is none."""
    flags: tuple[tuple[Flag, bool], ...] = ()
    """Flags that must, or must not, be set."""


def select(rooms: Iterable[Room], filters: Filters) -> tuple[Room, ...]:
    """Return the rooms that pass ``filters``, in their order."""
    words = filters.query.casefold().split()

    def passes(room: Room) -> bool:
        text = f"{room.name}\n{room.description or ''}".casefold()
        return (
            (not filters.categories or room.category in filters.categories)
            and all((flag in room.flags) is wanted for flag, wanted in filters.flags)
            and all(word in text for word in words)
        )

    return tuple(room for room in rooms if passes(room))


def bundled(name: str) -> Path:
    """Return the path of a data file that ships with the package.

    It is inside the package when installed from a wheel, and beside it in a checkout.
    """
    package = Path(__file__).parent
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
