"""A report in one line, and what to do about it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from stashmatrix.checks.judge import judge, judge_offline
from stashmatrix.formats.summary import advice, summary
from stashmatrix.records.answers import Answer
from stashmatrix.records.findings import Check
from stashmatrix.records.reference import Ignore
from stashmatrix.records.results import Report, Run, Skipped
from tests.support.links import ABSENT, ONE, TWO, UNKNOWN, A, B, C, link, references, resolved

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


@pytest.mark.parametrize(
    ("safe", "unsafe", "expected"),
    [
        (0, 0, ""),
        (2, 0, "2 fixable with --fix; --diff shows how\n"),
        (0, 1, "1 fixable with --fix --unsafe-fixes; --diff --unsafe-fixes shows how\n"),
        (2, 1, "2 fixable with --fix, 1 more with --unsafe-fixes; --diff shows how\n"),
    ],
)
def test_advice_says_what_can_be_mended(safe: int, unsafe: int, expected: str) -> None:
    links = ["https://matrix.to/#help:a.org"] * safe + ["https://riot.im/#/room/#help:a.org"] * unsafe
    report = judge_offline(link(address)._replace(start=0) for address in links)
    assert advice(report).splitlines(keepends=True)[bool(safe) + bool(unsafe) :] == expected.splitlines(True)


def test_a_summary_without_links_says_how_many_files_were_read() -> None:
    run = Run(documents=3, began=datetime(2026, 1, 2, tzinfo=UTC), seconds=1)
    assert summary(Report((), run=run)) == "0 links in 3 files: 0 ok, 0 broken, 0 unverified"


def test_advice_is_a_line_for_each_kind_of_finding_that_asks_for_something(mixed: Report) -> None:
    assert advice(mixed) == (
        f"1 alias-not-found: {Check.ALIAS_NOT_FOUND.hint}\n2 unreachable: {Check.UNREACHABLE.hint}\n"
    )
    assert advice(Report(())) == ""
