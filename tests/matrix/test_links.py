"""Links to rooms and users, read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stashmatrix.errors import IdentifierError
from stashmatrix.matrix.identifiers import EventId, RoomAlias, RoomId, ServerName, UserId
from stashmatrix.matrix.links import (
    Action,
    Client,
    Link,
    client_url,
    element_url,
    matrix_to_url,
    matrix_uri,
    parse_link,
)
from tests.support.identifiers import ALIASES, ANY_TEXT, EVENT_IDS, ROOM_IDS, SERVER_NAMES, USER_IDS

ALIAS = Link(target=RoomAlias("#name:example.org"))
USER = Link(target=UserId("@alice:example.org"))
SIGILS = r"does not start with # \(alias\), ! \(room ID\) or @ \(user ID\)"
HASH = "31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM"


def alias(text: str) -> Link:
    return Link(target=RoomAlias(text))


def room(text: str, *via: str, event: str | None = None, action: Action | None = None) -> Link:
    return Link(
        target=RoomId(text),
        event_id=None if event is None else EventId(event),
        via=tuple(ServerName(name) for name in via),
        action=action,
    )


@pytest.mark.parametrize(
    ("text", "link"),
    [
        # encoded
        ("https://matrix.to/#/%23name:example.org", ALIAS),
        ("https://matrix.to/#/%23name%3Aexample.org", ALIAS),
        ("https://matrix.to/#/%23%6e%61me:example.org", ALIAS),
        ("https://matrix.to/#/%40alice%3Aexample.org", USER),
        ("https://matrix.to/#/%21a%3Aexample.org", room("!a:example.org")),
        ("https://matrix.to/#/%23caf%C3%A9:example.org", alias("#caf\u00e9:example.org")),
        ("https://matrix.to/#/%23a:%5B::1%5D:8448", alias("#a:[::1]:8448")),
        # historic, raw
        ("https://matrix.to/#/#name:example.org", ALIAS),
        ("https://matrix.to/#/##name:example.org", alias("##name:example.org")),
        ("https://matrix.to/#/#caf\u00e9:example.org", alias("#caf\u00e9:example.org")),
        ("https://matrix.to/#/#a b:example.org", alias("#a b:example.org")),
        ("https://matrix.to/#/@alice:example.org", USER),
        (f"https://matrix.to/#/!{HASH}", room(f"!{HASH}")),
        # other ways to write the beginning
        ("http://matrix.to/#/#name:example.org", ALIAS),
        ("HTTPS://Matrix.To/#/#name:example.org", ALIAS),
        ("https://matrix.to:/#/#name:example.org", ALIAS),
        # split first, decoded once
        ("https://matrix.to/#/%23a%2Fb%3Fc%23d:example.org", alias("#a/b?c#d:example.org")),
        ("https://matrix.to/#/%23a%2523b:example.org", alias("#a%23b:example.org")),
        ("https://matrix.to/#/#a+b:example.org", alias("#a+b:example.org")),
        # events
        ("https://matrix.to/#/!a:b.org/$e:b.org", room("!a:b.org", event="$e:b.org")),
        ("https://matrix.to/#/!a:b.org/%24e%2Ff%2Bg", room("!a:b.org", event="$e/f+g")),
        ("https://matrix.to/#/!a:b.org/$e/f/g?via=c.org", room("!a:b.org", "c.org", event="$e/f/g")),
        ("https://matrix.to/#/!a:b.org/", room("!a:b.org")),
        # queries
        (f"https://matrix.to/#/!{HASH}?via=b.org&via=a.org:8448", room(f"!{HASH}", "b.org", "a.org:8448")),
        (f"https://matrix.to/#/!{HASH}?via=%5B%3A%3A1%5D%3A80", room(f"!{HASH}", "[::1]:80")),
        (f"https://matrix.to/#/!{HASH}?via=no_name&via=a.org&via=%zz&via=", room(f"!{HASH}", "a.org")),
        ("https://matrix.to/#/#name:example.org?client=element.io", ALIAS),
        ("https://matrix.to/#/#name:example.org?web-instance[element.io]=chat.example.org", ALIAS),
        ("https://matrix.to/#/#name:example.org?action=join", ALIAS),
        ("https://matrix.to/#/#name:example.org?", ALIAS),
    ],
)
def test_a_matrix_to_link_is_read(text: str, link: Link) -> None:
    assert parse_link(text) == link


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("matrix:r/name:example.org", ALIAS),
        ("matrix:room/name:example.org", ALIAS),
        ("matrix:u/alice:example.org", USER),
        ("matrix:user/alice:example.org", USER),
        ("matrix:roomid/a:example.org", room("!a:example.org")),
        (f"matrix:roomid/{HASH}", room(f"!{HASH}")),
        ("matrix:roomid/a:b.org/e/f", room("!a:b.org", event="$f")),
        ("matrix:roomid/a:b.org/event/f%2Fg", room("!a:b.org", event="$f/g")),
        ("matrix:r/name:example.org/e/f", Link(target=ALIAS.target, event_id=EventId("$f"))),
        # kept sigils are part of the name, except raw
        ("matrix:r/%23name:example.org", alias("##name:example.org")),
        # split first, decoded once
        ("matrix:r/a%2Fb%3Fc%23d:example.org", alias("#a/b?c#d:example.org")),
        ("matrix:r/a%2523b:example.org", alias("#a%23b:example.org")),
        ("matrix:r/caf%C3%A9:example.org", alias("#caf\u00e9:example.org")),
        # scheme, authority, fragment
        ("MATRIX:r/name:example.org", ALIAS),
        ("matrix://some.authority/r/name:example.org", ALIAS),
        ("matrix:///r/name:example.org", ALIAS),
        ("matrix:r/name:example.org#fragment", ALIAS),
        # queries
        (
            "matrix:roomid/a:b.org/e/f?via=c.org&action=join&via=d.org",
            room("!a:b.org", "c.org", "d.org", event="$f", action=Action.JOIN),
        ),
        ("matrix:r/name:example.org?action=join", Link(target=ALIAS.target, action=Action.JOIN)),
        ("matrix:u/alice:example.org?action=chat", Link(target=USER.target, action=Action.CHAT)),
        ("matrix:u/alice:example.org?action=join", USER),
        ("matrix:r/name:example.org?action=chat", ALIAS),
        ("matrix:r/name:example.org?action=chat&action=join", Link(target=ALIAS.target, action=Action.JOIN)),
        ("matrix:r/name:example.org?action=join&action=chat", ALIAS),
        ("matrix:r/name:example.org?action=fly&org.example.key=value", ALIAS),
        ("matrix:roomid/a?via=no_name&via=c.org", room("!a", "c.org")),
    ],
)
def test_a_matrix_uri_is_read(text: str, link: Link) -> None:
    assert parse_link(text) == link


@pytest.mark.parametrize(
    ("text", "message"),
    [
        # neither form
        ("", "neither a matrix.to link nor a matrix: URI"),
        ("#name:example.org", "neither"),
        ("https://example.org/#/#name:example.org", "neither"),
        ("https://matrix.to.example.org/#/#name:example.org", "neither"),
        ("https://user@matrix.to/#/#name:example.org", "neither"),
        ("matrix.to/#/#name:example.org", "neither"),
        ("https://www.matrix.to/#/#name:example.org", "neither"),
        ("https://matrix.to/#name:example.org", "neither"),
        ("https://matrix.to/%23/%23name:example.org", "neither"),
        ("ftp://matrix.to/#/#name:example.org", "neither"),
        (" https://matrix.to/#/#name:example.org", "neither"),
        ("see matrix:r/name:example.org", "neither"),
        # matrix.to
        ("https://matrix.to/#/", "names no room"),
        ("https://matrix.to/#/?via=example.org", "names no room"),
        ("https://matrix.to/#/name:example.org", SIGILS),
        ("https://matrix.to/#/room/#name:example.org", SIGILS),
        ("https://matrix.to/#/$event", SIGILS),
        ("https://matrix.to/#/%2523name:example.org", SIGILS),
        ("https://matrix.to/#/+group:example.org", "is a group, which Matrix no longer has"),
        ("https://matrix.to/#/%2Bgroup:example.org", "is a group, which Matrix no longer has"),
        ("https://matrix.to/#/%zz", "contains a % without two hexadecimal digits after it"),
        ("https://matrix.to/#/%23name:example.org%", "contains a % without two hexadecimal digits after it"),
        ("https://matrix.to/#/%23%FF:example.org", "does not decode to UTF-8"),
        ("https://matrix.to/#/%23%ED%A0%80:example.org", "does not decode to UTF-8"),
        ("https://matrix.to/#/@alice:example.org/$event", "is a user, and only rooms have events"),
        # matrix:
        ("matrix:", "expected type/id or type/id/e/event after matrix:, got ''"),
        ("matrix:r", "expected type/id or type/id/e/event after matrix:, got 'r'"),
        ("matrix:/r/name:example.org", "expected type/id or type/id/e/event"),
        ("matrix:r/name:example.org/", "expected type/id or type/id/e/event"),
        ("matrix:r/name:example.org/e", "expected type/id or type/id/e/event"),
        ("matrix:roomid/a/e/f/", "expected type/id or type/id/e/event"),
        ("matrix:roomid/a/x/f", "expected type/id/e/event after matrix:, got 'roomid/a/x/f'"),
        ("matrix:u/alice:example.org/e/f", "expected type/id/e/event"),
        ("matrix:r/", "the matrix: URI has no identifier"),
        ("matrix:r/#name:example.org", "the matrix: URI has no identifier"),
        ("matrix:R/name:example.org", r"unknown matrix: type 'R' \(allowed: r, roomid, u\)"),
        ("matrix:e/event", "unknown matrix: type 'e'"),
        ("matrix:group/name:example.org", "unknown matrix: type 'group'"),
        ("matrix:r/%na:example.org", "contains a % without two hexadecimal digits after it"),
        ("matrix:r/%80:example.org", "does not decode to UTF-8"),
    ],
)
def test_a_malformed_link_is_refused_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(IdentifierError, match=message):
        parse_link(text)


@pytest.mark.parametrize(
    ("text", "kind", "identifier"),
    [
        ("https://matrix.to/#/#name", RoomAlias, "#name"),
        ("https://matrix.to/#/#a/b:example.org", RoomAlias, "#a"),
        ("https://matrix.to/#/#a?b:example.org", RoomAlias, "#a"),
        ("https://matrix.to/#/#name:example.org)", RoomAlias, "#name:example.org)"),
        ("https://matrix.to/#/#name:example.org ", RoomAlias, "#name:example.org "),
        ("https://matrix.to/#/%23a%0Ab:example.org", RoomAlias, "#a\nb:example.org"),
        ("https://matrix.to/#/#" + "a" * 300 + ":b.org", RoomAlias, "#" + "a" * 300 + ":b.org"),
        ("https://matrix.to/#/%23" + "%C3%A9" * 130 + ":b.org", RoomAlias, "#" + "\u00e9" * 130 + ":b.org"),
        ("https://matrix.to/#/!a:example.org/event", EventId, "event"),
        ("https://matrix.to/#/!a:example.org/$", EventId, "$"),
        ("matrix:roomid/a/e/", EventId, "$"),
        ("matrix:r/name", RoomAlias, "#name"),
        ("matrix:r/a%00:example.org", RoomAlias, "#a\x00:example.org"),
    ],
)
def test_a_link_to_no_identifier_is_refused_as_that_is(
    text: str, kind: type[RoomAlias | EventId], identifier: str
) -> None:
    with pytest.raises(IdentifierError) as expected:
        kind(identifier)
    with pytest.raises(IdentifierError) as caught:
        parse_link(text)
    assert caught.value.message == expected.value.message


@pytest.mark.parametrize(
    "text",
    [
        "https://matrix.to/#/#na\tme:example.org",
        "https://matrix.to/#/#name:example.org\n",
        "https://matrix.to/#/#name:example.org?client=a\nb",
        "matrix:r/name:example.org#\x1b[2J",
        "matrix:r/name:example.org\r",
    ],
)
def test_a_link_with_a_raw_control_character_anywhere_is_refused(text: str) -> None:
    with pytest.raises(IdentifierError):
        parse_link(text)


ODD = alias("#a b/c?d%e\u00e9:example.org")
PERMALINK = room("!a:b.org", "c.org", "[::1]:80", event="$e/f+g")


@pytest.mark.parametrize(
    ("link", "url"),
    [
        # A plain name stays raw, as matrix.to itself and Element write it.
        (alias("#stash-help:unredacted.org"), "https://matrix.to/#/#stash-help:unredacted.org"),
        (alias("#A_b.c~1:example.org:8448"), "https://matrix.to/#/#A_b.c~1:example.org:8448"),
        (alias("##name:example.org"), "https://matrix.to/#/%23%23name:example.org"),
        (alias("#a:[::1]:80"), "https://matrix.to/#/%23a:%5B::1%5D:80"),
        (ODD, "https://matrix.to/#/%23a%20b%2Fc%3Fd%25e%C3%A9:example.org"),
        (USER, "https://matrix.to/#/@alice:example.org"),
        (Link(target=USER.target, action=Action.CHAT), "https://matrix.to/#/@alice:example.org"),
        (room(f"!{HASH}", "b.org", "a.org"), f"https://matrix.to/#/!{HASH}?via=b.org&via=a.org"),
        (PERMALINK, "https://matrix.to/#/!a:b.org/$e%2Ff%2Bg?via=c.org&via=%5B::1%5D:80"),
    ],
)
def test_a_matrix_to_url_is_raw_where_plain_and_else_encoded_whole(link: Link, url: str) -> None:
    assert matrix_to_url(link) == url


@pytest.mark.parametrize(
    ("link", "uri"),
    [
        (alias("#stash-help:unredacted.org"), "matrix:r/stash-help:unredacted.org"),
        (alias("##name:example.org"), "matrix:r/%23name:example.org"),
        (ODD, "matrix:r/a%20b%2Fc%3Fd%25e%C3%A9:example.org"),
        (USER, "matrix:u/alice:example.org"),
        (Link(target=USER.target, action=Action.CHAT), "matrix:u/alice:example.org?action=chat"),
        (room(f"!{HASH}", "b.org"), f"matrix:roomid/{HASH}?via=b.org"),
        (room("!a", "b.org", action=Action.JOIN), "matrix:roomid/a?action=join&via=b.org"),
        (PERMALINK, "matrix:roomid/a:b.org/e/e%2Ff%2Bg?via=c.org&via=%5B::1%5D:80"),
    ],
)
def test_a_matrix_uri_drops_the_sigil_and_encodes_the_rest(link: Link, uri: str) -> None:
    assert matrix_uri(link) == uri


@pytest.mark.parametrize(
    ("link", "url"),
    [
        (
            alias("#stash-help:unredacted.org"),
            "https://app.element.io/#/room/#stash-help:unredacted.org",
        ),
        (ODD, "https://app.element.io/#/room/%23a%20b%2Fc%3Fd%25e%C3%A9:example.org"),
        (USER, "https://app.element.io/#/user/@alice:example.org"),
        (PERMALINK, "https://app.element.io/#/room/!a:b.org/$e%2Ff%2Bg?via=c.org&via=%5B::1%5D:80"),
    ],
)
def test_an_element_url_says_room_or_user(link: Link, url: str) -> None:
    assert element_url(link) == url


@pytest.mark.parametrize(
    ("client", "link", "url"),
    [
        ("matrix.to", alias("#help:a.org"), "https://matrix.to/#/#help:a.org"),
        ("matrix", alias("#help:a.org"), "matrix:r/help:a.org"),
        ("element", alias("#help:a.org"), "https://app.element.io/#/room/#help:a.org"),
        ("cinny", alias("#help:a.org"), "https://app.cinny.in/home/%23help%3Aa.org/"),
        ("cinny", room("!a:b.org", "c.org", "d.org:80"), "https://app.cinny.in/home/%21a%3Ab.org/?viaServers=c.org,d.org:80"),
        ("cinny", PERMALINK, "https://app.cinny.in/home/%21a%3Ab.org/%24e%2Ff%2Bg/?viaServers=c.org,%5B::1%5D:80"),
        ("fluffychat", alias("#help:a.org"), "im.fluffychat://chat/#help:a.org"),
        ("fluffychat", room("!a:b.org", "c.org"), "im.fluffychat://chat/!a:b.org?via=c.org"),
        ("nheko", alias("#help:a.org"), "matrix:r/help:a.org?action=join"),
        ("nheko", room("!a:b.org", "c.org"), "matrix:roomid/a:b.org?action=join&via=c.org"),
    ],
)  # fmt: skip
def test_each_client_has_its_own_form(client: str, link: Link, url: str) -> None:
    assert client_url(link, Client(client)) == url


@pytest.mark.parametrize(
    "before", ["", "https://matrix.to/#/", "https://matrix.to/#/#", "matrix:", "matrix:r/"]
)
@given(rest=ANY_TEXT | st.text("#!@$%/?&=:.23aAvi[]"))
def test_any_text_is_read_or_refused(before: str, rest: str) -> None:
    try:
        link = parse_link(before + rest)
    except IdentifierError as error:
        assert isinstance(error, ValueError)  # noqa: PT017 (either outcome is right)
    else:
        assert parse_link(matrix_to_url(link)).target == link.target


_VIA = st.lists(SERVER_NAMES.map(ServerName), max_size=3).map(tuple)
_ROOM_LINKS = st.builds(
    Link,
    target=ALIASES.map(RoomAlias) | ROOM_IDS.map(RoomId),
    event_id=st.none() | EVENT_IDS.map(EventId),
    via=_VIA,
    action=st.none() | st.just(Action.JOIN),
)
_USER_LINKS = st.builds(
    Link,
    target=USER_IDS.map(UserId),
    event_id=st.none(),
    via=_VIA,
    action=st.none() | st.just(Action.CHAT),
)


@given(_ROOM_LINKS | _USER_LINKS)
def test_a_matrix_uri_reads_back_as_the_link_it_was_written_from(link: Link) -> None:
    assert parse_link(matrix_uri(link)) == link


@given(_ROOM_LINKS | _USER_LINKS)
def test_a_matrix_to_url_reads_back_as_the_link_without_its_action(link: Link) -> None:
    expected = Link(target=link.target, event_id=link.event_id, via=link.via)
    assert parse_link(matrix_to_url(link)) == expected


@given(_ROOM_LINKS | _USER_LINKS)
def test_what_is_written_is_ascii_without_spaces(link: Link) -> None:
    for text in (matrix_to_url(link), matrix_uri(link), element_url(link)):
        assert text.isascii()
        assert text.isprintable()
        assert " " not in text
