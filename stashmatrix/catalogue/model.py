"""The catalogue: a community's categories and rooms.

Records are immutable, in the file's order, and keep their place in the file.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from stashmatrix.errors import IdentifierError, UnknownNameError, unknown
from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.matrix.links import Link, parse_link
from stashmatrix.records.reference import Ignore, Reference, Source
from stashmatrix.text import quoted, some_of

_MOST_CANDIDATES = 10


class Flag(StrEnum):
    """What sets a room apart from an ordinary one."""

    NSFW = "nsfw"
    BRIDGED = "bridged"
    ARCHIVED = "archived"


class Address(NamedTuple):
    """An alias and its place in the file."""

    alias: RoomAlias
    source: Source


class Category(NamedTuple):
    """A group of rooms."""

    id: str
    title: str


class _Named:
    """What a room and the space have in common."""

    __slots__ = ()
    alias: RoomAlias
    alternatives: tuple[Address, ...]

    @property
    def name(self) -> str:
        """What it is called: its alias's localpart, unless it has a name of its own."""
        return self.alias.localpart

    @property
    def names(self) -> tuple[str, ...]:
        """What people type for it: its name, and the localpart of each alias."""
        return tuple(dict.fromkeys((self.name, *(alias.localpart for alias in self.aliases))))

    @property
    def aliases(self) -> tuple[RoomAlias, ...]:
        """Its aliases, the main one first."""
        return (self.alias, *(address.alias for address in self.alternatives))

    @property
    def link(self) -> Link:
        """The link that opens the room or space."""
        return Link(target=self.alias)


class _Room(NamedTuple):
    alias: RoomAlias
    category: Category
    flags: tuple[Flag, ...]
    """In the order of ``Flag``."""
    description: str | None
    published_link: str | None
    """The link on the community's page, if it leads to another room than ``alias``."""
    unchecked: str | None
    """Why the room is not to be checked; ``None`` if it is."""
    source: Source
    own_name: str | None = None
    """What it is called, if that is not its alias's localpart."""
    alternatives: tuple[Address, ...] = ()
    """Other addresses of the same room."""


class Room(_Named, _Room):
    """A room that the catalogue lists."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """What it is called: its own name, or its alias's localpart."""
        return self.own_name or self.alias.localpart


class _Space(NamedTuple):
    alias: RoomAlias
    alternatives: tuple[Address, ...]
    """Other addresses of the same space."""
    source: Source


class Space(_Named, _Space):
    """The community's space, a room of rooms."""

    __slots__ = ()


_ByName: TypeAlias = dict[str, list[Room | Space]]
"""What each name stands for: usually one room."""


class Catalogue(NamedTuple):
    """Everything a catalogue file says."""

    path: str
    community: str
    prefix: str
    """The beginning of the community's room names that people may leave out; may be empty."""
    origin: str | None
    """Where the catalogue comes from: the file's ``source``."""
    as_of: date | None
    """The last day on which the catalogue was correct."""
    space: Space | None
    flags: dict[Flag, str]
    """What each flag means in this community."""
    categories: tuple[Category, ...]
    rooms: tuple[Room, ...]

    def category(self, category_id: str) -> Category:
        """Return the category with that ID; raise ``UnknownNameError`` if there is none."""
        for category in self.categories:
            if category.id == category_id:
                return category
        ids = [category.id for category in self.categories]
        raise unknown("category", category_id, {name: name for name in ids}, otherwise=", ".join(ids))

    def references(self) -> tuple[Reference, ...]:
        """Return every address in the catalogue as a reference, in the file's order."""
        references: list[Reference] = []
        for room in self.rooms:
            main = Reference(
                source=room.source,
                text=room.alias,
                target=room.alias,
                published_link=room.published_link,
                category=room.category.id,
                ignores=_ignores(room),
            )
            references += (main, *_alternatives(room, main._replace(published_link=None)))
        if (space := self.space) is not None:
            main = Reference(source=space.source, text=space.alias, target=space.alias, is_space=True)
            references += (main, *_alternatives(space, main))
        return tuple(sorted(references, key=lambda reference: reference.source))

    def find(self, text: str) -> Room | Space:
        """Return the room or space that ``text`` names.

        ``text`` is one of these, and the first that fits counts: an alias, with or without its #; a link;
        an exact name; ``space``; a name without the community's prefix; the beginning of a name. Raises
        ``UnknownNameError`` if none fits, or several rooms have that name or beginning.
        """
        by_alias, by_name = self._entries()
        alias = _alias_in(text)
        for key in (alias, "#" + alias):
            if key in by_alias:
                return by_alias[key]
        short: _ByName = {}
        for name, entries in by_name.items():
            if name != self.prefix:
                short.setdefault(name.removeprefix(self.prefix), []).extend(entries)
        for relation, matches in _tiers(text, by_name, short):
            found = list(dict.fromkeys(matches))
            if len(found) > 1:
                candidates = [_shown(entry, by_name) for entry in found]
                hint = f"one of: {some_of(candidates, most=_MOST_CANDIDATES)}"
                raise UnknownNameError(f"several rooms {relation} {quoted(text)}", hint=hint)
            if found:
                return found[0]
        names = {name: _shown(entries[0], by_name) for name, entries in (short | by_name).items()}
        raise unknown("room", text, names, otherwise="'stashmatrix rooms' lists all rooms")

    def _entries(self) -> tuple[dict[str, Room | Space], _ByName]:
        """Return rooms and space by alias and by name; the space also has the name ``space``."""
        entries: list[Room | Space] = [*self.rooms]
        if self.space is not None:
            entries.append(self.space)
        by_alias: dict[str, Room | Space] = {}
        by_name: _ByName = {}
        for entry in entries:
            by_alias |= dict.fromkeys(entry.aliases, entry)
            for name in entry.names:
                by_name.setdefault(name, []).append(entry)
        if self.space is not None:
            by_name.setdefault("space", [self.space])
        return by_alias, by_name


def _tiers(text: str, by_name: _ByName, short: _ByName) -> Iterator[tuple[str, list[Room | Space]]]:
    """Yield the entries that ``text`` names, and how: the more exact ways come first."""
    for names in (by_name, short):
        yield "are named", names.get(text, [])
    folded = text.casefold()
    for names in (by_name, short):
        yield "are named", [each for name in names if name.casefold() == folded for each in names[name]]
    if folded:
        yield (
            "begin with",
            [
                each
                for names in (by_name, short)
                for name in names
                if name.casefold().startswith(folded)
                for each in names[name]
            ],
        )


def _shown(entry: Room | Space, by_name: _ByName) -> str:
    """Return the name of an entry, or its alias if another one shares a name with it."""
    return entry.name if all(len(by_name[name]) == 1 for name in entry.names) else entry.alias


def _alternatives(entry: Room | Space, main: Reference) -> Iterator[Reference]:
    """Yield a reference for each other address of what ``main`` refers to."""
    for alias, source in entry.alternatives:
        yield main._replace(source=source, text=alias, target=alias, alternative_to=entry.alias)


def _ignores(room: Room) -> tuple[Ignore, ...]:
    if room.unchecked is None:
        return ()
    return (Ignore("check: false", room.source, reason=room.unchecked),)


def _alias_in(text: str) -> str:
    """Return the alias that a link leads to; return other text unchanged."""
    try:
        return str(parse_link(text).target)
    except IdentifierError:
        return text


class Filters(NamedTuple):
    """Which rooms to select: those that pass all filters."""

    query: str = ""
    """Words, each of which must be in a name or the description; case does not matter."""
    categories: tuple[Category, ...] = ()
    """Any of these categories; every category if empty."""
    flags: tuple[tuple[Flag, bool], ...] = ()
    """Flags that must be set, or must not."""


def select(rooms: Iterable[Room], filters: Filters) -> tuple[Room, ...]:
    """Return the rooms that pass ``filters``, in their order."""
    words = filters.query.casefold().split()

    def passes(room: Room) -> bool:
        text = "\n".join((*room.names, room.description or "")).casefold()
        return (
            (not filters.categories or room.category in filters.categories)
            and all((flag in room.flags) is expected for flag, expected in filters.flags)
            and all(word in text for word in words)
        )

    return tuple(room for room in rooms if passes(room))
