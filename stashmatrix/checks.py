"""Every rule and every verdict: what the facts mean for each link.

``broken`` needs proof. Whatever kept a question from being answered is ``unverified``: an outage is
never success and never failure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import assert_never

from stashmatrix.answers import Absent, Answer, Reason, Resolved, Summary, Unknown
from stashmatrix.catalogue import Catalogue, Source
from stashmatrix.escaping import printable
from stashmatrix.findings import CHECK_OF_REASON, Check, Finding, Severity
from stashmatrix.identifiers import RoomAlias, RoomId


class Verdict(StrEnum):
    """What is known of a link: it works, it is proven not to, or neither."""

    OK = "ok"
    BROKEN = "broken"
    UNVERIFIED = "unverified"


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


@dataclass(frozen=True, slots=True)
class Skipped:
    """A reference that nobody was to ask about, and why: text of the catalogue, or the pattern."""

    reference: Reference
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedLink:
    """A reference with all that was found out about it."""

    reference: Reference
    answer: Answer
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """The verdict, which the findings' severities decide."""
        severities = {finding.check.severity for finding in self.findings}
        if Severity.ERROR in severities:
            return Verdict.BROKEN
        return Verdict.UNVERIFIED if Severity.UNVERIFIED in severities else Verdict.OK

    @property
    def room_id(self) -> RoomId | None:
        """The room that the link leads to, if known."""
        return self.answer.room_id if isinstance(self.answer, Resolved) else None


class FailOn(StrEnum):
    """What makes a report a failure; each includes those before it."""

    BROKEN = "broken"
    WARNING = "warning"
    UNVERIFIED = "unverified"


_FAILING = {
    FailOn.BROKEN: {Severity.ERROR},
    FailOn.WARNING: {Severity.ERROR, Severity.WARNING},
    FailOn.UNVERIFIED: {Severity.ERROR, Severity.WARNING, Severity.UNVERIFIED},
}


@dataclass(frozen=True, slots=True)
class Report:
    """All links of a run, in the order of their references."""

    links: tuple[CheckedLink, ...]
    skipped: tuple[Skipped, ...] = ()
    """The links that nobody was to ask about: they have no verdict."""

    def count(self, verdict: Verdict) -> int:
        """Return how many links have this verdict."""
        return sum(link.verdict is verdict for link in self.links)

    @property
    def warnings(self) -> int:
        """How many warnings there are."""
        return sum(
            finding.check.severity is Severity.WARNING for link in self.links for finding in link.findings
        )

    @property
    def nothing_verified(self) -> bool:
        """Whether there were links and the network said nothing about any of them."""
        return bool(self.links) and self.count(Verdict.UNVERIFIED) == len(self.links)

    def fails(self, fail_on: FailOn) -> bool:
        """Say whether a finding is as bad as ``fail_on``."""
        return any(
            finding.check.severity in _FAILING[fail_on] for link in self.links for finding in link.findings
        )


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


def divide(
    found: Iterable[Reference], ignored: Iterable[str]
) -> tuple[tuple[Reference, ...], tuple[Skipped, ...]]:
    """Return the references to ask about, and those to skip.

    Skipped is what the catalogue says not to check, and each alias that matches one of the shell
    patterns ``ignored``. Case matters, as it does in an alias.
    """
    ignored = tuple(ignored)
    asked: list[Reference] = []
    skipped: list[Skipped] = []
    for reference in found:
        matching = (f"--ignore '{pattern}'" for pattern in ignored if fnmatchcase(reference.target, pattern))
        reason = reference.unchecked or next(matching, None)
        if reason is None:
            asked.append(reference)
        else:
            skipped.append(Skipped(reference, reason))
    return tuple(asked), tuple(skipped)


def judge(
    found: Iterable[Reference],
    answers: Mapping[RoomAlias, Answer],
    *,
    recorded: Mapping[RoomAlias, RoomId] | None = None,
    skipped: tuple[Skipped, ...] = (),
) -> Report:
    """Judge each reference by the answers; an alias without one was not asked.

    ``recorded`` is where the aliases led before, and ``skipped`` what nobody was to ask about.
    """
    found = tuple(found)
    not_asked = Unknown(reason=Reason.NOT_ASKED, detail="the run ended before there was an answer")
    firsts = _firsts(found, answers)

    def checked(reference: Reference) -> CheckedLink:
        answer = answers.get(reference.target, not_asked)
        findings = (
            *_existence(reference, answer),
            *_joinable(reference, answer),
            *_a_space(reference, answer),
            *_same_room(reference, answers),
            *_moved(reference, answer, recorded or {}),
            *_duplicate(reference, firsts.get(reference)),
            *_published_link(reference),
        )
        return CheckedLink(reference=reference, answer=answer, findings=findings)

    return Report(tuple(map(checked, found)), skipped)


def told(answer: Answer | None) -> Resolved | None:
    """Return what the alias's own server told of a room, if it did."""
    return answer if isinstance(answer, Resolved) and not answer.second_hand else None


def _existence(reference: Reference, answer: Answer) -> Iterable[Finding]:
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


def _joinable(reference: Reference, answer: Answer) -> Iterable[Finding]:
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


def _a_space(reference: Reference, answer: Answer) -> Iterable[Finding]:
    """Say if what is called a space is another kind of room; silent where its kind is not known."""
    if not reference.is_space or not isinstance(answer, Resolved) or answer.summary is None:
        return
    if (kind := answer.summary.room_type) != "m.space":
        said = "an ordinary room" if kind is None else f"a room of type '{printable(kind, limit=60)}'"
        yield Finding(Check.NOT_A_SPACE, f"{printable(reference.target)} is called a space, and is {said}")


def _same_room(reference: Reference, answers: Mapping[RoomAlias, Answer]) -> Iterable[Finding]:
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


def _moved(reference: Reference, answer: Answer, recorded: Mapping[RoomAlias, RoomId]) -> Iterable[Finding]:
    """Compare the room with the one on record; silent unless the alias's own server told."""
    before, now = recorded.get(reference.target), told(answer)
    if now is not None and before is not None and now.room_id != before:
        yield Finding(
            Check.ROOM_MOVED,
            f"{printable(reference.target)} leads to {printable(now.room_id)}, and led to "
            f"{printable(before)}: an upgrade, or somebody else's room under the old name",
        )


def _firsts(
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


def _duplicate(reference: Reference, first: tuple[Reference, RoomId] | None) -> Iterable[Finding]:
    """Name the entry that leads to the same room already; silent if there is none."""
    if first is not None:
        earlier, room_id = first
        yield Finding(
            Check.DUPLICATE_TARGET,
            f"{printable(reference.target)} leads to the same room as {printable(earlier.target)} "
            f"on line {earlier.source.line}: {printable(room_id)}",
        )


def _published_link(reference: Reference) -> Iterable[Finding]:
    """Repeat the catalogue's own record of a wrong link on the page."""
    if reference.published_link is not None:
        yield Finding(
            Check.PUBLISHED_LINK_DIFFERS,
            f"the page's link for {printable(reference.target)} was {printable(reference.published_link)}",
        )
