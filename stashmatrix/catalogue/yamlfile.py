"""YAML files read as values that know where they stand, with every fault located.

Only what the files of this project need is read: mappings, sequences and scalars. Anchors,
tags and second documents are faults, so no file can grow while it is read.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn, TypeVar

import yaml

from stashmatrix import files
from stashmatrix.errors import Fault, IdentifierError, InvalidFileError
from stashmatrix.text import printable, printable_path, quoted

if TYPE_CHECKING:
    from yaml._yaml import Mark
    from yaml.error import Mark as PythonMark

T = TypeVar("T")

_MAX_NODES = 1_000_000
_MAX_DEPTH = 32
# What YAML 1.1 takes for the end of a line.
_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_STRING_TAGS = (None, "!", "tag:yaml.org,2002:str")
# Plain scalars that YAML reads as something other than text, by its core schema and PyYAML's dates.
_NULL = ("", "~", "null", "Null", "NULL")
_TRUTH_VALUES = frozenset(
    word
    for lower in ("true", "false", "yes", "no", "on", "off")
    for word in (lower, lower.title(), lower.upper())
)
# What YAML 1.2 takes for a truth value. 1.1's yes, no, on and off are words that people also mean as text.
_BOOLEANS = {
    written: value
    for word, value in (("true", True), ("false", False))
    for written in (word, word.title(), word.upper())
}

try:
    _Parser: type[yaml.CSafeLoader] | type[yaml.SafeLoader] = yaml.CSafeLoader
except AttributeError:  # PyYAML built without libyaml: ten times slower, otherwise the same
    _Parser = yaml.SafeLoader


class Node(NamedTuple):
    """A value and where it starts, line and column counting from 1.

    ``value`` is a ``str``, ``None``, a list of nodes, or a dict of key and value nodes by key.
    ``end`` is where text without quotes ends; it is ``None`` for all else.
    """

    value: "str | list[Node] | dict[str, tuple[Node, Node]] | None"
    line: int
    column: int
    end: tuple[int, int] | None = None

    @property
    def kind(self) -> str:
        """What the value is, in words for a message."""
        match self.value:
            case None:
                return "nothing"
            case list():
                return "a list"
            case dict():
                return "a mapping"
            case text:
                return "a number or a truth value" if self.end and _is_not_text(text) else "text"


def _is_not_text(plain: str) -> bool:
    """Say whether YAML reads a plain scalar as a truth value or a number."""
    if plain in _TRUTH_VALUES:
        return True
    if plain[0] not in "+-.0123456789":
        return False
    try:
        float(plain.replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        return plain.startswith(("0x", "0o"))
    return True


class Document(NamedTuple):
    """A file's content as nodes, and the faults found in it so far.

    Its readers return ``None``, or an empty collection, for what is not as it should be, and note
    a fault; ``finish`` raises them all.
    """

    path: str
    lines: tuple[str, ...]
    root: Node
    faults: list[Fault]

    def fault(self, node: Node, message: str) -> None:
        """Note what is wrong with ``node``."""
        self.faults.append(Fault(node.line, node.column, message))

    def finish(self) -> None:
        """Raise ``InvalidFileError`` if there are faults."""
        if self.faults:
            raise InvalidFileError(self.path, tuple(sorted(set(self.faults))))

    def mapping(
        self, node: Node, what: str, *, required: Iterable[str] = (), optional: Iterable[str] = ()
    ) -> dict[str, Node]:
        """Read ``what`` as a mapping with these keys and no others."""
        if not isinstance(node.value, dict):
            self.fault(node, f"{what} should be a mapping, and is {node.kind}")
            return {}
        known = (*required, *optional)
        for name, (key, _) in node.value.items():
            if name not in known:
                self.fault(key, f"unknown key '{printable(name, limit=60)}' in {what}: {_options(known)}")
        for name in required:
            if name not in node.value:
                self.fault(node, f"{what} has no {name}")
        return {name: value for name, (_, value) in node.value.items() if name in known}

    def entries(self, node: Node | None, what: str) -> list[Node]:
        """Read ``what`` as a list; an absent one is empty."""
        if node is None:
            return []
        if not isinstance(node.value, list):
            self.fault(node, f"{what} should be a list, and is {node.kind}")
            return []
        return node.value

    def text(self, node: Node | None, what: str) -> str | None:
        """Read ``what`` as text that is not blank; an absent one is ``None``."""
        if node is None:
            return None
        if node.kind != "text":
            self.fault(node, f"{what} should be text, and is {node.kind}" + self._advice(node))
            return None
        assert isinstance(node.value, str)
        if not node.value.strip():
            self.fault(node, f"{what} is empty")
            return None
        if self._is_cut(node):
            self.fault(
                node, f"{what} ends at an unquoted #, which YAML reads as a comment; quote the whole text"
            )
            return None
        return node.value

    def boolean(self, node: Node | None, what: str) -> bool | None:
        """Read ``what`` as ``true`` or ``false``; an absent one is ``None``."""
        if node is None:
            return None
        text = node.value if isinstance(node.value, str) else None
        if text in _BOOLEANS and node.end is not None:
            return _BOOLEANS[text]
        shown = quoted(text) if text is not None else node.kind
        self.fault(node, f"{what} should be true or false, without quotes, and is {shown}")
        return None

    def parsed(self, node: Node | None, what: str, parse: Callable[[str], T]) -> T | None:
        """Read ``what`` as text, and that by ``parse``, whose ``ValueError`` is a fault."""
        if node is None or (text := self.text(node, what)) is None:
            return None
        try:
            return parse(text)
        except IdentifierError as error:
            self.fault(node, error.message)
        except ValueError as error:
            self.fault(node, f"{what}: {printable(str(error), limit=200)}")
        return None

    def _advice(self, node: Node) -> str:
        if node.value is None and "#" in self.lines[node.line - 1][node.column - 1 :]:
            return ': an unquoted # starts a comment in YAML; quote it, as in "#name:example.org"'
        return "; quote it" if isinstance(node.value, str) else ""

    def _is_cut(self, node: Node) -> bool:
        """Say whether text without quotes ends at a comment that may be meant as part of it."""
        if node.end is None:
            return False
        line, column = node.end
        rest = self.lines[line - 1][column - 1 :]
        comment = rest.lstrip()
        return comment != rest and comment[:1] == "#" and comment[1:2] not in ("", " ", "\t", "#", "!")


def _options(known: Iterable[str]) -> str:
    return "known are " + ", ".join(known)


def load(path: Path) -> Document:
    """Read the YAML file at ``path``; its name in messages is ``path`` as given.

    Raises ``InvalidFileError`` where ``files.read_text`` does, and where the text is no YAML of the kind
    described above.
    """
    name = printable_path(str(path))
    text = files.read_text(path)
    root = _Reader(name, text).read()
    return Document(name, tuple(_LINE_BREAK.split(text)), root, [])


class _Reader:
    """Build nodes from parser events.

    Events, because PyYAML's own composer recurses in C, where a deeply nested file ends the process.
    """

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._text = text
        self._nodes = 0
        self._repeated: list[Fault] = []

    def read(self) -> Node:
        parser = None
        try:
            parser = _Parser(self._text)
            self._get_event = parser.get_event
            self._next()  # the stream's start
            if isinstance(self._next(), yaml.StreamEndEvent):
                self._fail(Fault(1, 1, "is empty"))
            root = self._node(self._next(), depth=0)
            self._next()  # the document's end
            event = self._next()
            if not isinstance(event, yaml.StreamEndEvent):
                self._fail(_fault_at(event, "holds a second document"))
        except yaml.YAMLError as error:
            self._fail(self._syntax_fault(error))
        finally:
            if parser is not None:
                parser.dispose()
        if self._repeated:
            raise InvalidFileError(self._name, tuple(self._repeated))
        return root

    def _next(self) -> yaml.Event:
        event = self._get_event()
        assert event is not None  # only the end of the stream has nothing behind it
        return event

    def _node(self, event: yaml.Event, depth: int) -> Node:
        self._nodes += 1
        if self._nodes > _MAX_NODES:
            self._fail(_fault_at(event, f"holds more than {_MAX_NODES} values"))
        if depth > _MAX_DEPTH:
            self._fail(_fault_at(event, f"is nested more than {_MAX_DEPTH} deep"))
        if not isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) or event.anchor is not None:
            self._fail(_fault_at(event, "a YAML anchor or alias (& or *) is not supported: write it out"))
        if event.tag not in _STRING_TAGS:
            self._fail(_fault_at(event, "a YAML tag (!) is not supported: quote the text"))
        line, column = _position(event.start_mark)
        if isinstance(event, yaml.ScalarEvent):
            if not event.implicit[0]:
                return Node(event.value, line, column)
            value = None if event.value in _NULL else event.value
            return Node(value, line, column, _position(event.end_mark))
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(self._sequence(depth), line, column)
        return Node(self._mapping(depth), line, column)

    def _sequence(self, depth: int) -> list[Node]:
        nodes: list[Node] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            nodes.append(self._node(event, depth + 1))
        return nodes

    def _mapping(self, depth: int) -> dict[str, tuple[Node, Node]]:
        pairs: dict[str, tuple[Node, Node]] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._fail(_fault_at(event, "a key should be text"))
            key = self._node(event, depth + 1)
            value = self._node(self._next(), depth + 1)
            if event.value in pairs:
                self._repeated.append(_fault_at(event, f"the key '{printable(event.value)}' is there twice"))
            pairs[event.value] = (key, value)
        return pairs

    def _fail(self, fault: Fault) -> NoReturn:
        raise InvalidFileError(self._name, (fault,))

    def _syntax_fault(self, error: yaml.YAMLError) -> Fault:
        if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
            mark = error.problem_mark
            words = printable(" ".join(filter(None, (error.context, error.problem))))
            return Fault(mark.line + 1, mark.column + 1, f"not YAML: {words}")
        if isinstance(error, yaml.reader.ReaderError):
            # libyaml counts the position in bytes, PyYAML's own reader in characters.
            found = re.search("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", self._text)
            before = _LINE_BREAK.split(self._text[: found.start() if found else 0])
            return Fault(len(before), len(before[-1]) + 1, "not YAML: a control character")
        return Fault(1, 1, f"not YAML: {printable(str(error))}")


def _position(mark: "Mark | PythonMark | None") -> tuple[int, int]:
    assert mark is not None  # a parser's events have marks
    return mark.line + 1, mark.column + 1


def _fault_at(event: yaml.Event, message: str) -> Fault:
    return Fault(*_position(event.start_mark), message)
