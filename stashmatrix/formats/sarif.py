"""A report for code scanning: SARIF 2.1.0."""

import hashlib
import json
from collections import Counter
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from stashmatrix import __version__
from stashmatrix.records.findings import Check, Finding, Severity
from stashmatrix.records.results import CheckedLink, Report
from stashmatrix.text import ascii_json, printable

_LEVELS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.UNVERIFIED: "note",
    Severity.NOTE: "note",
}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(report: Report) -> str:
    """Write SARIF 2.1.0, as code scanning reads it: a result for each finding, in the links' order."""
    driver = {
        "name": "stashmatrix",
        "version": __version__,
        "rules": [_rule(check) for check in Check],
    }
    count = Counter[tuple[str, str]]()
    results = []
    for link in report.links:
        for finding in link.findings:
            same = (finding.check.code, link.reference.target)
            count[same] += 1
            results.append(_result(link, finding, count[same]))
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return ascii_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(check: Check) -> dict[str, Any]:
    description = check.code.replace("-", " ").capitalize()
    return {
        "id": check.code,
        "shortDescription": {"text": description},
        "help": {"text": check.hint or description},
        "defaultConfiguration": {"level": _LEVELS[check.severity]},
    }


def _result(link: CheckedLink, finding: Finding, number: int) -> dict[str, Any]:
    path, line, column = link.reference.source
    return {
        "ruleId": finding.check.code,
        "ruleIndex": list(Check).index(finding.check),
        "level": _LEVELS[finding.check.severity],
        # A viewer would make a link of "[text](address)".
        "message": {"text": finding.message.replace("](", r"]\x28")},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(path)},
                    "region": {"startLine": line, "startColumn": column},
                }
            }
        ],
        "partialFingerprints": {
            "stashmatrixFinding/v1": _fingerprint(finding.check, link.reference.target, number)
        },
    }


def _fingerprint(check: Check, target: str, number: int) -> str:
    """Return what stays the same when a file is moved or edited elsewhere.

    ``number`` tells apart findings of one kind about one target.
    """
    return hashlib.sha256(json.dumps([check.code, target, number]).encode()).hexdigest()


def _uri(path: str) -> str:
    """Return a file's path as a relative URI, or as a file URI if the path is absolute."""
    pure = PurePath(printable(path))
    return pure.as_uri() if pure.is_absolute() else quote(pure.as_posix())
