"""A report for a pipe: one finding a line."""

from stashmatrix.checks.grouping import rows
from stashmatrix.formats.lines import finding_line, own_hint
from stashmatrix.records.results import Report


def write(report: Report, *, unfolded: bool = False) -> str:
    """Write one finding a line: ``path:line:column: severity[code] message``, in the order of the links.

    A hint of its own follows the message. Links to one server that are unverified for the same reason
    share a line, unless ``unfolded``.
    """
    lines = rows(report, unfolded=unfolded)
    return "".join(f"{finding_line(row.link, row.finding)}{own_hint(row.finding)}\n" for row in lines)
