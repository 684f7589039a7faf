"""A report for other programs: all that is known of each link."""

from typing import Any

from stashmatrix.records.answers import Answer, Resolved
from stashmatrix.records.reference import Reference
from stashmatrix.records.results import CheckedLink, Report, Verdict
from stashmatrix.text import ascii_json

VERSION = 1
"""Changes if a reader of the format has to change."""


def write(report: Report) -> str:
    """Write the whole report as one JSON object, in ASCII.

    Skipped links have no verdict, so they are a list of their own.
    """
    return ascii_json(
        {
            "version": VERSION,
            "summary": {
                "links": len(report.links),
                **{str(verdict): report.count(verdict) for verdict in Verdict},
                "warnings": report.warnings,
                "skipped": len(report.skipped),
            },
            "links": [_link(link) for link in report.links],
            "skipped": [{**_reference(link.reference), "reason": link.reason} for link in report.skipped],
        }
    )


def _reference(reference: Reference) -> dict[str, Any]:
    return {
        "source": reference.source._asdict(),
        "label": reference.label,
        "text": reference.text,
        "target": reference.target,
        "in_code": reference.in_code,
    }


def _link(link: CheckedLink) -> dict[str, Any]:
    return {
        **_reference(link.reference),
        "verdict": link.verdict,
        "room_id": link.room_id,
        "homeserver": link.answer.homeserver if link.answer else None,
        "room": _room(link.answer),
        "findings": [
            {
                "code": finding.check.code,
                "severity": finding.severity,
                "message": finding.message,
                "hint": finding.hint,
            }
            for finding in link.findings
        ],
    }


def _room(answer: Answer | None) -> dict[str, Any] | None:
    if not isinstance(answer, Resolved) or answer.summary is None:
        return None
    keys = ("name", "topic", "members", "join_rule", "room_type", "room_version")
    return {key: getattr(answer.summary, key) for key in keys}
