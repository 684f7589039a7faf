"""A report in one line, and what to do about its findings."""

from collections import Counter

from stashmatrix.records.findings import Severity
from stashmatrix.records.results import Report, Verdict
from stashmatrix.text import counted


def summary(report: Report) -> str:
    """Sum a report up in one line."""
    counts = [f"{report.count(verdict)} {verdict}" for verdict in Verdict]
    warnings = [counted(report.warnings, "warning")] if report.warnings else []
    skipped = [f"{len(report.skipped)} skipped"] if report.skipped else []
    return f"{counted(len(report.links), 'link')}: " + ", ".join(counts + warnings + skipped)


def advice(report: Report) -> str:
    """Say what to do about each kind of finding, the worst first, on a line each; notes need nothing done."""
    count = Counter(finding.check for link in report.links for finding in link.findings)
    worst_first = sorted(count, key=lambda check: list(Severity).index(check.severity))
    return "".join(
        f"{count[check]} {check.code}: {check.hint}\n"
        for check in worst_first
        if check.severity is not Severity.NOTE
    )
