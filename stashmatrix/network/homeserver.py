"""Ask homeservers about room aliases, without an account: facts only, no judgement.

Matrix specification, Client-Server API, "Room aliases" and "Room previews".
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote

from stashmatrix.errors import IdentifierError
from stashmatrix.matrix.identifiers import RoomAlias, RoomId, ServerName
from stashmatrix.network.discovery import Found, discover
from stashmatrix.network.outcomes import NoAnswerError, Response
from stashmatrix.network.patience import Web
from stashmatrix.records.answers import Absent, Answer, Reason, Resolved, Summary, Unknown

# A directory answer lists each server in the room: large rooms have tens of thousands.
_DIRECTORY_BODY = 4 * 1024 * 1024
_SUMMARY_BODY = 256 * 1024
# A topic may be as long as an event. So much of it tells what the room is for.
_LONGEST_TEXT = 1000

# Many more than there are requests under way: those that pause must not hold up the others.
_SERVERS_AT_ONCE = 256

_SUMMARY_PATHS = (
    "v1/room_summary/{}",
    "unstable/im.nheko.summary/summary/{}",
    "unstable/im.nheko.summary/rooms/{}/summary",
)
"""Since v1.15; before that MSC3266, and an early draft of it that servers still know."""

# Synapse gives the one, Conduit's descendants the other.
_HIDDEN = (
    (HTTPStatus.NOT_FOUND, "M_NOT_FOUND"),
    (HTTPStatus.FORBIDDEN, "M_FORBIDDEN"),
)

T = TypeVar("T")
OnAnswer = Callable[[RoomAlias, Answer], None]


async def resolve(
    web: Web,
    aliases: Iterable[RoomAlias],
    on_answer: OnAnswer,
    *,
    homeservers: Mapping[ServerName, str] | None = None,
    resolver: str | None = None,
) -> None:
    """Ask each alias's own server where it leads, and call ``on_answer`` once for each alias.

    ``homeservers`` gives the base URL of a server's API, in place of discovery. ``resolver`` is
    that of a homeserver to ask if an alias's own gives no answer. Answers come in the network's
    order. A cancelled call leaves the aliases without answers that it did not get to.
    """
    by_server: dict[ServerName, list[RoomAlias]] = defaultdict(list)
    for alias in dict.fromkeys(aliases):
        by_server[alias.server_name].append(alias)
    resolver_api = None if resolver is None else _Api(web, resolver, is_resolver=True)

    async def ask(name: ServerName) -> None:
        given = (homeservers or {}).get(name)
        await _ask_server(web, by_server[name], on_answer, given=given, resolver=resolver_api)

    await _for_each(by_server, ask, at_once=_SERVERS_AT_ONCE)


async def _for_each(items: Iterable[T], do: Callable[[T], Awaitable[None]], *, at_once: int) -> None:
    """Do something with each item, with a few of them at a time."""
    waiting = iter(items)

    async def work() -> None:
        for item in waiting:
            await do(item)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(at_once):
            tasks.create_task(work())


async def _ask_server(
    web: Web, aliases: list[RoomAlias], on_answer: OnAnswer, *, given: str | None, resolver: "_Api | None"
) -> None:
    """Find the API of the server that all ``aliases`` are of, and ask it for each, a few at a time."""
    own: _Api | Unknown
    doubt = None
    try:
        found = Found(given) if given is not None else await discover(web, aliases[0].server_name)
        own, doubt = _Api(web, found.base_url), found.doubt
    except NoAnswerError as error:
        own = Unknown(reason=error.reason, detail=error.detail)

    async def ask(alias: RoomAlias) -> None:
        answer = own if isinstance(own, Unknown) else await own.look_up(alias)
        if doubt is not None and isinstance(answer, Absent):
            answer = _doubted(answer, doubt)
        if resolver is not None and isinstance(answer, Unknown):
            answer = _with_resolver(answer, await resolver.look_up(alias))
        on_answer(alias, answer)

    await _for_each(aliases, ask, at_once=web.limits.per_host)


def _doubted(answer: Absent, doubt: NoAnswerError) -> Unknown:
    """Take ``answer`` for no proof: it may not be that of the right API."""
    detail = f"{doubt.detail}, so {answer.homeserver}, which does not know the alias, may not speak for it"
    return Unknown(reason=doubt.reason, detail=detail, homeserver=answer.homeserver)


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


class _Api:
    """The client-server API of one homeserver."""

    def __init__(self, web: Web, base_url: str, *, is_resolver: bool = False) -> None:
        """One that ``is_resolver`` asks the aliases' own servers, and can prove nothing absent."""
        self._web = web
        self._base_url = base_url.rstrip("/")
        self._is_resolver = is_resolver
        self._summary_paths: tuple[str, ...] = _SUMMARY_PATHS

    async def look_up(self, alias: RoomAlias) -> Answer:
        """Ask where ``alias`` leads, and what room that is."""
        try:
            room_id = await self._room_id(alias)
        except NoAnswerError as error:
            return Unknown(reason=error.reason, detail=error.detail, homeserver=self._base_url)
        if room_id is None:
            return Absent(homeserver=self._base_url)
        found = Resolved(room_id=room_id, homeserver=self._base_url, by_resolver=self._is_resolver)
        return await self._with_summary(alias, found)

    async def _room_id(self, alias: RoomAlias) -> RoomId | None:
        """Ask the directory by API ``v3``, or by ``r0`` if the server is too old to know that one."""
        response = await self._get(f"v3/directory/room/{quote(alias, safe='')}", limit=_DIRECTORY_BODY)
        if response.errcode == "M_UNRECOGNIZED":
            response = await self._get(f"r0/directory/room/{quote(alias, safe='')}", limit=_DIRECTORY_BODY)
        return _read_room_id(response)

    async def _with_summary(self, alias: RoomAlias, found: Resolved) -> Resolved:
        """Ask for the room's summary; a server that has none, or fails to give one, is soon asked no more."""
        while self._summary_paths:
            paths = self._summary_paths
            try:
                response = await self._get(paths[0].format(quote(alias, safe="")), limit=_SUMMARY_BODY)
            except NoAnswerError:
                self._summary_paths = ()
                break
            if response.status == HTTPStatus.OK:
                return replace(found, summary=_read_summary(response.body, found.room_id))
            if (response.status, response.errcode) in _HIDDEN:
                return replace(found, hidden=not self._is_resolver)
            # Another request may have found out the same meanwhile.
            if self._summary_paths == paths:
                self._summary_paths = paths[1:] if response.errcode == "M_UNRECOGNIZED" else ()
        return found

    async def _get(self, path: str, *, limit: int) -> Response:
        url = f"{self._base_url}/_matrix/client/{path}"
        return await self._web.get(url, limit=limit, by_resolver=self._is_resolver)


def _read_room_id(response: Response) -> RoomId | None:
    """Return the room of a directory's answer, or ``None`` if that says that there is no such alias."""
    if response.status == HTTPStatus.NOT_FOUND and response.errcode == "M_NOT_FOUND":
        return None
    room_id = response.body.get("room_id") if isinstance(response.body, dict) else None
    if response.status != HTTPStatus.OK or not isinstance(room_id, str):
        raise response.refusal()
    try:
        return RoomId(room_id)
    except IdentifierError as error:
        raise NoAnswerError(Reason.BAD_RESPONSE, f"{response.url}: {error.message}") from None


def _read_summary(body: Any, room_id: RoomId) -> Summary | None:  # noqa: ANN401 (JSON can be anything)
    """Return a room's summary; ``None`` if it is not that of this room, or not what the API promises."""
    if not isinstance(body, dict) or body.get("room_id") != room_id:
        return None
    members, join_rule = body.get("num_joined_members"), body.get("join_rule")
    if type(members) is not int or not isinstance(join_rule, str | None):
        return None
    # Servers from before v1.15 prefix the keys that were new then.
    version = body.get("room_version", body.get("im.nheko.summary.room_version"))
    return Summary(
        name=_text(body.get("name")),
        topic=_text(body.get("topic")),
        members=members,
        join_rule=_text(join_rule),
        room_type=_text(body.get("room_type")),
        room_version=_text(version),
    )


def _text(value: Any) -> str | None:  # noqa: ANN401 (JSON can be anything)
    return value[:_LONGEST_TEXT] if isinstance(value, str) else None
