"""Links in notebooks: Markdown in the strings of a file of JSON."""

import json

from hypothesis import given
from hypothesis import strategies as st

from stashmatrix.documents.notebook import notebook_view
from stashmatrix.documents.read import read
from tests.documents.links import LINK, link, rows


def notebook(*cells: dict[str, object]) -> str:
    """Write a notebook as Jupyter does."""
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=1, sort_keys=True)


def markdown(*lines: str) -> dict[str, object]:
    return {"cell_type": "markdown", "metadata": {}, "source": list(lines)}


def program(*lines: str, outputs: tuple[object, ...] = ()) -> dict[str, object]:
    return {
        "cell_type": "code",
        "execution_count": 1,
        "metadata": {},
        "outputs": list(outputs),
        "source": list(lines),
    }


def test_a_label_goes_on_in_the_next_string() -> None:
    text = notebook(markdown("# Title\n", "\n", "Join [our\n", 'very "own" room](LINK).'))
    assert rows("a.ipynb", text) == [link(10, 25, 'our very "own" room')]


def test_a_definition_of_another_cell_is_one_of_the_document() -> None:
    text = notebook(markdown("Join [us]."), markdown("[us]: LINK"))
    assert rows("a.ipynb", text) == [link(14, 12, "us")]


def test_a_program_and_a_fence_are_code() -> None:
    text = notebook(program("# ~~~\n", "# LINK\n", "```"), markdown("~~~\n", "LINK\n", "~~~\n", "LINK"))
    assert rows("a.ipynb", text) == [
        link(10, 8, in_code=True),
        link(19, 6, in_code=True),
        link(21, 6),
    ]


def test_a_program_may_hold_what_looks_like_the_end_of_a_fence() -> None:
    text = notebook(program("~~~\n", "```\n", "LINK"), markdown("LINK"))
    assert rows("a.ipynb", text) == [link(11, 6, in_code=True), link(18, 6)]


def test_a_raw_cell_is_text() -> None:
    text = notebook({"cell_type": "raw", "metadata": {}, "source": ["LINK"]})
    assert rows("a.ipynb", text) == [link(7, 6)]


def test_an_output_is_no_text() -> None:
    output = {"data": {"text/html": [f'<a href="{LINK}">our room</a>']}, "output_type": "display_data"}
    assert rows("a.ipynb", notebook(program("pass", outputs=(output,)), markdown("our room"))) == []


def test_the_older_formats_have_their_own_keys() -> None:
    text = '{"worksheets": [{"cells": [{"cell_type": "code", "input": ["LINK"], "outputs": []}]}]}'
    assert rows("a.ipynb", text) == [link(1, 61, in_code=True)]


def test_a_writer_may_put_the_source_first() -> None:
    text = (
        '{"cells": [{"source": "[a](LINK)", "cell_type": "markdown"},'
        ' {"source": ["LINK"], "cell_type": "code"}]}'
    )
    assert rows("a.ipynb", text) == [link(1, 28, "a"), link(1, 107, in_code=True)]


def test_what_has_no_cells_is_json() -> None:
    assert rows("a.ipynb", r'{"a": "[room](LINK)"}') == [link(1, 15, "room")]


SOURCES = st.lists(st.tuples(st.booleans(), st.lists(st.text())), max_size=5)


@given(SOURCES)
def test_the_view_has_the_sources_in_their_order(sources: list[tuple[bool, list[str]]]) -> None:
    cells = [program(*lines) if is_code else markdown(*lines) for is_code, lines in sources]
    seen, position = notebook_view(notebook(*cells)).text, 0
    for _, lines in sources:
        if lines:
            position = seen.index("".join(lines), position) + len("".join(lines))


@given(st.lists(st.sampled_from([*'[]()"\\\n`~ é😀', LINK, "#cats:matrix.org"])).map("".join))
def test_a_link_stands_at_its_place(source: str) -> None:
    text = notebook(markdown(*source.splitlines(keepends=True)), program(source))
    lines = text.split("\n")
    for reference in read("a.ipynb", text.encode(), include_code=True):
        line, column = reference.source.line, reference.source.column
        assert lines[line - 1].startswith(reference.text.split("\n")[0], column - 1)
