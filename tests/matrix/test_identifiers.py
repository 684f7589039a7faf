"""What is an identifier of Matrix, and what is none."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stashmatrix.errors import IdentifierError
from stashmatrix.matrix.identifiers import EventId, RoomAlias, RoomId, ServerName, UserId
from tests.support.identifiers import _HOSTS, _NAMES, ANY_TEXT, EVENT_IDS, ROOM_IDS, SERVER_NAMES

Identifier = ServerName | RoomAlias | RoomId | UserId | EventId
KINDS: list[tuple[type[Identifier], str]] = [
    (ServerName, ""),
    (RoomAlias, "#a:"),
    (RoomId, "!a:"),
    (UserId, "@a:"),
    (EventId, "$a:"),
]
"""Each class, and what makes a server name such an identifier."""


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("example.org", "example.org", None),
        ("example.org:8448", "example.org", 8448),
        ("localhost", "localhost", None),
        ("EXAMPLE.Org", "EXAMPLE.Org", None),
        ("xn--bcher-kva.example", "xn--bcher-kva.example", None),
        ("192.0.2.1", "192.0.2.1", None),
        ("192.0.2.1:1", "192.0.2.1", 1),
        ("[2001:db8::1]", "[2001:db8::1]", None),
        ("[2001:DB8::1]:8448", "[2001:DB8::1]", 8448),
        ("[::ffff:192.0.2.1]", "[::ffff:192.0.2.1]", None),
        ("example.org:0", "example.org", 0),
        ("example.org:00443", "example.org", 443),
        ("example.org:65535", "example.org", 65535),
        # Unwise, and some servers refuse them; the grammar does not.
        ("example.org.", "example.org.", None),
        ("a..b", "a..b", None),
        ("256.1.1.1", "256.1.1.1", None),
        ("-", "-", None),
        ("a" * 255, "a" * 255, None),
    ],
)
def test_a_server_name_is_a_host_and_perhaps_a_port(text: str, host: str, port: int | None) -> None:
    name = ServerName(text)
    assert (name.host, name.port) == (host, port)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a server name"),
        (":8448", "not a server name"),
        ("example.org:", "not a server name"),
        ("example.org:+80", "not a server name"),
        ("example.org:-1", "not a server name"),
        ("example.org: 80", "not a server name"),
        ("example.org:8_0", "not a server name"),
        ("example.org:\u0663", "not a server name"),
        ("example.org:\uff18\uff10", "not a server name"),
        ("example.org:000080", "not a server name"),
        ("example.org:65536", "above 65535"),
        ("example.org:99999", "above 65535"),
        ("a:1:2", "not a server name"),
        ("under_score.org", "not a server name"),
        ("b\u00fccher.example", "not a server name"),
        ("two words", "not a server name"),
        ("example.org/path", "not a server name"),
        ("user@example.org", "not a server name"),
        ("2001:db8::1", "not a server name"),
        ("[2001:db8::1", "not a server name"),
        ("[2001:db8::1]x", "not a server name"),
        ("[fe80::1%25eth0]", "not a server name"),
        ("[192.0.2.1]", "not an IPv6 address"),
        ("[1:2:3]", "not an IPv6 address"),
        ("[]", "not a server name"),
        ("a" * 256, "longer than 255 bytes"),
        ("a" * 251 + ":8448", "longer than 255 bytes"),
        ("example.org\n", "contains a control character"),
        ("example.org\x00", "contains a control character"),
        ("\ud800", "contains half a surrogate pair"),
    ],
)
def test_other_text_is_no_server_name(text: str, message: str) -> None:
    with pytest.raises(IdentifierError, match=message):
        ServerName(text)


@pytest.mark.parametrize(
    ("text", "localpart", "server_name"),
    [
        ("#name:example.org", "name", "example.org"),
        ("#Name:EXAMPLE.org", "Name", "EXAMPLE.org"),
        ("##channel:example.org", "#channel", "example.org"),
        ("#:example.org", "", "example.org"),
        ("#name:example.org:8448", "name", "example.org:8448"),
        ("#name:[2001:db8::1]:8448", "name", "[2001:db8::1]:8448"),
        ("#a b/c?d%20#e:example.org", "a b/c?d%20#e", "example.org"),
        ("#caf\u00e9 \U0001f600:example.org", "caf\u00e9 \U0001f600", "example.org"),
        ("#\u202eeman:example.org", "\u202eeman", "example.org"),
        ("#" + "a" * 242 + ":example.org", "a" * 242, "example.org"),
        ("#" + "\u00e9" * 121 + ":example.org", "\u00e9" * 121, "example.org"),
    ],
)
def test_an_alias_is_split_at_its_first_colon(text: str, localpart: str, server_name: str) -> None:
    alias = RoomAlias(text)
    assert (alias.localpart, alias.server_name) == (localpart, ServerName(server_name))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "does not start with #"),
        ("name:example.org", "does not start with #"),
        ("@name:example.org", "does not start with #"),
        (" #name:example.org", "does not start with #"),
        ("\uff03name:example.org", "does not start with #"),
        ("#", "names no server"),
        ("#name", "names no server"),
        ("#name:", "not a server name"),
        ("#name: example.org", "not a server name"),
        ("#name:example.org ", "not a server name"),
        ("#na:me:example.org", "not a server name"),
        ("#name:under_score.org", "not a server name"),
        ("#name:example.org:65536", "above 65535"),
        ("#na\x00me:example.org", "contains a control character"),
        ("#na\x1bme:example.org", "contains a control character"),
        ("#na\nme:example.org", "contains a control character"),
        ("#na\x7fme:example.org", "contains a control character"),
        ("#na\x9bme:example.org", "contains a control character"),
        ("#name:example.org\n", "contains a control character"),
        ("#na\ud800me:example.org", "contains half a surrogate pair"),
        ("#" + "a" * 243 + ":example.org", "longer than 255 bytes"),
        # 255 characters, and far more bytes.
        ("#" + "\u00e9" * 242 + ":example.org", "longer than 255 bytes"),
        ("#" + "\u00e9" * 121 + "aa:example.org", "longer than 255 bytes"),
    ],
)
def test_other_text_is_no_alias(text: str, message: str) -> None:
    with pytest.raises(IdentifierError, match=message):
        RoomAlias(text)


@pytest.mark.parametrize(
    ("text", "localpart", "server_name"),
    [
        ("@alice:example.org", "alice", "example.org"),
        ("@Alice+/=_.-:example.org", "Alice+/=_.-", "example.org"),
        ("@:example.org", "", "example.org"),
        ("@alice:[::1]:8448", "alice", "[::1]:8448"),
    ],
)
def test_a_user_id_is_split_at_its_first_colon(text: str, localpart: str, server_name: str) -> None:
    user = UserId(text)
    assert (user.localpart, user.server_name) == (localpart, ServerName(server_name))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("alice:example.org", "does not start with @"),
        ("#alice:example.org", "does not start with @"),
        ("@alice", "names no server"),
        ("@alice:", "not a server name"),
        ("@alice:exa mple.org", "not a server name"),
        ("@al\tice:example.org", "contains a control character"),
        ("@" + "a" * 243 + ":example.org", "longer than 255 bytes"),
    ],
)
def test_other_text_is_no_user_id(text: str, message: str) -> None:
    with pytest.raises(IdentifierError, match=message):
        UserId(text)


@pytest.mark.parametrize(
    "text",
    [
        "!opaque:example.org",
        "!opaque:example.org:8448",
        "!OPAQUE/+:example.org",
        "!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM",
        "!short",
        "!" + "a" * 254,
    ],
)
def test_a_room_id_may_have_a_domain_or_none(text: str) -> None:
    assert RoomId(text) == text


def test_a_room_id_says_nothing_about_a_server() -> None:
    assert not hasattr(RoomId("!opaque:example.org"), "server_name")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "does not start with !"),
        ("opaque:example.org", "does not start with !"),
        ("#opaque:example.org", "does not start with !"),
        ("!", "nothing follows"),
        ("!:example.org", "nothing follows"),
        ("!opaque:", "not a server name"),
        ("!opaque:under_score.org", "not a server name"),
        ("!opa\x1bque", "contains a control character"),
        ("!opa\udfffque", "contains half a surrogate pair"),
        ("!" + "a" * 255, "longer than 255 bytes"),
    ],
)
def test_other_text_is_no_room_id(text: str, message: str) -> None:
    with pytest.raises(IdentifierError, match=message):
        RoomId(text)


@pytest.mark.parametrize(
    "text",
    [
        "$opaque:example.org",
        "$acR1l0raoZnm60CBwAVgqbZqoO/mYU81xysh1u7XcJk",
        "$Rqnc-F-dvnEYJTyHq_iKxU2bZ1CI92-kuZq3a5lr5Zg",
        "$" + "a" * 254,
    ],
)
def test_an_event_id_is_opaque(text: str) -> None:
    assert EventId(text) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"does not start with \$"),
        ("opaque", r"does not start with \$"),
        ("!opaque", r"does not start with \$"),
        ("$", "nothing follows"),
        ("$opa\nque", "contains a control character"),
        ("$" + "a" * 255, "longer than 255 bytes"),
    ],
)
def test_other_text_is_no_event_id(text: str, message: str) -> None:
    with pytest.raises(IdentifierError, match=message):
        EventId(text)


@pytest.mark.parametrize(("kind", "before"), KINDS)
def test_an_identifier_is_its_text(kind: Callable[[str], Identifier], before: str) -> None:
    text = before + "example.org"
    identifier = kind(text)
    assert identifier == text
    assert hash(identifier) == hash(text)
    assert f"{identifier}" == text


@pytest.mark.parametrize("kind", [kind for kind, _ in KINDS])
def test_a_message_shows_hostile_text_escaped_and_cut(kind: Callable[[str], Identifier]) -> None:
    with pytest.raises(IdentifierError) as caught:
        kind("\x1b[2J\u202e" + "x" * 1000)
    assert "\\x1b[2J\\u202e" in caught.value.message
    assert len(caught.value.message) < 200


@pytest.mark.parametrize(("kind", "before"), KINDS)
@given(data=st.data())
def test_any_text_parses_to_itself_or_is_refused(
    kind: Callable[[str], Identifier], before: str, data: st.DataObject
) -> None:
    shaped = st.builds("{}{}:{}".format, st.just(before[:1]), ANY_TEXT, ANY_TEXT | SERVER_NAMES)
    text = data.draw(ANY_TEXT | ANY_TEXT.map(lambda rest: before + rest) | shaped)
    try:
        identifier = kind(text)
    except IdentifierError as error:
        assert isinstance(error, ValueError)  # noqa: PT017 (either outcome is right)
    else:
        assert str(identifier) == text
        assert len(text.encode()) <= 255


@given(_HOSTS, st.none() | st.integers(0, 65_535))
def test_every_server_name_of_the_grammar_is_accepted(host: str, port: int | None) -> None:
    name = ServerName(host if port is None else f"{host}:{port}")
    assert (name.host, name.port) == (host, port)


@given(_NAMES, SERVER_NAMES)
def test_every_alias_and_user_id_of_the_grammar_is_accepted(localpart: str, server_name: str) -> None:
    for identifier in (RoomAlias(f"#{localpart}:{server_name}"), UserId(f"@{localpart}:{server_name}")):
        assert (identifier.localpart, identifier.server_name) == (localpart, server_name)


@given(ROOM_IDS, EVENT_IDS)
def test_every_room_id_and_event_id_of_the_grammar_is_accepted(room_id: str, event_id: str) -> None:
    assert (str(RoomId(room_id)), str(EventId(event_id))) == (room_id, event_id)
