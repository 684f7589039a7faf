"""A report in one line, and what to do about its findings."""

from stashmatrix.checks.grouping import actionable
from stashmatrix.records.results import Report, Verdict
from stashmatrix.text import counted


def summary(report: Report) -> str:
    """Sum up a report in one line."""
    counts = [f"{report.count(verdict)} {verdict}" for verdict in Verdict]
    warnings = [counted(report.warnings, "warning")] if report.warnings else []
    skipped = [f"{len(report.skipped)} skipped"] if report.skipped else []
    return f"{counted(len(report.links), 'link')}: " + ", ".join(counts + warnings + skipped)


def advice(report: Report) -> str:
    """Write what to do about each kind of finding, one a line, the worst first."""
    return "".join(f"{number} {check.code}: {check.hint}\n" for check, number in actionable(report))
