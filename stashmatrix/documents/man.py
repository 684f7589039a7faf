"""Manual pages, in man and mdoc: the labels of links."""

import re
from collections.abc import Sequence

from stashmatrix.documents.markup import LinkMarkup, Markup, Span, View, replaced
from stashmatrix.documents.scanner import Find

_NEAR = 1_000
"""Characters behind a link in which its text ends."""

_MAN = re.compile(r"\.UR[ \t]+\"?\Z")
_MDOC = re.compile(r"\.?Lk[ \t]+\Z")
_ESCAPE = re.compile(
    r"\\(?:(?P<nothing>[:&%/,^|])|(?P<itself>[-'`])|\((?P<pair>[a-z]{2})|\[(?P<name>[a-z]{2})\])"
)
_NAMES = {"aq": "'", "dq": '"', "at": "@", "sh": "#", "hy": "-", "ti": "~", "ha": "^", "rs": "\\"}


def man_view(text: str) -> View:
    """Return the view of a text without the escapes that addresses have."""
    return replaced(text, ((*escape.span(), _character(escape)) for escape in _ESCAPE.finditer(text)))


def _character(escape: re.Match[str]) -> str:
    name = escape["pair"] or escape["name"]
    return _NAMES.get(name, escape[0]) if name else escape["itself"] or ""


def man_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links around ``finds``."""
    return Markup([link for find in finds if (link := _link(text, find)) is not None])


def _link(text: str, find: Find) -> LinkMarkup | None:
    start = text.rfind("\n", max(0, find.start - 20), find.start) + 1
    limit = min(len(text), find.end + _NEAR)
    end = text.find("\n", find.end, limit)
    end = limit if end < 0 else end
    before = text[max(start, find.start - 20) : find.start]
    if _MAN.search(before):
        close = text.find("\n.UE", end, end + _NEAR)
        if close < 0:
            return None
        return LinkMarkup(Span(find.start, find.end), _text(text[end:close]), (Span(end, close),))
    if _MDOC.search(before):
        return LinkMarkup(Span(find.start, find.end), _text(text[find.end : end]), (Span(find.end, end),))
    return None


def _text(written: str) -> str | None:
    """Return what a reader sees of text with requests for fonts in it."""
    seen = re.sub(r"^\.\w+[ \t]*|\\f[A-Z]|\"", "", written, flags=re.MULTILINE)
    return " ".join(seen.split()) or None
