"""Which findings people read as one, and what is left to do."""

import pytest

from stashmatrix.checks.grouping import IgnoredRow, Row, actionable, ignored_rows, rows
from stashmatrix.checks.judge import judge
from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.records.answers import Answer, Reason, Unknown
from stashmatrix.records.findings import Check
from stashmatrix.records.reference import Ignore
from stashmatrix.records.results import Report, Skipped
from tests.support.links import ABSENT, ONE, A, B, C, link, messages, references, resolved

DOWN, TOO, THIRD = (RoomAlias(f"#{name}:down.example") for name in ("down", "too", "third"))
CONNECTION = Unknown(reason=Reason.UNREACHABLE, detail="no connection")
TIME = Unknown(reason=Reason.UNREACHABLE, detail="no answer\x1b in time")
FAILED = Unknown(reason=Reason.SERVER_ERROR, detail="HTTP 500")


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({DOWN: CONNECTION}, [(DOWN, f"{DOWN} could not be checked: no connection")]),
        (
            {DOWN: CONNECTION, TOO: CONNECTION, THIRD: CONNECTION},
            [(DOWN, "3 links to down.example could not be checked: no connection")],
        ),
        (
            {DOWN: TIME, TOO: CONNECTION},
            [
                (
                    DOWN,
                    r"2 links to down.example could not be checked; the first: no answer\x1b in time",
                )
            ],
        ),
        (
            {DOWN: CONNECTION, TOO: FAILED},
            [
                (DOWN, f"{DOWN} could not be checked: no connection"),
                (TOO, f"{TOO} could not be checked: HTTP 500"),
            ],
        ),
        (
            {DOWN: CONNECTION, A: CONNECTION},
            [
                (DOWN, f"{DOWN} could not be checked: no connection"),
                (A, f"{A} could not be checked: no connection"),
            ],
        ),
        (
            {A: CONNECTION, DOWN: CONNECTION, B: CONNECTION, TOO: CONNECTION},
            [
                (A, "2 links to example.org could not be checked: no connection"),
                (DOWN, "2 links to down.example could not be checked: no connection"),
            ],
        ),
    ],
)
def test_links_that_one_server_left_open_for_one_reason_share_a_row(
    answers: dict[RoomAlias, Unknown], expected: list[tuple[RoomAlias, str]]
) -> None:
    report = judge(references(*answers), answers)
    assert [(row.link.reference.target, row.finding.message) for row in rows(report)] == expected


def test_unfolded_each_link_has_a_row() -> None:
    answers = {DOWN: CONNECTION, TOO: CONNECTION}
    report = judge(references(*answers), answers)
    assert [row.finding.message for row in rows(report, unfolded=True)] == [
        f"{alias} could not be checked: no connection" for alias in answers
    ]


def test_other_findings_have_a_row_each_in_the_links_order() -> None:
    report = judge(references(A, B, DOWN, C), {A: ABSENT, B: resolved(ONE), DOWN: CONNECTION, C: ABSENT})
    found = [*rows(report)]
    assert found == [Row(link, finding) for link in report.links for finding in link.findings]
    assert [row.link.reference.target for row in found] == [A, DOWN, C]


def test_links_that_were_skipped_for_one_reason_share_a_row() -> None:
    first, second, third = (Skipped(reference, Ignore("x")) for reference in references(A, B, C))
    report = Report((), (first, Skipped(second.reference, Ignore("\x1b" + "y" * 400)), third))
    [shared, single] = ignored_rows(report)
    assert shared == IgnoredRow(link=first, subject="2 links", reason="x")
    assert (single.link, single.subject) == (report.skipped[1], B)
    assert single.reason.startswith(r"\x1byyy")
    assert [row.subject for row in ignored_rows(report, unfolded=True)] == [A, C, B]
    assert len(single.reason) < 310


def test_what_is_left_to_do_has_the_worst_first_and_no_notes() -> None:
    answers: dict[RoomAlias, Answer] = {
        A: CONNECTION,
        B: resolved(ONE),
        C: resolved(ONE),
        DOWN: ABSENT,
        TOO: ABSENT,
    }
    links = (reference._replace(published_link="x") for reference in references(*answers))
    report = judge(links, answers)
    assert len(messages(report, Check.PUBLISHED_LINK_DIFFERS)) == len(answers)
    assert actionable(report) == [
        (Check.ALIAS_NOT_FOUND, 2),
        (Check.DUPLICATE_TARGET, 1),
        (Check.UNREACHABLE, 1),
    ]


def test_room_ids_share_a_row_only_with_themselves() -> None:
    links = [link(f"matrix:roomid/{name}:down.example?via=down.example") for name in ("a", "b", "a")]
    answers = {RoomId(f"!{name}:down.example"): CONNECTION for name in ("a", "b")}
    found = [row.finding.message for row in rows(judge(links, {}, rooms=answers))]
    assert found == [
        "2 links to !a:down.example could not be checked: no connection",
        "!b:down.example could not be checked: no connection",
    ]
