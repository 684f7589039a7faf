"""The rules, on answers as a homeserver could give them."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from stashmatrix.checks.judge import divide, judge
from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.records.answers import Absent, Answer, Reason, Resolved, Unknown
from stashmatrix.records.findings import Check
from stashmatrix.records.reference import Reference, Source
from stashmatrix.records.results import FailOn, Report, Verdict

A, B, C, SPACE, OTHER = (RoomAlias(f"#{name}:example.org") for name in ("a", "b", "c", "space", "other"))
ONE, TWO = RoomId("!one:example.org"), RoomId("!two:example.org")
ABSENT = Absent(homeserver="https://example.org")
UNKNOWN = Unknown(reason=Reason.UNREACHABLE, detail="no connection")


def resolved(room_id: RoomId) -> Resolved:
    return Resolved(room_id=room_id, homeserver="https://example.org")


def references(*aliases: RoomAlias) -> tuple[Reference, ...]:
    """Return a reference a line to each alias; OTHER is another address of SPACE."""
    return tuple(
        Reference(
            source=Source("rooms.yaml", line, 1),
            text=alias,
            target=alias,
            alternative_to=SPACE if alias == OTHER else None,
        )
        for line, alias in enumerate(aliases, start=1)
    )


def found(report: Report, check: Check) -> dict[str, str]:
    """Return the messages of one kind by the alias that they stand on."""
    return {
        link.reference.target: finding.message
        for link in report.links
        for finding in link.findings
        if finding.check is check
    }


@pytest.mark.parametrize(
    ("answers", "later"),
    [
        ({A: resolved(ONE), B: resolved(TWO)}, {}),
        ({A: resolved(ONE), B: resolved(ONE)}, {B: A}),
        ({A: resolved(ONE), B: resolved(ONE), C: resolved(ONE)}, {B: A, C: A}),
        ({B: resolved(ONE), A: resolved(ONE)}, {A: B}),
        ({A: resolved(ONE), B: resolved(TWO), C: resolved(ONE)}, {C: A}),
        ({A: ABSENT, B: ABSENT}, {}),
        ({A: UNKNOWN, B: UNKNOWN}, {}),
        ({A: resolved(ONE), B: ABSENT, C: UNKNOWN}, {}),
        ({SPACE: resolved(ONE), OTHER: resolved(ONE)}, {}),
        ({OTHER: resolved(ONE), SPACE: resolved(ONE)}, {}),
        ({SPACE: resolved(ONE), OTHER: resolved(ONE), A: resolved(ONE)}, {A: SPACE}),
        ({A: resolved(ONE), SPACE: resolved(ONE), OTHER: resolved(ONE)}, {SPACE: A}),
        ({SPACE: resolved(ONE), OTHER: resolved(TWO), A: resolved(TWO)}, {A: OTHER}),
        ({SPACE: resolved(ONE), A: resolved(TWO), OTHER: resolved(TWO)}, {OTHER: A}),
    ],
)
def test_the_later_of_two_entries_for_one_room_names_the_first(
    answers: Mapping[RoomAlias, Answer], later: Mapping[RoomAlias, RoomAlias]
) -> None:
    messages = found(judge(references(*answers), answers), Check.DUPLICATE_TARGET)
    lines = {alias: line for line, alias in enumerate(answers, start=1)}
    assert messages == {
        alias: f"{alias} leads to the same room as {first} on line {lines[first]}: {answer.room_id}"
        for alias, first in later.items()
        if isinstance(answer := answers[alias], Resolved)
    }


def test_two_places_with_one_link_are_no_duplicate() -> None:
    assert found(judge(references(A, A), {A: resolved(ONE)}), Check.DUPLICATE_TARGET) == {}


def test_a_duplicate_is_a_warning_and_its_link_ok() -> None:
    report = judge(references(A, B), {A: resolved(ONE), B: resolved(ONE)})
    assert (report.count(Verdict.OK), report.warnings) == (2, 1)
    assert [report.fails(fail_on) for fail_on in FailOn] == [False, True, True]


@pytest.mark.parametrize(
    ("answer", "recorded", "moved"),
    [
        (resolved(ONE), {}, False),
        (resolved(ONE), {A: ONE}, False),
        (resolved(ONE), {B: TWO}, False),
        (resolved(ONE), {A: TWO}, True),
        (replace(resolved(ONE), by_resolver=True), {A: TWO}, False),
        (ABSENT, {A: TWO}, False),
        (UNKNOWN, {A: TWO}, False),
    ],
)
def test_a_room_has_moved_if_the_record_names_another(
    answer: Answer, recorded: Mapping[RoomAlias, RoomId], moved: bool
) -> None:
    report = judge(references(A), {A: answer}, recorded=recorded)
    message = f"{A} leads to {ONE}, and led to {TWO}: an upgrade, or somebody else's room under the old name"
    assert found(report, Check.ROOM_MOVED) == ({A: message} if moved else {})
    assert report.warnings == moved


@pytest.mark.parametrize(
    ("main", "other", "differs"),
    [
        (resolved(ONE), resolved(ONE), False),
        (resolved(ONE), resolved(TWO), True),
        (replace(resolved(ONE), by_resolver=True), resolved(TWO), False),
        (resolved(ONE), replace(resolved(TWO), by_resolver=True), False),
        (resolved(ONE), ABSENT, False),
        (UNKNOWN, resolved(TWO), False),
    ],
)
def test_an_address_differs_only_by_the_word_of_both_own_servers(
    main: Answer, other: Answer, differs: bool
) -> None:
    report = judge(references(SPACE, OTHER), {SPACE: main, OTHER: other})
    message = f"{OTHER} leads to {TWO}, but {SPACE} leads to {ONE}"
    assert found(report, Check.ADDRESS_DIFFERS) == ({OTHER: message} if differs else {})


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
    asked, left_out = divide(everything, patterns)
    assert [link.reference.target for link in left_out] == skipped
    assert sorted((*asked, *(link.reference for link in left_out)), key=everything.index) == list(everything)


@pytest.mark.parametrize(
    ("unchecked", "patterns", "reason"),
    [
        (None, [], None),
        (None, ["#b:*"], None),
        (None, ["#b:*", "#a:*", "*"], "--ignore '#a:*'"),
        ("members only", [], "members only"),
        ("members only", ["*"], "members only"),
    ],
)
def test_a_link_is_skipped_for_the_catalogue_s_reason_or_the_first_pattern(
    unchecked: str | None, patterns: list[str], reason: str | None
) -> None:
    everything = [reference._replace(unchecked=unchecked) for reference in references(A)]
    _, skipped = divide(everything, patterns)
    assert [link.reason for link in skipped] == ([] if reason is None else [reason])


def test_another_address_is_compared_with_no_skipped_space() -> None:
    asked, skipped = divide(references(SPACE, OTHER), [SPACE])
    report = judge(asked, {OTHER: resolved(TWO)}, skipped=skipped)
    assert [link.verdict for link in report.links] == [Verdict.OK]
    assert [link.reference.target for link in report.skipped] == [SPACE]
