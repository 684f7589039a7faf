"""Markdown, rendered and read back."""

from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from stashmatrix.checks.judge import judge
from stashmatrix.formats import markdown, plain
from stashmatrix.matrix.identifiers import RoomId
from stashmatrix.records.answers import Resolved
from stashmatrix.records.findings import Check
from stashmatrix.records.results import Report
from tests.support.reports import GONE, HELP, reference, unknown


class _Text(HTMLParser):
    """Collects the cells of a table."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        self.tags.add(tag)
        if tag == "td":
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells and data != "\n":
            self.cells[-1] += data


def rendered(text: str) -> _Text:
    reader = _Text()
    reader.feed(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))
    return reader


def test_markdown_is_a_heading_and_a_table(mixed: Report) -> None:
    read = rendered(markdown.write(mixed))
    assert markdown.write(mixed).startswith(
        "## 4 links: 1 ok, 1 broken, 2 unverified\n\n| location | finding | message | hint |\n"
    )
    assert read.cells[4:8] == [
        "rooms.yaml:9:12",
        "alias-not-found",
        mixed.links[1].findings[0].message,
        Check.ALIAS_NOT_FOUND.hint,
    ]


def test_markdown_says_little_when_all_is_well() -> None:
    answer = Resolved(room_id=RoomId("!help:example.org"), homeserver="https://example.org")
    assert (
        markdown.write(judge([reference(HELP, 1)], {HELP: answer}))
        == "## 1 link: 1 ok, 0 broken, 0 unverified\n"
    )


def test_markdown_names_what_was_skipped_once_for_each_reason(skipping: Report) -> None:
    assert "\n\n| location | skipped | reason |\n" in markdown.write(skipping)
    assert rendered(markdown.write(skipping)).cells == [
        *("rooms.yaml:9:12", GONE, "members only | *"),
        *("rooms.yaml:11:12", "2 links", "--ignore '*:down.example'"),
    ]


def test_markdown_shows_hostile_text_as_text(hostile: Report) -> None:
    read = rendered(markdown.write(hostile))
    lines = plain.write(hostile).splitlines()
    assert read.tags == {"h2", "table", "thead", "tr", "th", "tbody", "td", "code"}
    assert len(read.cells) == 4 * len(lines) + 3
    assert read.cells[-1].startswith(r"::error::\n::error::x\r\n  ::stop-commands::y\u2028::z")
    for index, line in enumerate(lines):
        place, code, message, _ = read.cells[4 * index : 4 * index + 4]
        assert line.startswith(f"{place}: ")
        assert line.endswith(f"[{code}] {message}")


@pytest.mark.parametrize(
    ("char", "escaped"),
    [
        ("|", "&#124;"),
        ("<", "&lt;"),
        (">", "&gt;"),
        ("&", "&amp;"),
        ("`", "\\`"),
        ("*", "\\*"),
        ("\\", "\\\\"),
    ],
)
def test_markdown_escapes(char: str, escaped: str) -> None:
    report = judge([reference(GONE, 1)], {GONE: unknown(detail=f"a{char}b")})
    assert f": a{escaped}b |" in markdown.write(report)
