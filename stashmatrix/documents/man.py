"""Manual pages, in man and mdoc: the labels of links, and blocks of code."""

import re
from collections.abc import Sequence

from stashmatrix.documents.markup import LinkMarkup, Markup, Span, View, closed_blocks, line_at, replaced
from stashmatrix.documents.scanner import Find

_ESCAPE = re.compile(
    r"\\(?:(?P<nothing>[:&%/,^|]|f(?:\[\w{0,9}\]|\(\w\w|\w)|s[+-]?\d)|(?P<itself>[-'`])"
    r"|\((?P<pair>[a-z]{2})|\[(?P<name>[a-z]{2})\])"
)
_NAMES = {"aq": "'", "dq": '"', "at": "@", "sh": "#", "hy": "-", "ti": "~", "ha": "^", "rs": "\\"}
_NAMES |= {"lq": '"', "rq": '"', "oq": "'", "cq": "'", "la": "<", "ra": ">"}
_LONGEST_TEXT = 1_000

_UR = re.compile(r"[.'][ \t]*UR[ \t]+\"?")
_URL = re.compile(r"[.'][ \t]*URL[ \t]+\"?")
_LK = re.compile(r"(?<!\w)Lk[ \t]+\"?\Z")
_ARGUMENT = re.compile(r"\"(?P<quoted>(?:[^\"]|\"\")*)\"|(?P<plain>[^\s\"]\S*)")
_COMMENT = re.compile(r"\\[\"#].*", re.DOTALL)
_SPACE = re.compile(r"\\[c ~]")
_MACRO = re.compile(r"^\.[ \t]*\w+[ \t]*", re.MULTILINE)
_PUNCTUATION = frozenset(".,:;()[]?!|")
_BEGIN = re.compile(r"^\.[ \t]*(EX\b|Bd(?=[ \t]+-literal\b))", re.MULTILINE)
_ENDS = {begin: re.compile(rf"^\.[ \t]*{end}\b", re.MULTILINE) for begin, end in (("EX", "EE"), ("Bd", "Ed"))}


def man_view(text: str) -> View:
    """Return the view of a text without the escapes that addresses have."""
    return replaced(text, ((*escape.span(), _character(escape)) for escape in _ESCAPE.finditer(text)))


def _character(escape: re.Match[str]) -> str:
    name = escape["pair"] or escape["name"]
    return _NAMES.get(name, escape[0]) if name else escape["itself"] or ""


def man_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links and the code around ``finds``."""
    links = [link for find in finds if (link := _link(text, find)) is not None]
    return Markup(links, list(closed_blocks(text, _BEGIN, _ENDS.__getitem__)))


def _link(text: str, find: Find) -> LinkMarkup | None:
    line = line_at(text, find.start)
    destination = Span(find.start, find.end)
    if _UR.fullmatch(text, line.start, find.start):
        close = text.find("\n.UE", line.end, line.end + _LONGEST_TEXT)
        inner = Span(line.end, max(line.end, close))
        return LinkMarkup(destination, _words(text[slice(*inner)]), (inner,))
    is_url = _URL.fullmatch(text, line.start, find.start) is not None
    if not is_url and not _LK.search(text, max(line.start, find.start - 9), find.start):
        return None
    rest = _COMMENT.sub("", text[find.end : min(line.end, find.end + _LONGEST_TEXT)]).removeprefix('"')
    arguments = [match["quoted"] or match["plain"] or "" for match in _ARGUMENT.finditer(rest)]
    while arguments and arguments[-1] in _PUNCTUATION:
        arguments.pop()
    label = _words(" ".join(arguments[:1] if is_url else arguments))
    return LinkMarkup(destination, label, (Span(find.end, line.end),))


def _words(written: str) -> str | None:
    """Return what a reader sees of text with requests for fonts in it."""
    lines = (line for line in written.split("\n") if not line.startswith(('.\\"', "'\\\"")))
    seen = _MACRO.sub("", "\n".join(_COMMENT.sub("", line) for line in lines))
    return " ".join(_SPACE.sub(" ", seen).replace('"', "").split()) or None
