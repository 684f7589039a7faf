"""The catalogue: a community's categories and rooms.

Records are immutable, in the file's order, and keep their place in the file.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from stashmatrix.errors import IdentifierError, UnknownNameError, closest, unknown
from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.matrix.links import Link, parse_link
from stashmatrix.records.reference import Ignore, Reference, Source
from stashmatrix.text import quoted, some_of

_MOST_CANDIDATES = 10
_ALIAS_MARKS = frozenset("#:.")


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
        names = [self.name, *[alias.localpart for alias in self.aliases]]
        return tuple(dict.fromkeys(names))

    @property
    def aliases(self) -> tuple[RoomAlias, ...]:
        """Its aliases, the main one first."""
        return (self.alias, *[address.alias for address in self.alternatives])

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

        ``text`` is one of these, and the first that fits counts: an alias, with or without its #; a link in
        any form; an exact name, with or without a #; ``space``; a name without the community's prefix; a name
        in another case, or with blanks or ``_`` for its hyphens; the beginning of a name. Raises
        ``UnknownNameError`` if none fits, or several rooms have that name or beginning.
        """
        by_alias, by_name = self._entries()
        text = text.strip()
        alias = _alias_in(text)
        text = text if ":" in text else text.removeprefix("#")
        for key in (alias, "#" + alias):
            if key in by_alias:
                return by_alias[key]
        if ":" in alias:
            sought = "#" + alias.removeprefix("#").casefold()
            same = [entry for other, entry in by_alias.items() if other.casefold() == sought]
            if len(same) == 1:
                return same[0]
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
        names = {name: entries[0].name for name, entries in (short | by_name).items()}
        raise unknown("room", text, names, otherwise="'stashmatrix rooms' lists all rooms")

    def _entries(self) -> tuple[dict[str, Room | Space], _ByName]:
        """Return rooms and space by alias and by name; the space also has the name ``space``."""
        entries: list[Room | Space] = [*self.rooms]
        if self.space is not None:
            entries.append(self.space)
        by_alias: dict[str, Room | Space] = {}
        by_name: _ByName = {}
        for entry in entries:
            for alias in entry.aliases:
                by_alias[alias] = entry
            for name in entry.names:
                by_name.setdefault(name, []).append(entry)
        if self.space is not None:
            by_name.setdefault("space", [self.space])
        return by_alias, by_name


def _tiers(text: str, by_name: _ByName, short: _ByName) -> Iterator[tuple[str, list[Room | Space]]]:
    """Yield the entries that ``text`` names, and how: the more exact ways come first."""
    for names in (by_name, short):
        yield "are named", names.get(text, [])
    for fold in (str.casefold, _plain):
        folded = fold(text)
        for names in (by_name, short):
            yield "are named", [each for name in names if fold(name) == folded for each in names[name]]
    if beginning := _plain(text):
        yield (
            "begin with",
            [
                each
                for names in (by_name, short)
                for name in names
                if _plain(name).startswith(beginning)
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


def _plain(name: str) -> str:
    """Return a name in lower case, with hyphens for blanks and ``_``."""
    return re.sub(r"[\s_-]+", "-", name.casefold())


def _alias_in(text: str) -> str:
    """Return the alias that a link in any form leads to; return other text unchanged."""
    try:
        return str(parse_link(text).target)
    except IdentifierError:
        if "/" not in text:
            return text
    from stashmatrix.matrix import forms  # its patterns take as long as a listing, and few type such links

    reading = forms.read(text)
    return text if reading is None or reading.link is None else str(reading.link.target)


class Filters(NamedTuple):
    """Which rooms to select: those that pass all filters."""

    query: str = ""
    """Words, each of which must be in what the catalogue says of a room; case does not matter."""
    categories: tuple[Category, ...] = ()
    """Any of these categories; every category if empty."""
    flags: tuple[tuple[Flag, bool], ...] = ()
    """Flags that must be set, or must not."""


def select(rooms: Iterable[Room], filters: Filters) -> tuple[Room, ...]:
    """Return the rooms that pass ``filters``, in their order.

    A word may be in a name, the description, the category and the flags; one that is an alias or a part
    of one, with its # or a server's dot or colon, may be in the alias, and a link stands for its alias.
    """
    words = [_alias_in(word).casefold() for word in filters.query.split()]

    def passes(room: Room) -> bool:
        text = _text(room) if words else ""
        return (
            (not filters.categories or room.category in filters.categories)
            and all((flag in room.flags) is expected for flag, expected in filters.flags)
            # Most aliases end with the same server: other words would find all of them.
            and all(word in text or (_ALIAS_MARKS & set(word) and _has_alias(room, word)) for word in words)
        )

    return tuple(room for room in rooms if passes(room))


def meant(rooms: Iterable[Room], query: str) -> str | None:
    """Return ``query`` with a word that some room has for each that none has; ``None`` if none is like it."""
    texts = [_text(room) for room in rooms]
    known = {word: word for text in texts for word in re.findall(r"\w+", text)}
    words = []
    for word in query.casefold().split():
        is_there = any(word in text for text in texts)
        close = [word] if is_there else closest(word, known)
        if not close:
            return None
        words.append(close[0])
    corrected = " ".join(words)
    return None if corrected == " ".join(query.casefold().split()) else corrected


def _has_alias(room: Room, word: str) -> bool:
    return any(word in alias.casefold() for alias in room.aliases)


def _text(room: Room) -> str:
    """Return what the catalogue says of a room, but for its alias, in lower case."""
    said = (*room.names, room.description or "", room.category.id, room.category.title, *room.flags)
    return "\n".join(said).casefold()
