"""LaTeX and Texinfo: the labels of links, and verbatim text."""

import re
from collections.abc import Sequence
from functools import cache

from stashmatrix.documents.markup import LinkMarkup, Markup, Span, View, closed_blocks, replaced
from stashmatrix.documents.scanner import Find

_LONGEST_LABEL = 1_000

_ESCAPE = re.compile(r"\\([#%&_~{}$])(?:(?<=~)\{\})?")
_HREF = re.compile(r"\\href(?:\[[^\[\]\n]{0,99}\])?\s{0,9}\{%?\s{0,9}\Z")
_HREF_LABEL = re.compile(r"%?\s*\}%?\s*\{")
_TEXINFO = re.compile(r"@u(?:ref|rl)\{\s{0,9}\Z")
_TEXINFO_LABEL = re.compile(r"\s*,")
_COMMAND = re.compile(r"[\\@][A-Za-z]+\*?\s*(?:\[[^\[\]]{0,99}\])?|@(?=[@{}])|\\(?=\W)|[{}]")
_BRACE = re.compile(r"[{}]")
_COMMENT = re.compile(r"%[ \t]*\n\s*")
_BEGIN = re.compile(
    r"(\\begin\{(?:[BL]?[Vv]erbatim|lstlisting|minted|alltt|tcblisting)\*?\}"
    r"|^@(?:verbatim|example|smallexample|lisp|smalllisp)\b)",
    re.MULTILINE,
)


@cache
def _end_of(begin: str) -> re.Pattern[str]:
    return re.compile(
        re.escape(begin.replace("\\begin", "\\end") if begin[0] == "\\" else f"@end {begin[1:]}")
    )


def tex_view(text: str) -> View:
    """Return the view of a text without the escapes of its special characters."""
    return replaced(text, ((*match.span(), match[1]) for match in _ESCAPE.finditer(text)))


def tex_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links and the code around ``finds``."""
    return Markup(
        [link for find in finds if (link := _link(text, find)) is not None],
        list(closed_blocks(text, _BEGIN, _end_of)),
    )


def _link(text: str, find: Find) -> LinkMarkup | None:
    before = text[max(0, find.start - 120) : find.start]
    if not before.rstrip("% \t\r\n").endswith("{"):
        return None
    is_href = _HREF.search(before) is not None
    if not is_href and not _TEXINFO.search(before):
        return None
    opening = (_HREF_LABEL if is_href else _TEXINFO_LABEL).match(text, find.end)
    end = _end_of_group(text, opening.end()) if opening else -1
    if opening is None or end < 0:
        return None
    label = Span(opening.end(), end)
    seen = text[label.start : label.end]
    if not is_href:
        first, _, replacement = seen.partition(",")  # the third argument stands in place of all
        seen = replacement if replacement.strip() else first
    seen = _COMMAND.sub("", _COMMENT.sub("", seen)).replace("~", " ")
    return LinkMarkup(Span(find.start, find.end), " ".join(seen.split()) or None, (label,))


def _end_of_group(text: str, position: int) -> int:
    """Return where the group that is open at ``position`` closes; -1 if that is far away."""
    depth = 1
    for brace in _BRACE.finditer(text, position, position + _LONGEST_LABEL):
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return brace.start()
    return -1
