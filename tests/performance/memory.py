"""Peak memory of ``check-links`` under the worst bodies: ``python -m tests.performance.memory``.

A body of 4 MiB, the most that is read, comes from each of 32 servers, and all of them end at once. Nothing
here is a test.
"""

import asyncio
import resource
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import aclosing
from itertools import count

from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.network.limits import Limits
from stashmatrix.network.patience import Web
from stashmatrix.network.resolve import resolve
from stashmatrix.records.answers import Resolved
from tests.performance.check_links import LOOPBACK, SPAWN, serving

SIZE = 4 * 1024 * 1024
AT_ONCE = Limits().concurrency
KEPT_BACK = 1024
"""Bytes of a body that are sent when all bodies are there but for them."""
SECONDS = 5.0
"""How long to wait for that: a checker may well read fewer bodies at a time."""

BODIES = {
    "small": "",
    "strings": '"\u0100",',
    "long strings": '"\u0100' + "x" * 90 + '",',
    "numbers": "0.1,",
    "keys": "",
}


def body(kind: str) -> bytes:
    """Return a directory answer of the largest size, whose servers are of that kind."""
    head, tail = b'{"room_id": "!room:example.org", "servers": ', b"}"
    space = SIZE - len(head) - len(tail) - 100
    if kind == "small":
        servers = b'["example.org"]'
    elif kind == "keys":
        servers = b"{" + b",".join(_up_to(space, (f'"\u0100{n:x}":0'.encode() for n in count()))) + b"}"
    else:
        item = BODIES[kind].encode()
        servers = b"[" + item * (space // len(item)) + b'""]'
    return head + servers + tail


def _up_to(size: int, items: Iterator[bytes]) -> Iterator[bytes]:
    for item in items:
        size -= len(item) + 1
        if size < 0:
            return
        yield item


async def generous_homeservers(kind: str) -> asyncio.Server:
    """Be every homeserver at once, without summaries; answer the directory's questions all together."""
    content = body(kind)
    arrived, everyone = 0, asyncio.Event()

    async def together() -> None:
        nonlocal arrived
        arrived += 1
        if arrived >= AT_ONCE:
            everyone.set()
        try:
            await asyncio.wait_for(everyone.wait(), SECONDS)
        except TimeoutError:
            everyone.set()  # once is enough

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                await reader.readuntil(b"\r\n\r\n")
                if b"/directory/room/" not in line:
                    missing = b'{"errcode": "M_UNRECOGNIZED", "error": ""}'
                    writer.write(b"HTTP/1.1 404 Said\r\nContent-Length: %d\r\n\r\n" % len(missing) + missing)
                    continue
                writer.write(b"HTTP/1.1 200 Said\r\nContent-Length: %d\r\n\r\n" % len(content))
                writer.write(content[:-KEPT_BACK])
                await writer.drain()
                await together()
                writer.write(content[-KEPT_BACK:])
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    return await asyncio.start_server(connected, LOOPBACK, 0, backlog=1024)


def megabytes(port: int) -> tuple[float, int]:
    """Ask one alias of each of the servers; to be called in a process of its own.

    Return the peak memory, and how many of the answers were taken for rooms.
    """
    aliases = [RoomAlias(f"#room:s{number}.example.org") for number in range(AT_ONCE)]
    urls = {alias.server_name: f"http://{alias.server_name}:{port}" for alias in aliases}

    async def lookup(_host: str, _port: int) -> list[tuple[str, int]]:
        return [(LOOPBACK, port)]

    async def ask() -> int:
        found = 0
        async with aclosing(Web(lookup=lookup, allow_private=True)) as web:
            async for _, answer in resolve(web, aliases, homeservers=urls):
                found += isinstance(answer, Resolved)
        return found

    found = asyncio.run(ask())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, found


def main() -> None:
    print(f"{AT_ONCE} bodies of {SIZE // 1024 // 1024} MiB that end at once, peak memory of the process:")
    for kind in BODIES:
        with serving(generous_homeservers, kind) as port, ProcessPoolExecutor(1, mp_context=SPAWN) as pool:
            peak, found = pool.submit(megabytes, port).result()
            print(f"  {kind:<13} {peak:4.0f} MB (below 200), {found} rooms found", flush=True)


if __name__ == "__main__":
    main()
