"""AsciiDoc: which links are found, where, and with which labels."""

import pytest

from tests.documents.links import BADGE, LINK, Row, link, references, rows


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("LINK[our room]", [link(1, 1, "our room")]),
        ("link:LINK[our *room*^]", [link(1, 6, "our room")]),
        ("link:++LINK++[our room]", [link(1, 8, "our room")]),
        ("link:++LINK?via=a.org++[our room]", [link(1, 8, "our room", text="LINK?via=a.org")]),
        ("LINK[]", [link(1, 1)]),
        ("LINK[our room,window=_blank,role=x]", [link(1, 1, "our room")]),
        ("LINK[our room^,opts=nofollow]", [link(1, 1, "our room")]),
        ('LINK["our, old room",role=x]', [link(1, 1, "our, old room")]),
        ("LINK[our, old room]", [link(1, 1, "our, old room")]),
        ("LINK[role=x]", [link(1, 1)]),
        ("LINK[our\nroom]", [link(1, 1, "our room")]),
        ("LINK[our [old\\] room]", [link(1, 1, "our [old] room")]),
        ("LINK[no\n\nlabel]", [link(1, 1)]),
        ("LINK[C{plus}{plus}&#44; our room]", [link(1, 1, "C++, our room")]),
        ("LINK[`#cats:matrix.org`]", [link(1, 1, "#cats:matrix.org")]),
        ("<LINK>, #cats:matrix.org[^1]", [link(1, 2), link(1, 41, text="#cats:matrix.org")]),
        ("++++\n<a href='LINK'>our room</a>\n++++", [link(2, 10, "our room")]),
    ],
)
def test_a_label_stands_in_brackets_behind_the_address(text: str, links: list[Row]) -> None:
    assert rows("a.adoc", text) == links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (":room: LINK\n\nJoin {room} or {ROOM}[our room].", [link(1, 8, "our room")]),
        (":room: LINK\n\nJoin link:{room}[our room].", [link(1, 8, "our room")]),
        (":room: LINK\n\nJoin {room}.", [link(1, 8)]),
        (":room: link:LINK[our room]\n\nJoin {room}.", [link(1, 13, "our room")]),
        (":room: LINK\n\nimage:a.svg[Our room,link={room}]", [link(1, 8, "Our room")]),
    ],
)
def test_an_attribute_has_the_label_of_its_use(text: str, links: list[Row]) -> None:
    assert rows("a.adoc", text) == links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("image::a.svg[Our room,link=LINK]", [link(1, 28, "Our room")]),
        ('image:a.svg[Our room, 100, link="LINK", role=x]', [link(1, 34, "Our room")]),
        ('image:a.svg[alt="Our room",link=LINK]', [link(1, 33, "Our room")]),
        ("image:a.svg[link=LINK]", [link(1, 18)]),
        ("image:a.svg[a] LINK[our room]", [link(1, 16, "our room")]),
        ("LINK[image:a.svg[Our room]]", [link(1, 1, "Our room")]),
    ],
)
def test_a_picture_labels_what_it_leads_to(text: str, links: list[Row]) -> None:
    assert rows("a.adoc", text) == links


def test_a_badge_belongs_to_the_link_that_it_is_the_picture_of() -> None:
    badge, target = references("a.adoc", "image:BADGE[Chat,link=LINK]")
    assert (badge.text, badge.label, badge.around) == (BADGE, "Chat", LINK)
    assert (target.text, target.label, target.around) == (LINK, "Chat", None)


@pytest.mark.parametrize(
    ("text", "lines_of_code"),
    [
        ("----\nLINK\n----\nLINK", [2]),
        ("....\nLINK\n....\n```sh\nLINK\n```\nLINK", [2, 5]),
        ("------\n----\nLINK\n------\nLINK", [3]),
        ("[source]\nLINK\nLINK\n\nLINK", [2, 3]),
        ("[source,sh]\n.A title\n----\nLINK\n----\nLINK", [4]),
        ("[listing]\n--\nLINK\n--\n\n--\nLINK\n--", [3]),
        ("[,sh]\nLINK", [2]),
        ("[quote]\nLINK", []),
        ("Our room:\n\n LINK\n LINK\n\nLINK", [3, 4]),
        ("Our room\n  LINK", []),
        ("* item\n\n  LINK\n\n  LINK", []),
        ("room::\n  LINK\n\n  LINK", []),
        ("|===\n| a\n\n  LINK\n|===", []),
        ("Getting help\n------------\n\nLINK\n\nFinding rooms\n------------\n\nLINK", []),
        ("Nothing closes it.\n\n----\n\nLINK", []),
    ],
)
def test_listings_and_literal_paragraphs_are_code(text: str, lines_of_code: list[int]) -> None:
    found = references("a.adoc", text)
    assert len(found) == text.count("LINK")
    assert [reference.source.line for reference in found if reference.in_code] == lines_of_code


@pytest.mark.parametrize(
    "text",
    [
        "////\nLINK\n////",
        "Matrix: <<cats,#cats>>, xref:cats[#cats] and [#cats]",
        ":room: https://matrix.to/#/#{name}:matrix.org\n:matrix: https://matrix.to/\n\n{room}[x]",
        "https://matrix.to/#/#cats:example.org[our room]",
    ],
)
def test_what_leads_nowhere_in_matrix_is_no_link(text: str) -> None:
    assert rows("a.adoc", text) == []


@pytest.mark.parametrize(
    "piece", ["[", "{a}", "----\n", "....\n", "image::a[", ":a: ", "[source]\n", "link:", "LINK[", " \n"]
)
def test_much_of_what_opens_markup_hides_no_link(piece: str) -> None:
    text = piece * (30_000 // len(piece)) + "\n\nhttps://matrix.to/#/#dogs:matrix.org[dogs]"
    last = rows("a.adoc", text)[-1]
    assert (last.target, last.label, last.in_code) == ("#dogs:matrix.org", "dogs", False)
