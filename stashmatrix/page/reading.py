"""A rooms page in Markdown, read into a catalogue: headings are categories, their entries are rooms."""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum, auto
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.deflist import deflist_plugin

from stashmatrix.catalogue.model import Address, Catalogue, Category, Flag, Room, Space
from stashmatrix.documents.markdown import end_of_front_matter
from stashmatrix.errors import StashmatrixError
from stashmatrix.page import section
from stashmatrix.page.entries import Entry, Mention, read_entry
from stashmatrix.page.layout import Listed, begins_with, cleared, rooms_of
from stashmatrix.page.marks import BREAK, Marks, implied, without_marks
from stashmatrix.page.syntaxes import MDX, as_markdown, syntaxes_of
from stashmatrix.records.reference import Source

# What the columns of a table are called.
_ABOUT = frozenset({"description", "topic", "about", "purpose", "what", "notes", "subject", "focus"})
_NAMES = frozenset({"name", "channel", "room", "group", "title"})
_ADDRESSES = frozenset({"address", "addresses", "alias", "aliases"})
# "Support rooms" is the category support, "Archived (read-only) rooms" is archived.
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_NOUNS = re.compile(r"(?:\s+(?:focused|related|rooms?|channels?|chats?))+\s*\Z", re.IGNORECASE)
_SPACE = re.compile(r"\bspace\b", re.IGNORECASE)


class Note(NamedTuple):
    """Something on a line of the page that the catalogue does not have."""

    line: int
    message: str


class RoomsPage(NamedTuple):
    """What was read of a page."""

    catalogue: Catalogue
    notes: tuple[Note, ...]


def read_page(path: str, text: str, marks: Marks, *, community: str | None = None) -> RoomsPage:
    """Read the page with this text, or only its section between the marker comments if it has one.

    ``community`` is the name of the community; by default what the page is called. Raises
    ``StashmatrixError`` if the page is not in Markdown, or its marker comments are no pair.
    """
    if not syntaxes_of(path)[0].is_read:
        raise StashmatrixError(f"{path} is not in Markdown", hint="only pages in Markdown or MDX are read")
    markers = section.find(path, text)
    front = end_of_front_matter(text)
    # Lines keep their numbers.
    shown = "\n" * text.count("\n", 0, front) + text[front:]
    header = None
    if markers is not None:
        shown = "\n" * text.count("\n", 0, markers.begin) + text[markers.begin : markers.end]
    if (syntaxes_of(path)[0] if markers is None else markers.syntax) is MDX:
        shown = as_markdown(shown)
    if markers is not None:
        header = section.header(path, shown)
    reader = _Reader(path, shown, marks, is_section=markers is not None)
    reader.read(SyntaxTreeNode(_markdown().parse(shown)))
    name = community or (header and header.community) or _title(text[:front]) or reader.first_title
    return RoomsPage(reader.catalogue(header, name or "My community"), tuple(sorted(reader.notes)))


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark").enable("table").use(deflist_plugin)
    markdown.normalizeLink = lambda url: url  # type: ignore[method-assign]  # it stays as it is written
    return markdown


def _title(front_matter: str) -> str | None:
    match = re.search(r"^title[ \t]*[:=][ \t]*[\"']?(.+?)[\"']?[ \t]*$", front_matter, re.MULTILINE)
    return match[1] if match else None


class _Part(Enum):
    """What the cell of a table is for."""

    NAME = auto()
    ROOM = auto()
    """It has the room, or marks."""
    ABOUT = auto()
    REST = auto()


class _Section:
    """What stands under one heading."""

    def __init__(self, title: str, category_id: str | None) -> None:
        self.title, self.id = title, category_id
        self.rooms: list[tuple[int, Listed, str | None]] = []
        """Each with its line, and the reason why it is not to be checked."""
        self.others: list[Note] = []
        """Lines that are worth a note if this is a category."""


class _Reader:
    """Walks a page from its top to its end."""

    def __init__(self, path: str, text: str, marks: Marks, *, is_section: bool) -> None:
        self.path, self.marks, self.is_section = path, marks, is_section
        self.lines = text.split("\n")
        self.sections = [_Section("Rooms", None)]
        self.notes: list[Note] = []
        self.places: dict[str, int] = {}
        self.spaces: list[Address] = []
        self.first_title: str | None = None

    def read(self, root: SyntaxTreeNode) -> None:
        for node in root.children:
            if node.type == "heading":
                self._begin(node)
            else:
                self._read_block(node)

    def _begin(self, heading: SyntaxTreeNode) -> None:
        title = _entry(heading).text
        comments = [
            node.content.removeprefix("<!--").removesuffix("-->").strip()
            for line in _lines([heading])
            for node in line
            if node.type == "html_inline"
        ]
        self.first_title = self.first_title or title.strip()
        category_id = next(filter(None, comments), None) if self.is_section else None
        self.sections.append(_Section(title.strip(), category_id))

    def _read_block(self, node: SyntaxTreeNode, parent: Entry | None = None) -> bool:
        """Read a block; return whether a room in it has its name or description from its ``parent``."""
        if node.type == "table":
            self._read_table(node)
        elif node.type in ("bullet_list", "ordered_list"):
            return self._read_list(node, parent)
        elif node.type == "blockquote":
            for child in node.children:
                self._read_block(child)
        elif node.type == "dl":
            self._read_definitions(node)
        elif node.type == "paragraph":
            self._read_paragraph(node)
        elif node.type not in ("hr", "code_block", "fence") and not section.is_comment(node.content):
            self._other(node)
        return False

    def _read_list(self, node: SyntaxTreeNode, parent: Entry | None) -> bool:
        """Read a list, in which a sentence is a room only if most of its items are."""
        inherits = False
        entries = [read_entry(_lines(_paragraphs(item))) for item in node.children]
        is_prose = 2 * sum(bool(entry.mentions) for entry in entries) < len(entries)
        for item, entry in zip(node.children, entries, strict=True):
            rooms = rooms_of(entry, self.marks, is_ours=self.is_section)
            if is_prose and any(room.is_sentence for room in rooms):
                rooms = ()
            if parent is not None and rooms and rooms[0].name is None and rooms[0].description is None:
                rooms = tuple(_inherited(room, parent) for room in rooms)
                inherits = True
            self._add(item, entry, rooms)
            is_told = [
                self._read_block(child, None if rooms else entry)
                for child in item.children
                if child.type != "paragraph"
            ]
            if not rooms and not any(is_told):
                self._other(item)
        return inherits

    def _read_paragraph(self, node: SyntaxTreeNode) -> None:
        """Read a paragraph: it may list rooms as an item does, or say where the space is."""
        entry = read_entry(_lines([node]))
        rooms = rooms_of(entry, self.marks, is_ours=self.is_section)
        is_of_space = _SPACE.search(self.sections[-1].title) is not None
        is_list = bool(rooms) and begins_with(entry, rooms[0].mention)
        if is_list and (rooms[0].description is not None or not is_of_space):
            self._add(node, entry, rooms)
        elif entry.mentions and is_of_space:
            self.spaces += [Address(each.alias, self._source(node, each)) for each in entry.mentions]
        else:
            self._other(node)

    def _read_definitions(self, node: SyntaxTreeNode) -> None:
        """Read a definition list, in which a term may follow the definition before it at once."""
        terms: list[_Line] = []
        for number, child in enumerate(node.children):
            lines = _lines([child])
            if child.type == "dt":
                terms = lines
                continue
            following: list[_Line] = []
            if node.children[number + 1 : number + 2] and node.children[number + 1].type == "dd":
                lines, following = _parted(lines)
            entry = read_entry([*terms, *lines], " - ")
            rooms = rooms_of(entry, self.marks, is_ours=self.is_section)
            self._add(child, entry, rooms)
            if not rooms:
                self._other(child)
            terms = following or terms

    def _read_table(self, table: SyntaxTreeNode) -> None:
        rows = [row for part in table.children for row in part.children]
        header = [_entry(cell).text.casefold() for cell in rows[0].children] if rows else []
        columns = [frozenset(re.findall(r"\w+", title)) for title in header]
        is_about = any(column & _ABOUT for column in columns)
        for row in rows[1:]:
            parts: dict[_Part, list[_Line]] = {part: [] for part in _Part}
            is_one = False
            for cell, column in zip(row.children, columns, strict=False):
                entry = _entry(cell)
                part = self._part(entry, column, is_about=is_about)
                parts[part] += _lines([cell])
                is_one = is_one or bool(entry.mentions and column & _ADDRESSES)
            lines = [*parts[_Part.NAME], *parts[_Part.ROOM], *parts[_Part.ABOUT]]
            entry = read_entry(lines, " - ")
            rooms = rooms_of(
                entry,
                self.marks,
                is_named=bool(parts[_Part.NAME]),
                is_one=is_one,
                is_ours=self.is_section,
            )
            self._add(row, entry, rooms)
            if not rooms:
                self._other(row)
            elif unread := read_entry(parts[_Part.REST]).text.strip():
                self._note(row, f"not kept: {unread}")

    def _part(self, cell: Entry, column: frozenset[str], *, is_about: bool) -> _Part:
        """Return what a cell is for; ``is_about`` says whether the table has a column of descriptions."""
        if cell.mentions or without_marks(cell.text, self.marks)[0]:
            return _Part.ROOM
        if column & _NAMES:
            return _Part.NAME
        return _Part.ABOUT if column & _ABOUT or not is_about else _Part.REST

    def _note(self, node: SyntaxTreeNode, message: str) -> None:
        self.sections[-1].others.append(Note(self._line(node), message))

    def _other(self, node: SyntaxTreeNode) -> None:
        self._note(node, f"not read: {self.lines[self._line(node) - 1].strip()}")

    def _add(self, node: SyntaxTreeNode, entry: Entry, rooms: Iterable[Listed]) -> None:
        """Add the rooms of an entry."""
        line = self._line(node)
        for room in rooms:
            self.sections[-1].rooms.append((line, room, entry.reason))
            if room.label is not None:
                self._note(node, f"not kept: the label {room.label}")
        if rooms:
            for link in entry.links:
                self._note(node, f"not kept: the link {link}")

    def _line(self, node: SyntaxTreeNode) -> int:
        while node.map is None and node.parent is not None:
            node = node.parent
        return (node.map[0] if node.map else 0) + 1

    def _source(self, node: SyntaxTreeNode, mention: Mention) -> Source:
        return self._place(self._line(node), mention)

    def catalogue(self, header: section.Header | None, community: str) -> Catalogue:
        """Put together what was read; the ``header`` has what the page itself cannot show."""
        ids: dict[str, str] = {}
        categories: list[Category] = []
        rooms: list[Room] = []
        for part in self.sections:
            category = Category(part.id or slug(part.title), part.title.replace(BREAK, ""))
            listed = list(self._rooms_of(part, category))
            if not listed and not (self.is_section and part is not self.sections[0]):
                continue
            category = category._replace(id=_unused(category.id, ids))
            categories.append(category)
            rooms += [room._replace(category=category) for room in listed]
            self.notes += part.others
        other = section.Header(space=self._space()) if header is None else header
        return Catalogue(
            path=self.path,
            community=community,
            prefix=other.prefix,
            origin=other.origin,
            as_of=other.as_of,
            space=other.space,
            flags=other.flags,
            categories=tuple(categories),
            rooms=tuple(rooms),
        )

    def _rooms_of(self, part: _Section, category: Category) -> Iterator[Room]:
        all_have = implied(part.title)
        for line, listed, reason in part.rooms:
            mention = listed.mention
            places = [
                Address(each.alias, self._place(line, each))
                for each in (mention, *listed.others)
                if self._is_new(line, each)
            ]
            if not places:
                continue
            yield Room(
                alias=places[0].alias,
                category=category,
                flags=tuple(flag for flag in Flag if flag in listed.flags | all_have),
                description=listed.description,
                published_link=mention.link
                if mention.is_other and places[0].alias == mention.alias
                else None,
                unchecked=reason,
                source=places[0].source,
                own_name=listed.name,
                alternatives=tuple(places[1:]),
            )

    def _is_new(self, line: int, mention: Mention) -> bool:
        """Say whether an alias is there for the first time, and note it if not."""
        alias = mention.alias
        if not alias.localpart:
            self.notes.append(Note(line, f"not read: {alias} (it has no name before the colon)"))
        elif alias in self.places:
            self.notes.append(Note(line, f"not read: {alias} (it is on line {self.places[alias]})"))
        else:
            self.places[alias] = line
            return True
        return False

    def _place(self, line: int, mention: Mention) -> Source:
        return Source(self.path, line, max(self.lines[line - 1].find(mention.link) + 1, 1))

    def _space(self) -> Space | None:
        """Return the space that the page names, with its other addresses."""
        places = list({place.alias: place for place in self.spaces}.values())
        return Space(places[0].alias, tuple(places[1:]), places[0].source) if places else None


_Line = Sequence[SyntaxTreeNode]


def _lines(nodes: Iterable[SyntaxTreeNode]) -> list[_Line]:
    """Return the inline nodes in nodes, from their own paragraphs, as many lines as there are paragraphs."""
    lines: list[_Line] = []
    for node in nodes:
        lines += [node.children] if node.type == "inline" else _lines(node.children)
    return lines


def _paragraphs(item: SyntaxTreeNode) -> list[SyntaxTreeNode]:
    return [child for child in item.children if child.type == "paragraph"]


def _parted(lines: list[_Line]) -> tuple[list[_Line], list[_Line]]:
    """Return a definition, and the next term that stands on its last line without a blank one before."""
    last = lines[-1] if lines else ()
    breaks = [number for number, node in enumerate(last) if node.type in ("softbreak", "hardbreak")]
    if not breaks or not read_entry([last[breaks[-1] + 1 :]]).mentions:
        return lines, []
    return [*lines[:-1], last[: breaks[-1]]], [last[breaks[-1] + 1 :]]


def _entry(node: SyntaxTreeNode) -> Entry:
    return read_entry(_lines([node]))


def _inherited(room: Listed, parent: Entry) -> Listed:
    """Return a room that is called and described by the item that its own is part of."""
    name = cleared(parent.text[: parent.bold])
    return room._replace(
        name=None if name == room.mention.alias.localpart else name,
        description=cleared(parent.text[parent.bold :]),
    )


def slug(title: str) -> str:
    """Return the ID of a category with that title."""
    name = _NOUNS.sub("", _ASIDE.sub("", title.replace(BREAK, ""))) or title
    return "-".join(re.findall(r"[a-z0-9]+", name.casefold())) or "rooms"


def _unused(category_id: str, ids: dict[str, str]) -> str:
    name, number = category_id, 1
    while name in ids:
        number += 1
        name = f"{category_id}-{number}"
    ids[name] = name
    return name
