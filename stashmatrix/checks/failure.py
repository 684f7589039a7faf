"""When a run is no success: a finding is as bad as the user named, or nothing was verified."""

from enum import StrEnum

from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.records.findings import Severity
from stashmatrix.records.results import Report, Verdict


class FailOn(StrEnum):
    """What makes a report a failure; each includes those before it."""

    NEVER = "never"
    BROKEN = "broken"
    WARNING = "warning"
    UNVERIFIED = "unverified"


_LEAST = {
    FailOn.BROKEN: Severity.ERROR,
    FailOn.WARNING: Severity.WARNING,
    FailOn.UNVERIFIED: Severity.UNVERIFIED,
}
"""The least severity that each fails on."""


def fails(report: Report, fail_on: FailOn) -> bool:
    """Say whether any finding is at or above ``fail_on``."""
    if fail_on is FailOn.NEVER:
        return False
    least = _LEAST[fail_on]
    return any(finding.severity.rank <= least.rank for _, finding in report.findings)


def nothing_verified(report: Report) -> bool:
    """Say whether there are aliases with a verdict, and all links with one are unverified.

    A run that skips all links, or asks about none of them, is a success. So is one that asks by room IDs
    only: servers may well hide each of those rooms, whoever asks and whenever.
    """
    with_verdict = [link for link in report.links if link.verdict is not None]
    is_any_alias = any(isinstance(link.reference.target, RoomAlias) for link in with_verdict)
    return is_any_alias and all(link.verdict is Verdict.UNVERIFIED for link in with_verdict)
