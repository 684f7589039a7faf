"""Textile: the labels of links, and blocks of code."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from stashmatrix.documents.htmlmarkup import unescape, with_html
from stashmatrix.documents.markup import LinkMarkup, Markup, Span, end_of_paragraph, line_at
from stashmatrix.documents.scanner import Find

_NEAR = 600
"""Characters of a link's text."""

_LABEL = re.compile(r"(?:\([\w #-]{1,60}\))?(?P<label>.+?)\s*(?:\((?P<title>[^()\n]*)\))?", re.DOTALL)
_PICTURE = re.compile(r"(?P<address>[^!\s(]+)(?:\((?P<alt>[^()\n]*)\))?")
_WHOLE_PICTURE = re.compile(rf"!{_PICTURE.pattern}!")
_ALT = re.compile(r"(?:\((?P<alt>[^()\n]{0,500})\))?!")
_NAME = re.compile(r"\[(?P<name>[^\[\]\s]{1,100})\]\Z")
_USE = re.compile(r"\":(?P<name>[\w.-]{1,100})")
_BLOCK = re.compile(
    r"^(?P<code>bc|pre)?(?(code)|(?:p|h[1-6]|bq|notextile|fn\d{1,3}|table|###))"
    r"(?:\([^()\n]{0,99}\)|\[[^\[\]\n]{0,99}\]|\{[^{}\n]{0,99}\}|[<>=-]){0,4}\.(?P<extended>\.?)[ \t]",
    re.MULTILINE,
)


def textile_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links and the code around ``finds``."""
    links: list[LinkMarkup] = []
    names: dict[str, Span] = {}
    for find in finds:
        name = _NAME.match(text, line_at(text, find.start).start, find.start)
        if name is not None:
            names.setdefault(name["name"], Span(find.start, find.end))
        elif (link := _link(text, find.start, Span(find.start, find.end))) is not None:
            links.append(link)
    markup = with_html(text, finds, [*links, *_named(text, names)])
    return markup._replace(code=sorted([*_code(text), *markup.code]))


def _link(text: str, position: int, destination: Span) -> LinkMarkup | None:
    """Read the words or the picture, with a colon behind, that lead to what begins at ``position``.

    A picture is a link, too: to itself.
    """
    before = text[max(0, position - _NEAR) : position]
    if before.endswith("!") and (alt := _ALT.match(text, destination.end)) is not None:
        return LinkMarkup(destination, alt["alt"])
    for mark, pattern in (('"', _LABEL), ("!", _PICTURE)):
        opening = before.rfind(mark, 0, -2) + 1 if before.endswith(mark + ":") else 0
        match = pattern.fullmatch(before, opening, len(before) - 2) if opening else None
        if match is None or "\n\n" in match[0]:
            continue
        start = position - len(before) + opening
        picture = _WHOLE_PICTURE.fullmatch(match["label"]) if mark == '"' else match
        label = picture["alt"] if picture is not None else _seen(match["label"])
        return LinkMarkup(destination, label, (Span(start, position - 2),))
    return None


def _named(text: str, names: dict[str, Span]) -> Iterator[LinkMarkup]:
    """Yield the link of each address that has a name: what uses the name tells its label."""
    uses: dict[str, list[LinkMarkup]] = defaultdict(list)
    for use in _USE.finditer(text) if names else ():
        name = use["name"] if use["name"] in names else use["name"].rstrip(".-")
        if name in names and (link := _link(text, use.start("name"), names[name])) is not None:
            uses[name].append(link)
    for name, destination in names.items():
        own = uses[name]
        yield LinkMarkup(
            destination, own[0].label if own else None, tuple(span for link in own for span in link.texts)
        )


def _seen(label: str) -> str | None:
    seen = re.sub(r"(?<!\w)[*_@+-]+(?=\S)|(?<=\S)[*_@+-]+(?!\w)", "", label)
    return " ".join(unescape(seen).split()) or None


def _code(text: str) -> Iterator[Span]:
    """Yield each block of code: up to a blank line, or if it is extended, to the next block."""
    signatures = list(_BLOCK.finditer(text))
    for signature, following in zip_longest(signatures, signatures[1:]):
        end = following.start() if following else len(text)
        if signature["code"] and signature["extended"]:
            yield Span(signature.start(), end)
        elif signature["code"]:
            yield Span(signature.start(), end_of_paragraph(text, signature.end(), end))
