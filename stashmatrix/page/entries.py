"""An entry of a rooms page: a list item, a table row or a definition, and the rooms that it names."""

import re
from collections.abc import Iterable, Iterator, Sequence
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


_STYLES = ("strong", "em", "s")


class Mention(NamedTuple):
    """A room in the text of an entry, from ``start`` to before ``end``."""

    start: int
    end: int
    alias: RoomAlias
    """What its label says, if that is an alias, else where its link leads."""
    link: str
    """The link as written; empty if it leads to no room by its alias."""
    is_other: bool = False
    """Whether the link leads to another room than its label says."""
    is_link: bool = True
    """Whether it is a link, and not an alias in the text."""


class Entry(NamedTuple):
    """An entry as a reader sees it."""

    text: str
    mentions: tuple[Mention, ...]
    links: tuple[str, ...]
    """Addresses of its links that lead to no room by its alias: a catalogue cannot have them."""
    reason: str | None
    """Why the rooms are not to be checked, by a comment that says so."""
    bold: int
    """Where the bold text ends that it begins with; 0 without such text."""


class _Piece(NamedTuple):
    text: str
    link: str | None = None
    is_bold: bool = False


def read_entry(parts: Iterable[Sequence[SyntaxTreeNode]], separator: str = " ") -> Entry:
    """Read an entry that consists of these lines of inline nodes, such as the cells of a row."""
    text = ""
    bold, is_at_start = 0, True
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
            else:
                mention = _mention(words, piece.link, len(text))
                if mention is not None:
                    mentions.append(mention)
                if piece.link and (mention is None or not mention.link):
                    links.append(piece.link)
            is_behind_link = piece.link is not None
            text += words
            is_at_start = is_at_start and (piece.is_bold or not text.strip())
            bold = len(text) if is_at_start and piece.is_bold else bold
    return Entry(text, tuple(mentions), tuple(links), reason, bold)


def _pieces(nodes: Iterable[SyntaxTreeNode]) -> Iterator[_Piece]:
    """Yield the text of inline nodes, its links apart from the rest."""
    href: str | None = None
    label = ""
    for node in nodes:
        if node.type in _STYLES and href is None:
            yield from (
                piece._replace(is_bold=piece.is_bold or node.type == "strong")
                for piece in _pieces(node.children)
            )
            continue
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
            place = offset + find.start, offset + find.end
            yield Mention(*place, reading.link.target, link, is_link=False)


def _mention(label: str, link: str, offset: int) -> Mention | None:
    """Return the room of a link; ``None`` if neither its label nor its address names one.

    It has no link if that leads to no room by its alias.
    """
    place = offset, offset + len(label)
    reading = read_address(link) if link else None
    target = reading.link.target if reading and reading.link else None
    try:
        alias = RoomAlias(label.replace(BREAK, "").strip())
    except IdentifierError:
        return Mention(*place, target, link) if isinstance(target, RoomAlias) else None
    if isinstance(target, RoomAlias):
        return Mention(*place, alias, link, is_other=alias != target)
    return Mention(*place, alias, "")
