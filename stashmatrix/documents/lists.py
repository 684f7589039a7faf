"""The entries of lists and tables: which links stand in one list, and which in one entry of it."""

import re
from collections.abc import Iterable, Sequence

from stashmatrix.records.reference import Item

_ENTRY = re.compile(r"[ \t>]*(?:[-+*•]|\d{1,9}[.)]|#\.|\.{1,5}|\*{1,5})[ \t]|[ \t>]*\|")
_DELIMITERS = re.compile(r"[ \t>]*\|?(?:[ \t]*+:?-++:?[ \t]*+\|)++[ \t:-]*$")
_HEADING = re.compile(r"#{1,6}[ \t]|=+ ")
_MARKUP = re.compile(r"<(/?)(ul|ol|dl|table|li|tr|dt)\b", re.IGNORECASE)
_LISTS = ("ul", "ol", "dl", "table")


def items(text: str, lines: Sequence[int | None], *, is_markup: bool) -> list[Item | None]:
    """Return the entry that each of ``lines`` stands in, which are in order and count from 1.

    ``None`` among them has no entry: where nobody asks, nothing is looked up.
    """
    last = max((line for line in lines if line is not None), default=0)
    written = text.split("\n", last)[:last]
    entries = {} if is_markup else _text_entries(written)
    entries |= _markup_entries(written)
    return [None if line is None else entries.get(line) for line in lines]


def _text_entries(lines: Iterable[str]) -> dict[int, Item]:
    """Map lines to their entries: a list goes on over blank lines and indented ones."""
    entries: dict[int, Item] = {}
    item: Item | None = None
    is_blank, is_table = True, False
    for number, line in enumerate(lines, start=1):
        if not line or line.isspace():
            is_blank, is_table = True, False
            continue
        if _HEADING.match(line):
            item = None
            continue
        if "|" in line and not is_blank and _DELIMITERS.match(line):
            is_table = True
            item = item or Item(number - 1, number)
        if _ENTRY.match(line) or (is_table and "|" in line):
            item = Item(item.list if item else number, number)
        elif is_blank and not line.startswith((" ", "\t")):
            item = None
        if item is not None:
            entries[number] = item
        is_blank = False
    return entries


def _markup_entries(lines: Iterable[str]) -> dict[int, Item]:
    """Map lines to their entries: by the list or table that is open there."""
    entries: dict[int, Item] = {}
    lists: list[Item] = []
    for number, line in enumerate(lines, start=1):
        item = lists[-1] if lists else None
        for match in _MARKUP.finditer(line) if "<" in line else ():
            name = match[2].lower()
            if name in _LISTS and match[1]:
                del lists[-1:]
            elif name in _LISTS:
                lists.append(item := Item(number, number))
            elif lists and not match[1]:
                lists[-1] = item = Item(lists[-1].list, number)
        if item is not None:
            entries[number] = item
    return entries
