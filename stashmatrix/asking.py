"""All questions of one run: what the cache knows, and what the network says until the time is over."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace

from stashmatrix.checks.judge import Questions, in_the_way
from stashmatrix.checks.nearby import Nearby
from stashmatrix.checks.nearby import Questions as NearbyQuestions
from stashmatrix.matrix.identifiers import RoomAlias, RoomId, ServerName
from stashmatrix.network import cache as caching
from stashmatrix.network import support
from stashmatrix.network.cache import Cache
from stashmatrix.network.patience import Web
from stashmatrix.network.resolve import confirm, resolve
from stashmatrix.options import OnAttempt, OnProgress, Options, TimeForEach
from stashmatrix.records.answers import Answer, Resolved
from stashmatrix.records.findings import Check
from stashmatrix.text import counted


@dataclass(frozen=True, slots=True)
class Answers:
    """What a run learned."""

    aliases: dict[RoomAlias, Answer]
    rooms: dict[RoomId, Answer]
    contacts: dict[ServerName, str]
    """Whom to tell of the servers that are in the way."""
    nearby: dict[RoomAlias, Resolved]
    """What absent aliases may have been meant to be; no verdict depends on it."""
    interrupted: bool = False
    """Whether Ctrl-C ended the questions."""


def ask(
    asked: Questions,
    options: Options,
    *,
    anew: Collection[object],
    is_left_alone: Callable[[RoomAlias], bool],
    on_progress: OnProgress,
    on_attempt: OnAttempt,
    warn: Callable[[str], None],
) -> Answers:
    """Ask the rooms' homeservers; the cache has no say about the aliases that are asked ``anew``.

    Nobody is asked whether an alias that ``is_left_alone`` is what an absent one was meant to be. Raises
    as ``checking.check`` does, and keeps in the cache what was learned.
    """
    web = Web(options.limits, allow_private=options.allow_private, on_attempt=on_attempt)
    cache, known = _cached(asked.aliases, anew, options, web.way, warn)
    asked = asked._replace(aliases=asked.aliases - known.keys())
    number = len(asked.aliases) + len(asked.rooms)
    limit = options.max_time
    seconds = limit.seconds(number) if isinstance(limit, TimeForEach) else limit
    said = Answers(aliases={**known}, rooms={}, contacts={}, nearby={})
    interrupted = timed_out = False
    asking = _Asking(web, options, said, cache, is_left_alone)
    try:
        timed_out = asyncio.run(asking.ask(asked, seconds, on_progress))
    except KeyboardInterrupt:
        interrupted = True
    if timed_out and isinstance(limit, TimeForEach):
        rooms = counted(number, "room")
        warn(f"stopped after {seconds:g} seconds, the default for {rooms}; --max-time sets another limit")
    new = {alias: answer for alias, answer in said.aliases.items() if alias not in known}
    if cache is not None and (warning := caching.save(cache, new | said.nearby)) is not None:
        warn(warning)
    return replace(said, interrupted=interrupted)


def _cached(
    aliases: frozenset[RoomAlias],
    anew: Collection[object],
    options: Options,
    way: str,
    warn: Callable[[str], None],
) -> tuple[Cache | None, dict[RoomAlias, Resolved]]:
    """Return the cache, if there is to be one, and what it knows of the aliases by this ``way``.

    That is not asked for those to ask ``anew``.
    """
    if options.cache is None:
        return None, {}
    cache = caching.load(
        options.cache, homeservers=options.homeservers, way=way, max_age=options.max_age, now=time.time()
    )
    if cache.warning is not None:
        warn(cache.warning)
    known = _known(cache, aliases.difference(anew))
    canonical = {answer.canonical_alias for answer in known.values() if answer.canonical_alias}
    return cache, known | _known(cache, canonical - aliases)


def _known(cache: Cache, aliases: Iterable[RoomAlias]) -> dict[RoomAlias, Resolved]:
    answers = ((alias, cache.get(alias)) for alias in aliases)
    return {alias: answer for alias, answer in answers if answer is not None}


@dataclass(frozen=True, slots=True)
class _Asking:
    """The questions of a run, whose answers go into ``said`` as they come."""

    web: Web
    options: Options
    said: Answers
    cache: Cache | None
    is_left_alone: Callable[[RoomAlias], bool]

    async def ask(self, asked: Questions, seconds: float, on_progress: OnProgress) -> bool:
        """Ask what the verdicts need, and say whether the time was over before the end of that.

        What absent aliases may have been meant to be is worth as long as one request, if that is left.
        """
        limit = asyncio.timeout(seconds)
        async with aclosing(self.web):
            with suppress(TimeoutError):
                async with limit:
                    await self._ask_what_is_needed(asked, on_progress)
            if not limit.expired():
                end = asyncio.get_running_loop().time() + self.options.limits.timeout
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(min(end, limit.when() or end)):
                        await self._ask_nearby(asked.aliases)
        return limit.expired()

    async def _ask_what_is_needed(self, asked: Questions, on_progress: OnProgress) -> None:
        aliases = sorted(asked.aliases)
        total = len(aliases) + len(asked.rooms)
        awaited = Counter(alias.server_name for alias in aliases)
        on_progress(0, total, awaited)
        incoming = resolve(
            self.web,
            aliases,
            rooms=asked.rooms,
            homeservers=self.options.homeservers,
            resolver=self.options.resolver,
            with_canonical=Check.NOT_CANONICAL in self.options.notes,
        )
        new: dict[RoomAlias | RoomId, Answer] = {}
        async with aclosing(incoming):
            async for room, answer in incoming:
                new[room] = answer
                if isinstance(room, RoomAlias):
                    self.said.aliases[room] = answer
                    awaited[room.server_name] -= 1
                    if awaited[room.server_name] <= 0:
                        del awaited[room.server_name]
                else:
                    self.said.rooms[room] = answer
                on_progress(len(new), max(total, len(new)), awaited)
        names = in_the_way(asked, new) - self.options.homeservers.keys()
        self.said.contacts.update(await support.contacts(self.web, names))

    async def _ask_nearby(self, aliases: frozenset[RoomAlias]) -> None:
        """Ask what those of the ``aliases`` that are absent may have been meant to be."""
        nearby = Nearby(aliases, self.said.aliases, recorded=self.options.recorded)
        rooms: list[Resolved] = []

        def on_found(room: RoomAlias | RoomId, answer: Resolved) -> None:
            if isinstance(room, RoomAlias):
                self.said.nearby[room] = answer
            else:
                rooms.append(answer)

        async def ask(questions: NearbyQuestions) -> None:
            if self.cache is not None:
                asked = (room for rooms in questions.values() for room in rooms)
                aliases = (room for room in asked if isinstance(room, RoomAlias))
                self.said.nearby.update(_known(self.cache, aliases))
            new = {
                server: [room for room in rooms if room not in self.said.nearby]
                for server, rooms in questions.items()
            }
            servers = self.options.homeservers
            await confirm(self.web, new, apis=nearby.apis, homeservers=servers, on_found=on_found)

        await ask(nearby.questions(self.is_left_alone))
        await ask(nearby.further_questions(rooms, self.is_left_alone))
