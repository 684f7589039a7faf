"""The JSON Schema of catalogues: it refuses what reading refuses, and nothing else."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from stashmatrix.catalogue import fields, reading
from stashmatrix.catalogue.forms import BOOLEAN, TEXT, Form, ListOf, Mapping, OneOf, Scalar
from stashmatrix.catalogue.schema import schema
from stashmatrix.errors import InvalidFileError
from tests.support.process import Run

VALIDATOR = Draft202012Validator(schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)

TEXTS: dict[Scalar, list[Any]] = {
    TEXT: ["Support rooms", "#1: \u00fcber", " x ", "", " ", "\u3000", "yes", "7"],
    BOOLEAN: [True, False, "true", "no"],
    fields.ALIAS: [
        "#a:x.org",
        "#b:x.org:8448",
        "#\u00fc/ b:[2001:db8::1]:1",
        "#:x.org",
        "#a",
        "a:x.org",
        "#a:x y",
        "#a:",
        "#a\u0007:x.org",
        "!a:x.org",
        "",
    ],
    fields.LINK: [
        "https://matrix.to/#/#a:x.org",
        "HTTP://Matrix.To:/#/%23a:x.org",
        "matrix:r/a:x.org",
        "MATRIX:u/a:x.org",
        "https://example.org/",
        "https://matrix.to/#/",
        "#a:x.org",
    ],
    fields.DATE: ["2024-01-16", "2024-02-29", "2023-02-29", "20240116", "2024-1-16", "2024-W03-2", ""],
    fields.ID: ["talk", "bot-feed", "2", "Talk", "-", "a--b", "a b", "\u00fc", ""],
}
"""Values of each kind, good and bad."""

JUNK = st.sampled_from([None, 7, 1.5, True, "x", [], {}, ["x"], {"x": "y"}])


def values(form: Form) -> st.SearchStrategy[Any]:
    """Return values of a form, some of them wrong."""
    match form:
        case Scalar():
            good = st.sampled_from(TEXTS[form])
        case OneOf(values=words):
            good = st.sampled_from([*words, "loud"])
        case ListOf(item=item):
            good = st.lists(values(item), max_size=3)
        case Mapping(fields=keys):
            required = {key: values(field.form) for key, field in keys.items() if field.required}
            optional = {key: values(field.form) for key, field in keys.items() if not field.required}
            exact = st.fixed_dictionaries(required, optional=optional)
            changed = st.tuples(exact, st.sampled_from([*keys, "colour"]), JUNK)
            return st.integers(0, 9).flatmap(
                lambda n: exact if n else changed.map(lambda new: new[0] | {new[1]: new[2]})
            )
    return st.integers(0, 19).flatmap(lambda n: good if n else JUNK)


def faults(path: Path) -> Iterable[str]:
    """Return what is wrong with a catalogue, but for what no schema can say."""
    try:
        reading.load(path)
    except InvalidFileError as error:
        return [
            fault.message
            for fault in error.faults
            if not fault.message.startswith(("duplicate ", "unknown category "))
        ]
    return []


@given(content=values(fields.CATALOGUE))
def test_the_schema_refuses_just_what_reading_refuses(
    content: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "rooms.yaml"
    path.write_text(json.dumps(content))
    refused = [error.message for error in VALIDATOR.iter_errors(content)]
    found = faults(path)
    assert bool(refused) == bool(found), (refused, found)


@pytest.mark.parametrize("kind", list(TEXTS), ids=lambda kind: str(kind.kind))
def test_each_kind_of_value_is_told_alike(kind: Scalar, tmp_path: Path) -> None:
    path = tmp_path / "rooms.yaml"
    place = {fields.ALIAS: "alias", fields.LINK: "published_link", TEXT: "description", BOOLEAN: "check"}
    for value in TEXTS[kind]:
        room = {"alias": "#room:x.org", "category": "talk"}
        content: dict[str, Any] = {
            "community": {"name": "X"},
            "categories": [{"id": "talk", "title": "Talk"}],
            "rooms": [room],
        }
        if kind is fields.DATE:
            content["as_of"] = value
        elif kind is fields.ID:
            content["categories"].append({"id": value, "title": "Other"})
        else:
            room[place[kind]] = value
        if value is False:
            room["reason"] = "members only"
        path.write_text(json.dumps(content))
        assert VALIDATOR.is_valid(content) == (not faults(path)), value


def test_the_schema_is_one_of_its_dialect() -> None:
    Draft202012Validator.check_schema(schema())


def test_validate_prints_the_schema_that_ships_beside_the_bundled_catalogue(run: Run) -> None:
    printed = run("validate", "--schema")
    assert json.loads(printed.stdout) == schema()
    assert printed.stdout == reading.bundled("rooms.schema.json").read_text()
    first = reading.bundled("rooms.yaml").read_text().partition("\n")[0]
    assert first == "# yaml-language-server: $schema=rooms.schema.json"


def test_the_schema_is_of_no_file(run: Run) -> None:
    result = run("validate", "--schema", "rooms.yaml")
    assert "--schema" in result.stderr
    assert result.status == 2
