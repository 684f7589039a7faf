"""Data, programs and plain text: what stands in their strings and their comments.

That is Markdown, reStructuredText or HTML as often as not: of those, links are read, and no blocks.
"""

import re
from collections.abc import Iterator, Sequence

from stashmatrix.documents.htmlmarkup import with_html
from stashmatrix.documents.markdownblocks import view_of
from stashmatrix.documents.markdowninlines import Inlines
from stashmatrix.documents.markup import LinkMarkup, Markup, Span
from stashmatrix.documents.restructuredtext import embedded
from stashmatrix.documents.scanner import Find

_NEAR = 2_000
"""Characters of a line that are read to either side of a link."""
_MOST_LINES = 6
"""Lines above a link in which its text may begin."""

_BEFORE_ADDRESS = re.compile(r"\]\(<?\Z")
_COMMENT_MARK = re.compile(r"[ \t]*+(?:(?://[/!]?|#+|\*|--|;+|%+|>)(?=[ \t]))?[ \t]*+")
_LONGEST_TAG = 6
_URL_TAG = re.compile(r"(?i)\[url=[\"']?\Z")
_URL_TEXT = re.compile(r"(?i)[\"']?\](?P<label>[^\[\n]*+)\[/url\]")
_QUOTES = ('"', "'", "`")


def text_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links around ``finds``, line by line."""
    inlines = Inlines({})
    links: list[LinkMarkup] = []
    end = -1
    for find in finds:
        links += embedded(text, find)
        links += _in_bulletin_board_code(text, find)
        if find.start < end:
            continue
        start = max(text.rfind("\n", 0, find.start) + 1, find.start - _NEAR)
        end = text.find("\n", find.start, find.start + _NEAR)
        end = min(len(text), find.start + _NEAR) if end < 0 else end
        inlines.read(view_of(text, _lines(text, Span(start, end), find.start)))
    # The key of a table and a call look like Markdown: handlers[name]("address").
    links += (link for link in inlines.links if not text.startswith(_QUOTES, link.destination.start))
    return Markup(with_html(text, finds, links).links)


def _in_bulletin_board_code(text: str, find: Find) -> Iterator[LinkMarkup]:
    """Yield the link of forums whose address ``find`` is: ``[url=address]text[/url]``."""
    if not _URL_TAG.search(text, max(0, find.start - _LONGEST_TAG), find.start):
        return
    if inner := _URL_TEXT.match(text, find.end, find.end + _NEAR):
        yield LinkMarkup(
            Span(find.start, find.end), inner["label"].strip() or None, (Span(*inner.span("label")),)
        )


def _lines(text: str, line: Span, position: int) -> list[Span]:
    """Return the line of a link, and what stands above it if the text of the link begins there."""
    before = text[line.start : position]
    depth = before.count("]") - before.count("[")
    if depth != 1 or not _BEFORE_ADDRESS.search(before):
        return [line]
    lines, start = [_without_mark(text, line)], line.start
    for _ in range(_MOST_LINES):
        end = start - 1
        start = max(text.rfind("\n", 0, max(end, 0)) + 1, end - _NEAR)
        above = _without_mark(text, Span(start, end))
        if above.start >= above.end:
            break
        opener = text.rfind("[", *above)
        if opener >= 0:
            is_closed = text.find("]", opener, end) >= 0
            return [line] if is_closed else [Span(opener, end), *lines]
        lines.insert(0, above)
    return [line]


def _without_mark(text: str, line: Span) -> Span:
    """Return a line without what makes it a comment."""
    mark = _COMMENT_MARK.match(text, *line)
    return Span(mark.end() if mark else line.start, line.end)


def style_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links around ``finds`` in a style sheet, where an alias outside comments is a selector."""
    selectors = [Span(find.start, find.end) for find in finds if find.is_bare and not _in_comment(text, find)]
    return text_markup(text, finds)._replace(hidden=selectors)


def _in_comment(text: str, find: Find) -> bool:
    lowest = max(0, find.start - _NEAR)
    if text.rfind("/*", lowest, find.start) > text.rfind("*/", lowest, find.start):
        return True
    return text.rfind("//", lowest, find.start) > text.rfind("\n", lowest, find.start)
