"""One run of the checker, for any Python program: references in, report out, and no terminal."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from stashmatrix.checks.judge import Questions, judge, judge_offline, partition, questions
from stashmatrix.matrix.identifiers import RoomAlias, RoomId, ServerName
from stashmatrix.network import cache as caching
from stashmatrix.network.cache import Cache
from stashmatrix.network.homeserver import resolve
from stashmatrix.network.limits import MAX_AGE, Limits
from stashmatrix.network.patience import Web
from stashmatrix.records.answers import Answer
from stashmatrix.records.reference import Reference
from stashmatrix.records.results import Report
from stashmatrix.text import counted

OnProgress = Callable[[int, int, Collection[str]], None]
"""Called first and after each answer, with the number of answers, of questions, and the servers to answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeForEach:
    """A time limit in proportion to what is asked."""

    base: float = 600.0
    """Seconds for any run: enough to wait for a host that pauses its requests for as long as it may."""
    each: float = 0.2
    """Seconds for each room: two requests that take 400 ms, and four of them in parallel."""

    def seconds(self, rooms: int) -> float:
        """Return the limit for a run that asks about so many rooms."""
        return self.base + self.each * rooms


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to check, as the options of ``check-links`` say it."""

    homeservers: Mapping[ServerName, str] = field(default_factory=dict)
    """Base URL of a server's API, in place of discovery."""
    resolver: str | None = None
    """Base URL of a homeserver to ask when an alias's own server is unreachable."""
    allow_private: bool = False
    """Whether servers may be at private and loopback addresses."""
    ignore: tuple[str, ...] = ()
    """Shell patterns of aliases to skip."""
    offline: bool = False
    """Whether to ask nobody, and to judge by what needs no network."""
    recorded: Mapping[RoomAlias, RoomId] = field(default_factory=dict)
    """The room that each alias led to at an earlier time, as a lock file has it."""
    cache: Path | None = None
    """File that keeps found rooms between runs."""
    max_age: float = MAX_AGE
    """Maximum age of a cached answer, in seconds."""
    max_time: float | TimeForEach = TimeForEach()
    """Time limit for the run, in seconds."""
    limits: Limits = field(default_factory=Limits)


def check(
    references: Iterable[Reference],
    options: Options | None = None,
    *,
    on_progress: OnProgress = lambda *_: None,
    warn: Callable[[str], None] = lambda _: None,
) -> Report:
    """Ask the rooms' homeservers, and judge each reference by their answers.

    Ctrl-C ends the questions: the report has the answers until then, and is ``interrupted``. ``warn``
    gets each line that a user should read, such as one about a damaged cache. Raises
    ``StashmatrixError`` if the environment's proxy or certificates make HTTP impossible, and
    ``RuntimeError`` in a running event loop: call it in a thread there, as by ``asyncio.to_thread``.
    """
    options = options or Options()
    checked, skipped = partition(references, options.ignore)
    asked = questions(checked)
    if options.offline or not any(asked):
        return judge_offline(checked, skipped=skipped)
    web = Web(options.limits, allow_private=options.allow_private)
    cache, answers = _cached(checked, asked.aliases, options, web.way, warn)
    asked = asked._replace(aliases=asked.aliases - answers.keys())
    number = len(asked.aliases) + len(asked.rooms)
    is_default = isinstance(options.max_time, TimeForEach)
    seconds = (
        options.max_time.seconds(number) if isinstance(options.max_time, TimeForEach) else options.max_time
    )
    new: dict[RoomAlias | RoomId, Answer] = {}
    interrupted = timed_out = False
    try:
        timed_out = asyncio.run(_ask(web, asked, options, seconds, new, on_progress))
    except KeyboardInterrupt:
        interrupted = True
    if timed_out and is_default:
        rooms = counted(number, "room")
        warn(f"stopped after {seconds:g} seconds, the default for {rooms}; --max-time sets another limit")
    by_alias = {alias: answer for alias, answer in new.items() if isinstance(alias, RoomAlias)}
    by_id = {room_id: answer for room_id, answer in new.items() if isinstance(room_id, RoomId)}
    if cache is not None and (warning := caching.save(cache, by_alias)) is not None:
        warn(warning)
    report = judge(checked, answers | by_alias, rooms=by_id, recorded=options.recorded, skipped=skipped)
    return replace(report, interrupted=interrupted)


def _cached(
    references: Iterable[Reference],
    aliases: Iterable[RoomAlias],
    options: Options,
    way: str,
    warn: Callable[[str], None],
) -> tuple[Cache | None, dict[RoomAlias, Answer]]:
    """Return the cache, if there is to be one, and what it knows of the aliases by this ``way``."""
    if options.cache is None:
        return None, {}
    cache = caching.load(
        options.cache, homeservers=options.homeservers, way=way, max_age=options.max_age, now=time.time()
    )
    if cache.warning is not None:
        warn(cache.warning)
    # The addresses of a space are compared with each other: an old answer with a new one would be
    # no proof.
    of_spaces = {reference.target for reference in references if reference.is_space}
    answers = {alias: cache.get(alias) for alias in aliases if alias not in of_spaces}
    return cache, {alias: answer for alias, answer in answers.items() if answer is not None}


async def _ask(
    web: Web,
    asked: Questions,
    options: Options,
    seconds: float,
    answers: dict[RoomAlias | RoomId, Answer],
    on_progress: OnProgress,
) -> bool:
    """Put the answer about each room into ``answers``; say whether the time was over before the end."""
    aliases = sorted(asked.aliases)
    total = len(aliases) + len(asked.rooms)
    awaited = Counter(alias.server_name for alias in aliases)
    on_progress(0, total, awaited)
    incoming = resolve(
        web, aliases, rooms=asked.rooms, homeservers=options.homeservers, resolver=options.resolver
    )
    limit = asyncio.timeout(seconds)
    with suppress(TimeoutError):
        async with limit, aclosing(web), aclosing(incoming):
            async for room, answer in incoming:
                answers[room] = answer
                if isinstance(room, RoomAlias):
                    awaited[room.server_name] -= 1
                    if not awaited[room.server_name]:
                        del awaited[room.server_name]
                on_progress(len(answers), total, awaited)
    return limit.expired()
