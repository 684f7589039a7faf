"""Markdown as CommonMark reads it: a parser and the finder agree on every link, and on its label."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import cmarkgfm
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from stashmatrix.documents.read import read
from stashmatrix.records.reference import Reference

EXAMPLES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "commonmark-0.31.2-links.json").read_text("utf-8")
)["examples"]
PARSER = MarkdownIt("commonmark").enable("table")

# Where the two differ on purpose: the label that the finder gives, by example.
DIFFERENCES: dict[int, str] = {
    # A link in HTML has a label, too; nothing in a block of it is Markdown.
    159: "*foo*",
    162: "*bar*",
}
# Here a link stands in the text of another one: what is there belongs to that one.
IN_THE_TEXT_OF_A_LINK = {520: [0, 2]}


class Link(NamedTuple):
    """A link that a parser renders."""

    label: str | None
    in_code: bool = False


def address(number: int) -> str:
    return f"https://matrix.to/#/#spec{number}:matrix.org"


def rendered(markdown: str) -> dict[int, Link]:
    """Return the first link to each numbered address that a parser renders."""
    links: dict[int, Link] = {}
    for token in PARSER.parse(markdown):
        if token.type in ("fence", "code_block"):
            for number in numbers(token.content + token.info):
                links.setdefault(number, Link(None, in_code=True))
        visit(token.children or [], links)
    return links


def visit(tokens: list[Token], links: dict[int, Link]) -> str:
    """Collect the links of inline tokens; return what a reader sees of them."""
    seen = ""
    opened: list[tuple[str, int]] = []
    for token in tokens:
        if token.type == "link_open":
            opened.append((str(token.attrs["href"]), len(seen)))
        elif token.type == "link_close":
            href, start = opened.pop()
            label = None if token.info == "auto" else " ".join(seen[start:].split())
            for number in numbers(href):
                links.setdefault(number, Link(label))
        elif token.type == "image":
            alt = visit(token.children or [], links)
            for number in numbers(str(token.attrs["src"])):
                links.setdefault(number, Link(" ".join(alt.split())))
            seen += alt
        elif token.type in ("softbreak", "hardbreak"):
            seen += "\n"
        elif token.type in ("text", "code_inline"):
            seen += token.content
    return seen


def at(text: str, reference: Reference) -> str:
    """Return what stands where a reference says that it is."""
    line = text.split("\n")[reference.source.line - 1]
    start = (reference.source.column or 0) - 1
    return line[start : start + len(reference.text)]


def numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"#spec(\d+):", text)]


def with_matrix_links(example: dict[str, Any]) -> str:
    """Return an example with each link destination replaced by a link of its own."""
    count = iter(range(99))
    pattern = "|".join(map(re.escape, sorted(example["destinations"], key=len, reverse=True)))
    return re.sub(rf'(?<=[(<\s"=])(?:{pattern})', lambda _: address(next(count)), example["markdown"])


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example["example"]))
def test_the_links_of_the_specification_have_the_labels_that_a_parser_renders(
    example: dict[str, Any],
) -> None:
    text = with_matrix_links(example)
    expected = rendered(text)
    found = read("spec.md", text.encode(), include_code=True)

    written = numbers(text)
    kept = IN_THE_TEXT_OF_A_LINK.get(example["example"], written)
    assert [reference.text for reference in found] == [address(number) for number in kept]
    for reference, number in zip(found, kept, strict=True):
        link = expected.get(number, Link(None))
        label = DIFFERENCES.get(example["example"], link.label)
        assert (reference.label, reference.in_code) == (label, link.in_code), text
        assert at(text, reference) == reference.text


class Rendered(HTMLParser):
    """The first link to each numbered address in the HTML that a parser renders."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.links: dict[int, Link] = {}
        self.is_code = False
        self.href, self.seen = "", ""
        self.feed(cmarkgfm.markdown_to_html_with_extensions(markdown, options=0, extensions=["table"]))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a":
            self.href, self.seen = values.get("href") or "", ""
        elif tag == "img":
            alt = re.sub("<[^>]*>", "", values.get("alt") or "")  # this parser shows tags there
            self.seen += alt
            self.add(values.get("src") or "", alt)
        elif tag == "pre":
            self.is_code = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self.add(self.href, self.seen)
        self.is_code = self.is_code and tag != "pre"

    def handle_data(self, data: str) -> None:
        self.seen += data
        if self.is_code:
            for number in numbers(data):
                self.links.setdefault(number, Link(None, in_code=True))

    def add(self, href: str, seen: str) -> None:
        label = " ".join(seen.split())
        for number in numbers(href):
            self.links.setdefault(number, Link(None if label == address(number) else label))


LINK = "\0"  # stands for an address of its own
# None of these makes what the two read differently on purpose: HTML at the beginning of a line, say.
PIECES = st.sampled_from(
    [
        *(
            "a",
            "b c",
            " ",
            "*",
            "_",
            "**",
            " ` ",
            "\\",
            "!",
            "[",
            "]",
            "(",
            ")",
            "\n",
            "\n\n",
            "&amp;",
            ".",
        ),
        *(
            f"[a]({LINK})",
            f'[*a* b]({LINK} "t")',
            f"[`a`](<{LINK}>)",
            f"![a]({LINK})",
            f"[![a]({LINK})]({LINK})",
        ),
        *(
            f"<{LINK}>",
            f"](<{LINK}>)",
            f"]({LINK}\n't')",
            f"\n\n[r]: {LINK}\n\n",
            f"\n\n[s]:\n  <{LINK}>\n'title'\n\n",
        ),
        *("[r]", "[a][r]", "[s][]", "![a][s]", "[![a][r]][s]", "[r][nothing]"),
        *(
            "\n- ",
            "\n  ",
            "\n    ",
            "\n\n    ",
            "\n1. ",
            "\n2) ",
            "\n> ",
            "\n>",
            "\n# ",
            "\n---\n",
            "\n===\n",
            "\n\t",
        ),
        *(
            f"\n```\n{LINK}\n```\n",
            f"\n~~~ x\n{LINK}\n\n[r]\n~~~\n",
            "a<b>",
            "a</b>",
            "a<i a='b'>",
            "a<!-- x -->",
        ),
        "\n\n| a | b |\n|---|---|\n| c ",
        " | ",
    ]
)


@given(st.lists(PIECES, max_size=30))
def test_of_any_markdown_the_links_and_labels_are_those_that_a_parser_renders(pieces: list[str]) -> None:
    count = iter(range(999))
    text = re.sub(LINK, lambda _: address(next(count)), "".join(pieces))
    found = read("a.md", text.encode(), include_code=True)

    for reference in found:
        assert at(text, reference) == reference.text
    expected = Rendered(text).links
    labels = {numbers(reference.text)[0]: reference.label for reference in found}
    assert {number: link.label for number, link in expected.items()} == {
        number: labels.get(number) for number in expected
    }
    assert {numbers(reference.text)[0] for reference in found if reference.in_code} == {
        number for number, link in expected.items() if link.in_code
    }
