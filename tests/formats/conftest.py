"""The reports that every format writes."""

import pytest

from stashmatrix.checks.judge import judge, judge_offline
from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.records.answers import Absent, Answer, Resolved
from stashmatrix.records.reference import Ignore
from stashmatrix.records.results import Report, Skipped
from tests.support.links import link
from tests.support.reports import (
    DOWN,
    GONE,
    HELP,
    HOSTILE_SUMMARY,
    HOSTILE_TEXT,
    TOO,
    WEIRD,
    WEIRD_ID,
    reference,
    unknown,
)


@pytest.fixture
def mixed() -> Report:
    """Give a report with every verdict, a note, and two links that one server left open."""
    answers: dict[RoomAlias, Answer] = {
        HELP: Resolved(room_id=RoomId("!help:example.org"), homeserver="https://example.org"),
        GONE: Absent(homeserver="https://example.org"),
        DOWN: unknown(),
        TOO: unknown(),
    }
    return judge(
        [
            reference(HELP, 7, published_link="https://matrix.to/#/#other:example.org"),
            reference(GONE, 9),
            reference(DOWN, 11),
            reference(TOO, 13),
        ],
        answers,
    )


@pytest.fixture
def repairable() -> Report:
    """Give a report with a finding that has a hint of its own: the right link."""
    return judge_offline([link("https://matrix.to/#help:example.org")])


@pytest.fixture
def fixable() -> Report:
    """Give a report with a finding that can be mended, and one that somebody should look at first."""
    links = [link("https://matrix.to/#help:example.org"), link("https://riot.im/#/room/#help:example.org")]
    return judge_offline(each._replace(start=100 * number) for number, each in enumerate(links))


@pytest.fixture
def hostile() -> Report:
    path = f"::error::{HOSTILE_TEXT}.yaml"
    answers: dict[RoomAlias, Answer] = {
        GONE: Absent(homeserver=HOSTILE_TEXT),
        DOWN: unknown(detail=HOSTILE_TEXT),
        TOO: unknown(detail=HOSTILE_TEXT),
        WEIRD: Resolved(room_id=WEIRD_ID, homeserver=HOSTILE_TEXT, summary=HOSTILE_SUMMARY),
    }
    return judge(
        [
            reference(GONE, 1, path, published_link=HOSTILE_TEXT),
            reference(DOWN, 2, path),
            reference(TOO, 3, f" {path}"),
            reference(WEIRD, 5, path, is_space=True),
        ],
        answers,
        recorded={WEIRD: RoomId("!before:example.org")},
        skipped=(Skipped(reference(HELP, 4, path), Ignore(f"::error::{HOSTILE_TEXT}")),),
    )


@pytest.fixture
def skipping() -> Report:
    """Give a report without findings that skipped one link for one reason, and two for another."""
    pattern = "--ignore '*:down.example'"
    return Report(
        (),
        (
            Skipped(reference(GONE, 9), Ignore("members only | *")),
            Skipped(reference(DOWN, 11), Ignore(pattern)),
            Skipped(reference(TOO, 13), Ignore(pattern)),
        ),
    )
