"""Textile: which links are found, where, and with which labels."""

import pytest

from tests.documents.links import BADGE, LINK, Row, link, references, rows


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ('Join "our room":LINK.', [link(1, 17, "our room")]),
        ('"our room(a title)":LINK', [link(1, 21, "our room")]),
        ('"(x)our *old* room":LINK', [link(1, 21, "our old room")]),
        ('["our room":LINK]', [link(1, 13, "our room")]),
        ('* "#cats:matrix.org":LINK', [link(1, 22, "#cats:matrix.org")]),
        ("!a.svg(Our room)!:LINK", [link(1, 19, "Our room")]),
        ("!a.svg!:LINK", [link(1, 9)]),
        ('"!a.svg(Our room)!":LINK', [link(1, 21, "Our room")]),
        ('"our room":chat and "chat":chat.\n\n[chat]LINK', [link(3, 7, "our room")]),
        ("[chat]LINK", [link(1, 7)]),
        ('"our&#45;room":LINK', [link(1, 16, "our-room")]),
        ('"no label": LINK', [link(1, 13)]),
        ("@LINK@", [link(1, 2)]),
        ("<a href='LINK'>our room</a>", [link(1, 10, "our room")]),
    ],
)
def test_a_label_stands_before_its_address(text: str, links: list[Row]) -> None:
    assert rows("a.textile", text) == links


@pytest.mark.parametrize(("text", "label"), [("!BADGE!:LINK", None), ("!BADGE(Chat)!:LINK", "Chat")])
def test_a_badge_belongs_to_the_link_that_it_is_the_picture_of(text: str, label: str | None) -> None:
    badge, target = references("a.textile", text)
    assert (badge.text, badge.label, badge.around) == (BADGE, label, LINK)
    assert (target.text, target.label, target.around) == (LINK, label, None)


@pytest.mark.parametrize(
    ("text", "lines_of_code"),
    [
        ("bc. LINK\nLINK\n\nLINK", [1, 2]),
        ("bc(sh). LINK", [1]),
        ("bc.. LINK\n\nLINK\n\np. LINK", [1, 3]),
        ("pre. LINK\n\nbq. LINK", [1]),
        ("<pre>\nLINK\n</pre>\nLINK", [2]),
        ("abc. LINK", []),
    ],
)
def test_blocks_of_code_are_code(text: str, lines_of_code: list[int]) -> None:
    found = references("a.textile", text)
    assert len(found) == text.count("LINK")
    assert [reference.source.line for reference in found if reference.in_code] == lines_of_code


@pytest.mark.parametrize("piece", ['"', '":', "!", "!a!:", "bc. a\n\n", '"a":b ', '"LINK'])
def test_much_of_what_opens_markup_hides_no_link(piece: str) -> None:
    text = piece * (30_000 // len(piece)) + '\n\n"dogs":https://matrix.to/#/#dogs:matrix.org'
    last = rows("a.textile", text)[-1]
    assert (last.target, last.label, last.in_code) == ("#dogs:matrix.org", "dogs", False)
