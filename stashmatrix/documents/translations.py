"""Gettext catalogues: which links of a translation stand in the text that it translates, too.

GNU gettext manual, "The Format of PO Files". What is obsolete has no links.
"""

import re
from collections.abc import Iterable

_PART = re.compile(
    r"^(?:(?P<context>msgctxt\b)|(?P<original>msgid(?:_plural)?\b)|(?P<translation>msgstr\b)|#)", re.MULTILINE
)


def originals(text: str, links: Iterable[tuple[int, str]]) -> list[int | None]:
    """Return for each link of a translation the index of the link in the original that has its address.

    ``links`` are the places and the addresses of all links, in order. ``None`` for those that are in no
    translation, or in that alone.
    """
    found: list[int | None] = []
    parts = _PART.finditer(text)
    following = next(parts, None)
    kind = last = None
    seen: dict[str, int] = {}
    for index, (start, address) in enumerate(links):
        while following is not None and following.start() <= start:
            kind, following = following.lastgroup, next(parts, None)
            if kind == "original" and last != "original":
                seen = {}  # an entry begins
            last = kind or last
        if kind == "original":
            seen.setdefault(address, index)
        found.append(seen.get(address) if kind == "translation" else None)
    return found
