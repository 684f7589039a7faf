"""Facts about a room alias, as the network gave them, without judgement."""

from dataclasses import dataclass
from enum import StrEnum

from stashmatrix.matrix.identifiers import RoomAlias, RoomId


class Reason(StrEnum):
    """Why there is no answer about an alias."""

    SERVER_NOT_FOUND = "server-not-found"
    UNREACHABLE = "unreachable"
    TLS_ERROR = "tls-error"
    NOT_A_HOMESERVER = "not-a-homeserver"
    REFUSED = "refused"
    RATE_LIMITED = "rate-limited"
    SERVER_ERROR = "server-error"
    BAD_RESPONSE = "bad-response"
    PRIVATE_ADDRESS = "private-address"
    SECOND_HAND = "second-hand"
    NOT_ITS_SERVER = "not-its-server"
    BRIDGE_ALIAS = "bridge-alias"
    NOT_ASKED = "not-asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a server tells non-members about a room; ``None`` is what it does not tell."""

    members: int
    name: str | None = None
    topic: str | None = None
    join_rule: str | None = None
    """``None`` means public."""
    room_type: str | None = None
    """``m.space`` for a space; ``None`` for an ordinary room."""
    room_version: str | None = None
    canonical_alias: RoomAlias | None = None
    """The alias that the room calls its own: what it says, and no proof that it leads there."""
    encryption: str | None = None
    """The algorithm of an encrypted room; ``None`` for others, and from servers that do not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The alias leads to a room."""

    room_id: RoomId
    homeserver: str
    """Base URL of the API that said so."""
    summary: Summary | None = None
    """``None`` if the server has no summaries, or did not give this one."""
    hidden: bool = False
    """Whether the server has summaries, and refused non-members this one."""
    by_resolver: bool = False
    """Whether a resolver said so, and not the alias's own server."""

    @property
    def canonical_alias(self) -> RoomAlias | None:
        """The alias that the room calls its own, if its server tells of one."""
        return None if self.summary is None else self.summary.canonical_alias


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """The alias's own server says that there is no such alias, and says so again."""

    homeserver: str
    """Base URL of the API that said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """There is no answer, for a reason that says nothing about the room."""

    reason: Reason
    detail: str
    """What happened, as the end of a sentence; it may quote the server and is not escaped."""
    homeserver: str | None = None
    """Base URL of the API that was asked, if one was found."""


Answer = Resolved | Absent | Unknown
