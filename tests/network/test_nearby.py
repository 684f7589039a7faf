"""Rooms on which no verdict depends: each is asked for once, and not where a server is in trouble."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from urllib.parse import unquote

import httpx
import pytest

from stashmatrix.matrix.identifiers import RoomAlias, RoomId, ServerName
from stashmatrix.network.homeserver import Room
from stashmatrix.network.limits import Limits
from stashmatrix.network.patience import Web
from stashmatrix.network.resolve import confirm, resolve
from stashmatrix.records.answers import Resolved, Summary
from tests.support.clock import FakeTime
from tests.support.process import TIMEOUT

NAME = ServerName("example.org")
API = "https://matrix.example.org"
ROOM = RoomId("!room:example.org")
GONE, ONE, TWO = (RoomAlias(f"#{name}:{NAME}") for name in ("gone", "one", "two"))
DIRECTORY, SUMMARY = "v3/directory/room", "v1/room_summary"

Page = tuple[int, object]
FOUND: Page = (200, {"room_id": ROOM})
NOT_FOUND: Page = (404, {"errcode": "M_NOT_FOUND"})
UNRECOGNIZED: Page = (404, {"errcode": "M_UNRECOGNIZED"})
FORBIDDEN: Page = (403, {"errcode": "M_FORBIDDEN"})
LIMITED: Page = (429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 1})
FAILURE: Page = (502, b"")
BUG: Page = (500, {"errcode": "M_UNKNOWN"})
HTML: Page = (200, b"<!doctype html>")
SUMMARIZED: Page = (
    200,
    {
        "room_id": ROOM,
        "num_joined_members": 7,
        "world_readable": False,
        "guest_can_join": False,
        "canonical_alias": ONE,
    },
)


class Server:
    """Says of each room what is listed, one answer after the other, the last again and again."""

    def __init__(self, pages: Mapping[str, Sequence[Page]]) -> None:
        self.pages = pages
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = unquote(request.url.path).removeprefix("/_matrix/client/")
        pages = self.pages.get(path, [UNRECOGNIZED])
        status, content = pages[min(self.asked.count(path), len(pages) - 1)]
        self.asked.append(path)
        if status == 0:
            raise httpx.ConnectError("no connection")
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return httpx.Response(status, content=body)


def found(
    server: Server,
    *rooms: Room,
    before: Sequence[RoomAlias] = (),
    apis: Mapping[ServerName, str] | None = None,
) -> dict[Room, Resolved]:
    """Ask for ``rooms``, one at a time, after a run that asked about ``before``; forget what that asked."""
    time = FakeTime()
    limits = Limits(per_host=1)
    transport = httpx.MockTransport(server)
    answers: dict[Room, Resolved] = {}

    async def run() -> None:
        web = Web(limits, transport=transport, clock=time, now=time, sleep=time.sleep)
        async with aclosing(web), asyncio.timeout(TIMEOUT):
            async with aclosing(resolve(web, before, homeservers={NAME: API})) as coming:
                _ = [answer async for answer in coming]
            server.asked.clear()
            known = {NAME: API} if apis is None else apis
            await confirm(web, {NAME: rooms}, apis=known, homeservers={}, on_found=answers.__setitem__)

    asyncio.run(run())
    return answers


def directory(alias: RoomAlias) -> str:
    return f"{DIRECTORY}/{alias}"


def summary(room: Room) -> str:
    return f"{SUMMARY}/{room}"


SUMMARIES = Resolved(room_id=ROOM, homeserver=API, summary=Summary(members=7, canonical_alias=ONE))
PLAIN = Resolved(room_id=ROOM, homeserver=API)


def test_what_is_not_found_costs_one_request_and_what_is_found_one_more() -> None:
    server = Server({directory(ONE): [NOT_FOUND], directory(TWO): [FOUND], summary(TWO): [SUMMARIZED]})
    assert found(server, ONE, TWO) == {TWO: SUMMARIES}
    assert server.asked == [directory(ONE), directory(TWO), summary(TWO)]


def test_a_room_is_asked_for_by_its_id() -> None:
    server = Server({summary(ROOM): [SUMMARIZED]})
    assert found(server, ROOM) == {ROOM: SUMMARIES}
    assert server.asked == [summary(ROOM)]


def test_a_room_that_the_server_does_not_show_keeps_nobody_from_asking_for_others() -> None:
    server = Server({summary(ROOM): [NOT_FOUND], directory(ONE): [FOUND], summary(ONE): [NOT_FOUND]})
    hidden = Resolved(room_id=ROOM, homeserver=API, hidden=True)
    assert found(server, ROOM, ONE) == {ONE: hidden}


@pytest.mark.parametrize("page", [(0, b""), FORBIDDEN, LIMITED, FAILURE, BUG, HTML, UNRECOGNIZED])
def test_no_answer_is_no_room_and_ends_the_questions(page: Page) -> None:
    server = Server({directory(ONE): [page, FOUND], directory(TWO): [FOUND]})
    assert found(server, ONE, TWO) == {}
    assert [path for path in server.asked if "v3" in path] == [directory(ONE)]


@pytest.mark.parametrize("page", [(0, b""), LIMITED, FAILURE], ids=["down", "limited", "in trouble"])
def test_a_server_that_was_in_trouble_once_is_not_asked(page: Page) -> None:
    # It answered when it was asked again.
    server = Server({directory(GONE): [page, NOT_FOUND], directory(ONE): [FOUND]})
    assert found(server, ONE, before=[GONE]) == {}
    assert server.asked == []
    assert found(Server({directory(GONE): [NOT_FOUND], directory(ONE): [FOUND]}), ONE, before=[GONE]) == {
        ONE: PLAIN
    }


def test_where_the_api_of_a_server_is_is_found_out_if_need_be() -> None:
    class Discovered(Server):
        def __call__(self, request: httpx.Request) -> httpx.Response:
            if request.url.path == "/.well-known/matrix/client":
                return httpx.Response(200, json={"m.homeserver": {"base_url": API}})
            return super().__call__(request)

    pages: Mapping[str, Sequence[Page]] = {"versions": [(200, {"versions": []})], directory(ONE): [FOUND]}
    assert found(Discovered(pages), ONE, apis={}) == {ONE: PLAIN}
    nowhere = Server({directory(ONE): [FOUND]})
    assert found(nowhere, ONE, apis={}) == {}
    assert directory(ONE) not in nowhere.asked
