"""Wikis, MediaWiki and DokuWiki among them: the labels of links, and blocks of code."""

import re
from collections.abc import Sequence

from stashmatrix.documents.htmlmarkup import html_markup
from stashmatrix.documents.markup import LinkMarkup, Markup, Span
from stashmatrix.documents.scanner import Find

_LABEL = re.compile(r"[ \t]+(?P<label>[^\]\n]{1,500})\]")
_DOKUWIKI = re.compile(r"[ \t]*\|[ \t]*(?P<label>[^\]\n|]{1,500}?)[ \t]*\]\]")


def wiki_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links and the code around ``finds``."""
    links = []
    for find in finds:
        before = text[max(0, find.start - 2) : find.start]
        label = _DOKUWIKI.match(text, find.end) if before == "[[" else None
        if label is None and before.endswith("["):
            label = _LABEL.match(text, find.end)
        if label is not None:
            seen = label["label"].replace("'''", "").replace("''", "").strip()
            links.append(LinkMarkup(Span(find.start, find.end), seen, (Span(*label.span("label")),)))
    inner = html_markup(text, finds)
    return Markup([*links, *inner.links], inner.code, inner.hidden)
