"""A fake homeserver: fast, without summaries, and with every room but those whose name begins with gone.

A room whose name begins with moved was made by a server that has ended: ended.net.
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Thread
from urllib.parse import unquote

from tests.support.network import LOOPBACK

_DIRECTORY = "/_matrix/client/v3/directory/room/"

OnRequest = Callable[[str, str], None]
"""Gets the host and the path of each request."""


class FakeHomeserver(asyncio.Protocol):
    """One kept connection to it."""

    def __init__(self, on_request: OnRequest) -> None:
        self._on_request = on_request
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._received.endswith(b"\r\n\r\n"):
            return
        request, self._received = self._received.decode(), b""
        host, path = re.search(r"(?im)^host: *(\S+)", request), request.split(" ", 2)[1]
        assert host is not None
        self._on_request(host[1], path)
        status, content = _answer(path)
        body = json.dumps(content)
        head = f"HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        self._transport.write(f"{head}\r\n\r\n{body}".encode())


def _answer(path: str) -> tuple[int, object]:
    if not path.startswith(_DIRECTORY):
        return 404, {"errcode": "M_UNRECOGNIZED", "error": "Unrecognized request"}
    alias = unquote(path.removeprefix(_DIRECTORY))
    if alias.lower().startswith("#gone"):
        return 404, {"errcode": "M_NOT_FOUND", "error": "No such alias"}
    room = "moved:ended.net" if alias.startswith("#moved") else alias[1:]
    return 200, {"room_id": f"!{room}", "servers": ["example.org"]}


@contextmanager
def fake_homeserver(on_question: Callable[[str], object] = str) -> Iterator[tuple[str, list[str]]]:
    """Run one in a thread; yield its URL, and the aliases that its directory is asked for.

    ``on_question`` gets each of these as it is asked for.
    """
    asked: list[str] = []
    transports: list[asyncio.BaseTransport] = []

    def on_request(_host: str, path: str) -> None:
        if path.startswith(_DIRECTORY):
            asked.append(unquote(path.removeprefix(_DIRECTORY)))
            on_question(asked[-1])

    class Connection(FakeHomeserver):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            transports.append(transport)

    async def start() -> asyncio.Server:
        return await loop.create_server(partial(Connection, on_request), LOOPBACK, 0)

    async def stop() -> None:
        server.close()
        for transport in transports:
            transport.close()
        await asyncio.sleep(0)  # in which they close

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(start())
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}", asked
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
