"""Wikis, MediaWiki and DokuWiki among them: the labels of links, and blocks of code."""

import re
from collections.abc import Sequence
from functools import cache

from stashmatrix.documents.htmlmarkup import unescape, with_html
from stashmatrix.documents.markup import LinkMarkup, Markup, Span, closed_blocks
from stashmatrix.documents.scanner import Find

_NEAR = 600
"""Characters of a link's text."""

_AFTER_SPACE = re.compile(r"[ \t]+(?P<label>(?:[^\[\]\n]|\[\[[^\[\]\n]{0,200}+\]\]){1,500}+)\]")
_AFTER_BAR = re.compile(r"[ \t]*\|[ \t]*(?P<label>[^\]\n|]*(?:\{\{[^{}\n]{0,500}+\}\})?[^\]\n|]{0,500}+)\]\]")
_BEFORE = re.compile(r"\[(?P<label>[^\[\]\n|>]{1,500}+)(?:\||>>)[ \t]*\Z")
_MARKS = re.compile(r"'{2,5}|\*\*|(?<!:)//|__")
_PICTURE = re.compile(r"\{\{[^{}|]*\|?(?P<alt>[^{}|]*)\}\}")
_PAGE = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]")
_BEGIN = re.compile(
    r"(?:<(?=(?:syntaxhighlight|source|file|code)\b[^<>\n]{0,200}>[ \t\r]*\n)"
    r"|^[ \t]*+(?=\{\{\{[ \t\r]*$))(\w+|\{{3})",
    re.MULTILINE,
)


@cache
def _end_of(kind: str) -> re.Pattern[str]:
    return re.compile(r"^[ \t]*+\}\}\}" if kind == "{{{" else f"</{kind}>", re.MULTILINE)


def wiki_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links and the code around ``finds``."""
    links = [link for find in finds if (link := _link(text, find)) is not None]
    markup = with_html(text, finds, links)
    return markup._replace(code=sorted([*closed_blocks(text, _BEGIN, _end_of), *markup.code]))


def _link(text: str, find: Find) -> LinkMarkup | None:
    """Read the link whose address a find is: its label stands behind it, or before it in some wikis."""
    destination = Span(find.start, find.end)
    before = text[max(0, find.start - _NEAR) : find.start]
    if before.endswith("["):
        label = _AFTER_BAR.match(text, find.end) if before.endswith("[[") else None
        label = label or _AFTER_SPACE.match(text, find.end)
        if label is None:
            return None
        return LinkMarkup(destination, _seen(label["label"]), (Span(*label.span("label")),))
    opening = before.rfind("[") if before.endswith(("|", ">>")) and not find.is_bare else -1
    label = _BEFORE.match(before, opening) if opening >= 0 else None
    if label is None or not text.startswith("]", find.end):
        return None
    start = find.start - len(before) + label.start("label")
    return LinkMarkup(destination, _seen(label["label"]), (Span(start, start + len(label["label"])),))


def _seen(written: str) -> str | None:
    """Return what a reader sees of a label: pictures by their words."""
    seen = _PAGE.sub(r"\1", _PICTURE.sub(r"\g<alt>", written))
    return " ".join(unescape(_MARKS.sub("", seen)).split()) or None
