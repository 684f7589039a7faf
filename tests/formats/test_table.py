"""The report on a terminal."""

import pytest

from stashmatrix.commands import terminal
from stashmatrix.formats.table import table
from stashmatrix.records.results import Report


@pytest.mark.parametrize("columns", ["20", "40", "80", "200"])
def test_no_line_of_a_table_is_a_workflow_command(
    columns: str, hostile: Report, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    terminal.draw(table(hostile))
    shown = capsys.readouterr().out
    assert shown
    assert not [line for line in shown.splitlines() if line.lstrip().startswith("::")]
    assert "##[" not in shown


def test_a_table_names_what_was_skipped_once_for_each_reason(
    skipping: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.draw(table(skipping))
    assert capsys.readouterr().out == (
        "skipped  #gone:example.org: members only | *\n"
        "         rooms.yaml:9:12\n"
        "skipped  2 links: --ignore '*:down.example'\n"
        "         rooms.yaml:11:12\n"
        "0 links: 0 ok, 0 broken, 0 unverified, 3 skipped\n"
    )
