"""All questions of one run: what the cache knows, and what the network says until the time is over."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass

from stashmatrix.checks.judge import Questions, in_the_way
from stashmatrix.matrix.identifiers import RoomAlias, RoomId, ServerName
from stashmatrix.network import cache as caching
from stashmatrix.network import support
from stashmatrix.network.cache import Cache
from stashmatrix.network.patience import Web
from stashmatrix.network.resolve import resolve
from stashmatrix.options import OnProgress, Options, TimeForEach
from stashmatrix.records.answers import Answer, Resolved
from stashmatrix.records.findings import Check
from stashmatrix.text import counted


@dataclass(frozen=True, slots=True)
class Answers:
    """What a run learned."""

    aliases: dict[RoomAlias, Answer]
    rooms: dict[RoomId, Answer]
    contacts: Mapping[ServerName, str]
    """Whom to tell of the servers that are in the way."""
    interrupted: bool
    """Whether Ctrl-C ended the questions."""


def ask(
    asked: Questions,
    options: Options,
    *,
    anew: Collection[object],
    on_progress: OnProgress,
    warn: Callable[[str], None],
) -> Answers:
    """Ask the rooms' homeservers; the cache has no say about the aliases that are asked ``anew``.

    Raises as ``checking.check`` does, and keeps in the cache what was learned.
    """
    web = Web(options.limits, allow_private=options.allow_private)
    cache, known = _cached(asked.aliases, anew, options, web.way, warn)
    asked = asked._replace(aliases=asked.aliases - known.keys())
    number = len(asked.aliases) + len(asked.rooms)
    limit = options.max_time
    seconds = limit.seconds(number) if isinstance(limit, TimeForEach) else limit
    new: dict[RoomAlias | RoomId, Answer] = {}
    contacts: dict[ServerName, str] = {}
    interrupted = timed_out = False
    try:
        timed_out = asyncio.run(_ask(web, asked, options, seconds, new, contacts, on_progress))
    except KeyboardInterrupt:
        interrupted = True
    if timed_out and isinstance(limit, TimeForEach):
        rooms = counted(number, "room")
        warn(f"stopped after {seconds:g} seconds, the default for {rooms}; --max-time sets another limit")
    aliases = {alias: answer for alias, answer in new.items() if isinstance(alias, RoomAlias)}
    if cache is not None and (warning := caching.save(cache, aliases)) is not None:
        warn(warning)
    rooms_by_id = {room_id: answer for room_id, answer in new.items() if isinstance(room_id, RoomId)}
    return Answers(known | aliases, rooms_by_id, contacts, interrupted)


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


async def _ask(
    web: Web,
    asked: Questions,
    options: Options,
    seconds: float,
    answers: dict[RoomAlias | RoomId, Answer],
    contacts: dict[ServerName, str],
    on_progress: OnProgress,
) -> bool:
    """Put the answer about each room into ``answers``, and whom to tell of trouble into ``contacts``.

    Say whether the time was over before the end.
    """
    aliases = sorted(asked.aliases)
    total = len(aliases) + len(asked.rooms)
    awaited = Counter(alias.server_name for alias in aliases)
    on_progress(0, total, awaited)
    incoming = resolve(
        web,
        aliases,
        rooms=asked.rooms,
        homeservers=options.homeservers,
        resolver=options.resolver,
        with_canonical=Check.NOT_CANONICAL in options.notes,
    )
    limit = asyncio.timeout(seconds)
    with suppress(TimeoutError):
        async with limit, aclosing(web), aclosing(incoming):
            async for room, answer in incoming:
                answers[room] = answer
                if isinstance(room, RoomAlias):
                    awaited[room.server_name] -= 1
                    if awaited[room.server_name] <= 0:
                        del awaited[room.server_name]
                on_progress(len(answers), max(total, len(answers)), awaited)
            contacts |= await support.contacts(web, in_the_way(asked, answers) - options.homeservers.keys())
    return limit.expired()
