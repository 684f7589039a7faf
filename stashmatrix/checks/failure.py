"""When a run is no success: a finding is as bad as the user named, or nothing was verified."""

from enum import StrEnum

from stashmatrix.records.findings import Severity
from stashmatrix.records.results import Report, Verdict


class FailOn(StrEnum):
    """What makes a report a failure; each includes those before it."""

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
    least = _LEAST[fail_on]
    return any(finding.severity.rank <= least.rank for link in report.links for finding in link.findings)


def nothing_verified(report: Report) -> bool:
    """Say whether there are links with a verdict, and all are unverified.

    A run that skips all links, or asks about none of them, is a success.
    """
    return {link.verdict for link in report.links} - {None} == {Verdict.UNVERIFIED}
