"""An alias is absent only if its server says so twice, and if that means anything."""

import json
import socket
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

import httpx
import pytest

from stashmatrix.matrix.identifiers import RoomAlias, RoomId, ServerName
from stashmatrix.network.limits import Limits
from stashmatrix.network.patience import Web
from stashmatrix.records.answers import Absent, Answer, Reason, Resolved, Unknown
from tests.support.answers import ask
from tests.support.network import LOOPBACK, error, listening, page

NAME = ServerName("example.org")
GONE, HIDDEN, THERE = (RoomAlias(f"#{name}:{NAME}") for name in ("gone", "hidden", "there"))
API = "https://matrix.example.org"
ROOM = RoomId("!room:example.org")
CONTROL = f"{API}/_matrix/client/v3/directory/no_such_path"
KEYS = f"{API}/_matrix/key/v2/server"

Page = tuple[int, object]
UNRECOGNIZED: Page = (404, {"errcode": "M_UNRECOGNIZED"})
NOT_FOUND: Page = (404, {"errcode": "M_NOT_FOUND"})
FOUND: Page = (200, {"room_id": ROOM})
TROUBLE: Page = (502, b"")
LATE: Page = (408, b"")
ITS_OWN: Page = (200, {"server_name": NAME})
HTML: Page = (404, b"<!doctype html>")
LIMITED: Page = (429, {"errcode": "M_LIMIT_EXCEEDED"})


def directory(alias: RoomAlias, version: str = "v3") -> str:
    return f"{API}/_matrix/client/{version}/directory/room/{quote(alias, safe='')}"


def summary(alias: RoomAlias) -> str:
    return f"{API}/_matrix/client/v1/room_summary/{quote(alias, safe='')}"


class Server:
    """Answers each URL as listed, the last answer again and again; all else is not recognized."""

    def __init__(self, pages: Mapping[str, Sequence[Page]]) -> None:
        self.pages = pages
        self.redirects: Mapping[str, str] = {}
        self.requests: list[httpx.Request] = []

    @property
    def asked(self) -> list[str]:
        return [str(request.url) for request in self.requests]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        if url in self.redirects:
            self.requests.append(request)
            return httpx.Response(302, headers={"Location": self.redirects[url]})
        pages = self.pages.get(url, [UNRECOGNIZED])
        status, content = pages[min(self.asked.count(url), len(pages) - 1)]
        self.requests.append(request)
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return httpx.Response(status, content=body)

    def answers(
        self, *aliases: RoomAlias, given: bool = False, resolver: str | None = None
    ) -> Mapping[RoomAlias, Answer]:
        web = Web(Limits(retries=0), transport=httpx.MockTransport(self))
        return ask(web, aliases, homeservers={NAME: API} if given else {}, resolver=resolver)


DISCOVERY: dict[str, Sequence[Page]] = {
    f"https://{NAME}/.well-known/matrix/client": [(200, {"m.homeserver": {"base_url": API}})],
    f"{API}/_matrix/client/versions": [(200, {"versions": []})],
}


class Case(NamedTuple):
    """What an alias's server answers to both questions, the control question and that for its keys."""

    expected: Answer
    directory: Sequence[Page] = (NOT_FOUND,)
    control: Page = UNRECOGNIZED
    keys: Page = ITS_OWN


ABSENT = Absent(homeserver=API)


def unproven(reason: Reason, words: str) -> Unknown:
    detail = f"{API} does not know the alias, which is no proof: {words}"
    return Unknown(reason=reason, detail=detail, homeserver=API)


def foreign(name: str) -> Unknown:
    words = f"{API} is the homeserver of {name}, not of {NAME}"
    return unproven(Reason.NOT_ITS_SERVER, words)


AGAIN = f"asked again, {directory(GONE)} answered HTTP"
CASES = {
    "confirmed": Case(ABSENT),
    "there at the second question": Case(Resolved(room_id=ROOM, homeserver=API), (NOT_FOUND, FOUND)),
    "trouble at the second question": Case(
        unproven(Reason.SERVER_ERROR, f"{AGAIN} 502"), (NOT_FOUND, TROUBLE)
    ),
    "no Matrix at the second question": Case(
        unproven(Reason.NOT_A_HOMESERVER, f"{AGAIN} 404, which is not the Matrix API"), (NOT_FOUND, HTML)
    ),
    "M_NOT_FOUND for anything": Case(
        unproven(Reason.BAD_RESPONSE, f"{API} answers M_NOT_FOUND for a path that no server has, too"),
        control=NOT_FOUND,
    ),
    "M_NOT_FOUND for anything, with 400": Case(
        unproven(Reason.BAD_RESPONSE, f"{API} answers M_NOT_FOUND for a path that no server has, too"),
        control=(400, NOT_FOUND[1]),
    ),
    "trouble at the control question": Case(
        unproven(Reason.SERVER_ERROR, f"{CONTROL} answered HTTP 502"), control=TROUBLE
    ),
    "a limit at the control question": Case(
        unproven(Reason.RATE_LIMITED, f"{CONTROL} answered HTTP 429 M_LIMIT_EXCEEDED"), control=LIMITED
    ),
    "no time at the control question": Case(
        unproven(Reason.UNREACHABLE, f"{CONTROL} answered HTTP 408"), control=LATE
    ),
    "a proxy that knows the paths": Case(ABSENT, control=HTML),
    "a proxy that refuses other paths": Case(ABSENT, control=(403, b"")),
    "another server": Case(foreign("matrix.org"), keys=(200, {"server_name": "matrix.org"})),
    "its name with a port": Case(foreign(f"{NAME}:8448"), keys=(200, {"server_name": f"{NAME}:8448"})),
    "a name without an end": Case(foreign("x" * 1000), keys=(200, {"server_name": "x" * 9000})),
    "keys that are not served": Case(ABSENT, keys=UNRECOGNIZED),
    "keys that are not found": Case(ABSENT, keys=NOT_FOUND),
    "keys behind a proxy": Case(ABSENT, keys=HTML),
    "keys that lead elsewhere": Case(ABSENT, keys=(301, b"")),
    "keys without a name": Case(ABSENT, keys=(200, {"server_name": 1})),
    "keys that are none": Case(ABSENT, keys=(200, [])),
    "keys that come too late": Case(unproven(Reason.UNREACHABLE, f"{KEYS} answered HTTP 408"), keys=LATE),
    "keys in trouble": Case(unproven(Reason.SERVER_ERROR, f"{KEYS} answered HTTP 502"), keys=TROUBLE),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_an_absence_is_proof_only_if_it_is_confirmed(case: Case) -> None:
    pages = {**DISCOVERY, directory(GONE): case.directory, CONTROL: [case.control], KEYS: [case.keys]}
    server = Server(pages)
    assert server.answers(GONE) == {GONE: case.expected}


def test_a_given_homeserver_speaks_for_the_name_that_it_is_given_for() -> None:
    server = Server({directory(GONE): [NOT_FOUND], KEYS: [(200, {"server_name": "matrix.org"})]})
    assert server.answers(GONE, given=True) == {GONE: ABSENT}
    assert KEYS not in server.asked


def test_an_old_server_confirms_by_its_own_api() -> None:
    server = Server({directory(GONE, "r0"): [NOT_FOUND]})
    assert server.answers(GONE, given=True) == {GONE: ABSENT}
    assert server.asked.count(directory(GONE, "r0")) == 2


def test_a_server_is_asked_no_more_than_it_takes() -> None:
    gone = [RoomAlias(f"#gone-{number}:{NAME}") for number in range(10)]
    absent = {directory(alias): [NOT_FOUND] for alias in gone}
    server = Server({**DISCOVERY, **absent, directory(THERE): [FOUND], KEYS: [ITS_OWN]})
    assert server.answers(*gone, THERE)[THERE] == Resolved(room_id=ROOM, homeserver=API)
    assert [server.asked.count(url) for url in (CONTROL, KEYS, directory(THERE))] == [1, 1, 1]
    assert {server.asked.count(url) for url in absent} == {2}
    # All else is answered before the first is confirmed.
    assert server.asked.index(CONTROL) > max(server.asked.index(url) for url in (*absent, directory(THERE)))


def test_a_server_that_has_every_alias_is_asked_nothing_more() -> None:
    server = Server({**DISCOVERY, directory(THERE): [FOUND], directory(HIDDEN): [FOUND]})
    server.answers(THERE, HIDDEN)
    assert not {CONTROL, KEYS} & set(server.asked)


@pytest.mark.parametrize("others", [[], [GONE], [THERE]], ids=["alone", "beside an absent one", "beside one"])
@pytest.mark.parametrize(("owner", "hidden"), [(NAME, True), ("matrix.org", False)])
def test_a_room_is_hidden_by_its_own_server_only(owner: str, hidden: bool, others: list[RoomAlias]) -> None:
    server = Server(
        {
            **DISCOVERY,
            directory(GONE): [NOT_FOUND],
            directory(THERE): [FOUND],
            directory(HIDDEN): [FOUND],
            summary(HIDDEN): [NOT_FOUND],
            KEYS: [(200, {"server_name": owner})],
        }
    )
    answer = server.answers(HIDDEN, *others)[HIDDEN]
    assert answer == Resolved(room_id=ROOM, homeserver=API, hidden=hidden)
    assert server.asked.count(KEYS) == 1


def test_a_given_homeserver_tells_what_is_hidden() -> None:
    server = Server({directory(HIDDEN): [FOUND], summary(HIDDEN): [NOT_FOUND]})
    assert server.answers(HIDDEN, given=True) == {HIDDEN: Resolved(room_id=ROOM, homeserver=API, hidden=True)}
    assert KEYS not in server.asked


def test_no_cache_answers_any_question() -> None:
    client = f"{API}/_matrix/client"
    elsewhere = "https://www.example.org/client.json"
    delegation = {"m.homeserver": {"base_url": API}}
    pages: dict[str, Sequence[Page]] = {
        **DISCOVERY,
        elsewhere: [(200, delegation)],
        directory(GONE, "r0"): [NOT_FOUND],
    }
    server = Server(pages)
    server.redirects = {f"https://{NAME}/.well-known/matrix/client": elsewhere}
    server.answers(GONE, HIDDEN, resolver="https://resolver.example")
    assert {str(request.url).partition("%23")[0] for request in server.requests} == {
        f"https://{NAME}/.well-known/matrix/client",
        elsewhere,
        f"{client}/versions",
        f"{client}/v1/room_summary/",
        f"{client}/unstable/im.nheko.summary/summary/",
        f"{client}/unstable/im.nheko.summary/rooms/",
        f"{client}/v3/directory/room/",
        f"{client}/r0/directory/room/",
        CONTROL,
        KEYS,
        "https://resolver.example/_matrix/client/v3/directory/room/",
        "https://resolver.example/_matrix/client/r0/directory/room/",
    }
    assert {request.headers.get("Cache-Control") for request in server.requests} == {"no-cache"}


@pytest.mark.usefixtures("no_proxy")
def test_the_second_question_has_a_connection_of_its_own_and_passes_caches() -> None:
    """Every answer on a kept connection, but for the first, is that of another question."""
    questions: list[tuple[int, str]] = []
    connections: list[socket.socket] = []

    def talk(connection: socket.socket) -> None:
        connections.append(connection)
        number = len(connections)
        while request := connection.recv(65_536).decode():
            questions.append((number, request))
            path = request.split()[1]
            answer = error(404, "M_UNRECOGNIZED")
            if "/directory/room/" in path:
                is_there = sum(path in earlier for _, earlier in questions) > 1
                answer = page({"room_id": ROOM}) if is_there else error(404, "M_NOT_FOUND")
            connection.sendall(answer.replace(b"Connection: close\r\n", b""))

    with listening(talk) as port:
        url = f"http://{LOOPBACK}:{port}"
        answers = ask(Web(Limits(retries=0), trusted=[url]), [GONE], homeservers={NAME: url})
    assert answers == {GONE: Resolved(room_id=ROOM, homeserver=url)}
    *_, control, again = questions
    assert "no_such_path" in control[1]
    assert "/directory/room/" in again[1]
    for number, request in (control, again):
        assert sum(number == other for other, _ in questions) == 1
        assert "cache-control: no-cache\r\n" in request.lower()
