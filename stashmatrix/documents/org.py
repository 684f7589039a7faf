"""Org: the labels of links, and blocks of code."""

import re
from collections.abc import Sequence
from functools import cache

from stashmatrix.documents.markup import LinkMarkup, Markup, Span, closed_blocks
from stashmatrix.documents.scanner import Find

_LINK = re.compile(
    r"\[\[(?P<address>[^\]\n]{1,2048})\](?:\[(?P<label>(?:[^\[\]]|\[[^\[\]]*\]){1,1000})\])?\]"
)
_BEGIN = re.compile(r"^[ \t]*#\+BEGIN_(SRC|EXAMPLE)\b", re.MULTILINE | re.IGNORECASE)
_FIXED_WIDTH = re.compile(r"^[ \t]*: .*$", re.MULTILINE)


@cache
def _end_of(name: str) -> re.Pattern[str]:
    return re.compile(rf"^[ \t]*#\+END_{name}\b", re.MULTILINE | re.IGNORECASE)


def org_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links and the code around ``finds``."""
    links = []
    for find in finds:
        start = text.rfind("[[", max(0, find.start - 3000), find.start)
        link = _LINK.match(text, start) if start >= 0 else None
        if link is not None and link.start("address") == find.start:
            texts = (Span(*link.span("label")),) if link["label"] else ()
            label = link["label"].strip("*=~/_+") if link["label"] else None
            links.append(LinkMarkup(Span(*link.span("address")), label, texts))
    code: list[Span] = []
    if "#+" in text:
        code += closed_blocks(text, _BEGIN, _end_of)
    code += [Span(*line.span()) for line in _FIXED_WIDTH.finditer(text)]
    return Markup(links, sorted(code))
