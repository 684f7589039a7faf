"""LaTeX and Texinfo: the labels of links, and verbatim text."""

import re
from collections.abc import Sequence
from functools import cache

from stashmatrix.documents.markup import LinkMarkup, Markup, Span, View, closed_blocks, replaced
from stashmatrix.documents.scanner import Find

_ESCAPE = re.compile(r"\\([#%&_~{}$])")
_HREF = re.compile(r"\\href\{\Z")
_LABEL = re.compile(r"\}\s*\{(?P<label>(?:[^{}]|\{[^{}]*\}){0,500})\}")
_TEXINFO = re.compile(r"@u(?:ref|rl)\{\Z")
_TEXINFO_LABEL = re.compile(r",\s*(?P<label>[^{}]{1,500})\}")
_BEGIN = re.compile(r"(\\begin\{(?:verbatim|lstlisting|minted)\}|^@(?:verbatim|example)\b)", re.MULTILINE)


@cache
def _end_of(begin: str) -> re.Pattern[str]:
    end = begin.replace("\\begin", "\\end") if begin[0] == "\\" else f"@end {begin[1:]}"
    return re.compile(re.escape(end))


def tex_view(text: str) -> View:
    """Return the view of a text without the escapes of its special characters."""
    return replaced(text, ((*match.span(), match[1]) for match in _ESCAPE.finditer(text)))


def tex_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links and the code around ``finds``."""
    links = []
    for find in finds:
        before = text[max(0, find.start - 8) : find.start]
        label = None
        if _HREF.search(before):
            label = _LABEL.match(text, find.end)
        elif _TEXINFO.search(before):
            label = _TEXINFO_LABEL.match(text, find.end)
        if label is not None:
            seen = re.sub(r"\\[A-Za-z]+\s*|[{}]", "", label["label"])
            links.append(
                LinkMarkup(Span(find.start, find.end), " ".join(seen.split()), (Span(*label.span("label")),))
            )
    return Markup(links, list(closed_blocks(text, _BEGIN, _end_of)))
