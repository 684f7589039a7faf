"""What is not to be reported: links to skip, findings to silence; and what silences nothing."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from fnmatch import fnmatchcase

from stashmatrix import errors
from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.records.answers import Resolved, Unknown
from stashmatrix.records.findings import NOTES, USUAL_NOTES, Check, Finding, Severity
from stashmatrix.records.reference import Ignore, Pattern, Reference
from stashmatrix.records.results import CheckedLink, IgnoredFinding, Report, Skipped
from stashmatrix.text import printable

_OFFLINE = frozenset(
    {
        Check.MALFORMED_LINK,
        Check.MALFORMED_ALIAS,
        Check.EMPTY_TARGET,
        Check.GROUP_LINK,
        Check.LABEL_MISMATCH,
        Check.DUPLICATE_TARGET,
        Check.MISSING_VIA,
        Check.UNOPENABLE_ALIAS,
        Check.UNTIDY_LINK,
        Check.RETIRED_HOST,
        Check.RETIRED_SERVER,
        Check.PUBLISHED_LINK_DIFFERS,
    }
)
"""What any run finds, whatever the servers say."""

_CHECKS = {check.code: check for check in Check}


def matched(references: Iterable[Reference], patterns: Iterable[Pattern]) -> tuple[Reference, ...]:
    """Return the references, those whose target matches one of the patterns with an ignore for it.

    Case matters, as it does in an alias.
    """
    ignores = [(each.pattern, of_pattern(each)) for each in patterns]
    if not ignores:
        return tuple(references)
    return tuple(
        reference._replace(
            ignores=reference.ignores
            + tuple(ignore for pattern, ignore in ignores if fnmatchcase(reference.target or "", pattern))
        )
        for reference in references
    )


def is_ignored(alias: RoomAlias, patterns: Iterable[Pattern]) -> bool:
    """Say whether an alias, which need not be that of a link, matches one of the patterns."""
    return any(fnmatchcase(alias, each.pattern) for each in patterns)


def of_pattern(pattern: Pattern) -> Ignore:
    """Return what a pattern ignores: links, whatever is wrong with them."""
    option = "--ignore" if pattern.source is None else "ignore ="
    return Ignore(f"{option} '{pattern.pattern}'", pattern.source)


def partition(references: Iterable[Reference]) -> tuple[tuple[Reference, ...], tuple[Skipped, ...]]:
    """Return the references to check, and those to skip."""
    to_check: list[Reference] = []
    skipped: list[Skipped] = []
    for reference in references:
        ignore = next((ignore for ignore in reference.ignores if not ignore.codes), None)
        if ignore is None:
            to_check.append(reference)
        else:
            skipped.append(Skipped(reference, ignore))
    return tuple(to_check), tuple(skipped)


def silenced(
    findings: Iterable[Finding], ignores: Collection[Ignore]
) -> tuple[tuple[Finding, ...], tuple[IgnoredFinding, ...]]:
    """Return the findings to report, and those that are not to be, each with the first ignore of it."""
    kept: list[Finding] = []
    ignored: list[IgnoredFinding] = []
    for finding in findings:
        ignore = next((ignore for ignore in ignores if ignore.silences(finding.check.code)), None)
        if ignore is None:
            kept.append(finding)
        else:
            ignored.append(IgnoredFinding(finding, ignore))
    return tuple(kept), tuple(ignored)


def unused(
    ignores: Iterable[Ignore],
    report: Report,
    *,
    recorded: Mapping[RoomAlias, RoomId],
    notes: frozenset[Check] = USUAL_NOTES,
) -> tuple[CheckedLink, ...]:
    """Return a finding for each of ``ignores`` that silences nothing, at the place where it is written.

    A code counts only if this run could have found it: not without an answer, and never if it tells of a
    passing fault.
    """
    links: dict[Ignore, list[CheckedLink | Skipped]] = defaultdict(list)
    everything: tuple[CheckedLink | Skipped, ...] = (*report.links, *report.skipped)
    for link in everything:
        for ignore in link.reference.ignores:
            links[ignore].append(link)
    return tuple(
        CheckedLink(
            reference=Reference(source=ignore.source, text=ignore.text, target=None),
            answer=None,
            findings=(finding,),
            verdict=None,
        )
        for ignore in ignores
        if ignore.source is not None
        for finding in unused_ignore(ignore, links[ignore], recorded, notes)
    )


def unused_ignore(
    ignore: Ignore,
    links: Collection[CheckedLink | Skipped],
    recorded: Mapping[RoomAlias, RoomId],
    notes: frozenset[Check] = USUAL_NOTES,
) -> Iterable[Finding]:
    """Warn of what silences nothing, or has a code that no finding has; ``links`` are those it is about."""
    shown = f"{printable(ignore.text, limit=200)} ignores nothing"
    unknown = sorted(ignore.codes - _CHECKS.keys())
    if unknown:
        error = errors.unknown(
            "finding", unknown[0], {code: code for code in _CHECKS}, otherwise="correct it"
        )
        yield Finding(Check.UNUSED_IGNORE, f"{shown}: {error.message}", error.hint)
    elif not links:
        yield Finding(Check.UNUSED_IGNORE, f"{shown}: there is no link for it")
    elif idle := sorted(code for code in ignore.codes if _is_idle(_CHECKS[code], links, recorded, notes)):
        yield Finding(Check.UNUSED_IGNORE, f"{shown}: there is no {' or '.join(idle)}")


def _is_idle(
    check: Check,
    links: Iterable[CheckedLink | Skipped],
    recorded: Mapping[RoomAlias, RoomId],
    notes: frozenset[Check],
) -> bool:
    """Say whether no link has such a finding, although each was looked at well enough to tell."""
    return (check not in NOTES or check in notes) and all(
        isinstance(link, CheckedLink)
        and _could_find(check, link, recorded)
        and not any(finding.check is check for finding, _ in link.ignored)
        for link in links
    )


def _could_find(check: Check, link: CheckedLink, recorded: Mapping[RoomAlias, RoomId]) -> bool:
    if check in _OFFLINE:
        return True
    if check.severity is Severity.UNVERIFIED or link.answer is None or isinstance(link.answer, Unknown):
        return False
    if check in NOTES and (not isinstance(link.answer, Resolved) or link.answer.summary is None):
        return False
    return check is not Check.ROOM_MOVED or link.reference.target in recorded


def idle(patterns: Iterable[Pattern], references: Iterable[Reference]) -> Iterable[str]:
    """Yield a line about each pattern of the command line that matches no link."""
    used = {ignore for reference in references for ignore in reference.ignores}
    for pattern in patterns:
        ignore = of_pattern(pattern)
        if pattern.source is None and ignore not in used:
            yield f"{printable(ignore.text)} matches no link"
