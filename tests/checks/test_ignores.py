"""What is not to be reported: links to skip, findings to silence, and what silences nothing."""

import pytest

from stashmatrix.checks.ignores import idle, matched, of_pattern, partition, unused
from stashmatrix.checks.judge import judge
from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.records.answers import Answer
from stashmatrix.records.findings import Check
from stashmatrix.records.reference import Ignore, Pattern, Reference, Source
from stashmatrix.records.results import CheckedLink, Report, Verdict
from tests.support.links import ABSENT, ONE, OTHER, SPACE, UNKNOWN, A, B, C, references, resolved

HERE = Source("a.md", 7, 3)
FOUND = resolved(ONE)


def ignore(*codes: str, reason: str | None = None) -> Ignore:
    return Ignore("stashmatrix: ignore", HERE, frozenset(codes), reason)


def linked(*ignores: Ignore) -> Reference:
    [reference] = references(A)
    return reference._replace(ignores=ignores)


def judged(answer: Answer, *ignores: Ignore) -> CheckedLink:
    [link] = judge([linked(*ignores)], {A: answer}).links
    return link


@pytest.mark.parametrize(
    ("patterns", "skipped"),
    [
        ([], []),
        (["#a:example.org"], [A]),
        (["a:example.org"], []),
        (["#A:example.org"], []),
        (["#a:EXAMPLE.org"], []),
        (["#?:example.org"], [A, B, C]),
        (["#[ab]:*"], [A, B]),
        (["#s*", "#c:*", "#c:*"], [C, SPACE]),
        (["*:example.org"], [A, B, C, SPACE, OTHER]),
        (["*:matrix.org", ""], []),
    ],
)
def test_a_pattern_stands_for_whole_aliases_in_their_case(
    patterns: list[str], skipped: list[RoomAlias]
) -> None:
    everything = references(A, B, C, SPACE, OTHER)
    asked, left_out = partition(matched(everything, map(Pattern, patterns)))
    assert [link.reference.target for link in left_out] == skipped
    left = (*asked, *(link.reference._replace(ignores=()) for link in left_out))
    assert sorted(left, key=everything.index) == list(everything)


@pytest.mark.parametrize(
    ("ignores", "patterns", "first"),
    [
        ((), [], None),
        ((), ["#b:*"], None),
        ((), ["#b:*", "#a:*", "*"], of_pattern(Pattern("#a:*"))),
        ((ignore(reason="members only"),), ["*"], ignore(reason="members only")),
        ((ignore("alias-not-found"),), [], None),
        ((ignore("alias-not-found"), ignore()), [], ignore()),
    ],
)
def test_a_link_is_skipped_for_the_first_ignore_without_a_code(
    ignores: tuple[Ignore, ...], patterns: list[str], first: Ignore | None
) -> None:
    _, skipped = partition(matched([linked(*ignores)], map(Pattern, patterns)))
    assert [link.ignore for link in skipped] == ([] if first is None else [first])


@pytest.mark.parametrize(
    ("answer", "code", "verdict"),
    [
        (ABSENT, "alias-not-found", None),
        (ABSENT, "not-joinable", Verdict.BROKEN),
        (UNKNOWN, UNKNOWN.reason, None),
        (UNKNOWN, "alias-not-found", Verdict.UNVERIFIED),
        (FOUND, "alias-not-found", Verdict.OK),
    ],
)
def test_a_silenced_finding_is_kept_apart_and_never_makes_a_link_ok(
    answer: Answer, code: str, verdict: Verdict | None
) -> None:
    silent, loud = judged(answer, ignore(code)), judged(answer)
    assert silent.verdict is verdict
    assert [*(finding for finding, _ in silent.ignored), *silent.findings] == list(loud.findings)
    assert all(finding.check.code == code for finding, _ in silent.ignored)
    assert all(finding.check.code != code for finding in silent.findings)


@pytest.mark.parametrize(
    ("answer", "codes", "told"),
    [
        (ABSENT, ["alias-not-found"], False),
        (FOUND, ["alias-not-found"], True),
        (FOUND, ["alias-not-found", "not-joinable"], True),
        (UNKNOWN, ["alias-not-found"], False),  # nobody answered
        (UNKNOWN, ["label-mismatch"], True),  # which needs no answer
        (FOUND, ["unreachable"], False),  # it may be again tomorrow
        (FOUND, ["room-moved"], False),  # nothing is recorded
        (FOUND, ["alias-not-fond"], True),
        (FOUND, [""], True),
    ],
)
def test_a_code_is_idle_if_the_run_could_have_found_it(answer: Answer, codes: list[str], told: bool) -> None:
    comment = ignore(*codes)
    report = Report((judged(answer, comment),))
    found = unused([comment], report, recorded={})
    assert [(link.reference.source, link.findings[0].check, link.verdict) for link in found] == (
        [(HERE, Check.UNUSED_IGNORE, None)] if told else []
    )


def test_a_recorded_room_that_did_not_move_makes_room_moved_idle() -> None:
    comment = ignore("room-moved")
    report = Report((judged(FOUND, comment),))
    assert len(unused([comment], report, recorded={A: ONE})) == 1


@pytest.mark.parametrize("comment", [ignore(), ignore("alias-not-found")])
def test_an_ignore_without_a_link_is_idle(comment: Ignore) -> None:
    assert len(unused([comment], Report(()), recorded={})) == 1
    assert unused([comment._replace(source=None)], Report(()), recorded={}) == ()


def test_an_ignore_of_a_skipped_link_is_in_use() -> None:
    comment, coded = ignore(), ignore("label-mismatch")
    _, skipped = partition([linked(comment, coded)])
    assert unused([comment, coded], Report((), skipped), recorded={}) == ()


def test_a_code_of_a_stretch_is_in_use_if_one_link_has_it() -> None:
    comment = ignore("alias-not-found")
    report = Report((judged(FOUND, comment), judged(ABSENT, comment)))
    assert unused([comment], report, recorded={}) == ()


def test_an_unknown_code_suggests_the_one_that_was_meant() -> None:
    comment = ignore("label-mismach")
    [link] = unused([comment], Report((judged(FOUND, comment),)), recorded={})
    assert link.findings[0].hint == "did you mean label-mismatch?"


def test_a_pattern_of_the_command_line_that_matches_nothing_is_named() -> None:
    patterns = [Pattern("#a:*"), Pattern("#z:*"), Pattern("#y:*", HERE)]
    assert list(idle(patterns, matched(references(A), patterns))) == ["--ignore '#z:*' matches no link"]
