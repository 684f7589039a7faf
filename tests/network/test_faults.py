"""The fault matrix: whatever a server does, nothing but proof is taken for an answer."""

import socket
import ssl
import tracemalloc
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from itertools import product
from typing import NamedTuple
from urllib.parse import quote

import pytest
import trustme

from stashmatrix.checks.judge import judge
from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.network.addresses import NameLookup, system_lookup
from stashmatrix.network.limits import Limits
from stashmatrix.network.patience import LONGEST_WAIT, Web
from stashmatrix.records.answers import Absent, Answer, Reason, Resolved, Unknown
from stashmatrix.records.reference import Reference, Source
from stashmatrix.records.results import CheckedLink, Verdict
from tests.support.answers import ask
from tests.support.clock import FakeTime
from tests.support.network import (
    LOOPBACK,
    Talk,
    certificate,
    drips,
    error,
    hears,
    http,
    in_turn,
    kept,
    leads_to,
    listening,
    page,
    resets,
    says,
    serves,
    stays_silent,
    without_end,
)

pytestmark = pytest.mark.usefixtures("no_proxy")

ALIAS = RoomAlias("#stash:example.org")
ON_PORT = RoomAlias("#stash:example.org:8448")
NAME = "https://example.org"
NAME_ON_PORT = "https://example.org:8448"
PLAIN = "http://example.org:8008"
API = "https://matrix.example.org"
INSIDE = "https://inside.example.org"
TRUSTED = (NAME, NAME_ON_PORT, PLAIN, API, "http://example.org", "https://www.example.org")
"""All of them are at a loopback address; where INSIDE is, nobody may go."""

PATIENCE = 0.3
"""Seconds that a silent server is given."""
MEMORY = 24 * 1024 * 1024
"""Bytes for a run; of a long body, half a MiB is kept."""
MUCH = 50_000
"""Bytes in a response from which on the memory for it is measured, which doubles the time of a row."""

ROOM = RoomId("!room:example.org")
FOUND = Resolved(room_id=ROOM, homeserver=NAME)
ABSENT = Absent(homeserver=NAME)


def found_at(homeserver: str) -> Resolved:
    return replace(FOUND, homeserver=homeserver)


class Place(StrEnum):
    """Where the server shows its fault, as the URL; everywhere else it does as it should."""

    CONNECTION = ""
    WELL_KNOWN = f"{NAME}/.well-known/matrix/client"
    VERSIONS = f"{NAME}/_matrix/client/versions"
    DIRECTORY = f"{NAME}/_matrix/client/v3/directory/room/{quote(ALIAS)}"
    SUMMARY = f"{NAME}/_matrix/client/v1/room_summary/{quote(ALIAS)}"


Expected = Reason | Resolved | Absent


def connecting(expected: Expected) -> dict[Place, Expected]:
    return {Place.CONNECTION: expected}


def well_known(expected: Expected) -> dict[Place, Expected]:
    return {Place.WELL_KNOWN: expected}


def api(reason: Reason) -> dict[Place, Expected]:
    return {Place.VERSIONS: reason, Place.DIRECTORY: reason}


def anywhere(reason: Reason) -> dict[Place, Expected]:
    """Expect a fault of ``.well-known`` to be ignored, and one of a summary to cost just that."""
    return {Place.WELL_KNOWN: FOUND, **api(reason), Place.SUMMARY: FOUND}


@cache
def trusted_certificate(authority: trustme.CA) -> ssl.SSLContext:
    return certificate(authority, "example.org", "*.example.org")


def valid_in(year: int) -> Callable[[trustme.CA], ssl.SSLContext]:
    begin, end = (datetime(each, 1, 1, tzinfo=UTC) for each in (year, year + 1))
    return lambda authority: certificate(authority, "example.org", not_before=begin, not_after=end)


class Fault(NamedTuple):
    """What a server does, and what that is taken for at each place where it does so."""

    does: Talk
    expected: Mapping[Place, Expected]
    detail: str = ""
    """What the reason's words hold."""
    alias: RoomAlias = ALIAS
    given: str | None = None
    """The base URL that the user gave, if any."""
    tls: Callable[[trustme.CA], ssl.SSLContext] = trusted_certificate
    address: str = LOOPBACK
    """Where the names lead."""
    lookup: NameLookup | None = None
    """What they lead to instead."""
    timeout: float = 10.0
    retries: int = 0
    keeps: bool = False
    """Whether the server keeps connections; what it ``does`` is then to end with a ``kept`` response."""
    much: bool = False
    """Whether it says so much that the memory for it is measured."""


def no_server(_: socket.socket) -> None:
    raise AssertionError("nobody gets here")


def hangs_up(connection: socket.socket) -> None:
    connection.close()


async def no_such_name(_host: str, _port: int) -> Sequence[tuple[str, int]]:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


async def no_name_server(_host: str, _port: int) -> Sequence[tuple[str, int]]:
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


async def no_address(_host: str, _port: int) -> Sequence[tuple[str, int]]:
    return []


def unresolved(name: str, *, lookup: NameLookup = system_lookup) -> Fault:
    alias = RoomAlias(f"#stash:{name}")
    words = f"the name {alias.server_name.host} does not resolve"
    return Fault(no_server, connecting(Reason.SERVER_NOT_FOUND), words, alias, lookup=lookup)


def mistrusted(words: str, tls: Callable[[trustme.CA], ssl.SSLContext]) -> Fault:
    return Fault(FINE, connecting(Reason.TLS_ERROR), words, tls=tls)


def raw(talk: Talk, reason: Reason, words: str, *, timeout: float = 10.0) -> Fault:
    """Talk before there is any TLS."""
    return Fault(hears(talk), connecting(reason), words, timeout=timeout)


def silent(talk: Talk, *places: Place, much: bool = False) -> Fault:
    """Wait at these places only, or everywhere: it takes time."""
    expected = anywhere(Reason.UNREACHABLE)
    words = f"example.org did not answer within {PATIENCE} seconds"
    chosen = {place: expected[place] for place in places or expected}
    return Fault(talk, chosen, words, timeout=PATIENCE, much=much)


def broken_off(text: bytes) -> Fault:
    words = "broke off or did not speak HTTP"
    return Fault(says(text), anywhere(Reason.BAD_RESPONSE), words, much=len(text) > MUCH)


def no_json(text: bytes) -> Fault:
    words = "without the JSON that the API promises"
    return Fault(says(text), anywhere(Reason.BAD_RESPONSE), words, much=len(text) > MUCH)


def too_long(talk: Talk) -> Fault:
    return Fault(talk, anywhere(Reason.BAD_RESPONSE), "answered more than", much=True)


def redirect(status: int, to: str) -> Talk:
    return says(http(b"", f"Location: {to}", status=status))


def too_many(*texts: bytes) -> Fault:
    """Give the right answer on a kept connection, and more than that, which is no other question's answer."""
    talk = says(b"".join([kept(WORKS), *texts]))
    where = (Place.VERSIONS, Place.DIRECTORY, Place.SUMMARY)
    return Fault(talk, {**dict.fromkeys(where, FOUND), Place.WELL_KNOWN: found_at(API)}, keeps=True)


def base_url(text: object, expected: Expected) -> Fault:
    return Fault(says(page({"m.homeserver": {"base_url": text}})), well_known(expected))


def unusable(content: bytes) -> Fault:
    """Have ``.well-known`` say nothing, so that the server name itself is asked."""
    return Fault(says(content), well_known(FOUND))


def limited(*headers: str, body: str = '{"errcode": "M_LIMIT_EXCEEDED"}') -> Fault:
    """Have the directory ask for a pause, however often it is asked."""
    talk = says(http(body.encode(), *headers, status=429))
    return Fault(talk, {Place.DIRECTORY: Reason.RATE_LIMITED}, retries=2)


@cache
def bomb() -> bytes:
    """Return 64 MiB of zeros, compressed."""
    packer = zlib.compressobj(1, wbits=31)
    return b"".join([*(packer.compress(bytes(65_536)) for _ in range(1024)), packer.flush()])


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


# What a body of each kind makes of a status that is no success.
BODIES = {
    "JSON": lambda status: error(status, "M_UNKNOWN"),
    "HTML": lambda status: http(b"<!doctype html><title>Words</title>", status=status),
    "text": lambda status: http(b"Words", status=status),
    "no body": lambda status: http(status=status),
}
STATUSES = {
    401: Reason.REFUSED,
    403: Reason.REFUSED,
    404: Reason.NOT_A_HOMESERVER,
    405: Reason.NOT_A_HOMESERVER,
    408: Reason.UNREACHABLE,
    410: Reason.NOT_A_HOMESERVER,
    429: Reason.RATE_LIMITED,
    500: Reason.SERVER_ERROR,
    502: Reason.SERVER_ERROR,
    503: Reason.SERVER_ERROR,
    504: Reason.SERVER_ERROR,
}
# Where a redirect of .well-known leads in the end; the API's lead nowhere.
ELSEWHERE = "https://www.example.org/elsewhere"
REDIRECTS = {
    "itself": ("", FOUND),
    "http": ("http://example.org/elsewhere", FOUND),
    "a file": ("file:///etc/passwd", FOUND),
    "another host": (ELSEWHERE, found_at(API)),
    "a private address": (f"{INSIDE}/elsewhere", FOUND),
}
WORKS = page({"m.homeserver": {"base_url": API}, "versions": ["v1.11"], "room_id": ROOM})
"""An answer to any question."""
FINE = says(WORKS)
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNK = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
ONE_CHUNK = b"%x\r\n%s\r\n" % (len(b'{"room_id": "!room:example.org"}'), b'{"room_id": "!room:example.org"}')

FAULTS: dict[str, Fault] = {
    # The way there.
    "nothing wrong": Fault(FINE, connecting(FOUND)),
    "a server name with a port": Fault(FINE, connecting(found_at(NAME_ON_PORT)), alias=ON_PORT),
    "an IPv6 address only": Fault(
        FINE, connecting(FOUND if has_ipv6() else Reason.UNREACHABLE), address="::1"
    ),
    "nobody listens": Fault(
        no_server, connecting(Reason.UNREACHABLE), "the connection to example.org failed", lookup=leads_to(1)
    ),
    "nobody listens at its port": Fault(
        no_server,
        connecting(Reason.UNREACHABLE),
        "the connection to example.org:8448 failed",
        ON_PORT,
        lookup=leads_to(1),
    ),
    "a port that no host has": Fault(
        no_server, connecting(Reason.BAD_RESPONSE), "there is no such port", given="http://127.0.0.1:65536"
    ),
    "no address": Fault(
        no_server, connecting(Reason.UNREACHABLE), "example.org has no address", lookup=no_address
    ),
    "no such name": unresolved("example.org", lookup=no_such_name),
    "no name server": Fault(
        no_server,
        connecting(Reason.UNREACHABLE),
        "the name example.org cannot be looked up at the moment",
        lookup=no_name_server,
    ),
    "no such name in life": unresolved("nonexistent.invalid"),
    "no such name, with a port": unresolved("nonexistent.invalid:8448"),
    "a name with an empty label": unresolved("two..dots.invalid"),
    "a name with a label too long": unresolved("l" * 64 + ".invalid"),
    # TLS.
    "an expired certificate": mistrusted(
        "certificate has expired",
        valid_in(2020),
    ),
    "a certificate of the future": mistrusted(
        "certificate is not yet valid",
        valid_in(2090),
    ),
    "a certificate that nobody vouches for": mistrusted(
        "certificate", lambda _: certificate(trustme.CA(), "example.org")
    ),
    "a certificate for another name": mistrusted(
        "mismatch", lambda authority: certificate(authority, "other.example.org")
    ),
    "a certificate for names below": mistrusted(
        "mismatch", lambda authority: certificate(authority, "*.example.org")
    ),
    "no TLS": raw(says(http(status=400)), Reason.TLS_ERROR, "no secure connection to example.org"),
    "an end in the handshake": raw(says(b""), Reason.TLS_ERROR, "no secure connection to example.org"),
    "a reset in the handshake": raw(resets, Reason.UNREACHABLE, "the connection to example.org failed"),
    "silence in the handshake": raw(
        stays_silent, Reason.UNREACHABLE, f"example.org did not answer within {PATIENCE} s", timeout=PATIENCE
    ),
    "TLS where none is expected": Fault(
        hears(says(b"\x15\x03\x01\x00\x02\x02\x46")),  # an alert: there was no handshake
        connecting(Reason.BAD_RESPONSE),
        "broke off or did not speak HTTP",
        given=PLAIN,
    ),
    # HTTP.
    "silence": silent(stays_silent),
    "silence in the headers": silent(in_turn(says(HEAD), stays_silent), Place.DIRECTORY),
    "silence in the body": silent(
        in_turn(says(http(b"{", length=9)), stays_silent), Place.WELL_KNOWN, Place.DIRECTORY
    ),
    "silence between chunks": silent(in_turn(says(CHUNKED + ONE_CHUNK), stays_silent), Place.DIRECTORY),
    "dripping headers": silent(drips(WORKS), Place.DIRECTORY),
    "a dripping body": silent(
        in_turn(says(http(length=10_000)), drips(b" " * 10_000)), Place.WELL_KNOWN, Place.DIRECTORY
    ),
    "interim responses without end": silent(
        without_end(b"HTTP/1.1 102 Processing\r\n\r\n"), Place.DIRECTORY, much=True
    ),
    "an end before any answer": broken_off(b""),
    "an end in the status line": broken_off(b"HTTP/1.1 2"),
    "an end in the headers": broken_off(HEAD + b"Content-Length: 2\r\n"),
    "an end in the body": broken_off(http(b"{", length=1000)),
    # A whole body in front of the missing chunk: it must not count as an answer.
    "an end between chunks": broken_off(CHUNKED + ONE_CHUNK),
    "a chunk without a length": broken_off(CHUNKED + b"zz\r\n{}\r\n"),
    "a chunk of negative length": broken_off(CHUNKED + b"-1\r\n{}\r\n"),
    "another protocol": broken_off(b"SSH-2.0-OpenSSH_9.9\r\n"),
    "random bytes": broken_off(bytes(range(256)) * 8),
    "200,000 bytes of headers": broken_off(HEAD + b"X: " + b"x" * 200_000),
    "100,000 bytes of headers": Fault(
        says(page({"room_id": ROOM}, f"X: {'x' * 100_000}")), {Place.DIRECTORY: FOUND}, much=True
    ),
    "a header without end": broken_off(HEAD + b"X: x\r\n" * 100_000),
    "a body longer than its length": no_json(http(WORKS.split(b"\r\n\r\n")[1], length=20)),
    "nothing too many on a kept connection": too_many(),
    "a response too many on a kept connection": too_many(kept(error(404, "M_NOT_FOUND"))),
    "three responses too many on a kept connection": too_many(*[kept(error(404, "M_NOT_FOUND"))] * 3),
    "another room too many on a kept connection": too_many(kept(page({"room_id": "!other:example.org"}))),
    "half a response too many on a kept connection": too_many(HEAD),
    "a body longer than its length on a kept connection": Fault(
        says(kept(http(WORKS.split(b"\r\n\r\n")[1], length=20))),
        anywhere(Reason.BAD_RESPONSE),
        "without the JSON that the API promises",
        keeps=True,
    ),
    "a hang-up on a kept connection": Fault(
        hangs_up, anywhere(Reason.BAD_RESPONSE), "broke off or did not speak HTTP", keeps=True
    ),
    "two lengths": broken_off(http(b"{}", "Content-Length: 1")),
    "a length that is no number": broken_off(http(b"{}", length="two")),
    "a negative length": broken_off(http(b"{}", length=-2)),
    "a reset before any answer": Fault(
        resets, anywhere(Reason.UNREACHABLE), "the connection to example.org failed"
    ),
    "a reset in the headers": Fault(
        in_turn(says(HEAD), resets), anywhere(Reason.UNREACHABLE), "the connection to example.org failed"
    ),
    "a reset in the body": Fault(
        in_turn(says(http(b"{", length=9)), resets),
        anywhere(Reason.UNREACHABLE),
        "the connection to example.org failed",
    ),
    "1 GB": too_long(in_turn(says(http(length=2**30)), without_end(b" " * 65_536))),
    "a body without a length or an end": too_long(in_turn(says(HEAD + b"\r\n"), without_end(b"x" * 65_536))),
    "chunks without end": too_long(in_turn(says(CHUNKED), without_end(CHUNK))),
    "a gzip bomb": Fault(
        lambda connection: connection.sendall(http(bomb(), "Content-Encoding: gzip")),
        anywhere(Reason.BAD_RESPONSE),
        "in the encoding 'gzip'",
        much=True,
    ),
    # JSON.
    "HTML": Fault(
        says(http(b"<!doctype html>")), anywhere(Reason.NOT_A_HOMESERVER), "which is not the Matrix API"
    ),
    "an empty body": no_json(http()),
    "truncated JSON": no_json(http(b'{"versions": ["v1.11"], "room_id": "!room:example.org"')),
    "invalid UTF-8": no_json(http(b'{"versions": [], "room_id": "!room:example.org", "x": "\xff"}')),
    "60,000 levels of JSON": no_json(http(b"[" * 60_000)),
    "100,000 levels of JSON": Fault(
        says(http(b"[" * 100_000)), {Place.DIRECTORY: Reason.BAD_RESPONSE}, "without the JSON", much=True
    ),
    "a million lists": Fault(
        says(http(b"[" + b"[]," * 1_000_000 + b"[]]")),
        {Place.DIRECTORY: Reason.BAD_RESPONSE},
        "answered more than",
        much=True,
    ),
    "a number too long": no_json(http(b'{"room_id": ' + b"9" * 10_000 + b"}")),
    "a list": no_json(page([{"versions": [], "room_id": ROOM}])),
    "null": no_json(page(None)),
    "wrong types": no_json(page({"m.homeserver": {"base_url": 1}, "versions": "v1.1", "room_id": 1})),
    "HTTP 204": no_json(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "HTTP 101": Fault(says(b"HTTP/1.1 101 Switching Protocols\r\n\r\n"), anywhere(Reason.BAD_RESPONSE)),
    "a room ID that is none": Fault(
        says(page({"room_id": ALIAS})), {Place.DIRECTORY: Reason.BAD_RESPONSE}, "is not a room ID"
    ),
    # Statuses.
    **{
        f"{status} with {kind}": Fault(
            says(BODIES[kind](status)),
            {
                Place.DIRECTORY: Reason.REFUSED if kind == "JSON" and status in {404, 405, 410} else reason,
                **({Place.WELL_KNOWN: FOUND, Place.VERSIONS: reason} if kind == "HTML" else {}),
                **({Place.WELL_KNOWN: reason} if status == 429 else {}),
            },
            f"HTTP {status}",
        )
        for (status, reason), kind in product(STATUSES.items(), BODIES)
    },
    "the API v3 unrecognized": Fault(
        says(error(404, "M_UNRECOGNIZED")),
        {Place.VERSIONS: Reason.NOT_A_HOMESERVER, Place.DIRECTORY: FOUND},
    ),
    "an alias not found": Fault(
        says(error(404, "M_NOT_FOUND")),
        {
            Place.WELL_KNOWN: FOUND,
            Place.VERSIONS: Reason.NOT_A_HOMESERVER,
            Place.DIRECTORY: ABSENT,
            Place.SUMMARY: replace(FOUND, hidden=True),
        },
    ),
    **{
        f"an alias not found, with {status}": Fault(says(error(status, "M_NOT_FOUND")), anywhere(reason))
        for status, reason in {
            200: Reason.BAD_RESPONSE,
            400: Reason.REFUSED,
            410: Reason.REFUSED,
            500: Reason.SERVER_ERROR,
        }.items()
    },
    # Redirects.
    **{
        f"{status} to {kind}": Fault(
            redirect(status, to),
            {Place.WELL_KNOWN: end, Place.DIRECTORY: Reason.BAD_RESPONSE},
            f"HTTP {status}",
        )
        for status, (kind, (to, end)) in product([301, 302, 303, 307, 308], REDIRECTS.items())
    },
    # What .well-known can say, beside all that.
    "no section": unusable(page({})),
    "a section of the wrong type": unusable(page({"m.homeserver": [API]})),
    "base_url missing": unusable(page({"m.homeserver": {}})),
    "base_url right": base_url(API, found_at(API)),
    "base_url null": base_url(None, FOUND),
    "base_url empty": base_url("", Reason.BAD_RESPONSE),
    "base_url with http": base_url("http://matrix.example.org", Reason.BAD_RESPONSE),
    "base_url with credentials": base_url("https://user:word@matrix.example.org", Reason.BAD_RESPONSE),
    "base_url a file": base_url("file:///etc/passwd", Reason.BAD_RESPONSE),
    "base_url to a page": base_url(f"{API}/nowhere", Reason.NOT_A_HOMESERVER),
    "base_url to a private address": base_url(INSIDE, Reason.PRIVATE_ADDRESS),
    "base_url to this machine": base_url("https://127.0.0.1", Reason.PRIVATE_ADDRESS),
    # How long to wait: each of these would have an answer, if ever.
    **{
        f"Retry-After: {wish[:40]}": limited(f"Retry-After: {wish}")
        for wish in (
            "1" + "0" * 30,
            "9" * 5_000,
            "-1",
            "1.5",
            "NaN",
            "soon",
            "",
            "Fri, 31 Dec 9999 23:59:59 GMT",
            "Fri, 31 Dec 9999 23:59:59 -2359",
            "Mon, 01 Jan 0001 00:00:00 -0000",
            "Mon, 01 Jan 1990 00:00:00 GMT",
            "Mon, 99 Foo 2030 99:99:99 +9999",
            "\u00b2".encode().decode("latin-1"),
        )
    },
    **{
        f"retry_after_ms: {wish[:40]}": limited(body=f'{{"errcode": "M_UNKNOWN", "retry_after_ms": {wish}}}')
        for wish in (
            "NaN",
            "Infinity",
            "1e400",
            "1" + "0" * 400,
            "-1",
            "-1e400",
            '"1000"',
            "null",
            "[]",
            "true",
        )
    },
    "503 with Retry-After": Fault(
        says(http(b"", f"Retry-After: {10**30}", status=503)), api(Reason.SERVER_ERROR), retries=2
    ),
}

ROWS = [
    pytest.param(fault, place, expected, id=f"{name} ({place.name.lower()})")
    for name, fault in FAULTS.items()
    for place, expected in fault.expected.items()
]


def pages(fault: Fault, place: Place) -> dict[str, Talk]:
    """Return all that there is to ask for, by URL."""
    alias = quote(fault.alias)
    fine = says(kept(WORKS)) if fault.keeps else FINE
    servers = {
        f"{base_url}/_matrix/client/{path}": fine
        for base_url in (NAME, NAME_ON_PORT, PLAIN, API, INSIDE)
        for path in ("versions", f"v3/directory/room/{alias}", f"r0/directory/room/{alias}")
    }
    # Whoever follows a redirect that is not to be followed finds an answer there.
    elsewhere = dict.fromkeys((ELSEWHERE, "http://example.org/elsewhere", f"{INSIDE}/elsewhere"), FINE)
    return {**servers, **elsewhere, place: fault.does}


class Memory:
    """What was in use at once, in bytes."""

    peak = 0


@contextmanager
def measured() -> Iterator[Memory]:
    """Yield what has the peak at the end."""
    memory = Memory()
    tracemalloc.start()
    try:
        yield memory
        _, memory.peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()


def judged(alias: RoomAlias, answer: Answer) -> CheckedLink:
    reference = Reference(source=Source("rooms.yaml", 1, 1), text=alias, target=alias)
    return judge([reference], {alias: answer}).links[0]


@pytest.mark.parametrize(("fault", "place", "expected"), ROWS)
def test_what_a_server_does_is_taken_for_no_more_than_it_proves(
    fault: Fault, place: Place, expected: Expected, authority: trustme.CA
) -> None:
    asked: list[str] = []
    otherwise = says(http(status=404))
    talk = serves(pages(fault, place), fault.tls(authority), asked, otherwise, keeps=fault.keeps)
    if place is Place.CONNECTION and fault.does is not FINE:
        talk = fault.does
    clock = FakeTime()
    address = fault.address if has_ipv6() else LOOPBACK
    with listening(talk, address) as port:
        web = Web(
            Limits(timeout=fault.timeout, retries=fault.retries),
            lookup=fault.lookup or leads_to(port, fault.address),
            trusted=TRUSTED,
            clock=clock,
            now=clock,
            sleep=clock.sleep,
        )
        given = {fault.alias.server_name: fault.given} if fault.given else {}
        with measured() if fault.much else nullcontext() as memory:
            answer = ask(web, [fault.alias], homeservers=given, within=20)[fault.alias]
    link = judged(fault.alias, answer)
    codes = [finding.check.code for finding in link.findings]
    if isinstance(expected, Reason):
        assert isinstance(answer, Unknown)
        assert (answer.reason, codes, link.verdict) == (expected, [expected], Verdict.UNVERIFIED)
        assert fault.detail in answer.detail
        assert answer.homeserver == (fault.given or (NAME if place is Place.DIRECTORY else None))
    else:
        assert answer == expected
        assert link.verdict is (Verdict.OK if isinstance(expected, Resolved) else Verdict.BROKEN)
    assert memory is None or memory.peak < MEMORY
    assert sum(clock.slept) <= LONGEST_WAIT
    assert not [url for url in asked if not url.startswith((NAME, API, ELSEWHERE))]


def test_one_server_s_fault_leaves_the_others_their_answers(authority: trustme.CA) -> None:
    other = RoomAlias("#stash:www.example.org")
    pages: dict[str, Talk] = {Place.DIRECTORY: FINE, Place.VERSIONS: FINE}
    tls = trusted_certificate(authority)
    with listening(serves(pages, tls, [], says(b"garbage"))) as port:
        answers = ask(Web(Limits(retries=0), lookup=leads_to(port), trusted=TRUSTED), [other, ALIAS])
    assert answers[ALIAS] == FOUND
    assert isinstance(answers[other], Unknown)
