"""Markdown with its kin: the labels of links, and blocks of code.

Reads only the parts of a document in which links were found, or what they use, as CommonMark reads them.
HTML among it is HTML.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from stashmatrix.documents.htmlmarkup import with_html
from stashmatrix.documents.markdownblocks import Definition, read_blocks, view_of
from stashmatrix.documents.markdowninlines import Inlines, normal, unescape
from stashmatrix.documents.markup import Markup, Span, any_in, span_at
from stashmatrix.documents.scanner import Find

__all__ = ["end_of_front_matter", "markdown_markup", "mdx_markup", "unescape"]

_NEAR = 8_192
"""Characters to either side of a link that are read at most: no block that people write is longer."""

_CODE_INDENT = 4

# A line at the top of a document is not always the beginning of front matter: it may part what follows.
_FRONT_MATTER = re.compile(
    r"(?:(---)(?=[ \t]*\r?\n[^\n:]*:(?:\s|\Z))|(\+\+\+))[ \t]*\r?\n"
    r"(?:.*\n)*?(?:\1|\2|\.\.\.)[ \t]*\r?(?:\n|\Z)"
)
_BEGINNING = re.compile(
    r"\n(?![A-Za-z])(?:(?P<outermost>(?=#{1,6}[ \t])|(?=\r?\n\S))"
    r"|(?P<before>[ \t>]*+(?:(?:[-+*]|\d{1,9}[.)])[ \t]++)*+)(?P<fence>`{3,}+|~{3,}+)(?P<info>[^\n]*+))"
)
_NAME = re.compile(r"\[((?:\\.|[^\[\]\\]){1,999})\]", re.DOTALL)


def end_of_front_matter(text: str) -> int:
    """Return where the data at the top of a document ends; 0 if there is none."""
    front = _FRONT_MATTER.match(text)
    return front.end() if front else 0


def markdown_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links and the code around ``finds``."""
    return _markup(text, finds, indented_code=True)


def mdx_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Do so for MDX, in which an indent makes no code."""
    return _markup(text, finds, indented_code=False)


def _markup(text: str, finds: Sequence[Find], *, indented_code: bool) -> Markup:
    parts = _Parts(text, indented_code=indented_code)
    starts = [find.start for find in finds]
    parts.read(starts)
    definitions = _by_label(parts.definitions)
    wanted = {key for key, definition in definitions.items() if any_in(starts, definition.destination)}
    if wanted:
        parts.read(use.start() for use in _NAME.finditer(text) if normal(use[1]) in wanted)
    inlines = Inlines(definitions)
    for lines in sorted(parts.texts, key=lambda lines: lines[0]):
        if wanted or any_in(starts, Span(lines[0].start, lines[-1].end)):
            inlines.read(view_of(text, lines))
    links = [*inlines.links, *inlines.defined()]
    markup = with_html(text, finds, links)
    return markup._replace(code=sorted([*parts.code, *markup.code]))


def _by_label(definitions: Iterable[Definition]) -> dict[str, Definition]:
    """Return the definitions by their labels; the first of each counts."""
    found: dict[str, Definition] = {}
    for definition in sorted(definitions, key=lambda definition: definition.name):
        found.setdefault(normal(definition.label), definition)
    return found


class _Parts:
    """The parts of a document, each of which is read only if it is wanted."""

    def __init__(self, text: str, *, indented_code: bool) -> None:
        self.text, self.indented_code = text, indented_code
        self.starts, self.fences = _outline(text)
        self.done: list[Span] = []
        self.texts: list[Sequence[Span]] = []
        self.code: list[Span] = []
        self.definitions: list[Definition] = []

    def read(self, positions: Iterable[int]) -> None:
        """Read the blocks that hold ``positions``, which are in order, as far as that is not done."""
        parts: list[Span] = []
        for position in positions:
            if position < self.starts[0] or span_at(self.done, position):
                continue
            part = self._around(position)
            if part is None:
                continue
            if parts and part.start < parts[-1].end:
                parts[-1] = Span(parts[-1].start, max(part.end, parts[-1].end))
            else:
                parts.append(part)
        for part in parts:
            # In the midst of a list, an indent says nothing.
            is_whole = self.starts[bisect_right(self.starts, part.start) - 1] == part.start
            blocks = read_blocks(self.text, part, indented_code=self.indented_code and is_whole)
            self.texts += blocks.texts
            self.code += blocks.code
            self.definitions += blocks.definitions
        self.done = sorted([*self.done, *parts])

    def _around(self, position: int) -> Span | None:
        """Return the part around ``position`` to read: none in the midst of a long fenced block."""
        index = bisect_right(self.starts, position) - 1
        start = self.starts[index]
        end = self.starts[index + 1] if index + 1 < len(self.starts) else len(self.text)
        if position - start > _NEAR:
            fence = span_at(self.fences, position)
            if fence is not None:
                self.code.append(fence)
                return None
            start = position - _NEAR
            if fence := span_at(self.fences, start):
                start = fence.end
            start = self.text.find("\n", start, position) + 1 or start
        return Span(start, min(end, position + _NEAR))


def _outline(text: str) -> tuple[list[int], list[Span]]:
    """Return where a block begins that lies in no other one, and the fenced blocks: both in order.

    Such a block begins with a heading, or with text behind a blank line, if neither is indented.
    """
    starts = [end_of_front_matter(text)]
    fences: list[Span] = []
    begin, fence = 0, ""
    is_inside = (
        False  # whether the fence lies in a list item or a quote, which ends with it, or is code itself
    )
    for match in _BEGINNING.finditer("\n" + text, starts[0]):
        if match["fence"] is None:
            if not fence or is_inside:
                start = text.find("\n", match.start()) + 1 if text[match.start()] in "\r\n" else match.start()
                starts.append(start)
                if fence:
                    fences.append(Span(begin, start))
                    fence = ""
            continue
        before, mark, info = match["before"], match["fence"], match["info"].strip()
        if not fence:
            if mark[0] == "~" or "`" not in info:
                begin, fence = match.start(), mark
                is_inside = before.strip() != "" or len(before.expandtabs(_CODE_INDENT)) >= _CODE_INDENT
        elif mark.startswith(fence) and not info and not before.strip(" \t>"):
            fences.append(Span(begin, match.end() - 1))
            fence = ""
    if fence:
        fences.append(Span(begin, len(text)))
    return starts, fences
