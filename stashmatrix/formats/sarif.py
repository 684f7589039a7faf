"""A report for code scanning: SARIF 2.1.0."""

from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

from stashmatrix import __version__
from stashmatrix.formats.lines import fingerprint, in_folder, own_hint
from stashmatrix.records.findings import Check, Finding, Fix, Severity
from stashmatrix.records.results import CheckedLink, Report
from stashmatrix.text import ascii_json, printable

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.UNVERIFIED: "note",
    Severity.NOTE: "note",
}
_RULE_INDEXES = {check: index for index, check in enumerate(Check)}


def write(report: Report) -> str:
    """Write SARIF 2.1.0: a result for each finding, in the order of the links."""
    driver = {
        "name": "stashmatrix",
        "version": __version__,
        "rules": [_rule(check) for check in _RULE_INDEXES],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": _results(report)}
    return ascii_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(check: Check) -> dict[str, Any]:
    return {
        "id": check.code,
        "shortDescription": _message(check.code.replace("-", " ").capitalize()),
        "help": _message(check.hint),
        "defaultConfiguration": {"level": _LEVELS[check.severity]},
    }


def _results(report: Report) -> list[dict[str, Any]]:
    counts = Counter[tuple[Check, str]]()
    results = []
    for link, finding in report.findings:
        key = finding.check, link.reference.name
        counts[key] += 1
        results.append(_result(link, finding, report.folder, counts[key]))
    return results


def _result(link: CheckedLink, finding: Finding, folder: str, number: int) -> dict[str, Any]:
    path, line, column = link.reference.source
    end = column + len(link.reference.text)
    region = {"startLine": line, "startColumn": column}
    if column < end and "\n" not in link.reference.text:
        region["endColumn"] = end
    location = {"uri": _uri(in_folder(path, folder))}
    fixes = {} if finding.fix is None else {"fixes": [_fix(link, finding.fix, location)]}
    return {
        "ruleId": finding.check.code,
        "ruleIndex": _RULE_INDEXES[finding.check],
        "level": _LEVELS[finding.severity],
        "message": _message(finding.message + own_hint(finding)),
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": location,
                    "region": region,
                }
            }
        ],
        # It stays the same if the file is moved, or edited elsewhere.
        "partialFingerprints": {
            "stashmatrixFinding/v1": fingerprint(finding.check.code, link.reference.name, number)
        },
        **fixes,
    }


def _fix(link: CheckedLink, fix: Fix, location: dict[str, str]) -> dict[str, Any]:
    """Write a fix as a replacement of a region (SARIF 2.1.0, 3.55): it stands on the link's line."""
    reference = link.reference
    column = reference.source.column + fix.start - (reference.start or 0)
    region = {
        "startLine": reference.source.line,
        "startColumn": column,
        "endColumn": column + fix.end - fix.start,
    }
    replacement = {"deletedRegion": region, "insertedContent": {"text": fix.replacement}}
    description = "Write" if fix.safe else "Look whether it should be"
    return {
        "description": _message(f"{description} {fix.replacement}"),
        "artifactChanges": [{"artifactLocation": location, "replacements": [replacement]}],
    }


def _message(text: str) -> dict[str, str]:
    """Write a message that a viewer shows as it is.

    It would look for an argument in place of ``{0}`` (SARIF 2.1.0, 3.11.5), and make a link of
    ``[text](address)`` (3.11.6).
    """
    return {"text": text.replace("{", "{{").replace("}", "}}").replace("](", r"]\x28")}


def _uri(path: str) -> str:
    """Return a file's path as a relative URI, or as a file URI if the path is absolute."""
    printed = Path(printable(path))
    return printed.as_uri() if printed.is_absolute() else quote(printed.as_posix())
