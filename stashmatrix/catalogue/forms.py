"""What a value in a YAML file may be: each form reads a node, and says enough to write a JSON Schema from."""

from collections.abc import Callable
from typing import Any, NamedTuple

from stashmatrix.catalogue.nodes import Document, Node
from stashmatrix.text import quoted


class Scalar(NamedTuple):
    """One value, such as text, a date or an alias."""

    kind: str
    """What the value is; each kind has its own way to read it."""
    read: Callable[[Document, Node, str], Any]
    """Reads a node, as the methods of ``Document`` do."""


def _text(document: Document, node: Node, name: str) -> str | None:
    text = document.text(node, name)
    return None if text is None else text.strip()


TEXT = Scalar("text", _text)
BOOLEAN = Scalar("boolean", Document.boolean)


class OneOf(NamedTuple):
    """One of a few words."""

    noun: str
    values: dict[str, Any]
    """What each word stands for."""

    def read(self, document: Document, node: Node, name: str) -> object:
        """Return what the word stands for."""
        text = document.text(node, name)
        if text is not None and text not in self.values:
            document.unknown(node, self.noun, text, self.values)
        return None if text is None else self.values.get(text)


class ListOf(NamedTuple):
    """A list of values of one form."""

    item: "Form"

    def read(self, document: Document, node: Node, name: str) -> tuple[Any, ...]:
        """Return the items without faulty ones."""
        if not isinstance(node.value, list):
            document.fault(node, f"{name}: expected a list, got {node.kind}")
            return ()
        item = f"an item of {name}"
        values = [self.item.read(document, each, item) for each in node.value]
        return tuple(value for value in values if value is not None)


class Field(NamedTuple):
    """What a mapping's key may hold."""

    form: "Form"
    meaning: str
    """One sentence for people who write such a file."""
    required: bool = False


class Entry(NamedTuple):
    """A mapping that has been read."""

    node: Node
    values: dict[str, Any]
    """A value for each key of the form: ``None``, or an empty tuple for a list, if it is absent or faulty."""

    def has(self, key: str) -> bool:
        """Say whether the key is there, even if its value is faulty."""
        return isinstance(self.node.value, dict) and key in self.node.value

    def at(self, key: str) -> Node:
        """Return the node of a key that is there."""
        assert isinstance(self.node.value, dict)
        return self.node.value[key][1]


class Mapping(NamedTuple):
    """A mapping with these keys and no others."""

    noun: str
    """What messages about its keys call it."""
    fields: dict[str, Field]

    def read(self, document: Document, node: Node, name: str) -> Entry:
        """Return the values of all keys, also of a node that is no mapping."""
        if not isinstance(node.value, dict):
            document.fault(node, f"{name}: expected a mapping, got {node.kind}")
            return Entry(node, {key: _absent(field.form) for key, field in self.fields.items()})
        for key, (key_node, _) in node.value.items():
            if key not in self.fields:
                document.unknown(key_node, "key", key, self.fields, where=f" in {self.noun}")
        values: dict[str, Any] = {}
        for key, field in self.fields.items():
            if key in node.value:
                values[key] = field.form.read(document, node.value[key][1], key)
                continue
            values[key] = _absent(field.form)
            if field.required:
                document.fault(node, f"missing key {quoted(key)} in {self.noun}")
        return Entry(node, values)


Form = Scalar | OneOf | ListOf | Mapping


def _absent(form: Form) -> tuple[()] | None:
    return () if isinstance(form, ListOf) else None
