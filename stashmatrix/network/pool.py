"""Connections that are kept for the next question to the same server, and to no other."""

from collections.abc import AsyncIterable, AsyncIterator, Callable
from threading import Semaphore
from typing import Any

import httpcore
import httpx

from stashmatrix.network.connections import Connect

FRESH = "fresh"
"""The request extension for a request that has a connection of its own."""

# What a request on a kept connection ends in if the server closed it meanwhile.
_CLOSED = (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError)


class KeptConnections(httpx.AsyncBaseTransport):
    """HTTP over connections that are used again, unless there is anything unread; close it with ``aclose``.

    A server that sends one response too many must not answer the next question with it. There is no
    limit here: as many connections are open as there were parallel requests.
    """

    def __init__(self, connect: Connect, places: Semaphore) -> None:
        """Make connections by ``connect``. One that is not in use has one of the ``places``, or is closed."""
        self._connect = connect
        self._places = places
        self._open: set[httpcore.AsyncConnectionInterface] = set()
        self._idle: list[httpcore.AsyncConnectionInterface] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send ``request``, on a connection of its own if it has the extension ``FRESH``."""
        url = request.url
        sent = httpcore.Request(
            request.method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
        )
        is_fresh = bool(request.extensions.get(FRESH))
        kept = None if is_fresh else await self._take(sent.url.origin)
        if kept is not None:
            try:
                return await self._send(sent, kept, keep=True)
            except _CLOSED:
                pass  # A server may close a kept connection at any time (RFC 9112, 9.3.1 and 9.5).
        return await self._send(sent, self._connect(sent.url.origin), keep=not is_fresh)

    async def aclose(self) -> None:
        """Close all connections."""
        while self._idle:
            self._idle.pop()
            self._places.release()
        while self._open:
            await self._open.pop().aclose()

    async def _send(
        self, request: httpcore.Request, connection: httpcore.AsyncConnectionInterface, *, keep: bool
    ) -> httpx.Response:
        self._open.add(connection)
        try:
            response = await connection.handle_async_request(request)
        except BaseException:
            # httpcore has closed it, unless it was kept from that.
            if connection.is_closed():
                self._open.discard(connection)
            raise

        async def release() -> None:
            has_surplus = _has_surplus(response.stream)
            await response.aclose()
            is_clean = keep and not has_surplus and connection.is_idle()
            if is_clean and self._places.acquire(blocking=False):
                self._idle.append(connection)
            else:
                await connection.aclose()
                self._open.discard(connection)

        assert isinstance(response.stream, AsyncIterable)
        return httpx.Response(
            response.status, headers=response.headers, stream=_Body(response.stream, release)
        )

    async def _take(self, origin: httpcore.Origin) -> httpcore.AsyncConnectionInterface | None:
        """Return an idle connection to ``origin`` on which nothing came since its last response."""
        for connection in reversed(self._idle):
            if connection.can_handle_request(origin):
                self._idle.remove(connection)
                self._places.release()
                if connection.is_available() and not connection.has_expired():
                    return connection
                await connection.aclose()
                self._open.discard(connection)
        return None


class _Body(httpx.AsyncByteStream):
    """The body of a response; its connection is released at the end."""

    def __init__(self, parts: AsyncIterable[bytes], release: Callable[[], Any]) -> None:
        self._parts = parts
        self._release = release

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._parts:
            yield part

    async def aclose(self) -> None:
        await self._release()


def _has_surplus(stream: object) -> bool:
    """Say whether more was read than the response whose ``stream`` this is.

    httpcore has no public way to ask: it would take the surplus for the next response. Raises
    ``RuntimeError`` if it no longer keeps it where it is looked for.
    """
    try:
        surplus, _ = stream._connection._h11_state.trailing_data  # type: ignore[attr-defined]  # noqa: SLF001
    except AttributeError as error:
        raise RuntimeError("httpcore no longer tells what it read beyond a response") from error
    return bool(surplus)
