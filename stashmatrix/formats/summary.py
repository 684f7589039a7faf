"""A report in one line, and what to do about its findings."""

from stashmatrix.checks.grouping import actionable
from stashmatrix.records.results import Report, Verdict
from stashmatrix.text import counted


def summary(report: Report) -> str:
    """Sum up a report in one line."""
    # A run that asks nobody proves links broken at most: "0 ok" would say that none is.
    is_offline = report.links and all(link.answer is None for link in report.links)
    shown = [Verdict.BROKEN] if is_offline else Verdict
    counts = [f"{report.count(verdict)} {verdict}" for verdict in shown]
    warnings = [counted(report.warnings, "warning")] if report.warnings else []
    left_out = {
        "skipped": len(report.skipped),
        "ignored": report.ignored,
        "not looked at": report.not_looked_at,
    }
    ignored = [f"{number} {what}" for what, number in left_out.items() if number]
    checked = [link.reference for link in report.links] + [link.reference for link in report.skipped]
    files = {reference.source.path for reference in checked}
    where = f" in {len(files)} files" if len(files) > 1 else ""
    if not checked and report.run is not None:
        where = f" in {counted(report.run.documents, 'file')}"
    told = ", ".join(counts + warnings + ignored)
    return f"{counted(len(report.links), 'link')}{where}" + (f": {told}" if told else "")


def advice(report: Report) -> str:
    """Write what to do about each kind of finding, one a line, the worst first; and what can do it."""
    lines = [f"{number} {check.code}: {check.hint}\n" for check, number in actionable(report)]
    return "".join([*lines, _fixable(report.fixable(safe=True), report.fixable(safe=False))])


def _fixable(safe: int, unsafe: int) -> str:
    match safe, unsafe:
        case 0, 0:
            return ""
        case 0, _:
            return f"{unsafe} fixable with --fix --unsafe-fixes; --diff --unsafe-fixes shows how\n"
        case _, 0:
            return f"{safe} fixable with --fix; --diff shows how\n"
    return f"{safe} fixable with --fix, {unsafe} more with --unsafe-fixes; --diff shows how\n"
