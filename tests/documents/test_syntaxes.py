"""What each format tells of its links: places, labels and blocks of code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stashmatrix.documents.escapes import html_view, po_view, settings_view, string_view, xml_view
from stashmatrix.documents.markup import View
from stashmatrix.documents.notebook import notebook_view
from stashmatrix.documents.read import read
from stashmatrix.documents.tex import tex_view

A, B, C, D = (f"https://matrix.to/#/#{name}:matrix.org" for name in "abcd")

ROWS: list[tuple[str, str, list[tuple[object, ...]]]] = [
    # reStructuredText
    ("a.rst", f"`our room <{A}>`_", [(1, 12, A, "our room")]),
    ("a.rst", f"`our\nroom <{A}>`__", [(2, 7, A, "our room")]),
    ("a.rst", f"`#a:matrix.org <{A}>`_", [(1, 17, A, "#a:matrix.org")]),
    ("a.rst", f"`named`_\n\n.. _named: {A}", [(3, 12, A, "named")]),
    ("a.rst", f"A word_.\n\n.. _word: {A}", [(3, 11, A, "word")]),
    ("a.rst", f".. _unused: {A}", [(1, 13, A, None)]),
    ("a.rst", f".. _#a\\:matrix.org: {A}", [(1, 21, A, None)]),
    ("a.rst", f"`one`__ and `two`__\n\n__ {A}\n__ {B}", [(3, 4, A, "one"), (4, 4, B, "two")]),
    ("a.rst", f"|room|_\n\n.. |room| replace:: Our room\n.. _room: {A}", [(4, 11, A, "Our room")]),
    ("a.rst", f".. _below:\n   {A}", [(2, 4, A, None)]),
    (
        "a.rst",
        f".. image:: https://img.shields.io/matrix/b:matrix.org\n   :target: {A}\n   :alt: Chat\n      here",
        [(1, 12, "https://img.shields.io/matrix/b:matrix.org", "Chat here"), (2, 13, A, "Chat here")],
    ),
    (
        "a.rst",
        f".. |chat| image:: badge.svg\n   :alt: Join at {A}\n   :target: {B}",
        [(3, 13, B, f"Join at {A}")],
    ),
    ("a.rst", f"Example::\n\n    {A}\n\n{B}", [(3, 5, A, None, "code"), (5, 1, B, None)]),
    (
        "a.rst",
        f".. code-block:: sh\n\n   open {A}\n\n.. note::\n\n   {B}",
        [(3, 9, A, None, "code"), (7, 4, B, None)],
    ),
    ("a.rst", "``#a:matrix.org`` and :ref:`chat <#b>`", [(1, 3, "#a:matrix.org", None)]),
    # AsciiDoc
    (
        "a.adoc",
        f"{A}[our room] link:{B}[#b:matrix.org^]",
        [(1, 1, A, "our room"), (1, 50, B, "#b:matrix.org")],
    ),
    ("a.adoc", f"{A}[Room,window=_blank,role=x], {B}[]", [(1, 1, A, "Room"), (1, 63, B, None)]),
    ("a.adoc", f":room: {A}\n\nJoin {{room}}[our room].", [(1, 8, A, "our room")]),
    (
        "a.adoc",
        f"image:https://img.shields.io/matrix/b:matrix.org[Chat,link={A}]",
        [(1, 7, "https://img.shields.io/matrix/b:matrix.org", "Chat"), (1, 60, A, "Chat")],
    ),
    ("a.adoc", f"----\n{A}\n----\n{B}", [(2, 1, A, None, "code"), (4, 1, B, None)]),
    ("a.adoc", f"////\n{A}\n////", []),
    # Org, Textile, wikis
    ("a.org", f"[[{A}][our room]] [[{B}]]", [(1, 3, A, "our room"), (1, 51, B, None)]),
    ("a.org", f"#+BEGIN_SRC sh\n{A}\n", [(2, 1, A, None)]),
    ("a.org", f"[[{A}][*#a/b:matrix.org*]]", [(1, 3, A, "#a/b:matrix.org")]),
    ("a.org", f"#+begin_src sh\n{A}\n#+end_src\n: {B}", [(2, 1, A, None, "code"), (4, 3, B, None, "code")]),
    ("a.textile", f'"our room":{A}, "b(title)":{B}.', [(1, 12, A, "our room"), (1, 58, B, "b")]),
    ("a.textile", f"bc. {A}\n\n{B}", [(1, 5, A, None, "code"), (3, 1, B, None)]),
    ("a.wiki", f"[{A} our '''room''']", [(1, 2, A, "our room")]),
    ("a.wiki", f"[[{A}|our room]]", [(1, 3, A, "our room")]),
    # manual pages, TeX
    ("a.1", f".UR {A}\nour\n.I room\n.UE\n.Lk {B} other", [(1, 5, A, "our room"), (5, 5, B, "other")]),
    ("a.7", "https://matrix.to/#/#a\\-b:matrix.org", [(1, 1, "https://matrix.to/#/#a\\-b:matrix.org", None)]),
    (
        "a.tex",
        r"\href{https://matrix.to/\#/\#a\_b:matrix.org}{our \emph{room}}",
        [(1, 7, r"https://matrix.to/\#/\#a\_b:matrix.org", "our room")],
    ),
    ("a.tex", f"\\begin{{verbatim}}\n{A}\n\\end{{verbatim}}", [(2, 1, A, None, "code")]),
    ("a.tex", f"\\begin{{verbatim}}\n{A}", [(2, 1, A, None)]),
    ("a.texi", f"@uref{{{A}, our room}}", [(1, 7, A, "our room")]),
    # data
    (
        "a.json",
        r'{"x": "https:\/\/matrix.to\/#\/#a:matrix.org"}',
        [(1, 8, r"https:\/\/matrix.to\/#\/#a:matrix.org", None)],
    ),
    ("a.json", r'{"matrix": "\u0023a:matrix.org"}', [(1, 13, r"\u0023a:matrix.org", None)]),
    (
        "a.json",
        rf'"\"<a href=\"{A}\">Room</a>\" [#b:matrix.org]({B})"',
        [(1, 14, A, "Room"), (1, 77, B, "#b:matrix.org")],
    ),
    ("a.yaml", f"matrix: {A}\nroom: '#b:matrix.org'", [(1, 9, A, None), (2, 8, "#b:matrix.org", None)]),
    ("a.yml", f"value: |\n    Join [#a:matrix.org]({A})", [(2, 26, A, "#a:matrix.org")]),
    ("a.toml", f"url = '{A}' # matrix: #b:matrix.org", [(1, 8, A, None), (1, 53, "#b:matrix.org", None)]),
    (
        "a.po",
        f'msgid ""\n"Join `us <https://matrix.to/#/"\n"#a:matrix.org>`_"\nmsgstr "[wir]({B})"',
        [(2, 12, 'https://matrix.to/#/"\n"#a:matrix.org', "us"), (4, 15, B, "wir")],
    ),
    (
        "a.ipynb",
        '{"cells": [{"cell_type": "markdown", "source": ["# Matrix\\n",\n"[our\\n",\n"\\"room\\"]('
        + A
        + ')"]},\n'
        '{"cell_type": "code", "outputs": ["' + B + '"], "source": ["x = \'' + C + "'\"]},\n"
        '{"cell_type": "markdown", "source": "#d:matrix.org"}]}',
        [(3, 12, A, 'our "room"'), (4, 90, C, None, "code"), (5, 38, "#d:matrix.org", None)],
    ),
    ("a.metainfo.xml", f'<url type="contact">{A}</url>', [(1, 21, A, None)]),
    ("a.svg", f'<a xlink:href="{A}"><text>Chat</text></a>', [(1, 16, A, "Chat")]),
    # programs
    ("a.py", f'"""`room <{A}>`_, [B]({B})."""', [(1, 11, A, "room"), (1, 53, B, "B")]),
    ("a.py", f'URL = "https://matrix.to/#/#" + room  # or {A}', [(1, 44, A, None)]),
    ("a.js", f"open(`https://matrix.to/#/${{room}}`); open('{A}')", [(1, 44, A, None)]),
    ("a.rs", f"/// See [the room]({A}).", [(1, 20, A, "the room")]),
    ("a.css", "/* matrix */ #nav:matrix.org {}", []),
    (
        "a.unknown",
        f"Matrix: [room]({A}), #b:matrix.org",
        [(1, 16, A, "room"), (1, 52, "#b:matrix.org", None)],
    ),
    ("README", f"matrix: {A}", [(1, 9, A, None)]),
]


@pytest.mark.parametrize(
    ("name", "text", "expected"), ROWS, ids=[f"{index}-{row[0]}" for index, row in enumerate(ROWS)]
)
def test_a_syntax_tells_places_labels_and_code(
    name: str, text: str, expected: list[tuple[object, ...]]
) -> None:
    found = read(name, text.encode(), include_code=True)
    assert [
        (each.source.line, each.source.column, each.text, each.label, *["code"] * each.in_code)
        for each in found
    ] == expected


def test_code_is_left_out_unless_it_is_wanted() -> None:
    for name, text, expected in ROWS:
        assert len(read(name, text.encode())) == len([link for link in expected if "code" not in link])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", "[`#a:matrix.org`](TO)"),
        ("a.md", "[#a:matrix.org][irc]\n\n[irc]: TO"),
        ("a.html", "<a href='TO'>#a:matrix.org</a>"),
        ("a.rst", "`#a:matrix.org <TO>`_"),
        ("a.adoc", "TO[#a:matrix.org]"),
        ("a.org", "[[TO][#a:matrix.org]]"),
        ("a.textile", '"#a:matrix.org":TO'),
        ("a.wiki", "[[TO|#a:matrix.org]] [TO #a:matrix.org]"),
        ("a.tex", r"\href{TO}{\#a:matrix.org}"),
        ("a.1", ".UR TO\n#a:matrix.org\n.UE"),
        ("a.py", "# [#a:matrix.org](TO)"),
    ],
)
def test_an_alias_in_the_text_of_a_link_to_irc_is_a_channel(name: str, text: str) -> None:
    for address in (
        "irc://irc.libera.chat/a",
        "ircs://irc.oftc.net:6697/#a",
        "https://web.libera.chat/#a",
        "https://webchat.oftc.net/?channels=a",
        "https://kiwiirc.com/nextclient/irc.libera.chat/#a",
    ):
        assert read(name, f"Matrix:\n\n{text.replace('TO', address)}".encode()) == ()
    for address in (A, "https://app.element.io/#/room/#a:matrix.org", "https://a.org/circle", "https://irc"):
        found = read(name, f"Matrix:\n\n{text.replace('TO', address)}".encode())
        assert {str(each.target) for each in found} == {"#a:matrix.org"}


def test_the_bytes_tell_the_encoding_and_no_file_is_passed_over() -> None:
    text = f"é\n{A}"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1"):
        [reference] = read("a.txt", text.encode(encoding))
        assert (reference.source.line, reference.source.column, reference.text) == (2, 1, A)


def test_a_line_ends_at_a_line_feed_and_nowhere_else() -> None:
    [reference] = read("a.txt", f"a\r\nb\rc\x0cd\u2028e {A}".encode())
    assert (reference.source.line, reference.source.column) == (2, 9)


@pytest.mark.parametrize(
    ("name", "piece"),
    [
        ("a.rst", f".. _a: {A}\n"),
        ("a.rst", f"__ {A}\n"),
        ("a.rst", "a.a."),
        ("a.org", "#+BEGIN_SRC\n"),
        ("a.tex", "\\begin{verbatim}\n"),
        ("a.1", f".Lk {A} "),
    ],
)
def test_markup_that_nothing_ends_hides_no_link(name: str, piece: str) -> None:
    text = piece * (60_000 // len(piece)) + f"\n{B}\n"
    assert read(name, text.encode())[-1].text == B


PIECES = st.sampled_from(
    [
        A,
        "#a:matrix.org",
        *"[](){}<>`\"'\\\n:#|.!@*_ a",
        "\\u0023",
        "\\/",
        "\\n",
        "\\#",
        "\n\n",
        "    ",
        "\n- ",
        '"source": [',
        '"cell_type": "markdown"',
        "`x <",
        ">`_",
        ".. _a: ",
        "::\n",
        "<a href=",
        "</a>",
        "msgid ",
        '"\n"',
        "```\n",
    ]
)
NAMES = [
    "a." + suffix
    for suffix in [
        "md",
        "mdx",
        "rst",
        "adoc",
        "org",
        "html",
        "json",
        "ipynb",
        "po",
        "tex",
        "1",
        "textile",
        "wiki",
    ]
]


@pytest.mark.parametrize("name", NAMES)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_what_is_found_stands_at_its_place(name: str, text: str) -> None:
    lines = text.split("\n")
    for reference in read(name, text.encode(), include_code=True):
        _, line, column = reference.source
        place = sum(len(each) + 1 for each in lines[: line - 1]) + column - 1
        assert text.startswith(reference.text, place)


@pytest.mark.parametrize(
    "view", [string_view, po_view, settings_view, html_view, xml_view, notebook_view, tex_view]
)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_a_view_keeps_the_place_of_every_character(view: object, text: str) -> None:
    seen = view(text)  # type: ignore[operator]  # each is a function from text to its view
    assert isinstance(seen, View)
    places = [seen.position(index) for index in range(len(seen.text))]
    assert places == sorted(places)
    assert all(0 <= place <= len(text) for place in places)
    assert seen.end(len(seen.text)) <= len(text) or not seen.text
