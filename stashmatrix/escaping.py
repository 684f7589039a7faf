"""Make text from strangers safe to print: catalogues, servers and command lines alike."""

# Categories that move the cursor, reorder or hide text, or break a line: controls (C0, C1), format
# characters (bidi, zero-width), surrogates, line and paragraph separators.
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def printable(text: str, *, limit: int | None = None) -> str:
    r"""Return ``text`` on one line, with what could mislead a terminal written as ``\x1b`` or ``\u202e``.

    The result is cut to ``limit`` characters, if given, with ``…`` in the place of the rest.
    """
    if limit is not None and len(text) > limit:
        text = text[: limit - 1] + "…"
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
    """Return ``text`` as a message quotes it: safe to print, short, between quotes."""
    return f"'{printable(text, limit=100)}'"
