"""One HTTP GET request: bounded, to checked addresses only, and its response read whole or not at all."""

import os
import re
import socket
import ssl
import time
from collections.abc import AsyncIterable, Callable, Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from threading import Semaphore
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from stashmatrix import __version__
from stashmatrix.errors import StashmatrixError
from stashmatrix.network import body
from stashmatrix.network.addresses import NameLookup, numeric_address, system_lookup
from stashmatrix.network.connections import (
    CheckedBackend,
    Guard,
    PrivateAddressError,
    ProxyFailureError,
    by_proxy,
    direct,
    place,
)
from stashmatrix.network.outcomes import NoAnswer, Response
from stashmatrix.network.pool import FRESH, KeptConnections
from stashmatrix.network.urls import ascii_host, parsed
from stashmatrix.records.answers import Reason

USER_AGENT = f"stashmatrix/{__version__} (Matrix room link checker)"
Transport = httpx.AsyncBaseTransport
_HEADERS = {
    "User-Agent": USER_AGENT,
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    # A cache on the way could hold an answer from before the room, or from after it.
    "Cache-Control": "no-cache",
}

# Maximum connections in a run that are kept and not in use: each is an open file.
_MOST_IDLE = 128

# A replaced transport raises httpx's errors, and the connections httpcore's.
_FAILURES = (httpx.TransportError, httpcore.NetworkError, httpcore.TimeoutException, OSError)
# How a proxy begins what it says of a server that does not answer it.
_GATEWAY_TROUBLE = ("502", "503", "504")
_NETWORK_ERRORS = (
    httpx.HTTPError,
    httpx.StreamError,
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    ProxyFailureError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all requests of a run share, of which the environment says some."""

    tls: ssl.SSLContext
    proxies: Mapping[str, str]
    """URL of the proxy for a scheme, or for ``all``."""
    proxied: Mapping[str, httpcore.AsyncConnectionPool]
    """What makes the connections by way of a proxy, by its URL."""
    lookup: NameLookup
    allow_private: bool
    """Whether all hosts may be at private addresses."""
    trusted: tuple[str, ...]
    """URLs whose hosts may be, whoever leads there."""
    transport: Transport | None
    """What replaces the network."""
    now: Callable[[], float]
    """Tells the time in seconds since 1970."""
    idle: Semaphore
    """Limits the connections that are kept and not in use."""
    way: str
    """What of all this decides an answer, as a text without passwords; empty if there is nothing special."""


def surroundings(
    *,
    transport: Transport | None = None,
    lookup: NameLookup = system_lookup,
    trusted: Iterable[str] = (),
    allow_private: bool = False,
    now: Callable[[], float] = time.time,
) -> Surroundings:
    """Set HTTP up, with the proxies and certificates that the environment names.

    Raises ``StashmatrixError`` if the environment makes HTTP impossible.
    """
    try:
        tls = httpx.create_ssl_context()
        # Read once, here: if a proxy vanished during the run, requests would go out without it.
        named = getproxies()
        proxies = {
            scheme: url if "://" in url else f"http://{url}"
            for scheme, url in named.items()
            if scheme in ("http", "https", "all")
        }
        proxied = {url: by_proxy(url, tls) for url in proxies.values()}
    except (ImportError, RuntimeError, ValueError, OSError, httpx.InvalidURL) as error:
        raise StashmatrixError(
            f"cannot set up HTTP from the environment: {error}",
            hint="check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR",
        ) from error
    return Surroundings(
        tls=tls,
        proxies=proxies,
        proxied=proxied,
        lookup=lookup,
        allow_private=allow_private,
        trusted=tuple(trusted),
        transport=transport,
        now=now,
        idle=Semaphore(_MOST_IDLE),
        way=_way(proxies, named.get("no", ""), allow_private=allow_private),
    )


def _way(proxies: Mapping[str, str], no_proxy: str, *, allow_private: bool) -> str:
    places = {scheme: httpx.URL(url) for scheme, url in proxies.items()}
    parts = [f"{scheme}={url.scheme}://{url.netloc.decode()}" for scheme, url in sorted(places.items())]
    if parts and no_proxy:
        parts.append(f"no={no_proxy}")
    if allow_private:
        parts.append("allow-private")
    return " ".join(parts)


class Fetcher:
    """Fetches the pages for one server's questions, over connections of its own; close it with ``aclose``."""

    def __init__(self, around: Surroundings, *, trusted: Iterable[str] = ()) -> None:
        """Fetch in these surroundings.

        ``trusted`` are URLs whose hosts may be at private addresses, as the user named them for this server.
        """
        self._around = around
        self._guard = Guard((*around.trusted, *trusted), allow_private=around.allow_private)
        backend = CheckedBackend(around.lookup, self._guard)
        self._direct = KeptConnections(direct(around.tls, backend), around.idle)
        self._proxied = {
            url: KeptConnections(pool.create_connection, around.idle) for url, pool in around.proxied.items()
        }

    async def aclose(self) -> None:
        """Close all connections."""
        for connections in (self._direct, *self._proxied.values()):
            await connections.aclose()

    async def get(self, url: str, *, limit: int, fresh: bool = False) -> Response | NoAnswer:
        """Fetch ``url``, with at most ``limit`` bytes of body, if ``fresh`` on a connection of its own.

        There is no time limit. Redirects are not followed, and no cookies or credentials are sent.
        Raises nothing for whatever the network does.
        """
        target = parsed(url)
        # httpx would decode the name for the header, and cannot decode those of emoji.
        headers = {"Host": target.netloc.decode(), **_HEADERS}
        request = httpx.Request("GET", target, headers=headers, extensions={FRESH: fresh})
        try:
            response = await self._transport(target).handle_async_request(request)
            try:
                return await self._read(response, url, limit)
            finally:
                await response.aclose()
        # ValueError: TLS raises it for a name that no certificate can have.
        except (*_NETWORK_ERRORS, OSError, ValueError, PrivateAddressError) as error:
            return _no_answer(error, target.netloc.decode(), self.by_way_of(url))

    def by_way_of(self, url: str) -> str:
        """Name the proxy that ``url`` is asked for, as the end of a sentence; empty if there is none."""
        proxy = self._proxy(parsed(url))
        return "" if proxy is None else f", by way of the proxy {httpx.URL(proxy).netloc.decode()}"

    def _proxy(self, url: httpx.URL) -> str | None:
        """Return the URL of the proxy to ask for ``url``, if any."""
        proxies = self._around.proxies
        proxy = proxies.get(url.scheme) or proxies.get("all")
        if proxy is None or self._around.transport is not None or proxy_bypass(ascii_host(url)):
            return None
        return proxy

    def _transport(self, url: httpx.URL) -> Transport:
        """Choose the way to ``url``. A proxy looks names up itself, so that it has to check them itself."""
        if self._around.transport is not None:
            return self._around.transport
        proxy = self._proxy(url)
        if proxy is None:
            return self._direct
        if (address := numeric_address(ascii_host(url))) is not None:
            self._guard.check(*place(url), address)
        return self._proxied[proxy]

    async def _read(self, response: httpx.Response, url: str, limit: int) -> Response | NoAnswer:
        encoding = response.headers.get("content-encoding", "identity")
        if encoding != "identity":
            # We did not ask for it, and a few compressed bytes can be gigabytes.
            return NoAnswer(Reason.BAD_RESPONSE, f"{url} answered in the encoding '{encoding}'")
        assert isinstance(response.stream, AsyncIterable)
        data = await body.read(response.stream, limit)
        if isinstance(data, int):
            return NoAnswer(Reason.BAD_RESPONSE, f"{url} answered more than {data} bytes")
        return Response(
            url=url,
            status=response.status_code,
            body=body.read_json(data),
            is_html=data.lstrip()[:1] == b"<",
            location=response.headers.get("location") if response.has_redirect_location else None,
            retry_after=_retry_after(response.headers.get("retry-after"), self._around.now()),
        )


def _retry_after(header: str | None, now: float) -> float | None:
    """Read ``Retry-After``, seconds or a date (RFC 9110, 10.2.3). Nonsense counts as 0."""
    if header is None:
        return None
    try:
        if re.fullmatch("[0-9]+", header):
            return float(header)
        return max(parsedate_to_datetime(header).timestamp() - now, 0.0)
    except (ValueError, OverflowError):
        return 0.0


def _no_answer(error: Exception, host: str, by_way_of: str) -> NoAnswer:
    """Describe a network error in our words; the most telling cause is often deep in its chain."""
    cause = _cause(error)
    words = _words(error, cause)
    if isinstance(error, PrivateAddressError):
        return NoAnswer(Reason.PRIVATE_ADDRESS, words)
    if isinstance(error, ProxyFailureError):
        words = f"its name {words}" if isinstance(cause, socket.gaierror) else words
        detail = f"{host} cannot be asked{by_way_of}: no connection to the proxy: {words}"
        return NoAnswer(Reason.UNREACHABLE, detail, is_temporary=not isinstance(cause, ssl.SSLError))
    if isinstance(error, httpcore.ProxyError):
        detail = f"{host} cannot be asked{by_way_of}: the proxy answered: {words}"
        return NoAnswer(Reason.UNREACHABLE, detail, is_temporary=words.startswith(_GATEWAY_TROUBLE))
    if isinstance(cause, socket.gaierror):
        if cause.errno == socket.EAI_AGAIN:
            return NoAnswer(Reason.UNREACHABLE, f"the name {host} {words}", is_temporary=True)
        return NoAnswer(Reason.SERVER_NOT_FOUND, f"the name {host} {words}")
    if isinstance(cause, ssl.SSLError):
        return NoAnswer(Reason.TLS_ERROR, f"no secure connection to {host}{by_way_of}: {words}")
    if isinstance(error, httpx.RemoteProtocolError | httpcore.RemoteProtocolError):
        detail = f"{host} broke off or did not speak HTTP{by_way_of}: {words}"
        return NoAnswer(Reason.BAD_RESPONSE, detail, is_temporary=True)
    if isinstance(error, _FAILURES):
        detail = f"the connection to {host} failed{by_way_of}: {words}"
        return NoAnswer(Reason.UNREACHABLE, detail, is_temporary=True)
    return NoAnswer(Reason.BAD_RESPONSE, f"{host} cannot be asked{by_way_of}: {words}")


def _words(error: Exception, cause: OSError | None) -> str:
    """Return what ``cause`` says of ``error``."""
    if isinstance(cause, socket.gaierror):
        is_temporary = cause.errno == socket.EAI_AGAIN
        return "cannot be looked up at the moment" if is_temporary else "does not resolve"
    if isinstance(cause, ssl.SSLError):
        return getattr(cause, "verify_message", "") or cause.reason or str(cause)
    return os.strerror(cause.errno) if cause is not None and cause.errno else str(error)


def _cause(error: BaseException) -> OSError | None:
    """Return the cause of ``error`` that says most: the first of a look-up or of TLS, or the deepest one."""
    deepest: OSError | None = None
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, socket.gaierror | ssl.SSLError):
            return link
        if isinstance(link, OSError) and link.errno:
            deepest = link
        link = link.__cause__ or link.__context__
    return deepest
