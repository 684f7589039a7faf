"""A network for the tests: real sockets on loopback, which names lead to, over TLS as in life."""

import json
import socket
import ssl
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from typing import TypeVar

import httpx
import trustme

from stashmatrix.network.addresses import NameLookup

T = TypeVar("T")
Talk = Callable[[socket.socket], None]
"""What a server does with a connection, or once it has read a request."""

LOOPBACK = "127.0.0.1"
SECONDS = 10
"""For a client to say something, or to hang up."""


@contextmanager
def listening(talk: Talk, address: str = LOOPBACK) -> Iterator[int]:
    """Have each connection to a free port go to ``talk``; yield the port."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(SECONDS)
            # Else a small packet waits 40 ms for the client to acknowledge the one before.
            self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with suppress(OSError):  # the client may hang up at any time
                talk(self.request)

    class Server(ThreadingTCPServer):
        address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        request_queue_size = 64

    with Server((address, 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.002})
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def silent_server() -> Iterator[tuple[str, Event]]:
    """Listen on loopback, never answer; yield the URL and what is set at the first request."""
    asked = Event()

    def talk(connection: socket.socket) -> None:
        connection.recv(1)
        asked.set()
        stays_silent(connection)

    with listening(talk) as port:
        yield f"http://{LOOPBACK}:{port}", asked


def leads_to(port: int, address: str = LOOPBACK) -> NameLookup:
    """Have every name lead to one port."""

    async def lookup(_host: str, _port: int) -> Sequence[tuple[str, int]]:
        return [(address, port)]

    return lookup


def certificate(
    authority: trustme.CA,
    *names: str,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
) -> ssl.SSLContext:
    """Return a server's side of TLS, for these names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf = authority.issue_cert(*names, not_before=not_before, not_after=not_after)
    leaf.configure_cert(context)
    return context


def hears(talk: Talk) -> Talk:
    """Read a request, or the start of a handshake, first: what is unread would end in a reset."""

    def heard(connection: socket.socket) -> None:
        connection.recv(65_536)
        talk(connection)

    return heard


def serves(
    pages: Mapping[str, Talk],
    tls: ssl.SSLContext,
    asked: list[str],
    otherwise: Talk,
    *,
    keeps: bool = False,
) -> Talk:
    """Answer one request, over TLS or in plain as it comes, and add its URL to ``asked``.

    If it ``keeps`` the connection, answer all requests.
    """

    def talk(connection: socket.socket) -> None:
        secure = connection.recv(1, socket.MSG_PEEK) == b"\x16"
        with tls.wrap_socket(connection, server_side=True) if secure else connection as talking:
            while request := talking.recv(65_536):
                line, *headers = request.decode().split("\r\n")
                [host] = [
                    value
                    for name, _, value in (header.partition(": ") for header in headers)
                    if name == "Host"
                ]
                url = f"{'https' if secure else 'http'}://{host}{line.split()[1]}"
                asked.append(url)
                pages.get(url, otherwise)(talking)
                if not keeps:
                    break

    return talk


class TlsRecords:
    """A server's side of TLS that can send several records at once."""

    def __init__(self, connection: socket.socket, context: ssl.SSLContext) -> None:
        self._connection = connection
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._repeat(self._tls.do_handshake)

    def recv(self, size: int) -> bytes:
        return self._repeat(lambda: self._tls.read(size))

    def send(self, *records: bytes) -> None:
        for record in records:
            self._repeat(partial(self._tls.write, record))
        self._connection.sendall(self._outgoing.read())

    def _repeat(self, step: Callable[[], T]) -> T:
        """Take a step of TLS, and read what it needs."""
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self._connection.sendall(self._outgoing.read())
                data = self._connection.recv(65_536)
                if not data:
                    raise ConnectionResetError from None
                self._incoming.write(data)


def forwards(url: str, tls: ssl.SSLContext) -> Talk:
    """End TLS in front of the server at ``url``, for one request."""
    place = httpx.URL(url)

    def talk(connection: socket.socket) -> None:
        with (
            tls.wrap_socket(connection, server_side=True) as outside,
            socket.create_connection((place.host, place.port or 80), SECONDS) as inside,
        ):
            inside.sendall(outside.recv(65_536).replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
            while chunk := inside.recv(65_536):
                outside.sendall(chunk)

    return talk


def says(text: bytes) -> Talk:
    return lambda connection: connection.sendall(text)


def resets(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def stays_silent(connection: socket.socket) -> None:
    while connection.recv(65_536):
        pass


def in_turn(*talks: Talk) -> Talk:
    def talk(connection: socket.socket) -> None:
        for one in talks:
            one(connection)

    return talk


def without_end(chunk: bytes) -> Talk:
    """Send a chunk over and over, until the client hangs up."""

    def talk(connection: socket.socket) -> None:
        while True:
            connection.sendall(chunk)

    return talk


def drips(text: bytes) -> Talk:
    """Send a byte at a time, with pauses, until the client hangs up."""

    def talk(connection: socket.socket) -> None:
        connection.settimeout(0.05)
        for number in range(len(text)):
            connection.sendall(text[number : number + 1])
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                pass  # the client is still there

    return talk


def http(body: bytes = b"", *headers: str, status: int = 200, length: object = None) -> bytes:
    """Return the last response of a connection.

    ``length`` is what it says of its body's, if not the truth.
    """
    lines = [
        f"HTTP/1.1 {status} Words",
        f"Content-Length: {len(body) if length is None else length}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def kept(response: bytes) -> bytes:
    """Have the connection kept after a response."""
    return response.replace(b"Connection: close\r\n", b"", 1)


def page(content: object, *headers: str, status: int = 200) -> bytes:
    return http(json.dumps(content).encode(), *headers, status=status)


def error(status: int, errcode: str, *headers: str) -> bytes:
    return page({"errcode": errcode, "error": "Words"}, *headers, status=status)
