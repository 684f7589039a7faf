r"""Data and programs: strings whose escapes can hide a link, as ``https:\/\/matrix.to\/\u0023`` does."""

import json
import re
from collections.abc import Iterator, Sequence

from stashmatrix.documents.markdown import markdown_markup
from stashmatrix.documents.markup import Markup, Span, View, replaced
from stashmatrix.documents.scanner import Find

_ESCAPE = re.compile(r"\\(?:u(?P<code>[0-9A-Fa-f]{4})|x(?P<byte>[0-9A-Fa-f]{2})|(?P<char>[\"'/nrt\\]))")
_CHARS = {"n": "\n", "r": "\r", "t": "\t"}
_CONTINUED = re.compile(r"\"[ \t]*\r?\n[ \t]*\"")


def string_view(text: str) -> View:
    """Return the view of a text with the escapes of its strings resolved, as JSON has them."""
    return replaced(text, _escapes(text)) if "\\" in text else View(text)


def _escapes(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _ESCAPE.finditer(text):
        code = match["code"] or match["byte"]
        char = chr(int(code, 16)) if code else _CHARS.get(match["char"], match["char"])
        yield (*match.span(), char)


def continued_view(text: str) -> View:
    """Return the view of a gettext catalogue: strings that go on in the next line are one."""
    continued = ((*match.span(), "") for match in _CONTINUED.finditer(text))
    return replaced(text, sorted([*continued, *_escapes(text)]))


def notebook_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of a notebook: its text is Markdown, its programs are code, and its outputs are generated."""
    inner = markdown_markup(text, finds)
    code = [Span(*match.span()) for match in re.finditer(r'"cell_type": "code".*?"source"[^\]]*\]', text, re.DOTALL)]
    hidden = [Span(*match.span()) for match in re.finditer(r'"outputs": \[\s*\{.*?\n   \]', text, re.DOTALL)]
    return Markup(inner.links, sorted([*inner.code, *code]), hidden)


def is_json(text: str) -> bool:
    """Say whether a text is JSON."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
