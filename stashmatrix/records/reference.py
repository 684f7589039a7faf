"""A link to a room and the place where it stands."""

from typing import NamedTuple

from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.matrix.links import Target


class Source(NamedTuple):
    """A place in a file; line and column count from 1."""

    path: str
    line: int
    column: int


class Ignore(NamedTuple):
    """What takes a link, or findings about it, out of a report: why, and where that is written."""

    text: str
    """As it is written."""
    source: Source | None = None
    """``None`` for an option of the command line."""
    codes: frozenset[str] = frozenset()
    """The findings that it silences; empty if it is the link itself, which is then not checked."""
    reason: str | None = None
    """In the words of its author."""

    def silences(self, code: str) -> bool:
        """Say whether a checked link has no such finding for it."""
        return code in self.codes


class Pattern(NamedTuple):
    """A shell pattern of aliases that are not to be checked."""

    pattern: str
    source: Source | None = None
    """Where it is written; ``None`` for the command line."""


class Reference(NamedTuple):
    """A link to a room or a user, and where it stands."""

    source: Source
    text: str
    """The link as written."""
    target: Target | None
    """What the link means, or evidently should mean; ``None`` if it names nothing."""
    label: str | None = None
    """The link's label, if it has one."""
    address: str | None = None
    """The link without the escapes of its document's format; ``None`` for an entry of a catalogue."""
    start: int | None = None
    """Where ``text`` begins in the file, in characters after a byte order mark.

    ``None`` if that is not known, or the text has escapes, so that another cannot just take its place.
    """
    label_start: int | None = None
    """Where ``label`` begins there, if it is written as it reads, and may be an alias or the link itself."""
    in_code: bool = False
    """Whether the link stands in a block of code."""
    item: "Item | None" = None
    """The entry of a list or a table that the link stands in; only where another link has the same target."""
    around: str | None = None
    """The address of the link whose picture this link is: that of a badge."""
    translates: Source | None = None
    """The place of the same link in the text of which this one's is the translation."""
    category: str | None = None
    """The id of its category, in a catalogue."""
    is_space: bool = False
    """Whether the target is listed as a space."""
    alternative_to: RoomAlias | None = None
    """The alias that must lead to the same room."""
    published_link: str | None = None
    """The link on the community's page, if the catalogue records that it differs."""
    ignores: tuple[Ignore, ...] = ()
    """What takes it, or findings about it, out of a report."""

    @property
    def name(self) -> str:
        """What a report calls it: the target, or the link as written."""
        return self.target or self.text


class Item(NamedTuple):
    """An entry of a list or of a table, by the lines on which the two begin."""

    list: int
    line: int
