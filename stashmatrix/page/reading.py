"""A rooms page in Markdown, read into a catalogue: headings are categories, their entries are rooms."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.deflist import deflist_plugin

from stashmatrix.catalogue.model import Address, Catalogue, Category, Flag, Room, Space
from stashmatrix.documents.markdown import end_of_front_matter
from stashmatrix.page import section
from stashmatrix.page.entries import Entry, Mention, read_entry
from stashmatrix.page.marks import BREAK, SEPARATORS, Marks, implied, without_marks
from stashmatrix.records.reference import Source

_ENTRIES = frozenset({"list_item", "tr", "dl"})
_ABOUT = frozenset({"description", "topic", "about", "purpose", "what", "notes", "subject"})
# "Support rooms" is the category support, "Archived (read-only) rooms" is archived.
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_NOUNS = re.compile(r"(?:\s+(?:focused|related|rooms?|channels?|chats?))+\s*\Z", re.IGNORECASE)
_BETWEEN = re.compile(r"(?:[\s,;/|&+]|and|or)*")


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
    ``StashmatrixError`` if the marker comments are no pair.
    """
    markers = section.find(path, text)
    front = end_of_front_matter(text)
    # Lines keep their numbers.
    shown = "\n" * text.count("\n", 0, front) + text[front:]
    header = None
    if markers is not None:
        shown = "\n" * text.count("\n", 0, markers.begin) + text[markers.begin : markers.end]
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


class _Section:
    """What stands under one heading."""

    def __init__(self, title: str, category_id: str | None) -> None:
        self.title, self.id = title, category_id
        self.rooms: list[tuple[int, Entry, Mention, str]] = []
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
        title = "".join(entry.text for entry in map(_entry, _inlines(heading)))
        comments = [
            node.content.removeprefix("<!--").removesuffix("-->").strip()
            for inline in _inlines(heading)
            for node in inline.children
            if node.type == "html_inline"
        ]
        self.first_title = self.first_title or title.strip()
        category_id = next(filter(None, comments), None) if self.is_section else None
        self.sections.append(_Section(title.strip(), category_id))

    def _read_block(self, node: SyntaxTreeNode) -> None:
        if node.type == "table":
            self._read_table(node)
        elif node.type in ("list_item", "dd"):
            self._read_entry(node)
        elif node.type in ("bullet_list", "ordered_list", "blockquote"):
            for child in node.children:
                self._read_block(child)
        elif node.type == "dl":
            self._read_definitions(node)
        elif node.type == "paragraph":
            entry = read_entry(_inlines(node))
            if entry.mentions and re.search(r"\bspace\b", self.sections[-1].title, re.IGNORECASE):
                self.spaces += [Address(each.alias, self._source(node, each)) for each in entry.mentions]
            else:
                self._other(node)
        elif node.type not in ("hr", "code_block", "fence") and not section.is_comment(node.content):
            self._other(node)

    def _read_entry(self, item: SyntaxTreeNode) -> None:
        own = [child for child in item.children if child.type == "paragraph"]
        self._add(item, read_entry(inline for child in own for inline in _inlines(child)))
        for child in item.children:
            if child not in own:
                self._read_block(child)

    def _read_definitions(self, node: SyntaxTreeNode) -> None:
        term: SyntaxTreeNode | None = None
        for child in node.children:
            if child.type == "dt":
                term = child
            else:
                self._add(
                    term or child, read_entry([*(_inlines(term) if term else ()), *_inlines(child)], " - ")
                )

    def _read_table(self, table: SyntaxTreeNode) -> None:
        rows = [row for part in table.children for row in part.children]
        names = [_entry(cell).text.casefold() for cell in rows[0].children] if rows else []
        about = [any(word in _ABOUT for word in re.findall(r"\w+", name)) for name in names]
        for row in rows[1:]:
            cells = list(row.children)
            if any(about):
                # What a room is called stands in a column of its own, which a catalogue has no place for.
                cells = [
                    cell
                    for cell, is_about in zip(cells, about, strict=False)
                    if is_about or self._is_telling(_entry(cell))
                ]
            self._add(row, read_entry((inline for cell in cells for inline in _inlines(cell)), " - "))

    def _is_telling(self, entry: Entry) -> bool:
        """Say whether the cell of a table names a room or has marks."""
        return bool(entry.mentions or without_marks(entry.text, self.marks)[0])

    def _other(self, node: SyntaxTreeNode) -> None:
        line = self._line(node)
        self.sections[-1].others.append(Note(line, f"not read: {self.lines[line - 1].strip()}"))

    def _add(self, node: SyntaxTreeNode, entry: Entry) -> None:
        """Add the rooms of an entry."""
        line, here = self._line(node), self.sections[-1]
        if not entry.mentions:
            self._other(node)
            return
        for mention, text in _rooms(entry, self.marks):
            here.rooms.append((line, entry, mention, text))
        here.others += [Note(line, f"a description has no links: {link}") for link in entry.links]

    def _line(self, node: SyntaxTreeNode) -> int:
        while node.map is None and node.parent is not None:
            node = node.parent
        return (node.map[0] if node.map else 0) + 1

    def _source(self, node: SyntaxTreeNode, mention: Mention) -> Source:
        line = self._line(node)
        column = self.lines[line - 1].find(mention.link) + 1
        return Source(self.path, line, max(column, 1))

    def catalogue(self, header: section.Header | None, community: str) -> Catalogue:
        """Put together what was read; the ``header`` has what the page itself cannot show."""
        ids: dict[str, str] = {}
        categories: list[Category] = []
        rooms: list[Room] = []
        for part in self.sections:
            if not part.rooms and not (self.is_section and part is not self.sections[0]):
                continue
            category = Category(_unused(part.id or slug(part.title), ids), part.title.replace(BREAK, ""))
            categories.append(category)
            rooms += self._rooms_of(part, category)
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
        for line, entry, mention, text in part.rooms:
            alias = mention.alias
            first = self.places.setdefault(alias.localpart, line)
            if first != line or not alias.localpart:
                self.notes.append(Note(line, f"not read: {alias} (a room of that name is on line {first})"))
                continue
            flags, description = without_marks(text, self.marks)
            source = Source(self.path, line, max(self.lines[line - 1].find(mention.link) + 1, 1))
            yield Room(
                alias=alias,
                category=category,
                flags=tuple(flag for flag in Flag if flag in flags | all_have),
                description=_cleared(description),
                published_link=mention.link if mention.is_other else None,
                unchecked=entry.reason,
                source=source,
            )

    def _space(self) -> Space | None:
        """Return the space that the page names, with its other addresses."""
        places = list({place.alias: place for place in self.spaces}.values())
        return Space(places[0].alias, tuple(places[1:]), places[0].source) if places else None


def _inlines(node: SyntaxTreeNode) -> list[SyntaxTreeNode]:
    """Return the inline nodes in a node, from its own paragraphs."""
    if node.type == "inline":
        return [node]
    return [inline for child in node.children for inline in _inlines(child)]


def _entry(node: SyntaxTreeNode) -> Entry:
    return read_entry(_inlines(node))


def _rooms(entry: Entry, marks: Marks) -> Iterator[tuple[Mention, str]]:
    """Yield each room of an entry with the text about it, marks and all."""
    first, *others = entry.mentions
    before, after = entry.text[: first.start], entry.text[first.end :]
    names_only = all(
        _BETWEEN.fullmatch(entry.text[one.end : other.start])
        for one, other in zip(entry.mentions, entry.mentions[1:], strict=False)
    )
    if others and names_only:
        after = entry.text[others[-1].end :]
        yield from ((other, _about(before, after, marks, entry)) for other in (first, *others))
        return
    yield first, _about(before, after, marks, entry)


def _about(before: str, after: str, marks: Marks, entry: Entry) -> str:
    """Return what an entry says about a room: a name before it is told, a sentence around it kept whole."""
    caption = before.strip(SEPARATORS)
    if not without_marks(caption, marks)[1].strip(SEPARATORS):
        return f"{caption} {after}" if caption else after
    if before.rstrip(" ")[-1:] in "-\u2013\u2014:|":
        return f"{caption} - {after.lstrip(SEPARATORS)}"
    if before[-1:] == "(" and after[:1] == ")":
        return f"{caption.rstrip('( ')} - {after[1:].lstrip(SEPARATORS)}"
    return entry.text


def _cleared(text: str) -> str | None:
    return text.strip(SEPARATORS).replace(BREAK, "").strip() or None


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
