"""Org: the labels of links, and blocks of code."""

import re
from collections.abc import Sequence

from stashmatrix.documents.markup import LinkMarkup, Markup, Span
from stashmatrix.documents.scanner import Find

_LINK = re.compile(
    r"\[\[(?P<address>[^\]\n]{1,2048})\](?:\[(?P<label>(?:[^\[\]]|\[[^\[\]]*\]){1,1000})\])?\]"
)
_BLOCK = re.compile(
    r"^[ \t]*#\+BEGIN_(SRC|EXAMPLE)\b.*?^[ \t]*#\+END_\1\b", re.MULTILINE | re.DOTALL | re.IGNORECASE
)
_FIXED_WIDTH = re.compile(r"^[ \t]*: .*$", re.MULTILINE)


def org_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links and the code around ``finds``."""
    links = []
    for find in finds:
        start = text.rfind("[[", max(0, find.start - 3000), find.start)
        link = _LINK.match(text, start) if start >= 0 else None
        if link is not None and link.start("address") == find.start:
            texts = (Span(*link.span("label")),) if link["label"] else ()
            label = re.sub("[*=~/]", "", link["label"]) if link["label"] else None
            links.append(LinkMarkup(Span(*link.span("address")), label, texts))
    code = []
    if "#+" in text:
        code += [Span(*block.span()) for block in _BLOCK.finditer(text)]
    code += [Span(*line.span()) for line in _FIXED_WIDTH.finditer(text)]
    return Markup(links, sorted(code))
