"""The blocks of Markdown: which lines are text, which are code, and what link reference definitions say.

As CommonMark 0.31 has them, with the tables of GitHub. On purpose, some things are read as more than one
processor reads them: footnotes, admonitions and definition lists hold blocks, as list items do, and text in a
block of HTML is text, as it is in MDX and in kramdown.
"""

import re
from collections.abc import Sequence
from enum import Enum, auto
from typing import NamedTuple

from stashmatrix.documents.markup import Span, View

_DEEPEST = 24
"""Quotes and list items inside one another; what is nested more deeply is text."""
_TAB = 4
"""Columns to which a tab reaches, and the indent of code."""
_QUOTE = 0
"""A quote among containers; a list item is the width of its indent."""


class Definition(NamedTuple):
    """A link reference definition."""

    label: str
    name: Span
    destination: Span


class Blocks(NamedTuple):
    """What a part of a document consists of."""

    texts: list[Sequence[Span]]
    """The lines of each paragraph, heading and cell, without what marks their container."""
    code: list[Span]
    definitions: list[Definition]


def view_of(text: str, lines: Sequence[Span]) -> View:
    """Return the view of some ``lines`` alone."""
    starts, shifts = [], []
    length = 0
    for start, end in lines:
        starts.append(length)
        shifts.append(start - length)
        length += end - start + 1
    return View("\n".join([text[start:end] for start, end in lines]), starts or (0,), shifts or (0,))


def read_blocks(text: str, part: Span, *, indented_code: bool = True) -> Blocks:
    """Read the blocks of a ``part`` of ``text`` that begins outside every block."""
    reader = _Reader(text, indented_code=indented_code)
    start = part.start
    while start < part.end:
        end = text.find("\n", start, part.end)
        end = part.end if end < 0 else end
        reader.read_line(start, end - 1 if end > start and text[end - 1] == "\r" else end)
        start = end + 1
    reader.close(0)
    return reader.blocks


_BLANKS = re.compile(r"[ \t]*")


class _Line:
    """A line, read from its left end."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text, self.start, self.position, self.end = text, start, start, end
        self.column = 0
        self.spare = 0  # columns that are left of a tab

    def content(self) -> int:
        """Return where what is no white space begins."""
        match = _BLANKS.match(self.text, self.position, self.end)
        return match.end() if match else self.position

    def indent(self) -> int:
        """Return the columns of white space ahead."""
        blanks = self.text[self.position : self.content()]
        if "\t" not in blanks:
            return self.spare + len(blanks)
        column = self.column
        for character in blanks:
            column += _TAB - column % _TAB if character == "\t" else 1
        return self.spare + column - self.column

    def skip(self, columns: int) -> None:
        """Go on by so many columns."""
        while columns > 0:
            if not self.spare:
                is_tab = self.text[self.position : self.position + 1] == "\t"
                self.spare = _TAB - self.column % _TAB if is_tab else 1
                self.column += self.spare
                self.position += 1
            step = min(self.spare, columns)
            self.spare -= step
            columns -= step


class _Leaf(Enum):
    """What the lines that were read last are a part of."""

    NONE = auto()
    TEXT = auto()
    TABLE = auto()
    FENCE = auto()
    HTML = auto()
    """A block of HTML that holds text."""
    OPAQUE = auto()
    """A script and its like."""


_VERBATIM = (_Leaf.FENCE, _Leaf.HTML, _Leaf.OPAQUE)
_HEADING = re.compile(r"#{1,6}(?=[ \t]|$)")
_FENCE = re.compile(r"`{3,}(?=[^`]*$)|~{3,}")
# MyST writes its directives like code. Those that hold prose do, as do those whose argument is an address.
_DIRECTIVE = re.compile(
    r"[ \t>]*[`~]{3,}\{(?:admonition|attention|button-link|button-ref|card|caution|danger|details|div"
    r"|dropdown|epigraph|error|figure|figure-md|grid|grid-item|grid-item-card|hint|image|important|list-table|margin"
    r"|note|only|seealso|sidebar|tab-item|tab-set|table|tip|todo|topic|version\w+|warning)\}"
)
_BREAK = re.compile(r"(?:(?:\*[ \t]*+){3,}+|(?:-[ \t]*+){3,}+|(?:_[ \t]*+){3,}+)$")
_UNDERLINE = re.compile(r"(?:=+|-+)[ \t]*$")
_ITEM = re.compile(r"(?:[-+*:]|\d{1,9}[.)])(?=[ \t]|$)")
_FOOTNOTE = re.compile(r"\[\^[^\s\[\]]{1,99}\]:")
_ADMONITION = re.compile(r"(?:!!!|\?\?\?\+?|===\+?!?) +(?=[\"\w])")
_DELIMITERS = re.compile(r"(?=[^\n]*[|:])\|?(?:[ \t]*+:?-++:?[ \t]*+(?:\||$))++$")
_CELL = re.compile(r"(?:\\.|[^|\\]|\\$)++")

_NAMES = (
    "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt"
    "|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main"
    "|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead"
    "|title|tr|track|ul"
)
TAG = (
    r"<(?:/[A-Za-z][A-Za-z0-9-]*+\s*+|[A-Za-z][A-Za-z0-9-]*+(?:\s++[A-Za-z_:][\w.:-]*+"
    r"(?:\s*+=\s*+(?:[^\s\"'=<>`]++|'[^']*+'|\"[^\"]*+\"))?+)*+\s*+/?)>"
)
_BLANK_LINE = re.compile(r"(?!)")
# How each block of HTML begins, and how it ends: if by nothing of its own, at a blank line.
_HTML_BLOCKS = (
    (
        re.compile(r"(?i)<(?:script|pre|style|textarea)(?=[\s>]|$)"),
        re.compile(r"(?i)</(?:script|pre|style|textarea)>"),
    ),
    (re.compile(r"<!--"), re.compile(r"-->")),
    (re.compile(r"<\?"), re.compile(r"\?>")),
    (re.compile(r"<![A-Za-z]"), re.compile(r">")),
    (re.compile(r"<!\[CDATA\["), re.compile(r"\]\]>")),
    (re.compile(rf"(?i)</?(?:{_NAMES})(?=\s|/?>|$)"), _BLANK_LINE),
)
_ANY_TAG = re.compile(rf"{TAG}[ \t]*$")
TITLE = r"(?:\"(?:\\.|[^\"\\])*+\"|'(?:\\.|[^'\\])*+'|\((?:\\.|[^()\\])*+\))"
_DEFINITION = re.compile(
    r"[ \t]*+\[(?P<label>(?!\^)(?:\\.|[^\[\]\\]){1,999}+)\]:[ \t]*+\n?[ \t]*+"
    r"(?:<(?P<angle>(?:\\.|[^<>\n\\])*+)>|(?P<bare>[^\s<]\S*+))"
    rf"(?:(?:[ \t]++\n?|\n)[ \t]*+{TITLE}(?=[ \t]*(?:\n|\Z)))?[ \t]*(?:\n|\Z)",
    re.DOTALL,
)


class _Reader:
    """Reads a document by its lines; knows what is open at the end of each."""

    def __init__(self, text: str, *, indented_code: bool) -> None:
        self.text, self.indented_code = text, indented_code
        self.blocks = Blocks([], [], [])
        self.containers: list[int] = []
        self.leaf = _Leaf.NONE
        self.lines: list[Span] = []
        self.fence = ""
        self.html_end = _BLANK_LINE
        self.is_empty_item = False  # whether the last line began an item, and has nothing else

    def read_line(self, start: int, end: int) -> None:
        """Read one line."""
        line = _Line(self.text, start, end)
        matched = self._matched(line)
        if self.leaf in _VERBATIM and matched == len(self.containers):
            self._read_verbatim(line)
            return
        self.is_empty_item = self.is_empty_item and matched == len(self.containers) and line.content() == end
        if self.leaf is not _Leaf.TEXT and matched < len(self.containers):
            self.close(matched)
        while line.content() < end and line.indent() < _TAB:
            may_interrupt = self.leaf is _Leaf.TEXT and matched == len(self.containers)
            if self._begin_container(line, matched, is_in_text=may_interrupt):
                matched = len(self.containers)
            elif self._begin_leaf(line, matched, is_in_text=may_interrupt):
                return
            else:
                break
        self._read_text(line, matched)

    def close(self, depth: int) -> None:
        """Close what is open, but the outermost ``depth`` containers."""
        lines, leaf = self.lines, self.leaf
        self.lines, self.leaf = [], _Leaf.NONE
        del self.containers[depth:]
        if leaf is _Leaf.FENCE:
            self._add_fence(lines)
        elif leaf is _Leaf.TEXT:
            lines = self._without_definitions(lines)
        if leaf in (_Leaf.TEXT, _Leaf.HTML) and lines:
            self.blocks.texts.append(lines)

    def _add_fence(self, lines: Sequence[Span]) -> None:
        """Add a fenced block: code, or a directive that holds Markdown of its own."""
        directive = _DIRECTIVE.match(self.text, *lines[0])
        if directive is None:
            self.blocks.code.append(Span(lines[0].start, lines[-1].end))
            return
        self.blocks.texts.append([Span(directive.end(), lines[0].end)])
        inner = _Reader(self.text, indented_code=False)
        inner.blocks = self.blocks
        for start, end in lines[1:]:
            inner.read_line(start, end)
        inner.close(0)

    def _matched(self, line: _Line) -> int:
        """Return how many of the containers go on in the line, and skip what marks them."""
        for depth, width in enumerate(self.containers):
            content, indent = line.content(), line.indent()
            if width == _QUOTE:
                if indent >= _TAB or not self.text.startswith(">", content, line.end):
                    return depth
                self._skip_quote(line, indent)
            elif content == line.end:
                if self.is_empty_item and depth == len(self.containers) - 1 and indent < width:
                    return depth
            elif indent >= width:
                line.skip(width)
            else:
                return depth
        return len(self.containers)

    @staticmethod
    def _skip_quote(line: _Line, indent: int) -> None:
        line.skip(indent + 1)
        if line.indent():
            line.skip(1)

    def _read_verbatim(self, line: _Line) -> None:
        """Read a line of code or HTML, which its own mark ends."""
        content = line.content()
        if self.leaf is not _Leaf.FENCE:
            if self.html_end is _BLANK_LINE and content == line.end:
                self.close(len(self.containers))
                return
            self.lines.append(Span(content, line.end))
            if self.html_end.search(self.text, content, line.end):
                self.close(len(self.containers))
            return
        self.lines.append(Span(line.start, line.end))
        mark = self.text[content : line.end].rstrip(" \t")
        if line.indent() < _TAB and mark.startswith(self.fence) and not mark.strip(self.fence[0]):
            self.close(len(self.containers))

    def _begin_container(self, line: _Line, depth: int, *, is_in_text: bool) -> bool:
        """Read the mark of a quote or a list item, if there is one."""
        content, indent = line.content(), line.indent()
        if depth >= _DEEPEST:
            return False
        if self.text[content] == ">":
            self.close(depth)
            self.containers.append(_QUOTE)
            self._skip_quote(line, indent)
            return True
        if match := _FOOTNOTE.match(self.text, content, line.end) or _ADMONITION.match(
            self.text, content, line.end
        ):
            self.close(depth)
            self.containers.append(_TAB)
            line.skip(indent + len(match[0]))
            line.skip(min(line.indent(), _TAB - 1))
            return True
        item = _ITEM.match(self.text, content, line.end)
        if item is None or _BREAK.match(self.text, content, line.end):
            return False
        is_blank = not self.text[item.end() : line.end].strip(" \t")
        if is_in_text and (is_blank or (item[0][0].isdigit() and int(item[0][:-1]) != 1)):
            return False
        self.close(depth)
        line.skip(indent + len(item[0]))
        space = line.indent()
        space = 1 if is_blank or space > _TAB else space
        line.skip(0 if is_blank else space)
        self.containers.append(indent + len(item[0]) + space)
        self.is_empty_item = is_blank
        return True

    def _begin_leaf(self, line: _Line, depth: int, *, is_in_text: bool) -> bool:
        """Read a line that begins a block, or is one, if it does."""
        text, content, end = self.text, line.content(), line.end
        if heading := _HEADING.match(text, content, end):
            self.close(depth)
            self.blocks.texts.append([Span(heading.end(), end)])
        elif fence := _FENCE.match(text, content, end):
            self.close(depth)
            self.leaf, self.fence, self.lines = _Leaf.FENCE, fence[0], [Span(line.start, end)]
        elif text[content] == "<" and (
            ends := self._html_end(content, end, is_in_text=self.leaf is _Leaf.TEXT)
        ):
            self.close(depth)
            is_text = ends is _BLANK_LINE or text.startswith("<!--", content)
            begin = content + len("<!--") if ends is not _BLANK_LINE and is_text else content
            self.leaf, self.html_end, self.lines = (
                _Leaf.HTML if is_text else _Leaf.OPAQUE,
                ends,
                [Span(begin, end)],
            )
            if ends.search(text, begin, end):
                self.close(depth)
        elif self._is_line(content, end, is_in_text=is_in_text):
            self.close(depth)
        elif (
            is_in_text
            and self.lines
            and "|" in text[slice(*self.lines[-1])]
            and _DELIMITERS.match(text, content, end)
        ):
            header = self.lines.pop()
            self.close(depth)
            self._read_row(header)
            self.leaf = _Leaf.TABLE
        else:
            return False
        return True

    def _html_end(self, start: int, end: int, *, is_in_text: bool) -> re.Pattern[str] | None:
        """Return what ends the block of HTML that begins at ``start``, if one does."""
        for begins, ends in _HTML_BLOCKS:
            if begins.match(self.text, start, end):
                return ends
        return _BLANK_LINE if not is_in_text and _ANY_TAG.match(self.text, start, end) else None

    def _is_line(self, start: int, end: int, *, is_in_text: bool) -> bool:
        """Say whether a line underlines a heading, or breaks the text."""
        if is_in_text and _UNDERLINE.match(self.text, start, end) and self._is_heading():
            return True
        return _BREAK.match(self.text, start, end) is not None

    def _is_heading(self) -> bool:
        """Say whether text is left above an underline, behind definitions."""
        self.lines = self._without_definitions(self.lines)
        if not self.lines:
            self.leaf = _Leaf.NONE
        return bool(self.lines)

    def _read_text(self, line: _Line, depth: int) -> None:
        """Read what is left of a line that begins no block of another kind."""
        content = line.content()
        if content == line.end:
            self.close(depth)
        elif self.leaf is _Leaf.TEXT:
            self.lines.append(
                Span(content, line.end)
            )  # also a lazy line, outside the containers of its paragraph
        elif self.indented_code and line.indent() >= _TAB:
            self.close(depth)
            self._add_code(Span(line.start, line.end))
        elif self.leaf is _Leaf.TABLE:
            self._read_row(Span(content, line.end))
        else:
            self.close(depth)
            self.leaf, self.lines = _Leaf.TEXT, [Span(content, line.end)]

    def _add_code(self, line: Span) -> None:
        code = self.blocks.code
        if code and code[-1].end >= line.start - 2:
            code[-1] = Span(code[-1].start, line.end)
        else:
            code.append(line)

    def _read_row(self, row: Span) -> None:
        """Read a row of a table: nothing goes on from one cell to the next."""
        for cell in _CELL.finditer(self.text, row.start, row.end):
            self.blocks.texts.append([Span(*cell.span())])

    def _without_definitions(self, lines: list[Span]) -> list[Span]:
        """Take the definitions off the beginning of a paragraph."""
        if not lines or not self.text.startswith("[", lines[0].start):
            return lines
        view = view_of(self.text, lines)
        end = 0
        while match := _DEFINITION.match(view.text, end):
            end = match.end()
            name, destination = (
                match.span("label"),
                match.span("angle" if match["angle"] is not None else "bare"),
            )
            if match["label"].strip():
                self.blocks.definitions.append(
                    Definition(match["label"], in_file(view, *name), in_file(view, *destination))
                )
        return lines[view.text.count("\n", 0, end) :] if end < len(view.text) else []


def in_file(view: View, start: int, end: int) -> Span:
    """Return where in the file a part of a view stands."""
    position = view.position(start)
    return Span(position, view.end(end) if end > start else position)
