"""What would mend a link: which findings have it, what it is, whether it is safe, and what leaves it out."""

from collections.abc import Mapping

import pytest

from stashmatrix.checks.judge import judge, judge_offline
from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.records.answers import Answer, Resolved, Summary
from stashmatrix.records.findings import NOTES, Check, Fix
from stashmatrix.records.reference import Reference, Source
from tests.support.links import ABSENT, ONE, TWO, UNKNOWN, link, resolved

HELP, OTHER = RoomAlias("#help:a.org"), RoomAlias("#other:b.org")
URL, OTHER_URL = "https://matrix.to/#/#help:a.org", "https://matrix.to/#/#other:b.org"
ROOM = "https://matrix.to/#/!one:example.org"
URI, ELEMENT = "matrix:roomid/one:example.org", "https://app.element.io/#/room/!one:example.org"
START, LABEL_START = 100, 50


def placed(address: str, label: str | None = None) -> Reference:
    """Return a link that stands somewhere in a file, as does its label."""
    return link(address, label)._replace(start=START, label_start=None if label is None else LABEL_START)


def fixes(reference: Reference, answers: Mapping[RoomAlias, Answer] | None = None) -> list[tuple[Check, Fix]]:
    report = (
        judge_offline([reference], notes=NOTES)
        if answers is None
        else judge([reference], answers, notes=NOTES, rooms={})
    )
    return [(finding.check, finding.fix) for _, finding in report.findings if finding.fix is not None]


@pytest.mark.parametrize(
    ("address", "check", "replacement", "safe"),
    [
        ("https://matrix.to/#help:a.org", Check.MALFORMED_LINK, URL, True),
        ("https://matrix.to/#/#help:a.org,", Check.MALFORMED_ALIAS, URL, True),
        ("http://matrix.to/#/#help:a.org", Check.UNTIDY_LINK, URL, True),
        ("https://matrix.to/#/help:a.org", Check.MALFORMED_LINK, URL, False),
        ("matrix.to/#help:a.org", Check.MALFORMED_LINK, URL, False),
        ("https://riot.im/app/#/room/#help:a.org", Check.RETIRED_HOST, URL, False),
        (ROOM, Check.MISSING_VIA, f"{ROOM}?via=example.org", False),
        (f"{URI}?action=join", Check.MISSING_VIA, f"{URI}?action=join&via=example.org", False),
        (ELEMENT, Check.MISSING_VIA, f"{ELEMENT}?via=example.org", False),
        (
            "https://app.element.io/?a=b#/room/!one:example.org",
            Check.MISSING_VIA,
            "https://app.element.io/?a=b#/room/!one:example.org?via=example.org",
            False,
        ),
    ],
)
def test_a_link_is_mended_whole_by_what_it_means(
    address: str, check: Check, replacement: str, safe: bool
) -> None:
    assert fixes(placed(address)) == [(check, Fix(START, START + len(address), replacement, safe))]


@pytest.mark.parametrize(
    "reference",
    [
        placed(URL),
        placed("https://matrix.to/#/+group:a.org"),
        placed("https://matrix.to/#/#help"),
        placed("https://matrix.to/#/!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM"),
        placed(URL, "#other:b.org"),
        # written otherwise than it reads, or nobody knows where
        placed("https://matrix.to/#help:a.org")._replace(start=None),
        # a character that some format or program would take for something else
        placed("https://matrix.to/#caf\u00e9:a.org"),
        placed("https://matrix.to/!id:a.org/event"),
    ],
)
def test_nothing_is_mended_that_is_right_or_whose_repair_is_unknown_or_cannot_be_written(
    reference: Reference,
) -> None:
    assert fixes(reference) == []


@pytest.mark.parametrize("path", ["Makefile", "docs/rules.mk", "CMakeLists.txt", "chat.sh"])
@pytest.mark.parametrize(
    ("address", "is_mended"),
    [
        # a # would begin a comment, and & end a command
        ("https://matrix.to/!one:example.org", False),
        ("https://matrix.to/%23/%23help:a.org", False),
        (f"http{ROOM[5:]}?via=a.org?via=b.org", False),
        ("https://matrix.to/#help:a.org", True),
        (f"http{ROOM[5:]}?via=a.org", True),
    ],
)
def test_no_new_character_is_written_that_means_something_to_a_shell_or_to_make(
    path: str, address: str, is_mended: bool
) -> None:
    assert bool(fixes(link(address, path=path)._replace(start=START))) is is_mended
    assert fixes(link(address)._replace(start=START))


def of(room_id: RoomId, canonical: RoomAlias | None = None) -> Resolved:
    return Resolved(
        room_id=room_id, homeserver="https://a.org", summary=Summary(members=9, canonical_alias=canonical)
    )


@pytest.mark.parametrize(
    ("label", "target"),
    [
        (UNKNOWN, ABSENT),
        (ABSENT, UNKNOWN),
        (resolved(ONE), resolved(TWO)),
        (resolved(ONE), resolved(ONE)),
        (ABSENT, ABSENT),
        (UNKNOWN, UNKNOWN),
        (Resolved(room_id=ONE, homeserver="https://a.org", by_resolver=True), ABSENT),
    ],
)
def test_label_and_link_stay_unless_one_is_proven_to_be_there_and_the_other_to_be_gone(
    label: Answer, target: Answer
) -> None:
    assert fixes(placed(OTHER_URL, HELP), {HELP: label, OTHER: target}) == []


def test_a_link_is_mended_towards_its_label_if_only_the_labels_room_is_there() -> None:
    fix = Fix(START, START + len(OTHER_URL), URL, safe=False)
    assert fixes(placed(OTHER_URL, HELP), {HELP: resolved(ONE), OTHER: ABSENT}) == [
        (Check.LABEL_MISMATCH, fix)
    ]


def test_a_label_is_mended_towards_its_link_if_only_the_links_room_is_there() -> None:
    fix = Fix(LABEL_START, LABEL_START + len(HELP), OTHER, safe=False)
    answers: dict[RoomAlias, Answer] = {HELP: ABSENT, OTHER: resolved(ONE)}
    assert fixes(placed(OTHER_URL, HELP), answers) == [(Check.LABEL_MISMATCH, fix)]
    assert fixes(placed(OTHER_URL, HELP)._replace(label_start=None), answers) == []
    assert fixes(placed(OTHER_URL, f"`{HELP}`"), answers) == []


@pytest.mark.parametrize(
    ("address", "replacement"),
    [
        (URL, OTHER_URL),
        ("https://matrix.to/#/%23help:a.org", OTHER_URL),
        ("matrix:r/help:a.org", "matrix:r/other:b.org"),
        ("matrix:r/help:a.org?action=join", "matrix:r/other:b.org?action=join"),
        ("https://app.element.io/#/room/#help:a.org", "https://app.element.io/#/room/#other:b.org"),
        ("https://app.element.io/#/room/%23help%3Aa.org", "https://app.element.io/#/room/#other:b.org"),
        ("#help:a.org", "#other:b.org"),
        ("https://matrix.to/#/#help:a.org/$event", None),
        ("https://img.shields.io/matrix/help:a.org", None),
    ],
)
def test_a_link_is_led_to_the_alias_that_the_room_calls_its_own_in_its_own_form(
    address: str, replacement: str | None
) -> None:
    found = fixes(placed(address), {HELP: of(ONE, OTHER), OTHER: of(ONE, OTHER)})
    expected = (
        []
        if replacement is None
        else [(Check.NOT_CANONICAL, Fix(START, START + len(address), replacement, safe=False))]
    )
    assert found == expected


def test_an_entry_of_a_catalogue_is_led_there_as_well() -> None:
    entry = Reference(Source("rooms.yaml", 3, 5), text=HELP, target=HELP, start=START)
    fix = Fix(START, START + len(HELP), OTHER, safe=False)
    answers = {HELP: of(ONE, OTHER), OTHER: of(ONE, OTHER)}
    assert fixes(entry, answers) == [(Check.NOT_CANONICAL, fix)]
    assert fixes(entry, {HELP: of(ONE, OTHER), OTHER: of(TWO)}) == []


def test_the_server_of_an_alias_that_this_run_found_in_a_room_is_one_to_join_it_through() -> None:
    fix = Fix(START, START + len(ROOM), f"{ROOM}?via=a.org", safe=False)
    answers = {OTHER: resolved(TWO), HELP: resolved(ONE)}
    assert fixes(placed(ROOM), answers) == [(Check.MISSING_VIA, fix)]


def test_a_link_with_two_faults_has_a_fix_for_each() -> None:
    found = fixes(placed("https://riot.im/app/#/room/!one:example.org"))
    assert [check for check, _ in found] == [Check.MISSING_VIA, Check.RETIRED_HOST]


def test_an_alias_that_is_gone_becomes_the_one_that_a_server_found_near_it() -> None:
    gone = RoomAlias("#he-lp:a.org")
    links = [placed(f"matrix:r/{gone[1:]}"), placed(URL)]
    report = judge(links, {gone: ABSENT, HELP: resolved(ONE)})
    [(link, finding)] = report.findings
    assert finding.check is Check.ALIAS_NOT_FOUND
    assert finding.fix == Fix(START, START + len(link.reference.text), "matrix:r/help:a.org", safe=False)
    assert [finding.fix for _, finding in judge(links, {gone: ABSENT, HELP: UNKNOWN}).findings] == [
        None,
        None,
    ]


def test_a_room_of_the_same_name_on_another_server_is_only_shown() -> None:
    gone = RoomAlias("#help:b.org")
    report = judge([placed(f"matrix:r/{gone[1:]}"), placed(URL)], {gone: ABSENT, HELP: resolved(ONE)})
    [(_, finding)] = report.findings
    assert (finding.own_hint is not None, finding.fix) == (True, None)
