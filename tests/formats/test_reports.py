"""Every format: none lets through what is hostile."""

import re
import unicodedata
from typing import get_args

import pytest

from stashmatrix.commands.check_links import ReportFormat
from stashmatrix.formats.reports import FORMATS
from stashmatrix.records.results import Report


def test_every_format_of_the_command_is_written_here() -> None:
    assert {"table", *FORMATS} == set(get_args(ReportFormat))


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_lets_through_what_moves_hides_or_breaks_text(name: str, hostile: Report) -> None:
    written = FORMATS[name](hostile)
    categories = {unicodedata.category(char) for char in written.replace("\n", "")}
    assert not categories & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    written.encode()


@pytest.mark.parametrize("name", FORMATS)
def test_no_line_of_any_format_is_a_stranger_s_workflow_command(name: str, hostile: Report) -> None:
    written = FORMATS[name](hostile)
    commands = [line for line in written.splitlines() if line.lstrip().startswith("::")]
    assert "##[" not in written
    assert len(commands) == (6 if name == "github" else 0)
    assert all(
        re.fullmatch(r"::(error|notice|warning) file=[^:,]+,line=\d,col=12,title=[a-z-]+::.+", line)
        for line in commands
    )


@pytest.mark.parametrize("name", FORMATS)
def test_a_report_is_written_the_same_each_time(name: str, mixed: Report) -> None:
    assert FORMATS[name](mixed) == FORMATS[name](mixed)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("plain", ""), ("github", ""), ("markdown", "## 0 links: 0 ok, 0 broken, 0 unverified\n")],
)
def test_a_report_without_links_is_short(name: str, expected: str) -> None:
    assert FORMATS[name](Report(())) == expected


@pytest.mark.parametrize("name", ["plain", "github"])
def test_a_format_of_findings_says_nothing_of_what_was_skipped(name: str, skipping: Report) -> None:
    assert FORMATS[name](skipping) == ""
