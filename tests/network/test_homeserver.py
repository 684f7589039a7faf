"""Discovery and look-up: what each answer of the network is taken for, and that none is an exception."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import httpx
import pytest

from stashmatrix.checks.judge import judge
from stashmatrix.matrix.identifiers import RoomAlias, RoomId, ServerName
from stashmatrix.network import patience
from stashmatrix.network.fetch import Transport
from stashmatrix.network.limits import Limits
from stashmatrix.records.answers import Absent, Answer, Reason, Resolved, Unknown
from stashmatrix.records.reference import Reference, Source
from stashmatrix.records.results import Verdict
from tests.support.answers import ask

ALIAS = RoomAlias("#stash:example.org")
SERVER = ALIAS.server_name
PATH = "directory/room/%23stash%3Aexample.org"
NAME = "https://example.org"
WELL_KNOWN = f"{NAME}/.well-known/matrix/client"
API = "https://matrix.example.org"
ROOM = RoomId("!room:example.org")

VERDICTS = {Resolved: Verdict.OK, Absent: Verdict.BROKEN, Unknown: Verdict.UNVERIFIED}


@dataclass(frozen=True, slots=True)
class Page:
    """What a web server answers."""

    status: int = 200
    body: bytes = b""
    location: str | None = None

    def response(self) -> httpx.Response:
        headers = [] if self.location is None else [(b"Location", self.location.encode())]
        return httpx.Response(self.status, content=self.body, headers=headers)


def page(status: int, content: object) -> Page:
    return Page(status, json.dumps(content).encode())


def html(status: int) -> Page:
    return Page(status, b"\n<!doctype html><title>Welcome</title>")


def delegation(base_url: object) -> Page:
    return page(200, {"m.homeserver": {"base_url": base_url}})


def redirect(location: str) -> Page:
    return Page(302, location=location)


def error(status: int, errcode: str) -> Page:
    return page(status, {"errcode": errcode, "error": "Words"})


def versions(base_url: str) -> str:
    return f"{base_url}/_matrix/client/versions"


def v3(base_url: str, path: str = PATH) -> str:
    return f"{base_url}/_matrix/client/v3/{path}"


def r0(base_url: str) -> str:
    return f"{base_url}/_matrix/client/r0/{PATH}"


NO_FILE = html(404)
VERSIONS = page(200, {"versions": ["v1.11"]})
FOUND = page(200, {"room_id": ROOM, "servers": ["example.org"]})
GONE = error(404, "M_NOT_FOUND")
UNRECOGNIZED = error(404, "M_UNRECOGNIZED")

Pages = Mapping[str, Page]

BESIDE = re.compile("summary|no_such_path")
"""Questions of other test files: a server without summaries does not know either."""


class Web:
    """All there is on the network, and what was asked of it. A page that is not there fails the test."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if BESIDE.search(request.url.path) and str(request.url) not in self.pages:
            return UNRECOGNIZED.response()
        self.requests.append(request)
        return self.pages[str(request.url)].response()

    @property
    def asked(self) -> list[str]:
        return [str(request.url) for request in self.requests]


def look_up(
    aliases: Iterable[RoomAlias], transport: Transport | None, homeservers: Mapping[ServerName, str]
) -> list[tuple[RoomAlias, Answer]]:
    web = patience.Web(Limits(retries=0), transport=transport, trusted=homeservers.values())
    return list(ask(web, aliases, homeservers=homeservers).items())


def the_answer(
    transport: Transport | None, homeservers: Mapping[ServerName, str], alias: RoomAlias = ALIAS
) -> Answer:
    [(answered, answer)] = look_up([alias], transport, homeservers)
    assert answered == alias
    return answer


def assert_answer(answer: Answer, expected: Answer, alias: RoomAlias = ALIAS) -> None:
    """Compare answers, where an expected detail is a piece of the real one, and see to the verdict."""
    if isinstance(expected, Unknown):
        assert isinstance(answer, Unknown)
        assert (answer.reason, answer.homeserver) == (expected.reason, expected.homeserver)
        assert expected.detail in answer.detail
    else:
        assert answer == expected
    reference = Reference(source=Source("rooms.yaml", 1, 1), text=alias, target=alias)
    [link] = judge([reference], {alias: answer}).links
    assert link.verdict is VERDICTS[type(expected)]


def resolved(homeserver: str) -> Resolved:
    return Resolved(room_id=ROOM, homeserver=homeserver)


def unknown(reason: Reason, detail: str, homeserver: str | None = None) -> Unknown:
    return Unknown(reason=reason, detail=detail, homeserver=homeserver)


class Scenario(NamedTuple):
    """All pages of a small network, in the order in which they are to be asked for, each once."""

    pages: Pages
    expected: Answer
    alias: RoomAlias = ALIAS


def api(base_url: str) -> dict[str, Page]:
    return {versions(base_url): VERSIONS, v3(base_url): FOUND}


def delegated(base_url: str) -> Scenario:
    """Expect the API at ``base_url``, however many slashes end it, to be the one that is asked."""
    clean = base_url.rstrip("/")
    return Scenario({WELL_KNOWN: delegation(base_url), **api(clean)}, resolved(clean))


def ignored(well_known: Page) -> Scenario:
    """Expect the server name itself to be asked, as if there were no file."""
    return Scenario({WELL_KNOWN: well_known, **api(NAME)}, resolved(NAME))


def forbidden(base_url: str) -> Scenario:
    """Expect the search to end at a base URL that must not be used."""
    return Scenario(
        {WELL_KNOWN: delegation(base_url)},
        unknown(Reason.BAD_RESPONSE, f"{WELL_KNOWN} names '{base_url}', which is not a plain https URL"),
    )


def leads_nowhere(answer: Page, reason: Reason, detail: str) -> Scenario:
    """Expect the search to end at a base URL without an API."""
    return Scenario(
        {WELL_KNOWN: delegation(API), versions(API): answer},
        unknown(reason, f"{versions(API)} answered HTTP {answer.status}{detail}"),
    )


def both_useless(well_known: Page, problem: str) -> Scenario:
    """Expect the detail to tell of both places where the API was looked for."""
    return Scenario(
        {WELL_KNOWN: well_known, versions(NAME): html(200)},
        unknown(
            Reason.NOT_A_HOMESERVER,
            f"{versions(NAME)} answered HTTP 200, which is not the Matrix API, and {WELL_KNOWN} {problem}",
        ),
    )


ON_PORT = RoomAlias("#stash:example.org:8448")
ON_PORT_NAME = "https://example.org:8448"
ON_PORT_PATH = "directory/room/%23stash%3Aexample.org%3A8448"
ON_IPV6 = RoomAlias("#stash:[2001:db8::1]:8448")
ON_IPV6_PATH = "directory/room/%23stash%3A%5B2001%3Adb8%3A%3A1%5D%3A8448"

DISCOVERY = {
    "no file": ignored(NO_FILE),
    "no file, says Matrix": ignored(GONE),
    "delegation": delegated(API),
    "delegation with a slash at the end": delegated(f"{API}/"),
    "delegation with two slashes at the end": delegated(f"{API}//"),
    "delegation to a path": delegated(f"{API}/synapse"),
    "delegation to a path with a slash at the end": delegated(f"{API}/synapse/"),
    "delegation to a port": delegated(f"{API}:8443"),
    "delegation to an IPv6 address": delegated("https://[2001:db8::1]:8443"),
    "delegation to itself": delegated(NAME),
    "file with more in it": Scenario(
        {
            WELL_KNOWN: page(
                200, {"m.identity_server": {"base_url": 1}, "m.homeserver": {"base_url": API, "x": []}}
            ),
            **api(API),
        },
        resolved(API),
    ),
    "redirect to another host": Scenario(
        {
            WELL_KNOWN: redirect("https://www.example.org/client.json"),
            "https://www.example.org/client.json": delegation(API),
            **api(API),
        },
        resolved(API),
    ),
    "redirect to a path": Scenario(
        {
            WELL_KNOWN: redirect("/client.json"),
            f"{NAME}/client.json": delegation(API),
            **api(API),
        },
        resolved(API),
    ),
    "five redirects": Scenario(
        {
            WELL_KNOWN: redirect("/1"),
            **{f"{NAME}/{step}": redirect(f"/{step + 1}") for step in range(1, 5)},
            f"{NAME}/5": delegation(API),
            **api(API),
        },
        resolved(API),
    ),
    "redirect to http": ignored(redirect("http://example.org/client.json")),
    "redirect to a file": ignored(redirect("file:///etc/passwd")),
    "redirect to what is no URL": ignored(redirect("https://[::1")),
    "redirect to a name that no host can have": ignored(redirect("https://xn--/")),
    "redirect to half an address": ignored(redirect(":http://[::1")),
    "redirect to a name that begins with a dot": ignored(redirect("https://.example.org/")),
    "redirect without a target": ignored(Page(302)),
    "redirect to a page that is absent": Scenario(
        {WELL_KNOWN: redirect("/gone"), f"{NAME}/gone": NO_FILE, **api(NAME)}, resolved(NAME)
    ),
    "empty file": ignored(Page(200)),
    "text": ignored(Page(200, b"https://matrix.example.org")),
    "HTML": ignored(html(200)),
    "a page too large to be the file": ignored(Page(200, b"<p>" * 30_000)),
    "truncated JSON": ignored(Page(200, b'{"m.homeserver": {"base_url": "https://matrix')),
    "invalid UTF-8": ignored(Page(200, b'{"m.homeserver": {"base_url": "https://matrix.example.org/\xff"}}')),
    "JSON nested deeply": ignored(Page(200, b"[" * 60_000)),
    "JSON list": ignored(page(200, [{"m.homeserver": {"base_url": API}}])),
    "JSON null": ignored(page(200, None)),
    "no m.homeserver": ignored(page(200, {})),
    "m.homeserver a string": ignored(page(200, {"m.homeserver": API})),
    "m.homeserver a list": ignored(page(200, {"m.homeserver": [API]})),
    "no base_url": ignored(page(200, {"m.homeserver": {}})),
    "base_url a number": ignored(delegation(8448)),
    "base_url null": ignored(delegation(None)),
    "base_url a list": ignored(delegation([API])),
    "file refused": ignored(html(403)),
    "server error": ignored(html(503)),
    "base_url with http": forbidden("http://matrix.example.org"),
    "base_url with a user": forbidden("https://user:word@matrix.example.org"),
    "base_url with a query": forbidden("https://matrix.example.org/?to="),
    "base_url with an empty query": forbidden("https://matrix.example.org?"),
    "base_url with a fragment": forbidden("https://matrix.example.org/#to"),
    "base_url with an empty fragment": forbidden("https://matrix.example.org#"),
    "base_url without a scheme": forbidden("matrix.example.org"),
    "base_url a script": forbidden("javascript:alert(1)"),
    "base_url a file": forbidden("file:///etc/passwd"),
    "base_url without a host": forbidden("https://"),
    "base_url empty": forbidden(""),
    "base_url garbage": forbidden("%%% \u202e ["),
    "base_url with half a surrogate pair": forbidden("https://\ud800.example.org"),
    "base_url with a line break": forbidden("https://matrix.example.org/\n"),
    "base_url with an unclosed bracket": forbidden("https://[2001:db8::1"),
    "base_url with a port that is no number": forbidden("https://matrix.example.org:http"),
    "base_url with a port that is none": forbidden("https://matrix.example.org:65536"),
    "base_url with a name that is no IDNA": forbidden("https://xn--/"),
    "delegation to a web site": leads_nowhere(
        html(200), Reason.NOT_A_HOMESERVER, ", which is not the Matrix API"
    ),
    "delegation to an absent page": leads_nowhere(
        html(404), Reason.NOT_A_HOMESERVER, ", which is not the Matrix API"
    ),
    "delegation to a server in trouble": leads_nowhere(html(502), Reason.SERVER_ERROR, ""),
    "delegation to a server that refuses": leads_nowhere(html(403), Reason.REFUSED, ""),
    "delegation to a busy server": leads_nowhere(html(429), Reason.RATE_LIMITED, ""),
    "delegation to other JSON": leads_nowhere(page(200, {"versions": "v1.1"}), Reason.BAD_RESPONSE, ""),
    "delegation to a redirect": leads_nowhere(
        redirect("https://example.net/"), Reason.BAD_RESPONSE, ", a redirect to https://example.net/"
    ),
    "no file and no API": Scenario(
        {WELL_KNOWN: NO_FILE, versions(NAME): html(404)},
        unknown(Reason.NOT_A_HOMESERVER, f"{versions(NAME)} answered HTTP 404, which is not the Matrix API"),
    ),
    "HTML and no API": both_useless(html(200), "answered HTTP 200 without usable JSON"),
    "server error and no API": both_useless(html(500), "answered HTTP 500"),
    "wrong type and no API": both_useless(delegation(1), "names no m.homeserver.base_url"),
    "redirect to http and no API": both_useless(
        redirect("http://example.org/"), "redirects to 'http://example.org/', which is not a plain https URL"
    ),
    "name of an emoji": Scenario(
        {
            "https://xn--ls8h.la/.well-known/matrix/client": NO_FILE,
            versions("https://xn--ls8h.la"): VERSIONS,
            v3("https://xn--ls8h.la", "directory/room/%23stash%3Axn--ls8h.la"): FOUND,
        },
        resolved("https://xn--ls8h.la"),
        RoomAlias("#stash:xn--ls8h.la"),
    ),
    "delegation to the name of an emoji": delegated("https://matrix.xn--ls8h.la"),
    "name with a port": Scenario(
        {WELL_KNOWN: NO_FILE, versions(ON_PORT_NAME): VERSIONS, v3(ON_PORT_NAME, ON_PORT_PATH): FOUND},
        resolved(ON_PORT_NAME),
        ON_PORT,
    ),
    "name with a port that delegates": Scenario(
        {WELL_KNOWN: delegation(API), versions(API): VERSIONS, v3(API, ON_PORT_PATH): FOUND},
        resolved(API),
        ON_PORT,
    ),
    "name with a port and base_url with http": Scenario(*forbidden("http://matrix.example.org")[:2], ON_PORT),
    "IPv6 address with a port": Scenario(
        {
            "https://[2001:db8::1]/.well-known/matrix/client": NO_FILE,
            versions("https://[2001:db8::1]:8448"): VERSIONS,
            v3("https://[2001:db8::1]:8448", ON_IPV6_PATH): FOUND,
        },
        resolved("https://[2001:db8::1]:8448"),
        ON_IPV6,
    ),
}


@pytest.mark.parametrize("scenario", DISCOVERY.values(), ids=DISCOVERY)
def test_discovery_asks_these_pages_in_this_order_and_no_other(scenario: Scenario) -> None:
    web = Web(scenario.pages)
    answer = the_answer(httpx.MockTransport(web), {}, scenario.alias)
    assert_answer(answer, scenario.expected, scenario.alias)
    assert web.asked == list(scenario.pages)


@pytest.mark.parametrize(
    ("well_known", "reason"),
    [
        (html(500), Reason.SERVER_ERROR),
        (html(503), Reason.SERVER_ERROR),
        (Page(200, b"<p>" * 30_000), Reason.BAD_RESPONSE),
        (html(200), Reason.BAD_RESPONSE),
        (html(403), Reason.BAD_RESPONSE),
        (page(200, {}), Reason.BAD_RESPONSE),
        (redirect("http://example.org/"), Reason.BAD_RESPONSE),
    ],
    ids=["500", "503", "too large", "a page", "refused", "no delegation", "a redirect to http"],
)
def test_where_something_is_wrong_with_the_file_the_server_name_itself_proves_presence_and_not_absence(
    well_known: Page, reason: Reason
) -> None:
    pages = {WELL_KNOWN: well_known, versions(NAME): VERSIONS}
    present, absent = Web({**pages, v3(NAME): FOUND}), Web({**pages, v3(NAME): GONE})
    assert_answer(the_answer(httpx.MockTransport(present), {}), resolved(NAME))
    detail = f", so {NAME}, which does not know the alias, may not speak for it"
    assert_answer(the_answer(httpx.MockTransport(absent), {}), unknown(reason, detail, NAME))


def test_redirects_that_loop_end_and_the_server_name_itself_is_asked() -> None:
    web = Web({WELL_KNOWN: redirect("/again"), f"{NAME}/again": redirect(WELL_KNOWN), **api(NAME)})
    assert_answer(the_answer(httpx.MockTransport(web), {}), resolved(NAME))
    assert web.asked == [*[WELL_KNOWN, f"{NAME}/again"] * 3, *api(NAME)]


def test_a_port_is_asked_though_the_host_s_web_server_is_down() -> None:
    web = Web({versions(ON_PORT_NAME): VERSIONS, v3(ON_PORT_NAME, ON_PORT_PATH): FOUND})

    def handler(request: httpx.Request) -> httpx.Response:
        if str(request.url) == WELL_KNOWN:
            raise httpx.ConnectError("All connection attempts failed", request=request)
        return web(request)

    answer = the_answer(httpx.MockTransport(handler), {}, ON_PORT)
    assert_answer(answer, resolved(ON_PORT_NAME), ON_PORT)


# The grammar of Matrix admits these; IDNA forbids the first two, IPv4 the last.
@pytest.mark.parametrize("name", ["xn--", "xn--a.org", "999.1.1.1"])
def test_a_server_name_that_no_host_can_have_is_no_exception(name: str) -> None:
    web = Web({})
    alias = RoomAlias(f"#stash:{name}")
    answer = the_answer(httpx.MockTransport(web), {}, alias)
    assert isinstance(answer, Unknown)
    assert answer.reason in {Reason.SERVER_NOT_FOUND, Reason.BAD_RESPONSE}
    assert_answer(answer, answer, alias)
    assert web.asked == []


class Lookup(NamedTuple):
    """What the directory answers by v3, and by r0 if that is to be asked as well."""

    directory: Page
    expected: Answer
    old_directory: Page | None = None


def said(status: int, reason: Reason, detail: str, errcode: str = "") -> Unknown:
    return unknown(reason, f"{v3(API)} answered HTTP {status}{errcode and f' {errcode}'}{detail}", API)


def refused_with(status: int, errcode: str, reason: Reason) -> Lookup:
    return Lookup(error(status, errcode), said(status, reason, "", errcode))


NO_JSON = " without the JSON that the API promises"


def promised_json(answer: Page) -> Lookup:
    return Lookup(answer, said(answer.status, Reason.BAD_RESPONSE, NO_JSON))


def not_the_api(answer: Page) -> Lookup:
    return Lookup(answer, said(answer.status, Reason.NOT_A_HOMESERVER, ", which is not the Matrix API"))


def no_room_id(text: str, detail: str) -> Lookup:
    return Lookup(page(200, {"room_id": text}), unknown(Reason.BAD_RESPONSE, detail, API))


def unrecognized(status: int) -> Page:
    return error(status, "M_UNRECOGNIZED")


ABSENT = Absent(homeserver=API)
HASH_ID = RoomId("!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM")

LOOKUPS = {
    "found": Lookup(FOUND, resolved(API)),
    "found, without servers": Lookup(page(200, {"room_id": ROOM}), resolved(API)),
    "found, a room of version 12": Lookup(
        page(200, {"room_id": HASH_ID}), Resolved(room_id=HASH_ID, homeserver=API)
    ),
    "absent": Lookup(GONE, ABSENT),
    "old server, found": Lookup(UNRECOGNIZED, resolved(API), FOUND),
    "older server, found": Lookup(unrecognized(400), resolved(API), FOUND),
    "newer server without v3, found": Lookup(unrecognized(405), resolved(API), FOUND),
    "old server, absent": Lookup(UNRECOGNIZED, ABSENT, GONE),
    "old server in trouble": Lookup(
        UNRECOGNIZED, unknown(Reason.SERVER_ERROR, f"{r0(API)} answered HTTP 502", API), html(502)
    ),
    "no directory": Lookup(
        UNRECOGNIZED,
        unknown(Reason.NOT_A_HOMESERVER, f"{r0(API)} answered HTTP 404 M_UNRECOGNIZED", API),
        UNRECOGNIZED,
    ),
    "no GET": Lookup(
        unrecognized(405),
        unknown(Reason.NOT_A_HOMESERVER, f"{r0(API)} answered HTTP 405 M_UNRECOGNIZED", API),
        unrecognized(405),
    ),
    "404 HTML": not_the_api(html(404)),
    "404 empty": not_the_api(Page(404)),
    "404 JSON without errcode": not_the_api(page(404, {"error": "Room alias not found"})),
    "404 JSON with a number for errcode": not_the_api(page(404, {"errcode": 404})),
    "404 JSON list": not_the_api(page(404, ["M_NOT_FOUND"])),
    "404 text": not_the_api(Page(404, b"M_NOT_FOUND")),
    "404 of another errcode": refused_with(404, "M_FORBIDDEN", Reason.REFUSED),
    "410 with the errcode of absence": refused_with(410, "M_NOT_FOUND", Reason.REFUSED),
    "400 with the errcode of absence": refused_with(400, "M_NOT_FOUND", Reason.REFUSED),
    "400": refused_with(400, "M_INVALID_PARAM", Reason.REFUSED),
    "401": refused_with(401, "M_MISSING_TOKEN", Reason.REFUSED),
    "403": refused_with(403, "M_FORBIDDEN", Reason.REFUSED),
    "403 HTML": Lookup(html(403), said(403, Reason.REFUSED, "")),
    "429": refused_with(429, "M_LIMIT_EXCEEDED", Reason.RATE_LIMITED),
    "429 HTML": Lookup(html(429), said(429, Reason.RATE_LIMITED, "")),
    "400 with the errcode of a limit": refused_with(400, "M_LIMIT_EXCEEDED", Reason.RATE_LIMITED),
    "500": refused_with(500, "M_UNKNOWN", Reason.SERVER_ERROR),
    "500 with the errcode of absence": refused_with(500, "M_NOT_FOUND", Reason.SERVER_ERROR),
    "502": refused_with(502, "M_UNKNOWN", Reason.SERVER_ERROR),
    "502 text": Lookup(Page(502, b"error code: 502"), said(502, Reason.SERVER_ERROR, "")),
    "503 HTML": Lookup(html(503), said(503, Reason.SERVER_ERROR, "")),
    "504 empty": Lookup(Page(504), said(504, Reason.SERVER_ERROR, "")),
    "301": Lookup(
        Page(301, location="https://example.net/"),
        said(301, Reason.BAD_RESPONSE, ", a redirect to https://example.net/"),
    ),
    "301 with an answer in its body": Lookup(
        Page(301, FOUND.body, "https://example.net/"),
        said(301, Reason.BAD_RESPONSE, ", a redirect to https://example.net/"),
    ),
    "301 HTML": Lookup(
        Page(301, html(301).body, "https://example.net/"),
        said(301, Reason.BAD_RESPONSE, ", a redirect to https://example.net/"),
    ),
    "301 without a target": promised_json(Page(301)),
    "301 to what is no URL": Lookup(redirect("https://[::1"), unknown(Reason.BAD_RESPONSE, "", API)),
    "301 to a name that no host can have": Lookup(
        redirect("https://xn--/"), unknown(Reason.BAD_RESPONSE, "", API)
    ),
    "200 HTML": not_the_api(html(200)),
    "200 empty": promised_json(Page(200)),
    "200 truncated JSON": promised_json(Page(200, FOUND.body[:-1])),
    "200 invalid UTF-8": promised_json(Page(200, b'{"room_id": "!room:example.org", "x": "\xff"}')),
    "200 JSON list": promised_json(page(200, [ROOM])),
    "200 JSON string": promised_json(page(200, ROOM)),
    "200 JSON null": promised_json(page(200, None)),
    "200 JSON nested deeply": promised_json(Page(200, b'{"room_id":' * 20_000)),
    "200 a number too long": promised_json(Page(200, b'{"room_id": ' + b"9" * 10_000 + b"}")),
    "200 without room_id": promised_json(page(200, {"servers": ["example.org"]})),
    "200 room_id a number": promised_json(page(200, {"room_id": 12})),
    "200 room_id null": promised_json(page(200, {"room_id": None})),
    "200 room_id a list": promised_json(page(200, {"room_id": [ROOM]})),
    "204": promised_json(Page(204)),
    "201 with an answer in its body": promised_json(Page(201, FOUND.body)),
    "room_id is none": no_room_id("not a room id", "'not a room id' is not a room ID"),
    "room_id an alias": no_room_id(ALIAS, f"'{ALIAS}' is not a room ID"),
    "room_id empty": no_room_id("", "'' is not a room ID"),
    "room_id a sigil": no_room_id("!", "'!' is not a room ID"),
    "room_id with a wrong server": no_room_id("!room:exa mple", "'exa mple' is not a server name"),
    "room_id with an escape sequence": no_room_id("!\x1b[2J:example.org", r"'!\x1b[2J:example.org'"),
    "room_id with half a surrogate pair": no_room_id("!\ud800:example.org", r"'!\ud800:example.org'"),
    "room_id too long": no_room_id("!" + "r" * 255, "is longer than 255 bytes"),
}


@pytest.mark.parametrize("lookup", LOOKUPS.values(), ids=LOOKUPS)
def test_a_directory_answer_is_taken_for_what_it_proves(lookup: Lookup) -> None:
    pages = {v3(API): lookup.directory}
    if lookup.old_directory is not None:
        pages[r0(API)] = lookup.old_directory
    web = Web(pages)
    assert_answer(the_answer(httpx.MockTransport(web), {SERVER: API}), lookup.expected)
    # Neither .well-known nor /versions is among them: the API's place was given.
    confirmations = 2 if isinstance(lookup.expected, Absent) else 1
    assert web.asked == list(pages) * confirmations


class Flood(httpx.AsyncByteStream):
    """A body without an end."""

    def __init__(self, chunk: bytes) -> None:
        self.chunk = chunk
        self.sent = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.sent += len(self.chunk)
            yield self.chunk


@pytest.mark.parametrize(
    ("homeservers", "limit", "detail", "homeserver"),
    [
        ({SERVER: API}, 512 * 1024, f"{v3(API)} answered more than 262144 bytes", API),
        ({}, 64 * 1024, f"{versions(API)} answered more than 65536 bytes", None),
    ],
    ids=["directory", "versions"],
)
def test_a_body_without_an_end_is_read_up_to_the_limit(
    homeservers: Mapping[ServerName, str], limit: int, detail: str, homeserver: str | None
) -> None:
    web = Web({WELL_KNOWN: delegation(API)})
    flood = Flood(b" " * 10_000)

    def handler(request: httpx.Request) -> httpx.Response:
        if str(request.url) == WELL_KNOWN or BESIDE.search(request.url.path):
            return web(request)
        return httpx.Response(200, stream=flood)

    answer = the_answer(httpx.MockTransport(handler), homeservers)
    assert_answer(answer, unknown(Reason.BAD_RESPONSE, detail, homeserver))
    assert limit < flood.sent <= limit + len(flood.chunk)


NAMES = [f"matrix-{number}.example.org" for number in range(20_000)]
LITERALS = [f"[2001:db8::{number:x}]:8448" for number in range(20_000)]
LONG = {
    "20,000 servers": (page(200, {"room_id": ROOM, "servers": NAMES}), resolved(API)),
    "the servers first": (page(200, {"servers": NAMES, "room_id": ROOM}), resolved(API)),
    "lines of their own": (
        Page(200, json.dumps({"servers": NAMES, "room_id": ROOM}, indent=2).encode()),
        resolved(API),
    ),
    "IPv6 addresses": (page(200, {"room_id": ROOM, "servers": LITERALS}), resolved(API)),
    "a few IPv6 addresses and many brackets": (
        page(200, {"room_id": ROOM, "servers": ["[::1]"], "more": "[{" * 20_000}),
        resolved(API),
    ),
    "text that looks like the answer": (
        page(
            200, {"servers": [f'", "room_id": "!other:{name}", "' for name in NAMES[:5000]], "room_id": ROOM}
        ),
        resolved(API),
    ),
    **{
        f"20,000 servers, and {kind}": (Page(200, body), said(200, Reason.BAD_RESPONSE, NO_JSON))
        for kind, body in {
            "no end": page(200, {"room_id": ROOM, "servers": NAMES}).body[:-2],
            "no list": page(200, {"room_id": ROOM, "servers": NAMES})
            .body.replace(b"[", b"")
            .replace(b"]", b""),
            "one of them is no JSON": page(200, {"room_id": ROOM, "servers": NAMES}).body.replace(
                NAMES[7_000].encode(), rb"\q"
            ),
            "one of them is not UTF-8": page(200, {"room_id": ROOM, "servers": NAMES}).body.replace(
                NAMES[7_000].encode(), b"\xff"
            ),
        }.items()
    },
    "an object for each server": (
        page(200, {"room_id": ROOM, "servers": [{"name": name} for name in NAMES]}),
        unknown(Reason.BAD_RESPONSE, f"{v3(API)} answered more than 262144 bytes", API),
    ),
    "text without an end": (
        Page(200, b'["' + rb"\"" * 1_000_000),
        unknown(Reason.BAD_RESPONSE, f"{v3(API)} answered more than 262144 bytes", API),
    ),
    "names without an end": (
        Page(200, b'{"servers": [' + b'"%b", ' % (b"x" * 250) * 140_000),
        unknown(Reason.BAD_RESPONSE, f"{v3(API)} answered more than 33554432 bytes", API),
    ),
}


@pytest.mark.parametrize(("directory", "expected"), LONG.values(), ids=LONG)
def test_of_a_long_answer_all_but_the_names_of_servers_counts(directory: Page, expected: Answer) -> None:
    web = Web({v3(API): directory})
    assert_answer(the_answer(httpx.MockTransport(web), {SERVER: API}), expected)


@pytest.mark.parametrize("given", [API, f"{API}/", f"{API}/synapse/"])
def test_a_given_homeserver_is_asked_in_place_of_discovery(given: str) -> None:
    base_url = given.rstrip("/")
    web = Web({v3(base_url): FOUND})
    assert_answer(the_answer(httpx.MockTransport(web), {SERVER: given}), resolved(base_url))


def test_a_homeserver_is_given_for_its_own_name_alone() -> None:
    web = Web({WELL_KNOWN: NO_FILE, **api(NAME)})
    answer = the_answer(httpx.MockTransport(web), {ServerName("example.net"): API})
    assert_answer(answer, resolved(NAME))


@pytest.mark.parametrize(
    ("alias", "encoded"),
    [
        ("#a/b?c%d é:example.org", b"%23a%2Fb%3Fc%25d%20%C3%A9%3Aexample.org"),
        ("##irc&x=+;@:example.org", b"%23%23irc%26x%3D%2B%3B%40%3Aexample.org"),
        ("#..:example.org", b"%23..%3Aexample.org"),
        ("#:example.org", b"%23%3Aexample.org"),
    ],
)
def test_an_alias_is_one_segment_of_the_path_percent_encoded_whole(alias: str, encoded: bytes) -> None:
    asked: list[bytes] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if BESIDE.search(request.url.path):
            return UNRECOGNIZED.response()
        asked.append(request.url.raw_path)
        return GONE.response()

    answer = the_answer(httpx.MockTransport(handler), {SERVER: API}, RoomAlias(alias))
    assert_answer(answer, ABSENT, RoomAlias(alias))
    assert asked == [b"/_matrix/client/v3/directory/room/" + encoded] * 2


def test_each_request_names_this_program_and_carries_no_credentials() -> None:
    pages = {
        # Credentials in a redirect would go out as a header of ours.
        WELL_KNOWN: redirect("https://user:word@www.example.org/client.json"),
        "https://www.example.org/client.json": delegation(API),
        "https://user:word@www.example.org/client.json": delegation(API),
        versions(NAME): VERSIONS,
        v3(NAME): FOUND,
        **api(API),
    }
    web = Web(pages)
    assert isinstance(the_answer(httpx.MockTransport(web), {}), Resolved)
    assert len(web.requests) >= 3
    for request in web.requests:
        assert request.method == "GET"
        assert request.headers["User-Agent"].startswith("stashmatrix/")
        assert "Authorization" not in request.headers
        assert "Cookie" not in request.headers


def test_an_alias_is_asked_once_however_often_it_is_given() -> None:
    web = Web({WELL_KNOWN: NO_FILE, **api(NAME)})
    answers = look_up([ALIAS] * 5, httpx.MockTransport(web), {})
    assert answers == [(ALIAS, resolved(NAME))]
    assert web.asked == [WELL_KNOWN, *api(NAME)]


def test_a_server_is_looked_for_once_however_many_aliases_it_has() -> None:
    aliases = [RoomAlias(f"#{number}:example.org") for number in range(30)]
    paths = {v3(NAME, f"directory/room/%23{number}%3Aexample.org"): FOUND for number in range(30)}
    web = Web({WELL_KNOWN: NO_FILE, versions(NAME): VERSIONS, **paths})
    assert dict(look_up(aliases, httpx.MockTransport(web), {})) == dict.fromkeys(aliases, resolved(NAME))
    assert web.asked[:2] == [WELL_KNOWN, versions(NAME)]
    assert sorted(web.asked[2:]) == sorted(paths)


def test_each_alias_of_a_server_that_is_not_found_gets_its_own_answer() -> None:
    aliases = [RoomAlias(f"#{number}:example.org") for number in range(30)]
    web = Web({WELL_KNOWN: NO_FILE, versions(NAME): html(404)})
    answers = look_up(aliases, httpx.MockTransport(web), {})
    assert [alias for alias, _ in answers] == aliases
    for alias, answer in answers:
        assert_answer(answer, unknown(Reason.NOT_A_HOMESERVER, versions(NAME)), alias)


def test_no_aliases_ask_for_nothing() -> None:
    assert look_up([], httpx.MockTransport(Web({})), {}) == []


@pytest.mark.parametrize("names", [1, 3], ids=["one server", "three servers at one host"])
def test_a_host_is_asked_four_things_at_a_time(names: int) -> None:
    under_way = most = 0

    async def handler(_: httpx.Request) -> httpx.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        for _turn in range(20):
            await asyncio.sleep(0)
        under_way -= 1
        return FOUND.response()

    servers = [ServerName(f"{number}.example.org") for number in range(names)]
    aliases = [RoomAlias(f"#{number}:{server}") for number in range(12) for server in servers]
    answers = look_up(aliases, httpx.MockTransport(handler), dict.fromkeys(servers, API))
    assert dict(answers) == dict.fromkeys(aliases, resolved(API))
    assert most == Limits().per_host == 4
