"""The label of a link that has no text of its own: what the list item or table cell around it says."""

import re
from collections.abc import Sequence

from stashmatrix.documents.markup import Span, any_in, line_at

# Two dots begin an entry of AsciiDoc, and no entry of reStructuredText.
_ITEM = re.compile(r"[ \t>]*(?:[-+*•]|\d{1,9}[.)]|#\.|\*{1,5}|\.(?:\.{2,4})?)[ \t]+")
_ROW = re.compile(r"[ \t>]*\|")
# What a caption ends with before its link, or begins with after it.
_BEFORE = re.compile(r"(?P<caption>.*?)[ \t*_`]*(?:::?|=>|[|(]|[-\u2013\u2014]+)[ \t*_`(<\"']*", re.DOTALL)
_AFTER = re.compile(r"[ \t*_`)>\"']*(?:::?|[|(]|[-\u2013\u2014]+)[ \t*_`]*(?P<caption>.*?)[ \t)]*", re.DOTALL)
_MARKS = " \t\r*_`<>\"'"
_LONGEST = 60
"""Characters of a caption: what is longer is a sentence about the link."""


def caption(text: str, span: Span, starts: Sequence[int]) -> str | None:
    """Return what names the link at ``span`` in its list item or table row, if that is plain.

    In a list it stands on the link's line, before a colon or a dash, or after one; in a table in the
    link's cell, or in the first cell of its row. Whatever has a second link, whose ``starts`` are in order,
    names none for sure, nor does a sentence.
    """
    line = line_at(text, span.start)
    if any_in(starts, Span(line.start, span.start)) or any_in(starts, Span(span.end, line.end)):
        return None
    before, after = text[line.start : span.start], text[span.end : line.end]
    if _ROW.match(before) and "|" in after:
        return _name(before.rpartition("|")[2], after.partition("|")[0]) or _plain(
            before.strip().split("|", 2)[1]
        )
    item = _ITEM.match(before)
    return _name(before[item.end() :], after) if item else None


def _name(before: str, after: str) -> str | None:
    """Return what names a link between these two."""
    if not after.strip(f"{_MARKS}).,;") and (match := _BEFORE.fullmatch(before)):
        return _plain(match["caption"])
    if not before.strip(f"{_MARKS}(") and (match := _AFTER.fullmatch(after)):
        return _plain(match["caption"])
    return None


def _plain(caption: str) -> str | None:
    name = caption.strip(_MARKS)
    is_name = 0 < len(name) <= _LONGEST and not re.search(r"[\[\]()|{}<>]|://|[.!?](?: |\Z)|[:;]", name)
    return name if is_name else None
