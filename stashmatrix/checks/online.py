"""Every rule that judges an answer from the network: one function a finding, named after its code."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import assert_never
from urllib.parse import unquote

from stashmatrix.errors import IdentifierError
from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.records.answers import Absent, Answer, Reason, Resolved, Summary, Unknown
from stashmatrix.records.findings import CHECK_OF_REASON, Check, Finding, Severity
from stashmatrix.records.reference import Reference
from stashmatrix.text import printable


def first_hand(answer: Answer | None) -> Resolved | None:
    """Return ``answer`` if the alias's own server gave it and it is a room, else ``None``."""
    return answer if isinstance(answer, Resolved) and not answer.by_resolver else None


# The names that bridges give to the aliases of their rooms: all that begins with _, as the names that are set
# aside for programs do by custom, an IRC channel after a network's name, and the usual names of networks.
_BRIDGE_ALIAS = re.compile(
    "_|[a-z0-9.-]+_#|(bifrost|discord|facebook|freenode|gitter|googlechat|groupme|hangouts|instagram|irc|libera"
    "|line|mattermost|messenger|oftc|rocketchat|signal|skype|slack|snoonet|steam|telegram|twitter|wechat"
    "|whatsapp|xmpp|zulip)_",
    re.IGNORECASE,
)


def is_bridge_alias(alias: RoomAlias) -> bool:
    """Say whether ``alias`` looks like one that a bridge makes once somebody asks for it."""
    return _BRIDGE_ALIAS.match(alias.localpart) is not None


def weighed(reference: Reference, answer: Answer) -> Answer:
    """Return ``answer`` as far as it is proof.

    While a bridge is down, its aliases are absent; and a room ID has no server that could say that
    there is no such room.
    """
    if not isinstance(answer, Absent):
        return answer
    if not isinstance(reference.target, RoomAlias):
        reason, detail = Reason.REFUSED, "no server tells non-members whether there is such a room"
    elif is_bridge_alias(reference.target):
        reason = Reason.BRIDGE_ALIAS
        detail = "its server does not know it, but by its name a bridge makes it once somebody asks"
    else:
        return answer
    return Unknown(reason=reason, detail=detail, homeserver=answer.homeserver)


def _subject(reference: Reference) -> str:
    return printable(reference.target or reference.text)


def _answer(answers: Mapping[RoomAlias, Answer], reference: Reference) -> Answer | None:
    return answers.get(reference.target) if isinstance(reference.target, RoomAlias) else None


def alias_not_found(reference: Reference, answer: Answer, meant: str | None) -> Iterable[Finding]:
    """Report an alias that does not exist. Silent unless its own server says so.

    ``meant`` is a hint at what the alias may have been meant to be.
    """
    if isinstance(answer, Absent):
        yield Finding(
            Check.ALIAS_NOT_FOUND,
            f"{_subject(reference)} does not exist: its own server says so ({printable(answer.homeserver)})",
            meant,
        )


def unverified(reference: Reference, answer: Answer) -> Iterable[Finding]:
    """Report why there is no proof, under the reason's own code. Silent if there is proof either way."""
    match answer:
        case Resolved() | Absent():
            return
        case Unknown(reason=reason, detail=detail):
            message = f"{_subject(reference)} could not be checked: {printable(detail, limit=300)}"
            yield Finding(CHECK_OF_REASON[reason], message)
        case _:
            assert_never(answer)


_JOIN_RULES = {
    "invite": "it is invite-only",
    "knock": "joining requires a request that a member accepts",
    "restricted": "only members of another room can join",
    "knock_restricted": "only members of another room can join; others need a request that a member accepts",
}
"""What the join rules mean (Client-Server API, ``m.room.join_rules``)."""


def is_closed(answer: Answer) -> bool:
    """Say whether a room is there that no stranger can join."""
    if not isinstance(answer, Resolved):
        return False
    rule = None if answer.summary is None else answer.summary.join_rule
    return answer.hidden or rule not in (None, "public")


def not_joinable(reference: Reference, answer: Answer) -> Iterable[Finding]:
    """Warn if a stranger cannot join. Silent if the server gave no summary of it and hides none."""
    match answer:
        case Resolved(hidden=True):
            why = (
                "its server hides it from non-members: it is invite-only or restricted, "
                "or nobody is in it any more"
            )
        case Resolved(summary=Summary(join_rule=str(rule))) if rule != "public":
            why = _JOIN_RULES.get(rule, f"its join rule is '{printable(rule, limit=60)}'")
        case _:
            return
    message = f"{_subject(reference)} exists, but a stranger cannot join it: {why}"
    yield Finding(Check.NOT_JOINABLE, message)


def label_mismatch(
    reference: Reference, alias: RoomAlias | None, answers: Mapping[RoomAlias, Answer]
) -> Iterable[Finding]:
    """Note that a link leads to the room of its label's ``alias``, though by another one.

    Silent unless a server found a room for both, and it is the same; then this replaces the error.
    """
    if alias is None:
        return
    target, said = _answer(answers, reference), answers.get(alias)
    if isinstance(target, Resolved) and isinstance(said, Resolved) and target.room_id == said.room_id:
        yield Finding(
            Check.LABEL_MISMATCH,
            f"{_subject(reference)} and {printable(alias)} are two aliases of one room",
            own_hint="write the same alias in both places",
            own_severity=Severity.NOTE,
        )


def not_canonical(
    reference: Reference, answer: Answer, answers: Mapping[RoomAlias, Answer]
) -> Iterable[Finding]:
    """Note that the room calls another alias its own.

    Silent unless that one's own server says that it leads to the same room, and for alternative
    addresses, which are there to be others.
    """
    own = first_hand(answer)
    canonical = None if own is None else own.canonical_alias
    if own is None or canonical is None or canonical == reference.target or reference.alternative_to:
        return
    there = first_hand(answers.get(canonical))
    if there is not None and there.room_id == own.room_id and isinstance(reference.target, RoomAlias):
        shown = printable(canonical)
        message = f"{_subject(reference)} works, but the room calls itself {shown}"
        yield Finding(Check.NOT_CANONICAL, message, own_hint=f"link to {shown}")


def nearly_empty(reference: Reference, answer: Answer) -> Iterable[Finding]:
    """Note that one member is left, or none. Silent if the server does not tell how many there are."""
    summary = answer.summary if isinstance(answer, Resolved) else None
    if summary is not None and summary.members <= 1:
        left = "one member" if summary.members == 1 else "no member"
        yield Finding(Check.NEARLY_EMPTY, f"{_subject(reference)} has {left}")


def encrypted(reference: Reference, answer: Answer) -> Iterable[Finding]:
    """Note that a room is encrypted. Silent if the server does not tell."""
    if isinstance(answer, Resolved) and answer.summary is not None and answer.summary.encryption is not None:
        yield Finding(Check.ENCRYPTED, f"{_subject(reference)} is encrypted")


_MOVED = re.compile(
    r"(?i)\b(?:archived|closed|deprecated|migrated|moved|new room|obsolete|read[- ]only|replaced|superseded"
    r"|tombstoned|upgraded)\b"
)


def room_says_moved(reference: Reference, answer: Answer) -> Iterable[Finding]:
    """Note that the topic names another room, and has a word such as moved or archived.

    Silent without either, and if the room it names is itself: a topic may name rooms for any reason.
    """
    if not isinstance(answer, Resolved) or answer.summary is None:
        return
    topic = answer.summary.topic
    if topic is None or _MOVED.search(topic) is None:
        return
    itself = (reference.target, answer.room_id, answer.canonical_alias)
    named = (alias for alias in _aliases_in(topic) if alias not in itself)
    if (other := next(named, None)) is not None:
        shown = f"'{printable(topic, limit=200)}'"
        message = f"{_subject(reference)} names {printable(other)} in its topic: {shown}"
        yield Finding(Check.ROOM_SAYS_MOVED, message)


_ALIASES = re.compile(r"[#!][^\s/?#!:\"'<>()]{1,200}:[A-Za-z0-9.-]+(?::[0-9]{1,5})?")


def _aliases_in(text: str) -> Iterable[RoomAlias | RoomId]:
    """Yield the aliases and room IDs in a text, also in its links."""
    for match in _ALIASES.finditer(unquote(text)):
        with suppress(IdentifierError):
            name = match[0].rstrip(".:-")
            yield RoomAlias(name) if name.startswith("#") else RoomId(name)


def not_a_space(reference: Reference, answer: Answer) -> Iterable[Finding]:
    """Warn if what is listed as a space is another kind of room. Silent if its type is unknown."""
    if not reference.is_space or not isinstance(answer, Resolved) or answer.summary is None:
        return
    room_type = answer.summary.room_type
    if room_type != "m.space":
        kind = (
            "an ordinary room" if room_type is None else f"a room of type '{printable(room_type, limit=60)}'"
        )
        message = f"{_subject(reference)} is listed as a space but is {kind}"
        yield Finding(Check.NOT_A_SPACE, message)


def address_differs(reference: Reference, answers: Mapping[RoomAlias, Answer]) -> Iterable[Finding]:
    """Report an alternative address that leads to another room than the main one.

    Silent unless the own servers of both found a room.
    """
    if reference.alternative_to is None:
        return
    main = first_hand(answers.get(reference.alternative_to))
    alternative = first_hand(_answer(answers, reference))
    if main is not None and alternative is not None and main.room_id != alternative.room_id:
        yield Finding(
            Check.ADDRESS_DIFFERS,
            f"{_subject(reference)} leads to {printable(alternative.room_id)}, "
            f"but {printable(reference.alternative_to)} leads to {printable(main.room_id)}",
        )


def room_moved(
    reference: Reference, answer: Answer, recorded: Mapping[RoomAlias, RoomId]
) -> Iterable[Finding]:
    """Warn if the alias leads to another room than ``recorded`` says.

    Silent unless the alias has a record and its own server found a room.
    """
    before = recorded.get(reference.target) if isinstance(reference.target, RoomAlias) else None
    now = first_hand(answer)
    if now is not None and before is not None and now.room_id != before:
        yield Finding(
            Check.ROOM_MOVED,
            f"{_subject(reference)} now leads to {printable(now.room_id)}, before to "
            f"{printable(before)}: an upgraded room, or another room that took the alias",
        )


def first_entries(
    references: Iterable[Reference], answers: Mapping[RoomAlias, Answer]
) -> dict[Reference, Reference]:
    """Map each entry that leads to the room of an earlier one to the first such entry.

    All addresses of the space are one entry; its first address stands for it. Two places with the same
    alias are one entry as well. Links in documents are no entries: many may lead to one room.
    """
    first: dict[RoomId, Reference] = {}
    entries: set[tuple[RoomId, RoomAlias]] = set()
    duplicates: dict[Reference, Reference] = {}
    for reference in references:
        answer, alias = _answer(answers, reference), reference.alternative_to or reference.target
        if (
            reference.address is not None
            or not isinstance(answer, Resolved)
            or not isinstance(alias, RoomAlias)
        ):
            continue
        entry = answer.room_id, alias
        if entry not in entries:
            entries.add(entry)
            if answer.room_id in first:
                duplicates[reference] = first[answer.room_id]
        first.setdefault(answer.room_id, reference)
    return duplicates


def duplicate_target(
    reference: Reference, answer: Answer, first_entry: Mapping[Reference, Reference]
) -> Iterable[Finding]:
    """Name the first entry for the same room. Silent if this is the first, or its room is unknown."""
    first = first_entry.get(reference)
    if first is not None and isinstance(answer, Resolved):
        yield Finding(
            Check.DUPLICATE_TARGET,
            f"{_subject(reference)} leads to the same room as {_subject(first)} "
            f"on line {first.source.line}: {printable(answer.room_id)}",
        )
