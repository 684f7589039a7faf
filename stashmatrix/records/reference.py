"""One place where a link to a room stands."""

from dataclasses import dataclass
from typing import NamedTuple

from stashmatrix.matrix.identifiers import RoomAlias


class Source(NamedTuple):
    """A place in a file; line and column count from 1."""

    path: str
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One place where a link to a room stands."""

    source: Source
    text: str
    """The link as written there."""
    target: RoomAlias
    label: str | None = None
    """What the place calls the link, if anything."""
    is_space: bool = False
    """Whether the place says that the room is a space."""
    alternative_to: RoomAlias | None = None
    """The alias that must lead to the same room."""
    published_link: str | None = None
    """The link that the page gave instead, as the catalogue records it."""
    unchecked: str | None = None
    """Why nobody is to be asked about it, as the catalogue says."""
