"""A link to a room and the place where it stands."""

from typing import NamedTuple

from stashmatrix.matrix.identifiers import RoomAlias


class Source(NamedTuple):
    """A place in a file; line and column count from 1."""

    path: str
    line: int
    column: int


class Reference(NamedTuple):
    """A link to a room, and where it stands."""

    source: Source
    text: str
    """The link as written."""
    target: RoomAlias
    label: str | None = None
    """The link's label, if it has one."""
    is_space: bool = False
    """Whether the target is listed as a space."""
    alternative_to: RoomAlias | None = None
    """The alias that must lead to the same room."""
    published_link: str | None = None
    """The link on the community's page, if the catalogue records that it differs."""
    unchecked: str | None = None
    """Why the link is not to be checked; ``None`` if it is."""
