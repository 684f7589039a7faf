"""A report for a comment or a web page."""

import re

from stashmatrix.checks.grouping import rows, skipped_rows
from stashmatrix.formats.plain import place
from stashmatrix.formats.summary import summary
from stashmatrix.records.results import Report


def markdown(report: Report) -> str:
    """Write a heading that sums the report up, and tables of the findings and of what was skipped, if any."""
    heading = f"## {summary(report)}\n"
    findings = [
        f"| {_escaped(place(row.link))} | `{row.check.code}` "
        f"| {_escaped(row.message)} | {_escaped(row.check.hint or '')} |\n"
        for row in rows(report)
    ]
    skipped = [
        f"| {_escaped(place(row.link))} | {_escaped(row.what)} | {_escaped(row.reason)} |\n"
        for row in skipped_rows(report)
    ]
    if findings:
        findings.insert(0, "\n| place | finding | message | hint |\n|---|---|---|---|\n")
    if skipped:
        skipped.insert(0, "\n| place | skipped | reason |\n|---|---|---|\n")
    return "".join((heading, *findings, *skipped))


def _escaped(text: str) -> str:
    """Escape what means something to Markdown or HTML within a cell of a table."""
    text = re.sub(r"([\\`*_{}\[\]()#~!$])", r"\\\1", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("|", "&#124;")
