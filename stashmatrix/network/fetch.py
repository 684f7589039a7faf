"""One HTTP request, answered whole or not at all: GET only, bounded, and to checked addresses only."""

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
from stashmatrix.network.outcomes import NoAnswerError, Response
from stashmatrix.records.answers import Reason

USER_AGENT = f"stashmatrix/{__version__} (Matrix room link checker)"
Transport = httpx.AsyncBaseTransport
_HEADERS = {"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "identity"}

# Lists and objects in a body, beside each other or nested: empty ones take thirty times their bytes.
_MOST_CONTAINERS = 10_000


class Fetcher:
    """Connections to web servers, kept for the next request; to be closed with ``aclose``."""

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
        self._guard = Guard(trusted, allow_private=allow_private)
        self._direct = DirectTransport(tls, connections, CheckedBackend(lookup, self._guard))

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
        except (httpx.HTTPError, httpx.StreamError, OSError, ValueError, PrivateAddressError) as error:
            raise _no_answer(error, request.url.netloc.decode()) from error

    def _transport(self, url: httpx.URL) -> Transport:
        """Choose the way to ``url``: a proxy resolves names itself, and answers for that."""
        if self._given is not None:
            return self._given
        proxy = self._proxies.get(url.scheme) or self._proxies.get("all")
        if proxy is None or proxy_bypass(url.host):
            return self._direct
        if (address := numeric_address(url.host)) is not None:
            self._guard.check(*place(url), address)
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
    if isinstance(error, PrivateAddressError):
        return NoAnswerError(Reason.PRIVATE_ADDRESS, words)
    if isinstance(error, httpx.RemoteProtocolError):
        detail = f"{host} broke off or did not speak HTTP: {words}"
        return NoAnswerError(Reason.BAD_RESPONSE, detail, passing=True)
    if isinstance(error, httpx.TransportError | OSError):
        return NoAnswerError(Reason.UNREACHABLE, f"the connection to {host} failed: {words}", passing=True)
    return NoAnswerError(Reason.BAD_RESPONSE, f"{host} cannot be asked: {words}")
