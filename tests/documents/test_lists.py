"""The lists and the tables that links stand in: one entry, one list, or two."""

import pytest

from tests.documents.links import references


@pytest.mark.parametrize(
    ("path", "text", "entries"),
    [
        # each link: the lines on which its list and its entry begin
        ("a.md", "- LINK\n- LINK", [(1, 1), (1, 2)]),
        ("a.md", "* a\n  LINK\n\n  LINK\n* LINK", [(1, 1), (1, 1), (1, 5)]),
        ("a.md", "1. LINK\n   - LINK\n2. LINK", [(1, 1), (1, 2), (1, 3)]),
        ("a.md", "- LINK\n\n- LINK", [(1, 1), (1, 3)]),
        ("a.md", "- LINK\n\nText.\n\n- LINK", [(1, 1), (5, 5)]),
        ("a.md", "- LINK\n# Heading\n- LINK", [(1, 1), (3, 3)]),
        ("a.md", "> - LINK\n> - LINK", [(1, 1), (1, 2)]),
        ("a.md", "LINK\n\nLINK", [None, None]),
        ("a.md", "| a |\n|---|\n| LINK |\n| LINK LINK |", [(1, 3), (1, 4), (1, 4)]),
        ("a.md", "a | b\n--- | ---\nx | LINK\ny | LINK\n\nLINK", [(1, 3), (1, 4), None]),
        ("a.md", "<ul>\n<li>LINK\n<li>LINK\n</ul>\n\nLINK", [(1, 2), (1, 3), None]),
        ("a.html", "<ul>\n<li>LINK</li>\n<li>\nLINK\n</li></ul>\nLINK", [(1, 2), (1, 3), None]),
        ("a.html", "<OL>\n<LI>LINK\n<UL>\n<LI>LINK\n</UL>\n<LI>LINK</OL>", [(1, 2), (3, 4), (1, 6)]),
        ("a.html", "<table>\n<tr><td>LINK\n<tr><td>LINK\n</table>", [(1, 2), (1, 3)]),
        ("a.html", "<dl>\n<dt>a<dd>LINK\n<dt>b<dd>LINK\n</dl>", [(1, 2), (1, 3)]),
        ("a.rst", "* LINK\n* LINK", [(1, 1), (1, 2)]),
    ],
)
def test_a_link_knows_its_entry(path: str, text: str, entries: list[tuple[int, int] | None]) -> None:
    assert [reference.item for reference in references(path, text)] == entries


def test_the_entry_of_a_link_whose_target_no_other_has_is_not_looked_up() -> None:
    assert [reference.item for reference in references("a.md", "- LINK\n- #dogs:matrix.org")] == [None, None]
