"""The JSON report, read back."""

import json

from stashmatrix.checks.judge import judge
from stashmatrix.formats import json as json_report
from stashmatrix.matrix.identifiers import RoomId
from stashmatrix.records.answers import Absent, Resolved, Summary
from stashmatrix.records.findings import Check
from stashmatrix.records.results import Report, Skipped
from tests.support.reports import DOWN, GONE, HELP, TOO, WEIRD, WEIRD_ID, reference, unknown


def test_json_has_all_that_is_known_of_each_link() -> None:
    summary = Summary(
        members=7, name="Help", topic="Ask", join_rule="invite", room_type="m.custom", room_version="12"
    )
    room_id = RoomId("!help:example.org")
    report = judge(
        [reference(HELP, 7), reference(GONE, 9, "b.yaml"), reference(DOWN, 11), reference(WEIRD, 13)],
        {
            HELP: Resolved(room_id=room_id, homeserver="https://example.org", summary=summary),
            GONE: Absent(homeserver="https://b.example.org"),
            DOWN: unknown(),
            WEIRD: Resolved(room_id=WEIRD_ID, homeserver="https://example.org"),
        },
        skipped=(Skipped(reference(TOO, 15), "members only"),),
    )
    joinable, absent, down = (finding.message for link in report.links for finding in link.findings)

    def place(alias: str, line: int, path: str = "rooms.yaml") -> dict[str, object]:
        source = {"path": path, "line": line, "column": 12}
        return {"source": source, "label": None, "text": alias, "target": alias, "in_code": False}

    def finding(check: Check, message: str) -> dict[str, object]:
        return {"code": check.code, "severity": check.severity, "message": message, "hint": check.hint}

    assert json.loads(json_report.write(report)) == {
        "version": 1,
        "summary": {"links": 4, "ok": 2, "broken": 1, "unverified": 1, "warnings": 1, "skipped": 1},
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
                },
                "findings": [finding(Check.NOT_JOINABLE, joinable)],
            },
            {
                **place(GONE, 9, "b.yaml"),
                "verdict": "broken",
                "room_id": None,
                "homeserver": "https://b.example.org",
                "room": None,
                "findings": [finding(Check.ALIAS_NOT_FOUND, absent)],
            },
            {
                **place(DOWN, 11),
                "verdict": "unverified",
                "room_id": None,
                "homeserver": None,
                "room": None,
                "findings": [finding(Check.UNREACHABLE, down)],
            },
            {
                **place(WEIRD, 13),
                "verdict": "ok",
                "room_id": WEIRD_ID,
                "homeserver": "https://example.org",
                "room": None,
                "findings": [],
            },
        ],
        "skipped": [{**place(TOO, 15), "reason": "members only"}],
    }


def test_json_gives_the_reason_of_each_skipped_link(skipping: Report) -> None:
    skipped = json.loads(json_report.write(skipping))["skipped"]
    assert [(link["target"], link["source"]["line"], link["reason"]) for link in skipped] == [
        (GONE, 9, "members only | *"),
        (DOWN, 11, "--ignore '*:down.example'"),
        (TOO, 13, "--ignore '*:down.example'"),
    ]
