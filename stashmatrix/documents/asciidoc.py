"""AsciiDoc: the labels of links, and blocks of code."""

import re
from collections.abc import Iterator, Sequence

from stashmatrix.documents.markup import LinkMarkup, Markup, Span
from stashmatrix.documents.scanner import Find

_LABEL = re.compile(r"(?:\+\+)?\[(?P<label>(?:\\.|[^\[\]\\]|\[[^\[\]]*\]){0,1000})\]")
_ATTRIBUTES = re.compile(
    r",\s*(?:window|role|opts|options|id|title|link|xrefstyle|width|height|align)\s*=.*", re.DOTALL
)
_ATTRIBUTE = re.compile(r":(?P<name>[\w-]+):[ \t]+(?:link:)?")
_IMAGE = re.compile(r"image::?(?P<address>[^\s\[]+)\[(?P<label>(?:\\.|[^\[\]\\])*)\]")
_BLOCK = re.compile(r"^(?P<mark>-{4,}|\.{4,}|`{3}|/{4,})[^\n`]*$", re.MULTILINE)


def unescape(text: str) -> str:
    """Resolve what AsciiDoc has for a character of its own markup."""
    return re.sub(r"\\([^\w\s])", r"\1", text).replace("{plus}", "+")


def asciidoc_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links and the code around ``finds``."""
    blocks = list(_blocks(text))
    code = [span for span, mark in blocks if mark != "/"]
    hidden = [span for span, mark in blocks if mark == "/"]
    return Markup([link for find in finds if (link := _link(text, find)) is not None], code, hidden)


def _link(text: str, find: Find) -> LinkMarkup | None:
    start = text.rfind("\n", 0, find.start) + 1
    for image in _IMAGE.finditer(text, max(start, find.start - 1000), find.end + 1000):
        if not image.start() <= find.start < image.end():
            continue
        label = _text(image["label"])
        if image.start("address") == find.start:
            return LinkMarkup(Span(*image.span("address")), label)
        return LinkMarkup(Span(find.start, find.end), label, (Span(*image.span("address")),))
    attribute = _ATTRIBUTE.match(text, start)
    if attribute is not None and attribute.end() == find.start:
        return _use(text, attribute["name"], find)
    label_of = _LABEL.match(text, find.end)
    if label_of is None:
        return None
    return LinkMarkup(Span(find.start, find.end), _text(label_of["label"]), (Span(*label_of.span("label")),))


def _use(text: str, name: str, find: Find) -> LinkMarkup:
    """Read the attribute that a find is the value of: its first use with a label tells it."""
    uses = list(re.finditer(rf"\{{{re.escape(name)}\}}\[(?P<label>[^\]\n]*)\]", text))
    texts = tuple(Span(*use.span("label")) for use in uses)
    return LinkMarkup(Span(find.start, find.end), _text(uses[0]["label"]) if uses else None, texts)


def _text(label: str) -> str | None:
    """Return what a reader sees of what stands in the brackets, without attributes and marks."""
    seen = _ATTRIBUTES.sub("", label).strip().removesuffix("^").strip('"').replace("\\]", "]")
    return re.sub(r"\*|`|\+\+", "", seen).strip() or None


def _blocks(text: str) -> Iterator[tuple[Span, str]]:
    """Yield each delimited block without markup inside, with the first character of its delimiter."""
    opened: re.Match[str] | None = None
    for line in _BLOCK.finditer(text):
        if opened is None:
            opened = line
        elif opened["mark"] == line["mark"]:
            yield Span(opened.start(), line.end()), line["mark"][0]
            opened = None
    if opened is not None:
        yield Span(opened.start(), len(text)), opened["mark"][0]
