"""What is read of a report of check-links."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from stashmatrix.checks.judge import judge, judge_offline
from stashmatrix.errors import InvalidFileError
from stashmatrix.formats import json
from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.page.checkreport import CheckReport, State, load
from stashmatrix.records.answers import Absent, Answer, Reason, Resolved, Summary
from stashmatrix.records.reference import Ignore, Reference
from stashmatrix.records.results import Report, Run, Skipped
from stashmatrix.text import ascii_json
from tests.support.links import link
from tests.support.reports import DOWN, GONE, HELP, TOO, reference, unknown

DAY = date(2026, 1, 31)
URL = "https://example.org"
FOUND = Resolved(room_id=RoomId("!help:example.org"), homeserver=URL)
INVITED = Resolved(room_id=FOUND.room_id, homeserver=URL, summary=Summary(members=7, join_rule="invite"))


def read(report: Report, folder: Path) -> CheckReport:
    path = folder / "report.json"
    run = Run(began=datetime(2026, 1, 31, 23, 59, tzinfo=UTC), seconds=1.0)
    path.write_text(json.write(Report(report.links, report.skipped, run=run)))
    return load(path)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (FOUND, State.THERE),
        (Absent(homeserver=URL), State.GONE),
        (INVITED, State.CLOSED),
        (Resolved(room_id=FOUND.room_id, homeserver=URL, hidden=True), State.CLOSED),
        *((unknown(reason), State.UNVERIFIED) for reason in Reason),
    ],
)
def test_a_room_is_in_the_state_that_its_answer_shows(
    tmp_path: Path, answer: Answer, expected: State
) -> None:
    found = read(judge([reference(HELP, 7)], {HELP: answer}), tmp_path)
    assert found == CheckReport(DAY, {HELP: expected})


def test_what_was_not_asked_about_has_no_state(tmp_path: Path) -> None:
    skipped = (Skipped(reference(GONE, 9), Ignore("members only")),)
    assert read(judge([], {}, skipped=skipped), tmp_path).states == {}
    assert read(judge_offline([reference(HELP, 7)]), tmp_path).states == {}


def test_what_is_wrong_with_a_link_is_not_the_fault_of_its_room(tmp_path: Path) -> None:
    mislabelled = link(f"[{DOWN}](https://matrix.to/#/{HELP})")._replace(label=DOWN)
    alternative = Reference(
        source=reference(TOO, 9).source, text=TOO, target=TOO, is_space=True, alternative_to=GONE
    )
    elsewhere = Resolved(room_id=RoomId("!other:example.org"), homeserver=URL)
    report = judge(
        [mislabelled, reference(GONE, 8, is_space=True), alternative],
        {HELP: FOUND, GONE: FOUND, TOO: elsewhere},
    )
    assert TOO not in read(report, tmp_path).states


@pytest.mark.parametrize("order", [(Absent(homeserver=URL), unknown()), (unknown(), Absent(homeserver=URL))])
def test_of_several_links_to_a_room_the_worst_counts(tmp_path: Path, order: tuple[Answer, ...]) -> None:
    links = tuple(each for answer in order for each in judge([reference(HELP, 7)], {HELP: answer}).links)
    assert read(Report(links), tmp_path).states == {RoomAlias(HELP): State.GONE}


TIME = "2026-01-31T12:00:00+00:00"
NOT_A_REPORT = "not a report of 'check-links --format json'"
LINKS = "links: expected objects with target, verdict and findings"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ([], NOT_A_REPORT),
        ({}, NOT_A_REPORT),
        ({"version": 1, "rooms": {}}, NOT_A_REPORT),
        ({"version": 1, "links": {}}, NOT_A_REPORT),
        ({"version": 2, "time": TIME, "links": []}, "version: expected 1"),
        ({"version": True, "time": TIME, "links": []}, "version: expected 1"),
        *(
            (
                {"version": 1, "time": time, "links": []},
                "time: expected a time such as 2026-01-31T12:00:00+00:00",
            )
            for time in (None, "", "today", "2026-01-31T25:00:00+00:00", 7, "0001-01-01T00:00:00+23:00")
        ),
        ({"version": 1, "time": TIME, "links": [7]}, LINKS),
        ({"version": 1, "time": TIME, "links": [{"target": HELP}]}, LINKS),
        ({"version": 1, "time": TIME, "links": [{"target": 7, "verdict": "ok", "findings": []}]}, LINKS),
        ({"version": 1, "time": TIME, "links": [{"target": HELP, "verdict": "ok", "findings": 7}]}, LINKS),
    ],
)
def test_what_is_no_report_is_a_fault(tmp_path: Path, content: Any, expected: str) -> None:  # noqa: ANN401 (JSON)
    path = tmp_path / "report.json"
    path.write_text(ascii_json(content))
    with pytest.raises(InvalidFileError) as caught:
        load(path)
    assert [fault.message for fault in caught.value.faults] == [expected]


@pytest.mark.parametrize("data", [b"", b"\xff", b"# Report\n", b'{"version": 1, "links": ['])
def test_what_is_no_json_is_a_fault(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(data)
    with pytest.raises(InvalidFileError):
        load(path)
    with pytest.raises(InvalidFileError):
        load(tmp_path / "missing.json")
