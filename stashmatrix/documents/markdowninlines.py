"""The inlines of Markdown: the links and the pictures of a paragraph, and what a reader sees of them."""

import html
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from stashmatrix.documents.markdownblocks import TAG, TITLE, Definition, in_file
from stashmatrix.documents.markup import LinkMarkup, Span, View

_LONGEST_LABEL = 2_000
"""Characters of a link's text; nobody reads more as its label."""
_DEEPEST = 8
"""Links and pictures inside one another of which a label is made."""
_MOST_PARENTHESES = 32
"""Parentheses inside one another in a destination: CommonMark's own limit."""

_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


def unescape(text: str) -> str:
    """Resolve backslash escapes and entities, as in a destination."""
    if "\\" not in text:
        return html.unescape(text) if "&" in text else text
    # An escaped character begins no entity.
    parts = _ESCAPE.split(text)
    parts[::2] = map(html.unescape, parts[::2])
    return "".join(parts)


def normal(label: str) -> str:
    """Return the form of a link label by which labels are compared."""
    return " ".join(label.split()).casefold()


# Each begins with a literal, which makes it fast.
_TOKEN = re.compile(r"\\.|``*|<|!\[|\[|\]", re.DOTALL)
_RAW = re.compile(
    r"<(?:(?P<autolink>[A-Za-z][A-Za-z0-9.+-]{1,31}:[^\s<>]*+|[\w.!#$%&'*+/=?^`{|}~-]++@[\w.-]++)>"
    rf"|(?<=<)(?P<opaque>!--|\?|!\[CDATA\[|![A-Za-z]))|{TAG}"
)
_SHORT_COMMENT = re.compile(r"-?>")
_OPAQUE_ENDS = {"!--": "-->", "?": "?>", "![CDATA[": "]]>"}
_SPACE = re.compile(r"[ \t\n]*")
_ANGLE = re.compile(r"<((?:\\.|[^<>\n\\])*+)>")
_DESTINATION = re.compile(r"(?:\\.|[^\s()\\\x00-\x1f])++")
_INLINE_END = re.compile(rf"(?:[ \t\n]++{TITLE})?[ \t\n]*+\)", re.DOTALL)
_REFERENCE = re.compile(r"\[(?P<label>(?:\\.|[^\[\]\\]){0,999}+)\]", re.DOTALL)


class _Opener(NamedTuple):
    start: int
    """Where the text begins, behind the bracket."""
    is_image: bool


class _Seen(NamedTuple):
    """A link or a picture that was read, and what a reader sees of it."""

    start: int
    end: int
    label: str
    depth: int
    definition: str | None
    """The key of its definition, if it is a picture that has one."""


class Use(NamedTuple):
    """A use of a definition."""

    label: str | None
    texts: tuple[Span, ...]


class Inlines:
    """Reads paragraphs for links, and remembers which definitions they use."""

    def __init__(self, definitions: Mapping[str, Definition]) -> None:
        """Know the definitions by their keys."""
        self.definitions = definitions
        self.links: list[LinkMarkup] = []
        self.uses: dict[str, list[Use]] = defaultdict(list)
        self.around: dict[str, Span] = {}

    def defined(self) -> Iterator[LinkMarkup]:
        """Yield the link of each definition; the text of its first use is its label."""
        for key, definition in self.definitions.items():
            uses = self.uses[key]
            texts = (definition.name, *(span for use in uses for span in use.texts))
            label = uses[0].label if uses else None
            yield LinkMarkup(definition.destination, label, texts, self.around.get(key))

    def read(self, view: View) -> None:
        """Read one paragraph."""
        _Paragraph(self, view).read()


class _Paragraph:
    """One paragraph, while it is read."""

    def __init__(self, found: Inlines, view: View) -> None:
        self.found, self.view, self.text = found, view, view.text
        self.openers: list[_Opener] = []
        self.inactive = 0  # the number of openers around a link: none of them can be a link, too
        self.seen: list[_Seen] = []  # those that no other one holds
        self.runs: dict[int, list[int]] | None = None
        self.unclosed: set[str] = set()

    def read(self) -> None:
        position = 0
        while (token := _TOKEN.search(self.text, position)) is not None:
            position, mark = token.end(), token[0]
            if mark[0] == "`":
                position = self._end_of_code(token.start(), token.end())
            elif mark == "<":
                position = self._end_of_raw(token.start())
            elif mark in ("[", "!["):
                self.openers.append(_Opener(position, mark == "!["))
            elif mark == "]" and self.openers:
                position = self._close(position)

    def _end_of_code(self, start: int, end: int) -> int:
        """Return the end of the code span that a run of backticks opens, or else of the run."""
        if self.runs is None:
            self.runs = defaultdict(list)
            for run in re.finditer("`+", self.text):
                self.runs[len(run[0])].append(run.start())
        same = self.runs[end - start]
        following = bisect_right(same, start)
        return same[following] + end - start if following < len(same) else end

    def _end_of_raw(self, start: int) -> int:
        """Return the end of the autolink or the raw HTML that begins at ``start``, or else of its bracket."""
        match = _RAW.match(self.text, start)
        if match is None:
            return start + 1
        opens = match["opaque"]
        if opens is None:
            return match.end()
        closes = _OPAQUE_ENDS.get(opens, ">")
        if opens == "!--" and (short := _SHORT_COMMENT.match(self.text, match.end())):
            return short.end()
        end = -1 if closes in self.unclosed else self.text.find(closes, match.end())
        if end < 0:
            self.unclosed.add(closes)  # nor is there one further on
            return start + 1
        return end + len(closes)

    def _close(self, position: int) -> int:
        """Read what ends at the bracket before ``position``; return where to go on."""
        opener = self.openers.pop()
        was_active = opener.is_image or len(self.openers) >= self.inactive
        self.inactive = min(self.inactive, len(self.openers))
        if not was_active:
            return position
        span = Span(opener.start, position - 1)
        if (inline := self._inline(position)) is not None:
            destination, end, key = in_file(self.view, *inline[0]), inline[1], None
        elif (reference := self._reference(span, position)) is not None:
            key, name, end = reference
            destination = self.found.definitions[key].destination
        else:
            return position
        inside = self._inside(span.start)
        label = _label(self.text, span, inside)
        texts = (in_file(self.view, *span),) if span.start < span.end else ()
        if key is None:
            self.found.links.append(LinkMarkup(destination, label, texts))
        else:
            named = (in_file(self.view, *name),) if name is not None else ()
            self.found.uses[key].append(Use(label, texts + named))
        if not opener.is_image:
            self.inactive = len(self.openers)
            for picture in inside:
                if picture.definition is not None:
                    self.found.around.setdefault(picture.definition, destination)
        depth = 1 + max((each.depth for each in inside), default=0)
        start = span.start - (2 if opener.is_image else 1)
        self.seen.append(_Seen(start, end, label or "", depth, key if opener.is_image else None))
        return end

    def _inside(self, start: int) -> list[_Seen]:
        """Take what was read from ``start`` on: it stands inside the link that begins there."""
        first = len(self.seen)
        while first and self.seen[first - 1].start >= start:
            first -= 1
        inside = self.seen[first:]
        del self.seen[first:]
        return inside

    def _reference(self, span: Span, position: int) -> tuple[str, Span | None, int] | None:
        """Read the label that follows the text of a link; return its key, its place and where to go on."""
        reference = _REFERENCE.match(self.text, position)
        name = Span(*reference.span("label")) if reference and reference["label"].strip() else None
        start, end = name or span
        if end - start > 999:  # noqa: PLR2004 (CommonMark's own limit)
            return None
        key = normal(self.text[start:end])
        if key not in self.found.definitions:
            return None
        return key, name, reference.end() if reference else position

    def _inline(self, position: int) -> tuple[Span, int] | None:
        """Read ``(destination "title")``; return the destination's place and where all of it ends."""
        if not self.text.startswith("(", position):
            return None
        space = _SPACE.match(self.text, position + 1)
        start = space.end() if space else position + 1
        if self.text.startswith("<", start):
            angle = _ANGLE.match(self.text, start)
            if angle is None:
                return None
            destination, after = Span(*angle.span(1)), angle.end()
        else:
            after = self._end_of_destination(start)
            destination = Span(start, after)
        close = _INLINE_END.match(self.text, after)
        return (destination, close.end()) if close else None

    def _end_of_destination(self, position: int) -> int:
        """Return where a destination without angle brackets ends; its parentheses are balanced."""
        depth = 0
        while position < len(self.text):
            if part := _DESTINATION.match(self.text, position):
                position = part.end()
            elif self.text[position] == "(" and depth < _MOST_PARENTHESES:
                depth, position = depth + 1, position + 1
            elif self.text[position] == ")" and depth:
                depth, position = depth - 1, position + 1
            else:
                break
        return position


# Labels

_MARK = re.compile(r"\\[!-/:-@\[-`{-~\n]|`+|<|\*+|_+|~~|\n[ \t]*|[ \t]+\n[ \t]*", re.DOTALL)


def _label(text: str, span: Span, inside: list[_Seen]) -> str | None:
    """Return what a reader sees of a link's text: pictures by their alternative texts, and no marks."""
    if span.end - span.start > _LONGEST_LABEL or any(each.depth > _DEEPEST for each in inside):
        return None
    parts: list[str] = []
    marks: list[_Mark] = []
    position, rest = span.start, list(reversed(inside))
    while position < span.end:
        if rest and rest[-1].start <= position:
            each = rest.pop()
            parts.append(each.label)
            position = each.end
            continue
        limit = rest[-1].start if rest else span.end
        mark = _MARK.search(text, position, limit)
        parts.append(html.unescape(text[position : mark.start() if mark else limit]))
        position = limit
        if mark is not None:
            part, position = _visible(text, mark, limit)
            if mark[0][0] in "*_~":
                marks.append(_sided(text, mark, len(parts)))
            parts.append(part)
    _drop_emphasis(parts, marks)
    return " ".join("".join(parts).split())


def _visible(text: str, mark: re.Match[str], end: int) -> tuple[str, int]:
    """Return what a reader sees at a mark, and where to go on."""
    first = mark[0][0]
    if first == "\\":
        return mark[0][1], mark.end()
    if first == "`":
        close = re.compile(rf"(?<!`){mark[0]}(?!`)").search(text, mark.end(), end)
        return (text[mark.end() : close.start()], close.end()) if close else (mark[0], mark.end())
    if first == "<":
        raw = _RAW.match(text, mark.start(), end)
        if raw is None:
            return "<", mark.end()
        closes = text.find(_OPAQUE_ENDS.get(raw["opaque"], ">"), raw.start(), end) if raw["opaque"] else -1
        if closes >= 0:
            return "", closes + len(_OPAQUE_ENDS.get(raw["opaque"], ">"))
        return raw["autolink"] or "", raw.end()
    return (" " if first.isspace() else mark[0]), mark.end()


class _Mark(NamedTuple):
    """A mark of emphasis."""

    part: int
    """Its index among the parts."""
    mark: str
    opens: bool
    closes: bool


def _sided(text: str, mark: re.Match[str], part: int) -> _Mark:
    """Tell whether a mark of emphasis can open it, and whether it can close it."""
    before, after = text[mark.start() - 1], text[mark.end()]  # at the edges: the brackets of the link
    is_left = not after.isspace() and (after.isalnum() or not before.isalnum())
    is_right = not before.isspace() and (before.isalnum() or not after.isalnum())
    opens, closes = is_left, is_right
    if mark[0][0] == "_":
        opens, closes = (
            is_left and not (is_right and before.isalnum()),
            is_right and not (is_left and after.isalnum()),
        )
    return _Mark(part, mark[0], opens, closes)


def _match(opener: _Mark, closer: _Mark) -> bool:
    """Say whether two marks belong together; the lengths matter as CommonMark's "rule of 3" has it."""
    lengths = len(opener.mark), len(closer.mark)
    if opener.mark[0] != closer.mark[0]:
        return False
    is_both = opener.closes or closer.opens
    return not is_both or sum(lengths) % 3 != 0 or not any(length % 3 for length in lengths)


def _drop_emphasis(parts: list[str], marks: list[_Mark]) -> None:
    """Drop the marks of emphasis that belong together."""
    openers: list[_Mark] = []
    for closer in marks:
        while closer.closes and parts[closer.part]:
            opener = next((each for each in reversed(openers) if _match(each, closer)), None)
            if opener is None:
                break
            width = min(len(parts[opener.part]), len(parts[closer.part]))
            for each in (opener, closer):
                parts[each.part] = parts[each.part][width:]
            del openers[openers.index(opener) + bool(parts[opener.part]) :]
        if closer.opens and parts[closer.part]:
            openers.append(closer)
