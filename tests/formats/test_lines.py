"""Where a link stands, for people and for what annotates files."""

import json
from dataclasses import replace

import pytest

from stashmatrix.catalogue.reading import bundled, shown_path
from stashmatrix.checks.judge import judge
from stashmatrix.formats import github, gitlab, junit
from stashmatrix.formats.lines import in_repository, location
from stashmatrix.records.answers import Absent
from stashmatrix.records.results import Report
from tests.support.reports import GONE, reference

BUNDLED = str(bundled("rooms.yaml"))
REPORT = Report((), root="/home/me/project")


@pytest.mark.parametrize(
    ("path", "folder", "expected"),
    [
        ("a.md", "", "a.md"),
        ("a.md", "docs", "docs/a.md"),
        ("../a.md", "docs", "a.md"),
        ("/home/me/project/docs/a.md", "docs", "docs/a.md"),
        ("<stdin>", "", "<stdin>"),
        ("../a.md", "", None),
        ("../../a.md", "docs", None),
        ("/home/me/projects/a.md", "", None),
        ("/etc/a.md", "docs", None),
    ],
)
def test_a_path_counts_from_the_repository_or_is_outside(
    path: str, folder: str, expected: str | None
) -> None:
    assert in_repository(path, replace(REPORT, folder=folder)) == expected


def test_the_bundled_catalogue_is_shown_as_such_and_not_as_a_long_path() -> None:
    [link] = judge([reference(GONE, 9, BUNDLED)], {}).links
    assert location(link) == "data/rooms.yaml:9:12 (bundled)"
    assert shown_path(BUNDLED) == "data/rooms.yaml (bundled)"
    assert shown_path("data/rooms.yaml") == "data/rooms.yaml"


@pytest.mark.parametrize("path", [BUNDLED, "../a.md"])
def test_nothing_outside_the_repository_is_annotated(path: str) -> None:
    report = replace(
        judge([reference(GONE, 9, path)], {GONE: Absent(homeserver="https://example.org")}),
        root="/home/me/project",
    )
    assert github.write(report).startswith("::error title=alias-not-found::")
    assert json.loads(gitlab.write(report)) == []
    assert ' file="' not in junit.write(report)
