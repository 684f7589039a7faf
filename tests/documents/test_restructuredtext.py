"""reStructuredText: which links are found, where, and with which labels."""

import pytest

from tests.documents.links import BADGE, LINK, Row, link, references, rows

DOGS = "https://matrix.to/#/#dogs:matrix.org"


def dogs(line: int, column: int, label: str | None = None) -> Row:
    return link(line, column, label, text=DOGS, target="#dogs:matrix.org")


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("Chat in `our room <LINK>`_.", [link(1, 20, "our room")]),
        ("`our\nroom <LINK>`__ and more", [link(2, 7, "our room")]),
        ("`#cats:matrix.org <LINK>`_", [link(1, 20, "#cats:matrix.org")]),
        ("`a < b, *really* <LINK>`_", [link(1, 19, "a < b, *really*")]),
        ("`<LINK>`_", [link(1, 3)]),
        ("| a | `our  |\n|   | room  |\n|   | <LINK>`_ |", [link(3, 8, "our room")]),
        (
            "`our room <https://matrix.to/#/\n  #cats:matrix.org>`_",
            [link(1, 12, "our room", text="https://matrix.to/#/\n  #cats:matrix.org")],
        ),
        (
            r"`x <https://matrix.to/#/#cats\_:matrix.org>`_",
            [link(1, 5, "x", text=r"https://matrix.to/#/#cats\_:matrix.org", target="#cats_:matrix.org")],
        ),
        ("``#cats:matrix.org`` on Matrix", [link(1, 3, text="#cats:matrix.org")]),
        (".. raw:: html\n\n   <a href='LINK'>our room</a>", [link(3, 13, "our room")]),
    ],
)
def test_a_phrase_has_its_address_in_it(text: str, links: list[Row]) -> None:
    assert rows("a.rst", text) == links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("In Chat_, `chat`_ or `the room <chat_>`_.\n\n.. _chat: LINK", [link(3, 11, "Chat")]),
        ("`Our\nchat`_\n\n.. _our  CHAT: LINK", [link(4, 16, "Our chat")]),
        ("`the room <our chat_>`_\n\n.. _our chat: LINK", [link(3, 15, "the room")]),
        (".. _unused: LINK", [link(1, 13)]),
        ("irc.libera.chat_\n\n.. _irc.libera.chat: LINK", [link(3, 22, "irc.libera.chat")]),
        (".. _#cats:matrix.org: LINK", [link(1, 23)]),
        ("`#cats:matrix.org`_\n\n.. _#cats:matrix.org: LINK", [link(3, 23, "#cats:matrix.org")]),
        ("`#cats:matrix.org`_\n\n.. _#cats\\:matrix.org: LINK", [link(3, 24, "#cats:matrix.org")]),
        ("`#cats:matrix.org`_\n\n.. _`#cats:matrix.org`: LINK", [link(3, 25, "#cats:matrix.org")]),
        (".. _chat:\n   LINK\n\nchat_", [link(2, 4, "chat")]),
        (
            ".. _chat: https://matrix.to/#/\n   #cats:matrix.org\n\nchat_",
            [link(1, 11, "chat", text="https://matrix.to/#/\n   #cats:matrix.org")],
        ),
        (f".. _a: {DOGS}\n.. _b: LINK\n\nb_ a_", [dogs(1, 8, "a"), link(2, 8, "b")]),
        (".. _a:\n.. _b: LINK\n\na_", [link(2, 8, "a")]),
        (".. _a: b_\n.. _b: LINK\n\na_", [link(2, 8, "a")]),
        (f"chat_\n\n.. _chat: LINK\n.. _chat: {DOGS}", [link(3, 11, "chat"), dogs(4, 11)]),
        ("::\n\n   chat_\n\nThe `CHAT`_\n\n.. _chat: LINK", [link(7, 11, "CHAT")]),
        ("``the chat_`` The `CHAT`_\n\n.. _chat: LINK", [link(3, 11, "CHAT")]),
        ("IRC/chat_\n\n.. _chat: LINK", [link(3, 11, "chat")]),
        ("Chat_ or talk_\n\n.. _talk:\n.. _chat: LINK", [link(4, 11, "Chat")]),
        ("`Our \\<chat>`_\n\n.. _Our <chat>: LINK", [link(3, 17, "Our <chat>")]),
    ],
)
def test_a_target_has_the_text_of_its_first_use(text: str, links: list[Row]) -> None:
    assert rows("a.rst", text) == links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (f"`one`__ and two__\n\n__ LINK\n.. __: {DOGS}", [link(3, 4, "one"), dogs(4, 8, "two")]),
        (
            f"`one`__ `web <https://a.org>`__ `two`__\n\n__ https://b.org\n__ {DOGS}",
            [dogs(4, 4, "two")],
        ),
        ("``__init__`` and `one`__\n\n__ LINK", [link(3, 4, "one")]),
        ("``no__ no``, `one`__\n\n__ LINK", [link(3, 4, "one")]),
        ("`the <a\\>`__\n\n__ LINK", [link(3, 4, "the <a>")]),
        (".. code::\n\n   `no`__\n\n   __ https://a.org\n\n`one`__\n\n__ LINK", [link(9, 4, "one")]),
    ],
)
def test_an_anonymous_target_has_the_text_of_the_use_with_its_number(text: str, links: list[Row]) -> None:
    assert rows("a.rst", text) == links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("|room|_\n\n.. |room| replace:: Our\n   *room*\n.. _room: LINK", [link(5, 11, "Our *room*")]),
        ("|room|__\n\n.. |room| replace:: Our room\n\n__ LINK", [link(5, 4, "Our room")]),
        ("|room|\n\n.. |room| replace:: `Our room <LINK>`__", [link(3, 32, "Our room")]),
        ("|room|_\n\n.. |room| image:: a.svg\n   :alt: Chat\n.. _room: LINK", [link(5, 11, "Chat")]),
        ("|room|_\n\n.. |room| image:: a.svg\n.. _room: LINK", [link(4, 11, "room")]),
    ],
)
def test_a_substitution_is_the_text_of_a_link(text: str, links: list[Row]) -> None:
    assert rows("a.rst", text) == links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (".. image:: a.svg\n   :target: LINK\n   :alt: Our\n      room", [link(2, 13, "Our room")]),
        (".. image:: a.svg\n   :alt: Our room\n   :target:\n      LINK", [link(4, 7, "Our room")]),
        ("* .. figure:: a.svg\n     :alt: Our room\n     :target: LINK", [link(3, 15, "Our room")]),
        (".. |chat| image:: a.svg\n   :target: LINK", [link(2, 13, "chat")]),
        (".. image:: a.svg\n   :alt: #cats:matrix.org\n   :target: LINK", [link(3, 13, "#cats:matrix.org")]),
        (".. image:: a.svg\n   :target: LINK", [link(2, 13)]),
        (".. image:: a.svg\n\n   :target: LINK", [link(3, 13)]),
        (".. grid-item-card:: Our room\n   :link: LINK", [link(2, 11, "Our room")]),
        (
            ".. button-link:: LINK\n   :color: primary\n\n   #cats:matrix.org",
            [link(1, 18, "#cats:matrix.org")],
        ),
        (":Chat: LINK", [link(1, 8)]),
        (".. note:: LINK", [link(1, 11)]),
        (".. A comment: LINK", [link(1, 15)]),
    ],
)
def test_a_directive_labels_its_links(text: str, links: list[Row]) -> None:
    assert rows("a.rst", text) == links


@pytest.mark.parametrize(
    "text",
    [
        ".. image:: BADGE\n   :target: LINK\n   :alt: Chat",
        "|chat|_\n\n.. |chat| image:: BADGE\n   :alt: Chat\n.. _chat: LINK",
    ],
)
def test_a_badge_belongs_to_the_link_that_it_is_the_picture_of(text: str) -> None:
    badge, target = references("a.rst", text)
    assert (badge.text, badge.label, badge.around) == (BADGE, "Chat", LINK)
    assert (target.text, target.label, target.around) == (LINK, "Chat", None)


@pytest.mark.parametrize(
    ("text", "lines_of_code"),
    [
        ("Example::\n\n   LINK\n\n   LINK\n\nLINK", [3, 5]),
        ("::\n\n\tLINK\n        LINK\n LINK", [3, 4, 5]),
        ("- item::\n\n  LINK\n\n    LINK", []),
        ("- item::\n\n    LINK\n  LINK", [3]),
        ("1. item ::\n\n     LINK", [3]),
        ("No block::\n   LINK", []),
        ("No block: ::\n\nLINK", []),
        (".. code-block:: sh\n   :linenos:\n\n   LINK\n\n   LINK\n\nLINK", [4, 6]),
        (".. code:: LINK\n\n   LINK", [3]),
        (".. parsed-literal::\n\n   LINK\n.. note::\n\n   LINK", [3]),
        (".. note::\n\n   LINK\n\n   .. code::\n\n      LINK\n\n   LINK", [7]),
        (">>> chat()\nLINK\n\nLINK", [2]),
        ("> LINK\n\n   LINK", []),
    ],
)
def test_a_literal_block_is_code(text: str, lines_of_code: list[int]) -> None:
    found = references("a.rst", text)
    assert len(found) == text.count("LINK")
    assert [reference.source.line for reference in found if reference.in_code] == lines_of_code


@pytest.mark.parametrize(
    "text",
    [
        "Matrix: #cats_, :ref:`chat <#cats>`, #1:1 and a#cats:matrix.org",
        "Matrix\n\n.. _cats: #cats\n.. _matrix: https://matrix.to/",
        "`room <https://matrix.to/#/#cats:example.org>`_",
        "`room <https://matrix.to/#/#{{ name }}:matrix.org>`_",
    ],
)
def test_what_leads_nowhere_in_matrix_is_no_link(text: str) -> None:
    assert rows("a.rst", text) == []


@pytest.mark.parametrize(
    "piece",
    ["`", "_", "|", "`a`_ ", ".. _a", "::\n\n", ".. code::\n", ":: ", "`<", "a.", ".. _a: a_\n"],
)
def test_much_of_what_opens_markup_hides_no_link(piece: str) -> None:
    text = piece * (100_000 // len(piece)) + f"\n\n{LINK}"
    assert [reference.text for reference in references("a.rst", text)] == [LINK]


def test_as_many_targets_as_uses_are_each_others() -> None:
    text = "".join(f"`room {number}`_\n\n.. _room {number}: LINK\n\n" for number in range(1_000))
    assert [row.label for row in rows("a.rst", text)] == [f"room {number}" for number in range(1_000)]
