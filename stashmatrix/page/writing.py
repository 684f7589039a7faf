"""The rooms section of a page, written from a catalogue.

Reading what is in Markdown or MDX gives that catalogue again, but for rooms that are not in their categories'
order.
"""

import re

from stashmatrix.catalogue.model import Catalogue, Category, Flag, Room
from stashmatrix.matrix.links import Link, matrix_to_url
from stashmatrix.page import section
from stashmatrix.page.marks import BREAK, Marks, broken, implied
from stashmatrix.page.reading import slug
from stashmatrix.page.syntaxes import Syntax

_LINE_END = re.compile(r"\s*[\x00-\x08\n\x0b-\x1f\x85\u2028\u2029]\s*")


def whole(catalogue: Catalogue, marks: Marks, syntax: Syntax) -> str:
    """Write the section with its marker comments."""
    note = "made from a catalogue: edits here are lost"
    begin, end = syntax.commented(f"{section.BEGIN} ({note})"), syntax.commented(section.END)
    return f"{begin}\n{body(catalogue, marks, syntax)}{end}\n"


def body(catalogue: Catalogue, marks: Marks, syntax: Syntax) -> str:
    """Write what stands between the marker comments."""
    lines = [syntax.commented(section.header_of(catalogue)), ""] if syntax.is_read else [""]
    for category in catalogue.categories:
        rooms = [room for room in catalogue.rooms if room.category == category]
        if not rooms and not syntax.is_read:
            continue
        implicit = frozenset(
            flag for flag in implied(category.title) if all(flag in room.flags for room in rooms)
        )
        lines += [_heading(category, implicit, syntax), ""]
        items = [line for room in rooms for line in _item(room, marks, implicit, syntax)]
        lines += [*filter(None, syntax.items[:1]), *items, *filter(None, syntax.items[1:])]
        lines += [""] if rooms else []
    return "".join(f"{line}\n" for line in lines)


def _heading(category: Category, implicit: frozenset[Flag], syntax: Syntax) -> str:
    """Write a heading, in which a word gives only the ``implicit`` flags to the rooms below it."""
    title, comment = _one_line(category.title), ""
    if syntax.is_read:
        for flag in implied(title) - implicit:
            title = re.sub(rf"\b({flag[0]})(?={flag[1:]}\b)", rf"\1{BREAK}", title, flags=re.IGNORECASE)
        comment = "" if slug(category.title) == category.id else f" {syntax.commented(category.id)}"
    return syntax.text(title).join(syntax.heading) + comment


def _item(room: Room, marks: Marks, implicit: frozenset[Flag], syntax: Syntax) -> list[str]:
    """Write the lines of a room: the last one has it, and a comment may come before."""
    link = matrix_to_url(room.link) if room.published_link is None else room.published_link
    parts = [
        _name(room, marks, syntax) + syntax.link(room.alias, link) + _others(room, syntax),
        *(syntax.mark(_one_line(marks[flag][0])) for flag in room.flags if flag not in implicit),
    ]
    if room.description is not None:
        parts.append(_text(room.description, marks, syntax))
    item = " - ".join(parts)
    if room.unchecked is None:
        return [item.join(syntax.item)]
    comment = syntax.commented(f"stashmatrix: ignore -- {_one_line(room.unchecked)}")
    if syntax.comment[1]:
        return [f"{item} {comment}".join(syntax.item)]
    return ["", comment, "", item.join(syntax.item), ""]  # such a comment is no part of a line


def _name(room: Room, marks: Marks, syntax: Syntax) -> str:
    return "" if room.own_name is None else _text(room.own_name, marks, syntax).join(syntax.bold) + ": "


def _others(room: Room, syntax: Syntax) -> str:
    links = [syntax.link(alias, matrix_to_url(Link(target=alias))) for alias, _ in room.alternatives]
    return f" (also {', '.join(links)})" if links else ""


def _text(text: str, marks: Marks, syntax: Syntax) -> str:
    line = _one_line(text)
    return syntax.text(broken(line, marks) if syntax.is_read else line)


def _one_line(text: str) -> str:
    """Return ``text`` with a blank for each line end, and for what no page can hold."""
    return _LINE_END.sub(" ", text).strip()
