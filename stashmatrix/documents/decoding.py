"""From a file's bytes to its text, and from places in the text to lines and columns."""

import codecs
from collections.abc import Iterable

# UTF-32 first: its mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(data: bytes) -> str:
    """Return the text of a document, without its byte order mark.

    Without such a mark it is UTF-8, or else Latin-1: links are ASCII, and any byte is a character of that.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def places(text: str, positions: Iterable[int]) -> list[tuple[int, int]]:
    """Return the line and column, counting from 1, of each of ``positions``, which are in order.

    A line ends at a line feed and nowhere else, as for git and for editors.
    """
    line, start, last = 1, 0, 0
    found: list[tuple[int, int]] = []
    for position in positions:
        line += text.count("\n", last, position)
        start = max(start, text.rfind("\n", last, position) + 1)
        last = position
        found.append((line, position - start + 1))
    return found
