"""What can be said about a link: every kind of finding, its severity and what to do about it."""

from dataclasses import dataclass, field
from enum import Enum, StrEnum

from stashmatrix.records.answers import Reason


class Severity(StrEnum):
    """How serious a finding is, the worst first."""

    ERROR = "error"
    WARNING = "warning"
    UNVERIFIED = "unverified"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """The place in the order above: 0 is the worst."""
        return tuple(Severity).index(self)


@dataclass(frozen=True, slots=True)
class _Rule:
    code: str
    severity: Severity
    hint: str


class Check(Enum):
    """Every kind of finding: its code, its severity and what to do about it."""

    ALIAS_NOT_FOUND = _Rule(
        "alias-not-found", Severity.ERROR, "remove the room, or ask its community for the new address"
    )
    MALFORMED_LINK = _Rule("malformed-link", Severity.ERROR, "correct the link")
    MALFORMED_ALIAS = _Rule("malformed-alias", Severity.ERROR, "correct the alias")
    EMPTY_TARGET = _Rule("empty-target", Severity.ERROR, "add the room's address, or remove the link")
    GROUP_LINK = _Rule("group-link", Severity.ERROR, "link to the space that replaced the group")
    LABEL_MISMATCH = _Rule(
        "label-mismatch", Severity.ERROR, "correct the label or the link, whichever is wrong"
    )
    ADDRESS_DIFFERS = _Rule(
        "address-differs", Severity.ERROR, "remove the address, or point it to the main one's room"
    )
    NOT_JOINABLE = _Rule(
        "not-joinable", Severity.WARNING, "explain in the room's description how to join, or remove the room"
    )
    NOT_A_SPACE = _Rule("not-a-space", Severity.WARNING, "correct the space's address, or list it as a room")
    ROOM_MOVED = _Rule(
        "room-moved",
        Severity.WARNING,
        "check the room; if it is the right one, record it with --update-lock",
    )
    DUPLICATE_TARGET = _Rule(
        "duplicate-target", Severity.WARNING, "remove one of the two entries, or correct its alias"
    )
    MISSING_VIA = _Rule(
        "missing-via", Severity.WARNING, "link to an alias of the room, or add ?via= with one of its servers"
    )
    UNOPENABLE_ALIAS = _Rule("unopenable-alias", Severity.WARNING, "link to another alias of the room")
    UNTIDY_LINK = _Rule("untidy-link", Severity.NOTE, "--fix tidies it")
    RETIRED_HOST = _Rule("retired-host", Severity.WARNING, "link to the room with https://matrix.to/#/")
    RETIRED_SERVER = _Rule("retired-server", Severity.WARNING, "link to an alias on another server")
    UNUSED_IGNORE = _Rule("unused-ignore", Severity.WARNING, "remove it: there is nothing to ignore")
    PUBLISHED_LINK_DIFFERS = _Rule(
        "published-link-differs", Severity.NOTE, "trust the alias: the page's link is wrong"
    )
    NOT_CANONICAL = _Rule("not-canonical", Severity.NOTE, "link to the alias that the room calls its own")
    NEARLY_EMPTY = _Rule("nearly-empty", Severity.NOTE, "look whether anybody still reads it")
    ENCRYPTED = _Rule("encrypted", Severity.NOTE, "say so: who joins cannot read what was written before")
    ROOM_SAYS_MOVED = _Rule(
        "room-says-moved", Severity.NOTE, "look at the room's topic, and link to the room that it names"
    )
    SERVER_NOT_FOUND = _Rule(
        Reason.SERVER_NOT_FOUND, Severity.UNVERIFIED, "check the server's name and this machine's network"
    )
    UNREACHABLE = _Rule(Reason.UNREACHABLE, Severity.UNVERIFIED, "try again later")
    TLS_ERROR = _Rule(Reason.TLS_ERROR, Severity.UNVERIFIED, "ask the server's operator to fix its TLS setup")
    NOT_A_HOMESERVER = _Rule(
        Reason.NOT_A_HOMESERVER,
        Severity.UNVERIFIED,
        "give the URL of the server's API with --homeserver NAME=URL",
    )
    REFUSED = _Rule(
        Reason.REFUSED,
        Severity.UNVERIFIED,
        "the server refuses anonymous requests: check the room in a Matrix client",
    )
    RATE_LIMITED = _Rule(Reason.RATE_LIMITED, Severity.UNVERIFIED, "try again later")
    SERVER_ERROR = _Rule(Reason.SERVER_ERROR, Severity.UNVERIFIED, "try again later")
    BAD_RESPONSE = _Rule(
        Reason.BAD_RESPONSE,
        Severity.UNVERIFIED,
        "try again later; if it happens again, tell the server's operator",
    )
    PRIVATE_ADDRESS = _Rule(
        Reason.PRIVATE_ADDRESS, Severity.UNVERIFIED, "if the server is yours, use --allow-private"
    )
    SECOND_HAND = _Rule(
        Reason.SECOND_HAND,
        Severity.UNVERIFIED,
        "try again later: only the alias's own server can prove that it is gone",
    )
    NOT_ITS_SERVER = _Rule(
        Reason.NOT_ITS_SERVER,
        Severity.UNVERIFIED,
        "tell the server's operator: its .well-known names another server's API",
    )
    BRIDGE_ALIAS = _Rule(
        Reason.BRIDGE_ALIAS,
        Severity.UNVERIFIED,
        "look by hand, and give the room 'check: false' and a reason in the catalogue",
    )
    NOT_ASKED = _Rule(Reason.NOT_ASKED, Severity.UNVERIFIED, "run the check again")

    @property
    def code(self) -> str:
        """The name that reports use."""
        return str(self.value.code)

    @property
    def severity(self) -> Severity:
        """How serious it is."""
        return self.value.severity

    @property
    def hint(self) -> str:
        """What to do about it."""
        return self.value.hint


NOTES = frozenset(check for check in Check if check.severity is Severity.NOTE)
"""Findings that are no fault of a link: each can be turned off."""

USUAL_NOTES = NOTES - {Check.ENCRYPTED, Check.ROOM_SAYS_MOVED, Check.UNTIDY_LINK}
"""Those that are reported unless that is turned off."""

CHECK_OF_REASON = {reason: next(check for check in Check if check.code == reason) for reason in Reason}
"""The finding that reports each reason for a missing answer."""


@dataclass(frozen=True, slots=True)
class Fix:
    """What would mend a link: the characters of its file from ``start`` to before ``end``, to be replaced.

    They count from 0, after a byte order mark.
    """

    start: int
    end: int
    replacement: str
    safe: bool
    """Whether nobody could want anything else; if not, somebody should look at it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement about a link; ``message`` is a single line and safe to print."""

    check: Check
    message: str
    own_hint: str | None = None
    """What to do about it, if that is more exact than its check's hint; safe to print, too."""
    own_severity: Severity | None = None
    """How serious it is, if that is not its check's severity."""
    fix: Fix | None = field(default=None, compare=False)
    """What would mend the link, if that is known and can be written."""

    @property
    def hint(self) -> str:
        """What to do about it."""
        return self.check.hint if self.own_hint is None else self.own_hint

    @property
    def severity(self) -> Severity:
        """How serious it is."""
        return self.check.severity if self.own_severity is None else self.own_severity
