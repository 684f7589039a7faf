"""The JSON Schema of a catalogue file, made from the table of its keys that also reads it."""

from typing import Any

from stashmatrix.catalogue import fields
from stashmatrix.catalogue.forms import BOOLEAN, TEXT, Form, ListOf, Mapping, OneOf, Scalar

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_SERVER_NAME = r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.-]{1,255})(:[0-9]{1,5})?"

_SCALARS: dict[Scalar, dict[str, Any]] = {
    TEXT: {"type": "string", "pattern": r"\S"},
    BOOLEAN: {"type": "boolean"},
    fields.ALIAS: {
        "type": "string",
        "pattern": rf"^#[^:\u0000-\u001f\u007f-\u009f]+:{_SERVER_NAME}$",
        "examples": ["#help:example.org"],
    },
    fields.LINK: {
        "type": "string",
        "pattern": r"^(([Hh][Tt]{2}[Pp][Ss]?://)[Mm][Aa][Tt][Rr][Ii][Xx]\.[Tt][Oo]:?/#/|[Mm][Aa][Tt][Rr][Ii][Xx]:).",
    },
    fields.DATE: {"type": "string", "format": "date", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    fields.ID: {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
}

# A room that is not checked says why, and only such a room gives a reason.
_UNCHECKED = {"properties": {"check": {"const": False}}, "required": ["check"]}
_REASON_AND_CHECK = {
    "if": _UNCHECKED,
    "then": {"required": ["reason"]},
    "dependentSchemas": {"reason": _UNCHECKED},
}


def schema() -> dict[str, Any]:
    """Return the schema, in the dialect of 2020-12.

    It cannot say all that ``reading.load`` checks: that an alias or a category is there once only, that
    a room's category exists, that an alias has at most 255 bytes and a port and an IPv6 address that
    exist, and what follows the beginning of a link.
    """
    return {"$schema": DIALECT, "title": "A catalogue of Matrix rooms", **_schema(fields.CATALOGUE)}


def _schema(form: Form) -> dict[str, Any]:
    match form:
        case Scalar():
            return _SCALARS[form]
        case OneOf(values=values):
            return {"enum": list(values)}
        case ListOf(item=item):
            return {"type": "array", "items": _schema(item)}
        case Mapping(fields=keys):
            return {
                "type": "object",
                "properties": {
                    key: {"description": field.meaning, **_schema(field.form)} for key, field in keys.items()
                },
                "required": [key for key, field in keys.items() if field.required],
                "additionalProperties": False,
                **(_REASON_AND_CHECK if form is fields.ROOM else {}),
            }
