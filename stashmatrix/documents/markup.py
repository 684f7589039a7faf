"""What a format's syntax tells of the links in a text: their labels, and where code stands."""

import re
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from stashmatrix.documents.scanner import Find


class Span(NamedTuple):
    """A part of a text, from ``start`` to before ``end``."""

    start: int
    end: int

    def holds(self, position: int) -> bool:
        """Say whether ``position`` lies in it."""
        return self.start <= position < self.end


def span_at(spans: Sequence[Span], position: int) -> Span | None:
    """Return the one of ``spans``, which are in order, that holds ``position``."""
    index = bisect_right(spans, (position, sys.maxsize)) - 1
    return spans[index] if index >= 0 and spans[index].holds(position) else None


def any_in(starts: Sequence[int], span: Span) -> bool:
    """Say whether one of ``starts``, which are in order, lies in the span."""
    following = bisect_left(starts, span.start)
    return following < len(starts) and span.holds(starts[following])


def closed_blocks(
    text: str, begin: re.Pattern[str], end_of: Callable[[str], re.Pattern[str]]
) -> Iterator[Span]:
    """Yield each block from ``begin``, whose first group names its kind, to what ends that kind.

    What nothing closes is no block, and its kind is not looked for again: that would take quadratic time.
    """
    unclosed: set[str] = set()
    position = 0
    while (opened := begin.search(text, position)) is not None:
        position = opened.end()
        if opened[1] in unclosed:
            continue
        closed = end_of(opened[1]).search(text, position)
        if closed is None:
            unclosed.add(opened[1])
        else:
            position = closed.end()
            yield Span(opened.start(), position)


_LONGEST_LINE = 4_096
"""Characters of a line that are looked at to either side of a link."""


def line_at(text: str, position: int) -> Span:
    """Return the line that holds ``position``, without its line feed; of a very long one, what is near."""
    lowest, highest = max(0, position - _LONGEST_LINE), position + _LONGEST_LINE
    start = text.rfind("\n", lowest, position) + 1
    end = text.find("\n", position, highest)
    return Span(max(start, lowest), min(len(text), highest) if end < 0 else end)


_BLANK_LINE = re.compile(r"\n[ \t\r]*(?=\n|\Z)")


def end_of_paragraph(text: str, position: int, limit: int | None = None) -> int:
    """Return where the paragraph that holds ``position`` ends: at a blank line, or before ``limit``."""
    limit = len(text) if limit is None else limit
    blank = _BLANK_LINE.search(text, position, limit)
    return blank.start() if blank else limit


class LinkMarkup(NamedTuple):
    """A link as a format marks it up."""

    destination: Span
    """The address, without what encloses it; empty where none is written."""
    label: str | None = None
    """What a reader sees of it; ``None`` if that is unknown."""
    texts: tuple[Span, ...] = ()
    """Where its text and its name stand: an alias there belongs to the link."""
    around: Span | None = None
    """The destination of the link that has it for a picture, if it does not stand in its text."""
    label_is_name: bool = False
    """Whether other places may refer to the link by its label, so that this cannot change alone."""


class Markup(NamedTuple):
    """What a syntax tells of a text."""

    links: Sequence[LinkMarkup] = ()
    code: Sequence[Span] = ()
    """Blocks of code, in order."""
    hidden: Sequence[Span] = ()
    """What no reader sees, and no link is looked for in."""


class View(NamedTuple):
    """A text without the escapes of its format, and where each part of it stands in the file.

    From ``starts[i]`` on, a position in the text is ``shifts[i]`` characters further on in the file.
    """

    text: str
    starts: Sequence[int] = (0,)
    shifts: Sequence[int] = (0,)
    after_escapes: frozenset[int] = frozenset()
    """The indexes of those parts that follow an escape, and not text that was left out."""

    def position(self, position: int) -> int:
        """Return where in the file the character at ``position`` of the text begins."""
        return position + self.shifts[bisect_right(self.starts, position) - 1]

    def end(self, end: int) -> int:
        """Return where in the file the part of the text before ``end`` ends, if it is not empty."""
        last = bisect_right(self.starts, end - 1) - 1
        following = last + 1
        if following in self.after_escapes and self.starts[following] == end:
            return end + self.shifts[following]
        return end + self.shifts[last]


def replaced(text: str, replacements: Iterable[tuple[int, int, str]]) -> View:
    """Return the view of ``text`` with each part from start to before end replaced, in order."""
    parts: list[str] = []
    starts, shifts = [0], [0]
    after_escapes: set[int] = set()
    last = length = 0
    for start, end, replacement in replacements:
        parts += (text[last:start], replacement)
        length += start - last + len(replacement)
        last = end
        if replacement:
            after_escapes.add(len(starts))
        starts.append(length)
        shifts.append(end - length)
    parts.append(text[last:])
    return View("".join(parts), starts, shifts, frozenset(after_escapes))


def plain(text: str) -> View:
    """Return the view of a text that has no escapes."""
    return View(text)


class Syntax(NamedTuple):
    """How to read one format."""

    markup: Callable[[str, Sequence[Find]], Markup]
    """Tells of the links that were found in a text."""
    unescape: Callable[[str], str] = str
    """Resolves the escapes of a link's address."""
    view: Callable[[str], View] = plain
    """Resolves escapes of the whole file, in formats whose escapes can hide a link."""
    has_captions: bool = False
    """Whether its lists and tables name links that have no text of their own."""
    comments: tuple[str, ...] = ()
    """What begins a comment; ``^`` before it stands for the start of a line."""
    is_translation: bool = False
    """Whether it consists of texts and their translations: a comment on a line of its own is about both."""
