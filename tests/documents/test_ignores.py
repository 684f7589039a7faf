"""Comments that say what not to report: the forms that work in each format, and what they are about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stashmatrix.documents.read import page

LINK = "https://matrix.to/#/#room:gnome.org"
OTHER = "https://matrix.to/#/#other:gnome.org"
NOTEBOOK = f"""{{"cells": [{{"cell_type": "markdown", "source": [
  "<!-- stashmatrix: ignore -->\\n",
  "\\n",
  "{LINK}"
]}}]}}
"""

FORMS = [
    ("a.md", f"<!-- stashmatrix: ignore -->\n{LINK}\n"),
    ("a.md", f"{LINK} <!-- stashmatrix: ignore -->\n"),
    ("a.md", f"[//]: # (stashmatrix: ignore)\n\n{LINK}\n"),
    ("a.md", f"> <!-- stashmatrix: ignore -->\n>\n> {LINK}\n"),
    ("a.md", f"| a | b |\n|---|---|\n| a | {LINK} <!-- stashmatrix: ignore --> |\n"),
    ("a.mdx", f"{{/* stashmatrix: ignore */}}\n\n{LINK}\n"),
    ("a.html", f'<a href="{LINK}">x</a> <!-- stashmatrix: ignore -->\n'),
    ("a.html.j2", f'{{# stashmatrix: ignore #}}\n<a href="{LINK}">x</a>\n'),
    ("a.hbs", f'{{{{!-- stashmatrix: ignore --}}}}\n<a href="{LINK}">x</a>\n'),
    ("a.erb", f'<%# stashmatrix: ignore %>\n<a href="{LINK}">x</a>\n'),
    ("a.tsx", f'{{/* stashmatrix: ignore */}}\n<a href="{LINK}">x</a>\n'),
    ("a.tsx", f'const url = "{LINK}" // stashmatrix: ignore\n'),
    ("a.xml", f"<!-- stashmatrix: ignore -->\n<url>{LINK}</url>\n"),
    ("a.rst", f".. stashmatrix: ignore\n\nSee {LINK}\n"),
    ("a.adoc", f"// stashmatrix: ignore\n{LINK}[x]\n"),
    ("a.org", f"# stashmatrix: ignore\n[[{LINK}][x]]\n"),
    ("a.textile", f'###. stashmatrix: ignore\n\n"x":{LINK}\n'),
    ("a.wiki", f"<!-- stashmatrix: ignore -->\n[{LINK} x]\n"),
    ("a.tex", f"\\url{{{LINK}}} % stashmatrix: ignore\n"),
    ("a.texi", f"@c stashmatrix: ignore\n@url{{{LINK}}}\n"),
    ("a.1", f'.\\" stashmatrix: ignore\n.UR {LINK}\n.UE\n'),
    ("a.po", f'# stashmatrix: ignore\nmsgid ""\n"See\\n"\n"{LINK}"\nmsgstr ""\n'),
    ("a.po", f'#. stashmatrix: ignore\nmsgid "{LINK}"\nmsgstr ""\n'),
    ("a.yaml", f"url: {LINK} # stashmatrix: ignore\n"),
    ("a.toml", f'# stashmatrix: ignore\nurl = "{LINK}"\n'),
    ("a.jsonc", f'// stashmatrix: ignore\n"{LINK}"\n'),
    ("a.ini", f"; stashmatrix: ignore\nurl={LINK}\n"),
    ("a.properties", f"! stashmatrix: ignore\nurl={LINK}\n"),
    ("a.ipynb", NOTEBOOK),
    ("a.py", f'url = "a\\n{LINK}\\nb"  # stashmatrix: ignore\n'),
    ("a.rs", f"/// stashmatrix: ignore\n/// {LINK}\n"),
    ("a.c", f"/* stashmatrix: ignore */\n/* {LINK} */\n"),
    ("a.sql", f"-- stashmatrix: ignore\n-- {LINK}\n"),
    ("a.hs", f"{{- stashmatrix: ignore -}}\n-- {LINK}\n"),
    ("a.ml", f"(* stashmatrix: ignore *)\n(* {LINK} *)\n"),
    ("a.css", f"/* stashmatrix: ignore */\n/* {LINK} */\n"),
    ("configure.ac", f"dnl stashmatrix: ignore\ndnl {LINK}\n"),
    ("notes", f"# stashmatrix: ignore\n{LINK}\n"),
]


@pytest.mark.parametrize(("name", "text"), FORMS)
def test_a_comment_of_the_format_ignores_its_line_or_the_next(name: str, text: str) -> None:
    [reference, *others] = page(name, f"{text}\n\n{OTHER}\n".encode()).references
    assert [ignore.text for ignore in reference.ignores] == ["stashmatrix: ignore"]
    assert all(other.ignores == () for other in others)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", f"# stashmatrix: ignore\n{LINK}\n"),
        ("a.md", f"`<!-- stashmatrix: ignore -->` {LINK}\n"),
        ("a.md", f"``` <!-- stashmatrix: ignore --> ``` {LINK}\n"),
        ("a.md", f"```\n<!-- stashmatrix: ignore -->\n```\n{LINK}\n"),
        ("a.md", f"    <!-- stashmatrix: ignore -->\n\n{LINK}\n"),
        ("a.md", f"<!-- stashmatrix: ignored -->\n{LINK}\n"),
        ("a.md", f"<!-- stashmatrix: ignore this one -->\n{LINK}\n"),
        ("a.md", f"<!-- stashmatrix:rooms -->\n{LINK}\n"),
        ("a.md", f"<!-- see stashmatrix: ignore -->\n{LINK}\n"),
        ("a.rst", f"Text .. stashmatrix: ignore\n{LINK}\n"),
        ("a.json", f'{{"a": "<!-- stashmatrix: ignore -->", "b": "{LINK}"}}\n'),
    ],
)
def test_what_is_no_comment_to_this_program_ignores_nothing(name: str, text: str) -> None:
    found = page(name, text.encode())
    assert [reference.ignores for reference in found.references] == [()]
    assert found.ignores == ()


@pytest.mark.parametrize(
    ("comment", "codes", "reason"),
    [
        ("ignore", set(), None),
        ("ignore -- an old name", set(), "an old name"),
        ("ignore: an old name", set(), "an old name"),
        ("ignore[label-mismatch]", {"label-mismatch"}, None),
        ("ignore[label-mismatch, missing-via] -- x", {"label-mismatch", "missing-via"}, "x"),
        ("ignore[]", {""}, None),
    ],
)
def test_a_comment_may_have_codes_and_a_reason(comment: str, codes: set[str], reason: str | None) -> None:
    [reference] = page("a.md", f"Hello\n\n  <!-- stashmatrix: {comment} -->\n{LINK}".encode()).references
    [ignore] = reference.ignores
    assert (set(ignore.codes), ignore.reason) == (codes, reason)
    assert ignore.source == ("a.md", 3, 3)


def test_a_comment_at_the_end_of_a_line_says_nothing_of_the_next() -> None:
    found = page("a.md", f"{LINK} <!-- stashmatrix: ignore -->\n{OTHER}\n".encode())
    assert [len(reference.ignores) for reference in found.references] == [1, 0]


def test_comments_may_follow_one_another() -> None:
    text = f"<!-- stashmatrix: ignore[a] -->\n\n<!-- stashmatrix: ignore[b] -->\n\n{LINK}\n{OTHER}\n"
    first, second = page("a.md", text.encode()).references
    assert [ignore.text[-3:] for ignore in first.ignores] == ["[a]", "[b]"]
    assert second.ignores == ()


@pytest.mark.parametrize(
    ("begin", "end", "inside", "behind"),
    [
        ("off", "on", 1, 0),
        ("off[a]", "on", 1, 0),
        ("off[a]", "on[a]", 1, 0),
        ("off[a]", "on[b]", 1, 1),
        ("off", "on[a]", 1, 1),
        ("off", "ignore", 1, 2),
        ("on", "on", 0, 0),
    ],
)
def test_a_stretch_is_ignored_up_to_what_ends_it(begin: str, end: str, inside: int, behind: int) -> None:
    text = (
        f"{LINK}\n\n<!-- stashmatrix: {begin} -->\n\n{LINK}\n\n{LINK}\n\n"
        f"<!-- stashmatrix: {end} -->\n\n{LINK}\n"
    )
    found = page("a.md", text.encode()).references
    assert [len(reference.ignores) for reference in found] == [0, inside, inside, behind]


def test_each_comment_is_told_even_in_a_file_without_links() -> None:
    text = "<!-- stashmatrix: ignore -->\n\n<!-- stashmatrix: off -->\n\n<!-- stashmatrix: on -->\n"
    found = page("a.md", text.encode())
    assert [ignore.source and ignore.source.line for ignore in found.ignores] == [1, 3]
    assert found.references == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_comments_count_in_any_encoding(encoding: str) -> None:
    [reference] = page("a.md", f"{LINK} <!-- stashmatrix: ignore -->".encode(encoding)).references
    assert len(reference.ignores) == 1


WORDS = ("ignore", "off", "on[a]")
PIECES = ["<!-- ", "-->", "# ", "`", "\n", LINK, *(f"stashmatrix: {word}" for word in WORDS)]


@given(st.lists(st.sampled_from(PIECES)), st.sampled_from(["a.md", "a.rst", "a.py", "a.ipynb", "a.po"]))
def test_comments_never_change_what_is_found(pieces: list[str], name: str) -> None:
    text = "".join(pieces)
    found = page(name, text.encode())
    without = page(name, text.replace("stashmatrix:", "otherprogram").encode())
    assert [each.source for each in found.references] == [each.source for each in without.references]
    lines = text.split("\n")
    for ignore in found.ignores:
        assert ignore.source is not None
        assert ignore.text in lines[ignore.source.line - 1][ignore.source.column - 1 :]
