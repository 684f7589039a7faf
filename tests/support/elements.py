"""A web page as its elements."""

from collections.abc import Iterator
from html.parser import HTMLParser

_VOID = {"meta", "link", "input"}
_DOCUMENT = "document"


class Element:
    """A tag with its attributes, and what stands in it."""

    def __init__(self, tag: str, attributes: dict[str, str | None]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.content: list[Element | str] = []

    @property
    def text(self) -> str:
        """All text in it, with single blanks."""
        parts = (part if isinstance(part, str) else part.text for part in self.content)
        return " ".join("".join(parts).split())

    def __getitem__(self, name: str) -> str:
        return self.attributes[name] or ""

    def __iter__(self) -> Iterator["Element"]:
        """Yield all elements in it, in the order of the page."""
        for part in self.content:
            if isinstance(part, Element):
                yield part
                yield from part

    def all(self, tag: str, kind: str | None = None) -> list["Element"]:
        """Return the elements in it with that tag, and that class if one is given."""
        return [
            each
            for each in self
            if each.tag == tag and (kind is None or kind in (each.attributes.get("class") or "").split())
        ]

    def one(self, tag: str, kind: str | None = None) -> "Element":
        """Return the only one of them."""
        [found] = self.all(tag, kind)
        return found


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element(_DOCUMENT, {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), attrs
        element = Element(tag, dict(attrs))
        self.open[-1].content.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].content.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        self.open[-1].content.append(data)


def parse(html: str) -> Element:
    """Read a page in which each tag that is opened is closed."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    [document] = parser.open
    return document
