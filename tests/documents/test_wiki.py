"""Wikis: which links are found, where, and with which labels."""

import pytest

from tests.documents.links import Row, link, references, rows


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("** [LINK our '''room''']", [link(1, 5, "our room")]),
        ("[LINK the [[Room|room]]]", [link(1, 2, "the room")]),
        ("[LINK #cats:matrix.org]", [link(1, 2, "#cats:matrix.org")]),
        ("[LINK]", [link(1, 2)]),
        ("[LINK our &quot;room&quot;]", [link(1, 2, 'our "room"')]),
        ("[[LINK|our **room**]]", [link(1, 3, "our room")]),
        ("[[ LINK | our room ]]", [link(1, 4)]),
        ("[[LINK]]", [link(1, 3)]),
        ("[[LINK|#cats:matrix.org]]", [link(1, 3, "#cats:matrix.org")]),
        ("[[LINK|{{a.svg|Our room}}]]", [link(1, 3, "Our room")]),
        ("[our room|LINK]", [link(1, 11, "our room")]),
        ("[[our room>>LINK]]", [link(1, 13, "our room")]),
        ("| LINK || [LINK room] ||", [link(1, 3), link(1, 44, "room")]),
        ("{{URL|LINK|x}}", [link(1, 7)]),
        ("<nowiki>LINK</nowiki>", [link(1, 9)]),
    ],
)
def test_a_label_stands_beside_its_address(text: str, links: list[Row]) -> None:
    assert rows("a.wiki", text) == links


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.mediawiki", "[LINK our room]"),
        ("a.dokuwiki", "[[LINK|our room]]"),
        ("a.creole", "[[LINK|our room]]"),
        ("a.xwiki", "[[our room>>LINK]]"),
        ("a.tid", "[[our room|LINK]]"),
    ],
)
def test_a_wiki_has_a_suffix_of_its_own(name: str, text: str) -> None:
    assert [row.label for row in rows(name, text)] == ["our room"]


@pytest.mark.parametrize(
    ("text", "lines_of_code"),
    [
        ("<pre>LINK</pre>\nLINK", [1]),
        ("<code>\nLINK\n</code>\n<code>LINK</code>", [2]),
        ('<syntaxhighlight lang="sh">\nLINK\n</syntaxhighlight>\nLINK', [2]),
        ("{{{\nLINK\n}}}\n{{{LINK}}}", [2]),
        ("<code>\nLINK", []),
    ],
)
def test_blocks_of_code_are_code(text: str, lines_of_code: list[int]) -> None:
    found = references("a.mediawiki", text)
    assert len(found) == text.count("LINK")
    assert [reference.source.line for reference in found if reference.in_code] == lines_of_code


@pytest.mark.parametrize("piece", ["[", "[[", "[[a|", "<pre>", "<code>\n", "{{{\n", "[LINK "])
def test_much_of_what_opens_markup_hides_no_link(piece: str) -> None:
    text = piece * (30_000 // len(piece)) + "\n[https://matrix.to/#/#dogs:matrix.org dogs]\n"
    last = rows("a.wiki", text)[-1]
    assert (last.target, last.label, last.in_code) == ("#dogs:matrix.org", "dogs", False)
