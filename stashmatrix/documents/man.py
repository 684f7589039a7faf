"""Manual pages, in man and mdoc: the labels of links."""

import re
from collections.abc import Sequence

from stashmatrix.documents.markup import LinkMarkup, Markup, Span
from stashmatrix.documents.scanner import Find

_MAN = re.compile(r"\.UR[ \t]+\"?\Z")
_MDOC = re.compile(r"\.?Lk[ \t]+\Z")
_ESCAPES = {"\\-": "-", "\\:": "", "\\&": "", "\\(aq": "'", "\\(dq": '"', "\\(at": "@", "\\(sh": "#", "\\[at]": "@"}
_ESCAPE = re.compile("|".join(map(re.escape, sorted(_ESCAPES, key=len, reverse=True))))


def unescape(text: str) -> str:
    """Resolve the escapes that addresses have."""
    return _ESCAPE.sub(lambda match: _ESCAPES[match[0]], text) if "\\" in text else text


def man_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links around ``finds``."""
    return Markup([link for find in finds if (link := _link(text, find)) is not None])


def _link(text: str, find: Find) -> LinkMarkup | None:
    start = text.rfind("\n", 0, find.start) + 1
    end = text.find("\n", find.end)
    end = len(text) if end < 0 else end
    before = text[max(start, find.start - 20) : find.start]
    if _MAN.search(before):
        close = text.find("\n.UE", end, end + 1000)
        if close < 0:
            return None
        return LinkMarkup(Span(find.start, find.end), _text(text[end:close]), (Span(end, close),))
    if _MDOC.search(before):
        return LinkMarkup(Span(find.start, find.end), _text(text[find.end : end]), (Span(find.end, end),))
    return None


def _text(written: str) -> str | None:
    """Return what a reader sees of text with requests for fonts in it."""
    seen = re.sub(r"^\.\w+[ \t]*|\\f[A-Z]|\"", "", written, flags=re.MULTILINE)
    return " ".join(unescape(seen).split()) or None
