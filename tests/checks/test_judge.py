"""Verdicts, and which links are checked at all."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from stashmatrix.checks.ignores import matched, partition
from stashmatrix.checks.judge import is_deciding, judge
from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.records.answers import Answer
from stashmatrix.records.findings import Check
from stashmatrix.records.reference import Pattern
from stashmatrix.records.results import Verdict
from tests.support.links import ABSENT, ONE, OTHER, SPACE, TWO, UNKNOWN, A, references, resolved

FOUND = resolved(ONE)
HIDDEN = replace(FOUND, hidden=True)
WRONG_LINK = "https://matrix.to/#/#wrong:example.org"


@pytest.mark.parametrize(
    ("answer", "recorded", "published_link", "findings", "verdict"),
    [
        (FOUND, {}, None, [], Verdict.OK),
        (FOUND, {}, WRONG_LINK, [Check.PUBLISHED_LINK_DIFFERS], Verdict.OK),
        (
            HIDDEN,
            {A: TWO},
            WRONG_LINK,
            [Check.NOT_JOINABLE, Check.ROOM_MOVED, Check.PUBLISHED_LINK_DIFFERS],
            Verdict.OK,
        ),
        (ABSENT, {A: TWO}, None, [Check.ALIAS_NOT_FOUND], Verdict.BROKEN),
        (ABSENT, {}, WRONG_LINK, [Check.ALIAS_NOT_FOUND, Check.PUBLISHED_LINK_DIFFERS], Verdict.BROKEN),
        (UNKNOWN, {A: TWO}, None, [Check.UNREACHABLE], Verdict.UNVERIFIED),
        (UNKNOWN, {}, WRONG_LINK, [Check.UNREACHABLE, Check.PUBLISHED_LINK_DIFFERS], Verdict.UNVERIFIED),
    ],
)
def test_errors_break_a_link_open_questions_leave_it_unverified_and_nothing_else_counts(
    answer: Answer,
    recorded: Mapping[RoomAlias, RoomId],
    published_link: str | None,
    findings: list[Check],
    verdict: Verdict,
) -> None:
    [reference] = references(A)
    report = judge([reference._replace(published_link=published_link)], {A: answer}, recorded=recorded)
    [link] = report.links
    assert ([finding.check for finding in link.findings], link.verdict) == (findings, verdict)
    deciding = [finding.check for finding in link.findings if is_deciding(finding, verdict)]
    assert deciding == ([] if verdict is Verdict.OK else findings[:1])


def test_a_translation_has_the_verdict_of_its_original_and_only_findings_of_its_own() -> None:
    [original] = references(A)
    place = original.source._replace(line=original.source.line + 1)
    twin = original._replace(source=place, translates=original.source)
    other = twin._replace(published_link=WRONG_LINK, source=place._replace(line=place.line + 1))
    report = judge([original, twin, other], {A: ABSENT})
    assert [[finding.check for finding in link.findings] for link in report.links] == [
        [Check.ALIAS_NOT_FOUND],
        [],
        [Check.PUBLISHED_LINK_DIFFERS],
    ]
    assert {link.verdict for link in report.links} == {Verdict.BROKEN}


def test_an_address_that_differs_is_broken_and_the_space_is_not() -> None:
    report = judge(references(SPACE, OTHER), {SPACE: FOUND, OTHER: resolved(TWO)})
    assert [link.verdict for link in report.links] == [Verdict.OK, Verdict.BROKEN]


def test_another_address_is_compared_with_no_skipped_space() -> None:
    asked, skipped = partition(matched(references(SPACE, OTHER), [Pattern(SPACE)]))
    report = judge(asked, {OTHER: resolved(TWO)}, skipped=skipped)
    assert [link.verdict for link in report.links] == [Verdict.OK]
    assert [link.reference.target for link in report.skipped] == [SPACE]
