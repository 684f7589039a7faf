"""GitLab's Code Quality report, held against what its documentation asks for."""

import json
from dataclasses import replace
from typing import Any

from jsonschema import Draft202012Validator

from stashmatrix.checks.judge import judge
from stashmatrix.formats import gitlab
from stashmatrix.records.answers import Absent
from stashmatrix.records.results import Report
from tests.support.reports import GONE, HELP, reference

# https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string"},
            "check_name": {"type": "string"},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "not": {"pattern": r"^\./"}},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def issues(report: Report) -> list[Any]:
    written: list[Any] = json.loads(gitlab.write(report))
    Draft202012Validator(SCHEMA).validate(written)
    return written


def test_each_finding_is_an_issue_at_its_line(mixed: Report) -> None:
    assert [(each["check_name"], each["severity"], each["location"]) for each in issues(mixed)] == [
        (finding.check.code, severity, {"path": "rooms.yaml", "lines": {"begin": link.reference.source.line}})
        for (link, finding), severity in zip(mixed.findings, ["info", "major", "info", "info"], strict=True)
    ]


def test_the_fingerprints_tell_findings_apart_and_outlive_a_move_within_the_file() -> None:
    def fingerprints(*places: tuple[int, str]) -> list[str]:
        references = [reference(GONE, line, path) for line, path in places]
        report = judge(references, {GONE: Absent(homeserver="https://example.org")})
        return [each["fingerprint"] for each in issues(report)]

    first, second, other = fingerprints((1, "a.md"), (2, "a.md"), (1, "b.md"))
    assert len({first, second, other}) == 3
    assert fingerprints((5, "a.md"), (9, "a.md")) == [first, second]


def test_paths_count_from_the_repository_and_hostile_text_is_safe(hostile: Report) -> None:
    report = judge([reference(GONE, 1, "./a.md")], {GONE: Absent(homeserver="https://example.org")})
    assert issues(replace(report, folder="docs"))[0]["location"]["path"] == "docs/a.md"
    assert issues(report)[0]["location"]["path"] == "a.md"
    assert issues(hostile)
    assert issues(judge([reference(HELP, 1)], {})) != []
    assert issues(Report(())) == []
