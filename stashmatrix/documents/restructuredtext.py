"""reStructuredText: the labels of links, and blocks of code.

Directives and roles that it does not know are text, and so are comments.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from stashmatrix.documents.htmlmarkup import with_html
from stashmatrix.documents.markup import LinkMarkup, Markup, Span, end_of_paragraph, line_at, span_at
from stashmatrix.documents.scanner import Find

_NEAR = 600
"""Characters of a link's text."""
_MOST_LINES = 20
"""Lines above an option, or above a target, that are looked at."""

_SPACE = re.compile(r"\s+")
_ESCAPE = re.compile(r"\\(?:([^\s])|\s)")


def unescape(text: str) -> str:
    """Resolve backslash escapes, and join what stands on several lines, as in an address."""
    text = _SPACE.sub("", text)
    return _ESCAPE.sub(r"\1", text) if "\\" in text else text


def restructuredtext_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links and the code around ``finds``."""
    code = list(_code(text))
    directives = _Directives(text)
    links: list[LinkMarkup] = []
    targets: list[_Target] = []
    for find in finds:
        if found := list(embedded(text, find)) or directives.of(find):
            links += found
        elif (target := _target(text, find)) is not None:
            targets.append(target)
    links += _named(text, targets, code)
    return Markup(with_html(text, finds, links).links, code)


# Phrases with an address in them

_EMBEDDED = re.compile(r"`(?P<label>[^`]{0,500}?)\s*<\Z")
_EMBEDDED_END = re.compile(r"(?P<address>[^`<>]{1,2048})>`__?(?!\w)")


def embedded(text: str, find: Find) -> Iterator[LinkMarkup]:
    """Yield the link of which a find is the embedded address: ``text <address>`` in backquotes."""
    if text[find.start - 1 : find.start] != "<":
        return
    before = text[max(0, find.start - _NEAR) : find.start]
    match, close = _EMBEDDED.search(before), _EMBEDDED_END.match(text, find.start)
    if match is not None and close is not None:
        start = find.start - len(before) + match.start("label")
        # In a table of several lines, its borders stand in between.
        label = _seen(match["label"].replace("|", " ") if "\n" in match["label"] else match["label"])
        yield LinkMarkup(
            Span(*close.span("address")),
            label or None,
            (Span(start, find.start - 1),),
            label_is_name=not close[0].endswith("__"),
        )


def _seen(written: str) -> str:
    """Return what a reader sees of a text."""
    seen = re.sub(r"\*\*|``|`(?=[^`<>]*`_)|(?<=`)__?(?!\w)|`", "", written)
    return " ".join(_ESCAPE.sub(r"\1", seen).split())


# Targets: addresses that have names, or a number


class _Target(NamedTuple):
    destination: Span
    names: tuple[str, ...]
    """The names that lead to it; an anonymous target has none."""
    spans: tuple[Span, ...]


_TARGET = re.compile(
    r"[ \t]*\.\.[ \t]+_(?:`(?P<quoted>[^`\n]{1,300})`|(?P<plain>(?![_`])(?:\\.|[^\\\n]){1,300}?))"
    r":(?=\s|\Z)[ \t]*"
)
_ANONYMOUS = re.compile(r"^[ \t]*+(?:__|\.\.[ \t]+__:)(?=\s)", re.MULTILINE)
_ADDRESS = re.compile(r"\S++(?:[ \t\r]*+\n[ \t]+(?!\.\.[ \t])\S++(?=[ \t\r]*+$))*", re.MULTILINE)


def _target(text: str, find: Find) -> _Target | None:
    """Read the hyperlink target whose address a find is: behind its name, or on the line below."""
    line = line_at(text, find.start)
    if not text[line.start : find.start].strip() and line.start:
        line = line_at(text, line.start - 1)
        if not text[line.start : line.end].rstrip().endswith(("_", ":")):
            return None
    anonymous, named = _ANONYMOUS.match(text, line.start), _TARGET.match(text, line.start)
    opening = anonymous or named
    if opening is None or find.start < opening.end() or text[opening.end() : find.start].strip():
        return None
    address = _ADDRESS.match(text, find.start, find.start + 2048)
    destination = Span(find.start, address.end() if address else find.end)
    if named is None:
        return _Target(destination, (), ())
    names = [named]
    while line.start and len(names) < _MOST_LINES:  # names above it, without an address, lead to it, too
        line = line_at(text, line.start - 1)
        above = _TARGET.match(text, line.start, line.end)
        if above is None or text[above.end() : line.end].strip():
            break
        names.append(above)
    groups = ["quoted" if name["quoted"] else "plain" for name in names]
    return _Target(
        destination,
        tuple(_normal(name[group]) for name, group in zip(names, groups, strict=True)),
        tuple(Span(*name.span(group)) for name, group in zip(names, groups, strict=True)),
    )


def _normal(name: str) -> str:
    return " ".join(_ESCAPE.sub(r"\1", name).split()).casefold()


class _Use(NamedTuple):
    span: Span
    name: str
    """The name that it uses; empty if it is anonymous."""
    label: str


# Each begins where a word, a phrase or a substitution does, and goes on for a bounded length.
_USE = re.compile(
    r"(?P<literal>``(?=\S)(?:[^`\n]|\n(?![ \t\r]*\n)|`(?!`)){1,500}+``)"
    r"|`(?P<phrase>[^`]{1,500}+)`_(?P<phrase_>_?)(?!\w)"
    r"|\|(?P<substitution>[^|\n]{1,200}+)\|_(?P<substitution_>_?)(?!\w)"
    r"|(?<![\w`|\\.+@#=&])(?P<word>[^\W_]{1,60}+(?:[-._+:][^\W_]{1,60}+){0,12}+)_(?P<word_>_?)(?!\w)"
)
_WITH_NAME = re.compile(r"(?P<label>.*?)\s*(?<!\\)<(?P<name>[^<>]+)(?<!\\)>", re.DOTALL)
_ALIAS = re.compile(
    r"^[ \t]*+\.\.[ \t]+_`?(?P<name>[^`:\n]{1,300}+)`?:[ \t]+`?(?P<other>[^`\n]{1,300}?)`?_[ \t\r]*$",
    re.MULTILINE,
)


def _named(text: str, targets: Sequence[_Target], code: Sequence[Span]) -> Iterator[LinkMarkup]:
    """Yield the link of each target; the text of its first use is its label."""
    if not targets:
        return
    substitutions = dict(_substitutions(text)) if "|_" in text else {}
    aliases = list(_ALIAS.finditer(text))
    leads_to = {_normal(alias["name"]): _normal(alias["other"]) for alias in aliases}
    # The target of another name looks like a use of it.
    no_uses = sorted([*code, *(Span(*alias.span()) for alias in aliases)])
    uses: dict[str, list[_Use]] = defaultdict(list)
    for use in _uses(text, substitutions):
        if span_at(no_uses, use.span.start) is None:
            name = use.name
            for _ in range(_MOST_LINES):
                if name not in leads_to:
                    break
                name = leads_to[name]
            uses[name].append(use)
    numbers = [match.start() for match in _ANONYMOUS.finditer(text) if span_at(code, match.start()) is None]
    number = 0
    for target in targets:
        if target.names:
            own = sorted(
                use for name in target.names for use in uses.pop(name, ())
            )  # of two, the first counts
        else:
            while number + 1 < len(numbers) and numbers[number + 1] < target.destination.start:
                number += 1
            own = uses[""][number : number + 1]
        pictures = [substitutions[name].spans for name in target.names if name in substitutions]
        texts = (*target.spans, *(use.span for use in own), *(span for spans in pictures for span in spans))
        label = own[0].label or None if own else None
        yield LinkMarkup(target.destination, label, texts, label_is_name=bool(target.names))


def _uses(text: str, substitutions: "Mapping[str, _Substitution]") -> Iterator[_Use]:
    """Yield what may be the use of a target, in order."""
    for match in _USE.finditer(text):
        kind = str(match.lastgroup).removesuffix("_")
        if kind == "literal":
            continue
        name = label = match[kind]
        if kind == "phrase" and (inner := _WITH_NAME.fullmatch(name)) is not None:
            if not inner["name"].endswith("_"):
                continue  # the address is embedded
            label, name = inner["label"], inner["name"].rstrip("_").strip("`")
            yield _Use(Span(*match.span()), _normal(name), _seen(label))
            continue
        if kind == "substitution" and _normal(name) in substitutions:
            label = substitutions[_normal(name)].text
        yield _Use(Span(*match.span()), "" if match[kind + "_"] else _normal(name), _seen(label))


# Directives


class _Substitution(NamedTuple):
    text: str
    spans: tuple[Span, ...]


_SUBSTITUTION = re.compile(
    r"^[ \t]*+\.\.[ \t]+\|(?P<name>[^|\n]{1,200}+)\|[ \t]+(?P<kind>[\w-]+)::[ \t]*"
    r"(?P<text>[^\n]{0,1000}(?:\n[ \t]+[^\s:][^\n]{0,1000}){0,9})",
    re.MULTILINE,
)
_DIRECTIVE = re.compile(
    r"[ \t]*(?:[-*+][ \t]+)?\.\.[ \t]+(?:\|(?P<name>[^|\n]{1,200})\|[ \t]+)?"
    r"(?P<kind>[A-Za-z][\w:-]{0,60}?)::(?=\s|\Z)[ \t]*(?P<argument>[^\n]{0,2048})"
)
_OPTION = re.compile(
    r"^[ \t]+:(?P<name>target|link|url|href|alt|name|class):[ \t]*(?:\n[ \t]+)?\Z", re.MULTILINE
)
_ALT = re.compile(r"^[ \t]+:alt:[ \t]*(?P<alt>[^\n]*(?:\n[ \t]++(?!:\w)[^\n]+)*)", re.MULTILINE)
_IMAGES = ("image", "figure")
_BUTTONS = ("button-link", "button")
_BODY = re.compile(r"(?:\n[ \t]+:[^\n]*){0,20}\n(?:[ \t\r]*\n){0,3}[ \t]+(?P<text>[^\s:][^\n]{0,500})")
_WORD = re.compile(r"\S*")
_LONGEST_WORD = 2_048
_OPTIONS = re.compile(r"(?:\n[ \t]+\S[^\n]{0,1000}){0,20}")


def _substitutions(text: str) -> Iterator[tuple[str, _Substitution]]:
    for match in _SUBSTITUTION.finditer(text):
        if match["kind"] == "image":
            address = _WORD.match(text, match.start("text"))
            alt = _alt(text, match.start("text"))
            spans = (
                Span(*address.span()) if address else Span(*match.span("text")),
                *(alt[1:] if alt else ()),
            )
            yield _normal(match["name"]), _Substitution(alt[0] if alt else match["name"], spans)
        else:
            yield _normal(match["name"]), _Substitution(match["text"], (Span(*match.span("text")),))


def _alt(text: str, position: int) -> tuple[str, Span] | None:
    """Return the alternative text of an image, whose directive has its argument at ``position``."""
    end = text.find("\n", position)
    options = _OPTIONS.match(text, end) if end >= 0 else None
    alt = _ALT.search(text, options.start() + 1, options.end()) if options else None
    return (alt["alt"], Span(*alt.span("alt"))) if alt else None


class _Directives:
    """Reads directives: each once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.read: dict[int, tuple[str | None, tuple[Span, ...]]] = {}

    def of(self, find: Find) -> list[LinkMarkup]:
        """Return the link of a find that is the argument of a directive, or the value of an option."""
        line = line_at(self.text, find.start)
        directive = _DIRECTIVE.match(self.text, line.start, line.end)
        if directive is not None and directive.start("argument") == find.start:
            return self._argument(directive)
        option = _OPTION.search(self.text[max(0, find.start - 300) : find.start])
        above = self._above(line) if option else None
        if option is None or above is None or option["name"] not in ("target", "link", "url", "href"):
            return []
        label, texts = self._label(above)
        return [LinkMarkup(self._word(find.start), label, texts)]

    def _argument(self, directive: re.Match[str]) -> list[LinkMarkup]:
        destination = self._word(directive.start("argument"))
        if directive["kind"] in _IMAGES:
            return [LinkMarkup(destination, self._label(directive)[0])]
        is_button = directive["kind"] in _BUTTONS
        if is_button and (text := _BODY.match(self.text, line_at(self.text, destination.start).end)):
            return [LinkMarkup(destination, _seen(text["text"]), (Span(*text.span("text")),))]
        return []

    def _word(self, start: int) -> Span:
        match = _WORD.match(self.text, start, start + _LONGEST_WORD)
        return Span(start, match.end() if match else start)

    def _above(self, line: Span) -> re.Match[str] | None:
        """Return the directive that an option stands below."""
        for _ in range(_MOST_LINES):
            if not line.start:
                return None
            line = line_at(self.text, line.start - 1)
            if (directive := _DIRECTIVE.match(self.text, line.start, line.end)) is not None:
                return directive
            if line.start == line.end or not self.text[line.start].isspace():
                return None
        return None

    def _label(self, directive: re.Match[str]) -> tuple[str | None, tuple[Span, ...]]:
        """Return what a reader sees of a directive, and where its words stand."""
        known = self.read.get(directive.start())
        if known is None:
            known = self.read[directive.start()] = self._read(directive)
        return known

    def _read(self, directive: re.Match[str]) -> tuple[str | None, tuple[Span, ...]]:
        argument = Span(*directive.span("argument"))
        if directive["kind"] not in _IMAGES:
            return _seen(directive["argument"]) or None, (argument,)
        alt = _alt(self.text, argument.start)
        if alt is None:
            return directive["name"], (self._word(argument.start),)
        return _seen(alt[0]) or None, (self._word(argument.start), alt[1])


# Code

_BLOCK = re.compile(
    r"^[ \t]*+(?:\.\.[ \t]+(?P<directive>code|code-block|sourcecode|parsed-literal|prompt|doctest|testcode"
    r"|testsetup|testoutput|productionlist|ipython|jupyter-execute|console|terminal)::"
    r"(?=[^\n]*+\n(?:[ \t\r]*+\n)*+[ \t])|(?P<doctest>>>>)[ \t])"
    r"|::(?=[ \t\r]*+\n(?:[ \t\r]*+\n)++[ \t])",
    re.MULTILINE,
)
_MARGIN = re.compile(r"[ \t\r]*")
_MARKERS = re.compile(r"[ \t]*+(?:(?:[-*+•]|#\.|\w{1,3}[.)]|\(\w{1,3}\))[ \t]+)*+")
_OTHER_DIRECTIVE = re.compile(r"\.\.[ \t]+(?:\|[^|\n]{1,200}\|[ \t]+)?[A-Za-z][\w:+.-]*::\Z")


def _code(text: str) -> Iterator[Span]:
    """Yield each literal block, block of code and doctest."""
    end = 0
    for match in _BLOCK.finditer(text):
        if match.start() < end:
            continue
        start = text.rfind("\n", end, match.start() + 1) + 1 if match.start() else 0
        start = max(start, end)
        line_end = text.find("\n", match.end())
        if line_end < 0:
            line_end = len(text)
        if match["doctest"]:
            end = end_of_paragraph(text, line_end)
            yield Span(start, end)
            continue
        before = _MARKERS.match(text, start)
        content = before.end() if before else start
        if not match["directive"] and _OTHER_DIRECTIVE.match(text, content, match.end()):
            continue
        last = _end_of_indented(text, line_end, _width(text[start:content]))
        if last > line_end:
            end = last
            yield Span(line_end, end)


def _end_of_indented(text: str, position: int, indent: int) -> int:
    """Return the end of the lines below the one that ends at ``position`` and are indented further."""
    end = position
    while position < len(text):
        following = text.find("\n", position + 1)
        following = len(text) if following < 0 else following
        margin = _MARGIN.match(text, position + 1, following)
        content = margin.end() if margin else following
        if content < following:
            if _width(text[position + 1 : content]) <= indent:
                break
            end = following
        position = following
    return end


def _width(margin: str) -> int:
    return len(margin.expandtabs(8))
