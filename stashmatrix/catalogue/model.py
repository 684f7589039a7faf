"""The catalogue: a community's categories and rooms.

Records are immutable, in the file's order, and keep their place in the file.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

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

    @property
    def name(self) -> str:
        """What people type: the alias's localpart."""
        return self.alias.localpart

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


class Room(_Named, _Room):
    """A room that the catalogue lists."""

    __slots__ = ()


class _Space(NamedTuple):
    alias: RoomAlias
    alternatives: tuple[Address, ...]
    """Other addresses of the same space."""
    source: Source


class Space(_Named, _Space):
    """The community's space, a room of rooms."""

    __slots__ = ()


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
        references = [
            Reference(
                source=room.source,
                text=room.alias,
                target=room.alias,
                published_link=room.published_link,
                category=room.category.id,
                ignores=_ignores(room),
            )
            for room in self.rooms
        ]
        if (space := self.space) is not None:
            references.append(
                Reference(source=space.source, text=space.alias, target=space.alias, is_space=True)
            )
            references.extend(
                Reference(source=source, text=alias, target=alias, is_space=True, alternative_to=space.alias)
                for alias, source in space.alternatives
            )
        return tuple(sorted(references, key=lambda reference: reference.source))

    def find(self, text: str) -> Room | Space:
        """Return the room or space that ``text`` names.

        ``text`` is one of these, and the first that fits counts: an exact name; an alias, with or
        without its #; a link; ``space``; a name without the community's prefix; the beginning of exactly
        one name. Raises ``UnknownNameError`` if none fits, or the beginning is that of several names.
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
        matches = {
            entry.name: entry
            for name, entry in by_name.items()
            if folded and any(form.startswith(folded) for form in self._forms(name))
        }
        if len(matches) == 1:
            return next(iter(matches.values()))
        if matches:
            hint = f"one of: {some_of(matches, most=_MOST_CANDIDATES)}"
            raise UnknownNameError(f"several rooms begin with {quoted(text)}", hint=hint)
        names = {name: entry.name for name, entry in (short | by_name).items()}
        raise unknown("room", text, names, otherwise="'stashmatrix rooms' lists all rooms")

    def _forms(self, name: str) -> tuple[str, str]:
        """Return the forms in which people type a name, with and without prefix, ignoring case."""
        return name.casefold(), name.removeprefix(self.prefix).casefold()

    def _entries(self) -> tuple[dict[str, Room | Space], dict[str, Room | Space]]:
        """Return rooms and space by alias and by name; the space also has the name ``space``."""
        by_alias: dict[str, Room | Space] = {str(room.alias): room for room in self.rooms}
        by_name: dict[str, Room | Space] = {room.name: room for room in self.rooms}
        if self.space is not None:
            for alias in (self.space.alias, *(other.alias for other in self.space.alternatives)):
                by_alias.setdefault(alias, self.space)
            by_name.setdefault(self.space.name, self.space)
            by_name.setdefault("space", self.space)
        return by_alias, by_name


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
    """Words, each of which must be in the name or the description; case does not matter."""
    categories: tuple[Category, ...] = ()
    """Any of these categories; every category if empty."""
    flags: tuple[tuple[Flag, bool], ...] = ()
    """Flags that must be set, or must not."""


def select(rooms: Iterable[Room], filters: Filters) -> tuple[Room, ...]:
    """Return the rooms that pass ``filters``, in their order."""
    words = filters.query.casefold().split()

    def passes(room: Room) -> bool:
        text = f"{room.name}\n{room.description or ''}".casefold()
        return (
            (not filters.categories or room.category in filters.categories)
            and all((flag in room.flags) is expected for flag, expected in filters.flags)
            and all(word in text for word in words)
        )

    return tuple(room for room in rooms if passes(room))
