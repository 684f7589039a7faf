"""Org: which links are found, where, and with which labels."""

import pytest

from tests.documents.links import BADGE, LINK, Row, link, references, rows


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("[[LINK][our room]]", [link(1, 3, "our room")]),
        ("[[LINK][our\nroom]]", [link(1, 3, "our room")]),
        ("[[LINK][our *old* [x] =room=]]", [link(1, 3, "our old [x] room")]),
        ("[[LINK][#cats:matrix.org]]", [link(1, 3, "#cats:matrix.org")]),
        ("[[LINK][LINK]]", [link(1, 3, "LINK")]),
        ("[[LINK]]", [link(1, 3)]),
        ("<LINK>", [link(1, 2)]),
        ("[[LINK][file:badge.svg]]", [link(1, 3)]),
        ("[[LINK][no label", [link(1, 3)]),
        ("- Matrix :: [[LINK][our room]]", [link(1, 15, "our room")]),
        ("#+BEGIN_EXPORT html\n<a href='LINK'>our room</a>\n#+END_EXPORT", [link(2, 10, "our room")]),
    ],
)
def test_a_link_has_its_description_for_a_label(text: str, links: list[Row]) -> None:
    assert rows("a.org", text) == links


def test_a_badge_belongs_to_the_link_that_it_is_the_description_of() -> None:
    target, badge = references("a.org", "[[LINK][BADGE]]")
    assert (target.text, target.label, target.around) == (LINK, None, None)
    assert (badge.text, badge.label, badge.around) == (BADGE, None, LINK)


@pytest.mark.parametrize(
    ("text", "lines_of_code"),
    [
        ("#+BEGIN_SRC sh\nLINK\n#+END_SRC\nLINK", [2]),
        ("  #+begin_example\n  LINK\n  #+end_example\nLINK", [2]),
        ("#+begin_quote\nLINK\n#+end_quote", []),
        ("#+BEGIN_SRC\n#+END_EXAMPLE\nLINK\n#+END_SRC\nLINK", [3]),
        ("#+BEGIN_SRC\nLINK", []),
        (": LINK\n  : LINK\n:URL: LINK", [1, 2]),
    ],
)
def test_examples_and_sources_are_code(text: str, lines_of_code: list[int]) -> None:
    found = references("a.org", text)
    assert len(found) == text.count("LINK")
    assert [reference.source.line for reference in found if reference.in_code] == lines_of_code


def test_what_leads_nowhere_in_matrix_is_no_link() -> None:
    text = (
        "#+link: matrix https://matrix.to/#/#%s:matrix.org\n[[matrix:cats][x]] [[#cats][Matrix]] [[*Matrix]]"
    )
    assert rows("a.org", text) == []


@pytest.mark.parametrize(
    "piece", ["[[", "[[a][", "#+BEGIN_SRC\n", "#+BEGIN_SRC\n#+BEGIN_EXAMPLE\n", "[[LINK "]
)
def test_much_of_what_opens_markup_hides_no_link(piece: str) -> None:
    text = piece * (30_000 // len(piece)) + "\n\n[[https://matrix.to/#/#dogs:matrix.org][dogs]]"
    last = rows("a.org", text)[-1]
    assert (last.target, last.label, last.in_code) == ("#dogs:matrix.org", "dogs", False)
