r"""Data and programs: strings, whose escapes can hide a link, as ``https:\/\/matrix.to\/\u0023`` does.

What stands in the strings, and in comments, is Markdown or HTML as often as not: of those, only links are
read, as there are no blocks.
"""

import re
from collections.abc import Iterator, Sequence

from stashmatrix.documents.htmlmarkup import html_markup
from stashmatrix.documents.markdown import markdown_markup
from stashmatrix.documents.markdownblocks import view_of
from stashmatrix.documents.markdowninlines import Inlines
from stashmatrix.documents.markup import LinkMarkup, Markup, Span, View, replaced
from stashmatrix.documents.restructuredtext import embedded
from stashmatrix.documents.scanner import Find

_NEAR = 2_000
"""Characters of a line that are read to either side of a link."""

_ESCAPE = re.compile(r"\\(?:u(?P<code>[0-9A-Fa-f]{4})|x(?P<byte>[0-9A-Fa-f]{2})|(?P<char>[\"'/nrt\\]))")
_CHARS = {"n": "\n", "r": "\r", "t": "\t"}
_CONTINUED = re.compile(r"(?<!\\)\"[ \t]*\r?\n[ \t]*\"")
_STRING = r"\"(?:[^\"\\]++|\\.)*+\""
_CELL = re.compile(
    rf"\"cell_type\"\s*:\s*\"(?P<type>\w+)\"|\"source\"\s*:\s*(?P<source>\[(?:\s*{_STRING}\s*,?)*+\s*\]|{_STRING})",
    re.DOTALL,
)
_LINE = re.compile(_STRING, re.DOTALL)


def text_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links around ``finds``, line by line."""
    inlines = Inlines({})
    links: list[LinkMarkup] = []
    end = -1
    for find in finds:
        links += embedded(text, find)
        if find.start < end:
            continue
        start = max(text.rfind("\n", 0, find.start) + 1, find.start - _NEAR)
        end = text.find("\n", find.start, find.start + _NEAR)
        end = min(len(text), find.start + _NEAR) if end < 0 else end
        inlines.read(view_of(text, [Span(start, end)]))
    links += inlines.links
    known = {link.destination.start for link in links}
    inner = html_markup(text, [find for find in finds if find.start not in known])
    return Markup([*links, *(link for link in inner.links if link.destination.start not in known)])


def string_view(text: str) -> View:
    """Return the view of a text with the escapes of its strings resolved, as JSON has them."""
    return replaced(text, _escapes(text, 0, len(text))) if "\\" in text else View(text)


def _escapes(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    for match in _ESCAPE.finditer(text, start, end):
        code = match["code"] or match["byte"]
        yield (*match.span(), chr(int(code, 16)) if code else _CHARS.get(match["char"], match["char"]))


def catalogue_view(text: str) -> View:
    """Return the view of a gettext catalogue: strings that go on in the next line are one."""
    continued = [(*match.span(), "") for match in _CONTINUED.finditer(text)]
    return replaced(text, sorted([*continued, *_escapes(text, 0, len(text))]))


def notebook_view(text: str) -> View:
    """Return the view of a notebook as Markdown: its programs in fences, and without their outputs."""
    return replaced(text, _cells(text))


def _cells(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield what to replace: all but the strings that are source, and their escapes."""
    kind, end, mark = "", 0, ""
    for cell in _CELL.finditer(text):
        kind = cell["type"] or kind
        if cell["source"] is None:
            continue
        fence = "" if kind == "markdown" else "\n```\n"
        mark += fence
        for line in _LINE.finditer(text, *cell.span("source")):
            yield end, line.start() + 1, f"\n{mark}" if mark or not end else ""
            yield from _escapes(text, line.start() + 1, line.end() - 1)
            end, mark = line.end() - 1, ""
        mark = f"{fence}\n\n"
    yield end, len(text), ""


def notebook_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links and the code around ``finds``."""
    return markdown_markup(text, finds)
