"""When a run is no success: a finding is as bad as the user named, or nothing was verified."""

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stashmatrix.records.results import Report


class FailOn(StrEnum):
    """What makes a report a failure; each includes those before it."""

    BROKEN = "broken"
    WARNING = "warning"
    UNVERIFIED = "unverified"


def fails(report: "Report", fail_on: FailOn) -> bool:
    """Say whether any finding is at or above ``fail_on``."""
    # Here, since every start of the command line loads this module for the option's values.
    from stashmatrix.records.findings import Severity

    least = {
        FailOn.BROKEN: Severity.ERROR,
        FailOn.WARNING: Severity.WARNING,
        FailOn.UNVERIFIED: Severity.UNVERIFIED,
    }[fail_on]
    return any(
        finding.check.severity.rank <= least.rank for link in report.links for finding in link.findings
    )


def nothing_verified(report: "Report") -> bool:
    """Say whether there are links and every one is unverified: a check of nothing is no success."""
    from stashmatrix.records.results import Verdict

    return bool(report.links) and report.count(Verdict.UNVERIFIED) == len(report.links)
