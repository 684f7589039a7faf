"""A finished report as text: for people, for other programs."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from stashmatrix.answers import Unknown
from stashmatrix.checks import CHECK_OF_REASON, Check, CheckedLink, Report, Severity, Verdict
from stashmatrix.escaping import ascii_json, printable, printable_path

if TYPE_CHECKING:
    from rich.console import RenderableType

    from stashmatrix.identifiers import ServerName

JSON_VERSION = 1

_STYLES = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "yellow",
    Severity.UNVERIFIED: "magenta",
    Severity.NOTE: "dim",
}


def summary(report: Report) -> str:
    """Sum a report up in one line."""
    counts = [f"{report.count(verdict)} {verdict}" for verdict in Verdict]
    warnings = [f"{report.warnings} warning{'s' if report.warnings != 1 else ''}"] if report.warnings else []
    return f"{len(report.links)} link{'s' if len(report.links) != 1 else ''}: " + ", ".join(counts + warnings)


def plain(report: Report) -> str:
    """Write one finding a line: ``path:line:column: severity[code] message``, in the links' order.

    Links that stayed open for one reason of one server are one line, at the first of them: the
    trouble is the server's.
    """
    return "".join(
        f"{_place(row.link)}: {row.check.severity}[{row.check.code}] {row.message}\n" for row in _rows(report)
    )


def as_json(report: Report) -> str:
    """Write the whole report as one JSON object, in ASCII."""
    counts = {str(verdict): report.count(verdict) for verdict in Verdict}
    return ascii_json(
        {
            "version": JSON_VERSION,
            "summary": {"links": len(report.links), **counts, "warnings": report.warnings},
            "links": [_link_record(link) for link in report.links],
        }
    )


def _link_record(link: CheckedLink) -> dict[str, Any]:
    return {
        "source": link.reference.source._asdict(),
        "label": link.reference.label,
        "text": link.reference.text,
        "target": link.reference.target,
        "verdict": link.verdict,
        "room_id": link.room_id,
        "homeserver": link.answer.homeserver,
        "room": None,
        "findings": [
            {
                "code": finding.check.code,
                "severity": finding.check.severity,
                "message": finding.message,
                "hint": finding.check.hint,
            }
            for finding in link.findings
        ],
    }


def table(report: Report) -> "RenderableType":
    """Draw the findings for a screen, the worst first, and a summary below."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 1, 0))
    grid.add_column(no_wrap=True)
    for row in sorted(_rows(report), key=lambda row: tuple(_STYLES).index(row.check.severity)):
        style = _STYLES[row.check.severity]
        lines = "\n".join((row.message, *_hint(row.check), _place(row.link)))
        text = Text.assemble((row.check.code, style), "\n", lines, overflow="fold")
        grid.add_row(Text(row.check.severity, style=style), text)
    return Group(grid, Text(summary(report), style="bold"))


class _Row(NamedTuple):
    """What people read of a finding, or of one that many links share."""

    link: CheckedLink
    check: Check
    message: str


def _rows(report: Report) -> Iterable[_Row]:
    awaited: dict[tuple[ServerName, Check], list[Unknown]] = defaultdict(list)
    for link in report.links:
        if isinstance(link.answer, Unknown):
            awaited[link.reference.target.server_name, CHECK_OF_REASON[link.answer.reason]].append(
                link.answer
            )
    for link in report.links:
        for finding in link.findings:
            if finding.check.severity is not Severity.UNVERIFIED:
                yield _Row(link, finding.check, finding.message)
                continue
            answers = awaited.pop((link.reference.target.server_name, finding.check), [])
            if len(answers) == 1:
                yield _Row(link, finding.check, finding.message)
            elif answers:
                many = f"{len(answers)} links to {printable(link.reference.target.server_name)}"
                detail = printable(answers[0].detail, limit=300)
                yield _Row(link, finding.check, f"{many} could not be checked: {detail}")


def _hint(check: Check) -> tuple[str, ...]:
    return (f"hint: {check.hint}",) if check.hint else ()


def _place(link: CheckedLink) -> str:
    path, line, column = link.reference.source
    return f"{printable_path(path)}:{line}:{column}"
