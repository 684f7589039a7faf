"""All questions about rooms, put to the servers that can answer them: many servers in parallel."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from stashmatrix.matrix.identifiers import RoomAlias, RoomId, ServerName
from stashmatrix.network.discovery import ApiLocation, discover
from stashmatrix.network.homeserver import Homeserver, Room
from stashmatrix.network.outcomes import NoAnswer
from stashmatrix.network.patience import Web
from stashmatrix.records.answers import Absent, Answer, Reason, Resolved, Unknown

# Far more than have a turn: servers that are silent or pause must not delay the others.
_SERVERS_AT_ONCE = 512

# As many as a link should name (Appendices, "Routing").
_MOST_VIA = 3

T = TypeVar("T")
_OnAnswer = Callable[[Room, Answer], None]


async def resolve(
    web: Web,
    aliases: Iterable[RoomAlias],
    *,
    rooms: Mapping[RoomId, Sequence[ServerName]] | None = None,
    homeservers: Mapping[ServerName, str] | None = None,
    resolver: str | None = None,
    with_canonical: bool = False,
) -> AsyncGenerator[tuple[Room, Answer], None]:
    """Ask each alias's own server where it leads; yield each alias once, with its answer, as that comes.

    ``rooms`` maps room IDs to one or more servers that may be in the room: the first three are asked for
    its summary, one after the other, until one gives it. Without that nothing is proven: a server may
    hide a room, or not be in it. So a room ID is ``Resolved`` or ``Unknown``.

    ``homeservers`` gives the base URL of a server's API, in place of discovery. ``resolver`` is the base
    URL of a homeserver to ask if an alias's own gives no answer. ``with_canonical`` asks about the alias
    that the room of one of the ``aliases`` calls its own, too. Raises nothing for whatever the network
    does. A consumer that may stop early has to close the generator, by ``aclosing`` for instance; that
    cancels the requests under way.
    """
    answers: asyncio.Queue[tuple[Room, Answer] | None] = asyncio.Queue()

    def on_answer(room: Room, answer: Answer) -> None:
        answers.put_nowait((room, answer))

    open_questions = _OpenQuestions(aliases, rooms or {}, on_answer, with_canonical=with_canonical)
    # A task of its own: a generator that yields inside a TaskGroup has its consumer cancelled by a worker
    # that fails, wherever the consumer is at the time.
    asking = asyncio.create_task(_ask_servers(web, open_questions, homeservers or {}, resolver))
    asking.add_done_callback(lambda _: answers.put_nowait(None))
    try:
        while (item := await answers.get()) is not None:
            yield item
        await asking  # raises what a worker raised
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


async def _ask_servers(
    web: Web,
    open_questions: "_OpenQuestions",
    homeservers: Mapping[ServerName, str],
    resolver: str | None,
) -> None:
    """Do what ``resolve`` does, and pass each answer on."""
    # Only the questions for which the user gave a URL may go to a private address there.
    resolver_web = web.apart(trusted=[] if resolver is None else [resolver])
    locations: dict[ServerName, ApiLocation | NoAnswer] = {}

    async def ask(item: tuple[ServerName, Collection[Room]]) -> None:
        name, questions = item
        base_url = homeservers.get(name)
        async with web.server(name, trusted=[] if base_url is None else [base_url]) as own:
            if name not in locations:
                known = None if base_url is None else ApiLocation(base_url=base_url)
                locations[name] = known or await discover(own, name)
            await _ask_server(own, name, locations[name], questions, open_questions.answer, resolver_api)

    async with resolver_web as its_own:
        resolver_api = None if resolver is None else Homeserver(its_own, resolver, is_resolver=True)
        for turn in range(_MOST_VIA):
            await _for_each(open_questions.of_turn(turn).items(), ask, at_once=_SERVERS_AT_ONCE)


async def confirm(
    web: Web,
    questions: Mapping[ServerName, Collection[Room]],
    *,
    apis: Mapping[ServerName, str],
    homeservers: Mapping[ServerName, str],
    on_found: Callable[[Room, Resolved], None],
) -> None:
    """Ask servers for rooms on which no verdict depends, and tell of those that are found.

    ``apis`` is where the API of a server is, if that is known; ``homeservers`` are those that the user gave.
    Nothing is retried. A server that was in trouble in this run is not asked, and one that gives no
    answer is asked no more. Raises nothing for whatever the network does.
    """

    async def ask(item: tuple[ServerName, Collection[Room]]) -> None:
        name, rooms = item
        given = homeservers.get(name)
        async with web.server(name, trusted=[] if given is None else [given]) as own:
            once = own.without_retries()
            base_url = given or apis.get(name)
            if base_url is None:
                location = await discover(once, name)
                if isinstance(location, NoAnswer):
                    return
                base_url = location.base_url
            await _find_some(once, base_url, rooms, on_found)

    await _for_each([item for item in questions.items() if item[1]], ask, at_once=_SERVERS_AT_ONCE)


async def _find_some(
    web: Web, base_url: str, rooms: Collection[Room], on_found: Callable[[Room, Resolved], None]
) -> None:
    """Ask the API at ``base_url`` for rooms, until it is in trouble or refuses to answer."""
    server = Homeserver(web, base_url)
    has_refused = False

    async def ask(room: Room) -> None:
        nonlocal has_refused
        if has_refused or web.was_in_trouble(base_url):
            return
        if isinstance(room, RoomId):
            answer: Answer | NoAnswer | None = await server.look_at(room)
        else:
            answer = await server.find(room)
            if isinstance(answer, NoAnswer):
                has_refused = True
        if isinstance(answer, Resolved):
            on_found(room, answer)

    await _for_each(rooms, ask, at_once=web.limits.per_host)


class _OpenQuestions:
    """What is still to be asked: aliases first, and of what their answers bring up, once more."""

    def __init__(
        self,
        aliases: Iterable[RoomAlias],
        rooms: Mapping[RoomId, Sequence[ServerName]],
        on_answer: _OnAnswer,
        *,
        with_canonical: bool,
    ) -> None:
        self._aliases = dict.fromkeys(aliases)
        self._servers = {room_id: servers[:_MOST_VIA] for room_id, servers in rooms.items()}
        self._unknown: dict[RoomId, list[Unknown]] = {room_id: [] for room_id in rooms}
        self._on_answer = on_answer
        self._with_canonical = with_canonical
        self._canonical: set[RoomAlias] = set()

    def of_turn(self, turn: int) -> Mapping[ServerName, Collection[Room]]:
        """Return what to ask each server at the turn of that number, from 0 on."""
        aliases = [*self._aliases] if turn == 0 else sorted(self._canonical)
        self._canonical = set()
        by_server: dict[ServerName, list[Room]] = defaultdict(list)
        for alias in aliases:
            by_server[alias.server_name].append(alias)
        for room_id in self._unknown:
            by_server[self._servers[room_id][turn]].append(room_id)
        return by_server

    def answer(self, room: Room, answer: Answer) -> None:
        """Pass an answer on, unless another server may give a better one."""
        if isinstance(room, RoomId):
            unknown = self._unknown[room]
            if isinstance(answer, Unknown):
                unknown.append(answer)
                if len(unknown) < len(self._servers[room]):
                    return  # the next server is asked
                answer = _without_proof(unknown)
            del self._unknown[room]
        elif self._with_canonical and room in self._aliases and isinstance(answer, Resolved):
            canonical = answer.canonical_alias
            if canonical is not None and canonical not in self._aliases:
                self._canonical.add(canonical)
        self._on_answer(room, answer)


def _without_proof(answers: Sequence[Unknown]) -> Unknown:
    """Combine why none of the servers showed a room: that of one that was reached tells the most."""
    best = next((answer for answer in answers if answer.homeserver is not None), answers[0])
    return replace(best, detail="; ".join(answer.detail for answer in answers))


async def _ask_server(
    web: Web,
    name: ServerName,
    location: ApiLocation | NoAnswer,
    rooms: Collection[Room],
    on_answer: _OnAnswer,
    resolver: "Homeserver | None",
) -> None:
    """Ask the server ``name``, whose API is at ``location``, about all of these ``rooms``, some in parallel.

    What says that an alias is absent or its room hidden waits for the other answers, as it has to be
    confirmed.
    """
    waiting: dict[RoomAlias, Absent | Resolved] = {}

    async def finish(room: Room, answer: Answer) -> None:
        if resolver is not None and isinstance(answer, Unknown) and isinstance(room, RoomAlias):
            answer = _with_resolver(answer, await resolver.look_up(room))
        on_answer(room, answer)

    if isinstance(location, NoAnswer):
        unknown = Unknown(reason=location.reason, detail=location.detail)
        await _for_each(rooms, lambda room: finish(room, unknown), at_once=web.limits.per_host)
        return
    own = Homeserver(web, location.base_url, doubt=location.doubt)

    async def ask(room: Room) -> None:
        if isinstance(room, RoomId):
            await finish(room, await own.look_at(room))
            return
        match await own.look_up(room):
            case Absent() | Resolved(hidden=True) as answer:
                waiting[room] = answer
            case answer:
                await finish(room, answer)

    await _for_each(rooms, ask, at_once=web.limits.per_host)
    flaw = None
    if any(isinstance(answer, Absent) for answer in waiting.values()):
        flaw = await own.indifference()
    if flaw is None and waiting and location.is_delegated:
        flaw = await own.other_owner(name)

    async def confirm(alias: RoomAlias) -> None:
        await finish(alias, await own.confirmed(alias, waiting[alias], flaw))

    await _for_each(waiting, confirm, at_once=web.limits.per_host)


async def _for_each(items: Collection[T], do: Callable[[T], Awaitable[None]], *, at_once: int) -> None:
    """Await ``do`` for every item, at most ``at_once`` of them in parallel."""
    pending = iter(items)

    async def work() -> None:
        for item in pending:
            await do(item)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(min(at_once, len(items))):
            tasks.create_task(work())


def _with_resolver(own: Unknown, other: Answer) -> Answer:
    """Combine why an alias's own server gave no answer with the resolver's: only a room proves anything."""
    match other:
        case Resolved():
            return other
        case Absent(homeserver=homeserver):
            detail = f"{own.detail}; {homeserver}, asked in its place, does not know the alias"
            return Unknown(reason=Reason.SECOND_HAND, detail=detail, homeserver=homeserver)
        case Unknown(detail=detail):
            return replace(own, detail=f"{own.detail}; and from the resolver: {detail}")
