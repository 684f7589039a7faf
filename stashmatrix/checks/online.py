"""Every rule about what the network told of a link: one function a finding."""

from collections.abc import Iterable, Mapping
from typing import assert_never

from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.records.answers import Absent, Answer, Resolved, Summary, Unknown
from stashmatrix.records.findings import CHECK_OF_REASON, Check, Finding
from stashmatrix.records.reference import Reference
from stashmatrix.text import printable


def told(answer: Answer | None) -> Resolved | None:
    """Return what the alias's own server told of a room, if it did."""
    return answer if isinstance(answer, Resolved) and not answer.by_resolver else None


def existence(reference: Reference, answer: Answer) -> Iterable[Finding]:
    """Say whether the alias leads to a room, as far as its own server told."""
    alias = printable(reference.target)
    match answer:
        case Resolved():
            return
        case Absent(homeserver=homeserver):
            yield Finding(
                Check.ALIAS_NOT_FOUND,
                f"{alias} does not exist: its own server says so ({printable(homeserver)})",
            )
        case Unknown(reason=reason, detail=detail):
            yield Finding(
                CHECK_OF_REASON[reason], f"{alias} could not be checked: {printable(detail, limit=300)}"
            )
        case _:
            assert_never(answer)


_JOIN_RULES = {
    "invite": "it is invite-only",
    "knock": "one has to knock, and to be let in",
    "restricted": "it is for members of another room",
    "knock_restricted": "it is for members of another room, and others have to knock",
}
"""What the join rules mean (Client-Server API, ``m.room.join_rules``)."""


def joinable(reference: Reference, answer: Answer) -> Iterable[Finding]:
    """Say if a stranger cannot join; silent where the server tells strangers nothing of any room."""
    alias = printable(reference.target)
    match answer:
        case Resolved(hidden=True):
            how = "its server tells strangers nothing of it: it is invite-only, restricted, or empty"
        case Resolved(summary=Summary(join_rule=str(rule))) if rule != "public":
            how = _JOIN_RULES.get(rule, f"its join rule is '{printable(rule, limit=60)}'")
        case _:
            return
    yield Finding(Check.NOT_JOINABLE, f"{alias} exists, but a stranger cannot join it: {how}")


def a_space(reference: Reference, answer: Answer) -> Iterable[Finding]:
    """Say if what is called a space is another kind of room; silent where its kind is not known."""
    if not reference.is_space or not isinstance(answer, Resolved) or answer.summary is None:
        return
    if (kind := answer.summary.room_type) != "m.space":
        said = "an ordinary room" if kind is None else f"a room of type '{printable(kind, limit=60)}'"
        yield Finding(Check.NOT_A_SPACE, f"{printable(reference.target)} is called a space, and is {said}")


def same_room(reference: Reference, answers: Mapping[RoomAlias, Answer]) -> Iterable[Finding]:
    """Compare an alternative address with the main one; silent unless the own servers of both told."""
    if reference.alternative_to is None:
        return
    main, other = told(answers.get(reference.alternative_to)), told(answers.get(reference.target))
    if main is not None and other is not None and main.room_id != other.room_id:
        yield Finding(
            Check.ADDRESS_DIFFERS,
            f"{printable(reference.target)} leads to {printable(other.room_id)}, "
            f"but {printable(reference.alternative_to)} leads to {printable(main.room_id)}",
        )


def moved(reference: Reference, answer: Answer, recorded: Mapping[RoomAlias, RoomId]) -> Iterable[Finding]:
    """Compare the room with the one on record; silent unless the alias's own server told."""
    before, now = recorded.get(reference.target), told(answer)
    if now is not None and before is not None and now.room_id != before:
        yield Finding(
            Check.ROOM_MOVED,
            f"{printable(reference.target)} leads to {printable(now.room_id)}, and led to "
            f"{printable(before)}: an upgrade, or somebody else's room under the old name",
        )


def firsts(
    found: Iterable[Reference], answers: Mapping[RoomAlias, Answer]
) -> dict[Reference, tuple[Reference, RoomId]]:
    """Return what comes first, and the room, for each entry that leads to the room of an earlier one.

    All addresses of the space are one entry, whose first address stands for it.
    """
    first: dict[RoomId, Reference] = {}
    entries: set[tuple[RoomId, RoomAlias]] = set()
    later: dict[Reference, tuple[Reference, RoomId]] = {}
    for reference in found:
        answer = answers.get(reference.target)
        if not isinstance(answer, Resolved):
            continue
        entry = answer.room_id, reference.alternative_to or reference.target
        if entry not in entries:
            entries.add(entry)
            if answer.room_id in first:
                later[reference] = first[answer.room_id], answer.room_id
        first.setdefault(answer.room_id, reference)
    return later


def duplicate(reference: Reference, first: tuple[Reference, RoomId] | None) -> Iterable[Finding]:
    """Name the entry that leads to the same room already; silent if there is none."""
    if first is not None:
        earlier, room_id = first
        yield Finding(
            Check.DUPLICATE_TARGET,
            f"{printable(reference.target)} leads to the same room as {printable(earlier.target)} "
            f"on line {earlier.source.line}: {printable(room_id)}",
        )


def published_link(reference: Reference) -> Iterable[Finding]:
    """Repeat the catalogue's own record of a wrong link on the page."""
    if reference.published_link is not None:
        yield Finding(
            Check.PUBLISHED_LINK_DIFFERS,
            f"the page's link for {printable(reference.target)} was {printable(reference.published_link)}",
        )
