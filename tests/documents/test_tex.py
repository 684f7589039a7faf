"""LaTeX and Texinfo: which links are found, where, and with which labels."""

import pytest

from tests.documents.links import Row, link, references, rows


@pytest.mark.parametrize(
    ("path", "text", "links"),
    [
        ("a.tex", r"\href{LINK}{our \emph{big {old} room}}", [link(1, 7, "our big old room")]),
        ("a.tex", r"\href[x=y]{LINK}{our~room}", [link(1, 12, "our room")]),
        ("a.tex", "\\href{%\nLINK}%\n  {\\texttt{\\#cats:matrix.org}}", [link(2, 1, "#cats:matrix.org")]),
        ("a.tex", r"\href{LINK}{no label", [link(1, 7)]),
        ("a.tex", r"\footnote{\url{LINK}}.", [link(1, 16)]),
        ("a.tex", "% LINK", [link(1, 3)]),
        (
            "a.tex",
            r"\href{https://matrix.to/\#/\%23the\_cats:matrix.org}{our room}",
            [
                link(
                    1,
                    7,
                    "our room",
                    text=r"https://matrix.to/\#/\%23the\_cats:matrix.org",
                    target="#the_cats:matrix.org",
                )
            ],
        ),
        ("a.texi", "@uref{LINK, our @code{room}}", [link(1, 7, "our room")]),
        ("a.texi", "@url{LINK, the page, our room}", [link(1, 6, "our room")]),
        ("a.texi", "@uref{LINK}", [link(1, 7)]),
    ],
)
def test_a_command_has_an_address_and_a_label(path: str, text: str, links: list[Row]) -> None:
    assert rows(path, text) == links


@pytest.mark.parametrize(
    ("text", "lines_of_code"),
    [
        ("\\begin{verbatim}\nLINK\n\\end{verbatim}\nLINK", [2]),
        ("\\begin{lstlisting}[x]\nLINK\n\\end{lstlisting}\nLINK", [2]),
        ("\\begin{verbatim}\n\\end{minted}\nLINK\n\\end{verbatim}\nLINK", [3]),
        ("\\begin{itemize}\nLINK\n\\end{itemize}", []),
        ("\\begin{verbatim}\nLINK", []),
        ("@example\nLINK\n@end example\nLINK", [2]),
    ],
)
def test_verbatim_text_is_code(text: str, lines_of_code: list[int]) -> None:
    found = references("a.tex", text)
    assert len(found) == text.count("LINK")
    assert [reference.source.line for reference in found if reference.in_code] == lines_of_code


@pytest.mark.parametrize(
    "piece", ["\\", "{", "\\href{", "\\begin{verbatim}\n", "@example\n", "%", "\\href{LINK}{"]
)
def test_much_of_what_opens_markup_hides_no_link(piece: str) -> None:
    text = piece * (30_000 // len(piece)) + "\n\\href{https://matrix.to/#/#dogs:matrix.org}{dogs}\n"
    last = rows("a.tex", text)[-1]
    assert (last.target, last.label, last.in_code) == ("#dogs:matrix.org", "dogs", False)
