"""More than existence: what a server tells strangers of a room, and what a resolver proves."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import httpx
import pytest

from stashmatrix.checks.judge import judge
from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.network.limits import Limits
from stashmatrix.network.patience import Web
from stashmatrix.records.answers import Absent, Answer, Reason, Resolved, Summary, Unknown
from stashmatrix.records.reference import Reference, Source
from stashmatrix.records.results import Verdict
from tests.support.answers import ask
from tests.support.clock import FakeTime

ALIAS = RoomAlias("#stash:example.org")
ROOM, OTHER = RoomId("!room:example.org"), RoomId("!other:example.org")
API = "https://matrix.example.org"
RESOLVER = "https://resolver.example"
ENCODED = "%23stash%3Aexample.org"
DIRECTORY = f"{API}/_matrix/client/v3/directory/room/{ENCODED}"
STABLE = f"{API}/_matrix/client/v1/room_summary/{ENCODED}"
UNSTABLE = f"{API}/_matrix/client/unstable/im.nheko.summary/summary/{ENCODED}"
DRAFT = f"{API}/_matrix/client/unstable/im.nheko.summary/rooms/{ENCODED}/summary"
CONTROL = f"{API}/_matrix/client/v3/directory/no_such_path"

Page = tuple[int, object]
Pages = Mapping[str, Page]

FOUND: Page = (200, {"room_id": ROOM, "servers": ["example.org"]})
UNRECOGNIZED: Page = (404, {"errcode": "M_UNRECOGNIZED"})
NOT_FOUND: Page = (404, {"errcode": "M_NOT_FOUND"})
REQUIRED = {"room_id": ROOM, "num_joined_members": 7, "world_readable": False, "guest_can_join": False}


class Network:
    """All pages there are, and the URLs that were asked for. Any other page fails the test."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        self.asked.append(url)
        status, content = self.pages[url]
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return httpx.Response(status, content=body)


def answer(network: Network, *, resolver: str | None = None, retries: int = 0) -> Answer:
    time = FakeTime()
    web = Web(
        Limits(retries=retries),
        transport=httpx.MockTransport(network),
        clock=time,
        now=time,
        sleep=time.sleep,
    )
    given = {ALIAS.server_name: API}
    return ask(web, [ALIAS], homeservers=given, resolver=resolver)[ALIAS]


def codes(answer: Answer, *, is_space: bool = False) -> list[str]:
    place = Source("rooms.yaml", 1, 1)
    reference = Reference(source=place, text=ALIAS, target=ALIAS, is_space=is_space)
    [link] = judge([reference], {ALIAS: answer}).links
    assert link.verdict is Verdict.OK
    return [finding.check.code for finding in link.findings]


def found(summary: Summary | None = None, *, hidden: bool = False) -> Resolved:
    return Resolved(room_id=ROOM, homeserver=API, summary=summary, hidden=hidden)


class Told(NamedTuple):
    """What a server tells of a room, and what is made of it."""

    page: Page
    answer: Resolved
    codes: list[str] = []  # noqa: RUF012 (nobody changes it)
    is_enough: bool = False
    """Whether the directory need not be asked."""


def told(content: Mapping[str, object], summary: Summary, *codes: str) -> Told:
    return Told((200, {**REQUIRED, **content}), found(summary), list(codes), is_enough=True)


def only_a_room(content: Mapping[str, object]) -> Told:
    return Told((200, content), found(), is_enough=True)


def useless(content: object) -> Told:
    return Told((200, content), found())


NOT_JOINABLE = "not-joinable"
SUMMARIES = {
    "all there is": told(
        {
            "name": "Help",
            "topic": "Ask",
            "join_rule": "public",
            "room_type": "m.custom",
            "room_version": "12",
            "canonical_alias": "#main:example.org",
            "encryption": "m.megolm.v1.aes-sha2",
            "more": [],
        },
        Summary(
            members=7,
            name="Help",
            topic="Ask",
            join_rule="public",
            room_type="m.custom",
            room_version="12",
            canonical_alias=RoomAlias("#main:example.org"),
            encryption="m.megolm.v1.aes-sha2",
        ),
    ),
    "no join rule": told({}, Summary(members=7)),
    "invite": told({"join_rule": "invite"}, Summary(members=7, join_rule="invite"), NOT_JOINABLE),
    "knock": told({"join_rule": "knock"}, Summary(members=7, join_rule="knock"), NOT_JOINABLE),
    "restricted": told({"join_rule": "restricted"}, Summary(members=7, join_rule="restricted"), NOT_JOINABLE),
    "a rule nobody knows": told({"join_rule": "x"}, Summary(members=7, join_rule="x"), NOT_JOINABLE),
    "names of other types": told(
        {"name": 1, "topic": [], "room_type": {}, "canonical_alias": 5, "encryption": []}, Summary(members=7)
    ),
    "a canonical alias that is none": told({"canonical_alias": "main"}, Summary(members=7)),
    "a version from before the standard": told(
        {"im.nheko.summary.room_version": "9", "im.nheko.summary.encryption": "m.x"},
        Summary(members=7, room_version="9", encryption="m.x"),
    ),
    "a topic of any length": told({"topic": "x" * 20_000}, Summary(members=7, topic="x" * 1000)),
    "a topic that is hostile": told(
        {"topic": "\x1b[2J\u202e\ud800\n::error::"},
        Summary(members=7, topic="\x1b[2J\u202e\ud800\n::error::"),
    ),
    "another room than the directory": Told(
        (200, {**REQUIRED, "room_id": OTHER}),
        replace(found(Summary(members=7)), room_id=OTHER),
        is_enough=True,
    ),
    "no room": useless({"num_joined_members": 7}),
    "a room ID that is none": useless({**REQUIRED, "room_id": "room:example.org"}),
    "a room ID that is an alias": useless({**REQUIRED, "room_id": ALIAS}),
    "a room ID that is no text": useless({**REQUIRED, "room_id": 1}),
    "a success of another kind": Told((201, REQUIRED), found()),
    "no members": only_a_room({"room_id": ROOM}),
    "a join rule that is no text": only_a_room({**REQUIRED, "join_rule": ["public"]}),
    "a list": useless([REQUIRED]),
    "HTML": useless(b"<!doctype html>"),
    "hidden, says Synapse": Told(NOT_FOUND, found(hidden=True), [NOT_JOINABLE]),
    "hidden, says Conduit": Told((403, {"errcode": "M_FORBIDDEN"}), found(hidden=True), [NOT_JOINABLE]),
    "a token is wanted": Told((401, {"errcode": "M_MISSING_TOKEN"}), found()),
    "a proxy that lets nobody through": Told((403, b"<h1>Forbidden</h1>"), found()),
    "a page that is not there": Told((404, b"Not found"), found()),
    "a method that is not allowed": Told((405, {"errcode": "M_UNKNOWN"}), found()),
    "trouble": Told((502, b""), found()),
    "a redirect": Told((302, b""), found()),
    "more than a summary": Told((200, b" " * 300_000), found()),
}


@pytest.mark.parametrize("told", SUMMARIES.values(), ids=SUMMARIES)
def test_a_summary_says_more_and_never_changes_the_verdict(told: Told) -> None:
    network = Network({DIRECTORY: FOUND, STABLE: told.page})
    result = answer(network)
    assert result == told.answer
    assert codes(result) == told.codes
    assert network.asked == ([STABLE] if told.is_enough else [STABLE, DIRECTORY])


@pytest.mark.parametrize(
    ("pages", "summary"),
    [
        ({STABLE: UNRECOGNIZED, UNSTABLE: (200, REQUIRED)}, Summary(members=7)),
        ({STABLE: UNRECOGNIZED, UNSTABLE: UNRECOGNIZED, DRAFT: (200, REQUIRED)}, Summary(members=7)),
        ({STABLE: UNRECOGNIZED, UNSTABLE: UNRECOGNIZED, DRAFT: UNRECOGNIZED}, None),
        ({STABLE: (400, {"errcode": "M_UNRECOGNIZED"}), UNSTABLE: (404, b"")}, None),
    ],
    ids=["unstable", "draft", "none", "an old server"],
)
def test_older_paths_are_asked_where_the_newer_one_is_not_recognized(
    pages: Pages, summary: Summary | None
) -> None:
    network = Network({**pages, DIRECTORY: FOUND})
    assert answer(network) == found(summary)
    assert network.asked == ([*pages] if summary else [*pages, DIRECTORY])


@pytest.mark.parametrize(
    ("summary", "requests"),
    [
        (UNRECOGNIZED, 3 + 50),
        ((502, b""), 1 + 50),
        ((401, {"errcode": "M_MISSING_TOKEN"}), 1 + 50),
        ((200, b"<!doctype html>"), 1 + 50),
        (NOT_FOUND, 50 + 50),
        ((200, REQUIRED), 50),
    ],
    ids=["none", "trouble", "for members", "a page for everything", "hidden", "a summary"],
)
def test_a_server_is_asked_one_thing_a_room_and_for_summaries_only_if_it_has_some(
    summary: Page, requests: int
) -> None:
    asked: list[str] = []

    async def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        await asyncio.sleep(0)  # in which others ask
        status, content = summary if "summary" in request.url.path else FOUND
        return httpx.Response(status, content=content if isinstance(content, bytes) else json.dumps(content))

    aliases = [RoomAlias(f"#{number}:example.org") for number in range(50)]
    web = Web(Limits(retries=0), transport=httpx.MockTransport(handler))
    answers = ask(web, aliases, homeservers={ALIAS.server_name: API})
    assert answers.keys() == set(aliases)
    assert {answer.room_id for answer in answers.values() if isinstance(answer, Resolved)} == {ROOM}
    assert len(asked) == len(set(asked)) == requests


def test_the_answers_of_a_server_with_summaries_do_not_wait_for_each_other() -> None:
    under_way = most = 0

    async def handler(_: httpx.Request) -> httpx.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        for _turn in range(20):
            await asyncio.sleep(0)
        under_way -= 1
        return httpx.Response(200, json=REQUIRED)

    aliases = [RoomAlias(f"#{number}:example.org") for number in range(12)]
    web = Web(Limits(retries=0), transport=httpx.MockTransport(handler))
    ask(web, aliases, homeservers={ALIAS.server_name: API})
    assert most == Limits().per_host


@pytest.mark.parametrize("told", [SUMMARIES["trouble"], SUMMARIES["HTML"], SUMMARIES["hidden, says Synapse"]])
def test_a_space_of_which_nothing_is_known_is_a_space(told: Told) -> None:
    assert "not-a-space" not in codes(told.answer, is_space=True)


@pytest.mark.parametrize(
    ("room_type", "expected"), [("m.space", []), (None, ["not-a-space"]), ("x", ["not-a-space"])]
)
def test_what_is_called_a_space_should_be_one(room_type: str | None, expected: list[str]) -> None:
    assert codes(found(Summary(members=7, room_type=room_type)), is_space=True) == expected
    assert codes(found(Summary(members=7, room_type=room_type))) == []


# A resolver


RESOLVER_DIRECTORY = DIRECTORY.replace(API, RESOLVER)
RESOLVER_STABLE = STABLE.replace(API, RESOLVER)


class WithResolver(NamedTuple):
    """What the alias's own server and the resolver answer, and what is made of it."""

    own: Page
    resolver: Pages
    answer: Answer


def by_resolver(summary: Summary | None = None) -> Resolved:
    return Resolved(room_id=ROOM, homeserver=RESOLVER, summary=summary, by_resolver=True)


OWN_DETAIL = f"{DIRECTORY} answered HTTP 500"
WITH_RESOLVER = {
    "found": WithResolver(
        (500, b""), {RESOLVER_DIRECTORY: FOUND, RESOLVER_STABLE: UNRECOGNIZED}, by_resolver()
    ),
    "found, and a summary": WithResolver(
        (500, b""),
        {RESOLVER_DIRECTORY: FOUND, RESOLVER_STABLE: (200, REQUIRED)},
        by_resolver(Summary(members=7)),
    ),
    "found, and not shown": WithResolver(
        (500, b""), {RESOLVER_DIRECTORY: FOUND, RESOLVER_STABLE: NOT_FOUND}, by_resolver()
    ),
    "not found": WithResolver(
        (500, b""),
        {RESOLVER_DIRECTORY: NOT_FOUND},
        Unknown(
            reason=Reason.SECOND_HAND,
            detail=f"{OWN_DETAIL}; {RESOLVER}, asked in its place, does not know the alias",
            homeserver=RESOLVER,
        ),
    ),
    "no answer either": WithResolver(
        (500, b""),
        {RESOLVER_DIRECTORY: (502, {"errcode": "M_UNKNOWN"})},
        Unknown(
            reason=Reason.SERVER_ERROR,
            detail=f"{OWN_DETAIL}; and from the resolver: {RESOLVER_DIRECTORY} answered HTTP 502 M_UNKNOWN",
            homeserver=API,
        ),
    ),
    "a room that is none": WithResolver(
        (500, b""),
        {RESOLVER_DIRECTORY: (200, {"room_id": "not a room id"})},
        Unknown(
            reason=Reason.SERVER_ERROR,
            detail=f"{OWN_DETAIL}; and from the resolver: {RESOLVER_DIRECTORY}: "
            "'not a room id' is not a room ID",
            homeserver=API,
        ),
    ),
    "not wanted, since there is an answer": WithResolver(FOUND, {}, found()),
    "not wanted, since there is proof": WithResolver(NOT_FOUND, {}, Absent(homeserver=API)),
}


@pytest.mark.parametrize("case", WITH_RESOLVER.values(), ids=WITH_RESOLVER)
def test_a_resolver_proves_a_room_and_never_its_absence(case: WithResolver) -> None:
    network = Network(
        {
            DIRECTORY: case.own,
            STABLE: UNRECOGNIZED,
            UNSTABLE: UNRECOGNIZED,
            DRAFT: UNRECOGNIZED,
            CONTROL: UNRECOGNIZED,
        }
        | {url.replace(API, RESOLVER): UNRECOGNIZED for url in (UNSTABLE, DRAFT)}
        | dict(case.resolver)
    )
    result = answer(network, resolver=RESOLVER)
    if isinstance(case.answer, Unknown):
        assert isinstance(result, Unknown)
        assert result.detail.startswith(case.answer.detail)
        assert (result.reason, result.homeserver) == (case.answer.reason, case.answer.homeserver)
    else:
        assert result == case.answer
    assert any(url.startswith(RESOLVER) for url in network.asked) == bool(case.resolver)


def test_nobody_else_is_asked_unless_told() -> None:
    network = Network({STABLE: NOT_FOUND, DIRECTORY: (500, b"")})
    assert isinstance(answer(network), Unknown)
    assert network.asked == [STABLE, DIRECTORY]


def test_a_resolver_that_times_out_is_said_to_be_what_timed_out() -> None:
    async def handler(request: httpx.Request) -> httpx.Response:
        if str(request.url).startswith(RESOLVER):
            await asyncio.Event().wait()
        return httpx.Response(500)

    web = Web(Limits(retries=0, timeout=0.05), transport=httpx.MockTransport(handler))
    result = ask(web, [ALIAS], homeservers={ALIAS.server_name: API}, resolver=RESOLVER)[ALIAS]
    assert result == Unknown(
        reason=Reason.SERVER_ERROR,
        detail=f"{OWN_DETAIL}; and from the resolver: resolver.example did not answer within 0.1 seconds",
        homeserver=API,
    )


def test_a_resolver_that_could_not_ask_is_not_asked_again() -> None:
    network = Network({STABLE: NOT_FOUND, DIRECTORY: (500, b""), RESOLVER_DIRECTORY: (502, b"")})
    assert isinstance(answer(network, resolver=RESOLVER, retries=2), Unknown)
    assert network.asked == [STABLE, DIRECTORY, RESOLVER_DIRECTORY]
