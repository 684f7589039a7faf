"""Markdown and its kin: which links are found, where, and with which labels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.documents.links import BADGE, LINK, Row, link, references, rows


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("Chat in [our room](LINK).", [link(1, 20, "our room")]),
        ('![our room](LINK "title")', [link(1, 13, "our room")]),
        ('[a *long*\nlabel](\n  LINK\n  "title")\n', [link(3, 3, "a long label")]),
        ("[*a**b*](LINK)", [link(1, 10, "a**b")]),
        ("[our `#cats` room](<LINK>)", [link(1, 21, "our #cats room")]),
        ("[\\#cats\\_and &amp; dogs](LINK)", [link(1, 26, "#cats_and & dogs")]),
        (
            "[x](https://matrix.to/#/#cats\\_dogs:matrix.org)",
            [
                link(
                    1,
                    5,
                    "x",
                    text="https://matrix.to/#/#cats\\_dogs:matrix.org",
                    target="#cats_dogs:matrix.org",
                )
            ],
        ),
    ],
)
def test_a_link_has_the_text_that_a_reader_sees(text: str, links: list[Row]) -> None:
    assert rows("a.md", text) == links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("[Our room][chat], [chat] and [the][chat]\n\n[chat]: LINK", [link(3, 9, "Our room")]),
        ('[chat][]\n\n> [CHAT]:\n> <LINK>\n> "title"', [link(4, 4, "chat")]),
        ("Nobody uses it.\n\n[chat]: LINK", [link(3, 9)]),
        (
            "[#cats:matrix.org] or [room][#cats:matrix.org]\n\n[#cats:matrix.org]: LINK",
            [link(3, 21, "#cats:matrix.org")],
        ),
        ("No [^1] definition.\n\n[^1]: See LINK.", [link(3, 11)]),
        (
            "[one]\n\n[one]: LINK\n[one]: https://matrix.to/#/#dogs:matrix.org",
            [
                link(3, 8, "one"),
                link(4, 8, text="https://matrix.to/#/#dogs:matrix.org", target="#dogs:matrix.org"),
            ],
        ),
    ],
)
def test_a_reference_link_stands_at_its_definition_with_the_text_of_its_first_use(
    text: str, links: list[Row]
) -> None:
    assert rows("a.md", text) == links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("<LINK>", [link(1, 2)]),
        (
            '(LINK), *LINK*, **LINK**. `LINK`! "LINK"',
            [link(1, 2), link(1, 42), link(1, 83), link(1, 124), link(1, 164)],
        ),
        ("See LINK?\nOr #cats:matrix.org, of course.", [link(1, 5), link(2, 4, text="#cats:matrix.org")]),
        (
            "#cats:matrix.org is the text of [#cats:matrix.org](https://example.org/matrix)",
            [link(1, 1, text="#cats:matrix.org"), link(1, 34, text="#cats:matrix.org")],
        ),
        (
            "\\#cats\\_dogs:matrix.org is no heading",
            [link(1, 2, text="#cats\\_dogs:matrix.org", target="#cats_dogs:matrix.org")],
        ),
    ],
)
def test_a_bare_link_has_no_label_and_ends_where_its_sentence_goes_on(text: str, links: list[Row]) -> None:
    assert rows("a.md", text) == links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("[![Chat](BADGE?label=x)](LINK)", [link(1, 10, "Chat", text="BADGE?label=x"), link(1, 66, "Chat")]),
        (
            "[![Chat][badge]][chat]\n\n[badge]: BADGE\n[chat]: LINK",
            [link(3, 10, "Chat", text="BADGE"), link(4, 9, "Chat")],
        ),
        ("![Chat](BADGE)", [link(1, 9, "Chat", text="BADGE")]),
        ("[![Join at LINK](https://example.org/a.svg)](LINK)", [link(1, 78, "Join at LINK")]),
        (
            '<a href="LINK"><img src="BADGE" alt="Chat"></a>',
            [link(1, 10, "Chat"), link(1, 58, "Chat", text="BADGE")],
        ),
    ],
)
def test_a_badge_and_the_link_around_it_have_the_alternative_text(text: str, links: list[Row]) -> None:
    assert rows("a.md", text) == links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("[#cats:matrix.org](#)", [link(1, 20, "#cats:matrix.org", text="#", target=None)]),
        ("[#cats:matrix.org]() in Matrix", [link(1, 20, "#cats:matrix.org", text="", target=None)]),
        ("[#cats](https://matrix.to/#/)", [link(1, 9, "#cats", text="https://matrix.to/#/", target=None)]),
        ("[Matrix](https://matrix.to/#/)", []),
        ("[Matrix](#) [top](#)", []),
    ],
)
def test_a_link_that_leads_nowhere_counts_if_its_text_names_a_room(text: str, links: list[Row]) -> None:
    assert rows("a.md", text) == links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (
            "| Room | Link |\n|---|:-:|\n| cats | [a \\| b](LINK) |\n| [x | y](LINK) |",
            [link(3, 19, "a | b"), link(4, 11)],
        ),
        ("| [a](LINK) |\n|---|", [link(1, 7, "a")]),
        ("Room | Link\n--- | ---\ncats | LINK\n", [link(3, 8)]),
    ],
)
def test_cells_of_tables_stand_alone(text: str, links: list[Row]) -> None:
    assert rows("a.md", text) == links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("- [ ] [cats](LINK)\n- [x] LINK", [link(1, 14, "cats"), link(2, 7)]),
        ("1. one\n\n   [cats](LINK)\n\n       code LINK\n", [link(3, 11, "cats"), link(5, 13, in_code=True)]),
        ("2) *\n\n\n    [cats](LINK)", [link(4, 12, "cats")]),
        ("-\n  [cats](LINK)", [link(2, 10, "cats")]),
        ("> 1. - ```\n>      LINK\n>      ```\n>      LINK", [link(2, 8, in_code=True), link(4, 8)]),
        ("* one\n    * [cats](LINK)", [link(2, 14, "cats")]),
    ],
)
def test_items_of_lists_hold_links(text: str, links: list[Row]) -> None:
    assert rows("a.md", text) == links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("```\nLINK\n```\n[a](LINK)", [link(2, 1, in_code=True), link(4, 5, "a")]),
        ("    LINK\n\nno code: LINK", [link(1, 5, in_code=True), link(3, 10)]),
        ("- item\n  ~~~ sh\n  LINK\n  ~~~\n  [b](LINK)", [link(3, 3, in_code=True), link(5, 7, "b")]),
        ("> ```\n> LINK\n\nno code: LINK", [link(2, 3, in_code=True), link(4, 10)]),
        ("```\nopen LINK", [link(2, 6, in_code=True)]),
        ("<pre>\nLINK\n</pre>\nno code: LINK", [link(2, 1, in_code=True), link(4, 10)]),
        ("# a\n\n````\n```\n# no heading\n\nLINK\n````\n\nLINK", [link(7, 1, in_code=True), link(10, 1)]),
        ("```{image} LINK\n:target: LINK\n```", [link(1, 12), link(2, 10)]),
        ("- a\n  ```{note}\n  [b](LINK)\n  ```\n", [link(3, 7, "b")]),
        ("````{tip}\n```sh\nLINK\n```\n[b](LINK)\n````", [link(3, 1, in_code=True), link(5, 5, "b")]),
        (
            "```{code-block} sh\nLINK\n```\n```{r}\nLINK\n```",
            [link(2, 1, in_code=True), link(5, 1, in_code=True)],
        ),
    ],
)
def test_links_in_blocks_of_code_say_so(text: str, links: list[Row]) -> None:
    assert rows("a.md", text) == links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (
            '---\nredirect_to: LINK\ntitle: "[a](LINK)"\n---\n[b](LINK)',
            [link(2, 14), link(3, 13), link(5, 5, "b")],
        ),
        ("---\na: |\n  ```\n---\n[a](LINK)", [link(5, 5, "a")]),
        ('[a](LINK){:target="_blank"} [b](LINK){.button #c}', [link(1, 5, "a"), link(1, 65, "b")]),
        (
            '{{< button href="LINK" >}}Join{{< /button >}}\n{% include button.html url="LINK" %}',
            [link(1, 18), link(2, 29)],
        ),
        ('!!! note "Chat"\n\n    [a](LINK)\n', [link(3, 9, "a")]),
        ("Term\n\n:   [a](LINK)\n\n    [b](LINK)", [link(3, 9, "a"), link(5, 9, "b")]),
        ("Text.[^1]\n\n[^1]: One.\n\n    [a](LINK)\n", [link(5, 9, "a")]),
        (":::tip\n[a](LINK)\n:::", [link(2, 5, "a")]),
    ],
)
def test_what_processors_add_to_markdown_hides_no_link(text: str, links: list[Row]) -> None:
    assert rows("a.md", text) == links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("<!-- [a](LINK) -->\n\n<!--\n[b](LINK)\n-->", [link(1, 10, "a"), link(4, 5, "b")]),
        (
            '<div align="center">\n\n[a](LINK)\n\n<a href="LINK">b</a>\n</div>',
            [link(3, 5, "a"), link(5, 10, "b")],
        ),
        ("<details>\n[a](LINK)\n</details>", [link(2, 5, "a")]),
        ("<br>[a](LINK)<br>", [link(1, 9, "a")]),
        ("<style>\n#cats:matrix.org {}\n</style>\nMatrix", []),
    ],
)
def test_html_in_markdown_is_html_with_markdown_in_it(text: str, links: list[Row]) -> None:
    assert rows("a.md", text) == links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (
            (
                'import A from "b"\n\n<Card>\n    <Link to="LINK">cats</Link>\n\n    [a](LINK)\n</Card>\n\n'
                "{/* [b](LINK) */}"
            ),
            [link(4, 15, "cats"), link(6, 9, "a"), link(9, 9, "b")],
        ),
    ],
)
def test_mdx_has_no_code_by_its_indent(text: str, links: list[Row]) -> None:
    assert rows("a.mdx", text) == links


def test_an_underscore_may_be_escaped_in_any_text() -> None:
    (reference,) = references("a.txt", "#cats\\_dogs:matrix.org in Matrix")
    assert (reference.text, reference.target) == ("#cats\\_dogs:matrix.org", "#cats_dogs:matrix.org")


@pytest.mark.parametrize(
    ("text", "around"),
    [
        ("[![Chat](BADGE)](LINK)", LINK),
        ("[![Chat][b]][c]\n\n[b]: BADGE\n[c]: LINK", LINK),
        ('<a href="LINK">\n  <img src="BADGE">\n</a>', LINK),
        ("[![Chat](BADGE)](/chat)", "/chat"),
        ("![Chat](BADGE) [x](LINK)", None),
    ],
)
def test_a_badge_knows_the_link_around_it(text: str, around: str | None) -> None:
    badge = next(reference for reference in references("a.md", text) if reference.text == BADGE)
    assert badge.around == around


LONG_LIST = "".join(f"- item {number}\n    - inner\n" for number in range(1_000))


@pytest.mark.parametrize(
    ("text", "label", "in_code"),
    [
        (f"{LONG_LIST}    - [a](LINK)\n{LONG_LIST}", "a", False),
        ("- item\n" + "    - inner\n" * 1_000 + "    - [a](LINK)", "a", False),
        (f"{LONG_LIST}    ```\n    [a](LINK)\n    ```\n", None, True),
        ("- text\n" + "  ```\n  code\n  ```\n" * 1_000 + "  [a](LINK)\n", "a", False),
        ("- text\n\n      ```\n\n" + "Text.\n\n" * 3_000 + "[a](LINK)", "a", False),
        ("```\n" + "code\n\n" * 3_000 + "[a](LINK)\n```", None, True),
        ("```\n" + "code\n\n" * 3_000 + "```\n[a](LINK)", "a", False),
        ("---\na: |\n  ```\n---\n" + "text\n" * 3_000 + "[a](LINK)", "a", False),
        ("word " * 3_000 + "[a](LINK)" + " word" * 3_000, "a", False),
        ("---\n\n" + "Text.\n\n" * 10 + "[a](LINK)\n\n---\n", "a", False),
    ],
    ids=range(10),
)
def test_the_length_of_a_document_changes_nothing(text: str, label: str | None, *, in_code: bool) -> None:
    assert [(row.label, row.in_code) for row in rows("a.md", text)] == [(label, in_code)]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_and_a_mark_of_the_encoding_change_nothing(end: str, mark: str) -> None:
    lines = [
        "---",
        "a: LINK",
        "---",
        "> [our",
        "> room](LINK)",
        "",
        "```",
        "LINK",
        "```",
        "- [r]",
        "",
        "[r]: LINK",
    ]
    assert rows("a.md", mark + end.join(lines)) == [
        link(2, 4),
        link(5, 9, "our room"),
        link(8, 1, in_code=True),
        link(12, 6, "r"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 50_000,
        "[a" * 25_000,
        "](" * 25_000,
        "[](" * 20_000,
        "`" * 50_000,
        " ".join("`" * length for length in range(1, 300)),
        "<!--" * 20_000,
        '<a href="' * 10_000,
        "> " * 20_000,
        ">>>- \n" * 10_000,
        "![b " * 10_000 + "](x)" * 10_000,
        "[b " * 2_000 + "](LINK)" * 2_000,
        "- ```\n" * 10_000,
        "[a]: b\n" * 10_000,
        "|-|\n" * 10_000,
        "\n\n".join(f"[d{number}]: /x" for number in range(5_000)),
    ],
    ids=lambda text: repr(text[:12]),
)
def test_hostile_text_hides_no_link_around_it(text: str) -> None:
    lines = {line for line, *_ in rows("a.md", f"LINK\n\n{text}\n\nLINK")}
    assert {1, text.count("\n") + 5} <= lines


PIECES = st.sampled_from(
    [
        *(
            "LINK",
            "[a](LINK)",
            "[![a](BADGE)](LINK)",
            "[r]: LINK\n",
            "[r]",
            "#cats:matrix.org",
            '<a href="LINK">',
            "</a>",
        ),
        *(
            "[",
            "](",
            ")",
            "`",
            "```\n",
            "\n",
            "\r\n",
            "\n\n",
            "> ",
            "- ",
            "    ",
            "\t",
            "|",
            "<!--",
            "-->",
            "\\",
            "é",
            "🐈",
        ),
        *("---\n", "<pre>", "</pre>", "<", "{", "}", "&amp;", "*", "_", "#", "(#)"),
    ]
)


@given(st.lists(PIECES, max_size=40), st.sampled_from(["a.md", "a.mdx", "a.html"]))
def test_what_is_found_stands_where_it_is_said_to(pieces: list[str], path: str) -> None:
    text = "".join(pieces).replace("LINK", LINK).replace("BADGE", BADGE)
    lines = text.split("\n")
    for reference in references(path, text):
        start = (reference.source.column or 0) - 1
        assert "\n".join(lines[reference.source.line - 1 :])[start:].startswith(reference.text)
