"""A report in one line, and what to do about it."""

from dataclasses import replace

import pytest

from stashmatrix.checks.judge import judge
from stashmatrix.formats.summary import advice, summary
from stashmatrix.records.answers import Answer
from stashmatrix.records.findings import Check
from stashmatrix.records.reference import Ignore
from stashmatrix.records.results import Report, Skipped
from tests.support.links import ABSENT, ONE, TWO, UNKNOWN, A, B, C, references, resolved

HIDDEN = replace(resolved(TWO), hidden=True)


@pytest.mark.parametrize(
    ("answers", "skipped", "expected"),
    [
        ([], 0, "0 links: 0 ok, 0 broken, 0 unverified"),
        ([resolved(ONE)], 0, "1 link: 1 ok, 0 broken, 0 unverified"),
        ([resolved(ONE), UNKNOWN, ABSENT], 0, "3 links: 1 ok, 1 broken, 1 unverified"),
        ([resolved(ONE), HIDDEN], 0, "2 links: 2 ok, 0 broken, 0 unverified, 1 warning"),
        # Two that are hidden, and a duplicate of the other.
        ([HIDDEN, HIDDEN], 1, "2 links: 2 ok, 0 broken, 0 unverified, 3 warnings, 1 skipped"),
        ([], 2, "0 links: 0 ok, 0 broken, 0 unverified, 2 skipped"),
    ],
)
def test_a_summary_counts_links_by_verdict_and_what_else_there_is(
    answers: list[Answer], skipped: int, expected: str
) -> None:
    aliases = (A, B, C)[: len(answers)]
    [reference] = references(C)
    report = judge(
        references(*aliases),
        dict(zip(aliases, answers, strict=True)),
        skipped=(Skipped(reference, Ignore("x")),) * skipped,
    )
    assert summary(report) == expected


def test_advice_is_a_line_for_each_kind_of_finding_that_asks_for_something(mixed: Report) -> None:
    assert advice(mixed) == (
        f"1 alias-not-found: {Check.ALIAS_NOT_FOUND.hint}\n2 unreachable: {Check.UNREACHABLE.hint}\n"
    )
    assert advice(Report(())) == ""
