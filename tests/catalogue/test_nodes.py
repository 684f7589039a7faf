"""Values and their places: what it costs to read many on one line."""

from typing import SupportsIndex

from stashmatrix.catalogue.nodes import Document, Node


class CountedLine(str):
    """A line that counts the characters that are copied from it, or searched in it."""

    __slots__ = ("count_of",)
    count_of: list[int]

    def __getitem__(self, key: SupportsIndex | slice) -> str:
        part = super().__getitem__(key)
        self.count_of.append(len(part))
        return CountedLine.of(part, self.count_of)

    def __contains__(self, text: object) -> bool:
        self.count_of.append(len(self))
        return isinstance(text, str) and super().__contains__(text)

    @classmethod
    def of(cls, text: str, count_of: list[int]) -> "CountedLine":
        line = cls(text)
        line.count_of = count_of
        return line


def test_reading_the_values_of_one_line_handles_the_line_no_more_than_twice() -> None:
    values = ["nsfw", "~", "'#quoted'", "name #comment"] * 250
    count_of: list[int] = []
    line = CountedLine.of(",".join(values), count_of)
    document = Document("rooms.yaml", (line,), Node(None, 1, 1), [])
    start = 1
    for value in values:
        end = start + len(value)
        if value == "~":
            assert document.text(Node(None, 1, start, (1, end)), "a value") is None
        elif value.startswith("'"):
            assert document.text(Node(value.strip("'"), 1, start), "a value") == "#quoted"
        else:
            word = value.partition(" ")[0]
            node = Node(word, 1, start, (1, start + len(word)))
            assert document.text(node, "a value") == (None if word == "name" else word)
        start = end + 1
    assert len(document.faults) == 500
    # The # on the same line is that of another value.
    assert not any(fault.message.endswith('example.org"') for fault in document.faults)
    assert sum(count_of) <= 2 * len(line)
