"""A report for a pipe: one finding a line."""

from stashmatrix.checks.grouping import rows
from stashmatrix.records.findings import Check
from stashmatrix.records.results import CheckedLink, Report, Skipped
from stashmatrix.text import printable_path


def plain(report: Report) -> str:
    """Write one finding a line: ``path:line:column: severity[code] message``, in the links' order.

    Links that stayed open for one reason of one server are one line, at the first of them: the
    trouble is the server's.
    """
    return "".join(finding_line(row.link, row.check, row.message) + "\n" for row in rows(report))


def finding_line(link: CheckedLink, check: Check, message: str) -> str:
    """Write one finding of a link: place, severity, code, message."""
    return f"{place(link)}: {check.severity}[{check.code}] {message}"


def place(link: CheckedLink | Skipped) -> str:
    """Write where a link stands, as ``path:line:column``."""
    path, line, column = link.reference.source
    return f"{printable_path(path)}:{line}:{column}"
