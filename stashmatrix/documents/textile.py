"""Textile: the labels of links, and blocks of code."""

import re
from collections.abc import Sequence

from stashmatrix.documents.htmlmarkup import html_markup
from stashmatrix.documents.markup import LinkMarkup, Markup, Span
from stashmatrix.documents.scanner import Find

_LABEL = re.compile(r"\"(?P<label>[^\"\n]{1,500}?)(?:\([^()\n]*\))?\":\Z")
_PICTURE = re.compile(r"!(?P<address>[^!\s]+?)(?:\((?P<alt>[^()\n]*)\))?!:\Z")
_BLOCK = re.compile(r"^bc\.\.?[ \t].*?(?=\n\n|\Z)", re.MULTILINE | re.DOTALL)


def textile_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links and the code around ``finds``."""
    links = []
    for find in finds:
        lowest = max(text.rfind("\n", 0, find.start) + 1, find.start - 600)
        before = text[lowest : find.start]
        if label := _LABEL.search(before):
            span = Span(lowest + label.start("label"), lowest + label.end("label"))
            links.append(LinkMarkup(Span(find.start, find.end), label["label"].strip("*_@"), (span,)))
        elif picture := _PICTURE.search(before):
            span = Span(lowest + picture.start("address"), lowest + picture.end("address"))
            links.append(LinkMarkup(Span(find.start, find.end), picture["alt"], (span,)))
    inner = html_markup(text, finds)
    code = [Span(*block.span()) for block in _BLOCK.finditer(text)] if "bc." in text else []
    return Markup([*links, *inner.links], sorted([*code, *inner.code]), inner.hidden)
