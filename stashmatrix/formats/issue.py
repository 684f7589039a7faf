"""A report for the issue of a scheduled run: its title in the first line, its body below.

It holds what somebody can mend, and nothing that changes from run to run while nothing else does.
"""

import re
from collections.abc import Collection
from dataclasses import replace

from stashmatrix.checks.grouping import Row, rows
from stashmatrix.formats.lines import fingerprint
from stashmatrix.formats.markdown import FINDINGS, finding_row, number_that_fits
from stashmatrix.records.findings import Check, Severity
from stashmatrix.records.results import Report
from stashmatrix.text import counted

MAX_BYTES = 48 * 1024
"""The largest table: an issue of GitHub has at most 65,536 characters."""

_MARKER = re.compile(r"<!-- stashmatrix:failed(?P<keys>(?: [0-9a-f]{16})*) -->\s*\Z")
_FOOT = (
    "Found by `stashmatrix check-links`: it keeps this issue up to date, and closes it when nothing is left."
    " What it could not verify is not here."
)


def write(report: Report, failed_before: Collection[str] = ()) -> str:
    """Write title and body; nothing if there is nothing to mend.

    Errors and warnings that ``failed_before`` has, which is what ``failed`` returns of the report of an
    earlier run, come first, and after that the worst.
    """
    found = [
        _lasting(row) for row in rows(report) if row.finding.severity in (Severity.ERROR, Severity.WARNING)
    ]
    if not found:
        return ""
    keys = {id(row): _key(row) for row in found}
    found.sort(key=lambda row: (keys[id(row)] not in failed_before, row.finding.severity.rank))
    lines = [finding_row(row) for row in found]
    shown = number_that_fits(lines, MAX_BYTES)
    missing = f"\n{counted(len(found) - shown, 'more finding')}.\n" if shown < len(found) else ""
    marker = " ".join(["<!-- stashmatrix:failed", *sorted({keys[id(row)] for row in found[:shown]}), "-->"])
    body = "".join([FINDINGS, *lines[:shown], missing])
    return f"{_title(found)}\n{body}\n{_FOOT}\n\n{marker}\n"


def _lasting(row: Row) -> Row:
    """Return a row without the contact of a server, for which a run with cached answers does not ask."""
    if row.finding.check is not Check.NOT_JOINABLE:
        return row
    return replace(row, finding=replace(row.finding, own_hint=None))


def failed(text: str) -> frozenset[str] | None:
    """Return what failed in the run that wrote this body; ``None`` if it is no report of this kind."""
    marker = _MARKER.search(text)
    return None if marker is None else frozenset(marker["keys"].split())


def _title(found: Collection[Row]) -> str:
    errors = sum(row.finding.severity is Severity.ERROR for row in found)
    counts = [f"{errors} broken"] if errors else []
    counts += [counted(len(found) - errors, "warning")] if errors < len(found) else []
    return f"Matrix links: {', '.join(counts)}"


def _key(row: Row) -> str:
    reference = row.link.reference
    return fingerprint(row.finding.check.code, reference.source.path, reference.name)[:16]
