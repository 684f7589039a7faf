"""Where a connection may go: names resolved, and addresses told apart."""

import asyncio
import errno
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from threading import Thread
from typing import Any

Resolver = Callable[[str, int], Awaitable[Sequence[tuple[str, int]]]]
"""Return the IP addresses of a host and port, each with its port; raises ``OSError`` if there are none."""

# IPv6 addresses that hold an IPv4 address in their last 32 bits, which a gateway connects to (RFC 6052).
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Those of a network's own gateway, whatever it makes of them (RFC 8215).
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")


def is_public(text: str) -> bool:
    """Say whether an IP address is one that anybody on the internet may have.

    Loopback, private, link-local, carrier-grade NAT, multicast and reserved ones are not, nor are IPv6
    forms that stand for such an IPv4 address (mapped, 6to4, NAT64).
    """
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(str(inner))
        if address.is_site_local or address in _LOCAL_NAT64:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def numeric_address(host: str) -> str | None:
    """Return the address that a host is written as, in any form that systems take, or ``None`` for a name.

    ``localhost`` is no name like others (RFC 6761).
    """
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return "127.0.0.1"
    try:
        return str(socket.getaddrinfo(name, None, flags=socket.AI_NUMERICHOST)[0][4][0])
    except (OSError, UnicodeError):
        return None


async def system_resolver(host: str, port: int) -> Sequence[tuple[str, int]]:
    """Resolve as this machine does; a ``Resolver``."""
    found: Future[list[Any]] = Future()
    found.set_running_or_notify_cancel()

    def look_up() -> None:
        try:
            found.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except UnicodeError as error:  # a label that is empty or too long
            found.set_exception(socket.gaierror(socket.EAI_NONAME, str(error)))
        except OSError as error:
            found.set_exception(error)

    # asyncio's own threads would hold up the end of a run for as long as name servers stay silent.
    try:
        Thread(target=look_up, daemon=True).start()
    except RuntimeError as error:  # there are too many already
        raise OSError(errno.EAGAIN, str(error)) from error
    return list(
        dict.fromkeys((str(place[0]), int(place[1])) for *_, place in await asyncio.wrap_future(found))
    )
