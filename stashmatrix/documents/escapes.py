r"""Texts without the escapes of their formats, which can hide a link: ``https:\/\/matrix.to\/\u0023`` does.

Each view resolves what can stand in a string, wherever it stands: a backslash elsewhere is no part of a link.
"""

import re
import sys
from collections.abc import Iterator
from functools import lru_cache

from stashmatrix.documents.markup import View, replaced

# A character outside the Basic Multilingual Plane is a pair of escapes in JSON, one in TOML and in programs.
_ESCAPE = (
    r"\\(?:u(?P<high>[dD][89abAB][0-9A-Fa-f]{2})\\u(?P<low>[dD][c-fC-F][0-9A-Fa-f]{2})"
    r"|(?:u(?P<code>[0-9A-Fa-f]{4})|U(?P<long>[0-9A-Fa-f]{8})|u\{(?P<braced>[0-9A-Fa-f]{1,6})\}|x(?P<byte>[0-9A-Fa-f]{2}))"
    r"|(?P<char>[\"'/\\bfnrt]))"
)
_STRING = re.compile(_ESCAPE)
_CHARS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_SURROGATES = range(0xD800, 0xE000)
_UNKNOWN = "\ufffd"
"""What stands for a number that is no character: half of a pair, or too large."""


def string_view(text: str) -> View:
    """Return the view of data or a program with the escapes of its strings resolved."""
    return replaced(text, escapes(text, 0, len(text))) if "\\" in text else View(text)


def escapes(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Yield each escape of strings from ``start`` to before ``end``, and what it stands for."""
    for match in _STRING.finditer(text, start, end):
        yield match.start(), match.end(), _resolved(match[0])


@lru_cache(maxsize=1024)
def _resolved(escape: str) -> str:
    """Return what an escape stands for."""
    match = _STRING.fullmatch(escape)
    if match is None:
        return escape
    if char := match["char"]:
        return _CHARS.get(char, char)
    if high := match["high"]:
        return bytes.fromhex(high + match["low"]).decode("utf-16-be")
    code = int(match["code"] or match["long"] or match["braced"] or match["byte"], 16)
    return chr(code) if code <= sys.maxunicode and code not in _SURROGATES else _UNKNOWN


# One pattern for all of it, so that an escaped quote ends no string.
_PO = re.compile(rf"(?P<none>\"[ \t]*+\r?\n[ \t]*+\"|^\#[~|][^\n]*+)|{_ESCAPE}", re.MULTILINE)


def po_view(text: str) -> View:
    """Return the view of a gettext catalogue, without what no reader sees: obsolete entries and former texts.

    A string that goes on in the next line is one string.
    """
    return replaced(text, ((*m.span(), "" if m["none"] else _resolved(m[0])) for m in _PO.finditer(text)))


_QUOTED_PRINTABLE = re.compile(r"(?im)^content-transfer-encoding:[ \t]*quoted-printable")
_OCTET = re.compile(r"=(?:(?P<octet>[2-7][0-9A-F])|[ \t]*\r?\n)")


def mail_view(text: str) -> View:
    """Return the view of a mail: quoted-printable text on its own lines, with the ASCII that it encodes.

    RFC 2045, section 6.7.
    """
    if not _QUOTED_PRINTABLE.search(text):
        return View(text)
    octets = _OCTET.finditer(text)
    return replaced(text, ((*m.span(), chr(int(m["octet"], 16)) if m["octet"] else "") for m in octets))


# The value of a setting may begin with the sigil of an alias, which no text may that follows an equals sign.
_SETTING = re.compile(
    rf"(?P<sign>^[ \t]*(?:export[ \t]+)?[\w.\[\]-]+=)(?=\#)|\\(?P<mark>[:=#!])|{_ESCAPE}", re.MULTILINE
)


def settings_view(text: str) -> View:
    """Return the view of settings (INI files, properties, environments), a space behind each ``=``."""
    return replaced(text, map(_setting, _SETTING.finditer(text)))


def _setting(match: re.Match[str]) -> tuple[int, int, str]:
    if match["sign"]:
        return match.end() - 1, match.end(), "= "
    return (*match.span(), match["mark"] or _resolved(match[0]))


# What hides the beginning of a link from a search, in attributes and in scripts.
_IN_PAGES = re.compile(
    r"&(?:(?P<hash>num|#35|#[xX]23)|(?P<slash>sol|#47|#[xX]2[fF])|(?P<colon>colon|#58|#[xX]3[aA]));"
    r"|\\(?:(?P<escaped_slash>/)|(?P<escaped_hash>u0023|x23))"
)
_PAGE_CHARS = {"hash": "#", "slash": "/", "colon": ":", "escaped_slash": "/", "escaped_hash": "#"}
_IN_XML = re.compile(
    rf"{_IN_PAGES.pattern}|&(?:(?P<less>lt|#60|#[xX]3[cC])|(?P<greater>gt|#62|#[xX]3[eE])"
    r"|(?P<quote>quot|#34|#[xX]22)|(?P<apostrophe>apos|#39|#[xX]27));"
)
_XML_CHARS = {**_PAGE_CHARS, "less": "<", "greater": ">", "quote": '"', "apostrophe": "'"}


def html_view(text: str) -> View:
    """Return the view of a page in which no entity and no escape of a script hides where a link begins."""
    return replaced(text, ((*m.span(), _PAGE_CHARS[m.lastgroup or ""]) for m in _IN_PAGES.finditer(text)))


def xml_view(text: str) -> View:
    """Return the view of XML with the HTML that its texts may be, as those of feeds and translations are."""
    return replaced(text, ((*m.span(), _XML_CHARS[m.lastgroup or ""]) for m in _IN_XML.finditer(text)))
