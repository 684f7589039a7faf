"""Manual pages: which links are found, where, and with which labels."""

import pytest

from tests.documents.links import Row, link, references, rows


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (".UR LINK\nour\n.I room\n.UE .", [link(1, 5, "our room")]),
        (".UR LINK\nour \\fBroom\\fR\\c\n.UE \\c", [link(1, 5, "our room")]),
        (".UR LINK\n.UE", [link(1, 5)]),
        (".UR LINK", [link(1, 5)]),
        (".UR LINK\n#cats:matrix.org\n.UE", [link(1, 5, "#cats:matrix.org")]),
        (".Lk LINK our room", [link(1, 5, "our room")]),
        ('.Lk LINK "our room" .', [link(1, 5, "our room")]),
        ('.It Lk LINK "our room" \\" a comment', [link(1, 8, "our room")]),
        (".Lk LINK", [link(1, 5)]),
        ('.URL "LINK" "our room" "."', [link(1, 7, "our room")]),
        ('.\\" LINK', [link(1, 5)]),
        ("Milk LINK", [link(1, 6)]),
    ],
)
def test_a_request_has_an_address_and_a_label(text: str, links: list[Row]) -> None:
    assert rows("a.1", text) == links


@pytest.mark.parametrize(
    ("text", "written", "target"),
    [
        (r"See \fIhttps://matrix.to/#/#cats:matrix.org\fR.", "https://matrix.to/#/#cats:matrix.org", "#cats"),
        (r"\(lqhttps://matrix.to/#/#cats:matrix.org\(rq", "https://matrix.to/#/#cats:matrix.org", "#cats"),
        (
            r"https://matrix.to/\:#/\:#cats:matrix.org\&.",
            r"https://matrix.to/\:#/\:#cats:matrix.org",
            "#cats",
        ),
        (
            r"https://matrix.to/#/#the\-cats:matrix.org",
            r"https://matrix.to/#/#the\-cats:matrix.org",
            "#the-cats",
        ),
        (
            r"https://matrix.to/\(sh/\(shcats:matrix.org",
            r"https://matrix.to/\(sh/\(shcats:matrix.org",
            "#cats",
        ),
    ],
)
def test_escapes_hide_no_link(text: str, written: str, target: str) -> None:
    [reference] = references("a.7", text)
    assert (reference.text, reference.target) == (written, f"{target}:matrix.org")


@pytest.mark.parametrize(
    ("text", "lines_of_code"),
    [
        (".EX\nLINK\n.EE\nLINK", [2]),
        (".Bd -literal -offset indent\nLINK\n.Ed\nLINK", [2]),
        (".Bd -filled\nLINK\n.Ed", []),
        (".nf\nLINK\n.fi", []),
        (".EX\nLINK", []),
    ],
)
def test_examples_are_code(text: str, lines_of_code: list[int]) -> None:
    found = references("a.8", text)
    assert len(found) == text.count("LINK")
    assert [reference.source.line for reference in found if reference.in_code] == lines_of_code


@pytest.mark.parametrize("piece", ["\\", "\\(", ".UR ", ".EX\n", ".Lk ", "\\f", ".UR LINK\n"])
def test_much_of_what_opens_markup_hides_no_link(piece: str) -> None:
    text = piece * (30_000 // len(piece)) + "\n.Lk https://matrix.to/#/#dogs:matrix.org dogs\n"
    last = rows("a.1", text)[-1]
    assert (last.target, last.label, last.in_code) == ("#dogs:matrix.org", "dogs", False)
