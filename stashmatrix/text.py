"""Text for people: a stranger's text made safe to print, names and numbers in sentences."""

from collections.abc import Collection
from itertools import islice

# Categories that move the cursor, reorder or hide text, or break a line: controls (C0, C1), format
# characters (bidi, zero-width), surrogates, line and paragraph separators.
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def printable(text: str, *, limit: int | None = None) -> str:
    r"""Return ``text`` on one line, with escapes such as ``\x1b`` for what could mislead a terminal.

    Breaks ``##[`` as well, which GitHub's runner takes for a command anywhere in a line. Cuts the text
    to ``limit`` characters, if given; ``…`` is the last.
    """
    if limit is not None and len(text) > limit:
        text = text[: limit - 1] + "…"
    text = text.replace("##[", r"#\x23[")
    if text.isascii() and text.isprintable():
        return text
    import unicodedata

    return "".join(
        char.encode("unicode_escape").decode("ascii")
        if unicodedata.category(char) in _UNSAFE_CATEGORIES
        else char
        for char in text
    )


def quoted(text: str) -> str:
    """Return ``text`` as every message quotes it: safe to print, short, in single quotes."""
    return f"'{printable(text, limit=100)}'"


def some_of(names: Collection[str], most: int) -> str:
    """List the first ``most`` names, each made ``printable``, and count the others."""
    more = len(names) - most
    first = ", ".join(printable(name) for name in islice(names, most))
    return first + (f" and {more} more" if more > 0 else "")


def printable_path(path: str) -> str:
    """Return a file's path made ``printable`` and safe at the start of a line.

    A line that starts with ``::``, even after spaces, is a command to GitHub's runner. A ``./`` before
    the path prevents that, and the path still names the same file.
    """
    shown = printable(path)
    return f"./{shown}" if shown.lstrip().startswith("::") else shown


def ascii_json(value: object) -> str:
    """Write JSON in ASCII, so that no character in it can mislead a terminal or a CI runner."""
    import json

    return json.dumps(value, indent=2).replace("##[", r"#\u0023[") + "\n"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun; the plural takes an s unless given."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
