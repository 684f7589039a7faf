"""Requests that are retried after temporary failures, and that spare each host."""

import asyncio
import itertools
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import aclosing, asynccontextmanager
from copy import copy
from dataclasses import dataclass, replace
from http import HTTPStatus

from stashmatrix.network.addresses import NameLookup, system_lookup
from stashmatrix.network.fetch import Fetcher, Transport, surroundings
from stashmatrix.network.limits import Limits
from stashmatrix.network.outcomes import NoAnswer, Response, Wait
from stashmatrix.network.turns import Turns
from stashmatrix.network.urls import host_and_port
from stashmatrix.records.answers import Reason
from stashmatrix.records.attempts import Attempt

LONGEST_WAIT = 60.0
"""Maximum seconds that one request waits because the host asks for it."""
LONGEST_HOLD = 300.0
"""Maximum seconds that a host can pause its requests, in total, by asking for it."""

WaitOf = Callable[[Response], Wait | None]
"""Return how long a response asks to wait before the same request, or ``None`` if it does not."""

_FAILURES_TO_GIVE_UP = 3
# Part of the time limit after which a silent server no longer keeps others waiting: half a second of 15.
_SILENCE = 1 / 30
# Maximum requests to silent servers, beside those under way; each is an open file.
_MOST_SILENT = 384
# Maximum servers that wait, for an answer or for the end of a pause.
_MOST_WAITING = 512
# Trouble with another server. A 408 is about our own request: it came too late on a kept connection.
_TROUBLE = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """What ``Web.get`` is to fetch."""

    url: str
    place: str
    """The URL's host and port."""
    limit: int
    seconds: float
    """Time limit."""
    wait_of: WaitOf
    by_resolver: bool
    fresh: bool
    """Whether it has a connection of its own."""
    once: bool
    """Whether it is not worth a second try."""


class _Host:
    """The state of one host in this run."""

    def __init__(self, per_host: int) -> None:
        self.slots = asyncio.Semaphore(per_host)
        """Limits the parallel requests to the host."""
        self.resume_at = 0.0
        """When the host's pause ends, by the clock."""
        self.total_pause = 0.0
        """Seconds that the host has asked to wait so far."""
        self.failures = 0
        """How many requests in a row failed, retries included."""
        self.was_in_trouble = False
        """Whether it ever failed or asked to wait."""
        self.final: NoAnswer | None = None
        """What every further request ends in, as the host gets no more of them; ``None`` before that."""


class Web:
    """HTTP with retries, time limits and a limit of parallel requests; close it with ``aclose``."""

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        transport: Transport | None = None,
        lookup: NameLookup = system_lookup,
        trusted: Iterable[str] = (),
        allow_private: bool = False,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        on_attempt: Callable[[Attempt], None] = lambda _: None,
    ) -> None:
        """Set HTTP up as ``surroundings`` does, and raise what it raises.

        ``trusted`` are URLs whose hosts may be at private addresses, whoever leads there; with
        ``allow_private`` all hosts may. ``transport`` replaces the network, ``lookup`` the look-up of names,
        ``clock`` tells seconds since any moment, ``now`` those since 1970, and ``sleep`` waits.
        ``on_attempt`` gets each request as it begins, as it waits and as it ends.
        """
        self.limits = limits or Limits()
        self._around = surroundings(
            transport=transport, lookup=lookup, trusted=trusted, allow_private=allow_private, now=now
        )
        self._fetcher = Fetcher(self._around)
        self._clock = clock
        self._sleep = sleep
        self._on_attempt = on_attempt
        self._name: str | None = None
        """The server whose questions are asked."""
        self._requests = Turns(self.limits.concurrency, most_waiting=_MOST_SILENT)
        self._servers = Turns(self.limits.concurrency, most_waiting=_MOST_WAITING)
        self._hosts: dict[str, _Host] = {}
        self._give_way: Callable[[], None] = lambda: None
        """Lets another server start, as this one only waits."""

    @asynccontextmanager
    async def server(self, name: str, *, trusted: Iterable[str] = ()) -> AsyncGenerator["Web"]:
        """Wait for the turn of a server, and yield this web with connections of its own for its questions.

        Connections and ``trusted`` are as in ``apart``. As many servers have a turn as requests may be
        under way, apart from servers that only wait.
        """
        async with self._servers.turn() as give_way, self.apart(trusted=trusted) as own:
            own._give_way = give_way  # noqa: SLF001 (the same class)
            own._name = name  # noqa: SLF001 (likewise)
            yield own

    @asynccontextmanager
    async def apart(self, *, trusted: Iterable[str] = ()) -> AsyncGenerator["Web"]:
        """Yield this web with connections of its own, which are closed at the end.

        Only they may go to private addresses of the hosts in the URLs ``trusted``.
        """
        own = copy(self)
        own._fetcher = Fetcher(self._around, trusted=trusted)  # noqa: SLF001 (the same class)
        async with aclosing(own):
            yield own

    @property
    def way(self) -> str:
        """What decides an answer beside the URL, as ``Surroundings.way`` has it."""
        return self._around.way

    def has_failed(self, url: str) -> bool:
        """Say whether the last request to the host of ``url`` failed: another may take as long."""
        place = host_and_port(url)
        return isinstance(place, NoAnswer) or (place in self._hosts and self._hosts[place].failures > 0)

    def was_in_trouble(self, url: str) -> bool:
        """Say whether the host of ``url`` ever failed or asked to wait in this run."""
        place = host_and_port(url)
        return isinstance(place, NoAnswer) or (place in self._hosts and self._hosts[place].was_in_trouble)

    def without_retries(self) -> "Web":
        """Return this web, with its connections, for questions that are worth neither retries nor waits."""
        own = copy(self)
        own.limits = replace(self.limits, retries=0)
        return own

    async def aclose(self) -> None:
        """Close all connections."""
        await self._fetcher.aclose()

    async def get(
        self,
        url: str,
        *,
        limit: int,
        wait_of: WaitOf,
        by_resolver: bool = False,
        fresh: bool = False,
        once: bool = False,
    ) -> Response | NoAnswer:
        """Fetch ``url``, with at most ``limit`` bytes of body.

        A temporary failure is retried after a pause. If a response asks to wait, as ``wait_of`` reads
        it, the whole host pauses. A host that asks to wait for too long, or cannot be reached again and
        again, gets no more requests. ``by_resolver`` says that the host asks another one for the answer:
        it gets twice the time, and the trouble that it reports is not its own. ``fresh`` has the request
        sent on a connection of its own. With ``once`` nothing is retried. Raises nothing for whatever the
        network does.
        """
        place = host_and_port(url)
        if isinstance(place, NoAnswer):
            return place
        request = _Request(
            url=url,
            place=place,
            limit=limit,
            seconds=self.limits.timeout * (2 if by_resolver else 1),
            wait_of=wait_of,
            by_resolver=by_resolver,
            fresh=fresh,
            once=once,
        )
        host = self._hosts.setdefault(place, _Host(self.limits.per_host))
        async with host.slots:
            outcome = await self._with_retries(host, request)
        if isinstance(outcome, NoAnswer) and host.failures >= _FAILURES_TO_GIVE_UP:
            host.final = outcome
        return outcome

    async def _with_retries(self, host: _Host, request: _Request) -> Response | NoAnswer:
        """Send the request until it does not fail, or the retries are used up."""
        # A host that failed before is not worth the time.
        retries = 0 if host.failures or request.once else self.limits.retries
        for retry in itertools.count():
            attempt = Attempt(
                url=request.url, server=self._name or request.place, retry=retry, retries=retries
            )
            self._on_attempt(attempt)
            outcome = await self._with_waits(host, request, attempt)
            said = outcome.detail if isinstance(outcome, NoAnswer) else f"HTTP {outcome.status}"
            self._on_attempt(replace(attempt, outcome=said))
            if not _is_temporary(outcome, by_resolver=request.by_resolver):
                host.failures = 0
                break
            host.was_in_trouble = True
            if retry == retries:
                host.failures += 1
                break
            self._give_way()
            await self._sleep(_back_off(retry))
        return outcome

    async def _with_waits(self, host: _Host, request: _Request, attempt: Attempt) -> Response | NoAnswer:
        """Send the request, and again for as long as the host only asks to wait."""
        longest = LONGEST_WAIT if self.limits.retries else 0.0
        waited = 0.0
        for number in itertools.count():
            outcome = await self._in_turn(host, request)
            wait = None if isinstance(outcome, NoAnswer) else request.wait_of(outcome)
            if wait is None:
                break
            host.was_in_trouble = True
            pause = max(wait.seconds, _back_off(number))
            waited += pause
            resume_at = max(host.resume_at, self._clock() + pause)
            total_pause = host.total_pause + resume_at - max(host.resume_at, self._clock())
            if waited > longest or total_pause > LONGEST_HOLD:
                host.final = wait.refusal
                break
            host.resume_at, host.total_pause = resume_at, total_pause
            self._on_attempt(replace(attempt, wait=pause))
        return outcome

    async def _in_turn(self, host: _Host, request: _Request) -> Response | NoAnswer:
        """Send the request once the host does not pause and there are not too many others."""
        while True:
            async with self._requests.turn() as give_way:
                pause = host.resume_at - self._clock()
                if host.final is not None:
                    return host.final
                if pause <= 0:
                    return await self._send(request, give_way)
            self._give_way()
            await self._sleep(pause)

    async def _send(self, request: _Request, give_way: Callable[[], None]) -> Response | NoAnswer:
        """Send the request once, within its time limit. While a server is silent, others get a turn."""

        def let_others_start() -> None:
            give_way()
            self._give_way()

        silence = asyncio.get_running_loop().call_later(request.seconds * _SILENCE, let_others_start)
        try:
            async with asyncio.timeout(request.seconds):
                return await self._fetcher.get(request.url, limit=request.limit, fresh=request.fresh)
        except TimeoutError:
            plural = "" if request.seconds == 1 else "s"
            by_way_of = self._fetcher.by_way_of(request.url)
            detail = f"{request.place} did not answer within {request.seconds:g} second{plural}{by_way_of}"
            return NoAnswer(Reason.UNREACHABLE, detail, is_temporary=True)
        finally:
            silence.cancel()


def _is_temporary(outcome: Response | NoAnswer, *, by_resolver: bool) -> bool:
    if isinstance(outcome, NoAnswer):
        return outcome.is_temporary
    if outcome.status == HTTPStatus.REQUEST_TIMEOUT:
        return True
    return outcome.status in _TROUBLE and not by_resolver


def _back_off(attempt: int) -> float:
    """Return the seconds to wait after an attempt, the first of which is number 0.

    Half of it is random, so that requests that failed together are not repeated together.
    """
    return 2.0**attempt * random.uniform(0.5, 1)  # noqa: S311 (nobody gains by guessing it)
