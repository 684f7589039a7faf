"""Kept connections: what a server says unasked answers no question, and no connection is two servers'."""

import asyncio
import socket
import ssl
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import NamedTuple

import pytest
import trustme

from stashmatrix.matrix.identifiers import RoomAlias, ServerName
from stashmatrix.network.fetch import Fetcher, surroundings
from stashmatrix.network.limits import Limits
from stashmatrix.network.outcomes import NoAnswer, Response
from stashmatrix.network.patience import Web
from stashmatrix.records.answers import Resolved
from tests.support.answers import ask
from tests.support.network import (
    LOOPBACK,
    SECONDS,
    TlsRecords,
    certificate,
    error,
    hears,
    in_turn,
    kept,
    leads_to,
    listening,
    page,
    says,
    stays_silent,
)

pytestmark = pytest.mark.usefixtures("no_proxy")

NAME = "example.org"
ONE_TOO_MANY = kept(error(404, "M_NOT_FOUND"))


@dataclass
class Server:
    """Keeps connections, and what it was asked on each."""

    tls: ssl.SSLContext | None = None
    asked: list[list[str]] = field(default_factory=list)
    """Paths, by connection."""
    ended: Event = field(default_factory=Event)
    """Set once a client has hung up."""

    def answer(self, path: str, number: int) -> Sequence[bytes]:
        """Return what is sent at once; in TLS, each piece is a record.

        ``number`` counts the questions on the connection. Nothing means to hang up.
        """
        raise NotImplementedError

    def talk(self, connection: socket.socket) -> None:
        records = None if self.tls is None else TlsRecords(connection, self.tls)
        paths: list[str] = []
        self.asked.append(paths)
        try:
            while request := connection.recv(65_536) if records is None else records.recv(65_536):
                paths.append(request.split()[1].decode())
                pieces = self.answer(paths[-1], len(paths))
                if not pieces:
                    break
                if records is None:
                    connection.sendall(b"".join(pieces))
                else:
                    records.send(*pieces)
        finally:
            self.ended.set()


class Surplus(NamedTuple):
    """What comes with the first answer, and whether the connection is used again after that."""

    pieces: Sequence[bytes]
    is_kept: bool = False
    padding: int = 0
    """Bytes that the first answer is longer."""


SURPLUS = {
    "nothing": Surplus([], is_kept=True),
    "nothing after an answer of 30 KB": Surplus([], is_kept=True, padding=30_000),
    "a response too many": Surplus([ONE_TOO_MANY]),
    "a response too many at the end of the answer": Surplus([b"", ONE_TOO_MANY]),
    "ten responses too many": Surplus([ONE_TOO_MANY] * 10),
    "half a response too many": Surplus([ONE_TOO_MANY[:30]]),
    "a byte too many": Surplus([b"H"]),
    "an empty line": Surplus([b"\r\n"]),
    **{
        f"a response too many after {size:,} bytes": Surplus([ONE_TOO_MANY], padding=size)
        for size in (16_000, 65_000, 65_536, 200_000)
    },
}


class Babbler(Server):
    """Gives the path of each question as the answer, and more with the first of a connection."""

    surplus: Surplus

    def answer(self, path: str, number: int) -> Sequence[bytes]:
        padding = " " * self.surplus.padding if number == 1 else ""
        pieces = [kept(page([path, padding])), *(self.surplus.pieces if number == 1 else [])]
        # An empty piece joins what is around it: the surplus is in the record of the answer.
        return [b"".join(pieces)] if b"" in pieces else pieces


def fetch(port: int, *paths: str, scheme: str, meanwhile: Callable[[], object]) -> list[object]:
    """Return the first item of the list at each path, one question after the other."""

    async def run() -> list[object]:
        outcomes: list[Response | NoAnswer] = []
        async with aclosing(Fetcher(surroundings(lookup=leads_to(port), allow_private=True))) as fetcher:
            for path in paths:
                outcomes.append(await fetcher.get(f"{scheme}://{NAME}{path}", limit=10**6))
                meanwhile()
        return [outcome.body[0] if isinstance(outcome, Response) else outcome for outcome in outcomes]

    return asyncio.run(run())


@pytest.mark.parametrize("surplus", SURPLUS.values(), ids=SURPLUS)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_what_comes_with_an_answer_answers_no_other_question(
    surplus: Surplus, scheme: str, authority: trustme.CA
) -> None:
    server = Babbler(certificate(authority, NAME) if scheme == "https" else None)
    server.surplus = surplus
    with listening(server.talk) as port:
        assert fetch(port, "/1", "/2", "/3", scheme=scheme, meanwhile=lambda: None) == ["/1", "/2", "/3"]
    assert server.asked == ([["/1", "/2", "/3"]] if surplus.is_kept else [["/1"], ["/2"], ["/3"]])


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_what_comes_after_an_answer_answers_no_other_question(scheme: str, authority: trustme.CA) -> None:
    go, gone = Event(), Event()

    class Latecomer(Server):
        def answer(self, path: str, _: int) -> Sequence[bytes]:
            return [kept(page([path]))]

        def talk(self, connection: socket.socket) -> None:
            # Else the second answer waits for the client's word that it has the first (RFC 1122, 4.2.3.4).
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            records = None if self.tls is None else TlsRecords(connection, self.tls)
            talking = connection if records is None else records
            path = talking.recv(65_536).split()[1].decode()
            for piece in (self.answer(path, 1)[0], ONE_TOO_MANY):
                if records is None:
                    connection.sendall(piece)
                else:
                    records.send(piece)
                go.wait(SECONDS)
            gone.set()
            connection.recv(1)

    def meanwhile() -> None:
        go.set()
        assert gone.wait(SECONDS)

    server = Latecomer(certificate(authority, NAME) if scheme == "https" else None)
    with listening(server.talk) as port:
        assert fetch(port, "/1", "/2", scheme=scheme, meanwhile=meanwhile) == ["/1", "/2"]


def test_a_server_that_hangs_up_on_a_kept_connection_is_asked_once_more_without_a_retry() -> None:
    class Impatient(Server):
        def answer(self, path: str, number: int) -> Sequence[bytes]:
            return [kept(page([path]))] if number == 1 else []

    server = Impatient()
    with listening(server.talk) as port:
        assert fetch(port, "/1", "/2", scheme="http", meanwhile=lambda: None) == ["/1", "/2"]
    assert server.asked == [["/1", "/2"], ["/2"]]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("by_proxy", [False, True], ids=["without a proxy", "by way of a proxy"])
def test_a_fresh_question_has_a_connection_of_its_own(
    scheme: str, by_proxy: bool, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Babbler(certificate(authority, NAME) if scheme == "https" else None)
    server.surplus = SURPLUS["nothing"]
    outcomes: list[Response | NoAnswer] = []

    async def run(port: int) -> None:
        async with aclosing(Fetcher(surroundings(lookup=leads_to(port), allow_private=True))) as fetcher:
            for path, fresh in [("/1", False), ("/2", True), ("/3", False)]:
                outcomes.append(await fetcher.get(f"{scheme}://{NAME}{path}", limit=1000, fresh=fresh))

    is_tunnel = by_proxy and scheme == "https"
    opens = in_turn(hears(says(b"HTTP/1.1 200 OK\r\n\r\n")), server.talk)
    with listening(opens if is_tunnel else server.talk) as port:
        if by_proxy:
            monkeypatch.setenv(f"{scheme}_proxy", f"http://{LOOPBACK}:{port}")
        asyncio.run(run(port))
    # A proxy without a tunnel is asked for whole URLs.
    start = f"http://{NAME}" if by_proxy and not is_tunnel else ""
    assert all(isinstance(outcome, Response) for outcome in outcomes)
    assert server.asked == [[f"{start}/1", f"{start}/3"], [f"{start}/2"]]


class Homeserver(Server):
    """Knows every alias."""

    def answer(self, path: str, _: int) -> Sequence[bytes]:
        if "summary" in path:
            return [kept(error(404, "M_NOT_FOUND"))]
        return [kept(page({"room_id": "!room:example.org"}))]


@contextmanager
def behind_one_host(server: Server, *names: str) -> Iterator[tuple[Web, dict[ServerName, str]]]:
    """Yield a web, and the URLs of these servers' APIs, which are folders of one host."""
    with listening(server.talk) as port:
        yield (
            Web(Limits(retries=0), lookup=leads_to(port), allow_private=True),
            {ServerName(name): f"http://host.example.org:{port}/{name}" for name in names},
        )


def test_two_servers_behind_one_host_share_no_connection() -> None:
    server = Homeserver()
    names = [f"s{number}.example.org" for number in range(4)]
    aliases = [RoomAlias(f"#{number}:{name}") for number in range(10) for name in names]
    with behind_one_host(server, *names) as (web, urls):
        answers = ask(web, aliases, homeservers=urls)
    assert all(isinstance(answer, Resolved) for answer in answers.values())
    servers_of_a_connection = [{path.split("/")[1] for path in paths} for paths in server.asked]
    assert {len(servers) for servers in servers_of_a_connection} == {1}


def test_a_server_s_connections_are_kept_and_as_many_as_it_has_parallel_requests() -> None:
    server = Homeserver()
    names = [f"s{number}.example.org" for number in range(10)]
    aliases = [RoomAlias(f"#{number}:{name}") for number in range(20) for name in names]
    with behind_one_host(server, *names) as (web, urls):
        ask(web, aliases, homeservers=urls)
    connections = defaultdict[str, int](int)
    for paths in server.asked:
        connections[paths[0].split("/")[1]] += 1
    assert sum(map(len, server.asked)) == 2 * len(aliases)
    assert max(connections.values()) <= Limits().per_host


def test_a_server_s_connections_are_closed_once_its_questions_are_answered() -> None:
    class Patient(Homeserver):
        def answer(self, path: str, number: int) -> Sequence[bytes]:
            if "last.example.org" in path and not self.ended.wait(SECONDS):
                return []
            return super().answer(path, number)

    with behind_one_host(Patient(), "first.example.org", "last.example.org") as (web, urls):
        aliases = [RoomAlias(f"#stash:{name}") for name in urls]
        answers = ask(web, aliases, homeservers=urls)
    assert all(isinstance(answer, Resolved) for answer in answers.values())


@pytest.mark.parametrize("turns", range(6))
def test_a_request_that_is_cancelled_once_more_as_it_ends_leaves_no_connection_behind(turns: int) -> None:
    asked, ended = Event(), Event()

    def talk(connection: socket.socket) -> None:
        connection.recv(65_536)
        asked.set()
        stays_silent(connection)
        ended.set()

    async def run(port: int) -> None:
        async with aclosing(Fetcher(surroundings(lookup=leads_to(port), allow_private=True))) as fetcher:
            request = asyncio.create_task(fetcher.get(f"http://{NAME}/", limit=1000))
            assert await asyncio.to_thread(asked.wait, SECONDS)
            request.cancel()
            for _ in range(turns):
                await asyncio.sleep(0)
            request.cancel()
            await asyncio.gather(request, return_exceptions=True)
        assert await asyncio.to_thread(ended.wait, SECONDS)

    with listening(talk) as port:
        asyncio.run(run(port))
