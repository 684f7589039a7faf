"""A report for GitLab: Code Quality, which shows findings in merge requests.

GitLab's documentation, "Code Quality", "Implement a custom tool".
"""

from collections import Counter
from typing import Any

from stashmatrix.formats.lines import fingerprint, in_repository, own_hint
from stashmatrix.records.findings import Check, Finding, Severity
from stashmatrix.records.results import CheckedLink, Report
from stashmatrix.text import ascii_json, printable

_SEVERITIES = {
    Severity.ERROR: "major",
    Severity.WARNING: "minor",
    Severity.UNVERIFIED: "info",
    Severity.NOTE: "info",
}


def write(report: Report) -> str:
    """Write a Code Quality report: an issue for each finding in the repository, in the order of the links."""
    counts = Counter[tuple[Check, str, str]]()
    issues = []
    for link, finding in report.findings:
        path = in_repository(link.reference.source.path, report)
        if path is None:
            continue
        key = finding.check, path, link.reference.name
        counts[key] += 1
        unique = fingerprint(finding.check.code, *key[1:], counts[key])
        issues.append(_issue(link, finding, path, unique))
    return ascii_json(issues)


def _issue(link: CheckedLink, finding: Finding, path: str, unique: str) -> dict[str, Any]:
    return {
        "description": finding.message + own_hint(finding),
        "check_name": finding.check.code,
        "fingerprint": unique,
        "severity": _SEVERITIES[finding.severity],
        "location": {
            "path": printable(path).removeprefix("./"),
            "lines": {"begin": link.reference.source.line},
        },
    }
