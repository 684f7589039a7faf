"""One HTTP GET request: bounded, to checked addresses only, and its response read whole or not at all."""

import json
import os
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpx

from stashmatrix import __version__
from stashmatrix.errors import StashmatrixError
from stashmatrix.network.addresses import NameLookup, numeric_address, system_lookup
from stashmatrix.network.connections import CheckedBackend, DirectTransport, Guard, PrivateAddressError, place
from stashmatrix.network.outcomes import NoAnswer, Response
from stashmatrix.records.answers import Reason

USER_AGENT = f"stashmatrix/{__version__} (Matrix room link checker)"
Transport = httpx.AsyncBaseTransport
_HEADERS = {"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "identity"}
_FRESH_HEADERS = {**_HEADERS, "Cache-Control": "no-cache", "Connection": "close"}

# Maximum lists and objects in a body: an empty one takes thirty times its bytes in memory.
_MOST_CONTAINERS = 10_000


class Fetcher:
    """Keeps connections to web servers open for the next request; close it with ``aclose``."""

    def __init__(
        self,
        *,
        connections: int,
        transport: Transport | None = None,
        lookup: NameLookup = system_lookup,
        trusted: Iterable[str] = (),
        allow_private: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Set HTTP up, with the proxies and certificates that the environment names.

        At most ``connections`` are open at a time. ``trusted`` are URLs whose hosts may be at private
        addresses, since the user named them; with ``allow_private`` all hosts may. ``transport``
        replaces the network, ``lookup`` the look-up of names, and ``now`` tells the time in seconds
        since 1970. Raises ``StashmatrixError`` if the environment makes HTTP impossible.
        """
        self._replacement = transport
        self._now = now
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        try:
            tls = httpx.create_ssl_context()
            # Read once, here: if a proxy vanished during the run, requests would go out without it.
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
                f"cannot set up HTTP from the environment: {error}",
                hint="check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR",
            ) from error
        self._tls = tls
        self._guard = Guard(trusted, allow_private=allow_private)
        self._backend = CheckedBackend(lookup, self._guard)
        self._direct = DirectTransport(tls, connections, self._backend)

    async def aclose(self) -> None:
        """Close all connections."""
        for transport in (self._direct, *self._proxied.values()):
            await transport.aclose()

    async def get(self, url: str, *, limit: int, fresh: bool = False) -> Response | NoAnswer:
        """Fetch ``url``, with at most ``limit`` bytes of body; if ``fresh``, on a connection of its own.

        There is no time limit. Redirects are not followed, and no cookies or credentials are sent.
        Raises nothing for whatever the network does.
        """
        request = httpx.Request("GET", url, headers=_FRESH_HEADERS if fresh else _HEADERS)
        try:
            transport = self._transport(request.url, fresh=fresh)
            try:
                response = await transport.handle_async_request(request)
                try:
                    return await self._read(response, url, limit)
                finally:
                    await response.aclose()
            finally:
                if fresh:
                    await transport.aclose()
        # ValueError: TLS raises it for a name that no certificate can have.
        except (httpx.HTTPError, httpx.StreamError, OSError, ValueError, PrivateAddressError) as error:
            return _no_answer(error, request.url.netloc.decode())

    def _transport(self, url: httpx.URL, *, fresh: bool) -> Transport:
        """Choose the way to ``url``, a new one if ``fresh``.

        A proxy looks names up itself, so that it has to check them itself.
        """
        if self._replacement is not None:
            return self._replacement
        proxy = self._proxies.get(url.scheme) or self._proxies.get("all")
        if proxy is None or proxy_bypass(url.host):
            return DirectTransport(self._tls, 1, self._backend) if fresh else self._direct
        if (address := numeric_address(url.host)) is not None:
            self._guard.check(*place(url), address)
        return httpx.AsyncHTTPTransport(verify=self._tls, proxy=proxy) if fresh else self._proxied[proxy]

    async def _read(self, response: httpx.Response, url: str, limit: int) -> Response | NoAnswer:
        encoding = response.headers.get("content-encoding", "identity")
        if encoding != "identity":
            # We did not ask for it, and a few compressed bytes can be gigabytes.
            return NoAnswer(Reason.BAD_RESPONSE, f"{url} answered in the encoding '{encoding}'")
        data = bytearray()
        async for chunk in response.aiter_bytes():
            data += chunk
            if len(data) > limit:
                return NoAnswer(Reason.BAD_RESPONSE, f"{url} answered more than {limit} bytes")
        return Response(
            url=url,
            status=response.status_code,
            body=_json(bytes(data)),
            is_html=data.lstrip()[:1] == b"<",
            location=response.headers.get("location") if response.has_redirect_location else None,
            retry_after=_retry_after(response.headers.get("retry-after"), self._now()),
        )


def _json(data: bytes) -> Any:  # noqa: ANN401 (JSON can be anything)
    if data.count(b"[") + data.count(b"{") > _MOST_CONTAINERS:
        return None
    try:
        return json.loads(data)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        return None


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


def _no_answer(error: Exception, host: str) -> NoAnswer:
    """Describe a network error in our words; the most telling cause is often deep in its chain."""
    link: BaseException | None = error
    words = str(error)
    while link is not None:
        if isinstance(link, socket.gaierror):
            return NoAnswer(Reason.SERVER_NOT_FOUND, f"the name {host} does not resolve")
        if isinstance(link, ssl.SSLError):
            words = getattr(link, "verify_message", "") or link.reason or str(link)
            return NoAnswer(Reason.TLS_ERROR, f"no secure connection to {host}: {words}")
        if isinstance(link, OSError) and link.errno:
            words = os.strerror(link.errno)
        link = link.__cause__ or link.__context__
    if isinstance(error, PrivateAddressError):
        return NoAnswer(Reason.PRIVATE_ADDRESS, words)
    if isinstance(error, httpx.RemoteProtocolError):
        detail = f"{host} broke off or did not speak HTTP: {words}"
        return NoAnswer(Reason.BAD_RESPONSE, detail, is_temporary=True)
    if isinstance(error, httpx.TransportError | OSError):
        return NoAnswer(Reason.UNREACHABLE, f"the connection to {host} failed: {words}", is_temporary=True)
    return NoAnswer(Reason.BAD_RESPONSE, f"{host} cannot be asked: {words}")
