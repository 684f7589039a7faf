"""Every verdict: which links to check, which findings each has, and what these prove.

``broken`` needs proof. Whatever prevents an answer makes a link ``unverified``: an outage is neither
success nor failure.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import starmap
from typing import NamedTuple

from stashmatrix.checks import offline, online
from stashmatrix.checks.fixes import with_fixes
from stashmatrix.checks.ignores import silenced
from stashmatrix.checks.nearby import Nearby
from stashmatrix.checks.offline import Subject
from stashmatrix.matrix.identifiers import RoomAlias, RoomId, ServerName
from stashmatrix.records.answers import Answer, Reason, Resolved, Unknown
from stashmatrix.records.findings import NOTES, USUAL_NOTES, Check, Finding, Severity
from stashmatrix.records.reference import Reference, Source
from stashmatrix.records.results import CheckedLink, Report, Skipped, Verdict
from stashmatrix.text import printable

_NOT_ASKED = Unknown(reason=Reason.NOT_ASKED, detail="the run ended before the server answered")

_DECIDING = {Verdict.BROKEN: Severity.ERROR, Verdict.UNVERIFIED: Severity.UNVERIFIED}
"""The severity that is enough for each verdict, the worst first; without any, a link is ok."""

_OPERATORS_MAY_HELP = frozenset(
    {
        Reason.UNREACHABLE,
        Reason.TLS_ERROR,
        Reason.NOT_A_HOMESERVER,
        Reason.REFUSED,
        Reason.SERVER_ERROR,
        Reason.BAD_RESPONSE,
        Reason.NOT_ITS_SERVER,
    }
)
"""Why a room cannot be asked about although those who run its server could mend that."""


class Questions(NamedTuple):
    """What to ask about, each once: rooms by their aliases, and rooms by their IDs."""

    aliases: frozenset[RoomAlias]
    rooms: dict[RoomId, tuple[ServerName, ...]]
    """The servers that may be in each, as its links name them."""


def questions(references: Iterable[Reference]) -> Questions:
    """Return what the verdicts about ``references`` depend on.

    The alias of a label counts, as it may lead to the same room as the link. Users are never asked about,
    nor links that are proven broken, whatever the answer would be.
    """
    aliases: set[RoomAlias] = set()
    rooms: dict[RoomId, tuple[ServerName, ...]] = {}
    for subject in map(offline.subject, references):
        target = subject.reference.target
        if not _needs_answer(subject):
            continue
        if isinstance(target, RoomAlias):
            aliases.add(target)
            if (said := offline.label_alias(subject)) is not None:
                aliases.add(said)
        elif isinstance(target, RoomId) and subject.link is not None:
            rooms[target] = tuple(dict.fromkeys(rooms.get(target, ()) + subject.link.via))
    return Questions(frozenset(aliases), rooms)


def in_the_way(asked: Questions, answers: Mapping[RoomAlias | RoomId, Answer]) -> frozenset[ServerName]:
    """Return the servers whose operators could help: the room cannot be asked about, or lets nobody in.

    What is wrong with an alias that nobody asked about, as a room calls itself, is no finding.
    """
    return frozenset(
        alias.server_name
        for alias in asked.aliases
        if (answer := answers.get(alias)) is not None and _could_be_helped(answer)
    )


def _could_be_helped(answer: Answer) -> bool:
    if isinstance(answer, Unknown):
        return answer.reason in _OPERATORS_MAY_HELP
    return online.is_closed(answer)


def judge(
    references: Iterable[Reference],
    answers: Mapping[RoomAlias, Answer],
    *,
    rooms: Mapping[RoomId, Answer] | None = None,
    recorded: Mapping[RoomAlias, RoomId] | None = None,
    skipped: tuple[Skipped, ...] = (),
    notes: frozenset[Check] = USUAL_NOTES,
    contacts: Mapping[ServerName, str] | None = None,
    nearby: Mapping[RoomAlias, Resolved] | None = None,
) -> Report:
    """Judge each reference by the rules that need no network, and by the answers.

    A target that ``needs_answer`` and has none was not asked about. ``rooms`` holds the answers about
    room IDs; ``recorded`` is the room of each alias at an earlier time; ``skipped`` goes into the report
    as it is. Of the ``NOTES``, it has those that are in ``notes``. ``contacts`` are those of servers that
    are in the way, and ``nearby`` are aliases that absent ones may have been meant to be: no verdict
    depends on these two.
    """
    references = tuple(references)
    targets = frozenset(each.target for each in references if isinstance(each.target, RoomAlias))
    candidates = Nearby(targets, answers, recorded=recorded or {}, confirmed=nearby).candidates()
    first_entry = online.first_entries(references, answers)

    def check(subject: Subject, lint: tuple[Finding, ...]) -> CheckedLink:
        reference = subject.reference
        answer = _answer(subject, answers, rooms or {})
        if answer is None:
            return _offline(subject, lint, notes, answers)
        candidate = candidates.get(reference.target) if isinstance(reference.target, RoomAlias) else None
        same_room = tuple(online.label_mismatch(reference, offline.label_alias(subject), answers))
        findings = (
            *online.alias_not_found(reference, answer, None if candidate is None else candidate.hint),
            *_by_answers(reference, answer, answers, first_entry),
            *online.room_moved(reference, answer, recorded or {}),
            *online.duplicate_target(reference, answer, first_entry),
            *same_room,
            *(finding for finding in lint if not (same_room and finding.check is Check.LABEL_MISMATCH)),
        )
        findings = tuple(_with_contact(reference, findings, contacts or {}))
        meant = candidate.alias if candidate is not None and candidate.is_no_stranger(reference) else None
        return _checked(subject, answer, with_fixes(subject, findings, answers, meant), notes)

    return Report(tuple(_each_once(starmap(check, offline.lint(references)))), skipped)


def _by_answers(
    reference: Reference,
    answer: Answer,
    answers: Mapping[RoomAlias, Answer],
    first_entry: Mapping[Reference, Reference],
) -> Iterator[Finding]:
    """Yield what the answers tell of a link itself, unless it is that its alias does not exist."""
    yield from online.unverified(reference, answer)
    yield from online.not_joinable(reference, answer)
    yield from online.not_a_space(reference, answer)
    if reference not in first_entry:
        yield from online.not_canonical(reference, answer, answers)
    yield from online.nearly_empty(reference, answer)
    yield from online.encrypted(reference, answer)
    yield from online.room_says_moved(reference, answer)
    yield from online.address_differs(reference, answers)


def _with_contact(
    reference: Reference, findings: Iterable[Finding], contacts: Mapping[ServerName, str]
) -> Iterator[Finding]:
    """Yield the findings; what stands in a server's power has its contact in the hint."""
    name = reference.target.server_name if isinstance(reference.target, RoomAlias) else None
    contact = None if name is None else contacts.get(name)
    for finding in findings:
        is_theirs = finding.check is Check.NOT_JOINABLE or finding.severity is Severity.UNVERIFIED
        if contact is None or not is_theirs:
            yield finding
        else:
            hint = f"{finding.hint}; those who run {printable(str(name))}: {printable(contact)}"
            yield replace(finding, own_hint=hint)


def judge_offline(
    references: Iterable[Reference],
    *,
    skipped: tuple[Skipped, ...] = (),
    notes: frozenset[Check] = USUAL_NOTES,
) -> Report:
    """Judge each reference by the rules that need no network: it is broken, or has no verdict."""
    links = (_offline(subject, lint, notes, {}) for subject, lint in offline.lint(references))
    return Report(tuple(_each_once(links)), skipped)


def _each_once(links: Iterable[CheckedLink]) -> Iterator[CheckedLink]:
    """Yield the links, a translation without what is found of its original: it is mended there."""
    originals: dict[Source, tuple[Finding, ...]] = {}
    for link in links:
        originals[link.reference.source] = link.findings
        repeated = originals.get(link.reference.translates) if link.reference.translates else None
        if repeated:
            findings = tuple(finding for finding in link.findings if finding not in repeated)
            yield replace(link, findings=findings)
        else:
            yield link


def _offline(
    subject: Subject,
    lint: tuple[Finding, ...],
    notes: frozenset[Check],
    answers: Mapping[RoomAlias, Answer],
) -> CheckedLink:
    link = _checked(subject, None, with_fixes(subject, lint, answers), notes)
    return link if link.verdict is Verdict.BROKEN else replace(link, verdict=None)


def _checked(
    subject: Subject, answer: Answer | None, findings: Iterable[Finding], notes: frozenset[Check]
) -> CheckedLink:
    """Return the result of one link: without what is ignored, which still keeps it from being ok."""
    wanted = (finding for finding in findings if finding.check not in NOTES or finding.check in notes)
    kept, ignored = silenced(wanted, subject.reference.ignores)
    verdict: Verdict | None = _verdict(kept)
    if verdict is Verdict.OK and _verdict(finding for finding, _ in ignored) is not Verdict.OK:
        verdict = None
    return CheckedLink(
        reference=subject.reference, answer=answer, findings=kept, verdict=verdict, ignored=ignored
    )


def _needs_answer(subject: Subject) -> bool:
    if subject.reading is not None and subject.reading.defect is not None:
        return False
    if isinstance(subject.reference.target, RoomId):
        return subject.link is not None and bool(subject.link.via)
    return isinstance(subject.reference.target, RoomAlias)


def _answer(
    subject: Subject, answers: Mapping[RoomAlias, Answer], rooms: Mapping[RoomId, Answer]
) -> Answer | None:
    """Return what is known of a target, as far as it is proof; ``None`` if it is not to be asked about."""
    if not _needs_answer(subject):
        return None
    match subject.reference.target:
        case RoomAlias() as alias:
            answer = answers.get(alias, _NOT_ASKED)
        case RoomId() as room_id:
            answer = rooms.get(room_id, _NOT_ASKED)
        case _:
            return None
    return online.weighed(subject.reference, answer)


def _verdict(findings: Iterable[Finding]) -> Verdict:
    severities = {finding.severity for finding in findings}
    return next((verdict for verdict, severity in _DECIDING.items() if severity in severities), Verdict.OK)


def is_deciding(finding: Finding, verdict: Verdict | None) -> bool:
    """Say whether a link has this verdict because of this finding; none decides that a link is ok."""
    return verdict is not None and finding.severity is _DECIDING.get(verdict)
