"""Data whose values belong together: an alias may be the label of the address beside it."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from stashmatrix.documents.markdown import end_of_front_matter
from stashmatrix.documents.markup import LinkMarkup, Markup, Span
from stashmatrix.documents.scanner import Find
from stashmatrix.documents.strings import text_markup

_LABELS = ("name", "label", "title", "text", "alias", "room", "channel", "tooltip")
_ADDRESSES = ("url", "uri", "link", "href", "address")
_MOST_BETWEEN = 400
"""Characters between two values of a mapping."""
_LONGEST_KEY = 200
"""Characters of a key and what stands before it."""

_KEY = re.compile(r"(?<![\w-])(?P<key>[\w-]{1,40}+)[\"']?[ \t]*[:=][ \t]*[\"']?\Z")
_ITEM = re.compile(r"[ \t]*(?:-[ \t]+)*")
_VALUE_END = re.compile(r"[\"']?[ \t]*(?:[,}\r\n]|\Z)|[\"']?[ \t]+#")
_OTHER_MAPPING = re.compile(r"[{}\[\]]|\n[ \t]*-[ \t]")


class _Value(NamedTuple):
    """A find that is the whole value of a key."""

    find: Find
    key: str
    column: int
    """Where the first key of its line begins."""


def data_markup(text: str, finds: Sequence[Find]) -> Markup:
    """Tell of the links around ``finds``."""
    return _with_labels(text, finds, text_markup(text, finds))


def with_front_matter(
    markup: Callable[[str, Sequence[Find]], Markup],
) -> Callable[[str, Sequence[Find]], Markup]:
    """Return the ``markup`` of a kind of Markdown, for documents that may begin with data."""

    def whole(text: str, finds: Sequence[Find]) -> Markup:
        end = end_of_front_matter(text)
        return _with_labels(text, [find for find in finds if find.start < end], markup(text, finds))

    return whole


def _with_labels(text: str, finds: Sequence[Find], markup: Markup) -> Markup:
    """Add the labels that ``finds`` have beside them, if ``markup`` has none for them."""
    known = {link.destination.start for link in markup.links}
    beside = [link for link in _labels_beside(text, finds) if link.destination.start not in known]
    return markup._replace(links=[*markup.links, *beside])


def _labels_beside(text: str, finds: Sequence[Find]) -> Iterator[LinkMarkup]:
    """Yield each address that has an alias for its label, as the keys of two values of a mapping say.

    The alias stays a link of its own: nobody knows what a program makes of it.
    """
    values = (_value(text, find) for find in finds)
    for first, second in pairwise(values):
        if first is None or second is None or not _are_together(text, first, second):
            continue
        label, address = (first, second) if first.find.is_bare else (second, first)
        is_pair = label.find.is_bare and not address.find.is_bare
        if is_pair and label.key.endswith(_LABELS) and address.key.endswith(_ADDRESSES):
            name = text[label.find.start : label.find.end]
            yield LinkMarkup(Span(address.find.start, address.find.end), name)


def _value(text: str, find: Find) -> _Value | None:
    lowest = max(0, find.start - _LONGEST_KEY)
    key = _KEY.search(text[lowest : find.start])
    if key is None or not _VALUE_END.match(text, find.end):
        return None
    line = text.rfind("\n", lowest, find.start) + 1
    item = _ITEM.match(text, line, find.start)
    return _Value(find, key["key"].lower(), item.end() - line if item else 0)


def _are_together(text: str, first: _Value, second: _Value) -> bool:
    """Say whether two values are those of one mapping."""
    between = text[first.find.end : second.find.start]
    if len(between) > _MOST_BETWEEN or _OTHER_MAPPING.search(between):
        return False
    lines = [line for line in between.split("\n")[1:] if line.strip()]
    indents = [len(line) - len(line.lstrip()) for line in lines]
    return not lines or (first.column == second.column <= min(indents))
