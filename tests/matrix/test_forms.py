"""Every form of a link in the wild: what it means, and when it opens nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stashmatrix.matrix.forms import DefectKind, Form, Reading, read
from stashmatrix.matrix.identifiers import EventId, RoomAlias, RoomId, ServerName, UserId
from stashmatrix.matrix.links import Link, element_url, matrix_to_url, matrix_uri, parse_link
from tests.support.identifiers import ALIASES, ANY_TEXT, EVENT_IDS, ROOM_IDS, SERVER_NAMES, USER_IDS

ALIAS = Link(RoomAlias("#name:example.org"))
USER = Link(UserId("@alice:example.org"))
HASH = "31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM"
URL = "https://matrix.to/#/#name:example.org"
URI = "matrix:r/name:example.org"
SEVERAL = (ServerName("a.org"), ServerName("b.org"))


def alias(text: str) -> Link:
    return Link(RoomAlias(text))


def room(text: str, *via: ServerName, event: str | None = None) -> Link:
    return Link(RoomId(text), None if event is None else EventId(event), via)


@pytest.mark.parametrize(
    ("address", "form", "link"),
    [
        # matrix.to, as the specification has it and as people write it
        (URL, Form.MATRIX_TO, ALIAS),
        ("https://matrix.to/#/%23name:example.org", Form.MATRIX_TO, ALIAS),
        ("https://matrix.to/#/%23name%3Aexample.org", Form.MATRIX_TO, ALIAS),
        ("http://matrix.to/#/#name:example.org", Form.MATRIX_TO, ALIAS),
        ("HTTPS://Matrix.To/#/#name:example.org", Form.MATRIX_TO, ALIAS),
        ("https://www.matrix.to/#/#name:example.org", Form.MATRIX_TO, ALIAS),
        ("matrix.to/#/#name:example.org", Form.MATRIX_TO, ALIAS),
        ("//matrix.to/#/#name:example.org", Form.MATRIX_TO, ALIAS),
        ("https://matrix.to:/#/#name:example.org", Form.MATRIX_TO, ALIAS),
        ("https://matrix.to:443/#/#name:example.org", Form.MATRIX_TO, ALIAS),
        ("https://matrix.to#/#name:example.org", Form.MATRIX_TO, ALIAS),
        ("https://matrix.to//#/#name:example.org", Form.MATRIX_TO, ALIAS),
        ("https://matrix.to/?client=x#/#name:example.org", Form.MATRIX_TO, ALIAS),
        ("https://matrix.to/#/#name:example.org/", Form.MATRIX_TO, ALIAS),
        ("https://matrix.to/#/#name:example.org?web-instance[element.io]=a.org", Form.MATRIX_TO, ALIAS),
        ("https://matrix.to/#/##name:example.org", Form.MATRIX_TO, alias("##name:example.org")),
        ("https://matrix.to/#/@alice:example.org", Form.MATRIX_TO, USER),
        (f"https://matrix.to/#/!{HASH}?via=a.org&via=b.org", Form.MATRIX_TO, room(f"!{HASH}", *SEVERAL)),
        ("https://matrix.to/#/!a:b.org/$e/f", Form.MATRIX_TO, room("!a:b.org", event="$e/f")),
        # faults that matrix.to overlooks
        (f"https://matrix.to/#/!{HASH}?via=a.org?via=b.org", Form.MATRIX_TO, room(f"!{HASH}", *SEVERAL)),
        ("https://matrix.to/#/!a:b.org/event", Form.MATRIX_TO, room("!a:b.org", event="$event")),
        ("https://matrix.to/#/!a:b.org/$", Form.MATRIX_TO, room("!a:b.org")),
        ("https://matrix.to/#/@alice:example.org/$event", Form.MATRIX_TO, USER),
        ("https://matrix.to/#%2F%23name%3Aexample.org", Form.MATRIX_TO, ALIAS),
        ("https://matrix.to/#/%21a%3Ab.org%2F%24e", Form.MATRIX_TO, room("!a:b.org", event="$e")),
        ("https://matrix.to/#/!a:b.org%3Fvia=a.org&via=b.org", Form.MATRIX_TO, room("!a:b.org", *SEVERAL)),
        # the URI scheme
        (URI, Form.MATRIX_URI, ALIAS),
        ("MATRIX:r/name:example.org", Form.MATRIX_URI, ALIAS),
        ("web+matrix:r/name:example.org", Form.MATRIX_URI, ALIAS),
        ("matrix:r/name:example.org/", Form.MATRIX_URI, ALIAS),
        ("matrix:r/%23name:example.org", Form.MATRIX_URI, alias("##name:example.org")),
        ("matrix:u/alice:example.org", Form.MATRIX_URI, USER),
        ("matrix:u/@alice:example.org", Form.MATRIX_URI, Link(UserId("@@alice:example.org"))),
        (f"matrix:roomid/{HASH}?via=a.org&via=b.org", Form.MATRIX_URI, room(f"!{HASH}", *SEVERAL)),
        ("matrix:roomid/a:b.org/e/f?via=a.org", Form.MATRIX_URI, room("!a:b.org", SEVERAL[0], event="$f")),
        # web clients on any host
        ("https://app.element.io/#/room/#name:example.org", Form.WEB_CLIENT, ALIAS),
        ("https://chat.example.org/riot/#/room/%23name%3Aexample.org", Form.WEB_CLIENT, ALIAS),
        # An alias may have slashes, and an event follows its server only.
        (
            "https://app.element.io/#/room/#a/b:example.org/$e",
            Form.WEB_CLIENT,
            Link(RoomAlias("#a/b:example.org"), EventId("$e")),
        ),
        ("https://riot.im/app/#/user/@alice:example.org", Form.WEB_CLIENT, USER),
        (
            f"https://develop.element.io/#/room/!{HASH}?via=a.org&via=b.org",
            Form.WEB_CLIENT,
            room(f"!{HASH}", *SEVERAL),
        ),
        (
            "https://app.element.io/#/room/!a:b.org/$e?via=a.org",
            Form.WEB_CLIENT,
            room("!a:b.org", SEVERAL[0], event="$e"),
        ),
        ("https://app.cinny.in/#/home/%23name:example.org", Form.WEB_CLIENT, ALIAS),
        ("https://app.cinny.in/home/%23name%3Aexample.org/", Form.WEB_CLIENT, ALIAS),
        ("https://hydrogen.element.io/#/session/1/room/!a:b.org", Form.WEB_CLIENT, room("!a:b.org")),
        ("https://fluffychat.im/web/#/rooms/!a:b.org", Form.WEB_CLIENT, room("!a:b.org")),
        ("https://a.example/#/room/%2523name:example.org", Form.WEB_CLIENT, ALIAS),
        # badges and identifiers
        ("https://img.shields.io/matrix/name:example.org", Form.BADGE, ALIAS),
        ("https://img.shields.io/matrix/name%3Aexample.org.svg?label=chat", Form.BADGE, ALIAS),
        ("https://img.shields.io/matrix/%23name:example.org", Form.BADGE, ALIAS),
        ("https://img.shields.io/matrix/!a:b.org", Form.BADGE, room("!a:b.org")),
        ("#name:example.org", Form.IDENTIFIER, ALIAS),
        ("!a:b.org", Form.IDENTIFIER, room("!a:b.org")),
        ("@alice:example.org", Form.IDENTIFIER, USER),
    ],
)
def test_a_link_that_opens_is_read_without_defect(address: str, form: Form, link: Link) -> None:
    reading = read(address)
    assert reading is not None
    assert reading._replace(host=None) == Reading(form, link)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://Riot.IM/app/#/room/#name:example.org", "riot.im"),
        ("https://chat.example.org:8443/#/room/#name:example.org", "chat.example.org:8443"),
        ("https://app.cinny.in/home/%23name%3Aexample.org/", "app.cinny.in"),
        (URL, None),
    ],
)
def test_a_web_client_has_its_host(address: str, host: str | None) -> None:
    reading = read(address)
    assert reading is not None
    assert reading.host == host


@pytest.mark.parametrize(
    ("address", "message", "repaired"),
    [
        ("https://matrix.to/#name:example.org", "does not begin with https://matrix.to/#/", URL),
        ("https://matrix.to/##name:example.org", "does not begin with", URL),
        ("https://matrix.to/%23/%23name:example.org", "does not begin with", URL),
        ("https://matrix.to/%23/#name:example.org", "does not begin with", URL),
        ("https://matrix.to/#//#name:example.org", "does not begin with", URL),
        ("https://matrix.to/#/room/#name:example.org", "'room/' is a part of web clients' URLs", URL),
        ("https://matrix.to/#/room/%23name:example.org", "'room/' is a part of web clients' URLs", URL),
        ("https://matrix.to/#/%2523name:example.org", "percent-encoded twice", URL),
        ("https://matrix.to/#/name:example.org", "does not begin with #, ! or @", URL),
        (
            "https://matrix.to/@alice:example.org",
            "does not begin with",
            "https://matrix.to/#/@alice:example.org",
        ),
        ("https://matrix.to/#/#room", "names no server", None),
        (
            "https://matrix.to/#/#100%:example.org",
            "not followed by two hexadecimal digits",
            "https://matrix.to/#/%23100%25:example.org",
        ),
        ("https://matrix.to/#/#name:example.org?via=%zz", "not followed by two hexadecimal digits", URL),
        ("https://matrix.to/#/%23%FF:example.org", "does not decode to UTF-8", None),
        ("https://matrix.to/#/#name", "names no server", None),
        ("https://matrix.to/#/$event:example.org", "names no room", None),
        ("https://matrix.to/#/name", "names no room", None),
        ("matrix:r/#name:example.org", "written without #, ! or @", URI),
        ("matrix:#name:example.org", "expected type/id", URI),
        ("matrix:r/name:example.org/e", "expected type/id or type/id/e/event", URI),
        ("matrix:roomid/!a:b.org?via=a.org", "written without #, ! or @", "matrix:roomid/a:b.org?via=a.org"),
        ("matrix:r/name", "names no server", None),
    ],
)
def test_a_link_that_opens_nothing_is_malformed(address: str, message: str, repaired: str | None) -> None:
    reading = read(address)
    assert reading is not None
    assert reading.defect is not None
    assert reading.defect.kind is DefectKind.MALFORMED_LINK
    assert message in reading.defect.message
    assert reading.defect.repaired == repaired


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://matrix.to/#/#name:exa_mple.org", DefectKind.MALFORMED_ALIAS),
        ("https://matrix.to/#/@alice:example.org:99999", DefectKind.MALFORMED_ALIAS),
        ("https://app.element.io/#/room/#name:exa_mple.org", DefectKind.MALFORMED_ALIAS),
        ("https://matrix.to/#/", DefectKind.EMPTY_TARGET),
        ("https://matrix.to/#/#", DefectKind.EMPTY_TARGET),
        ("https://matrix.to/#", DefectKind.EMPTY_TARGET),
        ("https://matrix.to/#/?via=example.org", DefectKind.EMPTY_TARGET),
        ("https://matrix.to/!!/x", DefectKind.EMPTY_TARGET),
        ("https://matrix.to/#/%21%21", DefectKind.EMPTY_TARGET),
        ("", DefectKind.EMPTY_TARGET),
        ("#", DefectKind.EMPTY_TARGET),
        ("https://matrix.to/#/+group:example.org", DefectKind.GROUP_LINK),
        ("https://matrix.to/#/%2Bgroup:example.org", DefectKind.GROUP_LINK),
        ("https://matrix.to/#/group/+group:example.org", DefectKind.GROUP_LINK),
        ("https://riot.im/app/#/group/+group:example.org", DefectKind.GROUP_LINK),
        ("matrix:group/group:example.org", DefectKind.GROUP_LINK),
    ],
)
def test_a_link_to_what_is_no_room_has_no_meaning(address: str, kind: DefectKind) -> None:
    reading = read(address)
    assert reading is not None
    assert reading.defect is not None
    assert (reading.link, reading.defect.kind, reading.defect.repaired) == (None, kind, None)


@pytest.mark.parametrize(
    "address",
    [
        "https://matrix.to",
        "https://matrix.to/",
        "https://matrix.to/robots.txt",
        "https://matrix.to/#/@id",
        "https://matrix.to/#/room/event",
        "https://matrix.to/#/someroom/someevent",
        "https://matrix.to/#/!roomId/$event_id?via=example.org",
        "https://example.org/#/about",
        "https://example.org/#/docs/@scope:thing_x",
        "https://example.org/#/docs/#100:50_x",
        "https://example.org/#/docs/#section/part:example.org",
        "https://app.element.io/#/room/#section/part",
        "https://example.org/#name:example.org",
        "https://example.org/name:example.org",
        "https://view.matrix.org/room/!a:b.org/",
        "https://img.shields.io/matrix/name",
        "https://img.shields.io/badge/matrix-%23name:example.org-green",
        "matrix: r/name",
        "matrix:os/version",
        "matrix:user/project",
        "#section",
        "#name:",
        "@scope/package",
        "!important",
        "mailto:alice@example.org",
    ],
)
def test_what_leads_nowhere_in_matrix_has_no_reading(address: str) -> None:
    assert read(address) is None


BEGINNINGS = [
    "",
    "#",
    "https://matrix.to/",
    "https://matrix.to/#/",
    "https://matrix.to/#/#",
    "https://matrix.to/%23/",
    "matrix:",
    "matrix:r/",
    "https://app.element.io/#/room/",
    "https://app.cinny.in/",
    "https://img.shields.io/matrix/",
]


@pytest.mark.parametrize("beginning", BEGINNINGS)
@given(rest=ANY_TEXT | st.text("#!@$+%/?&=:.235aAvior[]\t\x00"))
def test_any_text_is_read_and_a_repaired_link_means_the_same_without_defect(
    beginning: str, rest: str
) -> None:
    reading = read(beginning + rest)
    if reading is None or reading.defect is None or reading.defect.repaired is None:
        return
    again = read(reading.defect.repaired)
    assert again is not None
    assert (again.defect, again.link) == (None, reading.link)


_VIA = st.lists(SERVER_NAMES.map(ServerName), max_size=3).map(tuple)
_ROOMS = ALIASES.map(RoomAlias) | ROOM_IDS.filter(lambda text: not text.startswith("!!")).map(RoomId)
_ROOM_LINKS = st.builds(Link, _ROOMS, st.none() | EVENT_IDS.map(EventId), _VIA, st.none())
_USER_LINKS = st.builds(Link, USER_IDS.map(UserId), st.none(), _VIA, st.none())


@given(_ROOM_LINKS | _USER_LINKS)
def test_a_link_that_is_written_by_the_rules_has_no_defect(link: Link) -> None:
    assert read(matrix_to_url(link)) == Reading(Form.MATRIX_TO, link)
    assert read(matrix_uri(link)) == Reading(Form.MATRIX_URI, parse_link(matrix_uri(link)))
    assert read(element_url(link)) == Reading(Form.WEB_CLIENT, link, host="app.element.io")
