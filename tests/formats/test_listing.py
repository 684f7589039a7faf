"""What the directory commands list, read back."""

import csv
import io

import pytest

from stashmatrix.formats import listing


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("=", "'="),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ('=HYPERLINK("https://evil.example","x")', '\'=HYPERLINK("https://evil.example","x")'),
        (("=1", "x"), "'=1,x"),
        ("\t=1", r"\t=1"),
        ("\r=1", r"\r=1"),
        ("\n=1", r"\n=1"),
        ("\x00=1", r"\x00=1"),
        # No formula:
        ("#help:example.org", "#help:example.org"),
        ("a=1+1-1@b", "a=1+1-1@b"),
        ("'=1", "'=1"),
        (" =1", " =1"),
        ("matrix:r/x:example.org", "matrix:r/x:example.org"),
        (7, "7"),
        ("", ""),
        (None, ""),
        ((), ""),
    ],
)
def test_a_cell_that_a_spreadsheet_would_calculate_is_text(
    value: str | int | tuple[str, ...] | None, cell: str
) -> None:
    text = listing.as_csv(
        [{"first": "x", "value": value}, {"first": value, "value": "x"}], ("first", "value")
    )
    assert [*csv.reader(io.StringIO(text))] == [["first", "value"], ["x", cell], [cell, "x"]]


def test_only_csv_changes_what_looks_like_a_formula() -> None:
    record = {"name": "=1+1"}
    assert listing.plain([record]) == "=1+1\n"
    assert listing.details(listing.shown(record)) == "name: =1+1\n"
