"""Documents as tables: a text, and the links that are in it."""

from typing import NamedTuple

from stashmatrix.documents.read import read
from stashmatrix.records.reference import Reference

CATS = "#cats:matrix.org"
LINK = f"https://matrix.to/#/{CATS}"
BADGE = "https://img.shields.io/matrix/cats:matrix.org"


class Row(NamedTuple):
    """A link as a table shows it."""

    line: int
    column: int
    text: str
    target: str | None
    label: str | None
    in_code: bool


def link(
    line: int,
    column: int,
    label: str | None = None,
    *,
    text: str = "LINK",
    target: str | None = CATS,
    in_code: bool = False,
) -> Row:
    return Row(line, column, text, target, label, in_code)


def references(path: str, text: str) -> tuple[Reference, ...]:
    """Read a document in which LINK and BADGE stand for their addresses."""
    written = text.replace("LINK", LINK).replace("BADGE", BADGE)
    return read(path, written.encode(), include_code=True)


def rows(path: str, text: str) -> list[Row]:
    """Return the links of such a document, with LINK and BADGE for their addresses."""
    return [
        Row(
            reference.source.line,
            reference.source.column,
            shortened(reference.text),
            None if reference.target is None else str(reference.target),
            None if reference.label is None else shortened(reference.label),
            reference.in_code,
        )
        for reference in references(path, text)
    ]


def shortened(text: str) -> str:
    return text.replace(LINK, "LINK").replace(BADGE, "BADGE")
