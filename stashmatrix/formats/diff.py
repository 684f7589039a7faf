"""The changes to a file, as programs that apply them read it."""

import re
from collections.abc import Iterable, Iterator, Sequence

_UNUSUAL = re.compile(rb'[\x00-\x1f"\\\x7f-\xff]')
_MISSING_NEWLINE = b"\n\\ No newline at end of file\n"
_CONTEXT = 3
"""Lines that are shown before and behind a change."""


def unified(path: str, before: bytes, after: bytes) -> bytes:
    """Return a unified diff of what a file holds, byte by byte, as ``git apply`` takes it.

    Each line of ``after`` stands in the place of one of ``before``: nothing is searched, so that it takes no
    longer if many lines are alike.
    """
    name = path.removeprefix("/")
    old, new = _lines(before), _lines(after)
    changed = [number for number, (one, other) in enumerate(zip(old, new, strict=True)) if one != other]
    hunks = (line for first, last in _stretches(changed, len(old)) for line in _hunk(old, new, first, last))
    header = [b"--- %s\n" % _quoted("a", name), b"+++ %s\n" % _quoted("b", name)]
    return b"".join([*header, *hunks]) if changed else b""


def _lines(data: bytes) -> list[bytes]:
    """Split at line feeds only, as git does."""
    return re.findall(rb"[^\n]*\n|[^\n]+\Z", data)


def _quoted(side: str, name: str) -> bytes:
    """Write a path as git does: in quotes if it is unusual, and with a tab behind it if it has spaces."""
    path = f"{side}/{name}".encode(errors="surrogateescape")
    if not _UNUSUAL.search(path):
        return path + (b"\t" if b" " in path else b"")
    return b'"%s"' % _UNUSUAL.sub(lambda found: b"\\%03o" % ord(found[0]), path)


def _stretches(changed: Iterable[int], length: int) -> Iterator[tuple[int, int]]:
    """Yield the lines of each hunk, from the first to before the last, of a file that has so many."""
    first, last = 0, -_CONTEXT - 1
    for number in changed:
        if number - _CONTEXT > last:
            if last >= 0:
                yield first, last
            first = max(0, number - _CONTEXT)
        last = min(length, number + _CONTEXT + 1)
    if last >= 0:
        yield first, last


def _hunk(old: Sequence[bytes], new: Sequence[bytes], first: int, last: int) -> Iterator[bytes]:
    length = b"" if last - first == 1 else b",%d" % (last - first)
    yield b"@@ -%d%s +%d%s @@\n" % (first + 1, length, first + 1, length)
    added: list[bytes] = []
    for one, other in zip(old[first:last], new[first:last], strict=True):
        if one != other:
            yield _ended(b"-" + one)
            added.append(_ended(b"+" + other))
        else:
            yield from added
            added.clear()
            yield _ended(b" " + one)
    yield from added


def _ended(line: bytes) -> bytes:
    return line if line.endswith(b"\n") else line + _MISSING_NEWLINE
