"""The formats of a page: no text of a room means more than text in them."""

import html
import re
from collections.abc import Iterable

import pytest
from docutils import nodes  # type: ignore[import-untyped]
from docutils.core import publish_doctree  # type: ignore[import-untyped]
from hypothesis import given

from stashmatrix.catalogue.model import Catalogue, Flag, Room
from stashmatrix.page.marks import MARKS
from stashmatrix.page.syntaxes import ASCIIDOC, HTML, MDX, RST
from stashmatrix.page.writing import whole
from tests.support.drawn import TEXTS, catalogues


def squeezed(text: str) -> str:
    return " ".join(text.split())


def shown(room: Room, flags: Iterable[Flag]) -> str:
    """Return what a reader should see of a room."""
    name = "" if room.own_name is None else f"{room.own_name}: "
    others = ", ".join(address.alias for address in room.alternatives)
    aliases = room.alias + (f" (also {others})" if others else "")
    parts = [aliases, *(MARKS[flag][0] for flag in flags), *filter(None, [room.description])]
    return squeezed(name + " - ".join(parts))


def expected(catalogue: Catalogue) -> list[str]:
    """Return what a reader should see: titles that have rooms, and rooms."""
    lines = []
    for category in catalogue.categories:
        rooms = [room for room in catalogue.rooms if room.category == category]
        implied = [
            flag
            for flag in Flag
            if flag in re.findall(r"\w+", category.title.casefold())
            and all(flag in room.flags for room in rooms)
        ]
        lines += [squeezed(category.title)] if rooms else []
        lines += [shown(room, [flag for flag in room.flags if flag not in implied]) for room in rooms]
    return lines


RST_NODES = {
    "document",
    "comment",
    "rubric",
    "bullet_list",
    "list_item",
    "paragraph",
    "reference",
    "strong",
    "#text",
}


@given(catalogues())
def test_restructuredtext_holds_nothing_but_the_rooms(catalogue: Catalogue) -> None:
    settings = {"halt_level": 1, "report_level": 1, "file_insertion_enabled": False, "raw_enabled": False}
    document = publish_doctree(whole(catalogue, MARKS, RST), settings_overrides=settings)
    assert {node.tagname for node in document.findall()} <= RST_NODES
    found = document.findall(lambda node: isinstance(node, nodes.rubric | nodes.list_item))
    assert [squeezed(node.astext()) for node in found] == expected(catalogue)
    links = [node["refuri"] for node in document.findall(nodes.reference)]
    assert len(links) == sum(1 + len(room.alternatives) for room in catalogue.rooms)
    assert all(link.startswith("https://matrix.to/#/") for link in links)


def test_html_has_its_texts_as_text() -> None:
    assert HTML.text("<b>&'\"") == "&lt;b&gt;&amp;&#x27;&quot;"
    assert HTML.link("<b>", 'x"><script>') == '<a href="x&quot;&gt;&lt;script&gt;">&lt;b&gt;</a>'


# What Asciidoctor reads as text wherever it stands on a line, but for its first character.
ASCIIDOC_TEXT = re.compile(r"(?:[^\x00-\x7f]|[A-Za-z0-9 ]|[.-](?![.-])|/(?!/)|[,!?\\]|&#[0-9]+;)*")


@given(TEXTS, TEXTS)
def test_asciidoc_has_letters_and_character_references_only(text: str, url: str) -> None:
    assert ASCIIDOC_TEXT.fullmatch(ASCIIDOC.text(text))
    assert html.unescape(ASCIIDOC.text(text)) == text
    label = ASCIIDOC_TEXT.pattern
    assert re.fullmatch(
        rf"link:\+\+[A-Za-z0-9._~:/?#\[\]@!$&'()*,;=%-]*\+\+\[{label}\]", ASCIIDOC.link(text, url)
    )


def test_a_room_in_asciidoc() -> None:
    url = "https://matrix.to/#/#a_b:x.org"
    assert ASCIIDOC.link("#a_b:x.org", url) == f"link:++{url}++[&#35;a&#95;b&#58;x.org]"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("{x} <b> -->", "&#123;x&#125; \\<b\\> --\\>"),
        ("a *b* `c`", "a \\*b\\* \\`c\\`"),
    ],
)
def test_mdx_has_no_braces_and_no_tags(text: str, written: str) -> None:
    assert MDX.text(text) == written
    assert MDX.commented("x */} -->") == "{/* x * /} -- > */}"
