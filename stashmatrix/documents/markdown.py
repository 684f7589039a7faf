"""Markdown with its kin: the labels of links, and blocks of code.

Reads only the parts of a document in which links were found, or what they use, as CommonMark reads them.
HTML among it is HTML.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from stashmatrix.documents.htmlmarkup import html_markup
from stashmatrix.documents.markdownblocks import Definition, read_blocks, view_of
from stashmatrix.documents.markdowninlines import Inlines, normal, unescape
from stashmatrix.documents.markup import Markup, Span
from stashmatrix.documents.scanner import Find

__all__ = ["markdown_markup", "mdx_markup", "unescape"]

_FRONT_MATTER = re.compile(r"(---|\+\+\+)[ \t]*\r?\n(?:.*\n)*?(?:\1|\.\.\.)[ \t]*\r?(?:\n|\Z)")
_BEGINNING = re.compile(
    r"\n(?:(?P<heading>#{1,6}[ \t])"
    r"|(?P<before>[ \t>]*+(?:(?:[-+*]|\d{1,9}[.)])[ \t]++)*+)(?P<fence>`{3,}+|~{3,}+)(?P<info>[^\n]*+))"
)
_NAME = re.compile(r"\[((?:\\.|[^\[\]\\]){1,999})\]", re.DOTALL)


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
    parts.read(_occurrences(text, "]:"))
    definitions = _by_label(parts.definitions)
    wanted = {key for key, definition in definitions.items() if _any_in(starts, definition.destination)}
    if wanted:
        parts.read(use.start() for use in _NAME.finditer(text) if normal(use[1]) in wanted)
    inlines = Inlines(definitions)
    for lines in sorted(parts.texts, key=lambda lines: lines[0]):
        if wanted or _any_in(starts, Span(lines[0].start, lines[-1].end)):
            inlines.read(view_of(text, lines))
    inner = html_markup(text, finds)
    links = [*inlines.links, *inlines.defined()]
    destinations = {link.destination.start for link in links}
    links += [link for link in inner.links if link.destination.start not in destinations]
    return Markup(links, sorted([*parts.code, *inner.code]), inner.hidden)


def _occurrences(text: str, word: str) -> Iterator[int]:
    position = text.find(word)
    while position >= 0:
        yield position
        position = text.find(word, position + 1)


def _any_in(starts: Sequence[int], span: Span) -> bool:
    """Say whether one of ``starts``, which are in order, lies in the span."""
    following = bisect_left(starts, span.start)
    return following < len(starts) and span.holds(starts[following])


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
        front = _FRONT_MATTER.match(text)
        self.starts = [front.end() if front else 0]
        self.starts += (start for start in _headings(text) if start > self.starts[0])
        self.done: set[int] = set()
        self.texts: list[Sequence[Span]] = []
        self.code: list[Span] = []
        self.definitions: list[Definition] = []

    def read(self, positions: Iterable[int]) -> None:
        """Read the parts that hold ``positions``, as far as that is not done."""
        for position in positions:
            index = bisect_right(self.starts, position) - 1
            if index in self.done or index < 0:
                continue
            self.done.add(index)
            end = self.starts[index + 1] if index + 1 < len(self.starts) else len(self.text)
            blocks = read_blocks(self.text, Span(self.starts[index], end), indented_code=self.indented_code)
            self.texts += blocks.texts
            self.code += blocks.code
            self.definitions += blocks.definitions


def _headings(text: str) -> Iterator[int]:
    """Yield where headings begin that lie in no other block: all before has ended there."""
    fence = ""
    is_inside = False  # whether the fence lies in a list item or a quote, which a heading ends
    for match in _BEGINNING.finditer("\n" + text):
        if match["heading"]:
            if not fence or is_inside:
                yield match.start()
                fence = ""
            continue
        before, mark, info = match["before"], match["fence"], match["info"].strip()
        if not fence:
            if mark[0] == "~" or "`" not in info:
                fence, is_inside = mark, len(before) > 1
        elif mark.startswith(fence) and not info and not before.strip(" \t>"):
            fence = ""
