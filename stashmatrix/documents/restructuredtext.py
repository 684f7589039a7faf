"""reStructuredText: the labels of links, and blocks of code.

Looks at the lines around links only; directives and roles that it does not know are text.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache

from stashmatrix.documents.markup import LinkMarkup, Markup, Span
from stashmatrix.documents.scanner import Find

_NEAR = 600
"""Characters of a link's text."""
_MOST_LINES = 200
"""Lines above a link in which its directive is looked for."""

_EMBEDDED = re.compile(r"`(?P<label>[^`<]{0,500}?)\s*<\Z")
_EMBEDDED_END = re.compile(r"[^`>]{0,500}?>`_{1,2}")
_TARGET = re.compile(r"[ \t]*\.\.[ \t]+_(?:`(?P<quoted>[^`\n]+)`|(?P<plain>(?:\\.|[^:\\\n])+)):[ \t]*")
_ANONYMOUS_TARGET = re.compile(r"[ \t]*(?:__|\.\.[ \t]+__:)[ \t]+")
_ANONYMOUS_TARGETS = re.compile(r"^[ \t]*(?:__|\.\.[ \t]+__:)[ \t]+\S", re.MULTILINE)
_ANONYMOUS = re.compile(r"`(?P<label>[^`<>]{1,500})`__(?!_)|(?<![\w`.+-])(?P<word>[\w.+-]{1,100})__(?![\w_])")
_NAMED = re.compile(
    r"`(?P<quoted>[^`<>]{1,500})`_(?!_)|\|(?P<substitution>[^|\n]{1,200})\|_(?!_)"
    r"|(?<![\w`:.+-])(?P<word>[\w.+-]{1,100})_(?![\w_])"
)
_REPLACEMENT = re.compile(
    r"^[ \t]*\.\.[ \t]+\|(?P<name>[^|\n]{1,200})\|[ \t]+replace::[ \t]*(?P<text>[^\n]+)", re.MULTILINE
)
_WORD = re.compile(r"\S+")
_OPTION = re.compile(r"[ \t]+:target:[ \t]*")
_IMAGE = re.compile(
    r"[ \t]*\.\.[ \t]+(?:\|(?P<name>[^|\n]+)\|[ \t]+)?(?:image|figure)::[ \t]*(?P<address>\S*)[^\n]*"
)
_ALT = re.compile(r"^[ \t]+:alt:[ \t]*(?P<alt>[^\n]*(?:\n[ \t]++(?!:\w)[^\n]+)*)", re.MULTILINE)
_CODE = re.compile(
    r"[ \t]*\.\.[ \t]+(?:code|code-block|sourcecode|parsed-literal|prompt|doctest|testcode|highlight)::"
)


def unescape(text: str) -> str:
    """Resolve backslash escapes."""
    return re.sub(r"\\(.)", r"\1", text) if "\\" in text else text


def restructuredtext_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links and the code around ``finds``."""
    links = [link for find in finds if (link := _link(text, find)) is not None]
    return Markup(links, list(_code(text, finds)))


def _line(text: str, position: int) -> Span:
    end = text.find("\n", position)
    return Span(text.rfind("\n", 0, position) + 1, len(text) if end < 0 else end)


def _link(text: str, find: Find) -> LinkMarkup | None:
    """Read the markup that holds a find, if it is of a kind that is known."""
    for link in embedded(text, find):
        return link
    line = _line(text, find.start)
    if (target := _target(text, line, find.start)) is not None:
        return target
    if (option := _OPTION.match(text, line.start)) and option.end() == find.start:
        return _image(text, line, find)
    image = _IMAGE.match(text, line.start, line.end)
    if image and image.start("address") == find.start:
        alt = _ALT.match(text, _first_option(text, line.end, ":alt:"))
        return LinkMarkup(Span(*image.span("address")), _clean(alt["alt"]) if alt else None)
    return None


def embedded(text: str, find: Find) -> Iterator[LinkMarkup]:
    """Yield the link of which a find is the embedded address: ``text <address>`` in backquotes."""
    if text[find.start - 1 : find.start] != "<":
        return
    before = text[max(0, find.start - _NEAR) : find.start]
    match, close = _EMBEDDED.search(before), _EMBEDDED_END.match(text, find.start)
    if match is not None and close is not None:
        start = find.start - len(before) + match.start("label")
        end = text.index(">", find.start)
        yield LinkMarkup(Span(find.start, end), _clean(match["label"]), (Span(start, find.start - 1),))


def _target(text: str, line: Span, start: int) -> LinkMarkup | None:
    """Read a hyperlink target: its own line, or the one before if the address stands below its name."""
    match = _TARGET.match(text, line.start)
    if match is None and line.start and not text[line.start : start].strip():
        above = _line(text, line.start - 1)
        match = _TARGET.match(text, above.start)
        if match is not None and match.end() < above.end:
            match = None
    elif match is not None and match.end() != start:
        match = None
    if match is not None:
        name = match["quoted"] or match["plain"]
        if name == "_":
            return _anonymous(text, line, start)
        group = "quoted" if match["quoted"] else "plain"
        label, texts = _use(text, unescape(name))
        return LinkMarkup(Span(start, _end_of_word(text, start)), label, (Span(*match.span(group)), *texts))
    anonymous = _ANONYMOUS_TARGET.match(text, line.start)
    return _anonymous(text, line, start) if anonymous and anonymous.end() == start else None


def _end_of_word(text: str, start: int) -> int:
    match = _WORD.match(text, start)
    return match.end() if match else start


# A document has its uses read once, however many targets it has.
@lru_cache(maxsize=1)
def _uses(text: str) -> dict[str, list[tuple[Span, str]]]:
    """Map the name of each target to its uses, and to the text of each."""
    replacements = {_normal(match["name"]): match["text"] for match in _REPLACEMENT.finditer(text)}
    uses: dict[str, list[tuple[Span, str]]] = defaultdict(list)
    for match in _NAMED.finditer(text):
        name = match["quoted"] or match["word"] or match["substitution"]
        seen = replacements.get(_normal(name), name) if match["substitution"] else name
        uses[_normal(name)].append((Span(*match.span()), seen))
    return uses


def _normal(name: str) -> str:
    return " ".join(name.split()).casefold()


def _use(text: str, name: str) -> tuple[str | None, tuple[Span, ...]]:
    """Return the text of the first use of a target, and where all uses stand."""
    uses = _uses(text).get(_normal(name), ())
    return (_clean(uses[0][1]) if uses else None), tuple(span for span, _ in uses)


@lru_cache(maxsize=1)
def _anonymous_of(text: str) -> tuple[list[int], list[re.Match[str]]]:
    """Return where the lines of the anonymous targets begin, and their uses: they go by number."""
    targets = [match.start() for match in _ANONYMOUS_TARGETS.finditer(text)]
    return targets, list(_ANONYMOUS.finditer(text))


def _anonymous(text: str, line: Span, start: int) -> LinkMarkup:
    """Read an anonymous target: its label is the use with the same number."""
    targets, uses = _anonymous_of(text)
    number = bisect_left(targets, line.start)
    use = uses[number] if number < len(uses) else None
    label = _clean(use["label"] or use["word"]) if use else None
    return LinkMarkup(Span(start, _end_of_word(text, start)), label, (Span(*use.span()),) if use else ())


def _image(text: str, line: Span, find: Find) -> LinkMarkup | None:
    """Read the picture whose option ``:target:`` a link is."""
    start = line.start
    for _ in range(_MOST_LINES):
        if not start:
            return None
        above = _line(text, start - 1)
        image = _IMAGE.match(text, above.start, above.end)
        if image is not None:
            alt = _ALT.match(text, _first_option(text, above.end, ":alt:"))
            texts = [Span(*image.span("address"))] + ([Span(*alt.span("alt"))] if alt else [])
            destination = Span(find.start, _end_of_word(text, find.start))
            return LinkMarkup(destination, _clean(alt["alt"]) if alt else None, tuple(texts))
        if not text[above.start : above.end].strip() or not text[above.start].isspace():
            return None
        start = above.start
    return None


def _first_option(text: str, position: int, name: str) -> int:
    """Return where the line of an option begins among those of a directive, or the end of the text."""
    for _ in range(_MOST_LINES):
        line = _line(text, position + 1) if position + 1 < len(text) else None
        if line is None or not text[line.start : line.end].strip() or not text[line.start].isspace():
            break
        if text[line.start : line.end].lstrip().startswith(name):
            return line.start
        position = line.end
    return len(text)


def _clean(label: str) -> str:
    return " ".join(unescape(re.sub(r"\*\*|``", "", label)).split())


def _code(text: str, finds: Sequence[Find]) -> Iterator[Span]:
    """Yield the line of each find that stands in a literal block."""
    for find in finds:
        line = _line(text, find.start)
        if _is_code(text, line):
            yield line


def _is_code(text: str, line: Span) -> bool:
    """Say whether a line is indented below one that begins a literal block."""
    if text[line.start : line.end].lstrip().startswith(">>>"):
        return True
    indent, start = _indent(text, line), line.start
    for _ in range(_MOST_LINES):
        if not start or not indent:
            return False
        above = _line(text, start - 1)
        start = above.start
        content = text[above.start : above.end]
        if not content.strip() or _indent(text, above) >= indent:
            continue
        if _CODE.match(content):
            return True
        is_directive = content.lstrip().startswith("..")
        if content.rstrip().endswith("::") and not is_directive:
            return True
        indent = _indent(text, above)
    return False


def _indent(text: str, line: Span) -> int:
    content = text[line.start : line.end].expandtabs(8)
    return len(content) - len(content.lstrip())
