"""The rooms section of a page, written from a catalogue in Markdown.

Reading it gives that catalogue again, but for rooms that are not in their categories' order.
"""

import re

from stashmatrix.catalogue.model import Catalogue, Category, Flag, Room
from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.matrix.links import Link, matrix_to_url
from stashmatrix.page import section
from stashmatrix.page.marks import BREAK, EMPTY_COMMENT, Marks, broken, implied
from stashmatrix.page.reading import slug

# All that Markdown, its kin on GitHub and the templates of site generators read as more than text.
_SPECIAL = re.compile(r"[\\`*_\[\]<>|~$]|!(?=\[)|&(?=[#\w])")
_SPECIAL_IN_MARK = re.compile(r"[\\`*_<>|~$]")
_SPECIAL_IN_LINK = re.compile(r"[\\<>]|&(?=[#\w])")
_PLAIN_LINK = re.compile(r"[^\s\\<>&()]+")
_LINE_END = re.compile(r"\s*[\x00-\x08\n\x0b-\x1f\x85\u2028\u2029]\s*")


def markdown(catalogue: Catalogue, marks: Marks) -> str:
    """Write the section with its marker comments."""
    note = "made from a catalogue: edits here are lost"
    return f"<!-- {section.BEGIN} ({note}) -->\n{body(catalogue, marks)}<!-- {section.END} -->\n"


def body(catalogue: Catalogue, marks: Marks) -> str:
    """Write what stands between the marker comments."""
    lines = [section.header_of(catalogue), ""]
    for category in catalogue.categories:
        rooms = [room for room in catalogue.rooms if room.category == category]
        implicit = frozenset(
            flag for flag in implied(category.title) if all(flag in room.flags for room in rooms)
        )
        lines += [_heading(category, implicit), ""]
        lines += [_item(room, marks, implicit) for room in rooms]
        lines += [""] if rooms else []
    return "".join(f"{line}\n" for line in lines)


def _heading(category: Category, implicit: frozenset[Flag]) -> str:
    """Write a heading, in which a word gives only the ``implicit`` flags to the rooms below it."""
    title = _one_line(category.title)
    for flag in implied(title) - implicit:
        title = re.sub(rf"\b({flag[0]})(?={flag[1:]}\b)", rf"\1{BREAK}", title, flags=re.IGNORECASE)
    comment = "" if slug(category.title) == category.id else f" <!-- {category.id} -->"
    return f"## {_escaped(title)}{comment}"


def _item(room: Room, marks: Marks, implicit: frozenset[Flag]) -> str:
    link = matrix_to_url(room.link) if room.published_link is None else room.published_link
    parts = [
        _name(room, marks) + _link(room.alias, link) + _others(room),
        *(
            _SPECIAL_IN_MARK.sub(_with_backslash, marks[flag][0])
            for flag in room.flags
            if flag not in implicit
        ),
    ]
    if room.description is not None:
        parts.append(_escaped(broken(_one_line(room.description), marks)))
    comment = ""
    if room.unchecked is not None:
        comment = f" <!-- stashmatrix: ignore -- {_one_line(room.unchecked).replace('-->', '-- >')} -->"
    return "- " + " - ".join(parts) + comment


def _name(room: Room, marks: Marks) -> str:
    return "" if room.own_name is None else f"**{_escaped(broken(_one_line(room.own_name), marks))}**: "


def _others(room: Room) -> str:
    links = [_link(alias, matrix_to_url(Link(target=alias))) for alias, _ in room.alternatives]
    return f" (also {', '.join(links)})" if links else ""


def _link(alias: RoomAlias, link: str) -> str:
    return f"[{_escaped(alias)}]({_destination(link)})"


def _destination(link: str) -> str:
    return link if _PLAIN_LINK.fullmatch(link) else f"<{_SPECIAL_IN_LINK.sub(_with_backslash, link)}>"


def _one_line(text: str) -> str:
    """Return ``text`` with a blank for each line end, and for what no page can hold."""
    return _LINE_END.sub(" ", text).strip()


def _escaped(text: str) -> str:
    text = _SPECIAL.sub(_with_backslash, text).replace("{", "&#123;").replace("}", "&#125;")
    return text.replace(BREAK, EMPTY_COMMENT)


def _with_backslash(special: re.Match[str]) -> str:
    return "\\" + special[0]
