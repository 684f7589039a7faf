"""Ask homeservers about room aliases, without an account: facts only, no judgement.

Matrix specification, Client-Server API, "Server Discovery" and "Room aliases".
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import aclosing
from http import HTTPStatus
from urllib.parse import quote

from stashmatrix.answers import Absent, Answer, Reason, Resolved, Unknown
from stashmatrix.errors import IdentifierError
from stashmatrix.identifiers import RoomAlias, RoomId, ServerName
from stashmatrix.web import (
    REQUESTS_PER_HOST,
    NoAnswerError,
    Resolver,
    Response,
    Transport,
    Web,
    absolute_url,
    base_url,
)

SERVERS_AT_ONCE = 16

_WELL_KNOWN_REDIRECTS = 5
_SMALL_BODY = 64 * 1024
# A directory answer lists each server in the room: large rooms have tens of thousands.
_DIRECTORY_BODY = 4 * 1024 * 1024


class _DeadEndError(NoAnswerError):
    """A server names an API that must not be used: to guess on could find another server's answer."""


async def resolve(
    aliases: Iterable[RoomAlias],
    on_answer: Callable[[RoomAlias, Answer], None],
    *,
    homeservers: Mapping[ServerName, str] | None = None,
    transport: Transport | None = None,
    resolver: Resolver | None = None,
    allow_private: bool = False,
) -> None:
    """Ask each alias's own server where it leads, and call ``on_answer`` once for each alias.

    ``homeservers`` gives the base URL of a server's API, in place of discovery, and is trusted as it
    is; all others are asked at public addresses only, unless ``allow_private``. Answers come in the
    network's order. A cancelled call leaves the aliases without answers that it did not get to.
    """
    by_server: dict[ServerName, list[RoomAlias]] = defaultdict(list)
    for alias in dict.fromkeys(aliases):
        by_server[alias.server_name].append(alias)
    servers = asyncio.Semaphore(SERVERS_AT_ONCE)
    web = Web(
        transport=transport,
        resolver=resolver,
        trusted=(homeservers or {}).values(),
        allow_private=allow_private,
    )

    async def ask(name: ServerName) -> None:
        async with servers:
            given = (homeservers or {}).get(name)
            await _ask_server(web, name, by_server[name], given, on_answer)

    async with aclosing(web), asyncio.TaskGroup() as tasks:
        for name in by_server:
            tasks.create_task(ask(name))


async def _ask_server(
    web: Web,
    name: ServerName,
    aliases: list[RoomAlias],
    given: str | None,
    on_answer: Callable[[RoomAlias, Answer], None],
) -> None:
    """Find one server's API, ask it for each alias, a few at a time."""
    try:
        api = given.rstrip("/") if given is not None else await _discover(web, name)
    except NoAnswerError as error:
        for alias in aliases:
            on_answer(alias, Unknown(reason=error.reason, detail=error.detail))
        return
    waiting = iter(aliases)

    async def work() -> None:
        for alias in waiting:
            on_answer(alias, await _look_up(web, api, alias))

    async with asyncio.TaskGroup() as tasks:
        for _ in range(min(REQUESTS_PER_HOST, len(aliases))):
            tasks.create_task(work())


async def _discover(web: Web, name: ServerName) -> str:
    """Return the base URL of a server's API, without a slash at its end.

    ``.well-known`` first; where that has nothing usable to say, the server name itself. A base URL
    that leads nowhere ends the search: guessing on could find another server's answer.
    """
    own_url = base_url(f"https://{name}")
    if own_url is None:
        raise NoAnswerError(Reason.SERVER_NOT_FOUND, f"no host can have the name {name}")
    try:
        found, problem = await _well_known(web, name)
    except _DeadEndError:
        raise
    except NoAnswerError as error:
        found, problem = None, error.detail
    if found is not None:
        await _check_versions(web, found)
        return found
    try:
        await _check_versions(web, own_url)
    except NoAnswerError as error:
        also = "" if problem in (None, error.detail) else f", and {problem}"
        raise NoAnswerError(error.reason, error.detail + also) from None
    return own_url


async def _well_known(web: Web, name: ServerName) -> tuple[str | None, str | None]:
    """Return the base URL that ``.well-known/matrix/client`` gives, or ``None`` and what is wrong.

    An absent file is nothing wrong. Raises ``_DeadEndError`` if the file names a URL that must not
    be used, and ``NoAnswerError`` if the file cannot be had.
    """
    url = f"https://{name.host}/.well-known/matrix/client"
    for _ in range(_WELL_KNOWN_REDIRECTS + 1):
        response = await web.get(url, limit=_SMALL_BODY)
        if response.location is None:
            break
        target = absolute_url(response.location, relative_to=url)
        if target is None:
            return None, f"{url} redirects to '{response.location}', which is not a plain https URL"
        url = target
    else:
        return None, f"{url} redirects more than {_WELL_KNOWN_REDIRECTS} times"
    if response.status == HTTPStatus.NOT_FOUND:
        return None, None
    if response.status != HTTPStatus.OK or not isinstance(response.body, dict):
        return None, f"{url} answered HTTP {response.status} without usable JSON"
    section = response.body.get("m.homeserver")
    named = section.get("base_url") if isinstance(section, dict) else None
    if not isinstance(named, str):
        return None, f"{url} names no m.homeserver.base_url"
    usable = base_url(named)
    if usable is None:
        raise _DeadEndError(Reason.BAD_RESPONSE, f"{url} names '{named}', which is not a plain https URL")
    return usable, None


async def _check_versions(web: Web, base_url: str) -> None:
    """Raise ``NoAnswerError`` unless the client-server API answers at ``base_url``."""
    response = await web.get(f"{base_url}/_matrix/client/versions", limit=_SMALL_BODY)
    versions = response.body.get("versions") if isinstance(response.body, dict) else None
    if response.status != HTTPStatus.OK or not isinstance(versions, list):
        raise response.refusal()


async def _look_up(web: Web, base_url: str, alias: RoomAlias) -> Answer:
    """Ask the directory at ``base_url`` where ``alias`` leads."""
    try:
        response = await _directory_response(web, base_url, alias)
        return _read_directory_response(response, base_url)
    except NoAnswerError as error:
        return Unknown(reason=error.reason, detail=error.detail, homeserver=base_url)


async def _directory_response(web: Web, base_url: str, alias: RoomAlias) -> Response:
    """Return the directory's answer by API ``v3``, or by ``r0`` from a server too old to know it."""
    path = f"directory/room/{quote(alias, safe='')}"
    response = await web.get(f"{base_url}/_matrix/client/v3/{path}", limit=_DIRECTORY_BODY)
    if response.errcode == "M_UNRECOGNIZED":
        response = await web.get(f"{base_url}/_matrix/client/r0/{path}", limit=_DIRECTORY_BODY)
    return response


def _read_directory_response(response: Response, base_url: str) -> Answer:
    if response.status == HTTPStatus.NOT_FOUND and response.errcode == "M_NOT_FOUND":
        return Absent(homeserver=base_url)
    if response.status != HTTPStatus.OK or not isinstance(response.body, dict):
        raise response.refusal()
    room_id = response.body.get("room_id")
    if not isinstance(room_id, str):
        raise response.refusal()
    try:
        return Resolved(room_id=RoomId(room_id), homeserver=base_url)
    except IdentifierError as error:
        raise NoAnswerError(Reason.BAD_RESPONSE, f"{response.url}: {error.message}") from None
