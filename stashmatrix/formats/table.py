"""A report drawn for a terminal."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from stashmatrix.checks.grouping import rows, skipped_rows
from stashmatrix.formats.plain import place
from stashmatrix.formats.summary import advice, summary
from stashmatrix.records.findings import Severity
from stashmatrix.records.results import Report

_STYLES = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "yellow",
    Severity.UNVERIFIED: "magenta",
    Severity.NOTE: "dim",
}


def table(report: Report) -> RenderableType:
    """Draw the findings for a screen, the worst first, then what was skipped, a summary and advice."""
    grid = Table.grid(padding=(0, 2, 1, 0))
    grid.add_column(no_wrap=True)
    for row in sorted(rows(report), key=lambda row: list(Severity).index(row.check.severity)):
        style = _STYLES[row.check.severity]
        text = Text.assemble((row.check.code, style), f"\n{row.message}\n{place(row.link)}", overflow="fold")
        grid.add_row(Text(row.check.severity, style=style), text)
    for skipped in skipped_rows(report):
        text = Text(f"{skipped.what}: {skipped.reason}\n{place(skipped.link)}", overflow="fold")
        grid.add_row(Text("skipped", style="dim"), text)
    return Group(grid, Text(summary(report), style="bold"), Text(advice(report), end=""))
