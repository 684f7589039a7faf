"""A report for a comment or a web page."""

import re

from stashmatrix.checks.grouping import rows, skipped_rows
from stashmatrix.formats.lines import location
from stashmatrix.formats.summary import summary
from stashmatrix.records.results import Report


def write(report: Report) -> str:
    """Write the summary as a heading, then tables of the findings and of the skipped links, if any."""
    heading = f"## {summary(report)}\n"
    findings = [
        f"| {_escaped(location(row.link))} | `{row.finding.check.code}` "
        f"| {_escaped(row.finding.message)} | {_escaped(row.finding.check.hint)} |\n"
        for row in rows(report)
    ]
    skipped = [
        f"| {_escaped(location(row.link))} | {_escaped(row.subject)} | {_escaped(row.reason)} |\n"
        for row in skipped_rows(report)
    ]
    if findings:
        findings.insert(0, "\n| location | finding | message | hint |\n|---|---|---|---|\n")
    if skipped:
        skipped.insert(0, "\n| location | skipped | reason |\n|---|---|---|\n")
    return "".join((heading, *findings, *skipped))


def _escaped(text: str) -> str:
    """Escape what has a meaning to Markdown or HTML in a table's cell."""
    text = re.sub(r"([\\`*_{}\[\]()#~!$])", r"\\\1", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("|", "&#124;")
