"""A report drawn for a terminal."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from stashmatrix.checks.grouping import rows, skipped_rows
from stashmatrix.formats.lines import location
from stashmatrix.formats.summary import advice, summary
from stashmatrix.records.findings import Severity
from stashmatrix.records.results import Report

_STYLES = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "yellow",
    Severity.UNVERIFIED: "magenta",
    Severity.NOTE: "dim",
}


def draw(report: Report) -> RenderableType:
    """Draw the findings, the worst first, then the skipped links, the summary and the advice."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    for row in sorted(rows(report), key=lambda row: row.finding.severity.rank):
        finding = row.finding
        style = _STYLES[finding.severity]
        hint = [] if finding.own_hint is None else [f"hint: {finding.own_hint}"]
        lines = ["", finding.message, *hint, location(row.link)]
        text = Text.assemble((finding.check.code, style), "\n".join(lines), overflow="fold")
        grid.add_row(Text(finding.severity, style=style), text)
    for skipped in skipped_rows(report):
        text = Text(f"{skipped.subject}: {skipped.reason}\n{location(skipped.link)}", overflow="fold")
        grid.add_row(Text("skipped", style="dim"), text)
    return Group(grid, Text(summary(report), style="bold"), Text(advice(report), end=""))
