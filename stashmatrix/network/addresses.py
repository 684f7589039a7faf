"""Where a connection may go: name look-up, and which addresses are public."""

import asyncio
import errno
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from threading import Thread
from typing import Any

NameLookup = Callable[[str, int], Awaitable[Sequence[tuple[str, int]]]]
"""Return the IP addresses of a host and port, each with its port; raises ``OSError`` if there are none."""

# IPv6 addresses whose last 32 bits are the IPv4 address that a gateway connects to (RFC 6052).
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# The same for a local network's own gateway, which is free to map them anywhere (RFC 8215).
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")

# Where clouds have services for the machines in them, beside the ranges that are private by definition.
_PLATFORMS = (
    ipaddress.IPv4Network("168.63.129.16/32"),  # Azure's "wire server": agents, DNS, DHCP
    ipaddress.IPv4Network("192.0.0.0/24"),  # protocol assignments (RFC 6890); Oracle's metadata at .192
    ipaddress.IPv4Network("100.64.0.0/10"),  # carrier-grade NAT; Alibaba's metadata at 100.100.100.200
)


def is_public(text: str) -> bool:
    """Say whether ``text`` is an IP address on the public internet.

    Not public are loopback, private, link-local, carrier-grade NAT, multicast and reserved addresses,
    those of a cloud's own services, and the IPv6 forms of such an IPv4 address (mapped, 6to4, NAT64).
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
    elif any(address in network for network in _PLATFORMS):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def numeric_address(host: str) -> str | None:
    """Return the IP address that ``host`` spells out, in any form that systems accept; ``None`` for a name.

    ``localhost`` and the names below it always mean loopback (RFC 6761).
    """
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return "127.0.0.1"
    try:
        return str(socket.getaddrinfo(name, None, flags=socket.AI_NUMERICHOST)[0][4][0])
    except (OSError, UnicodeError):
        return None


async def system_lookup(host: str, port: int) -> Sequence[tuple[str, int]]:
    """Look ``host`` up as this machine does; a ``NameLookup``."""
    # There is none (RFC 6761, 6.4): without a name server, the machine could not tell.
    if host.rstrip(".").lower().endswith(".invalid"):
        raise socket.gaierror(socket.EAI_NONAME, "a name that does not exist by definition")
    result: Future[list[Any]] = Future()
    result.set_running_or_notify_cancel()

    def look_up() -> None:
        try:
            result.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except UnicodeError as error:  # a label is empty or too long
            result.set_exception(socket.gaierror(socket.EAI_NONAME, str(error)))
        except OSError as error:
            result.set_exception(error)

    # A daemon thread, as asyncio's own threads would delay the exit for as long as name servers stay silent.
    try:
        Thread(target=look_up, daemon=True).start()
    except RuntimeError as error:  # too many threads
        raise OSError(errno.EAGAIN, str(error)) from error
    places = [place for *_, place in await asyncio.wrap_future(result)]
    return list(dict.fromkeys((str(place[0]), int(place[1])) for place in places))
