"""Jupyter notebooks, as Markdown: programs in fences, and nothing of what they put out."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stashmatrix.documents.escapes import escapes, string_view
from stashmatrix.documents.markup import Span, View, replaced

_STRING = r"\"(?:[^\"\\]++|\\.)*+\""
_LINE = re.compile(_STRING, re.DOTALL)
# Before version 4, the source of a program was its input.
_KEY = re.compile(
    rf"\"cell_type\"\s*+:\s*+\"(?P<type>\w++)\""
    rf"|\"(?:source|input)\"\s*+:\s*+(?P<source>\[(?:\s*+{_STRING}\s*+,?)*+\s*+\]|{_STRING})",
    re.DOTALL,
)
_FENCE = f"\n{'~' * 40}\n"
"""No program has a line that closes it."""


class _Cell(NamedTuple):
    is_code: bool
    lines: Sequence[Span]
    """The strings of its source, within their quotes."""


def notebook_view(text: str) -> View:
    """Return the view of a notebook: the sources of its cells, without their escapes.

    What has no cells, such as a template of a notebook, is read as JSON.
    """
    cells = list(_cells(text))
    return replaced(text, _replacements(text, cells)) if cells else string_view(text)


def _cells(text: str) -> Iterator[_Cell]:
    """Yield the cells that have a source. A program writes the keys of all of them in one order."""
    keys = list(_KEY.finditer(text))
    is_source_first = bool(keys) and keys[0]["source"] is not None
    kind = ""
    for key in reversed(keys) if is_source_first else keys:
        kind = key["type"] or kind
        if key["source"] is not None:
            strings = _LINE.finditer(text, *key.span("source"))
            lines = [Span(string.start() + 1, string.end() - 1) for string in strings]
            if lines:
                yield _Cell(kind == "code", lines)


def _replacements(text: str, cells: Sequence[_Cell]) -> Iterator[tuple[int, int, str]]:
    """Yield what to replace: all but the lines of ``cells``, and the escapes in those."""
    end, mark = 0, ""
    for cell in sorted(cells, key=lambda cell: cell.lines[0]):
        mark += _FENCE if cell.is_code else "\n\n"
        for line in cell.lines:
            yield end, line.start, mark
            yield from escapes(text, *line)
            end, mark = line.end, ""
        mark = _FENCE if cell.is_code else ""
    yield end, len(text), mark
