"""Figures of ``check-links`` over TLS, with discovery: ``python -m tests.performance.far_away [SERVERS]``.

Every homeserver is simulated by one process on loopback, behind a proxy that delays what comes back, so that
a handshake takes a round trip as a request does. Nothing here is a test.
"""

import asyncio
import json
import math
import os
import platform
import re
import resource
import ssl
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import unquote

import trustme

from stashmatrix.catalogue import reading
from stashmatrix.checks.judge import questions
from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.network.limits import Limits
from stashmatrix.network.patience import Web
from stashmatrix.network.resolve import resolve
from stashmatrix.records.answers import Resolved
from tests.performance.check_links import (
    ALIASES_OF_A_SERVER,
    LOOPBACK,
    RUNS,
    SPAWN,
    check_links,
    delaying_proxy,
    serving,
)
from tests.performance.startup import compile_package

SERVERS = 2_500
LIMITS = Limits()
_DIRECTORY = "/_matrix/client/v3/directory/room/"
_SUMMARY = "/_matrix/client/v1/room_summary/"


class Homeserver(asyncio.Protocol):
    """One connection to it, once its handshake is done: it has every room, and its summary."""

    def __init__(self, log: Callable[[str], object]) -> None:
        """Write a line to ``log`` for the handshake and for each request."""
        self._log = log
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._log("handshake\n")

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._received.endswith(b"\r\n\r\n"):
            return
        request, self._received = self._received.decode(), b""
        path = request.split(" ", 2)[1].partition("?")[0]
        self._log(f"{_kind(path)}\n")
        status, content = _answer(unquote(path))
        body = json.dumps(content)
        self._transport.write(f"HTTP/1.1 {status} Said\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())


def _kind(path: str) -> str:
    return "request " + next((kind for kind in (_DIRECTORY, _SUMMARY) if path.startswith(kind)), path)


def _answer(path: str) -> tuple[int, object]:
    if path.startswith(_DIRECTORY):
        return 200, {"room_id": f"!{path.removeprefix(_DIRECTORY)[1:]}", "servers": ["example.org"]}
    if path.startswith(_SUMMARY):
        room_id = f"!{path.removeprefix(_SUMMARY)[1:]}"
        return 200, {"room_id": room_id, "num_joined_members": 2, "join_rule": "public"}
    if path == "/_matrix/client/versions":
        return 200, {"versions": ["v1.15"]}
    return 404, {"errcode": "M_UNRECOGNIZED", "error": "Unrecognized request"}


async def homeservers(certificate: Path, log: Path) -> asyncio.Server:
    """Be every homeserver at once, over TLS."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    file = log.open("w", buffering=1)
    protocol = partial(Homeserver, file.write)
    return await asyncio.get_running_loop().create_server(protocol, LOOPBACK, 0, ssl=tls, backlog=1024)


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took, and what the servers saw of it."""

    seconds: float
    own_time: float
    """Seconds of a processor that the run itself used, in which it waited for nobody."""
    megabytes: float
    found: int
    seen: Counter[str]

    @property
    def handshakes(self) -> int:
        return self.seen["handshake"]

    @property
    def requests(self) -> int:
        return self.seen.total() - self.handshakes


def ask(port: int, aliases: Sequence[RoomAlias], authority: Path) -> tuple[float, float, float, int]:
    """Ask about the aliases, in a process of its own.

    Return seconds, those of a processor, peak memory in MB, and rooms found.
    """
    os.environ["SSL_CERT_FILE"] = str(authority)

    async def lookup(_host: str, _port: int) -> list[tuple[str, int]]:
        return [(LOOPBACK, port)]

    async def ask() -> int:
        found = 0
        async with aclosing(Web(lookup=lookup, allow_private=True)) as web:
            async for _, answer in resolve(web, aliases):
                found += isinstance(answer, Resolved)
        return found

    start, own_start = time.perf_counter(), time.process_time()
    found = asyncio.run(ask())
    seconds, own_time = time.perf_counter() - start, time.process_time() - own_start
    return seconds, own_time, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, found


def run(folder: Path, aliases: Sequence[RoomAlias], delay: float) -> Run:
    """Ask about the aliases, of servers that are so many seconds away."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    names = {re.sub(r"^s\d+\.", "*.", alias.server_name) for alias in aliases}
    authority.issue_cert(*names).private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
    log = folder / "seen.txt"
    with (
        serving(homeservers, folder / "server.pem", log) as near,
        serving(delaying_proxy, near, delay) as port,
        ProcessPoolExecutor(1, mp_context=SPAWN) as pool,
    ):
        figures = pool.submit(ask, port, aliases, folder / "authority.pem").result()
    return Run(*figures, Counter(log.read_text().splitlines()))


def the_page(folder: Path, delay: float) -> None:
    """Ask about all addresses of the bundled catalogue."""
    aliases = sorted(questions(reading.load(reading.bundled("rooms.yaml")).references()).aliases)
    start_up = statistics.median([check_links("--ignore", "*") for _ in range(RUNS + 1)][1:])
    runs = sorted((run(folder, aliases, delay) for _ in range(RUNS)), key=lambda each: each.seconds)
    median = runs[RUNS // 2]
    rounds = math.ceil(len(aliases) / LIMITS.per_host) + 3
    wall = start_up + median.seconds
    print(f"{len(aliases)} links on 2 servers, {delay * 1000:.0f} ms away over TLS, the median of {RUNS}:")
    print(f"  rooms found: {median.found}; start-up: {start_up:.2f} s; wall time: {wall:.2f} s")
    ratio = wall / (start_up + rounds * delay)
    print(f"  wall / (start-up + {rounds} rounds): {ratio:.2f} (at most 1.3)")
    print(f"  requests: {median.requests} (at most {len(aliases) + 6}); handshakes: {median.handshakes}")
    _print_kinds(median)


def many_servers(folder: Path, delay: float, servers: int) -> None:
    """Ask about ten aliases of each of so many servers."""
    aliases = [
        RoomAlias(f"#room-{number}:s{server}.example.org")
        for server in range(servers)
        for number in range(ALIASES_OF_A_SERVER)
    ]
    done = run(folder, aliases, delay)
    least = (done.requests + done.handshakes) * delay / LIMITS.concurrency
    print(f"{len(aliases):,} aliases on {servers:,} servers, {delay * 1000:.0f} ms away over TLS:")
    print(f"  rooms found: {done.found:,}; wall time: {done.seconds:.1f} s")
    ratio = done.seconds / least
    print(f"  wall / ((requests + handshakes) x delay / {LIMITS.concurrency}): {ratio:.2f} (at most 1.3)")
    print(f"  processor time of the run itself / that: {done.own_time / least:.2f}")
    print(f"  handshakes: {done.handshakes:,} (at most {LIMITS.per_host * servers:,})")
    print(f"  requests: {done.requests:,}; {done.requests / len(aliases):.2f} for each alias")
    print(f"  peak memory: {done.megabytes:.0f} MB (below 200)")
    _print_kinds(done)


def _print_kinds(done: Run) -> None:
    for kind, number in done.seen.most_common():
        print(f"    {number:>7,} {kind}")


def main(servers: int) -> None:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, load {load}")
    compile_package()
    with tempfile.TemporaryDirectory() as name:
        the_page(Path(name), 0.1)
        many_servers(Path(name), 0.05, servers)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else SERVERS)
