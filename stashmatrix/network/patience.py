"""The web as the checker asks it: patient where a fault may pass, and polite to each host."""

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus

from stashmatrix.network.addresses import NameLookup, system_lookup
from stashmatrix.network.fetch import Fetcher, Transport
from stashmatrix.network.outcomes import NoAnswerError, Response
from stashmatrix.network.urls import host_and_port
from stashmatrix.records.answers import Reason

LONGEST_WAIT = 60.0
"""Seconds that one request waits at most because the host asks it to."""
LONGEST_HOLD = 300.0
"""Seconds that a host can hold its requests up in all by asking them to wait."""

_FAILURES_TO_GIVE_UP = 3
_TROUBLE = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How patient to be, and how eager."""

    timeout: float = 15.0
    """Seconds for one request, from connecting to the last byte; a homeserver gives itself 10."""
    retries: int = 2
    """How often to ask again after a fault that may pass."""
    concurrency: int = 32
    """How many requests may be under way, to all hosts together."""
    per_host: int = 4
    """How many requests may be under way to one host."""


_Ask = Callable[[], Awaitable[Response | NoAnswerError]]


class _Host:
    """What is known of one host in this run."""

    def __init__(self, per_host: int) -> None:
        self.gate = asyncio.Semaphore(per_host)
        self.resume_at = 0.0
        """When it may be asked again, by the clock."""
        self.held_up = 0.0
        """How many seconds it has asked to wait, in all."""
        self.failures = 0
        """How many requests in a row got no answer."""
        self.given_up: NoAnswerError | None = None
        """Why it is asked no more."""


class Web:
    """HTTP with bounds on time and on requests under way; to be closed with ``aclose``."""

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
    ) -> None:
        """Set HTTP up as ``Fetcher`` does, and raise what it raises.

        ``clock`` tells seconds since any moment, ``now`` those since 1970, and ``sleep`` waits.
        """
        self.limits = limits or Limits()
        self._fetcher = Fetcher(
            connections=self.limits.concurrency,
            transport=transport,
            lookup=lookup,
            trusted=trusted,
            allow_private=allow_private,
            now=now,
        )
        self._clock = clock
        self._sleep = sleep
        self._slots = asyncio.Semaphore(self.limits.concurrency)
        self._hosts: dict[str, _Host] = {}

    async def aclose(self) -> None:
        """Close all connections."""
        await self._fetcher.aclose()

    async def get(self, url: str, *, limit: int, by_resolver: bool = False) -> Response:
        """Fetch ``url``, up to ``limit`` bytes of body; raise ``NoAnswerError`` if there is no response.

        A fault that may pass is retried after a pause. A host that has had too many requests pauses as
        a whole, for as long as it asks to; one that asks for too long, or gives no answer time after
        time, is asked no more. ``by_resolver`` says that the host asks another one for the answer: it
        gets twice the time, and the trouble that it reports is not its own.
        """
        place = host_and_port(url)
        host = self._hosts.setdefault(place, _Host(self.limits.per_host))
        seconds = self.limits.timeout * (2 if by_resolver else 1)

        async def ask() -> Response | NoAnswerError:
            try:
                async with asyncio.timeout(seconds):
                    return await self._fetcher.get(url, limit=limit)
            except NoAnswerError as error:
                return error
            except TimeoutError:
                plural = "" if seconds == 1 else "s"
                detail = f"{place} did not answer within {seconds:g} second{plural}"
                return NoAnswerError(Reason.UNREACHABLE, detail, passing=True)

        async with host.gate:
            # A host that failed before is not worth the wait.
            retries = 0 if host.failures else self.limits.retries
            for retry in range(retries + 1):
                outcome = await self._admitted(host, ask)
                if not _may_pass(outcome, by_resolver=by_resolver):
                    host.failures = 0
                    break
                if retry < retries:
                    await self._sleep(_back_off(retry))
            else:
                host.failures += 1
        if isinstance(outcome, Response):
            return outcome
        if host.failures >= _FAILURES_TO_GIVE_UP:
            host.given_up = outcome
        raise outcome

    async def _admitted(self, host: _Host, ask: _Ask) -> Response | NoAnswerError:
        """Ask once the host may be asked, and again where it only asks to wait."""
        longest = LONGEST_WAIT if self.limits.retries else 0.0
        waited = 0.0
        for attempt in itertools.count():
            outcome = await self._in_turn(host, ask)
            if isinstance(outcome, NoAnswerError) or not outcome.asks_to_wait:
                break
            pause = max(outcome.retry_after, _back_off(attempt))
            waited += pause
            resume_at = max(host.resume_at, self._clock() + pause)
            held_up = host.held_up + resume_at - max(host.resume_at, self._clock())
            if waited > longest or held_up > LONGEST_HOLD:
                host.given_up = outcome.refusal()
                break
            host.resume_at, host.held_up = resume_at, held_up
        return outcome

    async def _in_turn(self, host: _Host, ask: _Ask) -> Response | NoAnswerError:
        """Ask when neither the host pauses nor too much is under way."""
        while True:
            async with self._slots:
                pause = host.resume_at - self._clock()
                if host.given_up is not None:
                    return host.given_up
                if pause <= 0:
                    return await ask()
            await self._sleep(pause)


def _may_pass(outcome: Response | NoAnswerError, *, by_resolver: bool) -> bool:
    if isinstance(outcome, NoAnswerError):
        return outcome.passing
    return outcome.status in _TROUBLE and not by_resolver


def _back_off(attempt: int) -> float:
    """Return the seconds to wait after the attempt of this number, from 0.

    Half of it is chance, lest all that failed together come back together.
    """
    return 2.0**attempt * random.uniform(0.5, 1)  # noqa: S311 (nobody gains by guessing it)
