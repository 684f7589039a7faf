"""Links in plain text: which there are, where they end, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stashmatrix.documents.scanner import may_hold_anything, scan

LINK = "https://matrix.to/#/#room:matrix.org"


def found(text: str) -> list[str]:
    return [text[find.start : find.end] for find in scan(text)]


AROUND = [
    "{}",
    "Join our Matrix room {}.",
    "Join our Matrix room {}, please",
    "Matrix ({}), IRC",
    "Matrix: **{}**",
    "Matrix: _{}_ and `{}`",
    "Matrix: <{}>",
    'matrix = "{}"',
    "matrix: '{}';",
    "Matrix:{} **Matrix**:{}",
    "| Matrix | {} | IRC |",
    "Matrix房间：{}。",  # noqa: RUF001 (as it is written there)
    "Matrix “{}”…",
    "matrix {}\r\nnext",
    "matrix {}\N{NO-BREAK SPACE}next",
    "[matrix {}]",
    "matrix {}[label]",
    "matrix {}\x00",
]


@pytest.mark.parametrize(
    "link",
    [
        LINK,
        "https://matrix.to/@alice:matrix.org",
        "http://matrix.to/#/#room:matrix.org",
        "https://www.matrix.to/#/#room:matrix.org",
        "matrix.to/#/#room:matrix.org",
        "//matrix.to/#/#room:matrix.org",
        "HTTPS://MATRIX.TO/#/#room:matrix.org",
        "https://Matrix.to/#/#room:matrix.org",
        "https://matrix.to:/#/#room:matrix.org",
        "https://matrix.to/#/%23room:matrix.org",
        "https://matrix.to/#/%23room%3Amatrix.org",
        "https://matrix.to/#/#room:matrix.org?via=matrix.org&via=kde.org",
        "https://matrix.to/#/#room:matrix.org?via=matrix.org&amp;via=kde.org",
        "https://matrix.to/#/#room:matrix.org?web-instance[element.io]=app.element.io",
        "https://matrix.to/#/#room:[2001:db8::1]:8448",
        "https://matrix.to/#/#room:matrix.org:8448",
        "https://matrix.to/#/!opaque:matrix.org/$event:kde.org?via=kde.org",
        "https://matrix.to/#/!0123456789abcdefghijklmnopqrstuvwxyzABCDEF_?via=kde.org",
        "https://matrix.to/#/@user:matrix.org",
        "https://matrix.to/#/+group:matrix.org",
        "https://matrix.to/#room:matrix.org",
        "https://matrix.to/#room",
        "https://matrix.to/#/#room",
        "https://matrix.to/#/room:matrix.org",
        "https://matrix.to/#/room/#room:matrix.org",
        "https://matrix.to/%23/%23room:matrix.org",
        "https://matrix.to/#/%2523room:matrix.org",
        "matrix:r/room:matrix.org",
        "matrix:r/room:matrix.org?action=join",
        "matrix:roomid/opaque12345:matrix.org/e/event?via=kde.org",
        "matrix:u/user:matrix.org?action=chat",
        "https://app.element.io/#/room/#room:matrix.org",
        "https://chat.fedoraproject.org/#/room/%23room:matrix.org",
        "https://riot.im/app/#/room/!opaque:matrix.org",
        "https://riot.im/app/#/group/+group:matrix.org",
        "https://hydrogen.element.io/#/session/123/room/!opaque:matrix.org",
        "https://fluffychat.im/web/#/rooms/!opaque:matrix.org",
        "https://app.cinny.in/home/%23room%3Amatrix.org",
        "https://img.shields.io/matrix/room:matrix.org.svg?label=chat&server_fqdn=matrix.org",
        "https://img.shields.io/matrix/room%3Amatrix.org",
        "#room:matrix.org",
        "#Room_1-a.b=c~d+e/f:matrix.org",
        "##room:matrix.org",
        "#_oftc_#channel:matrix.org",
        "#комната:matrix.org",
        "#room:matrix.org:8448",
        "#room:[2001:db8::1]:8448",
        "#room:192.0.2.1",
    ],
)
def test_a_link_ends_where_its_own_text_does(link: str) -> None:
    for around in AROUND:
        text = around.replace("{}", link)
        if "atrix" not in text:
            text = f"matrix {text}"
        assert found(text) == [link] * around.count("{}"), around
        assert may_hold_anything(text.encode(), has_escapes=False)


@pytest.mark.parametrize(
    "text",
    [
        "IRC: #channel on irc.libera.chat, Matrix soon",
        "# Matrix: heading",
        "#matrix:heading",
        "matrix issue #42: fixed in foo.py, #42:foo.py",
        "matrix { color: #fff; } #nav:hover.active a#main:focus.org {}",
        "#pink:Rejected; matrix",
        "#define matrix:x",
        "<template #item.name:matrix>",
        "matrix#{room}:matrix.org",
        "https://docs.matrix.org/page#section:sub.org",
        "matrix &#35;x; &#123:a.org",
        "#localpart:domain of Matrix, or #room_alias:server.tld",
        "#room:example.org #room:sub.example.com #a:b.test #a:b.invalid #a:localhost on matrix",
        "#room:matrix.nosuchtld",
        "matrix #fig:plot.png and #tbl:summary.stats",
        "matrix #a:b",
        "foo(#room:matrix.org(x))",
        "irc:#room:matrix.org ircs:#room:matrix.org matrix::#room:matrix.org",
        "`#` in matrix:foo, matrix: yes",
        "matrix:r/{room}",
        "matrix:r/room:example.org",
        "matrix:config/file:matrix.org",
        "[matrix]: https://matrix.to",
        "https://matrix.to/img/matrix-badge.svg",
        "https://matrix.to",
        "foo.matrix.to/#/#room:matrix.org",
        "https://matrix.to/#/#room:example.org",
        "https://matrix.to/#/#room:your.server",
        "https://matrix.to/#/${room}",
        "https://matrix.to/#/{{ room }}",
        "https://matrix.to/#/#{{ room }}:matrix.org",
        "https://matrix.to/#/#room-{lang}:matrix.org",
        "https://matrix.to/#/#room:{server}",
        "https://matrix.to/#/<room>",
        "https://matrix.to/#/$room_id and https://matrix.to/#/#$room:matrix.org",
        "https://matrix.to/#/#<room>:<server>",
        "https://matrix.to/#/%s and https://matrix.to/#/%(room)s and https://matrix.to/#/%1$s",
        "https://matrix.to/#/[room]",
        "https://matrix.to/#/(.*)",
        r"https?://matrix\.to/#/(.+)",
        "'https://matrix.to/#/#room:' + server",
        "https://app.element.io/#/register and https://app.element.io/#/home",
        "https://app.example.io/#/items/42",
        "https://view.matrix.org/room/!opaque:matrix.org/",
        "https://github.com/matrix-org/matrix.to/#readme",
        "mailto:a@matrix.org",
        "!opaque:matrix.org and @user:matrix.org",
    ],
)
def test_what_only_looks_like_a_link_is_none(text: str) -> None:
    assert [find for find in found(text) if find != "https://matrix.to/#/"] == []


@pytest.mark.parametrize("alias", ["#room:gnome.org", "#_irc_#chan:gnome.org"])
def test_a_bare_alias_counts_only_where_the_text_speaks_of_matrix(alias: str) -> None:
    assert found(f"Join {alias}") == []
    assert found(f"Join {alias} on Matrix") == [alias]


def test_a_link_within_another_url_is_a_link() -> None:
    assert found(f"https://redirect.net/?to={LINK}") == [LINK]


def test_links_that_follow_one_another_are_several() -> None:
    assert found(f"{LINK} {LINK}\n{LINK},{LINK}") == [LINK] * 4


PIECES = st.sampled_from(
    [
        *"#/:.!@%()[]<>\n{}$\\*_é房 ",
        "#/",
        "matrix.to",
        "https://",
        "matrix:",
        "r/",
        "%23",
        "room",
        "matrix.org",
    ]
)


@given(st.lists(PIECES, max_size=60).map("".join))
def test_finds_are_in_order_and_apart(text: str) -> None:
    end = 0
    for find in scan(text):
        assert end <= find.start < find.end <= len(text)
        end = find.end


@given(st.lists(PIECES, max_size=40).map("".join))
def test_a_file_that_is_passed_over_has_no_links(text: str) -> None:
    if not may_hold_anything(text.encode(), has_escapes=False):
        assert scan(text) == []


@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "#a:b",
        "#",
        "[a",
        "matrix.to/#/",
        "https://matrix.to/#/#a",
        "https:",
        "#/",
        "matrix:r/a",
        "https://x.org/#/#/",
    ],
)
def test_a_long_line_of_near_misses_ends(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    assert len(scan(f"{text} {LINK} matrix")) >= 1
