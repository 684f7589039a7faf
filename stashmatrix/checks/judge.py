"""Every verdict: which links to check, which findings each has, and what these prove.

``broken`` needs proof. Whatever prevents an answer makes a link ``unverified``: an outage is neither
success nor failure.
"""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from stashmatrix.checks import offline, online
from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.records.answers import Answer, Reason, Unknown
from stashmatrix.records.findings import Finding, Severity
from stashmatrix.records.reference import Reference
from stashmatrix.records.results import CheckedLink, Report, Skipped, Verdict

_NOT_ASKED = Unknown(reason=Reason.NOT_ASKED, detail="the run ended before the server answered")

_DECIDING = {Verdict.BROKEN: Severity.ERROR, Verdict.UNVERIFIED: Severity.UNVERIFIED}
"""The severity that is enough for each verdict, the worst first; without any, a link is ok."""


def partition(
    references: Iterable[Reference], patterns: Iterable[str]
) -> tuple[tuple[Reference, ...], tuple[Skipped, ...]]:
    """Return the references to check, and those to skip.

    Skipped are those that the catalogue says not to check, and aliases that match one of the shell
    patterns. Case matters, as it does in an alias.
    """
    patterns = tuple(patterns)
    to_check: list[Reference] = []
    skipped: list[Skipped] = []
    for reference in references:
        matches = (f"--ignore '{pattern}'" for pattern in patterns if fnmatchcase(reference.target, pattern))
        reason = reference.unchecked or next(matches, None)
        if reason is None:
            to_check.append(reference)
        else:
            skipped.append(Skipped(reference, reason))
    return tuple(to_check), tuple(skipped)


def judge(
    references: Iterable[Reference],
    answers: Mapping[RoomAlias, Answer],
    *,
    recorded: Mapping[RoomAlias, RoomId] | None = None,
    skipped: tuple[Skipped, ...] = (),
) -> Report:
    """Judge each reference by the answers; an alias without one was not asked.

    ``recorded`` is the room of each alias at an earlier time; ``skipped`` goes into the report as it is.
    """
    references = tuple(references)
    first_entry = online.first_entries(references, answers)

    def check(reference: Reference) -> CheckedLink:
        answer = online.weighed(reference, answers.get(reference.target, _NOT_ASKED))
        findings = (
            *online.alias_not_found(reference, answer),
            *online.unverified(reference, answer),
            *online.not_joinable(reference, answer),
            *online.not_a_space(reference, answer),
            *online.address_differs(reference, answers),
            *online.room_moved(reference, answer, recorded or {}),
            *online.duplicate_target(reference, answer, first_entry),
            *offline.published_link_differs(reference),
        )
        return CheckedLink(reference=reference, answer=answer, findings=findings, verdict=_verdict(findings))

    return Report(tuple(map(check, references)), skipped)


def _verdict(findings: Iterable[Finding]) -> Verdict:
    severities = {finding.check.severity for finding in findings}
    return next((verdict for verdict, severity in _DECIDING.items() if severity in severities), Verdict.OK)


def is_deciding(finding: Finding, verdict: Verdict) -> bool:
    """Say whether a link has this verdict because of this finding; none decides that a link is ok."""
    return finding.check.severity is _DECIDING.get(verdict)
