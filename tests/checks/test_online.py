"""The findings about answers from a homeserver: when each is reported, in which words, and when not."""

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from stashmatrix.checks import ignores, offline, online
from stashmatrix.checks.judge import Questions, in_the_way, judge
from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.records.answers import Answer, Reason, Resolved, Summary, Unknown
from stashmatrix.records.findings import NOTES, Check, Finding, Severity
from stashmatrix.records.results import Verdict
from tests.support.links import (
    ABSENT,
    ONE,
    OTHER,
    SPACE,
    TWO,
    UNKNOWN,
    A,
    B,
    C,
    messages,
    references,
    resolved,
)

HIDES = "its server hides it from non-members: it is invite-only or restricted, or nobody is in it any more"
CUSTOM = "m.\u202ecustom"


def test_each_finding_is_a_function_of_its_name() -> None:
    functions = {
        name: module
        for module in (online, offline, ignores)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if inspect.signature(function).return_annotation == Iterable[Finding]
    }
    named = {check.name.lower() for check in Check if check.severity is not Severity.UNVERIFIED}
    assert set(functions) == {*named, "unverified"}


@pytest.mark.parametrize(
    ("answer", "absent"),
    [
        (ABSENT, True),
        (resolved(ONE), False),
        (replace(resolved(ONE), by_resolver=True), False),
        (UNKNOWN, False),
        (None, False),
    ],
)
def test_an_alias_is_not_found_only_by_the_word_of_its_own_server(
    answer: Answer | None, absent: bool
) -> None:
    report = judge(references(A), {} if answer is None else {A: answer})
    message = f"{A} does not exist: its own server says so (https://matrix.example.org)"
    assert messages(report, Check.ALIAS_NOT_FOUND) == ({A: message} if absent else {})
    assert (report.links[0].verdict is Verdict.BROKEN) is absent


@pytest.mark.parametrize(
    ("localpart", "is_open"),
    [
        ("irc_#stash", True),
        ("freenode_#stash", True),
        ("Freenode_#Stash", True),
        ("rizon.net_##stash", True),
        ("discord_1234_5678", True),
        ("telegram_stash", True),
        ("gitter_stashapp=2Fstash", True),
        ("slack_T012_C345", True),
        ("whatsapp_1234", True),
        ("signal_1234", True),
        ("_discord_1234_5678", True),
        ("_oftc_#stash", True),
        ("_", True),
        ("stash", False),
        ("irc", False),
        ("irc-stash", False),
        ("discord-stash", False),
        ("stash_discord_help", False),
        ("my_irc_room", False),
        ("ironic_comments", False),
        ("stash_", False),
        ("#stash", False),
    ],
)
def test_an_absent_alias_that_a_bridge_may_make_is_open(localpart: str, is_open: bool) -> None:
    alias, neighbour = RoomAlias(f"#{localpart}:example.org"), RoomAlias("#stash-help:example.org")
    report = judge(references(alias, neighbour), {alias: ABSENT, neighbour: ABSENT})
    message = (
        f"{alias} could not be checked: "
        "its server does not know it, but by its name a bridge makes it once somebody asks"
    )
    assert messages(report, Check.BRIDGE_ALIAS) == ({alias: message} if is_open else {})
    assert (alias in messages(report, Check.ALIAS_NOT_FOUND)) is not is_open
    assert [link.verdict for link in report.links] == [
        Verdict.UNVERIFIED if is_open else Verdict.BROKEN,
        Verdict.BROKEN,
    ]


def test_a_bridge_s_alias_that_is_there_is_a_room_like_any_other() -> None:
    alias = RoomAlias("#irc_#stash:example.org")
    [link] = judge(references(alias), {alias: resolved(ONE)}).links
    assert (link.findings, link.verdict) == ((), Verdict.OK)


@pytest.mark.parametrize("reason", Reason)
def test_a_link_is_unverified_for_the_reason_of_its_answer(reason: Reason) -> None:
    [link] = judge(references(A), {A: Unknown(reason=reason, detail="a\x1bb" + "x" * 300)}).links
    [finding] = link.findings
    assert (link.verdict, finding.check.code) == (Verdict.UNVERIFIED, reason)
    assert finding.message.startswith(f"{A} could not be checked: a\\x1bbx")
    assert len(finding.message) < 350


def test_a_link_without_an_answer_was_not_asked() -> None:
    report = judge(references(A, B), {A: resolved(ONE)})
    assert messages(report, Check.NOT_ASKED) == {
        B: f"{B} could not be checked: the run ended before the server answered"
    }
    assert [link.verdict for link in report.links] == [Verdict.OK, Verdict.UNVERIFIED]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (resolved(ONE), None),
        (replace(resolved(ONE), summary=Summary(members=7)), None),
        (replace(resolved(ONE), summary=Summary(members=7, join_rule="public")), None),
        (
            replace(resolved(ONE), hidden=True),
            HIDES,
        ),
        (replace(resolved(ONE), summary=Summary(members=7, join_rule="invite")), "it is invite-only"),
        (
            replace(resolved(ONE), summary=Summary(members=7, join_rule="knock")),
            "joining requires a request that a member accepts",
        ),
        (
            replace(resolved(ONE), summary=Summary(members=7, join_rule="restricted")),
            "only members of another room can join",
        ),
        (
            replace(resolved(ONE), summary=Summary(members=7, join_rule="knock_restricted")),
            "only members of another room can join; others need a request that a member accepts",
        ),
        (
            replace(resolved(ONE), summary=Summary(members=7, join_rule="\u202eprivate")),
            r"its join rule is '\u202eprivate'",
        ),
        (ABSENT, None),
        (UNKNOWN, None),
    ],
)
def test_a_room_is_not_joinable_if_its_server_says_or_hides_that(answer: Answer, why: str | None) -> None:
    report = judge(references(A), {A: answer})
    message = f"{A} exists, but a stranger cannot join it: {why}"
    assert messages(report, Check.NOT_JOINABLE) == ({} if why is None else {A: message})


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (replace(resolved(ONE), summary=Summary(members=7)), "an ordinary room"),
        (
            replace(resolved(ONE), summary=Summary(members=7, room_type=CUSTOM)),
            r"a room of type 'm.\u202ecustom'",
        ),
        (replace(resolved(ONE), summary=Summary(members=7, room_type="m.space")), None),
        (resolved(ONE), None),
        (replace(resolved(ONE), hidden=True), None),
        (ABSENT, None),
        (UNKNOWN, None),
    ],
)
def test_what_is_listed_as_a_space_is_another_room_only_if_its_server_says_so(
    answer: Answer, kind: str | None
) -> None:
    [reference] = references(A)
    report = judge([reference._replace(is_space=True)], {A: answer})
    message = f"{A} is listed as a space but is {kind}"
    assert messages(report, Check.NOT_A_SPACE) == ({} if kind is None else {A: message})
    assert messages(judge([reference], {A: answer}), Check.NOT_A_SPACE) == {}


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
    found = messages(judge(references(*answers), answers), Check.DUPLICATE_TARGET)
    lines = {alias: line for line, alias in enumerate(answers, start=1)}
    assert found == {
        alias: f"{alias} leads to the same room as {first} on line {lines[first]}: {answer.room_id}"
        for alias, first in later.items()
        if isinstance(answer := answers[alias], Resolved)
    }


def test_two_places_with_one_link_are_no_duplicate() -> None:
    assert messages(judge(references(A, A), {A: resolved(ONE)}), Check.DUPLICATE_TARGET) == {}


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
    message = (
        f"{A} now leads to {ONE}, before to {TWO}: an upgraded room, or another room that took the alias"
    )
    assert messages(report, Check.ROOM_MOVED) == ({A: message} if moved else {})
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
    assert messages(report, Check.ADDRESS_DIFFERS) == ({OTHER: message} if differs else {})


def of(**summary: Any) -> Resolved:  # noqa: ANN401 (of each field its own type)
    return replace(resolved(ONE), summary=Summary(**{"members": 7, **summary}))


MOVED = "This room has moved: https://matrix.to/#/%23new%3Aexample.org?via=example.org."


@pytest.mark.parametrize(
    ("check", "answer", "expected"),
    [
        (Check.NEARLY_EMPTY, of(members=1), f"{A} has one member"),
        (Check.NEARLY_EMPTY, of(members=0), f"{A} has no member"),
        (Check.NEARLY_EMPTY, of(members=2), None),
        (Check.NEARLY_EMPTY, resolved(ONE), None),
        (Check.NEARLY_EMPTY, UNKNOWN, None),
        (Check.ENCRYPTED, of(encryption="m.megolm.v1.aes-sha2"), f"{A} is encrypted"),
        (Check.ENCRYPTED, of(), None),
        (Check.ENCRYPTED, resolved(ONE), None),
        (Check.ROOM_SAYS_MOVED, of(topic=MOVED), f"{A} names #new:example.org in its topic: '{MOVED}'"),
        (
            Check.ROOM_SAYS_MOVED,
            of(topic="Replaced by !new:example.org\x1b[2J"),
            f"{A} names !new:example.org in its topic: 'Replaced by !new:example.org\\x1b[2J'",
        ),
        (Check.ROOM_SAYS_MOVED, of(topic="See #new:example.org, too"), None),
        (Check.ROOM_SAYS_MOVED, of(topic="Archived"), None),
        (Check.ROOM_SAYS_MOVED, of(topic=f"Moved here: {A}"), None),
        (Check.ROOM_SAYS_MOVED, of(topic=f"Moved here: {ONE}"), None),
        (Check.ROOM_SAYS_MOVED, of(topic=f"We moved to Matrix, {B}", canonical_alias=B), None),
        (Check.ROOM_SAYS_MOVED, of(topic="Log archive: https://example.org. Chat: #new:example.org"), None),
        (Check.ROOM_SAYS_MOVED, of(topic="Archived #2024: talks"), None),
        (Check.ROOM_SAYS_MOVED, of(), None),
    ],
)
def test_what_a_server_tells_of_a_room_may_be_a_note(
    check: Check, answer: Answer, expected: str | None
) -> None:
    report = judge(references(A), {A: answer}, notes=NOTES)
    assert messages(report, check) == ({} if expected is None else {A: expected})
    assert report.links[0].verdict is (Verdict.UNVERIFIED if answer is UNKNOWN else Verdict.OK)
    off = judge(references(A), {A: answer}, notes=NOTES - {check})
    assert messages(off, check) == {}


@pytest.mark.parametrize(
    ("answer", "there", "is_note"),
    [
        (of(canonical_alias=B), resolved(ONE), True),
        (of(canonical_alias=B), resolved(TWO), False),
        (of(canonical_alias=B), ABSENT, False),
        (of(canonical_alias=B), UNKNOWN, False),
        (of(canonical_alias=B), replace(resolved(ONE), by_resolver=True), False),
        (of(canonical_alias=B), None, False),
        (of(canonical_alias=A), resolved(ONE), False),
        (of(), resolved(ONE), False),
        (replace(of(canonical_alias=B), by_resolver=True), resolved(ONE), False),
    ],
)
def test_another_canonical_alias_is_a_note_if_it_leads_to_the_same_room(
    answer: Answer, there: Answer | None, is_note: bool
) -> None:
    report = judge(references(A), {A: answer} | ({} if there is None else {B: there}))
    expected = {A: f"{A} works, but the room calls itself {B}"} if is_note else {}
    assert messages(report, Check.NOT_CANONICAL) == expected
    assert (
        messages(judge(references(A), {A: answer, B: resolved(ONE)}, notes=frozenset()), Check.NOT_CANONICAL)
        == {}
    )


def test_another_address_of_the_space_is_not_to_be_canonical() -> None:
    answers = {SPACE: of(canonical_alias=SPACE), OTHER: of(canonical_alias=SPACE)}
    assert messages(judge(references(SPACE, OTHER), answers), Check.NOT_CANONICAL) == {}


@pytest.mark.parametrize(
    ("answer", "helps"),
    [
        (UNKNOWN, True),
        (replace(resolved(ONE), hidden=True), True),
        (of(join_rule="invite"), True),
        (of(join_rule="public"), False),
        (resolved(ONE), False),
        (ABSENT, False),
        (Unknown(reason=Reason.NOT_ASKED, detail="x"), False),
        (Unknown(reason=Reason.SERVER_NOT_FOUND, detail="x"), False),
        (Unknown(reason=Reason.RATE_LIMITED, detail="x"), False),
        (Unknown(reason=Reason.REFUSED, detail="x"), True),
    ],
)
def test_the_contact_of_a_server_that_is_in_the_way_stands_in_the_hint(answer: Answer, helps: bool) -> None:
    asked = Questions(frozenset([A]), {})
    assert in_the_way(asked, {A: answer, RoomAlias("#canonical:other.example"): UNKNOWN}) == (
        frozenset([A.server_name]) if helps else frozenset()
    )
    contacts = {A.server_name: "root@\x1bexample.org"}
    [link] = judge(references(A), {A: answer}, contacts=contacts).links
    hints = [
        finding.hint
        for finding in link.findings
        if finding.hint.endswith(r"example.org: root@\x1bexample.org")
    ]
    assert bool(hints) is (helps or isinstance(answer, Unknown))
