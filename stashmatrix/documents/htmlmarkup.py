"""HTML and what is written like it, JSX and XML among them: the labels of links, and blocks of code.

Looks at the tags around links only, and knows no tree: pages are templates as often as not.
"""

import html
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from stashmatrix.documents.markup import LinkMarkup, Markup, Span
from stashmatrix.documents.scanner import Find

_NEAR = 2_000
"""Characters around a link in which its tags are looked for."""
_NEAREST = 4
"""Less-than signs before a link that may begin its tag: some stand in attributes."""

_TAG = re.compile(r"<([A-Za-z][\w.:-]{0,60})(?=[\s/>])")
_BRACES = r"\{[^{}]*+\}"
for _ in range(4):
    _BRACES = rf"\{{(?:[^{{}}]++|{_BRACES})*+\}}"
_ATTRIBUTE = re.compile(
    r"""\s*+(?P<name>[:@#\w.-]{1,60}+)(?:\s*+=\s*+(?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'"""
    r"""|\\"(?P<escaped>[^"\\]*+)\\\""""
    rf"""|\{{\s*+["'`](?P<braced>[^"'`]*+)["'`]\s*+\}}|(?P<code>{_BRACES})"""
    r"""|(?P<unquoted>[^\s"'<>`{][^\s"'<>`]*+)))?"""
)
_VALUES = ("double", "single", "escaped", "braced", "code", "unquoted")
# What templates and JSX put among attributes.
_INSERTION = re.compile(r"\s*+(?:\{\{[^{}]*+\}\}|\{%[^%]*+%\}|\{[^{}]*+\}|<\?[^?]*+\?>|<%[^%]*+%>)")
_TAG_END = re.compile(r"\s*+(/?)>")
_ADDRESSES = ("href", "src", "to", "url", "action")
"""How the names of attributes end that hold an address and nothing else."""
_REFRESH = re.compile(r"(?i)[\d.]*\s*[;,]\s*url\s*=\s*")
_ANCHORS = ("<a ", "<a\n", "<A ", "<A\n")
_ANCHOR_END = re.compile(r"(?i)</a\s*>")
_COMMENT = re.compile(r"<!--.*?-->|\{\s*/\*.*?\*/\s*\}|\{\s*(?:'\s*'|\"\s*\")\s*\}", re.DOTALL)
_PICTURE = re.compile(r"<(?i:img|image|area)\b[^<>]*?\balt\s*=\s*\{?(?:\"([^\"]*+)\"|'([^']*+)')[^<>]*+>")
_ANY_TAG = re.compile(r"<[^<>]*+>")


def unescape(text: str) -> str:
    """Resolve entities."""
    return html.unescape(text) if "&" in text else text


def html_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links, the blocks of code and the style sheets around ``finds``."""
    links = {link.destination.start: link for find in finds for link in _links_around(text, find)}
    return Markup(list(links.values()), list(_elements(text, "pre")), list(_elements(text, "style")))


def with_html(text: str, finds: Sequence[Find], links: Sequence[LinkMarkup]) -> Markup:
    """Tell of HTML, too, in a text whose own markup has ``links``: those come first, and stand."""
    known = {link.destination.start for link in links}
    inner = html_markup(text, [find for find in finds if find.start not in known])
    others = [link for link in inner.links if link.destination.start not in known]
    return inner._replace(links=[*links, *others])


def _elements(text: str, name: str) -> Iterator[Span]:
    """Yield each element of that name, which has none of its own kind inside."""
    begins, ends = re.compile(rf"<(?i:{name})\b"), _end_tag(name)
    position = 0
    while (start := begins.search(text, position)) and (end := ends.search(text, start.end())):
        yield Span(start.start(), end.start())
        position = end.end()


@lru_cache(maxsize=256)
def _end_tag(name: str) -> re.Pattern[str]:
    return re.compile(rf"</(?i:{re.escape(name)})\s*>")


class _Tag(NamedTuple):
    name: str
    attributes: dict[str, Span]
    end: int
    """Where its text begins."""
    is_empty: bool


def _links_around(text: str, find: Find) -> Iterator[LinkMarkup]:
    """Yield the link whose address ``find`` is, or else the one in whose text it stands."""
    lowest = max(0, find.start - _NEAR)
    start = find.start
    for _ in range(_NEAREST):
        start = text.rfind("<", lowest, start)
        if start < 0:
            break
        tag = _read_tag(text, start)
        if tag is None or tag.end <= find.start:
            continue
        for name, span in tag.attributes.items():
            if span.holds(find.start):
                yield LinkMarkup(_address(text, name, span, find), *_label(text, tag))
                return
    start = max(text.rfind(anchor, lowest, find.start) for anchor in _ANCHORS)
    if start < 0 or _ANCHOR_END.search(text, start, find.start):
        return
    tag = _read_tag(text, start)
    if tag is not None and "href" in tag.attributes and tag.end <= find.start:
        yield LinkMarkup(tag.attributes["href"], *_label(text, tag))


def _address(text: str, name: str, value: Span, find: Find) -> Span:
    """Return the part of an attribute's value that is the address: all of it, or what was found in it."""
    written = text[value.start : value.end]
    before = text[value.start : find.start]
    end = value.start + len(written.rstrip())
    if re.search(r"[\"'`<>\n]", text[find.start : end]):
        return Span(find.start, find.end)  # a program that puts a tag together
    if before.strip() and not _REFRESH.fullmatch(before):
        return Span(find.start, find.end)
    if not name.endswith(_ADDRESSES) and re.search(r"\s", text[find.start : end]):
        return Span(find.start, find.end)
    return Span(find.start, end)


def _read_tag(text: str, start: int) -> _Tag | None:
    """Read the tag that begins at ``start``; its attributes have the places of their values."""
    match = _TAG.match(text, start)
    if match is None:
        return None
    position, limit = match.end(), start + 2 * _NEAR
    attributes: dict[str, Span] = {}
    while part := _ATTRIBUTE.match(text, position, limit) or _INSERTION.match(text, position, limit):
        position = part.end()
        if part.re is _INSERTION:
            continue
        group = next((value for value in _VALUES if part[value] is not None), None)
        if group is not None:
            attributes.setdefault(part["name"].lower(), Span(*part.span(group)))
    close = _TAG_END.match(text, position, limit)
    return _Tag(match[1], attributes, close.end() if close else position, not close or bool(close[1]))


def _label(text: str, tag: _Tag) -> tuple[str | None, tuple[Span, ...]]:
    """Return what a reader sees of an element, and where it stands."""
    if tag.name.lower() in ("img", "area", "image"):
        return _value(text, tag, "alt"), ()
    end = None if tag.is_empty else _end_tag(tag.name).search(text, tag.end, tag.end + _NEAR)
    if end is None:
        return _value(text, tag, "aria-label") or _value(text, tag, "title"), ()
    inner = _COMMENT.sub(" ", text[tag.end : end.start()])
    seen = _ANY_TAG.sub(" ", _PICTURE.sub(r"\1\2", inner))
    seen = " ".join(unescape(seen).split())
    if not seen:
        seen = _value(text, tag, "aria-label") or _value(text, tag, "title") or ""
    return (None if "{" in seen or not seen else seen), (Span(tag.end, end.start()),)


def _value(text: str, tag: _Tag, name: str) -> str | None:
    """Return the text of an attribute; ``None`` if it is missing, empty, or made by a program."""
    span = tag.attributes.get(name)
    value = " ".join(unescape(text[span.start : span.end]).split()) if span else ""
    return None if "{" in value or not value else value
