"""The entries of lists and tables: which links stand in one list, and which in one entry of it."""

import re
from collections.abc import Sequence

from stashmatrix.records.reference import Item

_ENTRY = re.compile(r"[ \t>]*(?:[-+*•]|\d{1,9}[.)]|#\.|\.{1,5}|\*{1,5})[ \t]|[ \t>]*\|")
_MARKUP = re.compile(r"<(/?)(ul|ol|dl|table|li|tr|dt)\b", re.IGNORECASE)
_LISTS = ("ul", "ol", "dl", "table")


def items(text: str, lines: Sequence[int], *, is_markup: bool) -> list[Item | None]:
    """Return the entry that each of ``lines`` stands in, which are in order and count from 1."""
    if len(lines) < 2:  # noqa: PLR2004 (a single link has none to compare with)
        return [None] * len(lines)
    entries = (_markup_entries if is_markup else _text_entries)(text, lines[-1])
    return [entries.get(line) for line in lines]


def _text_entries(text: str, last: int) -> dict[int, Item]:
    """Map the lines up to ``last`` to their entries: a list goes on over blank and indented lines."""
    entries: dict[int, Item] = {}
    item: Item | None = None
    is_blank = True
    for number, line in enumerate(text.split("\n", last)[:last], start=1):
        if not line.strip():
            is_blank = True
            continue
        if _ENTRY.match(line):
            item = Item(item.list if item else number, number)
        elif is_blank and not line.startswith((" ", "\t")):
            item = None
        if item is not None:
            entries[number] = item
        is_blank = False
    return entries


def _markup_entries(text: str, last: int) -> dict[int, Item]:
    """Map the lines up to ``last`` to their entries: by the list or table that is open there."""
    entries: dict[int, Item] = {}
    lists: list[Item] = []
    for number, line in enumerate(text.split("\n", last)[:last], start=1):
        for match in _MARKUP.finditer(line):
            name = match[2].lower()
            if name in _LISTS and match[1]:
                lists = lists[:-1]
            elif name in _LISTS:
                lists.append(Item(number, number))
            elif lists and not match[1]:
                lists[-1] = Item(lists[-1].list, number)
        if lists:
            entries[number] = lists[-1]
    return entries
