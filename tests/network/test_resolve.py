"""Answers as they come: what a consumer gets, however it or a server stops, and what they cost."""

import asyncio
import tracemalloc
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing

import httpx
import pytest

from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.network.limits import Limits
from stashmatrix.network.patience import Web
from stashmatrix.network.resolve import resolve
from stashmatrix.records.answers import Answer, Reason, Resolved, Unknown
from tests.support.answers import ask

FAST, SLOW = RoomAlias("#stash:example.org"), RoomAlias("#stash:slow.example.org")
URLS = {alias.server_name: f"https://{alias.server_name}" for alias in (FAST, SLOW)}
ROOM = RoomId("!room:example.org")

Handler = Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]
Stream = AsyncGenerator[tuple[RoomAlias | RoomId, Answer], None]
Consumer = Callable[[Stream], Coroutine[None, None, None]]


def answer_of(alias: RoomAlias) -> Resolved:
    return Resolved(room_id=ROOM, homeserver=URLS[alias.server_name])


def has_the_room(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"room_id": ROOM})


async def is_silent(_: httpx.Request) -> httpx.Response:
    await asyncio.Event().wait()
    raise AssertionError


async def has_a_bug(_: httpx.Request) -> httpx.Response:
    raise ZeroDivisionError


def run(consumer: Consumer, slow: Handler) -> None:
    """Give a consumer the answers of a fast server and of one that does as ``slow``; leave no task behind."""

    async def handler(request: httpx.Request) -> httpx.Response:
        return await slow(request) if request.url.host == SLOW.server_name else has_the_room(request)

    async def main() -> None:
        async with aclosing(Web(Limits(retries=0), transport=httpx.MockTransport(handler))) as web:
            try:
                await consumer(resolve(web, [SLOW, FAST], homeservers=URLS))
            finally:
                assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def test_a_slow_server_does_not_hold_up_another() -> None:
    answers: list[tuple[RoomAlias | RoomId, Answer]] = []
    other_is_done = asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        await other_is_done.wait()
        return has_the_room(request)

    async def consumer(stream: Stream) -> None:
        async for item in stream:
            answers.append(item)
            other_is_done.set()

    run(consumer, slow)
    assert answers == [(FAST, answer_of(FAST)), (SLOW, answer_of(SLOW))]


def test_a_consumer_that_is_cancelled_keeps_the_answers_that_it_has() -> None:
    answers: list[tuple[RoomAlias | RoomId, Answer]] = []

    async def consumer(stream: Stream) -> None:
        first_answer = asyncio.Event()

        async def fill() -> None:
            async for item in stream:
                answers.append(item)
                first_answer.set()

        task = asyncio.create_task(fill())
        await first_answer.wait()
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        run(consumer, is_silent)
    assert answers == [(FAST, answer_of(FAST))]


def test_a_consumer_s_time_can_run_out_while_it_waits_for_an_answer() -> None:
    answers: list[tuple[RoomAlias | RoomId, Answer]] = []

    async def consumer(stream: Stream) -> None:
        async with asyncio.timeout(None) as time:
            async for item in stream:
                answers.append(item)
                time.reschedule(0)  # which is over

    with pytest.raises(TimeoutError):
        run(consumer, is_silent)
    assert answers == [(FAST, answer_of(FAST))]


def test_a_consumer_s_time_can_run_out_in_the_middle_of_its_own_work() -> None:
    async def consumer(stream: Stream) -> None:
        async with asyncio.timeout(None) as time, aclosing(stream):
            async for _ in stream:
                time.reschedule(0)
                await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        run(consumer, is_silent)


def test_a_consumer_that_has_enough_ends_the_requests_by_closing() -> None:
    async def consumer(stream: Stream) -> None:
        async with aclosing(stream):
            async for _ in stream:
                break

    run(consumer, is_silent)


def test_an_error_of_the_consumer_is_its_own() -> None:
    async def consumer(stream: Stream) -> None:
        async with aclosing(stream):
            async for _ in stream:
                raise KeyError

    with pytest.raises(KeyError):
        run(consumer, is_silent)


def test_a_bug_reaches_the_consumer_after_the_answers_before_it() -> None:
    answers: list[tuple[RoomAlias | RoomId, Answer]] = []
    other_is_done = asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        await other_is_done.wait()
        return await has_a_bug(request)

    async def consumer(stream: Stream) -> None:
        async for item in stream:
            answers.append(item)
            other_is_done.set()

    with pytest.raises(ExceptionGroup) as caught:
        run(consumer, slow)
    bugs, rest = caught.value.split(ZeroDivisionError)
    assert bugs is not None
    assert rest is None
    assert answers == [(FAST, answer_of(FAST))]


def test_a_bug_does_not_cancel_a_consumer_in_its_own_work() -> None:
    has_worked = False

    async def consumer(stream: Stream) -> None:
        nonlocal has_worked
        async with aclosing(stream):
            async for _ in stream:
                for _turn in range(100):  # long enough for the other server's worker to fail
                    await asyncio.sleep(0)
                has_worked = True
                break

    async def fails_later(request: httpx.Request) -> httpx.Response:
        for _turn in range(50):
            await asyncio.sleep(0)
        return await has_a_bug(request)

    run(consumer, fails_later)
    assert has_worked


def test_nothing_is_asked_before_somebody_wants_an_answer() -> None:
    async def consumer(stream: Stream) -> None:
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        await stream.aclose()

    run(consumer, has_a_bug)


@pytest.mark.usefixtures("no_proxy")
@pytest.mark.parametrize("has_url", [False, True], ids=["found by discovery", "at a given URL"])
def test_a_server_that_fails_costs_little_memory_for_each_of_its_aliases(has_url: bool) -> None:
    aliases = [RoomAlias(f"#{number}:127.0.0.1:1") for number in range(2000)]
    homeservers = {aliases[0].server_name: "http://127.0.0.1:1"} if has_url else {}
    web = Web(Limits(retries=0), allow_private=True)
    tracemalloc.start()
    try:
        answers = ask(web, aliases, homeservers=homeservers)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    reasons = {answer.reason for answer in answers.values() if isinstance(answer, Unknown)}
    assert (len(answers), reasons) == (2000, {Reason.UNREACHABLE})
    assert peak < 500 * len(aliases)  # with an exception for each, they were four times that


@pytest.mark.parametrize("with_canonical", [True, False])
def test_the_canonical_alias_of_a_room_is_asked_for_once_and_that_of_its_room_no_more(
    with_canonical: bool,
) -> None:
    canonical = {"#stash": "#one", "#one": "#two"}
    asked: list[str] = []

    async def handler(request: httpx.Request) -> httpx.Response:
        if "room_summary" not in request.url.path:
            raise AssertionError(request.url)
        name = request.url.path.rpartition("/")[2].partition(":")[0]
        asked.append(name)
        body = {"room_id": ROOM, "num_joined_members": 2, "world_readable": False, "guest_can_join": False}
        return httpx.Response(200, json=body | {"canonical_alias": f"{canonical[name]}:example.org"})

    async def main() -> set[object]:
        async with (
            aclosing(Web(Limits(retries=0), transport=httpx.MockTransport(handler))) as web,
            aclosing(resolve(web, [FAST], homeservers=URLS, with_canonical=with_canonical)) as stream,
        ):
            return {room async for room, _ in stream}

    expected = [FAST, RoomAlias("#one:example.org")][: 2 if with_canonical else 1]
    assert asyncio.run(main()) == set(expected)
    assert asked == [alias.partition(":")[0] for alias in expected]
