"""AsciiDoc: the labels of links, blocks of code, and comments."""

import html
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stashmatrix.documents.htmlmarkup import with_html
from stashmatrix.documents.markup import LinkMarkup, Markup, Span, end_of_paragraph, line_at
from stashmatrix.documents.scanner import Find

_MOST_LINES = 20
"""Lines above a paragraph in which its list is looked for."""


def unescape(text: str) -> str:
    """Resolve what AsciiDoc has for a character of its own markup."""
    return re.sub(r"\\([^\w\s])", r"\1", text).replace("{plus}", "+")


def asciidoc_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links, the code and the comments around ``finds``."""
    blocks = list(_blocks(text))
    hidden = [block.span for block in blocks if block.mark == "/"]
    code = [block.span for block in blocks if block.mark != "/"]
    code += _styled(text) if "[" in text else ()
    lines = {line_at(text, find.start) for find in finds}
    code += [line for line in lines if _is_literal(text, line)]
    uses = _uses(text) if "{" in text else {}
    found = (_picture(text, find) or _macro(text, find) or _attribute(text, find, uses) for find in finds)
    links = [link for link in found if link is not None]
    return Markup(with_html(text, finds, links).links, sorted(code), hidden)


# Links

_TEXT = r"(?:[^\[\]\\\n]{1,1000}+|\\.|\n(?![ \t\r]*\n)|\[[^\[\]\n]{0,200}+\]){0,40}+"
_LABEL = re.compile(rf"(?:\+\+)?\[(?P<label>{_TEXT})\]")
_QUOTED = re.compile(r"\s*\"(?P<text>(?:[^\"\\]|\\.)*)\"", re.DOTALL)
_NAMED = re.compile(r"\s*[\w-]+\s*=")
_ALT = re.compile(r"(?:\A|,)\s*alt=(?:\"(?P<quoted>[^\"]*)\"|(?P<plain>[^,]*))")
_IMAGE = re.compile(rf"image::?(?P<address>[^\s\[\]]{{1,2048}}+)\[(?P<label>{_TEXT})\]")


def _macro(text: str, find: Find) -> LinkMarkup | None:
    """Read an address with its label in brackets behind it; it may stand between plus signs."""
    match = _LABEL.match(text, find.end)
    if match is None or find.is_bare:
        return None
    end = find.end
    if text[max(0, find.start - 2) : find.start] == "++" and text.endswith("++", find.start, end):
        end -= 2
    return LinkMarkup(Span(find.start, end), _seen(match["label"]), (Span(*match.span("label")),))


def _picture(text: str, find: Find) -> LinkMarkup | None:
    """Read a picture of which a find is the address, or the address that it leads to."""
    start = text.rfind("image:", max(0, find.start - 2_500), find.start)
    image = _IMAGE.match(text, start) if start >= 0 else None
    if image is None or image.end() <= find.start:
        return None
    if image.start("address") == find.start:
        return LinkMarkup(Span(*image.span("address")), _alt(image["label"]))
    if not _LINK_OPTION.search(text[image.start("label") : find.start][-10:]):
        return None
    return LinkMarkup(Span(find.start, find.end), _alt(image["label"]), (Span(*image.span("address")),))


_LINK_OPTION = re.compile(r"link=\"?\Z")


def _alt(attributes: str) -> str | None:
    named = _ALT.search(attributes)
    return _seen(named["quoted"] or named["plain"] or "" if named else attributes)


def _seen(written: str) -> str | None:
    """Return what a reader sees of what stands in the brackets, without attributes and marks."""
    if (image := _IMAGE.fullmatch(written)) is not None:
        return _alt(image["label"])
    if (quoted := _QUOTED.match(written)) is not None:
        label = quoted["text"]
    elif _NAMED.match(written):
        return None
    elif "=" in written:
        label = written.partition(",")[0]
    else:
        label = written
    label = label.strip().removesuffix("^").replace("\\", "")
    label = re.sub(r"\*|`|\+\+|(?<!\w)_(?=\S)|(?<=\S)_(?!\w)", "", label)
    return " ".join(html.unescape(label.replace("{plus}", "+")).split()) or None


# Attributes: addresses that have names


class _Use(NamedTuple):
    label: str | None
    span: Span


_ENTRY = re.compile(r":(?P<name>[\w-]{1,100}):[ \t]+(?:link:)?(?:\+\+|pass:[a-z,]{0,9}\[|\")?\Z")
_USE = re.compile(r"\{(?P<name>[\w-]{1,100})\}(?:\[(?P<label>[^\[\]\n]{0,1000}+)\])?")


def _uses(text: str) -> dict[str, _Use]:
    """Return the first use that has a label of each attribute, or else its first use, by its name."""
    uses: dict[str, _Use] = {}
    for match in _USE.finditer(text):
        name = match["name"].lower()
        if name in uses and (uses[name].label or match["label"] is None):
            continue
        find = Find(*match.span())
        picture = None if match["label"] else _picture(text, find)
        label = picture.label if picture else _seen(match["label"] or "")
        uses[name] = _Use(label, Span(*match.span()))
    return uses


def _attribute(text: str, find: Find, uses: dict[str, _Use]) -> LinkMarkup | None:
    """Read the attribute that a find is the value of: its use tells its label."""
    entry = _ENTRY.match(text, line_at(text, find.start).start, find.start)
    if entry is None:
        return None
    use = uses.get(entry["name"].lower())
    return LinkMarkup(Span(find.start, find.end), use.label if use else None, (use.span,) if use else ())


# Code


class _Block(NamedTuple):
    span: Span
    mark: str
    """The first character of its delimiter."""


_DELIMITER = re.compile(
    r"^(?P<mark>-{4,}|\.{4,}|/{4,}|`{3,}|--(?=[ \t\r]*$))(?:(?<=`)[\w,+#-]*)?[ \t\r]*$", re.MULTILINE
)
_CODE_STYLE = r"\[(?:(?:source|listing|literal)\b[^\]\n]*|,[^\]\n]*)\][ \t\r]*"
_STYLED_BLOCK = re.compile(_CODE_STYLE)
_STYLED_PARAGRAPH = re.compile(
    rf"^{_CODE_STYLE}\n(?:\.[^\s.][^\n]*\n)?(?!-{{2,}}|\.{{4,}}|`{{3}}|={{4,}}|[ \t\r]*$)", re.MULTILINE
)


def _blocks(text: str) -> Iterator[_Block]:
    """Yield each delimited block without markup inside; what nothing closes is no block."""
    delimiters = list(_DELIMITER.finditer(text))
    by_mark: dict[str, list[int]] = defaultdict(list)
    for index, delimiter in enumerate(delimiters):
        by_mark[delimiter["mark"]].append(index)
    index = 0
    while index < len(delimiters):
        opening = delimiters[index]
        mark = opening["mark"]
        same = by_mark[mark]
        following = bisect_right(same, index)
        index += 1
        if following == len(same) or _is_underline(text, opening):
            continue
        if mark == "--" and not _STYLED_BLOCK.fullmatch(_above(text, opening.start())):
            continue  # an open block, with text inside
        yield _Block(Span(opening.start(), delimiters[same[following]].end()), mark[0])
        index = same[following] + 1


def _above(text: str, start: int) -> str:
    """Return the line above the one that begins at ``start``."""
    if not start:
        return ""
    line = line_at(text, start - 1)
    return text[line.start : line.end]


def _is_underline(text: str, delimiter: re.Match[str]) -> bool:
    """Say whether a delimiter underlines a title, as in the older form of titles."""
    if text[max(0, delimiter.start() - 2) : delimiter.start()].strip("\r\n") in ("", delimiter["mark"][0]):
        return False
    title = _above(text, delimiter.start()).rstrip()
    is_title = bool(title) and title[0] not in "[.|" and title[-1] not in "]+:|"
    return is_title and abs(len(title) - len(delimiter["mark"])) <= 2  # noqa: PLR2004 (what AsciiDoc allows)


_LIST = re.compile(
    r"[ \t]*(?:[-*•]|\*{2,5}|\.{1,5}|\d{1,5}\.|<[\d.]+>)[ \t]|[ \t]*\+[ \t\r]*\Z"
    r"|[^\n]{0,200}(?:::|;;)|[^|\n]{0,9}\|"
)


def _styled(text: str) -> Iterator[Span]:
    """Yield each paragraph that is code by the style above it."""
    end = 0
    for style in _STYLED_PARAGRAPH.finditer(text):
        if style.start() >= end:
            end = end_of_paragraph(text, style.end())
            yield Span(style.end(), end)


def _is_literal(text: str, line: Span) -> bool:
    """Say whether a line is code by the indent of its paragraph: never in a list or a table."""
    was_blank = False
    for _ in range(_MOST_LINES):
        content = text[line.start : line.end]
        if content.strip():
            if _LIST.match(content):
                return False
            if content[0] not in " \t":
                return was_blank
        else:
            was_blank = True
        if not line.start:
            return True
        line = line_at(text, line.start - 1)
    return False
