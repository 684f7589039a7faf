"""An entry of a rooms page: a list item, a table row or a definition, and the rooms that it names."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from markdown_it.tree import SyntaxTreeNode

from stashmatrix.documents.scanner import scan
from stashmatrix.errors import IdentifierError
from stashmatrix.matrix.forms import read as read_address
from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.page.marks import BREAK, EMPTY_COMMENT

# kramdown and others: {:target="_blank"} behind a link.
_ATTRIBUTES = re.compile(r"\{[^{}\n]*\}")
_HREF = re.compile(r"""<a\s(?:[^<>]*\s)?href\s*=\s*["']?([^"'\s<>]+)""", re.IGNORECASE)
_REASON = re.compile(r"<!--\s*stashmatrix:\s*ignore\b\s*(?:--\s*(?P<reason>.*?))?\s*-->", re.DOTALL)


class Mention(NamedTuple):
    """A room in the text of an entry, from ``start`` to before ``end``."""

    start: int
    end: int
    alias: RoomAlias
    """What its label says, if that is an alias, else where its link leads."""
    link: str
    """The link as written."""
    is_other: bool
    """Whether the link leads elsewhere than its label says."""


class Entry(NamedTuple):
    """An entry as a reader sees it."""

    text: str
    mentions: tuple[Mention, ...]
    links: tuple[str, ...]
    """Addresses of its links that lead to no room: a description cannot have them."""
    reason: str | None
    """Why the rooms are not to be checked, by a comment that says so."""


class _Piece(NamedTuple):
    text: str
    link: str | None = None


def read_entry(parts: Iterable[SyntaxTreeNode], separator: str = " ") -> Entry:
    """Read an entry that consists of these inline nodes, such as the cells of a row."""
    text = ""
    mentions: list[Mention] = []
    links: list[str] = []
    reason: str | None = None
    for part in parts:
        text += separator if text else ""
        is_behind_link = False
        for piece in _pieces(part):
            words = piece.text
            if piece.link is None:
                if (comment := _REASON.fullmatch(words)) is not None:
                    reason = comment["reason"] or "the page says so"
                    continue
                words = _ATTRIBUTES.sub("", words, count=1) if is_behind_link and words[:1] == "{" else words
                mentions += _bare(words, len(text))
            elif (mention := _mention(words, piece.link, len(text))) is not None:
                mentions.append(mention)
            else:
                links.append(piece.link)
            is_behind_link = piece.link is not None
            text += words
    return Entry(text, tuple(mentions), tuple(links), reason)


def _pieces(inline: SyntaxTreeNode) -> Iterator[_Piece]:
    """Yield the text of an inline node, its links apart from the rest."""
    href: str | None = None
    label = ""
    for node in inline.children:
        if node.type == "html_inline":
            if opened := _HREF.match(node.content):
                href, label = opened[1], ""
                continue
            if href is not None and node.content.lower().startswith("</a"):
                yield _Piece(label, href)
                href = None
                continue
        piece = _Piece(_text(node), _address(node))
        if href is None:
            yield piece
        else:
            label += piece.text
    if href is not None:
        yield _Piece(label, href)


def _address(node: SyntaxTreeNode) -> str | None:
    return str(node.attrs["href"]) if node.type == "link" else None


def _text(node: SyntaxTreeNode) -> str:
    """Return what a reader sees of an inline node."""
    match node.type:
        case "softbreak" | "hardbreak":
            return " "
        case "html_inline":
            if node.content == EMPTY_COMMENT:
                return BREAK
            return node.content if _REASON.fullmatch(node.content) else ""
        case "text" | "code_inline":
            return node.content
        case _:
            return "".join(map(_text, node.children))


def _bare(text: str, offset: int) -> Iterator[Mention]:
    """Yield the rooms that a text names without a link."""
    for find in scan(text, is_about_matrix=True):
        link = text[find.start : find.end]
        reading = read_address(link)
        if reading and reading.link and isinstance(reading.link.target, RoomAlias):
            yield Mention(offset + find.start, offset + find.end, reading.link.target, link, is_other=False)


def _mention(label: str, link: str, offset: int) -> Mention | None:
    """Return the room of a link; ``None`` if neither its label nor its address names one."""
    reading = read_address(link)
    if reading is None or reading.link is None or not isinstance(reading.link.target, RoomAlias):
        return None
    target = alias = reading.link.target
    with suppress(IdentifierError):
        alias = RoomAlias(label.replace(BREAK, "").strip())
    return Mention(offset, offset + len(label), alias, link, is_other=alias != target)
