"""HTML and what is written like it, JSX and XML among them: the labels of links, and blocks of code.

Looks at the tags around links only, and knows no tree: pages are templates as often as not.
"""

import html
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stashmatrix.documents.markup import LinkMarkup, Markup, Span
from stashmatrix.documents.scanner import Find

_NEAR = 2_000
"""Characters around a link in which its tags are looked for."""

_TAG = re.compile(r"<([A-Za-z][\w.:-]{0,60})(?=[\s/>])")
_ATTRIBUTE = re.compile(
    r"""\s*(?P<name>[:@\w.-]{1,60})(?:\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'"""
    r"""|\{\s*["'`](?P<braced>[^"'`]*)["'`]\s*\}|\{(?P<code>[^{}]*)\}|(?P<unquoted>[^\s"'=<>`{]+)))?"""
)
_VALUES = ("double", "single", "braced", "code", "unquoted")


def unescape(text: str) -> str:
    """Resolve entities."""
    return html.unescape(text) if "&" in text else text


def html_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links, the blocks of code and the style sheets around ``finds``."""
    links = {link.destination.start: link for find in finds for link in _links_around(text, find)}
    return Markup(list(links.values()), list(_elements(text, "pre")), list(_elements(text, "style")))


def _elements(text: str, name: str) -> Iterator[Span]:
    """Yield each element of that name, which has none of its own kind inside."""
    for start in re.finditer(rf"<{name}\b", text):
        end = text.find(f"</{name}", start.end())
        if end < 0:
            return
        yield Span(start.start(), end)


class _Tag(NamedTuple):
    name: str
    attributes: dict[str, Span]
    end: int
    """Where its text begins."""
    is_empty: bool


def _links_around(text: str, find: Find) -> Iterator[LinkMarkup]:
    lowest = max(0, find.start - _NEAR)
    start = text.rfind("<", lowest, find.start)
    if start >= 0 and (tag := _read_tag(text, start)) is not None:
        for span in tag.attributes.values():
            if span.holds(find.start):
                label, inner = _label(text, tag)
                yield LinkMarkup(Span(find.start, span.end), label, inner)
                return
    start = max(text.rfind("<a ", lowest, find.start), text.rfind("<a\n", lowest, find.start))
    is_open = start >= 0 and text.find("</a", start, find.start) < 0
    tag = _read_tag(text, start) if is_open else None
    if tag is not None and "href" in tag.attributes and tag.end <= find.start:
        label, inner = _label(text, tag)
        yield LinkMarkup(tag.attributes["href"], label, inner)


def _read_tag(text: str, start: int) -> _Tag | None:
    """Read the tag that begins at ``start``; its attributes have the places of their values."""
    match = _TAG.match(text, start)
    if match is None:
        return None
    position, limit = match.end(), start + 2 * _NEAR
    attributes: dict[str, Span] = {}
    while attribute := _ATTRIBUTE.match(text, position, limit):
        position = attribute.end()
        group = next((value for value in _VALUES if attribute[value] is not None), None)
        if group is not None:
            attributes.setdefault(attribute["name"].lower(), Span(*attribute.span(group)))
    close = re.compile(r"\s*(/?)>").match(text, position, limit)
    return _Tag(match[1], attributes, close.end() if close else position, not close or bool(close[1]))


def _label(text: str, tag: _Tag) -> tuple[str | None, tuple[Span, ...]]:
    """Return what a reader sees of an element, and where it stands."""
    if tag.name.lower() in ("img", "area", "image"):
        alt = tag.attributes.get("alt")
        return (unescape(text[alt.start : alt.end]).strip() or None if alt else None), ()
    if tag.is_empty:
        return None, ()
    end = text.find(f"</{tag.name}", tag.end, tag.end + _NEAR)
    if end < 0:
        return None, ()
    inner = text[tag.end : end]
    seen = re.sub(r"<(?:img|area)\b[^>]*?\balt\s*=\s*(?:\"([^\"]*)\"|'([^']*)')[^>]*>", r"\1\2", inner)
    seen = re.sub(r"\{\s*(?:'\s*'|\"\s*\"|/\*.*?\*/)\s*\}|<[^<>]*>", " ", seen)
    seen = " ".join(unescape(seen).split())
    return (None if "{" in seen or not seen else seen), (Span(tag.end, end),)
