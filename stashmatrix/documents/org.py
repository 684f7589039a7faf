"""Org: the labels of links, and blocks of code."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from stashmatrix.documents.htmlmarkup import with_html
from stashmatrix.documents.markup import LinkMarkup, Markup, Span, closed_blocks, line_at
from stashmatrix.documents.scanner import Find

_LINK = re.compile(
    r"(?P<address>[^\[\]\n]{1,2048}+)\](?:\[(?P<label>(?:[^\[\]]|\[[^\[\]]{0,200}+\]){1,1000}+)\])?\]"
)
_EMPHASIS = re.compile(r"(?<![\w/])([*=~/_+])((?:(?!\1)[^\n])+)\1(?![\w/])")
_PICTURE = re.compile(
    r"(?:https?:|file:|\.{0,2}/)?\S+\.(?:svg|png|jpe?g|gif|webp)(?:\?\S*)?|https?://\S*shields\.io/\S+"
)
_BEGIN = re.compile(r"^[ \t]*+#\+begin_(src|example)\b", re.MULTILINE | re.IGNORECASE)
_FIXED_WIDTH = re.compile(r"[ \t]*+: ")


@cache
def _end_of(name: str) -> re.Pattern[str]:
    return re.compile(rf"^[ \t]*+#\+end_{name}\b", re.MULTILINE | re.IGNORECASE)


def org_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links and the code around ``finds``."""
    links = [link for find in finds for link in _links(text, find)]
    code = list(closed_blocks(text, _BEGIN, _end_of))
    lines = (line_at(text, find.start) for find in finds)
    code += {line for line in lines if _FIXED_WIDTH.match(text, line.start, line.end)}
    return Markup(with_html(text, finds, links).links, sorted(code))


def _links(text: str, find: Find) -> Iterator[LinkMarkup]:
    before = text[max(0, find.start - 2) : find.start]
    if before == "[[":
        link = _LINK.match(text, find.start)
        if link is not None:
            label = link["label"] or ""
            texts = (Span(*link.span("label")),) if label else ()
            yield LinkMarkup(Span(*link.span("address")), _seen(label), texts)
    elif before == "][" and _PICTURE.fullmatch(text, find.start, find.end):
        # A badge is the picture of the link that it is the description of.
        yield LinkMarkup(Span(find.start, find.end))


def _seen(label: str) -> str | None:
    """Return what a reader sees of a description; a picture has no words."""
    if _PICTURE.fullmatch(label):
        return None
    return " ".join(_EMPHASIS.sub(r"\2", label).split()) or None
