"""The catalogue: a community's categories and rooms.

Records are immutable, in the file's order, and remember the line that they stand on.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from stashmatrix.errors import IdentifierError, UnknownNameError, unknown
from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.matrix.links import Link, parse_link
from stashmatrix.records.reference import Reference, Source
from stashmatrix.text import printable, some_of

_MOST_CANDIDATES = 10


class Flag(StrEnum):
    """What sets a room apart from an ordinary one."""

    NSFW = "nsfw"
    BRIDGED = "bridged"
    ARCHIVED = "archived"


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


def references(catalogue: Catalogue) -> tuple[Reference, ...]:
    """Return each address that a catalogue gives, in the file's order."""
    found = [
        Reference(
            source=room.source,
            text=room.alias,
            target=room.alias,
            published_link=room.published_link,
            unchecked=room.unchecked,
        )
        for room in catalogue.rooms
    ]
    if (space := catalogue.space) is not None:
        found.append(Reference(source=space.source, text=space.alias, target=space.alias, is_space=True))
        found.extend(
            Reference(source=source, text=alias, target=alias, is_space=True, alternative_to=space.alias)
            for alias, source in space.alternatives
        )
    return tuple(sorted(found, key=lambda reference: reference.source))
