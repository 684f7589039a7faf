"""The JSON report, read back."""

import json
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from stashmatrix import __version__
from stashmatrix.checks.ignores import unused
from stashmatrix.checks.judge import judge
from stashmatrix.formats import json as json_report
from stashmatrix.matrix.identifiers import RoomId
from stashmatrix.records.answers import Absent, Resolved, Summary
from stashmatrix.records.findings import Check
from stashmatrix.records.reference import Ignore, Source
from stashmatrix.records.results import Report, Run, Skipped
from tests.support.process import validator
from tests.support.reports import DOWN, GONE, HELP, TOO, WEIRD, WEIRD_ID, reference, unknown


def test_json_has_all_that_is_known_of_each_link() -> None:
    summary = Summary(
        members=7, name="Help", topic="Ask", join_rule="invite", room_type="m.custom", room_version="12"
    )
    room_id = RoomId("!help:example.org")
    ignore = Ignore("# ...", Source("rooms.yaml", 12, 3), frozenset({Check.NOT_JOINABLE.code}), "known")
    report = judge(
        [
            reference(HELP, 7),
            reference(GONE, 9, "b.yaml"),
            reference(DOWN, 11),
            reference(WEIRD, 13)._replace(ignores=(ignore,)),
        ],
        {
            HELP: Resolved(room_id=room_id, homeserver="https://example.org", summary=summary),
            GONE: Absent(homeserver="https://b.example.org"),
            DOWN: unknown(),
            WEIRD: Resolved(room_id=WEIRD_ID, homeserver="https://example.org", hidden=True),
        },
        skipped=(Skipped(reference(TOO, 15), Ignore("--ignore '*'")),),
    )
    [idle] = unused([Ignore("x", Source("rooms.yaml", 20, 12))], report, recorded={})
    run = Run(
        paths=("a.md",),
        configuration="stashmatrix.toml",
        began=datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
        seconds=1.5,
    )
    report = replace(report, unused_ignores=(idle,), not_looked_at=3, run=run)
    unused_message, hidden_message = idle.findings[0].message, report.links[3].ignored[0].finding.message
    joinable, absent, down = (finding.message for link in report.links for finding in link.findings)

    def source(line: int, column: int = 12, path: str = "rooms.yaml") -> dict[str, object]:
        return {"path": path, "line": line, "column": column}

    def place(alias: str, line: int, path: str = "rooms.yaml") -> dict[str, object]:
        return {
            "source": source(line, path=path),
            "label": None,
            "text": alias,
            "target": alias,
            "in_code": False,
            "category": None,
        }

    comment = {"text": "# ...", "source": source(12, 3)}
    option = {"text": "--ignore '*'", "source": None}
    left_out = {"skipped": 1, "ignored": 1, "not_looked_at": 3, "fixable": 0, "fixable_unsafe": 0}

    def finding(check: Check, message: str) -> dict[str, object]:
        return {"code": check.code, "severity": check.severity, "message": message, "hint": check.hint}

    assert json.loads(json_report.write(report)) == {
        "version": 1,
        "tool": {"name": "stashmatrix", "version": __version__},
        "time": "2026-01-02T03:04:05+00:00",
        "checked": {"paths": ["a.md"], "catalogue": None, "configuration": "stashmatrix.toml"},
        "summary": {"links": 4, "ok": 2, "broken": 1, "unverified": 1, "warnings": 2, **left_out},
        "links": [
            {
                **place(HELP, 7),
                "verdict": "ok",
                "room_id": room_id,
                "homeserver": "https://example.org",
                "room": {
                    "name": "Help",
                    "topic": "Ask",
                    "members": 7,
                    "join_rule": "invite",
                    "room_type": "m.custom",
                    "room_version": "12",
                    "canonical_alias": None,
                    "encryption": None,
                },
                "findings": [finding(Check.NOT_JOINABLE, joinable)],
                "ignored": [],
            },
            {
                **place(GONE, 9, "b.yaml"),
                "verdict": "broken",
                "room_id": None,
                "homeserver": "https://b.example.org",
                "room": None,
                "findings": [finding(Check.ALIAS_NOT_FOUND, absent)],
                "ignored": [],
            },
            {
                **place(DOWN, 11),
                "verdict": "unverified",
                "room_id": None,
                "homeserver": None,
                "room": None,
                "findings": [finding(Check.UNREACHABLE, down)],
                "ignored": [],
            },
            {
                **place(WEIRD, 13),
                "verdict": "ok",
                "room_id": WEIRD_ID,
                "homeserver": "https://example.org",
                "room": None,
                "findings": [],
                "ignored": [
                    {**finding(Check.NOT_JOINABLE, hidden_message), "reason": "known", "ignored_by": comment}
                ],
            },
        ],
        "skipped": [{**place(TOO, 15), "reason": "--ignore '*'", "ignored_by": option}],
        "unused_ignores": [
            {"source": source(20), "text": "x", "findings": [finding(Check.UNUSED_IGNORE, unused_message)]}
        ],
    }


def test_json_gives_the_reason_of_each_skipped_link(skipping: Report) -> None:
    skipped = json.loads(json_report.write(skipping))["skipped"]
    assert [(link["target"], link["source"]["line"], link["reason"]) for link in skipped] == [
        (GONE, 9, "members only | *"),
        (DOWN, 11, "--ignore '*:down.example'"),
        (TOO, 13, "--ignore '*:down.example'"),
    ]


def changed(value: Any, path: tuple[str | int, ...], new: object) -> Any:  # noqa: ANN401 (JSON)
    """Return JSON with another value at a place in it; ``MISSING`` takes a key away."""
    copy = place = deepcopy(value)
    *above, last = path
    for key in above:
        place = place[key]
    if new is MISSING:
        del place[last]
    else:
        place[last] = new
    return copy


MISSING = object()


@pytest.mark.parametrize(
    ("path", "new"),
    [
        (("version",), 2),
        (("more",), 1),
        (("tool",), MISSING),
        (("time",), 5),
        (("time",), "yesterday"),
        (("time",), "2026-01-02T03:04:05"),
        (("checked", "paths"), "a.md"),
        (("summary", "ok"), -1),
        (("summary", "ok"), MISSING),
        (("links", 0, "verdict"), "dead"),
        (("links", 0, "target"), 5),
        (("links", 0, "source", "line"), 0),
        (("links", 0, "source", "more"), 1),
        (("links", 0, "room"), {}),
        (("links", 1, "findings", 0, "severity"), "bad"),
        (("links", 1, "findings", 0, "fix"), {"start": 1}),
        (("skipped",), [{}]),
    ],
)
def test_the_schema_refuses_any_other_json(mixed: Report, path: tuple[str | int, ...], new: object) -> None:
    run = Run(catalogue="rooms.yaml", began=datetime.now(UTC), seconds=0)
    good = json.loads(json_report.write(replace(mixed, run=run)))
    schema = validator("check-links")
    schema.validate(good)
    assert not schema.is_valid(changed(good, path, new))


def test_json_of_any_report_is_as_its_schema_says(mixed: Report, skipping: Report, hostile: Report) -> None:
    for report in (mixed, skipping, hostile, Report(())):
        validator("check-links").validate(json.loads(json_report.write(report)))


def test_json_says_what_would_mend_a_link_and_how_many_can_be(fixable: Report) -> None:
    report = json.loads(json_report.write(fixable))
    validator("check-links").validate(report)
    assert [link["findings"][0]["fix"] for link in report["links"]] == [
        {"start": 0, "end": 35, "replacement": "https://matrix.to/#/#help:example.org", "safe": True},
        {"start": 100, "end": 140, "replacement": "https://matrix.to/#/#help:example.org", "safe": False},
    ]
    assert (report["summary"]["fixable"], report["summary"]["fixable_unsafe"]) == (1, 1)


def test_the_schemas_are_some_of_their_dialect() -> None:
    for name in ("check-links", "rooms-list"):
        Draft202012Validator.check_schema(validator(name).schema)
