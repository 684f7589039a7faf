"""The section of a page between its marker comments."""

import pytest

from stashmatrix.errors import InvalidFileError
from stashmatrix.page.marks import MARKS
from stashmatrix.page.reading import read_page
from stashmatrix.page.section import find

BEGIN, END = "<!-- stashmatrix:rooms -->\n", "<!-- /stashmatrix:rooms -->\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"a\n{BEGIN}b\n{END}c\n", "b\n"),
        (f"{BEGIN}{END}", ""),
        (f"<!-- stashmatrix:rooms (made from rooms.yaml) -->\nb\n{END}", "b\n"),
        (f"{BEGIN}b\n{END}".replace("\n", "\r\n"), "b\r\n"),
        (f"```\n{BEGIN}x\n{END}```\n{BEGIN}b\n{END}", "b\n"),
        (f"{BEGIN}b\n{END}".rstrip("\n"), "b\n"),
        ("no markers", None),
        ("see `<!-- stashmatrix:rooms -->` for that", None),
        (f"````\n```\n{BEGIN}x\n{END}````\n", None),
    ],
)
def test_the_section_is_what_stands_between_the_markers(text: str, expected: str | None) -> None:
    markers = find("page.md", text)
    assert (None if markers is None else text[markers.begin : markers.end]) == expected


FORMS = {
    "page.md": "<!-- {} -->",
    "README": "{{/* {} */}}",
    "page.mdx": "{{/* {} */}}",
    "page.rst": ".. {}",
    "page.ADOC": "// {}",
    "page.html": "<!-- {} -->",
}


@pytest.mark.parametrize(("path", "form"), FORMS.items())
def test_the_markers_are_comments_of_the_format_of_the_file(path: str, form: str) -> None:
    begin, end = form.format("stashmatrix:rooms"), form.format("/stashmatrix:rooms")
    text = f"a\n{begin}\nb\n{end}\nc\n"
    markers = find(path, text)
    assert markers is not None
    assert text[markers.begin : markers.end] == "b\n"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("page.rst", "::\n\n  .. stashmatrix:rooms\n  .. /stashmatrix:rooms\n"),
        ("page.adoc", "----\n// stashmatrix:rooms\n// /stashmatrix:rooms\n----\n"),
        ("page.mdx", "```\n{/* stashmatrix:rooms */}\n{/* /stashmatrix:rooms */}\n```\n"),
        ("page.rst", f"{BEGIN}{END}"),
        ("page.md", ".. stashmatrix:rooms\n.. /stashmatrix:rooms\n"),
    ],
)
def test_an_example_of_markers_is_none(path: str, text: str) -> None:
    assert find(path, text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"a\n{BEGIN}b\n", [(2, 6, "no /stashmatrix:rooms ends this section")]),
        (f"a\n{END}", [(2, 6, "/stashmatrix:rooms ends a section that nothing begins")]),
        (
            f"{BEGIN}{END}{BEGIN}{END}",
            [
                (3, 6, "stashmatrix:rooms is there twice: expected one section"),
                (4, 6, "/stashmatrix:rooms ends a section that nothing begins"),
            ],
        ),
        (f"{BEGIN}{BEGIN}{END}", [(2, 6, "stashmatrix:rooms is there twice: expected one section")]),
    ],
)
def test_markers_that_are_no_pair_are_faults(text: str, expected: list[tuple[int, int, str]]) -> None:
    with pytest.raises(InvalidFileError) as caught:
        find("page.md", text)
    assert list(map(tuple, caught.value.faults)) == expected


NAMED = '{"community": {"name": "x"}'


@pytest.mark.parametrize(
    "header",
    [
        "{x}",
        '{"community": 7}',
        '{"community": {}}',
        '{"community": {"name": 7}}',
        NAMED + ', "source": 7}',
        NAMED + ', "as_of": "today"}',
        NAMED + ', "space": {"alias": "x"}}',
        NAMED + ', "flags": {"loud": "x"}}',
        NAMED + ', "flags": {"nsfw": []}}',
    ],
)
def test_a_damaged_header_is_a_fault(header: str) -> None:
    text = f"{BEGIN}<!-- stashmatrix:catalogue {header} -->\n{END}"
    with pytest.raises(InvalidFileError) as caught:
        read_page("page.md", text, MARKS)
    assert [fault[:2] for fault in caught.value.faults] == [(2, 1)]
