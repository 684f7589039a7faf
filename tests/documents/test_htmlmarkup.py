"""HTML and what is written like it: which links are found, where, and with which labels."""

import pytest

from stashmatrix.documents.read import read
from tests.documents.links import Row, link, rows


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ('<a href="LINK">cats</a>', [link(1, 10, "cats")]),
        ("<A CLASS=x HREF=LINK>Cats\n  <b>and</b> dogs</A>", [link(1, 17, "Cats and dogs")]),
        ('<a title="a < b" href="LINK">cats</a>', [link(1, 24, "cats")]),
        ("<a title='a > b' href='LINK'>cats &amp; dogs</a>", [link(1, 24, "cats & dogs")]),
        ('<a\n  class="x"\n  href="LINK"\n>\n  cats\n</a>', [link(3, 9, "cats")]),
        (
            '<a href="https://matrix.to/#/%23cats:matrix.org?via=a.org&amp;via=b.org">x</a>',
            [link(1, 10, "x", text="https://matrix.to/#/%23cats:matrix.org?via=a.org&amp;via=b.org")],
        ),
        ('<a href="LINK"><abbr title="y">cats</abbr></a>', [link(1, 10, "cats")]),
        ('<a href="LINK"><img src="x.svg" alt="cats"> chat</a>', [link(1, 10, "cats chat")]),
        ('<a href="LINK" aria-label="cats"><i class="icon"></i></a>', [link(1, 10, "cats")]),
        ('<map><area href="LINK" alt="cats"></map>', [link(1, 18, "cats")]),
        ('<link rel="me" href="LINK">', [link(1, 22)]),
        ('<meta http-equiv="refresh" content="0; url=LINK">', [link(1, 44)]),
        ('<meta name="description" content="LINK is our room">', [link(1, 35)]),
        ('<img src="BADGE" alt="cats">', [link(1, 11, "cats", text="BADGE")]),
        (
            '<a href="LINK"><img src="BADGE" alt="cats"></a>',
            [link(1, 10, "cats"), link(1, 58, "cats", text="BADGE")],
        ),
        ('<a href="#">#cats:matrix.org</a>', [link(1, 10, "#cats:matrix.org", text="#", target=None)]),
        ('<a href="https://example.org/matrix">#cats:matrix.org</a>', [link(1, 38, text="#cats:matrix.org")]),
        (
            '<a href="LINK">#cats:matrix.org</a>, #dogs:matrix.org',
            [
                link(1, 10, "#cats:matrix.org"),
                link(1, 70, text="#dogs:matrix.org", target="#dogs:matrix.org"),
            ],
        ),
        ('<!-- <a href="LINK">cats</a> -->', [link(1, 15, "cats")]),
        (
            '<pre>\n<a href="LINK">cats</a></pre> <a href="LINK">dogs</a>',
            [link(2, 10, "cats", in_code=True), link(2, 72, "dogs")],
        ),
        ("<style>#cats:matrix.org{}</style><p>matrix</p>", []),
        ('<script type="application/ld+json">{"sameAs": ["LINK"]}</script>', [link(1, 49)]),
        (r"<a href=\"LINK\">cats</a>", [link(1, 11, "cats")]),
        ('<a {{ attributes }} {% if x %}class="y"{% endif %} href="LINK">cats</a>', [link(1, 58, "cats")]),
        ('<a class="<?= $x ?>" href="LINK">{{ label }}</a>', [link(1, 28)]),
        ('<a :href="\'LINK\'" @click="go">cats</a>', [link(1, 12, "cats")]),
        ('<svg><a xlink:href="LINK"><text>cats</text></a></svg>', [link(1, 21, "cats")]),
        ("<p>LINK</p>", [link(1, 4)]),
        *(
            (
                f"<p>https://matrix.to/#/#cats{end}",
                [link(1, 4, text="https://matrix.to/#/#cats", target=None)],
            )
            for end in ("</p>", "<br>", "<br/>")
        ),
        ("<p>https://matrix.to/#/#cats<server></p>", []),
        ("<button onclick=\"open('LINK')\">cats</button>", [link(1, 24, "cats")]),
        ('<option value="LINK">cats</option>', [link(1, 16, "cats")]),
        ('<a href="LINK">cats', [link(1, 10)]),
    ],
)
def test_a_link_has_the_text_of_its_element(text: str, links: list[Row]) -> None:
    assert rows("a.html", text) == links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (
            (
                '<a\n  href={"LINK"}\n  onClick={() => { go({ a: { b: 1 } }); }}\n>\n'
                '  <Icon name="matrix" />{" "}\n  {/* a comment */}\n  cats\n</a>'
            ),
            [link(2, 10, "cats")],
        ),
        ("<Link to={`LINK`} {...rest}>cats</Link>", [link(1, 12, "cats")]),
        ('<Link to="LINK">{t("join")}</Link>', [link(1, 11)]),
        ('<Card url="LINK" />', [link(1, 12)]),
    ],
)
def test_jsx_is_read_like_html(text: str, links: list[Row]) -> None:
    assert rows("a.jsx", text) == links


@pytest.mark.parametrize(
    "text", ['<a href="' * 10_000, "<" * 50_000, "<pre>" * 10_000, "<a x={{" * 10_000, "<!--" * 10_000]
)
def test_hostile_text_hides_no_link_around_it(text: str) -> None:
    assert [line for line, *_ in rows("a.html", f"LINK\n{text}\nLINK")] == [1, 3]


def test_a_tag_that_a_program_puts_together_is_no_address_over_several_lines() -> None:
    text = """x = '<a href="https://matrix.to/#/' + room + '">'\ny = '<b class="c">'\n"""
    assert [each.text for each in read("a.ts", text.encode())] == []
