"""Patience and politeness: what is asked again, after how long, and how much is under way at once.

Time is a clock that only sleeping moves, so nothing here waits.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import aclosing
from email.utils import formatdate
from typing import NamedTuple

import httpx
import pytest

from stashmatrix.matrix.identifiers import RoomAlias, ServerName
from stashmatrix.network import api
from stashmatrix.network.limits import Limits
from stashmatrix.network.outcomes import NoAnswer, Response
from stashmatrix.network.patience import LONGEST_HOLD, LONGEST_WAIT, Web
from stashmatrix.network.resolve import resolve
from stashmatrix.records.answers import Reason, Resolved, Unknown
from stashmatrix.records.attempts import Attempt
from tests.support.answers import ask
from tests.support.clock import FakeTime

URL = "https://matrix.example.org/page"
REFUSED = httpx.ConnectError("Connection refused")
SILENT = httpx.ReadTimeout("")
BROKE_OFF = httpx.RemoteProtocolError("Server disconnected without sending a response.")

Step = httpx.Response | Exception
Handler = Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]


def status(code: int, *, after: str | None = None, body: object = None) -> httpx.Response:
    headers = {} if after is None else {"Retry-After": after}
    return httpx.Response(code, headers=headers, content=json.dumps(body).encode())


def limited(after: str | None = None, **keys: object) -> httpx.Response:
    return status(429, after=after, body={"errcode": "M_LIMIT_EXCEEDED", **keys})


OK = status(200, body={})
UNRECOGNIZED = status(404, body={"errcode": "M_UNRECOGNIZED"})


class Server:
    """Takes one step after the other, and the last one again and again."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = steps
        self.asked = 0

    async def __call__(self, _: httpx.Request) -> httpx.Response:
        step = self.steps[min(self.asked, len(self.steps) - 1)]
        self.asked += 1
        if isinstance(step, Exception):
            raise step
        return httpx.Response(step.status_code, headers=step.headers, content=step.content)


def web(
    handler: Handler,
    time: FakeTime,
    limits: Limits | None = None,
    on_attempt: Callable[[Attempt], None] = lambda _: None,
) -> Web:
    return Web(
        limits,
        transport=httpx.MockTransport(handler),
        clock=time,
        now=time,
        sleep=time.sleep,
        on_attempt=on_attempt,
    )


def get_all(web: Web, urls: Iterable[str], *, by_resolver: bool = False) -> list[Response | NoAnswer]:
    """Fetch one URL after the other."""

    async def run() -> list[Response | NoAnswer]:
        async with aclosing(web):
            return [await api.get(web, url, limit=1000, by_resolver=by_resolver) for url in urls]

    return asyncio.run(run())


def get(steps: Sequence[Step], *, limits: Limits | None = None, by_resolver: bool = False) -> "Course":
    time, server = FakeTime(), Server(steps)
    [outcome] = get_all(web(server, time, limits), [URL], by_resolver=by_resolver)
    return Course(outcome, server.asked, time.slept)


class Course(NamedTuple):
    """How a request went."""

    outcome: Response | NoAnswer
    asked: int
    slept: list[float]

    @property
    def end(self) -> int | Reason:
        return self.outcome.status if isinstance(self.outcome, Response) else self.outcome.reason


@pytest.mark.parametrize("fault", [REFUSED, SILENT, BROKE_OFF, *map(status, (408, 502, 503, 504))], ids=repr)
def test_a_fault_that_may_pass_is_asked_about_again_after_growing_pauses(fault: Step) -> None:
    course = get([fault, fault, OK])
    assert (course.end, course.asked) == (200, 3)
    first, second = course.slept
    assert 0.5 <= first <= 1 <= second <= 2


def test_whoever_watches_is_told_of_each_request_as_it_begins_waits_and_ends() -> None:
    told: list[Attempt] = []
    get_all(web(Server([REFUSED, limited("7"), OK]), FakeTime(), on_attempt=told.append), [URL])
    assert [(each.retry, each.wait, each.outcome is not None) for each in told] == [
        (0, None, False),
        (0, None, True),
        (1, None, False),
        (1, 7, False),
        (1, None, True),
    ]
    assert {(each.url, each.server, each.retries) for each in told} == {(URL, "matrix.example.org", 2)}
    assert told[-1].outcome == "HTTP 200"


def test_the_pauses_are_a_matter_of_chance() -> None:
    assert len({get([REFUSED, OK]).slept[0] for _ in range(20)}) > 1


@pytest.mark.parametrize(
    ("fault", "end"),
    [(REFUSED, Reason.UNREACHABLE), (BROKE_OFF, Reason.BAD_RESPONSE), (status(502), 502)],
    ids=repr,
)
def test_a_fault_that_stays_is_asked_about_as_often_as_retries_say(fault: Step, end: int | Reason) -> None:
    assert get([fault])[1:2] == (3,)
    course = get([fault], limits=Limits(retries=4))
    assert (course.end, course.asked) == (end, 5)
    course = get([fault], limits=Limits(retries=0))
    assert (course.end, course.asked, course.slept) == (end, 1, [])


@pytest.mark.parametrize("code", [200, 301, 400, 401, 403, 404, 410, 500, 501])
def test_what_will_not_pass_is_asked_about_once(code: int) -> None:
    course = get([status(code)])
    assert (course.end, course.asked, course.slept) == (code, 1, [])


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (limited("7"), 7),
        (limited("7", retry_after_ms=30_000), 7),  # the header counts
        (limited(retry_after_ms=30_000), 30),
        (limited(retry_after_ms=2500.5), 2.5005),
        (limited(formatdate(FakeTime().now + 20, usegmt=True)), 20),
        (status(503, after="7"), 7),
        (status(400, body={"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 7000}), 7),
    ],
    ids=lambda value: str(value.headers.get("Retry-After") if isinstance(value, httpx.Response) else value),
)
def test_a_server_s_wish_to_wait_is_obeyed(answer: httpx.Response, wait: float) -> None:
    course = get([answer, OK])
    assert (course.end, course.asked) == (200, 2)
    assert course.slept == pytest.approx([wait])


@pytest.mark.parametrize(
    "answer",
    [
        limited(),
        limited("0"),
        limited("-5"),
        limited("soon"),
        limited(""),
        limited("1.5"),
        limited(formatdate(FakeTime().now - 3600, usegmt=True)),
        limited("Mon, 99 Foo 2026 99:99:99 GMT"),
        limited(retry_after_ms="5000"),
        limited(retry_after_ms=-5000),
        limited(retry_after_ms=None),
        limited(retry_after_ms=[]),
        limited(retry_after_ms=float("nan")),
        status(429),
    ],
    ids=lambda answer: f"{answer.headers.get('Retry-After')} {answer.text}",
)
def test_a_limit_without_a_wish_that_makes_sense_is_waited_for_as_any_fault(answer: httpx.Response) -> None:
    course = get([answer, OK])
    assert (course.end, course.asked) == (200, 2)
    assert 0.5 <= course.slept[0] <= 1


@pytest.mark.parametrize(
    "answer",
    [
        limited("61"),
        limited("9" * 400),
        limited("9" * 5000),
        limited("Fri, 31 Dec 9999 23:59:59 GMT"),
        limited(retry_after_ms=61_000),
        limited(retry_after_ms=1e300),
        limited(retry_after_ms=float("inf")),
    ],
    ids=lambda answer: f"{answer.headers.get('Retry-After')} {answer.text}"[:40],
)
def test_a_wish_to_wait_for_too_long_is_obeyed_by_asking_no_more(answer: httpx.Response) -> None:
    time, server = FakeTime(), Server([answer])
    first, second = get_all(web(server, time), [URL, URL + "/2"])
    assert isinstance(first, Response)
    assert api.refusal(first).reason is Reason.RATE_LIMITED
    assert isinstance(second, NoAnswer)
    assert second.reason is Reason.RATE_LIMITED
    assert (server.asked, time.slept) == (1, [])


@pytest.mark.parametrize("answer", [limited(), limited("0"), limited("10")], ids=["none", "0", "10"])
def test_a_limit_that_stays_ends_within_the_longest_wait(answer: httpx.Response) -> None:
    course = get([answer])
    assert course.end == 429
    assert course.asked > 3
    assert sum(course.slept) <= LONGEST_WAIT


def test_without_retries_a_limit_is_not_waited_for() -> None:
    course = get([limited("1")], limits=Limits(retries=0))
    assert (course.end, course.asked, course.slept) == (429, 1, [])


def test_a_host_that_failed_is_not_waited_for_again_and_soon_given_up() -> None:
    time, server = FakeTime(), Server([REFUSED])
    outcomes = get_all(web(server, time), [f"{URL}/{number}" for number in range(9)])
    assert [outcome.reason for outcome in outcomes if isinstance(outcome, NoAnswer)] == [
        Reason.UNREACHABLE
    ] * 9
    assert server.asked == 5
    assert len(time.slept) == 2


def test_a_host_in_trouble_is_asked_each_thing_all_the_same() -> None:
    time, server = FakeTime(), Server([status(502)])
    get_all(web(server, time), [f"{URL}/{number}" for number in range(9)])
    assert server.asked == 11


def test_a_host_that_answers_again_gets_patience_again() -> None:
    time, server = FakeTime(), Server([REFUSED, REFUSED, REFUSED, OK, REFUSED, OK])
    outcomes = get_all(web(server, time), [f"{URL}/{number}" for number in range(3)])
    assert [isinstance(outcome, Response) for outcome in outcomes] == [False, True, True]
    assert server.asked == 6


def test_what_a_resolver_says_of_another_server_is_not_its_own_trouble() -> None:
    course = get([status(502)], by_resolver=True)
    assert (course.end, course.asked) == (502, 1)
    assert get([REFUSED, OK], by_resolver=True).asked == 2
    assert get([status(408), OK], by_resolver=True).asked == 2


SERVERS = [ServerName("limited.example.org"), ServerName("other.example.org")]
APIS = {server: f"https://{server}" for server in SERVERS}


def test_a_limited_host_pauses_as_a_whole_and_the_others_go_on() -> None:
    time = FakeTime()
    moments: dict[str, list[float]] = {server: [] for server in SERVERS}
    others_done: list[float] = []

    async def handler(request: httpx.Request) -> httpx.Response:
        asked = moments[request.url.host]
        asked.append(time.now)
        if request.url.host == SERVERS[0] and len(asked) == 3:
            return limited("30")
        if "summary" in request.url.path:
            return UNRECOGNIZED
        return status(200, body={"room_id": "!room:example.org"})

    async def sleep(seconds: float) -> None:
        until = time.now + seconds
        for _ in range(2000):  # long enough for the other host to be done
            await asyncio.sleep(0)
        others_done.append(len(moments[SERVERS[1]]))
        time.now = max(time.now, until)

    aliases = [RoomAlias(f"#{number}:{server}") for number in range(20) for server in SERVERS]
    polite = Web(transport=httpx.MockTransport(handler), clock=time, now=time, sleep=sleep)
    answers = ask(polite, aliases, homeservers=APIS)
    assert all(isinstance(answer, Resolved) for answer in answers.values())
    limited_host, other = moments[SERVERS[0]], moments[SERVERS[1]]
    begin = other[0]
    assert set(other) == {begin}
    assert others_done[0] == len(other) >= 20
    # What was under way when the limit came was finished; all else waited.
    assert sum(moment == begin for moment in limited_host) <= 3 + Limits().per_host
    assert min(moment for moment in limited_host if moment > begin) == begin + 30


@pytest.mark.parametrize(("concurrency", "per_host"), [(1, 64), (3, 64), (64, 3), (64, 64)])
def test_nothing_that_waits_for_its_turn_is_asked_while_the_host_pauses(
    concurrency: int, per_host: int
) -> None:
    time = FakeTime()
    moments: list[float] = []

    async def handler(request: httpx.Request) -> httpx.Response:
        if "summary" in request.url.path:  # the first of which is asked for alone
            return UNRECOGNIZED
        moments.append(time.now)
        for _turn in range(20):
            await asyncio.sleep(0)
        return limited("10") if len(moments) <= 64 else status(404, body={"errcode": "M_NOT_FOUND"})

    aliases = [RoomAlias(f"#{number}:{SERVERS[0]}") for number in range(100)]
    limits = Limits(concurrency=concurrency, per_host=per_host)
    ask(web(handler, time, limits), aliases, homeservers=APIS)
    assert moments.count(moments[0]) == min(concurrency, per_host)


def test_a_host_that_limits_now_and_again_holds_its_links_up_for_so_long_and_no_longer() -> None:
    time = FakeTime()
    asked = 0

    async def handler(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        if request.url.host != SERVERS[0]:
            return status(200, body={"room_id": "!room:example.org"})
        asked += 1
        return limited("50") if asked % 2 else status(404, body={"errcode": "M_NOT_FOUND"})

    aliases = [RoomAlias(f"#{number}:{server}") for number in range(100) for server in SERVERS]
    answers = ask(web(handler, time, Limits(per_host=1)), aliases, homeservers=APIS)
    assert sum(time.slept) <= LONGEST_HOLD
    reasons = Counter(answer.reason for answer in answers.values() if isinstance(answer, Unknown))
    assert set(reasons) == {Reason.RATE_LIMITED}
    assert sum(isinstance(answer, Resolved) for answer in answers.values()) == 100


def test_servers_that_pause_do_not_hold_up_one_that_does_not() -> None:
    time = FakeTime()
    healthy_at: list[float] = []

    async def handler(request: httpx.Request) -> httpx.Response:
        if request.url.host == "healthy.example.org":
            healthy_at.append(time.now)
            return status(200, body={"room_id": "!room:example.org"})
        return limited("30")

    async def sleep(seconds: float) -> None:
        until = time.now + seconds
        for _ in range(2000):  # long enough for all that can go on
            await asyncio.sleep(0)
        time.now = max(time.now, until)

    names = [ServerName(f"{number}.example.org") for number in range(100)]
    names.append(ServerName("healthy.example.org"))
    polite = Web(
        Limits(concurrency=2), transport=httpx.MockTransport(handler), clock=time, now=time, sleep=sleep
    )
    begin = time.now
    ask(polite, [RoomAlias(f"#a:{name}") for name in names], homeservers={n: f"https://{n}" for n in names})
    assert healthy_at[0] == begin


def test_silent_servers_do_not_hold_up_one_that_is_not() -> None:
    answered = asyncio.Event()

    async def handler(request: httpx.Request) -> httpx.Response:
        if request.url.host == "healthy.example.org":
            answered.set()
        await answered.wait()
        return status(200, body={"room_id": "!room:example.org"})

    names = [ServerName(f"{number}.example.org") for number in range(10)]
    names.append(ServerName("healthy.example.org"))
    aliases = [RoomAlias(f"#a:{name}") for name in names]
    limits = Limits(timeout=20, concurrency=5, retries=0)
    answers = ask(web(handler, FakeTime(), limits), aliases, homeservers={n: f"https://{n}" for n in names})
    # Nobody's time limit ended: the silent ones could only answer after the last one was asked.
    assert all(isinstance(answer, Resolved) for answer in answers.values())


def test_silent_servers_are_not_asked_without_end() -> None:
    under_way = most = 0

    async def handler(_: httpx.Request) -> httpx.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        try:
            await asyncio.Event().wait()
        finally:
            under_way -= 1
        raise AssertionError

    names = [ServerName(f"{number}.example.org") for number in range(1000)]
    limits = Limits(timeout=0.6, concurrency=200, retries=0)
    answers = ask(
        web(handler, FakeTime(), limits),
        [RoomAlias(f"#a:{name}") for name in names],
        homeservers={n: f"https://{n}" for n in names},
    )
    assert {answer.reason for answer in answers.values() if isinstance(answer, Unknown)} == {
        Reason.UNREACHABLE
    }
    assert 200 < most <= 600


@pytest.mark.parametrize(
    ("limits", "hosts", "most", "most_of_one"),
    [
        (Limits(), 3, 12, 4),
        (Limits(per_host=1), 3, 3, 1),
        (Limits(per_host=7), 3, 21, 7),
        (Limits(concurrency=5), 3, 5, 4),
        (Limits(concurrency=1, per_host=1), 1, 1, 1),
    ],
    ids=repr,
)
def test_so_many_requests_are_under_way_and_no_more(
    limits: Limits, hosts: int, most: int, most_of_one: int
) -> None:
    under_way = Counter[str]()
    seen: list[tuple[int, int]] = []

    async def handler(request: httpx.Request) -> httpx.Response:
        if "summary" in request.url.path:
            return UNRECOGNIZED
        under_way[request.url.host] += 1
        for _ in range(50):
            await asyncio.sleep(0)
        seen.append((under_way.total(), max(under_way.values())))
        under_way[request.url.host] -= 1
        return status(200, body={"room_id": "!room:example.org"})

    servers = [ServerName(f"{number}.example.org") for number in range(hosts)]
    aliases = [RoomAlias(f"#{number}:{server}") for number in range(20) for server in servers]
    given = {server: f"https://{server}" for server in servers}
    answers = ask(web(handler, FakeTime(), limits), aliases, homeservers=given)
    assert all(isinstance(answer, Resolved) for answer in answers.values())
    assert (max(total for total, _ in seen), max(one for _, one in seen)) == (most, most_of_one)


def test_a_request_that_takes_too_long_is_given_up_and_named() -> None:
    async def handler(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    impatient = web(handler, FakeTime(), Limits(timeout=0.01))
    alias = RoomAlias("#stash:other.example.org")
    [answer] = ask(impatient, [alias], homeservers=APIS).values()
    assert isinstance(answer, Unknown)
    assert (answer.reason, answer.detail) == (
        Reason.UNREACHABLE,
        "other.example.org did not answer within 0.01 seconds",
    )


def test_a_run_that_is_cut_short_leaves_no_task_behind() -> None:
    started = 0

    async def handler(request: httpx.Request) -> httpx.Response:
        nonlocal started
        if "summary" in request.url.path:
            return UNRECOGNIZED
        started += 1
        await asyncio.Event().wait()
        raise AssertionError

    async def fill() -> None:
        polite = web(handler, FakeTime())
        aliases = [RoomAlias(f"#{number}:other.example.org") for number in range(20)]
        async with asyncio.timeout(0.05), aclosing(polite):
            async for answer in resolve(polite, aliases, homeservers=APIS):
                raise AssertionError(answer)

    async def run() -> None:
        with pytest.raises(TimeoutError):
            await fill()
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(run())
    assert started == Limits().per_host
