"""A catalogue that is written as a page and read again is the same catalogue."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stashmatrix.catalogue.model import Catalogue, Flag
from stashmatrix.catalogue.reading import load
from stashmatrix.catalogue.writing import dump
from stashmatrix.page.marks import MARKS, Marks
from stashmatrix.page.reading import read_page
from stashmatrix.page.syntaxes import MARKDOWN, MDX, Syntax
from stashmatrix.page.writing import whole
from tests.support.drawn import NOWHERE, catalogues


def without_places(catalogue: Catalogue) -> Catalogue:
    """Return a catalogue as it would be anywhere."""
    space = catalogue.space
    if space is not None:
        space = space._replace(
            source=NOWHERE, alternatives=tuple(each._replace(source=NOWHERE) for each in space.alternatives)
        )
    rooms = tuple(
        room._replace(
            source=NOWHERE, alternatives=tuple(each._replace(source=NOWHERE) for each in room.alternatives)
        )
        for room in catalogue.rooms
    )
    return catalogue._replace(path="", space=space, rooms=rooms)


OWN_MARKS: Marks = MARKS | {Flag.NSFW: ("*18+*",), Flag.BRIDGED: ("\N{BRIDGE AT NIGHT}",)}


@given(
    catalogue=catalogues(),
    marks=st.sampled_from([MARKS, OWN_MARKS]),
    syntax_and_path=st.sampled_from([(MARKDOWN, "page.md"), (MDX, "page.md"), (MDX, "page.mdx")]),
)
def test_a_page_holds_all_of_a_catalogue(
    catalogue: Catalogue, marks: Marks, syntax_and_path: tuple[Syntax, str]
) -> None:
    syntax, path = syntax_and_path
    page = read_page(path, whole(catalogue, marks, syntax), marks)
    assert page.notes == ()
    assert without_places(page.catalogue) == catalogue


@given(catalogue=catalogues())
def test_a_catalogue_that_is_written_reads_as_it_was(
    catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "written.yaml"
    path.write_text(dump(catalogue), encoding="utf-8")
    assert without_places(load(path)) == catalogue
