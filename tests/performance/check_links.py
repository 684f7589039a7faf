"""Figures of ``check-links``, as ratios of one run: ``python -m tests.performance.check_links``.

All servers are on loopback, in processes of their own. Nothing here is a test.
"""

import asyncio
import math
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stashmatrix.catalogue import reading
from stashmatrix.checks.judge import judge
from stashmatrix.formats import plain
from stashmatrix.formats.summary import summary
from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.network.limits import Limits
from stashmatrix.network.patience import Web
from stashmatrix.network.resolve import resolve
from stashmatrix.records.reference import Reference, Source
from stashmatrix.records.results import Verdict
from tests.performance.startup import compile_package, seconds
from tests.support import synapse
from tests.support.homeserver import FakeHomeserver

if TYPE_CHECKING:
    from stashmatrix.records.answers import Answer

LOOPBACK = "127.0.0.1"
RUNS = 3
DELAY = 0.1
"""Seconds that the proxy adds to each answer."""
ALIASES_OF_A_SERVER = 10
# A new interpreter, as the command is. Its peak memory is never told as less than this process's own.
SPAWN = get_context("spawn")

_Start = Callable[..., Coroutine[Any, Any, asyncio.Server]]


@contextmanager
def serving(start: _Start, *args: object) -> Iterator[int]:
    """Run the server that ``start`` starts in a process of its own; yield its port."""
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=_serve, args=(theirs, start, args), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _serve(ready: Connection, start: _Start, args: Sequence[object]) -> None:
    async def serve() -> None:
        server = await start(*args)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


async def delaying_proxy(to_port: int, delay: float) -> asyncio.Server:
    """Pass everything on, and what comes back so much later."""
    loop = asyncio.get_running_loop()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                loop.call_later(delay, writer.write, data)
        loop.call_later(delay, writer.close)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        its_reader, its_writer = await asyncio.open_connection(LOOPBACK, to_port)
        await asyncio.gather(pass_on(reader, its_writer, 0), pass_on(its_reader, writer, delay))

    return await asyncio.start_server(connected, LOOPBACK, 0)


async def simulated_homeservers(log: Path) -> asyncio.Server:
    """Be every homeserver at once; write the URLs that are asked for to ``log``, for curl to read."""
    file = log.open("w", buffering=1)

    def on_request(host: str, path: str) -> None:
        file.write(f'url = "http://{host}{path}"\noutput = "/dev/null"\n')

    protocol = partial(FakeHomeserver, on_request)
    return await asyncio.get_running_loop().create_server(protocol, LOOPBACK, 0, backlog=1024)


def links_of_the_page(folder: Path) -> None:
    """Check the bundled catalogue on a Synapse that is ``DELAY`` away.

    The other server of the catalogue, matrix.im, is said to be at the same place: all links are
    questions to one host, and no discovery is needed.
    """
    bundled = reading.load(reading.bundled("rooms.yaml"))
    links = len(bundled.references())
    with synapse.running(folder, "unredacted.org") as [server]:
        server.create_rooms(room.name for room in bundled.rooms)
        server.create_room("stashapp", creation_content={"type": "m.space"})
        with serving(delaying_proxy, int(server.url.rpartition(":")[2]), DELAY) as port:
            times: dict[str, list[float]] = {"start-up": [], "near": [], "far": []}
            for _ in range(RUNS + 1):
                times["start-up"].append(check_links("--ignore", "*"))
                times["near"].append(check_links(*_all_at(server.url)))
                times["far"].append(check_links(*_all_at(f"http://{LOOPBACK}:{port}")))
    # The first round warms the caches of disk and Synapse, and does not count.
    start_up, near, far = (statistics.median(values[1:]) for values in times.values())
    # Each room is looked up, and then its summary.
    rounds = 2 * math.ceil(links / Limits().per_host)
    least = start_up + rounds * DELAY
    print(f"{links} links on one Synapse, each answer {DELAY * 1000:.0f} ms away, medians of {RUNS}:")
    print(f"  start-up: {start_up:.2f} s; with the same Synapse near: {near:.2f} s")
    print(f"  wall time: {far:.2f} s")
    print(f"  wall / (start-up + {rounds} rounds of {DELAY * 1000:.0f} ms): {far / least:.2f} (at most 1.3)")


def _all_at(url: str) -> Iterator[str]:
    for name in ("unredacted.org", "matrix.im"):
        yield from ("--homeserver", f"{name}={url}")


def check_links(*args: str) -> float:
    # The alternative address leads nowhere here, and that is a finding.
    return seconds(
        (sys.executable, "-m", "stashmatrix", "check-links", "--format", "json", *args), {}, allowed=(0, 1)
    )


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run of the checker took."""

    seconds: float
    megabytes: float
    open_files: int


def check(port: int, servers: int) -> Figures:
    """Check ten aliases of each of so many servers; to be called in a process of its own."""
    aliases = [
        RoomAlias(f"#room-{number}:s{server}.example.org")
        for server in range(servers)
        for number in range(ALIASES_OF_A_SERVER)
    ]
    found = [
        Reference(source=Source("rooms.yaml", line, 1), text=alias, target=alias)
        for line, alias in enumerate(aliases, start=1)
    ]
    urls = {alias.server_name: f"http://{alias.server_name}:{port}" for alias in aliases}
    answers: dict[RoomAlias, Answer] = {}
    open_files = 0

    async def lookup(_host: str, _port: int) -> list[tuple[str, int]]:
        return [(LOOPBACK, port)]

    async def count_open_files() -> None:
        nonlocal open_files
        while True:
            open_files = max(open_files, _open_files())
            await asyncio.sleep(0.02)

    async def ask() -> None:
        counting = asyncio.create_task(count_open_files())
        async with aclosing(Web(lookup=lookup, allow_private=True)) as web:
            async for alias, answer in resolve(web, aliases, homeservers=urls):
                assert isinstance(alias, RoomAlias)
                answers[alias] = answer
        counting.cancel()

    start = time.perf_counter()
    asyncio.run(ask())
    judged = judge(found, answers)
    plain.write(judged)
    taken = time.perf_counter() - start
    assert judged.count(Verdict.OK) == len(aliases), summary(judged)
    return Figures(taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, open_files)


def _open_files() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())


def many_servers(folder: Path) -> None:
    """Check 2,500 and 25,000 aliases, without discovery, and have curl fetch the same URLs."""
    log = folder / "urls.txt"
    with serving(simulated_homeservers, log) as port:
        # A single short run is too much a matter of luck to divide by.
        few = [_in_a_process(port, 250) for _ in range(RUNS)]
    with serving(simulated_homeservers, log) as port:
        many = _in_a_process(port, 2_500)
        urls = log.rename(folder / "asked.txt")
        requests = urls.read_text().count("url = ")
        by_curl = curl(port, urls) if shutil.which("curl") else None
    tenth = statistics.median(figures.seconds for figures in few)
    open_files = max(figures.open_files for figures in few)
    aliases = 2_500 * ALIASES_OF_A_SERVER
    print(
        f"{aliases:,} aliases on 2,500 servers, plain HTTP without discovery, {Limits().concurrency} at once:"
    )
    print(f"  time: {many.seconds:.1f} s, {aliases / many.seconds:.0f} aliases a second")
    print(f"  requests: {requests:,}, {requests / many.seconds:.0f} a second")
    print(f"  time / that of a tenth: {many.seconds / tenth:.1f} (at most 11), the median of {RUNS}")
    print(f"  peak memory: {many.megabytes:.0f} MB (below 200)")
    print(f"  open files: {many.open_files}; of a tenth: {open_files} (no fewer)")
    if by_curl is None:
        print("  curl is not installed, and not compared with")
    else:
        print(f"  curl on the same URLs: {by_curl:.1f} s; time / curl's: {many.seconds / by_curl:.1f}")


def _in_a_process(port: int, servers: int) -> Figures:
    with ProcessPoolExecutor(1, mp_context=SPAWN) as pool:
        return pool.submit(check, port, servers).result()


def curl(port: int, urls: Path) -> float:
    place = ("--connect-to", f"::{LOOPBACK}:{port}")
    parallel = ("--parallel", "--parallel-max", str(Limits().concurrency))
    return seconds(("curl", "--no-progress-meter", *place, *parallel, "--config", str(urls)), {})


if __name__ == "__main__":
    compile_package()
    for measure in (links_of_the_page, many_servers):
        with tempfile.TemporaryDirectory() as name:
            measure(Path(name))
