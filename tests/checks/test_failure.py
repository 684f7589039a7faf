"""When a run is no success."""

from dataclasses import replace

import pytest

from stashmatrix.checks.failure import FailOn, fails, nothing_verified
from stashmatrix.checks.judge import judge
from stashmatrix.matrix.identifiers import RoomId
from stashmatrix.records.answers import Answer
from stashmatrix.records.reference import Ignore
from stashmatrix.records.results import Report, Skipped, Verdict
from tests.support.links import ABSENT, ONE, UNKNOWN, A, B, link, references, resolved

FOUND = resolved(ONE)
HIDDEN = replace(FOUND, hidden=True)


@pytest.mark.parametrize(
    ("answers", "failing"),
    [
        ([], []),
        ([FOUND], []),
        ([UNKNOWN, FOUND], [FailOn.UNVERIFIED]),
        ([FOUND, HIDDEN], [FailOn.WARNING, FailOn.UNVERIFIED]),
        ([UNKNOWN, HIDDEN], [FailOn.WARNING, FailOn.UNVERIFIED]),
        ([ABSENT, HIDDEN], [FailOn.BROKEN, FailOn.WARNING, FailOn.UNVERIFIED]),
        ([UNKNOWN, ABSENT], [FailOn.BROKEN, FailOn.WARNING, FailOn.UNVERIFIED]),
    ],
)
def test_a_report_fails_on_what_is_named_and_on_all_that_is_worse(
    answers: list[Answer], failing: list[FailOn]
) -> None:
    aliases = (A, B)[: len(answers)]
    report = judge(references(*aliases), dict(zip(aliases, answers, strict=True)))
    assert [fail_on for fail_on in FailOn if fails(report, fail_on)] == failing


def test_a_note_fails_nothing() -> None:
    [reference] = references(A)
    report = judge([reference._replace(published_link="x")], {A: FOUND})
    assert len(report.links[0].findings) == 1
    assert not any(fails(report, fail_on) for fail_on in FailOn)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([], False),
        ([UNKNOWN], True),
        ([UNKNOWN, UNKNOWN], True),
        ([UNKNOWN, FOUND], False),
        ([UNKNOWN, HIDDEN], False),
        ([UNKNOWN, ABSENT], False),
    ],
)
def test_nothing_is_verified_if_there_are_links_and_no_server_answered(
    answers: list[Answer], expected: bool
) -> None:
    aliases = (A, B)[: len(answers)]
    report = judge(references(*aliases), dict(zip(aliases, answers, strict=True)))
    assert nothing_verified(report) is expected


def test_a_run_that_skipped_everything_had_nothing_to_verify() -> None:
    [reference] = references(A)
    assert not nothing_verified(Report((), (Skipped(reference, Ignore("members only")),)))


@pytest.mark.parametrize(("answer", "expected"), [(None, False), (UNKNOWN, True), (FOUND, False)])
def test_a_link_that_is_not_asked_about_does_not_count(answer: Answer | None, expected: bool) -> None:
    user = link("https://matrix.to/#/@ann:example.org")
    report = judge([user, *references(A)] if answer else [user], {A: answer} if answer else {})
    assert nothing_verified(report) is expected


def test_a_room_id_that_every_server_hides_is_no_failure_of_the_run() -> None:
    room = link("https://matrix.to/#/!room:example.org?via=example.org")
    report = judge([room], {}, rooms={RoomId("!room:example.org"): UNKNOWN})
    assert report.count(Verdict.UNVERIFIED) == 1
    assert not nothing_verified(report)
