"""The guard: what a connection may go to, with real names, real sockets and real certificates."""

import asyncio
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from threading import Semaphore

import httpcore
import httpx
import pytest
import trustme

from stashmatrix.checks.judge import judge
from stashmatrix.matrix.identifiers import RoomAlias, ServerName
from stashmatrix.network.addresses import NameLookup, is_public, system_lookup
from stashmatrix.network.limits import Limits
from stashmatrix.network.patience import Web
from stashmatrix.network.pool import KeptConnections
from stashmatrix.records.answers import Absent, Answer, Reason, Unknown
from stashmatrix.records.reference import Reference, Source
from stashmatrix.records.results import Verdict
from tests.support.answers import ask
from tests.support.clock import FakeTime
from tests.support.network import (
    LOOPBACK,
    Talk,
    certificate,
    error,
    hears,
    http,
    in_turn,
    leads_to,
    listening,
    page,
    says,
    serves,
    stays_silent,
)

pytestmark = pytest.mark.usefixtures("no_proxy")
# Ways to write a loopback address as a name, which the system understands.
DISGUISED = [
    "localhost",
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "0x7f000001",
    "[::1]",
    "[::ffff:7f00:1]",
]


class Names:
    """A look-up that knows one name only, and keeps the names it was asked for."""

    def __init__(self, name: str, *addresses: str, port: int = 443) -> None:
        self.name = name
        self.addresses = addresses
        self.port = port
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> Sequence[tuple[str, int]]:
        assert host == self.name
        self.asked.append(host)
        return [(address, self.port) for address in self.addresses]


def answer(alias: RoomAlias, lookup: NameLookup = system_lookup, *, allow_private: bool = False) -> Answer:
    web = Web(Limits(retries=0), lookup=lookup, allow_private=allow_private)
    return ask(web, [alias])[alias]


@contextmanager
def homeserver(context: ssl.SSLContext, asked: list[bytes]) -> Iterator[int]:
    """Run a homeserver without rooms, over TLS on loopback; yield its port and keep what it is asked."""

    def talk(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            request = secure.recv(65_536)
            asked.append(request)
            if b"/versions" in request:
                secure.sendall(page({"versions": []}))
            else:
                is_absence = b"/directory/room/" in request or b".well-known" in request
                secure.sendall(error(404, "M_NOT_FOUND" if is_absence else "M_UNRECOGNIZED"))

    with listening(talk) as port:
        yield port


@pytest.mark.parametrize("name", DISGUISED)
def test_a_name_for_this_machine_is_not_asked_and_proves_nothing(name: str) -> None:
    alias = RoomAlias(f"#stash:{name}")
    found = answer(alias)
    assert isinstance(found, Unknown)
    assert found.reason is Reason.PRIVATE_ADDRESS
    reference = Reference(source=Source("rooms.yaml", 1, 1), text=alias, target=alias)
    assert judge([reference], {alias: found}).links[0].verdict is Verdict.UNVERIFIED


def test_a_name_with_one_private_address_among_others_is_not_asked(authority: trustme.CA) -> None:
    asked: list[bytes] = []
    with homeserver(certificate(authority, "example.org"), asked) as port:
        names = Names("example.org", "1.1.1.1", "127.0.0.1")
        found = answer(RoomAlias(f"#stash:example.org:{port}"), names)
    assert isinstance(found, Unknown)
    assert found.reason is Reason.PRIVATE_ADDRESS
    assert asked == []


def test_the_connection_goes_to_the_address_that_was_resolved_and_tls_checks_the_name(
    authority: trustme.CA,
) -> None:
    asked: list[bytes] = []
    with homeserver(certificate(authority, "example.org"), asked) as port:
        names = Names("example.org", "127.0.0.1", port=port)
        found = answer(RoomAlias("#stash:example.org"), names, allow_private=True)
    assert found == Absent(homeserver="https://example.org")
    assert asked
    assert all(b"Host: example.org\r\n" in request for request in asked)
    assert set(names.asked) == {"example.org"}


def test_a_certificate_for_another_name_is_a_tls_error(authority: trustme.CA) -> None:
    asked: list[bytes] = []
    with homeserver(certificate(authority, "other.example"), asked) as port:
        names = Names("example.org", "127.0.0.1", port=port)
        found = answer(RoomAlias("#stash:example.org"), names, allow_private=True)
    assert isinstance(found, Unknown)
    assert found.reason is Reason.TLS_ERROR
    assert asked == []


def test_the_next_address_is_tried_where_one_takes_no_connection(authority: trustme.CA) -> None:
    asked: list[bytes] = []
    with homeserver(certificate(authority, "example.org"), asked) as port:
        names = Names("example.org", "::1", "127.0.0.1", port=port)
        found = answer(RoomAlias("#stash:example.org"), names, allow_private=True)
    assert isinstance(found, Absent)


# Set aside for use in the internet some day (RFC 4291), and nobody's yet.
NOBODY_S = "2e00::1"


@pytest.mark.parametrize(
    "turns",
    [(NOBODY_S, "127.0.0.1"), ("127.0.0.1", NOBODY_S), (NOBODY_S, "::ffff:127.0.0.1", "127.0.0.1")],
)
@pytest.mark.parametrize("retries", [0, 2])
def test_a_name_that_leads_elsewhere_at_the_next_question_leads_nowhere_private(
    turns: tuple[str, ...], retries: int, authority: trustme.CA
) -> None:
    asked: list[bytes] = []
    addresses = cycle(turns)
    clock = FakeTime()
    with homeserver(certificate(authority, "example.org"), asked) as port:

        async def rebinding(_host: str, _port: int) -> Sequence[tuple[str, int]]:
            return [(next(addresses), port)]

        alias = RoomAlias(f"#stash:example.org:{port}")
        limits = Limits(timeout=0.3, retries=retries)
        found = ask(Web(limits, lookup=rebinding, clock=clock, now=clock, sleep=clock.sleep), [alias])[alias]
    assert is_public(NOBODY_S)
    assert isinstance(found, Unknown)
    assert found.reason in {Reason.PRIVATE_ADDRESS, Reason.UNREACHABLE}
    assert asked == []


INSIDE = "https://inside.example.org"


@pytest.mark.parametrize(
    ("well_known", "expected"),
    [
        (http(b"", f"Location: {INSIDE}/client.json", status=302), Reason.PRIVATE_ADDRESS),
        (page({"m.homeserver": {"base_url": INSIDE}}), Reason.PRIVATE_ADDRESS),
        (page({"m.homeserver": {"base_url": "https://127.0.0.1"}}), Reason.PRIVATE_ADDRESS),
        (page({"m.homeserver": {"base_url": "https://[::ffff:7f00:1]"}}), Reason.PRIVATE_ADDRESS),
    ],
    ids=["a redirect", "a base_url", "a base_url with an address", "a base_url with a disguised address"],
)
def test_nothing_that_a_server_says_leads_to_a_private_address(
    well_known: bytes, expected: Reason, authority: trustme.CA
) -> None:
    asked: list[str] = []
    inside: list[bytes] = []
    pages = {
        "https://example.org/.well-known/matrix/client": says(well_known),
        "https://example.org/_matrix/client/versions": says(page({"versions": []})),
    }
    outside = serves(pages, certificate(authority, "example.org"), asked, says(error(404, "M_NOT_FOUND")))
    names = ("inside.example.org", "127.0.0.1", "::ffff:7f00:1")
    with listening(outside) as port, homeserver(certificate(authority, *names), inside) as inside_port:

        async def lookup(host: str, _port: int) -> Sequence[tuple[str, int]]:
            return [("127.0.0.1", port if host == "example.org" else inside_port)]

        alias = RoomAlias("#stash:example.org")
        web = Web(Limits(retries=0), lookup=lookup, trusted=["https://example.org"])
        found = ask(web, [alias])[alias]
    assert isinstance(found, Unknown)
    assert found.reason is expected
    assert asked[0] == "https://example.org/.well-known/matrix/client"
    assert inside == []


@pytest.mark.parametrize("is_resolver", [False, True], ids=["a name's URL", "the resolver's URL"])
@pytest.mark.parametrize(
    "well_known",
    [
        http(b"", f"Location: {INSIDE}/client.json", status=302),
        page({"m.homeserver": {"base_url": INSIDE}}),
    ],
    ids=["a redirect", "a base_url"],
)
def test_a_url_that_the_user_gave_is_trusted_with_its_own_questions_only(
    well_known: bytes, is_resolver: bool, authority: trustme.CA
) -> None:
    inside: list[str] = []
    named, stranger = RoomAlias("#stash:named.example.org"), RoomAlias("#stash:example.org")
    room = "/_matrix/client/v3/directory/room/%23stash%3A{}"
    pages = {INSIDE + room.format("named.example.org"): says(error(404, "M_NOT_FOUND"))}
    inner = serves(pages, certificate(authority, "inside.example.org"), inside, says(http(status=404)))
    own_pages = {
        "https://example.org/.well-known/matrix/client": says(well_known),
        "https://example.org/_matrix/client/versions": says(page({"versions": []})),
    }
    outer = serves(own_pages, certificate(authority, "example.org"), [], says(error(404, "M_NOT_FOUND")))
    with listening(outer) as port, listening(inner) as inside_port:

        async def lookup(host: str, _port: int) -> Sequence[tuple[str, int]]:
            return [(LOOPBACK, inside_port if host == "inside.example.org" else port)]

        web = Web(Limits(retries=0), lookup=lookup, trusted=["https://example.org"])
        given = {} if is_resolver else {named.server_name: INSIDE}
        answers = ask(web, [named, stranger], homeservers=given, resolver=INSIDE if is_resolver else None)
    found = answers[stranger]
    assert isinstance(found, Unknown)
    assert found.reason is Reason.PRIVATE_ADDRESS
    # What is asked there is what the user had asked there.
    own = {INSIDE + room.format("named.example.org")}
    if is_resolver:
        own.add(INSIDE + room.format("example.org"))
    else:
        assert answers[named] == Absent(homeserver=INSIDE)
    assert own <= set(inside)
    assert not [url for url in inside if url.endswith(("/client.json", "/versions"))]
    assert is_resolver or not [url for url in inside if url.endswith("%3Aexample.org")]


@contextmanager
def proxy(asked: list[bytes]) -> Iterator[str]:
    """Run a proxy that lets nothing through; yield its address and keep what it is asked."""

    def talk(connection: socket.socket) -> None:
        asked.append(connection.recv(65_536).splitlines(keepends=True)[0])
        connection.sendall(http(status=403))

    with listening(talk) as port:
        yield f"{LOOPBACK}:{port}"


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize("scheme", ["http://", ""])
def test_a_proxy_is_given_the_name_to_resolve(
    monkeypatch: pytest.MonkeyPatch, variable: str, scheme: str
) -> None:
    asked: list[bytes] = []
    with proxy(asked) as place:
        monkeypatch.setenv(variable, scheme + place)
        found = answer(RoomAlias("#stash:example.org"), Names("nobody asks the look-up"))
    assert isinstance(found, Unknown)
    assert set(asked) == {b"CONNECT example.org:443 HTTP/1.1\r\n"}


def drops(connection: socket.socket) -> None:
    connection.recv(65_536)


@pytest.mark.parametrize(
    ("talk", "place", "reason", "words"),
    [
        (None, "127.0.0.1:1", Reason.UNREACHABLE, ": no connection to the proxy: "),
        (
            None,
            "proxy.invalid",
            Reason.UNREACHABLE,
            ": no connection to the proxy: its name ",
        ),
        (hears(says(http(status=403))), "{place}", Reason.UNREACHABLE, ": the proxy answered: 403 Words"),
        (hears(says(http(status=502))), "{place}", Reason.UNREACHABLE, ": the proxy answered: 502 Words"),
        (drops, "{place}", Reason.BAD_RESPONSE, ": "),
        (
            hears(in_turn(says(b"HTTP/1.1 200 OK\r\n\r\n"), says(b"SSH-2.0"), drops)),
            "{place}",
            Reason.TLS_ERROR,
            ": ",
        ),
        (stays_silent, "{place}", Reason.UNREACHABLE, ""),
    ],
    ids=["nobody listens", "no such name", "403", "502", "an end", "no TLS behind it", "silence"],
)
def test_a_proxy_s_failure_is_said_to_be_the_proxy_s(
    monkeypatch: pytest.MonkeyPatch, talk: Talk | None, place: str, reason: Reason, words: str
) -> None:
    with listening(talk or stays_silent) as port:
        at = place.format(port=port, place=f"{LOOPBACK}:{port}")
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:word@{at}")
        web = Web(Limits(retries=0, timeout=0.5 if talk is stays_silent else 10))
        [found] = ask(web, [RoomAlias("#stash:example.org")]).values()
    assert isinstance(found, Unknown)
    assert found.reason is reason
    assert f", by way of the proxy {at}{words}" in found.detail
    assert "word@" not in found.detail


def behind_tls(tls: ssl.SSLContext, talk: Talk) -> Talk:
    def talk_inside(connection: socket.socket) -> None:
        with tls.wrap_socket(connection, server_side=True) as inside:
            talk(inside)

    return talk_inside


@pytest.mark.parametrize(
    ("proxy_name", "talk", "reason", "words"),
    [
        ("127.0.0.1", hears(says(http(status=403))), Reason.UNREACHABLE, ": the proxy answered: 403 Words"),
        ("other.example.org", drops, Reason.UNREACHABLE, ": no connection to the proxy: "),
        (None, drops, Reason.UNREACHABLE, ": no connection to the proxy: "),
        (
            "127.0.0.1",
            hears(in_turn(says(b"HTTP/1.1 200 OK\r\n\r\n"), says(b"SSH-2.0"), drops)),
            Reason.TLS_ERROR,
            ": ",
        ),
    ],
    ids=["works", "a certificate for another name", "no TLS", "no TLS behind it"],
)
def test_a_failure_of_a_proxy_s_own_tls_is_said_to_be_the_proxy_s(
    monkeypatch: pytest.MonkeyPatch,
    authority: trustme.CA,
    proxy_name: str | None,
    talk: Talk,
    reason: Reason,
    words: str,
) -> None:
    does = talk if proxy_name is None else behind_tls(certificate(authority, proxy_name), talk)
    with listening(does) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"https://{LOOPBACK}:{port}")
        [found] = ask(Web(Limits(retries=0)), [RoomAlias("#stash:example.org")]).values()
    assert isinstance(found, Unknown)
    assert found.reason is reason
    assert f"example.org{'' if reason is Reason.TLS_ERROR else ' cannot be asked'}, by way of" in found.detail
    assert f", by way of the proxy {LOOPBACK}:{port}{words}" in found.detail


@pytest.mark.parametrize(("status", "questions"), [(403, 2), (407, 2), (502, 4), (503, 4)])
def test_a_proxy_that_may_answer_a_moment_later_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, status: int, questions: int
) -> None:
    # For the summary, and once for the directory: a host that failed before gets no retries.
    asked = 0

    def talk(_: socket.socket) -> None:
        nonlocal asked
        asked += 1

    clock = FakeTime()
    with listening(in_turn(talk, hears(says(http(status=status))))) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{LOOPBACK}:{port}")
        web = Web(clock=clock, now=clock, sleep=clock.sleep)
        ask(
            web,
            [RoomAlias("#stash:example.org")],
            homeservers={ServerName("example.org"): "https://example.org"},
        )
    assert asked == questions


def test_a_name_of_emoji_is_asked() -> None:
    asked: list[str] = []
    url = "http://xn--ls8h.la"
    pages = {
        f"{url}/_matrix/client/v3/directory/room/%23stash%3Axn--ls8h.la": says(error(404, "M_NOT_FOUND"))
    }
    unused = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with listening(serves(pages, unused, asked, says(http(status=404)))) as port:
        web = Web(Limits(retries=0), lookup=leads_to(port), allow_private=True)
        alias = RoomAlias("#stash:xn--ls8h.la")
        [found] = ask(web, [alias], homeservers={alias.server_name: url}).values()
    assert found == Absent(homeserver=url)
    assert set(pages) <= set(asked)


def test_a_name_that_cannot_be_looked_up_at_the_moment_is_looked_up_again(authority: trustme.CA) -> None:
    asked: list[bytes] = []
    clock = FakeTime()
    looked_up = 0
    with homeserver(certificate(authority, "example.org"), asked) as port:

        async def lookup(_host: str, _port: int) -> Sequence[tuple[str, int]]:
            nonlocal looked_up
            looked_up += 1
            if looked_up == 1:
                raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
            return [(LOOPBACK, port)]

        web = Web(lookup=lookup, allow_private=True, clock=clock, now=clock, sleep=clock.sleep)
        [found] = ask(web, [RoomAlias("#stash:example.org")]).values()
    assert found == Absent(homeserver="https://example.org")
    assert len(clock.slept) == 1


@pytest.mark.parametrize(
    ("environment", "allow_private", "expected"),
    [
        ({}, False, ""),
        ({"NO_PROXY": "example.org"}, False, ""),
        ({}, True, "allow-private"),
        ({"HTTPS_PROXY": "127.0.0.1:3128"}, False, "https=http://127.0.0.1:3128"),
        (
            {"HTTPS_PROXY": "http://user:word@proxy.example.org:3128/", "NO_PROXY": "a,b"},
            True,
            "https=http://proxy.example.org:3128 no=a,b allow-private",
        ),
        (
            {"ALL_PROXY": "http://a.example.org", "HTTP_PROXY": "http://b.example.org"},
            False,
            "all=http://a.example.org http=http://b.example.org",
        ),
    ],
    ids=str,
)
def test_the_way_to_servers_is_told_without_passwords(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], *, allow_private: bool, expected: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert Web(allow_private=allow_private).way == expected


@pytest.mark.parametrize("name", [*DISGUISED, "169.254.169.254", "x.localhost", "localhost."])
def test_a_proxy_is_not_sent_to_a_private_address(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    asked: list[bytes] = []
    with proxy(asked) as place:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{place}")
        found = answer(RoomAlias(f"#stash:{name}"), Names("nobody asks the look-up"))
        assert isinstance(found, Unknown)
        assert found.reason is Reason.PRIVATE_ADDRESS
        assert asked == []
        answer(RoomAlias(f"#stash:{name}"), Names("nobody asks the look-up"), allow_private=True)
    assert asked


def test_a_name_that_no_certificate_can_have_is_no_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    with proxy(asked) as place:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{place}")
        assert isinstance(answer(RoomAlias("#stash:.example.org"), Names("nobody asks")), Unknown)


def test_a_name_that_is_excepted_from_the_proxy_is_checked_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    with proxy(asked) as place:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{place}")
        monkeypatch.setenv("NO_PROXY", "example.org")
        found = answer(RoomAlias("#stash:example.org"), Names("example.org", "127.0.0.1"))
    assert isinstance(found, Unknown)
    assert found.reason is Reason.PRIVATE_ADDRESS
    assert asked == []


class LaterConnection(httpcore.AsyncHTTPConnection):
    """A connection of a later httpcore, whose responses do not lead to it."""

    async def handle_async_request(self, _: httpcore.Request) -> httpcore.Response:
        return httpcore.Response(200)


def test_a_connection_that_cannot_be_asked_for_what_it_holds_is_refused() -> None:
    async def fetch() -> None:
        response = await KeptConnections(LaterConnection, Semaphore()).handle_async_request(
            httpx.Request("GET", "http://example.org")
        )
        await response.aclose()

    with pytest.raises(RuntimeError, match="httpcore no longer tells what it read beyond a response"):
        asyncio.run(fetch())
