"""A report for other programs: all that is known of each link."""

from dataclasses import asdict
from typing import Any

from stashmatrix import __version__
from stashmatrix.records.answers import Answer, Resolved
from stashmatrix.records.findings import Finding
from stashmatrix.records.reference import Ignore, Reference
from stashmatrix.records.results import CheckedLink, Report, Run, Verdict
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
            "tool": {"name": "stashmatrix", "version": __version__},
            "time": report.run and report.run.began.isoformat(timespec="seconds"),
            "checked": report.run and _checked(report.run),
            "summary": {
                "links": len(report.links),
                **{str(verdict): report.count(verdict) for verdict in Verdict},
                "warnings": report.warnings,
                "skipped": len(report.skipped),
                "ignored": report.ignored,
                "not_looked_at": report.not_looked_at,
                "fixable": report.fixable(safe=True),
                "fixable_unsafe": report.fixable(safe=False),
            },
            "links": [_link(link) for link in report.links],
            "skipped": [{**_reference(link.reference), **_ignore(link.ignore)} for link in report.skipped],
            "unused_ignores": [
                {"source": each.reference.source._asdict(), "text": each.reference.text, **findings(each)}
                for each in report.unused_ignores
            ],
        }
    )


def _checked(run: Run) -> dict[str, Any]:
    return {"paths": run.paths, "catalogue": run.catalogue, "configuration": run.configuration}


def _reference(reference: Reference) -> dict[str, Any]:
    return {
        "source": reference.source._asdict(),
        "label": reference.label,
        "text": reference.text,
        "target": reference.target,
        "in_code": reference.in_code,
        "category": reference.category,
    }


def _link(link: CheckedLink) -> dict[str, Any]:
    return {
        **_reference(link.reference),
        "verdict": link.verdict,
        "room_id": link.room_id,
        "homeserver": link.answer.homeserver if link.answer else None,
        "room": room(link.answer),
        **findings(link),
        "ignored": [{**_finding(finding), **_ignore(ignore)} for finding, ignore in link.ignored],
    }


def findings(link: CheckedLink) -> dict[str, Any]:
    """Return what was found of a link, by its key."""
    return {"findings": [_finding(finding) for finding in link.findings]}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.check.code,
        "severity": finding.severity,
        "message": finding.message,
        "hint": finding.hint,
        **({} if finding.fix is None else {"fix": asdict(finding.fix)}),
    }


def _ignore(ignore: Ignore) -> dict[str, Any]:
    return {
        "reason": ignore.reason or ignore.text,
        "ignored_by": {
            "text": ignore.text,
            "source": None if ignore.source is None else ignore.source._asdict(),
        },
    }


def room(answer: Answer | None) -> dict[str, Any] | None:
    """Return what a server tells non-members of a room."""
    if not isinstance(answer, Resolved) or answer.summary is None:
        return None
    return asdict(answer.summary)
