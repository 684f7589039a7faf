"""The findings that need no network: what each is about, in which words, and what leaves it silent."""

from collections.abc import Iterable

import pytest

from stashmatrix.catalogue.reading import bundled, load
from stashmatrix.checks.judge import judge, judge_offline, questions
from stashmatrix.matrix.hosts import RETIRED_HOSTS, RETIRED_SERVERS
from stashmatrix.matrix.identifiers import RoomAlias, RoomId, ServerName
from stashmatrix.records.answers import Answer
from stashmatrix.records.findings import Check, Finding, Severity
from stashmatrix.records.reference import Item, Reference
from stashmatrix.records.results import Verdict
from tests.support.links import ABSENT, ONE, TWO, UNKNOWN, A, link, messages, references, resolved

HASH = "31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM"
HELP, OTHER = "https://matrix.to/#/#help:a.org", "https://matrix.to/#/#other:a.org"
BADGE = "https://img.shields.io/matrix/help:a.org"
LIST = 1


def findings(check: Check, *links: Reference) -> list[Finding]:
    report = judge_offline(links)
    return [finding for link in report.links for finding in link.findings if finding.check is check]


def assert_finds(check: Check, reference: Reference, message: str | None, hint: str | None = None) -> None:
    """Hold what one link gives: the end of the message, and the hint, if not the usual one."""
    found = findings(check, reference)
    assert len(found) == (message is not None)
    for finding in found:
        assert finding.message.endswith(message or "")
        assert finding.hint == (hint or check.hint)


@pytest.mark.parametrize(
    ("address", "message", "hint"),
    [
        (
            "https://matrix.to/#help:a.org",
            "'https://matrix.to/#help:a.org' opens nothing: it does not begin with https://matrix.to/#/",
            f"write {HELP}",
        ),
        (
            "https://matrix.to/%23/%23help:a.org",
            "it does not begin with https://matrix.to/#/",
            f"write {HELP}",
        ),
        ("https://matrix.to/#/room/#help:a.org", "is a part of web clients' URLs", f"write {HELP}"),
        ("https://matrix.to/#/%2523help:a.org", "it is percent-encoded twice", f"write {HELP}"),
        ("https://matrix.to/#/#he\x1blp", "it names no server (:example.org)", None),
        ("matrix:r/#help:a.org", "a matrix: URI is written without #, ! or @", "write matrix:r/help:a.org"),
        (HELP, None, None),
        ("https://matrix.to:/#/#help:a.org", None, None),
        ("matrix:r/help:a.org", None, None),
        ("https://matrix.to/#/#help:exa_mple.org", None, None),
        ("https://matrix.to/#/", None, None),
        (BADGE, None, None),
        ("#help:a.org", None, None),
    ],
)
def test_a_malformed_link_is_shown_with_the_right_one(
    address: str, message: str | None, hint: str | None
) -> None:
    if "\x1b" in address:
        [finding] = findings(Check.MALFORMED_LINK, link(address))
        assert r"he\x1blp" in finding.message
    else:
        assert_finds(Check.MALFORMED_LINK, link(address), message, hint)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("https://matrix.to/#/#help:exa_mple.org", "'exa_mple.org' is not a server name"),
        ("https://app.element.io/#/room/#help:exa_mple.org", "'exa_mple.org' is not a server name"),
        ("https://matrix.to/#/#help:a.org:99999", "port 99999 of 'a.org:99999' is above 65535"),
        (HELP, None),
        ("https://matrix.to/#/#help", None),
        ("https://a.org/#/docs/@scope:exa_mple", None),
    ],
)
def test_an_alias_that_matrix_does_not_allow_is_malformed(address: str, message: str | None) -> None:
    assert_finds(Check.MALFORMED_ALIAS, link(address), message)


@pytest.mark.parametrize(
    ("address", "label", "message"),
    [
        ("#", "#help:a.org", "'#' opens nothing: the link leads nowhere"),
        ("", "`#help:a.org`", "'' opens nothing: the link leads nowhere"),
        ("https://matrix.to/#/", "#help", "opens nothing: the link names no room"),
        ("https://matrix.to/#/?via=a.org", "Chat", "opens nothing: the link names no room"),
        ("#", "back to the top", None),
        ("#", None, None),
        ("https://matrix.to/#/", None, None),
        ("https://matrix.to/#/", "matrix.to", None),
        ("https://matrix.to/#/", "https://Matrix.to/#/", None),
        ("https://matrix.to/", "Chat", None),
        (HELP, "Chat", None),
    ],
)
def test_a_target_is_empty_if_the_label_promises_a_room(
    address: str, label: str | None, message: str | None
) -> None:
    assert_finds(Check.EMPTY_TARGET, link(address, label), message)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("https://matrix.to/#/+group:a.org", "opens nothing: Matrix no longer has groups"),
        ("https://riot.im/app/#/group/%2Bgroup:a.org", "opens nothing: Matrix no longer has groups"),
        ("https://matrix.to/#/#+group:a.org", None),
        (HELP, None),
    ],
)
def test_a_link_to_a_group_is_reported(address: str, message: str | None) -> None:
    assert_finds(Check.GROUP_LINK, link(address), message)


LEADS = "the label is #help:a.org, but the link leads to #other:a.org"


@pytest.mark.parametrize(
    ("address", "label", "message"),
    [
        (OTHER, "#help:a.org", LEADS),
        (OTHER, " `#help:a.org` ", LEADS),
        (OTHER, r"**\#help:a.org**", LEADS),
        (OTHER, "&#35;help:a.org", LEADS),
        (OTHER, "%23help:a.org", LEADS),
        ("matrix:r/other:a.org", "#help:a.org", LEADS),
        ("https://app.element.io/#/room/#other:a.org", "#help:a.org", LEADS),
        ("https://matrix.to/#other:a.org", "#help:a.org", LEADS),
        ("https://matrix.to/#/#help:b.org", "#help:a.org", "leads to #help:b.org"),
        ("https://matrix.to/#/@help:a.org", "#help:a.org", "leads to @help:a.org"),
        (
            HELP,
            "#Help:a.org",
            "#Help:a.org, but the link leads to #help:a.org: the case of letters counts in an alias",
        ),
        (BADGE, "#other:a.org", "the label is #other:a.org, but the link leads to #help:a.org"),
        # the same, in another way
        (HELP, "#help:a.org", None),
        (HELP, "#help:A.org", None),
        (HELP, r"\#help:a\.org", None),
        ("https://matrix.to/#/#a_b:a.org", r"#a\_b:a.org", None),
        ("https://matrix.to/#/#a*b:a.org", r"`#a*b:a.org`", None),
        ("https://matrix.to/#/%23a%26b:a.org", "#a&amp;b:a.org", None),
        ("https://matrix.to/#/#caf%C3%A9:a.org", "#café:a.org", None),
        ("https://matrix.to/#/#caf%C3%A9:a.org", "#caf%C3%A9:a.org", None),
        ("https://matrix.to/#/%23a%20b:a.org", "#ab:a.org", None),
        ("https://matrix.to/#/%23a%252Bb:a.org", "#a%2Bb:a.org", None),
        # no alias
        (OTHER, None, None),
        (OTHER, "#help", None),
        (OTHER, "#help:a", None),
        (OTHER, "#help.a.org", None),
        (OTHER, "help:a.org", None),
        (OTHER, "Help", None),
        (OTHER, "join #help:a.org", None),
        (OTHER, "#help:a.org or #other:a.org", None),
        (OTHER, "#1:1.5", None),
        (OTHER, "#" + "x" * 2000 + ":a.org", None),
        (OTHER, "https://matrix.to/#/#help:a.org", None),
        # nothing to compare with
        (OTHER, "#room:example.org", None),
        (f"https://matrix.to/#/!{HASH}?via=a.org", "#help:a.org", None),
        ("#", "#help:a.org", None),
        ("https://matrix.to/#/+help:a.org", "#help:a.org", None),
        ("#other:a.org", "#help:a.org", None),
    ],
)
def test_a_label_that_is_an_alias_must_be_that_of_its_link(
    address: str, label: str | None, message: str | None
) -> None:
    assert_finds(Check.LABEL_MISMATCH, link(address, label), message)


@pytest.mark.parametrize(
    ("around", "message"),
    [
        (OTHER, "the badge is that of #help:a.org, but its link leads to #other:a.org"),
        ("https://app.element.io/#/room/#other:a.org", "its link leads to #other:a.org"),
        (HELP, None),
        ("matrix:r/help:a.org", None),
        (f"https://matrix.to/#/!{HASH}?via=a.org", None),
        ("https://matrix.to/#/@other:a.org", None),
        ("https://a.org/chat", None),
        ("", None),
    ],
)
def test_a_badge_must_be_that_of_its_link(around: str, message: str | None) -> None:
    assert_finds(Check.LABEL_MISMATCH, link(BADGE, "#other:a.org", around=around), message)


def test_a_badge_of_a_room_id_is_compared_with_nothing() -> None:
    badge = link("https://img.shields.io/matrix/!a:b.org", around=OTHER)
    assert findings(Check.LABEL_MISMATCH, badge) == []


def entry(
    line: int, label: str | None, address: str = HELP, *, among: int = LIST, path: str = "docs/a.md"
) -> Reference:
    return link(address, label, line=line, item=Item(among, line), path=path)


@pytest.mark.parametrize(
    ("links", "lines"),
    [
        ([entry(2, "Help"), entry(3, "News")], [2]),
        ([entry(2, "Help"), entry(3, "News"), entry(4, "Off topic")], [2, 2]),
        ([entry(2, "Help"), entry(3, "Talk", OTHER), entry(4, "News")], [2]),
        ([entry(2, "Help"), entry(3, "News", "matrix:r/help:a.org")], [2]),
        ([entry(2, "Help", f"matrix:roomid/{HASH}"), entry(3, "News", f"https://matrix.to/#/!{HASH}")], [2]),
        # the same label, or none
        ([entry(2, "Help"), entry(3, "Help")], []),
        ([entry(2, "The Help"), entry(3, "**the**  `help`")], []),
        ([entry(2, "Help"), entry(3, None)], []),
        ([entry(2, None), entry(3, "News")], []),
        # another entry, list, file or target
        ([entry(2, "Help"), entry(2, "News")], []),
        ([entry(2, "Help"), entry(3, "News", among=7)], []),
        ([entry(2, "Help"), entry(3, "News", path="docs/b.md")], []),
        ([entry(2, "Help"), entry(3, "News", OTHER)], []),
        ([link(HELP, "Help", line=2), link(HELP, "News", line=3)], []),
        # no rooms
        ([entry(2, "Ann", "matrix:u/ann:a.org"), entry(3, "Author", "matrix:u/ann:a.org")], []),
        ([entry(2, "One", "matrix:roomid/a:b.org/e/f"), entry(3, "Two", "matrix:roomid/a:b.org/e/g")], []),
        ([entry(2, "Help"), entry(3, "Badge", BADGE)], []),
        # a wrong label is a finding of its own
        ([entry(2, "Help"), entry(3, "#other:a.org")], []),
        ([entry(2, "#other:a.org"), entry(3, "Help")], []),
    ],
)
def test_two_entries_of_one_list_for_one_room_are_duplicates(
    links: list[Reference], lines: list[int]
) -> None:
    found = findings(Check.DUPLICATE_TARGET, *links)
    assert [finding.message.rpartition(" at ")[2].partition(": ")[0] for finding in found] == [
        f"docs/a.md:{line}" for line in lines
    ]


def test_a_duplicate_names_both_labels_and_the_first_place() -> None:
    [finding] = findings(Check.DUPLICATE_TARGET, entry(2, "Help"), entry(3, "News"))
    assert finding.message == "'News' leads to the same room as 'Help' at docs/a.md:2: #help:a.org"


def test_documents_may_lead_to_one_room_by_many_aliases() -> None:
    links = link(HELP, line=2), link(OTHER, line=3), link(HELP, line=4)
    answers = {RoomAlias("#help:a.org"): resolved(ONE), RoomAlias("#other:a.org"): resolved(ONE)}
    assert [found.findings for found in judge(links, answers).links] == [(), (), ()]


@pytest.mark.parametrize(
    ("address", "found"),
    [
        (f"https://matrix.to/#/!{HASH}", True),
        ("https://matrix.to/#/!a:b.org", True),
        ("https://matrix.to/#/!a:b.org/$event", True),
        ("https://matrix.to/#/!a:b.org?via=no_name", True),
        ("matrix:roomid/a:b.org", True),
        ("https://app.element.io/#/room/!a:b.org", True),
        (f"https://matrix.to/#/!{HASH}?via=a.org", False),
        ("https://matrix.to/#/!a:b.org?via=a.org?via=b.org", False),
        ("matrix:roomid/a:b.org?via=a.org", False),
        ("https://img.shields.io/matrix/!a:b.org", False),
        ("!a:b.org", False),
        (HELP, False),
        ("https://matrix.to/#/@help:a.org", False),
    ],
)
def test_a_link_to_a_room_id_needs_a_server_to_join_through(address: str, found: bool) -> None:
    target = link(address).target
    message = f"the link to {target} names no server to join through"
    assert_finds(Check.MISSING_VIA, link(address), message if found else None)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (
            "https://matrix.to/#/%23a%2Fb:a.org",
            "#a/b:a.org cannot be opened from this link: matrix.to and Element misread the / in it",
        ),
        ("https://matrix.to/#/%23a%3Fb:a.org", "misread the ? in it"),
        ("https://matrix.to/#/%23a%25b:a.org", "misread the % in it"),
        ("https://app.element.io/#/room/%23a%2Fb:a.org", "misread the / in it"),
        ("https://matrix.to/#/#help:intranet", "'intranet' names no server that others can find"),
        ("matrix:r/help:intranet", "'intranet' names no server that others can find"),
        ("matrix:r/a%2Fb:a.org", None),
        ("https://matrix.to/#/##a=b:a.org", None),
        ("https://matrix.to/#/#help:intranet:8448", None),
        ("https://matrix.to/#/%23help:%5B2001:db8::1%5D", None),
        ("https://matrix.to/#/#help:localhost", None),
        ("https://matrix.to/#/#alias:server", None),
        ("https://matrix.to/#/@help:intranet", None),
        ("https://img.shields.io/matrix/help:intranet", None),
        ("#a/b:a.org", None),
        (HELP, None),
    ],
)
def test_an_alias_must_be_one_that_clients_can_open(address: str, message: str | None) -> None:
    assert_finds(Check.UNOPENABLE_ALIAS, link(address), message)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (
            "https://riot.im/app/#/room/#help:a.org",
            "'https://riot.im/app/#/room/#help:a.org' leads to a former client: Riot is Element since 2020",
        ),
        ("http://www.Riot.im/develop/#/room/#help:a.org", "Riot is Element since 2020"),
        ("https://vector.im/beta/#/room/#help:a.org", "and Riot is Element since 2020"),
        ("https://app.element.io/#/room/#help:a.org", None),
        ("https://riot.a.org/#/room/#help:a.org", None),
        ("https://riot.im/app/", None),
        (HELP, None),
    ],
)
def test_a_former_client_is_replaced_by_matrix_to(address: str, message: str | None) -> None:
    assert_finds(Check.RETIRED_HOST, link(address), message, f"write {HELP}")


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://matrix.to/#/#python:libera.chat", True),
        ("matrix:u/ann:libera.chat", True),
        ("#python:libera.chat", True),
        ("https://img.shields.io/matrix/python:libera.chat", True),
        ("https://matrix.to/#/!a:libera.chat?via=a.org", False),
        ("https://matrix.to/#/#libera.chat:a.org", False),
        ("https://matrix.to/#/#python:irc.libera.chat", False),
        (HELP, False),
    ],
)
def test_a_server_that_has_ended_is_named_with_its_source(address: str, found: bool) -> None:
    target = link(address).target
    message = (
        f"{target}: the homeserver libera.chat has ended "
        "(2024-01-07, https://matrix.org/blog/2023/12/libera-chat-alias-cleanup/)"
    )
    assert_finds(Check.RETIRED_SERVER, link(address), message if found else None)


def test_an_entry_of_a_catalogue_is_warned_of_its_server_and_of_nothing_else() -> None:
    for alias, codes in (("#a:feneas.org", ["retired-server"]), ("#a/b:intranet", []), ("#a:b.org", [])):
        [checked] = judge_offline(references(RoomAlias(alias))).links
        assert [finding.check.code for finding in checked.findings] == codes


def test_what_is_known_of_hosts_is_well_formed() -> None:
    assert [ServerName(name) for name in RETIRED_SERVERS] == list(RETIRED_SERVERS)
    assert all(server.source.startswith("https://") for server in RETIRED_SERVERS.values())
    assert all(host == host.lower() for host in (*RETIRED_HOSTS, *RETIRED_SERVERS))


def test_the_bundled_catalogue_has_its_two_notes_and_no_other_finding() -> None:
    report = judge_offline(load(bundled("rooms.yaml")).references())
    found = [finding.check for checked in report.links for finding in checked.findings]
    assert (len(report.links), found) == (54, [Check.PUBLISHED_LINK_DIFFERS] * 2)


@pytest.mark.parametrize("answer", [resolved(ONE), ABSENT, UNKNOWN])
@pytest.mark.parametrize(
    ("published", "message"),
    [
        (None, None),
        ("https://matrix.to/#/#b\x1b:x", rf"the published page linked {A} to https://matrix.to/#/#b\x1b:x"),
    ],
)
def test_a_wrong_link_on_the_page_is_repeated_whatever_the_server_says(
    answer: Answer, published: str | None, message: str | None
) -> None:
    [reference] = references(A)
    report = judge([reference._replace(published_link=published)], {A: answer})
    assert messages(report, Check.PUBLISHED_LINK_DIFFERS) == ({} if message is None else {A: message})


MISMATCH = link(OTHER, "#help:a.org")
HELP_ALIAS, OTHER_ALIAS = RoomAlias("#help:a.org"), RoomAlias("#other:a.org")


@pytest.mark.parametrize(
    ("reference", "verdict", "needs", "also"),
    [
        (link(HELP), None, True, None),
        (link(HELP, "#help:a.org"), None, True, None),
        (link(BADGE), None, True, None),
        (link("#help:a.org"), None, True, None),
        (link("matrix:roomid/a:b.org?via=a.org"), None, True, None),
        (link("matrix:roomid/a:b.org"), None, False, None),
        (link("!a:b.org"), None, False, None),
        (link("https://matrix.to/#/@ann:a.org"), None, False, None),
        (link("https://matrix.to/#/@ann:a.org", "#help:a.org"), Verdict.BROKEN, False, None),
        (link("https://matrix.to/#help:a.org"), Verdict.BROKEN, False, None),
        (link("https://matrix.to/#/", "Help"), Verdict.BROKEN, False, None),
        (link("https://matrix.to/#/"), None, False, None),
        (MISMATCH, Verdict.BROKEN, True, HELP_ALIAS),
        (link(BADGE, around=OTHER), Verdict.BROKEN, True, OTHER_ALIAS),
        (*references(A), None, True, None),
    ],
)
def test_offline_a_link_is_broken_or_open_and_only_an_open_question_is_asked(
    reference: Reference, verdict: Verdict | None, needs: bool, also: RoomAlias | None
) -> None:
    [checked] = judge_offline([reference]).links
    assert (checked.verdict, checked.answer) == (verdict, None)
    asked = questions([reference])
    expected = [alias for alias in (reference.target, also) if needs and isinstance(alias, RoomAlias)]
    assert asked.aliases == set(expected)
    assert bool(asked.rooms) == (needs and isinstance(reference.target, RoomId))


def codes(found: Iterable[Finding]) -> list[str]:
    return [f"{finding.severity} {finding.check.code}" for finding in found]


@pytest.mark.parametrize(
    ("answers", "verdict", "found"),
    [
        ({OTHER_ALIAS: resolved(ONE), HELP_ALIAS: resolved(ONE)}, Verdict.OK, ["note label-mismatch"]),
        ({OTHER_ALIAS: resolved(ONE), HELP_ALIAS: resolved(TWO)}, Verdict.BROKEN, ["error label-mismatch"]),
        ({OTHER_ALIAS: resolved(ONE), HELP_ALIAS: ABSENT}, Verdict.BROKEN, ["error label-mismatch"]),
        ({OTHER_ALIAS: resolved(ONE)}, Verdict.BROKEN, ["error label-mismatch"]),
        (
            {OTHER_ALIAS: ABSENT, HELP_ALIAS: resolved(ONE)},
            Verdict.BROKEN,
            ["error alias-not-found", "error label-mismatch"],
        ),
        ({}, Verdict.BROKEN, ["unverified not-asked", "error label-mismatch"]),
    ],
)
def test_two_aliases_of_one_room_in_a_link_are_worth_a_note(
    answers: dict[RoomAlias, Answer], verdict: Verdict, found: list[str]
) -> None:
    [checked] = judge([MISMATCH], answers).links
    assert (checked.verdict, codes(checked.findings)) == (verdict, found)


def test_the_note_names_both_aliases() -> None:
    report = judge([MISMATCH], {OTHER_ALIAS: resolved(ONE), HELP_ALIAS: resolved(ONE)})
    [finding] = report.links[0].findings
    assert finding.message == "#other:a.org and #help:a.org are two aliases of one room"
    assert (finding.hint, finding.severity) == ("write the same alias in both places", Severity.NOTE)


@pytest.mark.parametrize(
    ("address", "answer", "verdict", "found"),
    [
        ("matrix:roomid/one:example.org?via=a.org", resolved(ONE), Verdict.OK, []),
        ("matrix:roomid/one:example.org?via=a.org", ABSENT, Verdict.UNVERIFIED, ["unverified refused"]),
        ("matrix:roomid/one:example.org?via=a.org", UNKNOWN, Verdict.UNVERIFIED, ["unverified unreachable"]),
        ("matrix:roomid/one:example.org?via=a.org", None, Verdict.UNVERIFIED, ["unverified not-asked"]),
        ("matrix:roomid/one:example.org", None, None, ["warning missing-via"]),
    ],
)
def test_no_answer_proves_a_room_id_absent(
    address: str, answer: Answer | None, verdict: Verdict | None, found: list[str]
) -> None:
    [checked] = judge([link(address)], {}, rooms={} if answer is None else {ONE: answer}).links
    assert (checked.verdict, codes(checked.findings)) == (verdict, found)


@pytest.mark.parametrize(
    ("address", "verdict"),
    [("https://matrix.to/#/@ann:a.org", None), ("https://matrix.to/#help:a.org", Verdict.BROKEN)],
)
def test_a_link_that_is_not_asked_about_lacks_no_answer(address: str, verdict: Verdict | None) -> None:
    [checked] = judge([link(address)], {HELP_ALIAS: resolved(ONE)}).links
    assert (checked.verdict, checked.answer) == (verdict, None)
    assert "unverified not-asked" not in codes(checked.findings)
