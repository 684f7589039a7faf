"""YAML values that know their place in the file, and the faults found in them."""

import re
from collections.abc import Callable, Collection
from typing import NamedTuple, TypeVar

from stashmatrix.errors import MOST_FAULTS, Fault, IdentifierError, InvalidFileError, closest
from stashmatrix.records.reference import Source
from stashmatrix.text import printable, quoted, some_of

T = TypeVar("T")

_MOST_ALLOWED = 10

# Both are matched in the line itself: a slice for each of a line's values takes quadratic time.
# Behind unquoted text, a comment that may be meant as part of it.
_CUT = re.compile(r"\s++#[^ \t#!]")
# Nothing, however it is written, and then a comment.
_NOTHING = re.compile(r"(?:~|null|Null|NULL)?\s*+#")

# Plain scalars that YAML 1.1, its core schema and PyYAML read as a truth value.
_TRUTH_VALUES = frozenset(
    word
    for lower in ("true", "false", "yes", "no", "on", "off")
    for word in (lower, lower.title(), lower.upper())
)
# The truth values of YAML 1.2. People also write 1.1's yes, no, on and off as text.
_BOOLEANS = {
    word: value
    for lower, value in (("true", True), ("false", False))
    for word in (lower, lower.title(), lower.upper())
}


class Node(NamedTuple):
    """A value and where it starts; line and column count from 1.

    ``value`` is a ``str``, ``None``, a list of nodes, or a dict of key and value nodes by key.
    ``end`` is the line and column where unquoted text ends, else ``None``.
    """

    value: "str | list[Node] | dict[str, tuple[Node, Node]] | None"
    line: int
    column: int
    end: tuple[int, int] | None = None

    @property
    def kind(self) -> str:
        """What the value is, as a message names it."""
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
    """Say whether YAML reads an unquoted scalar as a truth value or a number."""
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
    """A file's nodes, and the faults found in them so far.

    Each reading method takes a node and the name that messages give it. It returns ``None`` and adds a
    fault if the node does not hold such a value.
    """

    path: str
    lines: tuple[str, ...]
    root: Node
    faults: list[Fault]

    def fault(self, place: Node | Source, message: str) -> None:
        """Add a fault at a node or another place in the file."""
        self.faults.append(Fault(place.line, place.column, message))

    def finish(self) -> None:
        """Raise ``InvalidFileError`` if there are faults."""
        if self.faults:
            raise InvalidFileError(self.path, tuple(sorted(set(self.faults))))

    def text(self, node: Node, name: str) -> str | None:
        """Read text that is not blank."""
        if node.kind != "text":
            self.fault(node, f"{name}: expected text, got {node.kind}{self._advice(node)}")
            return None
        assert isinstance(node.value, str)
        if not node.value.strip():
            self.fault(node, f"{name}: expected text, got {quoted(node.value)}")
            return None
        if self._is_cut(node):
            self.fault(node, f"{name}: an unquoted # starts a comment in YAML; quote the whole text")
            return None
        return node.value

    def boolean(self, node: Node, name: str) -> bool | None:
        """Read ``true`` or ``false``."""
        text = node.value if isinstance(node.value, str) else None
        if text in _BOOLEANS and node.end is not None:
            return _BOOLEANS[text]
        shown = quoted(text) if text is not None else node.kind
        self.fault(node, f"{name}: expected true or false without quotes, got {shown}")
        return None

    def identifier(self, node: Node, name: str, parse: Callable[[str], T]) -> T | None:
        """Read text and pass it to ``parse``, whose ``IdentifierError`` becomes a fault."""
        if (text := self.text(node, name)) is None:
            return None
        try:
            return parse(text)
        except IdentifierError as error:
            self.fault(node, error.message)
            return None

    def unknown(
        self, place: Node, noun: str, text: str, allowed: Collection[str], *, where: str = ""
    ) -> None:
        """Add the fault that ``text`` is not one of the ``allowed`` words."""
        what = f"{noun} {quoted(text)}{where}"
        words = f" (allowed: {some_of(allowed, most=_MOST_ALLOWED)})" if allowed else ""
        # Comparing takes long, and no more faults than these are shown.
        alike = closest(text.casefold(), allowed) if len(self.faults) < MOST_FAULTS else []
        meant = f"; did you mean {' or '.join(map(printable, alike))}?" if alike else ""
        self.fault(place, f"unknown {what}{meant}{words}")

    def _advice(self, node: Node) -> str:
        if node.value is None and self._is_followed(_NOTHING, node.line, node.column):
            return '; an unquoted # starts a comment in YAML: quote it, as in "#name:example.org"'
        return "; quote it" if isinstance(node.value, str) else ""

    def _is_cut(self, node: Node) -> bool:
        """Say whether unquoted text ends at a comment that may be meant as part of it."""
        return node.end is not None and self._is_followed(_CUT, *node.end)

    def _is_followed(self, pattern: re.Pattern[str], line: int, column: int) -> bool:
        """Say whether the file goes on with ``pattern`` at this place."""
        return pattern.match(self.lines[line - 1], column - 1) is not None
