"""YAML files read into nodes, within bounds and with every fault located.

Only what this project's files need is read: mappings, sequences and scalars. Anchors, tags and
second documents are faults, so no file can grow while it is read.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import yaml

from stashmatrix import files
from stashmatrix.catalogue.nodes import Document, Node
from stashmatrix.errors import Fault, InvalidFileError
from stashmatrix.text import printable, printable_path, quoted

if TYPE_CHECKING:
    from yaml._yaml import Mark
    from yaml.error import Mark as PythonMark

_MAX_NODES = 1_000_000
_MAX_DEPTH = 32
# The line ends of YAML 1.1.
_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_STRING_TAGS = (None, "!", "tag:yaml.org,2002:str")
# What both parsers say of a key without a colon.
_KEY = "while scanning a simple key"
_VALUES = (yaml.ScalarEvent, yaml.CollectionStartEvent)
_NULL = ("", "~", "null", "Null", "NULL")

try:
    _Parser: type[yaml.CSafeLoader] | type[yaml.SafeLoader] = yaml.CSafeLoader
except AttributeError:  # PyYAML built without libyaml: ten times slower, otherwise the same
    _Parser = yaml.SafeLoader


def load(path: Path, data: bytes | None = None) -> Document:
    """Read the YAML file at ``path``; messages name it as given.

    ``data`` is what it holds, if that is known. Raises ``InvalidFileError`` if ``files.read_text`` does, or
    the text is not YAML of the kind described above.
    """
    name = printable_path(str(path))
    text = files.read_text(path) if data is None else files.decoded(name, data)
    return Document(name, tuple(_LINE_BREAK.split(text)), _read(name, text), [])


def _read(name: str, text: str) -> Node:
    """Return the root node.

    Before a parser gives the event of an opening bracket, it looks up to 1,024 characters ahead for the
    colon that would make the bracket part of a key. On the way, libyaml 0.2.6 and later refuse the 1,001st
    bracket, before our own limit sees the first. Reading only the text before that bracket gives the fault
    in our words and at the place of our limit.
    """
    try:
        return _Reader(name, text).read()
    except yaml.YAMLError as error:
        mark = error.problem_mark if isinstance(error, yaml.scanner.ScannerError) else None
        if mark is not None and text[mark.index : mark.index + 1] in ("[", "{"):
            _read(name, text[: mark.index])
        raise InvalidFileError(name, (_syntax_fault(error, text),)) from None


class _Reader:
    """Build nodes from parser events.

    Events, because PyYAML's own composer recurses in C, where a deeply nested file ends the process.
    """

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._get_event = _Parser(text).get_event
        self._nodes = 0
        self._duplicates: list[Fault] = []

    def read(self) -> Node:
        self._next()  # the stream's start
        if isinstance(self._next(), yaml.StreamEndEvent):
            self._fail(Fault(1, 1, "is empty"))
        root = self._node(self._next(), depth=0)
        self._next()  # the document's end
        event = self._next()
        if not isinstance(event, yaml.StreamEndEvent):
            self._fail(_fault_at(event, "contains a second document"))
        if self._duplicates:
            raise InvalidFileError(self._name, tuple(self._duplicates))
        return root

    def _next(self) -> yaml.Event:
        event = self._get_event()
        assert event is not None  # only the end of the stream has nothing behind it
        return event

    def _node(self, event: yaml.Event, depth: int) -> Node:
        self._nodes += 1
        if self._nodes > _MAX_NODES:
            self._fail(_fault_at(event, f"contains more than {_MAX_NODES} values"))
        if depth > _MAX_DEPTH:
            self._fail(_fault_at(event, f"is nested more than {_MAX_DEPTH} deep"))
        if not isinstance(event, _VALUES) or event.anchor is not None:
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
            if isinstance(event, yaml.CollectionStartEvent):
                kind = "a list" if isinstance(event, yaml.SequenceStartEvent) else "a mapping"
                self._fail(_fault_at(event, f"a key: expected text, got {kind}"))
            key = self._node(event, depth + 1)
            assert isinstance(event, yaml.ScalarEvent)  # _node refuses an alias
            value = self._node(self._next(), depth + 1)
            if event.value in pairs:
                self._duplicates.append(_fault_at(event, f"duplicate key {quoted(event.value)}"))
            pairs[event.value] = (key, value)
        return pairs

    def _fail(self, fault: Fault) -> NoReturn:
        raise InvalidFileError(self._name, (fault,))


def _syntax_fault(error: yaml.YAMLError, text: str) -> Fault:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        words = " ".join(filter(None, (error.context, error.problem)))
        mark = error.problem_mark
        # A key without a colon, and what is open at the end of the file, are at fault where they start.
        if error.context == _KEY or mark.index >= len(text):
            mark = error.context_mark or mark
        return Fault(*_position(mark), f"not YAML: {printable(words)}")
    if isinstance(error, yaml.reader.ReaderError):
        # libyaml counts the position in bytes, PyYAML's own reader in characters.
        char = re.search("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
        before = _LINE_BREAK.split(text[: char.start() if char else 0])
        return Fault(len(before), len(before[-1]) + 1, "not YAML: a control character")
    return Fault(1, 1, f"not YAML: {printable(str(error))}")


def _position(mark: "Mark | PythonMark | None") -> tuple[int, int]:
    assert mark is not None  # a parser's events have marks
    return mark.line + 1, mark.column + 1


def _fault_at(event: yaml.Event, message: str) -> Fault:
    return Fault(*_position(event.start_mark), message)
