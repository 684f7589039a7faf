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
    return _decoded(data)[0]


def _decoded(data: bytes) -> tuple[str, str, bytes]:
    """Return the text of a document, its encoding and its byte order mark."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace"), encoding, mark
    try:
        return data.decode(), "utf-8", b""
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1", b""


def with_replacements(data: bytes, replacements: Iterable[tuple[int, int, str]]) -> bytes | None:
    """Return a document with ASCII in place of parts of its text, which are in order and apart.

    All other bytes stay. ``None`` if a part has no bytes of its own, as in a text that is damaged before it.
    """
    text, encoding, mark = _decoded(data)
    parts: list[bytes] = []
    last = taken = 0
    position = len(mark)
    for start, end, replacement in replacements:
        position += len(text[last:start].encode(encoding))
        old = text[start:end].encode(encoding)
        if not data.startswith(old, position):
            return None
        parts += (data[taken:position], replacement.encode(encoding))
        position = taken = position + len(old)
        last = end
    return b"".join([*parts, data[taken:]])


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
