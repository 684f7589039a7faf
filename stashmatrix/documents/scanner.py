"""Links to Matrix in any text, whatever its format: where they begin, and where they end.

Everything here is linear in the length of the text. Each search is for a literal or for a pattern that
begins with one, and looks around it within bounds: a pattern that begins at ``http`` is quadratic.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from stashmatrix.matrix.servers import is_public, is_reserved


class Find(NamedTuple):
    """A link in a text, from ``start`` to before ``end``."""

    start: int
    end: int
    is_bare: bool = False
    """Whether it is a bare alias."""


_LONGEST = 2048
"""Characters of a link after its anchor; browsers cut them later, people earlier."""

_MOST_RIGHT = 300
"""Characters between an anchor and the route behind it."""


class _Form(NamedTuple):
    """A form of a link: what to look for, and what stands around that."""

    anchors: tuple[re.Pattern[str], ...]
    end_of: Callable[[str, int, int], int | None]
    """Returns where the link ends whose route begins and may end there; ``None`` if it is no link."""
    left: re.Pattern[str]
    """What stands before an anchor, from the beginning of the link on."""
    most_left: int
    """Characters before an anchor that are looked at."""
    right: re.Pattern[str] | None = None
    """What stands between an anchor and the route."""


# Each pattern begins with a literal, which makes it fast. The first also finds what a comment to this program
# says; the second what hides an anchor: the mark of the fragment as an entity, or slashes that are escaped.
_LOWER_CASE = re.compile(rb"atrix(?:\.to|:(?:[^\s]|[ \t]{1,9}(?:ignore|off|on)\b)|\\?/)")
_FRAGMENT = re.compile(rb"#(?:\\?/|35;|x23;|[^\s:#\"'`<>\[\](){}]{1,254}:[A-Za-z0-9\[])")
_ESCAPED_SIGIL = (b"0023", b"x23", b"u{23}", b"&num;")
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


def may_hold_anything(data: bytes, *, has_escapes: bool) -> bool:
    """Say whether a file can hold a link or a comment to this program, from its bytes alone.

    Most files need no more than this. ``has_escapes`` says whether its format can write the mark of a
    fragment as an escape.
    """
    return (
        _LOWER_CASE.search(data) is not None
        or _FRAGMENT.search(data) is not None
        or b"cinny.in/" in data
        or (has_escapes and any(hidden in data for hidden in _ESCAPED_SIGIL))
        or data.startswith(_WIDE_MARKS)
    )


def scan(text: str, *, is_about_matrix: bool = False) -> list[Find]:
    """Return the links of a text in its order, none inside another, and the bare aliases.

    Those count only in a text that speaks of Matrix, or whose context does: ``is_about_matrix``.
    """
    finds = [find for form in _FORMS for anchor in form.anchors for find in _links(text, anchor, form)]
    if is_about_matrix or _SPEAKS.search(text):
        finds += _bare_aliases(text)
    return _apart(finds)


def _apart(finds: Iterable[Find]) -> list[Find]:
    """Drop what lies inside another find: of two that overlap, the one that begins first stands."""
    apart: list[Find] = []
    end = -1
    for find in sorted(finds, key=lambda find: (find.start, -find.end)):
        if find.start >= end:
            apart.append(find)
            end = find.end
    return apart


# Each begins with a literal, which makes it fast, and looks back only then.
_MATRIX_TO = re.compile(r"atrix\.to(?=[:/#%?])(?<![A-Za-z0-9@%-][mM]atrix\.to)(?<![^/:]/[mM]atrix\.to)")
_MATRIX_TO_IN_CAPITALS = re.compile(r"ATRIX\.TO(?=[:/#%?])")
_CINNY = re.compile(r"cinny\.in/")
_BADGE = re.compile(r"shields\.io/matrix/")
_MATRIX_TO_LEFT = re.compile(
    r"(?i)(?:(?<![A-Za-z0-9])https?:/{0,2}|(?<![A-Za-z0-9.@%/-])(?://)?)(?:www\.)?m\Z"
)
_MATRIX_TO_RIGHT = re.compile(
    r"(?::(?:443|80)?)?/{0,2}(?:\?[^\s#\"'<>]{0,200})?(?=#|%23|(?<=\.to/)[!@][^\s/:]{1,250}:[A-Za-z0-9\[])"
)
_CLIENT = re.compile(
    r"://[\w.:@-]{1,255}+(?:/[^\s\"'<>()\[\]{}|\\^`#]{0,160}+)?#/(?<!atrix\.to/#/)"
    r"(?:[\w-]{1,40}/){0,5}(?=#|!|@|\+|%(?:23|21|40|2[Bb]))"
)
_SCHEME_LEFT = re.compile(r"(?i)(?<![A-Za-z0-9])https?\Z")
_HOST_LEFT = re.compile(r"(?i)https?://(?:[\w-]{1,63}\.){0,4}\Z")
# What no link goes on behind, unless markup bounds it: space, brackets, and punctuation of any script. A
# square bracket stands in an IPv6 address and in web-instance[…] only.
_TAIL = re.compile(
    r"(?:[^\s\"'<>`|\\^,;*()\[\]{}&\x00-\x1f\u3000-\u303f\uff00-\uffef\u2018-\u201f\u2026]++"
    r"|\\(?=_)|&(?:amp|num|colon|sol|\#[0-9]{1,4}|\#[xX][0-9a-fA-F]{1,4});|&"
    r"|(?<=web-instance)\[[\w.-]{1,100}\]|(?<=[:=@])\[[0-9A-Fa-f:.]{2,45}\])++"
)
_TRAILING = ".,:!?_…"
# The identifier of a link and what may follow it. Nothing else can follow a server's name, so that whatever
# does is not a part of the link.
_SERVER_AND_REST = (
    r"(?P<server>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?P<port>(?::|%3[Aa])[0-9]{1,5})?(?P<rest>[/?].*)?"
)
_COMPLETE = re.compile(
    r"(?P<head>[^:?]{0,300}?(?:[#!@+]|%(?:25)?(?:23|21|40|2[Bb]))[^:/?]{0,300}?(?::|%3[Aa]))"
    + _SERVER_AND_REST,
    re.DOTALL,
)
_COMPLETE_BADGE = re.compile(r"(?P<head>[^:/?]{1,300}?(?::|%3[Aa]))" + _SERVER_AND_REST, re.DOTALL)
_TEMPLATE = re.compile(r"[{}$]|<(?!/|br\b)|%(?![0-9A-Fa-f]{2})[A-Za-z@(\d]|\(|\\")
# It begins with a set of characters, which makes it fast.
_PLACEHOLDER = re.compile(
    r"[{}$%](?:(?<=[{}])|(?<=\$)[{(A-Z]|(?<=#/\$)|(?<=[^/]\$)[A-Za-z_]|(?<=%)(?![0-9A-Fa-f]{2})[A-Za-z@(\d])"
)


def _links(text: str, anchor: re.Pattern[str], form: _Form) -> Iterator[Find]:
    """Yield the link at each anchor."""
    match = anchor.search(text)
    while match is not None:
        scanned = match.end()
        if (edge := _edges(match, form)) is not None:
            start, route = edge
            tail = _TAIL.match(text, route, route + _LONGEST)
            scanned = max(scanned, tail.end() if tail else route)
            end = form.end_of(text, route, scanned)
            if end is not None:
                yield Find(start, end)
        match = anchor.search(text, scanned)


def _edges(anchor: re.Match[str], form: _Form) -> tuple[int, int] | None:
    """Return where the link at an anchor begins, and where its route does; ``None`` if it is none."""
    text, position = anchor.string, anchor.start()
    left = form.left.search(text, max(0, position - form.most_left), position)
    route = anchor.end()
    if form.right is not None and left is not None:
        right = form.right.match(text, route, route + _MOST_RIGHT)
        if right is None:
            return None
        route = right.end()
    return (left.start(), route) if left else None


def _end_of_badge(text: str, route: int, end: int) -> int | None:
    """Return the end of the badge whose room may go on to ``end``, without its sigil as often as not."""
    return _end_of_link(text, route, end, _COMPLETE_BADGE)


def _end_of_link(text: str, route: int, end: int, whole: re.Pattern[str] = _COMPLETE) -> int | None:
    """Return the end of the link whose route may go on to ``end``; ``None`` if it is a template."""
    written = text[route:end]
    if complete := whole.match(written):
        server = complete["server"].rstrip(".-")
        if is_reserved(server) or _PLACEHOLDER.search(complete["head"]):
            return None
        if server != complete["server"]:
            end = route + complete.start("server") + len(server)
        elif complete["port"] or complete["rest"]:
            end = route + complete.end()
        else:
            end = route + complete.end("server")
        if not is_public(server) and _TEMPLATE.match(text, end):
            return None
    elif (
        _TEMPLATE.match(text, end)
        or _PLACEHOLDER.search(written)
        or (text.startswith("[", end) and not written.strip("#/"))
        or (written.endswith(":") and text.startswith(('"', "'"), end))  # a program adds the server
    ):
        return None
    return _trimmed(text, route, end)


def _trimmed(text: str, route: int, end: int) -> int:
    """Return the end of a link without the punctuation of the sentence that it ends."""
    while end > route and text[end - 1] in _TRAILING:
        end -= 1
    return end


_MATRIX_URI = re.compile(r"atrix:(?=[/rRuU])")
_MATRIX_URI_IN_CAPITALS = re.compile(r"ATRIX:(?=[/rRuU])")
_MATRIX_URI_LEFT = re.compile(r"(?i)(?<![A-Za-z0-9.-])(?:web\+)?m\Z")
_MATRIX_URI_TYPE = re.compile(r"(?i)(?://[^\s/\"'<>]{1,255}/)?(?=(?:r|roomid|room|u|user)/)")
_URI_IDENTIFIER = re.compile(
    r"(?i)(?:(?:r|room|u|user)/[^:/?]+:(?P<server>[A-Za-z0-9.-]+)|roomid/[^/?]{10,})(?:(?::[0-9]{1,5})?(?=[/?]).*)?",
    re.DOTALL,
)


def _end_of_uri(text: str, route: int, end: int) -> int | None:
    """Return the end of the ``matrix:`` URI that may go on to ``end``; ``None`` if there is none."""
    uri = _URI_IDENTIFIER.match(text, route, end)
    if uri is None or _PLACEHOLDER.search(uri[0]):
        return None
    server, end = uri["server"] or "", uri.end()
    if is_reserved(server) or (server and not is_public(server) and _TEMPLATE.match(text, end)):
        return None
    return _trimmed(text, route, end)


_FORMS = (
    _Form((_MATRIX_TO, _MATRIX_TO_IN_CAPITALS), _end_of_link, _MATRIX_TO_LEFT, 14, _MATRIX_TO_RIGHT),
    _Form((_MATRIX_URI, _MATRIX_URI_IN_CAPITALS), _end_of_uri, _MATRIX_URI_LEFT, 5, _MATRIX_URI_TYPE),
    _Form((_CLIENT,), _end_of_link, _SCHEME_LEFT, 6),
    _Form((_CINNY,), _end_of_link, _HOST_LEFT, 100),
    _Form((_BADGE,), _end_of_badge, _HOST_LEFT, 100),
)


_SPEAKS = re.compile(r"[Mm]atrix|MATRIX|element\.io|\[m\]")
_SERVER = r"(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})(?::[0-9]{2,5})?"
_NAME = r"[^\s:#\"'`<>()\[\]{}|,;\\*?]"
# An underscore may be escaped, as Markdown and its kin have it.
_ALIAS = re.compile(rf"#(?P<local>{_NAME}{{1,200}}+(?:\\_{_NAME}{{0,200}}+){{0,9}}+):(?P<server>{_SERVER})")
# The beginning of an alias whose name has a # inside, as those of bridged channels have.
_ALIAS_LEFT = re.compile(r"#[\w.~=+-]{0,60}\Z")
_BEFORE = re.compile(r"[A-Za-z0-9/&=#.@%?$:!+^-]_*\Z")
# What names the alias, with one colon.
_NAMED = re.compile(r"(?<![:\w])(?!ircs?:)[A-Za-z]{1,40}[*_`]{0,3}:\Z")
_AFTER = re.compile(r"[A-Za-z0-9@(=\\$%{-]|_+[A-Za-z0-9]|:[A-Za-z0-9]|\.[A-Za-z0-9]")
# Words that follow a colon in style sheets and in templates: no server begins with one of them and a dot.
_PSEUDO_CLASS = re.compile(
    r"(?:hover|focus|active|visited|link|target|checked|disabled|enabled|empty|root|not|is|where|has|before|after"
    r"|first-child|last-child|only-child|nth-child|first-of-type|last-of-type|focus-within|focus-visible)\."
)
# What a program puts a name in the place of, and what a regular expression repeats.
_PATTERN = re.compile(r"%(?![0-9A-Fa-f]{2})[A-Za-z@(\d]|\$[A-Za-z]|\.\+")


def _bare_aliases(text: str) -> Iterator[Find]:
    for match in _ALIAS.finditer(text):
        start, end = match.span()
        before = text[max(0, start - 64) : start]
        if _goes_on(before):
            left = _ALIAS_LEFT.search(before)
            if left is None or _goes_on(before[: left.start()]):
                continue
            start -= len(before) - left.start()
        server = match["server"]
        while server[-1] in ".-":
            server, end = server[:-1], end - 1
        if _AFTER.match(text, end) or not is_public(server) or is_reserved(server):
            continue
        if _PSEUDO_CLASS.match(server) or match["local"].isdecimal() or _PATTERN.search(match[0]):
            continue
        yield Find(start, end, is_bare=True)


def _goes_on(before: str) -> bool:
    """Say whether an alias behind this text would begin in the midst of something."""
    return _BEFORE.search(before) is not None and _NAMED.search(before) is None


_IRC = re.compile(
    r"(?i)(?<![A-Za-z0-9])(?:ircs?:(?=[^\s])|https?://(?:[\w-]{1,63}\.){0,4}(?:(?:q?web|kiwi)?irc|irccloud|mibbit"
    r"|webchat|libera|oftc|freenode)\.[a-z])"
)


def links_to_irc(text: str) -> list[Find]:
    """Return the links to channels of IRC, in order: an alias in the text of one is none of Matrix."""
    tails = ((match.start(), _TAIL.match(text, match.end())) for match in _IRC.finditer(text))
    return [Find(start, tail.end()) for start, tail in tails if tail is not None]
