"""The table of the catalogue's keys: what it promises to those who make documentation and schemas of it."""

from collections.abc import Iterator

import pytest

from stashmatrix.catalogue import fields
from stashmatrix.catalogue.forms import Field, Form, ListOf, Mapping, Scalar


def fields_of(form: Form, place: str) -> Iterator[tuple[str, Field]]:
    """Yield each key with its place, of a form and all forms within."""
    match form:
        case ListOf(item):
            yield from fields_of(item, f"{place}[]")
        case Mapping(fields=keys):
            for key, field in keys.items():
                yield f"{place}.{key}", field
                yield from fields_of(field.form, f"{place}.{key}")
        case _:
            pass


FIELDS = dict(fields_of(fields.CATALOGUE, ""))


def test_every_key_of_a_catalogue_is_in_the_table() -> None:
    assert [place for place, field in FIELDS.items() if field.required] == [
        ".community",
        ".community.name",
        ".space.alias",
        ".categories",
        ".categories[].id",
        ".categories[].title",
        ".rooms",
        ".rooms[].alias",
        ".rooms[].category",
    ]
    assert [place for place, field in FIELDS.items() if not field.required] == [
        ".community.prefix",
        ".source",
        ".as_of",
        ".space",
        ".space.alternatives",
        ".flags",
        ".flags.nsfw",
        ".flags.bridged",
        ".flags.archived",
        ".rooms[].name",
        ".rooms[].aliases",
        ".rooms[].flags",
        ".rooms[].description",
        ".rooms[].published_link",
        ".rooms[].check",
        ".rooms[].reason",
    ]


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS.keys())
def test_every_key_has_its_meaning_in_one_sentence(field: Field) -> None:
    assert field.meaning[0].isupper()
    assert field.meaning.endswith(".")
    assert ". " not in field.meaning


def test_every_way_to_read_a_single_value_has_a_kind_of_its_own() -> None:
    forms = [field.form.item if isinstance(field.form, ListOf) else field.form for field in FIELDS.values()]
    scalars = {form for form in forms if isinstance(form, Scalar)}
    assert {form.kind for form in scalars} == {"text", "alias", "link", "date", "id", "boolean"}
    assert len(scalars) == len({form.kind for form in scalars})
