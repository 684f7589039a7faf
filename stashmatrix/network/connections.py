"""Connections to addresses that were checked, and to no others.

``httpx-secure`` and ``safehttpx`` guard against private addresses, too. They do not fit: a proxy has to stay
possible, some hosts are trusted, and every address of a name is to be checked.
"""

import asyncio
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from stashmatrix.network.addresses import NameLookup, is_public

# Seconds to connect to an address if there is another one to try.
_CONNECT_SECONDS = 4.0


class PrivateAddressError(Exception):
    """A host has an address that is not public."""


class DirectTransport(httpx.AsyncHTTPTransport):
    """HTTP without a proxy, over connections that a network backend of ours makes."""

    def __init__(self, tls: ssl.SSLContext, connections: int, backend: httpcore.AsyncNetworkBackend) -> None:
        """Keep at most ``connections`` open, all made by ``backend``."""
        super().__init__(verify=tls)
        pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=5.0,
            network_backend=backend,
        )
        replace_pool(self, pool)


def replace_pool(transport: httpx.AsyncHTTPTransport, pool: httpcore.AsyncConnectionPool) -> None:
    """Have ``transport`` take its connections from ``pool``; httpx has no parameter for that.

    Raises ``RuntimeError`` if ``transport`` has no attribute of that name: to set it all the same would
    have no effect, and requests could reach private addresses.
    """
    if not hasattr(transport, "_pool"):
        raise RuntimeError("httpx no longer keeps its connection pool in _pool: addresses cannot be checked")
    transport._pool = pool  # noqa: SLF001 (there is no other way)


class _Stream(httpcore.AsyncNetworkStream):
    """A connection that is closed if its TLS handshake is cancelled; httpcore leaves it open."""

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
    return url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80)


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
