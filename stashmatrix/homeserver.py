"""Ask homeservers about room aliases, without an account: facts only, no judgement.

Matrix specification, Client-Server API, "Server Discovery" and "Room aliases".
"""

import asyncio
import json
import socket
import ssl
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from stashmatrix import __version__
from stashmatrix.answers import Absent, Answer, Reason, Resolved, Unknown
from stashmatrix.errors import IdentifierError, StashmatrixError
from stashmatrix.identifiers import RoomAlias, RoomId, ServerName

USER_AGENT = f"stashmatrix/{__version__} (Matrix room link checker)"
REQUESTS_PER_HOST = 4
SERVERS_AT_ONCE = 16
TIMEOUT = 15.0
"""Seconds for one request, from connecting to the last byte; a homeserver gives itself 10."""

_WELL_KNOWN_REDIRECTS = 5
_HIGHEST_PORT = 65_535
_SMALL_BODY = 64 * 1024
# A directory answer lists each server in the room: large rooms have tens of thousands.
_DIRECTORY_BODY = 4 * 1024 * 1024


Transport = httpx.AsyncBaseTransport


class _NoAnswerError(Exception):
    """A request, or what came back, was of no use."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class _DeadEndError(_NoAnswerError):
    """A server names an API that must not be used: to guess on could find another server's answer."""


@dataclass(frozen=True, slots=True)
class _Response:
    """An HTTP response, read whole; ``body`` is its JSON, or ``None`` where it is none."""

    url: str
    status: int
    body: Any
    is_html: bool
    location: str | None

    @property
    def errcode(self) -> str | None:
        code = self.body.get("errcode") if isinstance(self.body, dict) else None
        return code if isinstance(code, str) else None

    def refusal(self) -> _NoAnswerError:
        """Say why this response is not the one that was hoped for."""
        said = f"{self.url} answered HTTP {self.status}" + (f" {self.errcode}" if self.errcode else "")
        if self.status == httpx.codes.TOO_MANY_REQUESTS or self.errcode == "M_LIMIT_EXCEEDED":
            return _NoAnswerError(Reason.RATE_LIMITED, said)
        if self.status >= httpx.codes.INTERNAL_SERVER_ERROR:
            return _NoAnswerError(Reason.SERVER_ERROR, said)
        if self.status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            return _NoAnswerError(Reason.REFUSED, said)
        if self.location is not None:
            return _NoAnswerError(Reason.BAD_RESPONSE, f"{said}, a redirect to {self.location}")
        if self.status < httpx.codes.BAD_REQUEST and not self.is_html:
            return _NoAnswerError(Reason.BAD_RESPONSE, f"{said} without the JSON that the API promises")
        # By M_NOT_FOUND the directory means an alias; anything else that is not found is not the API.
        absent = self.status == httpx.codes.NOT_FOUND and self.errcode == "M_NOT_FOUND"
        if absent or self.errcode in (None, "M_UNRECOGNIZED"):
            return _NoAnswerError(Reason.NOT_A_HOMESERVER, f"{said}, which is not the Matrix API")
        return _NoAnswerError(Reason.REFUSED, said)


async def resolve(
    aliases: Iterable[RoomAlias],
    on_answer: Callable[[RoomAlias, Answer], None],
    *,
    homeservers: Mapping[ServerName, str] | None = None,
    transport: Transport | None = None,
) -> None:
    """Ask each alias's own server where it leads, and call ``on_answer`` once for each alias.

    ``homeservers`` gives the base URL of a server's API, in place of discovery. Answers come in the
    network's order. A cancelled call leaves the aliases without answers that it did not get to.
    """
    by_server: dict[ServerName, list[RoomAlias]] = defaultdict(list)
    for alias in dict.fromkeys(aliases):
        by_server[alias.server_name].append(alias)
    servers = asyncio.Semaphore(SERVERS_AT_ONCE)

    async def ask(web: _Web, name: ServerName) -> None:
        async with servers:
            given = (homeservers or {}).get(name)
            await _ask_server(web, name, by_server[name], given, on_answer)

    async with aclosing(_Web(transport)) as web, asyncio.TaskGroup() as tasks:
        for name in by_server:
            tasks.create_task(ask(web, name))


async def _ask_server(
    web: "_Web",
    name: ServerName,
    aliases: list[RoomAlias],
    given: str | None,
    on_answer: Callable[[RoomAlias, Answer], None],
) -> None:
    """Find one server's API, ask it for each alias, a few at a time."""
    try:
        api = given.rstrip("/") if given is not None else await _discover(web, name)
    except _NoAnswerError as error:
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


async def _discover(web: "_Web", name: ServerName) -> str:
    """Return the base URL of a server's API, without a slash at its end.

    ``.well-known`` first; where that has nothing usable to say, the server name itself. A base URL
    that leads nowhere ends the search: guessing on could find another server's answer.
    """
    own_url = base_url(f"https://{name}")
    if own_url is None:
        raise _NoAnswerError(Reason.SERVER_NOT_FOUND, f"no host can have the name {name}")
    try:
        found, problem = await _well_known(web, name)
    except _DeadEndError:
        raise
    except _NoAnswerError as error:
        found, problem = None, error.detail
    if found is not None:
        await _check_versions(web, found)
        return found
    try:
        await _check_versions(web, own_url)
    except _NoAnswerError as error:
        also = "" if problem in (None, error.detail) else f", and {problem}"
        raise _NoAnswerError(error.reason, error.detail + also) from None
    return own_url


async def _well_known(web: "_Web", name: ServerName) -> tuple[str | None, str | None]:
    """Return the base URL that ``.well-known/matrix/client`` gives, or ``None`` and what is wrong.

    An absent file is nothing wrong. Raises ``_DeadEndError`` if the file names a URL that must not
    be used, and ``_NoAnswerError`` if the file cannot be had.
    """
    url = f"https://{name.host}/.well-known/matrix/client"
    for _ in range(_WELL_KNOWN_REDIRECTS + 1):
        response = await web.get(url, limit=_SMALL_BODY)
        if response.location is None:
            break
        target = _absolute_url(response.location, relative_to=url)
        if target is None:
            return None, f"{url} redirects to '{response.location}', which is not a plain https URL"
        url = target
    else:
        return None, f"{url} redirects more than {_WELL_KNOWN_REDIRECTS} times"
    if response.status == httpx.codes.NOT_FOUND:
        return None, None
    if response.status != httpx.codes.OK or not isinstance(response.body, dict):
        return None, f"{url} answered HTTP {response.status} without usable JSON"
    section = response.body.get("m.homeserver")
    named = section.get("base_url") if isinstance(section, dict) else None
    if not isinstance(named, str):
        return None, f"{url} names no m.homeserver.base_url"
    usable = base_url(named)
    if usable is None:
        raise _DeadEndError(Reason.BAD_RESPONSE, f"{url} names '{named}', which is not a plain https URL")
    return usable, None


def base_url(text: str, *, schemes: Container[str] = ("https",)) -> str | None:
    """Return ``text`` as the base URL of an API, without a slash at its end.

    ``None`` if it is none to ask: not absolute or of another scheme, with credentials, a query or a
    fragment, or of a host or port that cannot be.
    """
    return None if "?" in text or "#" in text else _absolute_url(text, schemes=schemes)


def _absolute_url(text: str, *, relative_to: str = "", schemes: Container[str] = ("https",)) -> str | None:
    try:
        url = httpx.URL(relative_to).join(text)
        usable = url.scheme in schemes and url.host and (url.port or 443) <= _HIGHEST_PORT
    except (httpx.InvalidURL, UnicodeError):  # the latter for a name that IDNA does not allow
        return None
    if not usable or url.userinfo or not url.host.isprintable() or " " in url.host or "%" in url.host:
        return None
    return str(url).rstrip("/")


async def _check_versions(web: "_Web", base_url: str) -> None:
    """Raise ``_NoAnswerError`` unless the client-server API answers at ``base_url``."""
    response = await web.get(f"{base_url}/_matrix/client/versions", limit=_SMALL_BODY)
    versions = response.body.get("versions") if isinstance(response.body, dict) else None
    if response.status != httpx.codes.OK or not isinstance(versions, list):
        raise response.refusal()


async def _look_up(web: "_Web", base_url: str, alias: RoomAlias) -> Answer:
    """Ask the directory at ``base_url`` where ``alias`` leads."""
    try:
        response = await _directory_response(web, base_url, alias)
        return _read_directory_response(response, base_url)
    except _NoAnswerError as error:
        return Unknown(reason=error.reason, detail=error.detail, homeserver=base_url)


async def _directory_response(web: "_Web", base_url: str, alias: RoomAlias) -> _Response:
    """Return the directory's answer by API ``v3``, or by ``r0`` from a server too old to know it."""
    path = f"directory/room/{quote(alias, safe='')}"
    response = await web.get(f"{base_url}/_matrix/client/v3/{path}", limit=_DIRECTORY_BODY)
    if response.errcode == "M_UNRECOGNIZED":
        response = await web.get(f"{base_url}/_matrix/client/r0/{path}", limit=_DIRECTORY_BODY)
    return response


def _read_directory_response(response: _Response, base_url: str) -> Answer:
    if response.status == httpx.codes.NOT_FOUND and response.errcode == "M_NOT_FOUND":
        return Absent(homeserver=base_url)
    if response.status != httpx.codes.OK or not isinstance(response.body, dict):
        raise response.refusal()
    room_id = response.body.get("room_id")
    if not isinstance(room_id, str):
        raise response.refusal()
    try:
        return Resolved(room_id=RoomId(room_id), homeserver=base_url)
    except IdentifierError as error:
        raise _NoAnswerError(Reason.BAD_RESPONSE, f"{response.url}: {error.message}") from None


class _Web:
    """HTTP with bounds on bodies, time and requests to a host; to be closed with ``aclose``."""

    def __init__(self, transport: Transport | None) -> None:
        self._transport = transport
        try:
            self._tls = httpx.create_ssl_context()
            httpx.AsyncClient(verify=self._tls)  # as a trial: it reads the proxies
        except (ImportError, ValueError, OSError, httpx.InvalidURL) as error:
            raise StashmatrixError(
                f"HTTP cannot be used as the environment says: {error}",
                hint="look at HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR",
            ) from error
        # One small pool a host: httpx's pool takes time in proportion to its connections.
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._gates: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(REQUESTS_PER_HOST))

    async def aclose(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.aclose()

    async def get(self, url: str, *, limit: int) -> _Response:
        """Fetch ``url``, up to ``limit`` bytes of body; raise ``_NoAnswerError`` on any fault."""
        try:
            parsed = httpx.URL(url)
            host = parsed.netloc.decode()
        except (httpx.InvalidURL, UnicodeError) as error:
            raise _NoAnswerError(Reason.BAD_RESPONSE, f"'{url}' is not a URL: {error}") from None
        if (parsed.port or 0) > _HIGHEST_PORT:
            raise _NoAnswerError(Reason.BAD_RESPONSE, f"'{url}' is not a URL: there is no such port")
        async with self._gates[host]:
            try:
                async with asyncio.timeout(TIMEOUT):
                    return await self._get(self._client(host), url, limit)
            # UnicodeError: httpx looks at where a redirect leads, and so at its host name.
            except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError, UnicodeError) as error:
                raise _no_answer(error, host) from error

    def _client(self, host: str) -> httpx.AsyncClient:
        if host not in self._clients:
            self._clients[host] = httpx.AsyncClient(
                verify=self._tls,
                timeout=TIMEOUT,
                limits=httpx.Limits(max_connections=REQUESTS_PER_HOST),
                transport=self._transport,
                headers={
                    "User-Agent": USER_AGENT,
                    "Accept": "application/json",
                    "Accept-Encoding": "identity",
                },
            )
        return self._clients[host]

    async def _get(self, client: httpx.AsyncClient, url: str, limit: int) -> _Response:
        async with client.stream("GET", url) as response:
            encoding = response.headers.get("content-encoding", "identity")
            if encoding != "identity":
                # Unasked for, and a few bytes of it can be gigabytes.
                raise _NoAnswerError(Reason.BAD_RESPONSE, f"{url} answered in the encoding '{encoding}'")
            data = bytearray()
            async for chunk in response.aiter_bytes():
                data += chunk
                if len(data) > limit:
                    raise _NoAnswerError(Reason.BAD_RESPONSE, f"{url} answered more than {limit} bytes")
        return _Response(
            url=url,
            status=response.status_code,
            body=_json(bytes(data)),
            is_html=data.lstrip()[:1] == b"<",
            location=response.headers.get("location") if response.has_redirect_location else None,
        )


def _json(data: bytes) -> Any:  # noqa: ANN401 (JSON can be anything)
    try:
        return json.loads(data)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        return None


def _no_answer(error: Exception, host: str) -> _NoAnswerError:
    """Put a network error in our words; the cause that tells most is often deep in its chain."""
    link: BaseException | None = error
    words = str(error)
    while link is not None:
        if isinstance(link, socket.gaierror):
            return _NoAnswerError(Reason.SERVER_NOT_FOUND, f"the name {host} does not resolve")
        if isinstance(link, ssl.SSLError):
            words = getattr(link, "verify_message", "") or link.reason or str(link)
            return _NoAnswerError(Reason.TLS_ERROR, f"no secure connection to {host}: {words}")
        if isinstance(link, OSError) and link.strerror:
            words = link.strerror
        link = link.__cause__ or link.__context__
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return _NoAnswerError(Reason.UNREACHABLE, f"{host} did not answer within {TIMEOUT:g} seconds")
    if isinstance(error, httpx.TransportError) and not isinstance(error, httpx.RemoteProtocolError):
        return _NoAnswerError(Reason.UNREACHABLE, f"the connection to {host} failed: {words}")
    return _NoAnswerError(Reason.BAD_RESPONSE, f"{host} broke off or did not speak HTTP: {words}")
