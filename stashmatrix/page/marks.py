"""How a page marks the flags of its rooms: ``[NSFW]``, ``(bridged)``, or a heading that says so."""

import re
from collections.abc import Mapping

from stashmatrix.catalogue.model import Flag

Marks = Mapping[Flag, tuple[str, ...]]
"""The texts that stand for each flag; the first is the one that is written."""

MARKS: dict[Flag, tuple[str, ...]] = {
    Flag.NSFW: ("[NSFW]", "(NSFW)", "\N{NO ONE UNDER EIGHTEEN SYMBOL}"),
    Flag.BRIDGED: ("(bridged)", "[bridged]"),
    Flag.ARCHIVED: ("(archived)", "[archived]", "(read-only)", "[read-only]"),
}

BREAK = "\ufdd0"
"""Stands in a text for an empty comment, which keeps words from being read as a mark: it is no character."""
EMPTY_COMMENT = "<!-- -->"
"""What is read as ``BREAK``."""

SEPARATORS = " \t\xa0-\u2013\u2014:|\u00b7\u2022,;"
"""What stands between a room, its marks and its description."""


def without_marks(text: str, marks: Marks) -> tuple[frozenset[Flag], str]:
    """Return the flags whose marks stand in ``text``, and the text without the first mark of each."""
    flags: set[Flag] = set()
    for flag, forms in marks.items():
        for form in forms:
            parts = _mark(form).split(text, maxsplit=1)
            if len(parts) > 1:
                flags.add(flag)
                text = _joined(*parts)
                break
    return frozenset(flags), text


def _mark(form: str) -> re.Pattern[str]:
    return re.compile(re.escape(form) + f"(?!{BREAK})", re.IGNORECASE)


def _joined(before: str, after: str) -> str:
    """Join what a mark has parted: one separator is left between."""
    before, stripped = before.rstrip(SEPARATORS), after.lstrip(SEPARATORS)
    if not before or not stripped:
        return before + stripped
    return before + (after[: len(after) - len(stripped)] or " ") + stripped


def implied(title: str) -> frozenset[Flag]:
    """Return the flags that a heading gives to all rooms below it, such as "Archived rooms"."""
    words = re.findall(r"\w+", title.casefold())
    return frozenset(flag for flag in Flag if flag in words)


def broken(text: str, marks: Marks) -> str:
    """Return ``text`` with a ``BREAK`` behind what looks like a mark, and beside a separator at its ends."""
    for form in (form for forms in marks.values() for form in forms):
        text = _mark(form).sub(lambda mark: mark[0] + BREAK, text)
    if text and text[0] in SEPARATORS:
        text = BREAK + text
    if text and text[-1] in SEPARATORS:
        text += BREAK
    return text
