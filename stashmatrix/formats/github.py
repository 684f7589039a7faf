"""A report for GitHub Actions: annotations of the lines where the links stand."""

from stashmatrix.checks.grouping import Row, rows
from stashmatrix.formats.lines import in_repository
from stashmatrix.records.findings import Severity
from stashmatrix.records.results import Report
from stashmatrix.text import printable_path

_COMMANDS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.UNVERIFIED: "warning",
    Severity.NOTE: "notice",
}


def write(report: Report) -> str:
    """Write one finding a line, as a workflow command that GitHub shows at its line of the file.

    Links share a line as in ``plain``. What is not in the repository has no place there.
    """
    return "".join(_command(row, report) for row in rows(report))


def _command(row: Row, report: Report) -> str:
    finding = row.finding
    path, line, column = row.link.reference.source
    place = in_repository(path, report)
    file = "" if place is None else f"file={_property(printable_path(place))},line={line},col={column},"
    text = _data(f"{finding.message}\nhint: {finding.hint}")
    return f"::{_COMMANDS[finding.severity]} {file}title={_property(finding.check.code)}::{text}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
