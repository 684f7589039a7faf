"""Comments that say what not to report: ``stashmatrix: ignore``, and ``off`` to ``on``.

A comment at the end of a line is about that line; one on a line of its own is about the next line that is
not blank. In brackets it may name codes, and after two hyphens give a reason.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from stashmatrix.documents.decoding import places
from stashmatrix.documents.markup import Span, end_of_paragraph
from stashmatrix.records.reference import Ignore, Source

_CLOSERS = {
    "<!--": "-->",
    "[//]: # (": ")",
    "{/*": "*/}",
    "/*": "*/",
    "{#": "#}",
    "{{!--": "--}}",
    "{{/*": "*/}}",
    "<%#": "%>",
    "{-": "-}",
    "(*": "*)",
}
"""What ends a comment, by what begins it; all other comments end with their line."""

_DIRECTIVE = re.compile(
    r"stashmatrix:[ \t]{0,9}(?P<word>ignore|off|on)(?P<codes>\[[^\]\n]{0,1000}\])?"
    r"(?![\w-])(?P<rest>[^\n]{0,1000})"
)
_REASON = re.compile(r"[ \t]*(?:--+|:)[ \t]*(?P<reason>.*)|[ \t]*", re.DOTALL)
_NOTHING_BEFORE = re.compile(r"[ \t>\"'/#;%*-]*")
# In a notebook, each line is a string with a line feed in it.
_NOTHING_AFTER = re.compile(r"(?:\\n)?[ \t\r\"',]*")
_BLANK_LINES = re.compile(r"\n(?:[ \t\r>\"]*+(?:\\n)?[\",]*+\n)*+")
_MOST_LEFT = 1000
_MOST_OPEN = 100
"""Stretches that one link can lie in."""


class Comment(NamedTuple):
    """A comment that speaks to this program."""

    span: Span
    """From what begins it to the end of what it says."""
    word: str
    text: str
    """What it says, but for the reason."""
    codes: frozenset[str]
    reason: str | None
    is_alone: bool
    """Whether nothing else is on its line."""


def may_hold_comments(data: bytes) -> bool:
    """Say whether a file can hold such a comment, from its bytes alone."""
    return b"stashmatrix:" in data or data.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff"))


def comments(text: str, openers: Sequence[str]) -> Iterator[Comment]:
    """Yield each comment to this program, in a format whose comments begin with one of ``openers``.

    One that has ``^`` before it begins a comment at the start of a line only. What stands in a code span
    is no comment.
    """
    for match in _DIRECTIVE.finditer(text):
        start = text.rfind("\n", max(0, match.start() - _MOST_LEFT), match.start()) + 1
        before = text[max(start, match.start() - _MOST_LEFT) : match.start()]
        opener = _opener(before.rstrip(" \t"), openers)
        if opener is None or _in_code_span(before):
            continue
        rest, _, after = match["rest"].partition(_CLOSERS.get(opener, "\n"))
        said = _REASON.fullmatch(rest.rstrip())
        if said is None:
            continue
        before = before.rstrip(" \t").removesuffix(opener)
        codes = match["codes"]
        yield Comment(
            span=Span(start + len(before), match.end()),
            word=match["word"],
            text=f"stashmatrix: {match['word']}{codes or ''}",
            codes=frozenset(code.strip() for code in codes[1:-1].split(",")) if codes else frozenset(),
            reason=said["reason"] or None,
            is_alone=bool(_NOTHING_BEFORE.fullmatch(before) and _NOTHING_AFTER.fullmatch(after)),
        )


def _opener(before: str, openers: Iterable[str]) -> str | None:
    for opener in openers:
        if opener.startswith("^") and before.lstrip(" \t") == opener[1:]:
            return opener[1:]
        if before.endswith(opener):
            return opener
    return None


def _in_code_span(before: str) -> bool:
    """Say whether backticks are open at the end of ``before``."""
    opened = re.search(r"(`+)[^`]*\Z", before)
    return opened is not None and len(re.findall(rf"(?<!`){opened[1]}(?!`)", before)) % 2 == 1


class Stretch(NamedTuple):
    """A part of a text, and what is not to be reported of it."""

    span: Span
    ignore: Ignore


def stretches(path: str, text: str, found: Sequence[Comment], *, in_entries: bool = False) -> list[Stretch]:
    """Return what each comment of a document is about, in order; one that ends no stretch is about nothing.

    With ``in_entries``, a comment on a line of its own is about all lines up to the next blank one.
    """
    sources = places(text, [comment.span.start for comment in found])
    result: list[Stretch] = []
    opened: dict[Ignore, int] = {}
    lines = _lines(text, found, in_entries=in_entries)
    for comment, place, line in zip(found, sources, lines, strict=True):
        ignore = Ignore(comment.text, Source(path, *place), comment.codes, comment.reason)
        if comment.word == "ignore":
            result.append(Stretch(line, ignore))
        elif comment.word == "off":
            opened[ignore] = comment.span.start
        else:
            closed = [each for each in opened if not comment.codes or each.codes == comment.codes]
            result += [Stretch(Span(opened.pop(each), comment.span.end), each) for each in closed]
            if not closed:
                result.append(Stretch(Span(comment.span.end, comment.span.end), ignore))
    result += [Stretch(Span(start, len(text)), ignore) for ignore, start in opened.items()]
    return sorted(result)


def _lines(text: str, found: Sequence[Comment], *, in_entries: bool) -> list[Span]:
    """Return the line that each comment is about, if it is about a line: from its own line on."""
    end_of = end_of_paragraph if in_entries else _end_of_line
    lines: list[Span] = []
    alone: dict[int, Span] = {}
    for comment in reversed(found):
        start = text.rfind("\n", 0, comment.span.start) + 1
        end = _end_of_line(text, comment.span.start)
        if comment.is_alone and (blank := _BLANK_LINES.match(text, end)) is not None:
            following = alone.get(blank.end())
            end = following.end if following else end_of(text, blank.end())
        lines.append(Span(start, end))
        if comment.is_alone:
            alone[start] = lines[-1]
    return lines[::-1]


def _end_of_line(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def ignores_at(positions: Iterable[int], among: Sequence[Stretch]) -> Iterator[tuple[Ignore, ...]]:
    """Yield what is not to be reported at each of ``positions``, which are in order."""
    waiting = list(reversed(among))
    active: list[Stretch] = []
    for position in positions:
        while waiting and waiting[-1].span.start <= position:
            active.append(waiting.pop())
        active = [each for each in active if each.span.holds(position)][-_MOST_OPEN:]
        yield tuple(each.ignore for each in active)
