"""A report drawn for a terminal."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from stashmatrix.checks.grouping import ignored_rows, rows
from stashmatrix.formats.lines import location
from stashmatrix.formats.summary import advice, summary
from stashmatrix.records.findings import Severity
from stashmatrix.records.results import Report, Skipped

_STYLES = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "yellow",
    Severity.UNVERIFIED: "magenta",
    Severity.NOTE: "dim",
}


def draw(report: Report, *, unfolded: bool = False, quiet: bool = False) -> RenderableType:
    """Draw the findings, the worst first, then the skipped links, the summary and the advice.

    Links share a row as in ``plain``. With ``quiet`` the findings are all.
    """
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    for row in sorted(rows(report, unfolded=unfolded), key=lambda row: row.finding.severity.rank):
        finding = row.finding
        style = _STYLES[finding.severity]
        hint = [] if finding.own_hint is None else [f"hint: {finding.own_hint}"]
        lines = ["", finding.message, *hint, location(row.link)]
        text = Text.assemble((finding.check.code, style), "\n".join(lines), overflow="fold")
        grid.add_row(Text(finding.severity, style=style), text)
    if quiet:
        return grid
    for ignored in ignored_rows(report, unfolded=unfolded):
        text = Text(f"{ignored.subject}: {ignored.reason}\n{location(ignored.link)}", overflow="fold")
        grid.add_row(Text("skipped" if isinstance(ignored.link, Skipped) else "ignored", style="dim"), text)
    return Group(grid, Text(summary(report), style="bold"), Text(advice(report), end=""))
