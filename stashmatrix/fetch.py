"""One HTTP request, answered whole or not at all: GET only, bounded, and to checked addresses only."""

import asyncio
import json
import os
import re
import socket
import ssl
import time
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from stashmatrix import __version__
from stashmatrix.addresses import Resolver, is_public, numeric_address, system_resolver
from stashmatrix.answers import Reason
from stashmatrix.errors import StashmatrixError

USER_AGENT = f"stashmatrix/{__version__} (Matrix room link checker)"

Transport = httpx.AsyncBaseTransport

_HEADERS = {"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "identity"}
_HIGHEST_PORT = 65_535
# Lists and objects in a body, beside each other or nested: empty ones take thirty times their bytes.
_MOST_CONTAINERS = 10_000
# Seconds for an address to take the connection, where there is another one to try.
_CONNECT_SECONDS = 4.0


class NoAnswerError(Exception):
    """A request, or what came back, was of no use."""

    def __init__(self, reason: Reason, detail: str, *, passing: bool = False) -> None:
        """Say in ``detail`` what happened, as the end of a sentence; it may quote the server.

        ``passing`` says that the same request may well be answered a moment later.
        """
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.passing = passing


class _PrivateAddressError(Exception):
    """A name leads to an address that is not a public one."""


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response, read whole; ``body`` is its JSON, or ``None`` where it is none."""

    url: str
    status: int
    body: Any
    is_html: bool
    location: str | None
    retry_after: float
    """Seconds that the server asks to wait, or 0."""

    @property
    def errcode(self) -> str | None:
        """The error code of the Matrix API, if the response holds one."""
        code = self.body.get("errcode") if isinstance(self.body, dict) else None
        return code if isinstance(code, str) else None

    @property
    def limited(self) -> bool:
        """Whether the server has had too many requests."""
        return self.status == HTTPStatus.TOO_MANY_REQUESTS or self.errcode == "M_LIMIT_EXCEEDED"

    @property
    def asks_to_wait(self) -> bool:
        """Whether the server would answer later: RFC 9110 has ``Retry-After`` for 503 too."""
        return self.limited or (self.status == HTTPStatus.SERVICE_UNAVAILABLE and self.retry_after > 0)

    def refusal(self) -> NoAnswerError:
        """Say why this response is not the one that was hoped for."""
        said = f"{self.url} answered HTTP {self.status}" + (f" {self.errcode}" if self.errcode else "")
        if self.limited:
            return NoAnswerError(Reason.RATE_LIMITED, said)
        if self.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return NoAnswerError(Reason.SERVER_ERROR, said)
        if self.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            return NoAnswerError(Reason.REFUSED, said)
        if self.location is not None:
            return NoAnswerError(Reason.BAD_RESPONSE, f"{said}, a redirect to {self.location}")
        if self.status < HTTPStatus.BAD_REQUEST and not self.is_html:
            return NoAnswerError(Reason.BAD_RESPONSE, f"{said} without the JSON that the API promises")
        # By M_NOT_FOUND the directory means an alias; anything else that is not found is not the API.
        absent = self.status == HTTPStatus.NOT_FOUND and self.errcode == "M_NOT_FOUND"
        if absent or self.errcode in (None, "M_UNRECOGNIZED"):
            return NoAnswerError(Reason.NOT_A_HOMESERVER, f"{said}, which is not the Matrix API")
        return NoAnswerError(Reason.REFUSED, said)


def base_url(text: str, *, schemes: Container[str] = ("https",)) -> str | None:
    """Return ``text`` as the base URL of an API, without a slash at its end.

    ``None`` if it is none to ask: not absolute or of another scheme, with credentials, a query or a
    fragment, or of a host or port that cannot be.
    """
    url = None if "?" in text or "#" in text else absolute_url(text, schemes=schemes)
    return None if url is None else url.rstrip("/")


def absolute_url(text: str, *, relative_to: str = "", schemes: Container[str] = ("https",)) -> str | None:
    """Return ``text`` as an absolute URL, or ``None``: as ``base_url``, but with path and query as given."""
    try:
        url = httpx.URL(relative_to).join(text)
        usable = url.scheme in schemes and url.host and (url.port or 443) <= _HIGHEST_PORT
    except (httpx.InvalidURL, ValueError):  # the latter for a name or an address that cannot be
        return None
    host = url.host
    if not usable or url.userinfo or not host.isprintable() or host.startswith(".") or set(host) & set(" %"):
        return None
    return str(url)


def host_and_port(url: str) -> str:
    """Return where ``url`` leads, as ``host`` or ``host:port``; raise ``NoAnswerError`` if it is no URL."""
    try:
        parsed = httpx.URL(url)
        place = parsed.netloc.decode()
    except (httpx.InvalidURL, ValueError) as error:
        raise NoAnswerError(Reason.BAD_RESPONSE, f"'{url}' is not a URL: {error}") from None
    if (parsed.port or 0) > _HIGHEST_PORT:
        raise NoAnswerError(Reason.BAD_RESPONSE, f"'{url}' is not a URL: there is no such port")
    return place


class Fetcher:
    """Connections to web servers, kept for the next request; to be closed with ``aclose``."""

    def __init__(
        self,
        *,
        connections: int,
        transport: Transport | None = None,
        resolver: Resolver = system_resolver,
        trusted: Iterable[str] = (),
        allow_private: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Set HTTP up; raise ``StashmatrixError`` if the environment makes that impossible.

        At most ``connections`` are open at once. ``trusted`` are URLs whose hosts may be at any
        address, since the user named them; ``allow_private`` says so of all. ``transport`` is used in
        place of the network.
        """
        self._given = transport
        self._now = now
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        try:
            tls = httpx.create_ssl_context()
            # The proxies are read once, here: were one to vanish later, a request would go out without.
            self._proxies = {
                scheme: url if "://" in url else f"http://{url}"
                for scheme, url in getproxies().items()
                if scheme in ("http", "https", "all")
            }
            self._proxied: dict[str, Transport] = {
                url: httpx.AsyncHTTPTransport(verify=tls, limits=limits, proxy=url)
                for url in self._proxies.values()
            }
        except (ImportError, ValueError, OSError, httpx.InvalidURL) as error:
            raise StashmatrixError(
                f"HTTP cannot be used as the environment says: {error}",
                hint="look at HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR",
            ) from error
        self._guard = _Guard(trusted, allow_private=allow_private)
        self._direct = _DirectTransport(tls, connections, _CheckedBackend(resolver, self._guard))

    async def aclose(self) -> None:
        """Close all connections."""
        for transport in (self._direct, *self._proxied.values()):
            await transport.aclose()

    async def get(self, url: str, *, limit: int) -> Response:
        """Fetch ``url``, up to ``limit`` bytes of body; raise ``NoAnswerError`` on any fault.

        It takes as long as it takes. Redirects are not followed, and nothing is sent that a server
        could know us by again.
        """
        request = httpx.Request("GET", url, headers=_HEADERS)
        try:
            response = await self._transport(request.url).handle_async_request(request)
            try:
                return await self._read(response, url, limit)
            finally:
                await response.aclose()
        # ValueError: what TLS says of a name that it cannot ask for.
        except (httpx.HTTPError, httpx.StreamError, OSError, ValueError, _PrivateAddressError) as error:
            raise _no_answer(error, request.url.netloc.decode()) from error

    def _transport(self, url: httpx.URL) -> Transport:
        """Choose the way to ``url``: a proxy resolves names itself, and answers for that."""
        if self._given is not None:
            return self._given
        proxy = self._proxies.get(url.scheme) or self._proxies.get("all")
        if proxy is None or proxy_bypass(url.host):
            return self._direct
        if (address := numeric_address(url.host)) is not None:
            self._guard.check(*_place(url), address)
        return self._proxied[proxy]

    async def _read(self, response: httpx.Response, url: str, limit: int) -> Response:
        encoding = response.headers.get("content-encoding", "identity")
        if encoding != "identity":
            # Unasked for, and a few bytes of it can be gigabytes.
            raise NoAnswerError(Reason.BAD_RESPONSE, f"{url} answered in the encoding '{encoding}'")
        data = bytearray()
        async for chunk in response.aiter_bytes():
            data += chunk
            if len(data) > limit:
                raise NoAnswerError(Reason.BAD_RESPONSE, f"{url} answered more than {limit} bytes")
        body = _json(bytes(data))
        return Response(
            url=url,
            status=response.status_code,
            body=body,
            is_html=data.lstrip()[:1] == b"<",
            location=response.headers.get("location") if response.has_redirect_location else None,
            retry_after=_seconds_to_wait(response.headers.get("retry-after"), body, self._now()),
        )


class _DirectTransport(httpx.AsyncHTTPTransport):
    """HTTP without a proxy, through a network backend of ours: httpx itself has no parameter for one."""

    def __init__(self, tls: ssl.SSLContext, connections: int, backend: httpcore.AsyncNetworkBackend) -> None:
        super().__init__(verify=tls)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=5.0,
            network_backend=backend,
        )


class _Stream(httpcore.AsyncNetworkStream):
    """A connection that is closed if its TLS handshake is cancelled: httpcore would leave it open."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's interface)
    ) -> httpcore.AsyncNetworkStream:
        try:
            return await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except asyncio.CancelledError:
            await self._stream.aclose()
            raise

    async def read(
        self,
        max_bytes: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's interface)
    ) -> bytes:
        return await self._stream.read(max_bytes, timeout)

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's interface)
    ) -> None:
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 (httpcore's interface)
        return self._stream.get_extra_info(info)


class _Guard:
    """Lets connections go to public addresses only, unless the user said otherwise."""

    def __init__(self, trusted: Iterable[str], *, allow_private: bool) -> None:
        self._trusted = {_place(httpx.URL(url)) for url in trusted}
        self._allow_private = allow_private

    def check(self, host: str, port: int, address: str) -> None:
        """Raise ``_PrivateAddressError`` if no connection may go to ``address``, where ``host`` leads."""
        if not (self._allow_private or (host, port) in self._trusted or is_public(address)):
            raise _PrivateAddressError(f"{host} leads to {address}, which is not a public address")


def _place(url: httpx.URL) -> tuple[str, int]:
    return url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80)


class _CheckedBackend(httpcore.AnyIOBackend):
    """Connects to just the addresses that it has checked.

    A name is resolved here, each of its addresses is checked, and the connection goes to one of those:
    a name that leads elsewhere a moment later changes nothing. TLS still checks the name.
    """

    def __init__(self, resolver: Resolver, guard: _Guard) -> None:
        self._resolver = resolver
        self._guard = guard

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's interface)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of ``host`` that takes the connection."""
        places = await self._resolver(host, port)
        for address, _ in places:
            self._guard.check(host, port, address)
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for number, (address, at_port) in enumerate(places, start=1):
            patience = timeout if number == len(places) else _CONNECT_SECONDS
            try:
                return _Stream(
                    await super().connect_tcp(address, at_port, patience, local_address, socket_options)
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


def _json(data: bytes) -> Any:  # noqa: ANN401 (JSON can be anything)
    if data.count(b"[") + data.count(b"{") > _MOST_CONTAINERS:
        return None
    try:
        return json.loads(data)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        return None


def _seconds_to_wait(header: str | None, body: Any, now: float) -> float:  # noqa: ANN401 (JSON can be anything)
    """Return how long a server asks to wait, at least 0.

    The header counts (RFC 9110, 10.2.3: seconds or a date), and without it ``retry_after_ms`` of the
    Matrix API, which is deprecated since v1.10. What makes no sense is no wish.
    """
    try:
        if header is None:
            milliseconds = body.get("retry_after_ms") if isinstance(body, dict) else None
            wish = milliseconds / 1000 if isinstance(milliseconds, int | float) else 0.0
        elif re.fullmatch("[0-9]+", header):
            wish = float(header)
        else:
            wish = parsedate_to_datetime(header).timestamp() - now
    except (ValueError, OverflowError):
        return 0.0
    return wish if wish > 0 else 0.0  # not max(): that lets a NaN through


def _no_answer(error: Exception, host: str) -> NoAnswerError:
    """Put a network error in our words; the cause that tells most is often deep in its chain."""
    link: BaseException | None = error
    words = str(error)
    while link is not None:
        if isinstance(link, socket.gaierror):
            return NoAnswerError(Reason.SERVER_NOT_FOUND, f"the name {host} does not resolve")
        if isinstance(link, ssl.SSLError):
            words = getattr(link, "verify_message", "") or link.reason or str(link)
            return NoAnswerError(Reason.TLS_ERROR, f"no secure connection to {host}: {words}")
        if isinstance(link, OSError) and link.errno:
            words = os.strerror(link.errno)
        link = link.__cause__ or link.__context__
    if isinstance(error, _PrivateAddressError):
        return NoAnswerError(Reason.PRIVATE_ADDRESS, words)
    if isinstance(error, httpx.RemoteProtocolError):
        detail = f"{host} broke off or did not speak HTTP: {words}"
        return NoAnswerError(Reason.BAD_RESPONSE, detail, passing=True)
    if isinstance(error, httpx.TransportError | OSError):
        return NoAnswerError(Reason.UNREACHABLE, f"the connection to {host} failed: {words}", passing=True)
    return NoAnswerError(Reason.BAD_RESPONSE, f"{host} cannot be asked: {words}")
