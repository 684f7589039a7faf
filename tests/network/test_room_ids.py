"""Rooms by their IDs: the servers that a link names are asked in turn, and only a summary is proof."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import aclosing

import httpx
import pytest

from stashmatrix.matrix.identifiers import RoomAlias, RoomId, ServerName
from stashmatrix.network.limits import Limits
from stashmatrix.network.patience import Web
from stashmatrix.network.resolve import resolve
from stashmatrix.records.answers import Answer, Reason, Resolved, Summary, Unknown
from tests.support.process import TIMEOUT

ROOM, OTHER = RoomId("!room:example.org"), RoomId("!other:example.org")
HASH = RoomId("!" + "x" * 43)
ONE, TWO, THREE, FOUR = (ServerName(f"{name}.example.org") for name in ("one", "two", "three", "four"))
GIVEN = {name: f"https://{name}" for name in (ONE, TWO, THREE, FOUR)}

Page = tuple[int, object]

REQUIRED = {"num_joined_members": 7, "world_readable": False, "guest_can_join": False}
SUMMARY: Page = (200, {**REQUIRED, "room_id": ROOM})
TWELVE: Page = (200, {**REQUIRED, "room_id": HASH})
NOT_FOUND: Page = (404, {"errcode": "M_NOT_FOUND"})
FORBIDDEN: Page = (403, {"errcode": "M_FORBIDDEN"})
NO_VIA: Page = (400, {"errcode": "M_UNKNOWN"})
UNRECOGNIZED: Page = (404, {"errcode": "M_UNRECOGNIZED"})
FAILURE: Page = (500, {"errcode": "M_UNKNOWN"})
LIMITED: Page = (429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 10_000_000})


class Network:
    """What each server says of a summary, and the servers that were asked for one. All else is not found."""

    def __init__(self, pages: Mapping[ServerName, Page]) -> None:
        self.pages = pages
        self.asked: list[str] = []
        self.paths: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        host = ServerName(request.url.host)
        if "summary" in request.url.path:
            self.asked.append(host)
            self.paths.append(request.url.raw_path.decode())
            status, content = self.pages[host]
        else:
            status, content = NOT_FOUND
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return httpx.Response(status, content=body)


def ask(
    network: Network,
    rooms: Mapping[RoomId, Sequence[ServerName]],
    homeservers: Mapping[ServerName, str] = GIVEN,
    resolver: str | None = None,
) -> dict[RoomAlias | RoomId, Answer]:
    """Return the answers; no room may have two."""
    answers: dict[RoomAlias | RoomId, Answer] = {}

    async def run() -> None:
        web = Web(Limits(retries=0), transport=httpx.MockTransport(network))
        incoming = resolve(web, (), rooms=rooms, homeservers=homeservers, resolver=resolver)
        async with aclosing(web), asyncio.timeout(TIMEOUT), aclosing(incoming):
            async for room, answer in incoming:
                assert room not in answers
                answers[room] = answer

    asyncio.run(run())
    return answers


def found(server: ServerName) -> Resolved:
    return Resolved(room_id=ROOM, homeserver=GIVEN[server], summary=Summary(members=7))


@pytest.mark.parametrize(
    ("pages", "via", "server", "asked"),
    [
        ({ONE: SUMMARY}, (ONE, TWO), ONE, [ONE]),
        ({ONE: NOT_FOUND, TWO: SUMMARY}, (ONE, TWO), TWO, [ONE, TWO]),
        ({ONE: NO_VIA, TWO: FORBIDDEN, THREE: SUMMARY}, (ONE, TWO, THREE, FOUR), THREE, [ONE, TWO, THREE]),
        ({ONE: FAILURE, TWO: SUMMARY}, (ONE, TWO), TWO, [ONE, TWO]),
    ],
    ids=["the first", "hidden by the first", "not in the room", "the first fails"],
)
def test_the_first_server_that_shows_a_room_proves_that_it_is_there(
    pages: Mapping[ServerName, Page], via: Sequence[ServerName], server: ServerName, asked: list[ServerName]
) -> None:
    network = Network(pages)
    assert ask(network, {ROOM: via}) == {ROOM: found(server)}
    assert network.asked == asked


HIDES = "shows it to members only, or does not know it"


@pytest.mark.parametrize(
    ("page", "reason", "detail"),
    [
        (NOT_FOUND, Reason.REFUSED, f"https://one.example.org {HIDES}"),
        (FORBIDDEN, Reason.REFUSED, f"https://one.example.org {HIDES}"),
        (NO_VIA, Reason.REFUSED, f"https://one.example.org {HIDES}"),
        (UNRECOGNIZED, Reason.REFUSED, "https://one.example.org has no summaries of rooms"),
        (FAILURE, Reason.SERVER_ERROR, None),
        (LIMITED, Reason.RATE_LIMITED, None),
        ((200, b"<!doctype html>"), Reason.NOT_A_HOMESERVER, None),
        (TWELVE, Reason.BAD_RESPONSE, "https://one.example.org answers with another room"),
    ],
    ids=["hidden", "forbidden", "not in it", "no summaries", "failure", "limited", "HTML", "another room"],
)
def test_without_a_summary_nothing_is_proven_and_least_of_all_absence(
    page: Page, reason: Reason, detail: str | None
) -> None:
    answer = ask(Network({ONE: page}), {ROOM: (ONE,)})[ROOM]
    assert isinstance(answer, Unknown)
    assert (answer.reason, answer.homeserver) == (reason, GIVEN[ONE])
    assert detail in (None, answer.detail)


def test_what_each_server_said_is_told_and_the_reason_is_that_of_one_that_was_reached() -> None:
    # The first of them has no API where its name leads.
    known = {name: GIVEN[name] for name in (TWO, THREE)}
    network = Network({TWO: NOT_FOUND, THREE: FAILURE})
    answer = ask(network, {ROOM: (ONE, TWO, THREE)}, homeservers=known)[ROOM]
    assert isinstance(answer, Unknown)
    assert (answer.reason, answer.homeserver) == (Reason.REFUSED, GIVEN[TWO])
    assert [name in answer.detail for name in (ONE, TWO, THREE)] == [True] * 3


def test_no_more_than_three_servers_are_asked_about_a_room() -> None:
    network = Network(dict.fromkeys((ONE, TWO, THREE, FOUR), NOT_FOUND))
    assert isinstance(ask(network, {ROOM: (ONE, TWO, THREE, FOUR)})[ROOM], Unknown)
    assert network.asked == [ONE, TWO, THREE]


def test_a_room_without_a_domain_is_asked_for_by_its_id() -> None:
    network = Network({ONE: TWELVE})
    answer = ask(network, {HASH: (ONE,)})[HASH]
    assert isinstance(answer, Resolved)
    assert network.paths == [f"/_matrix/client/v1/room_summary/%21{'x' * 43}"]


def test_a_room_that_a_server_is_not_in_costs_other_rooms_no_summary() -> None:
    network = Network({ONE: NO_VIA})
    assert ask(network, {ROOM: (ONE,), OTHER: (ONE,)}).keys() == {ROOM, OTHER}
    assert network.asked == [ONE, ONE]


def test_a_resolver_is_not_asked_for_a_room_by_its_id() -> None:
    network = Network({ONE: NOT_FOUND})
    assert isinstance(ask(network, {ROOM: (ONE,)}, resolver=GIVEN[TWO])[ROOM], Unknown)
    assert network.asked == [ONE]
