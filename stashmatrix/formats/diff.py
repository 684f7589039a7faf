"""The changes to a file, as programs that apply them read it."""

import difflib
import re
from collections.abc import Iterator

_UNUSUAL = re.compile(rb'[\x00-\x1f"\\\x7f-\xff]')
_MISSING_NEWLINE = b"\n\\ No newline at end of file\n"


def unified(path: str, before: bytes, after: bytes) -> bytes:
    """Return a unified diff of what a file holds, byte by byte, as ``git apply`` takes it."""
    name = path.removeprefix("/")
    lines = difflib.diff_bytes(
        difflib.unified_diff,
        _lines(before),
        _lines(after),
        _header("a", name),
        _header("b", name),
    )
    return b"".join(_ended(lines))


def _lines(data: bytes) -> list[bytes]:
    """Split at line feeds only, as git does."""
    return re.findall(rb"[^\n]*\n|[^\n]+\Z", data)


def _header(side: str, name: str) -> bytes:
    """Write a path as git does: in quotes if it is unusual, and with a tab behind it if it has spaces."""
    path = f"{side}/{name}".encode(errors="surrogateescape")
    if not _UNUSUAL.search(path):
        return path + (b"\t" if b" " in path else b"")
    return b'"%s"' % _UNUSUAL.sub(lambda found: b"\\%03o" % ord(found[0]), path)


def _ended(lines: Iterator[bytes]) -> Iterator[bytes]:
    for line in lines:
        yield line if line.endswith(b"\n") else line + _MISSING_NEWLINE
