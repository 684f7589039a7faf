"""Markdown with its kin: the labels of links, and blocks of code.

Reads only the paragraphs in which links were found, as CommonMark reads them (0.31, "Links", "Images",
"Link reference definitions", "Fenced code blocks", "Indented code blocks"). HTML in them is HTML.
"""

import html
import re
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stashmatrix.documents.htmlmarkup import html_markup
from stashmatrix.documents.markup import LinkMarkup, Markup, Span, span_at
from stashmatrix.documents.scanner import Find

_LONGEST_BLOCK = 8_192
"""Characters of a paragraph that are read to either side of a link."""

_SPACE = r"(?:[ \t]|\n[ \t]*(?:>[ \t]?)*)*"
_TITLE = r"(?:\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|\((?:\\.|[^()\\])*\))"
_DEFINITION = re.compile(
    rf"^[ \t>]*\[(?P<label>(?!\^)(?:\\.|[^\[\]\\]){{1,999}})\]:{_SPACE}"
    rf"(?:<(?P<angle>[^<>\n]*)>|(?P<bare>[^\s<]\S*))(?:(?:[ \t]|\n[ \t]*)+{_TITLE})?[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


def unescape(text: str) -> str:
    """Resolve backslash escapes and entities, as in a destination."""
    return html.unescape(_ESCAPE.sub(r"\1", text)) if "\\" in text or "&" in text else text


def markdown_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links and the code around ``finds``."""
    fences = list(_fences(text))
    blocks = _Blocks(text, finds, fences)
    definitions = _definitions(text)
    reader = _Reader(text, definitions)
    code = list(fences)
    for block in blocks.of_finds():
        if _is_indented_code(text, block.start):
            code.append(block)
        else:
            reader.read(block)
    for block in blocks.of_uses(definitions):
        reader.read(block)
    inner = html_markup(text, finds)
    code += inner.code
    return Markup([*reader.links, *reader.defined(), *inner.links], sorted(code), inner.hidden)


# Blocks

_FENCE = re.compile(
    r"^(?P<before>[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)*)(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)",
    re.MULTILINE,
)
_BOUNDARY = re.compile(
    r"[ \t>]*(?:#{1,6}(?:[ \t]|$)|`{3,}|~{3,}|[-=][-= \t]*$|\*[* \t]*\*[ \t]*$|_[_ \t]*_[ \t]*$|$)"
)
_BEGINNING = re.compile(r"[ \t>]*(?:[-+*]|\d{1,9}[.)])[ \t]|[ \t>]*\||[ \t>]*\[[^\]\n]{1,999}\]:")
_QUOTE = re.compile(r"(?:[ \t]{0,3}>[ \t]?)*")


def _fences(text: str) -> Iterator[Span]:
    """Yield each fenced block; one that nothing closes ends with what contains it."""
    if "```" not in text and "~~~" not in text:
        return
    begin, fence, container, quotes = -1, "", 0, 0
    for match in _FENCE.finditer(text):
        if begin >= 0 and (end := _end_of_container(text, begin, match.start(), container, quotes)) >= 0:
            yield Span(begin, end)
            begin = -1
        before, mark, info = match["before"], match["fence"], match["info"]
        if begin >= 0:
            if mark.startswith(fence) and not info.strip() and not before.strip(" \t>"):
                yield Span(begin, match.end())
                begin = -1
        elif not (mark[0] == "`" and "`" in info):
            begin, fence = match.start(), mark
            marker = before.strip(" \t>") != ""
            indent = len(before.expandtabs(4)) if marker else len(before.expandtabs(4).rpartition(">")[2])
            container = indent if marker else indent if indent > 3 else 0  # noqa: PLR2004 (a list's content)
            quotes = before.count(">")
    if begin >= 0:
        end = _end_of_container(text, begin, len(text), container, quotes)
        yield Span(begin, end if end >= 0 else len(text))


def _end_of_container(text: str, begin: int, end: int, indent: int, quotes: int) -> int:
    """Return where the list item or quote that holds a fence ends before ``end``; -1 if it does not."""
    if not indent and not quotes:
        return -1
    position = text.find("\n", begin) + 1
    while 0 < position < end:
        following = text.find("\n", position)
        line = text[position : following if following >= 0 else len(text)]
        if quotes and line.lstrip(" \t")[:1] != ">":
            return position
        if (
            not quotes
            and line.strip()
            and len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip()) < min(indent, 2)
        ):
            return position
        position = following + 1
    return -1


def _is_indented_code(text: str, start: int) -> bool:
    """Say whether the paragraph that begins at ``start`` is code by its indent: never within a list."""
    line_end = text.find("\n", start)
    line = text[start : line_end if line_end >= 0 else len(text)]
    line = line[len(_QUOTE.match(line)[0]) :] if ">" in line[:8] else line  # type: ignore[index]  # matches always
    if not re.match(r" {4}| {0,3}\t", line):
        return False
    position = start - 1
    for _ in range(200):
        if position < 0:
            return True
        begin = text.rfind("\n", 0, position) + 1
        above = text[begin:position]
        if above.strip(" \t>"):
            if re.match(r"[ \t>]*(?:[-+*]|\d{1,9}[.)])[ \t]", above):
                return False
            if not re.match(r"[> ]* {2}|[> ]*\t", above):
                return True
        position = begin - 1
    return False


class _Blocks:
    """The paragraphs to read: each once."""

    def __init__(self, text: str, finds: Sequence[Find], fences: Sequence[Span]) -> None:
        self.text, self.finds, self.fences = text, finds, fences
        self.read: list[Span] = []

    def of_finds(self) -> Iterator[Span]:
        """Yield the paragraphs that hold finds outside fences."""
        for find in self.finds:
            yield from self._around(find.start)

    def of_uses(self, definitions: "dict[str, _Definition]") -> Iterator[Span]:
        """Yield the paragraphs that use a definition of a find."""
        starts = [find.start for find in self.finds]
        for definition in definitions.values():
            near = bisect_left(starts, definition.destination.start)
            if near < len(starts) and definition.destination.holds(starts[near]):
                words = r"\s+".join(map(re.escape, definition.label.split()))
                for use in re.finditer(rf"\[\s*{words}\s*\]", self.text, re.IGNORECASE):
                    yield from self._around(use.start())

    def _around(self, position: int) -> Iterator[Span]:
        if span_at(self.read, position) is None and span_at(self.fences, position) is None:
            block = _block(self.text, position)
            insort(self.read, block)
            yield block


def _block(text: str, position: int) -> Span:
    """Return the paragraph, heading, list item or table row that holds ``position``."""
    start = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    end = len(text) if end < 0 else end
    lowest, highest = max(0, position - _LONGEST_BLOCK), position + _LONGEST_BLOCK
    if not re.match(r"[ \t>]*(?:#{1,6}[ \t]|\|)", text[start : start + 80]):
        while start > lowest and not _BEGINNING.match(text, start):
            above = text.rfind("\n", 0, start - 1) + 1
            if _BOUNDARY.fullmatch(text, above, start - 1) or re.match(
                r"[ \t>]*(?:#{1,6}[ \t]|`{3}|~{3})", text[above:start]
            ):
                break
            start = above
        while 0 <= end < min(len(text), highest):
            below = text.find("\n", end + 1)
            below = len(text) if below < 0 else below
            line = text[end + 1 : below]
            if _BOUNDARY.match(line) or _BEGINNING.match(line):
                break
            end = below
    return Span(max(start, lowest), min(end, highest))


# Link reference definitions


class _Definition(NamedTuple):
    label: str
    name: Span
    destination: Span


def _normal(label: str) -> str:
    return " ".join(label.split()).casefold()


def _definitions(text: str) -> dict[str, _Definition]:
    """Return the definitions by their labels; the first of each counts."""
    definitions: dict[str, _Definition] = {}
    if "]:" not in text:
        return definitions
    end = -1
    for match in _DEFINITION.finditer(text):
        above = text[text.rfind("\n", 0, max(0, match.start() - 1)) + 1 : max(0, match.start() - 1)]
        if (
            match.start() - 1 > end
            and above.strip(" \t>")
            and not re.match(r"[ \t>]*(?:#{1,6}[ \t]|<!--|[-=*_`~]{3})", above)
        ):
            continue  # a definition cannot interrupt a paragraph
        end = match.end()
        group = "angle" if match["angle"] is not None else "bare"
        definitions.setdefault(
            _normal(match["label"]),
            _Definition(match["label"], Span(*match.span("label")), Span(*match.span(group))),
        )
    return definitions


# Inlines

_TOKEN = re.compile(r"\\.|`+|<|!?\[|\]", re.DOTALL)
_RAW = re.compile(
    r"<(?:[A-Za-z][A-Za-z0-9.+-]{1,31}:[^\s<>]*|[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+|!--.*?--|[?].*?[?]|![A-Z][^>]*"
    r"|/[A-Za-z][A-Za-z0-9-]*\s*"
    r"|[A-Za-z][A-Za-z0-9-]*(?:\s+[A-Za-z_:][\w.:-]*(?:\s*=\s*(?:[^\s\"'=<>`]+|'[^']*'|\"[^\"]*\"))?)*\s*/?)>",
    re.DOTALL,
)
_DESTINATION = re.compile(r"(?:\\.|[^\s()\\\x00-\x1f])+")
_INLINE_END = re.compile(rf"(?:(?:[ \t]|\n[ \t]*(?:>[ \t]?)*)+{_TITLE})?{_SPACE}\)", re.DOTALL)
_REFERENCE = re.compile(r"\[(?P<label>(?:\\.|[^\[\]\\]){0,999})\]", re.DOTALL)


class _Opener(NamedTuple):
    start: int
    """Where the text begins, behind the bracket."""
    is_image: bool


class _Reader:
    """Reads paragraphs for links, and remembers which definitions they use."""

    def __init__(self, text: str, definitions: dict[str, _Definition]) -> None:
        self.text, self.definitions = text, definitions
        self.links: list[LinkMarkup] = []
        self.uses: dict[str, list[tuple[Span, str]]] = defaultdict(list)

    def defined(self) -> Iterator[LinkMarkup]:
        """Yield the link of each definition; the text of its first use is its label."""
        for name, definition in self.definitions.items():
            uses = self.uses[name]
            texts = (definition.name, *(span for span, _ in uses))
            yield LinkMarkup(definition.destination, uses[0][1] if uses else None, texts)

    def read(self, block: Span) -> None:
        """Read one paragraph."""
        openers: list[_Opener] = []
        inactive = 0  # the number of openers around a link: none of them can be a link, too
        alts: dict[int, tuple[int, str]] = {}  # images by where they begin: their end and their alt text
        position = block.start
        while (token := _TOKEN.search(self.text, position, block.end)) is not None:
            position = token.end()
            mark = token[0]
            if mark[0] == "`":
                position = self._end_of_code(token, block.end)
            elif mark == "<":
                raw = _RAW.match(self.text, token.start(), block.end)
                position = raw.end() if raw else position
            elif mark in ("[", "!["):
                openers.append(_Opener(position, mark == "!["))
            elif mark == "]" and openers:
                opener = openers.pop()
                was_active = opener.is_image or len(openers) >= inactive
                inactive = min(inactive, len(openers))
                if not was_active:
                    continue
                span = Span(opener.start, token.start())
                end = self._link(span, position, block.end, alts)
                if end < 0:
                    continue
                if opener.is_image:
                    alts[opener.start - 2] = end, _label(self.text, span, alts)
                else:
                    inactive = len(openers)
                position = end

    def _end_of_code(self, run: re.Match[str], end: int) -> int:
        """Return the end of the code span that ``run`` opens, or of the run if nothing closes it."""
        close = re.compile(rf"(?<!`)`{{{len(run[0])}}}(?!`)").search(self.text, run.end(), end)
        return close.end() if close else run.end()

    def _link(self, span: Span, position: int, end: int, alts: dict[int, tuple[int, str]]) -> int:
        """Read what follows the text of a link; return where it ends, or -1 if it is none."""
        if (inline := self._inline(position, end)) is not None:
            destination, after = inline
            self.links.append(LinkMarkup(destination, _label(self.text, span, alts), (span,)))
            return after
        reference = _REFERENCE.match(self.text, position, end)
        name = (
            reference["label"]
            if reference and reference["label"].strip()
            else self.text[span.start : span.end]
        )
        if (key := _normal(name)) not in self.definitions:
            return -1
        self.uses[key].append((span, _label(self.text, span, alts)))
        return reference.end() if reference else position

    def _inline(self, position: int, end: int) -> tuple[Span, int] | None:
        """Read ``(destination "title")``; return the destination's place and where all of it ends."""
        if not self.text.startswith("(", position):
            return None
        space = re.compile(_SPACE).match(self.text, position + 1, end)
        start = space.end() if space else position + 1
        if self.text.startswith("<", start):
            angle = re.compile(r"<((?:\\.|[^<>\n\\])*)>").match(self.text, start, end)
            if angle is None:
                return None
            destination, after = Span(*angle.span(1)), angle.end()
        else:
            after = self._end_of_destination(start, end)
            destination = Span(start, after)
        close = _INLINE_END.match(self.text, after, end)
        return (destination, close.end()) if close else None

    def _end_of_destination(self, position: int, end: int) -> int:
        """Return where a destination without angle brackets ends; its parentheses are balanced."""
        depth = 0
        while position < end:
            if part := _DESTINATION.match(self.text, position, end):
                position = part.end()
            elif self.text[position] == "(" and depth < 32:  # noqa: PLR2004 (CommonMark's own limit)
                depth, position = depth + 1, position + 1
            elif self.text[position] == ")" and depth:
                depth, position = depth - 1, position + 1
            else:
                break
        return position


def _label(text: str, span: Span, alts: dict[int, tuple[int, str]]) -> str:
    """Return what a reader sees of a link's text: pictures by their alt texts, without marks."""
    parts: list[str] = []
    position = span.start
    for start, (end, alt) in sorted(alts.items()):
        if span.start <= start < span.end:
            parts += (text[position:start], alt)
            position = end
    parts.append(text[position : span.end])
    seen = re.sub(r"\n[ \t]*(?:>[ \t]?)*", "\n", "".join(parts))
    seen = re.sub(r"</?[A-Za-z][^<>]*>|<!--.*?-->", "", seen)
    seen = re.sub(r"(?<!\\)(?:\*+|~~|`+)", "", seen)
    seen = re.sub(r"^(_+)(.*)\1$", r"\2", " ".join(seen.split()))
    return unescape(seen)
