"""A catalogue, written as the YAML file that reads as it."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from stashmatrix.catalogue.model import Catalogue, Room

# What YAML reads as text, whoever reads it, without quotes.
_PLAIN = re.compile(r"[A-Za-z][\w.,/'()&+-]*(?: [\w.,/'()&+-]+)*")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
_KEPT = re.compile(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029]")


def dump(catalogue: Catalogue, comments: Iterable[tuple[int, str]] = ()) -> str:
    """Write the catalogue in its order.

    Each of the ``comments`` has the line that it is about, in the file that the rooms' places are in: it
    stands before the first room that comes after that line.
    """
    pending = sorted(comments)
    lines = [*_top(catalogue), "categories:" if catalogue.categories else "categories: []"]
    for category in catalogue.categories:
        lines += _item({"id": category.id, "title": category.title})
    lines += ["", "rooms:" if catalogue.rooms else "rooms: []"]
    last = None
    for room in catalogue.rooms:
        if last not in (None, room.category):
            lines.append("")
        last = room.category
        while pending and pending[0][0] <= room.source.line:
            lines.append("  " + _comment(pending.pop(0)[1]))
        lines += _item(_values(room))
    lines += ["  " + _comment(comment) for _, comment in pending]
    return "".join(f"{line}\n" for line in lines)


def _top(catalogue: Catalogue) -> Iterable[str]:
    """Yield all keys but the categories and rooms."""
    yield "community:"
    yield f"  name: {_scalar(catalogue.community)}"
    if catalogue.prefix:
        yield f"  prefix: {_scalar(catalogue.prefix)}"
    if catalogue.origin is not None:
        yield f"source: {_scalar(catalogue.origin)}"
    if catalogue.as_of is not None:
        yield f"as_of: {catalogue.as_of.isoformat()}"
    yield ""
    if (space := catalogue.space) is not None:
        yield "space:"
        yield f"  alias: {_scalar(space.alias)}"
        if space.alternatives:
            yield "  alternatives:"
            yield from (f"    - {_scalar(address.alias)}" for address in space.alternatives)
        yield ""
    if catalogue.flags:
        yield "flags:"
        yield from (f"  {flag}: {_scalar(meaning)}" for flag, meaning in catalogue.flags.items())
        yield ""


def _values(room: Room) -> Mapping[str, Any]:
    return {
        "alias": room.alias,
        "name": room.own_name,
        "aliases": tuple(address.alias for address in room.alternatives),
        "category": room.category.id,
        "flags": room.flags,
        "description": room.description,
        "published_link": room.published_link,
        "check": None if room.unchecked is None else False,
        "reason": room.unchecked,
    }


def _item(values: Mapping[str, Any]) -> Iterable[str]:
    """Yield the lines of an item of a list, without what is empty."""
    mark = "- "
    for key, value in values.items():
        if value is False:
            yield f"  {mark}{key}: false"
        elif isinstance(value, tuple) and value:
            yield f"  {mark}{key}: [{', '.join(map(_scalar, value))}]"
        elif isinstance(value, str):
            yield f"  {mark}{key}: {_scalar(value)}"
        else:
            continue
        mark = "  "


def _scalar(text: str) -> str:
    """Write text, in quotes unless it is plain."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return _KEPT.sub(lambda char: json.dumps(char[0])[1:-1], json.dumps(text, ensure_ascii=False))


def _comment(text: str) -> str:
    return "# " + _KEPT.sub(lambda char: json.dumps(char[0])[1:-1], text)
