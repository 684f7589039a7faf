"""Connections to addresses that were checked, and to no others.

``httpx-secure`` and ``safehttpx`` guard against private addresses, too. They do not fit: a proxy has to stay
possible, some hosts are trusted, and every address of a name is to be checked.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterable
from typing import Any

import httpcore
import httpx

from stashmatrix.network.addresses import NameLookup, is_public
from stashmatrix.network.urls import ascii_host

# Seconds to connect to an address if there is another one to try.
_CONNECT_SECONDS = 4.0
# Seconds that a connection is kept without a request.
_KEPT_SECONDS = 5.0
# anyio reads 256 KiB of a socket at once, and hands out 64 KiB: it can hold back the rest of a long response.
_MOST_TO_BE_SURE = 32 * 1024

_NOT_CONNECTED = (OSError, httpcore.ConnectError, httpcore.ConnectTimeout)

Connect = Callable[[httpcore.Origin], httpcore.AsyncConnectionInterface]
"""Return a connection to a host, which connects with its first request."""


class PrivateAddressError(Exception):
    """A host has an address that is not public."""


class ProxyFailureError(Exception):
    """A proxy cannot be reached, for a reason that is its cause."""


class _Stream(httpcore.AsyncNetworkStream):
    """A connection that knows whether all that came has been read.

    It is also closed if its TLS handshake is cancelled; httpcore leaves it open.
    """

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self._since_request = 0
        """Bytes read since the last request."""

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's interface)
    ) -> httpcore.AsyncNetworkStream:
        try:
            return _Stream(await self._stream.start_tls(ssl_context, server_hostname, timeout))
        except asyncio.CancelledError:
            await self._stream.aclose()
            raise

    async def read(
        self,
        max_bytes: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's interface)
    ) -> bytes:
        data = await self._stream.read(max_bytes, timeout)
        self._since_request += len(data)
        return data

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's interface)
    ) -> None:
        self._since_request = 0
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 (httpcore's interface)
        """Return what httpcore asks for. It does not use a connection again that ``is_readable``."""
        if info == "is_readable":
            return self._stream.get_extra_info(info) or self._may_hold_more()
        return self._stream.get_extra_info(info)

    def _may_hold_more(self) -> bool:
        """Say whether bytes may have come that are read from the socket, and not yet from here."""
        # What TLS has read and not decrypted: a response too many in a record of its own.
        tls = self._stream.get_extra_info("ssl_object")
        if tls is not None:
            try:
                tls.read(1)
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError:
                return True
            else:
                return True  # a byte, or the end
        return self._since_request > _MOST_TO_BE_SURE


class _ProxyStream(_Stream):
    """A connection to a proxy that speaks TLS itself, before that of the server behind it."""

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's interface)
    ) -> httpcore.AsyncNetworkStream:
        try:
            return await super().start_tls(ssl_context, server_hostname, timeout)
        except _NOT_CONNECTED as error:
            raise ProxyFailureError(str(error)) from error


class Guard:
    """Admits connections to public addresses only, unless the user decided otherwise."""

    def __init__(self, trusted: Iterable[str], *, allow_private: bool) -> None:
        """Admit any address of the hosts in the URLs ``trusted``, or of all hosts if ``allow_private``."""
        self._trusted = {place(httpx.URL(url)) for url in trusted}
        self._allow_private = allow_private

    def check(self, host: str, port: int, address: str) -> None:
        """Raise ``PrivateAddressError`` if no connection may go to ``address``, which ``host`` has."""
        if not (self._allow_private or (host, port) in self._trusted or is_public(address)):
            raise PrivateAddressError(f"{host} leads to {address}, which is not a public address")


def place(url: httpx.URL) -> tuple[str, int]:
    """Return the host, in ASCII, and the port of ``url``."""
    return ascii_host(url), url.port or (443 if url.scheme == "https" else 80)


class CheckedBackend(httpcore.AnyIOBackend):
    """Connects only to addresses that it has checked.

    It looks the name up, checks every address, and connects to one of those. So it does not matter if
    the name has other addresses a moment later. TLS still checks the name.
    """

    def __init__(self, lookup: NameLookup, guard: Guard) -> None:
        """Look names up by ``lookup``, and have ``guard`` check every address."""
        self._lookup = lookup
        self._guard = guard

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's interface)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of ``host`` that accepts the connection."""
        places = await self._lookup(host, port)
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


class ProxyBackend(httpcore.AnyIOBackend):
    """Connects to a proxy, and says so if that fails."""

    def __init__(self, *, speaks_tls: bool = False) -> None:
        """Connect to a proxy that ``speaks_tls`` itself, or to one that does not."""
        self._stream = _ProxyStream if speaks_tls else _Stream

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's interface)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the proxy, which is ``host``; raise ``ProxyFailureError`` if that fails."""
        try:
            return self._stream(await super().connect_tcp(host, port, timeout, local_address, socket_options))
        except _NOT_CONNECTED as error:
            raise ProxyFailureError(str(error)) from error


def direct(tls: ssl.SSLContext, backend: httpcore.AsyncNetworkBackend) -> Connect:
    """Return what makes connections without a proxy, all by ``backend``."""

    def connect(origin: httpcore.Origin) -> httpcore.AsyncConnectionInterface:
        return httpcore.AsyncHTTPConnection(
            origin, ssl_context=tls, keepalive_expiry=_KEPT_SECONDS, network_backend=backend
        )

    return connect


def by_proxy(url: str, tls: ssl.SSLContext) -> httpcore.AsyncConnectionPool:
    """Return what makes connections by way of the proxy at ``url``.

    Raises ``ValueError`` or ``httpx.InvalidURL`` if there is no such proxy, and ``RuntimeError`` if
    a package for it is missing.
    """
    proxy = httpx.Proxy(url)
    at = proxy.url
    proxy_url = httpcore.URL(scheme=at.raw_scheme, host=at.raw_host, port=at.port, target=at.raw_path)
    if at.scheme in ("socks5", "socks5h"):
        return httpcore.AsyncSOCKSProxy(
            proxy_url,
            proxy_auth=proxy.raw_auth,
            ssl_context=tls,
            keepalive_expiry=_KEPT_SECONDS,
            network_backend=ProxyBackend(),
        )
    return httpcore.AsyncHTTPProxy(
        proxy_url,
        proxy_auth=proxy.raw_auth,
        ssl_context=tls,
        keepalive_expiry=_KEPT_SECONDS,
        network_backend=ProxyBackend(speaks_tls=at.scheme == "https"),
    )
