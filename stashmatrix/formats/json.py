"""A report for other programs: all that is known of each link."""

from typing import Any

from stashmatrix.records.answers import Answer, Resolved
from stashmatrix.records.reference import Reference
from stashmatrix.records.results import CheckedLink, Report, Verdict
from stashmatrix.text import ascii_json

JSON_VERSION = 1


def as_json(report: Report) -> str:
    """Write the whole report as one JSON object, in ASCII.

    Skipped links have no verdict: they are no ``links``, and are listed by themselves.
    """
    counts = {str(verdict): report.count(verdict) for verdict in Verdict}
    return ascii_json(
        {
            "version": JSON_VERSION,
            "summary": {
                "links": len(report.links),
                **counts,
                "warnings": report.warnings,
                "skipped": len(report.skipped),
            },
            "links": [_link_record(link) for link in report.links],
            "skipped": [
                {**_reference_record(link.reference), "reason": link.reason} for link in report.skipped
            ],
        }
    )


def _reference_record(reference: Reference) -> dict[str, Any]:
    return {
        "source": reference.source._asdict(),
        "label": reference.label,
        "text": reference.text,
        "target": reference.target,
    }


def _link_record(link: CheckedLink) -> dict[str, Any]:
    return {
        **_reference_record(link.reference),
        "verdict": link.verdict,
        "room_id": link.room_id,
        "homeserver": link.answer.homeserver,
        "room": _room_record(link.answer),
        "findings": [
            {
                "code": finding.check.code,
                "severity": finding.check.severity,
                "message": finding.message,
                "hint": finding.check.hint,
            }
            for finding in link.findings
        ],
    }


def _room_record(answer: Answer) -> dict[str, Any] | None:
    if not isinstance(answer, Resolved) or answer.summary is None:
        return None
    keys = ("name", "topic", "members", "join_rule", "room_type", "room_version")
    return {key: getattr(answer.summary, key) for key in keys}
