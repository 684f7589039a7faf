"""The report on a terminal."""

import pytest

from stashmatrix.checks.grouping import rows
from stashmatrix.commands import terminal
from stashmatrix.formats import table
from stashmatrix.records.findings import Check
from stashmatrix.records.results import Report


@pytest.mark.parametrize("columns", ["20", "40", "80", "200"])
def test_no_line_of_a_table_is_a_workflow_command(
    columns: str, hostile: Report, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    terminal.draw(table.draw(hostile))
    shown = capsys.readouterr().out
    assert shown
    assert not [line for line in shown.splitlines() if line.lstrip().startswith("::")]
    assert "##[" not in shown


def test_a_table_has_the_worst_first_then_a_summary_and_what_to_do(
    mixed: Report, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    terminal.draw(table.draw(mixed))
    note, absent, down = (row.finding.message for row in rows(mixed))
    assert capsys.readouterr().out == (
        f"error       alias-not-found\n            {absent}\n            rooms.yaml:9:12\n"
        f"unverified  unreachable\n            {down}\n            rooms.yaml:11:12\n"
        f"note        published-link-differs\n            {note}\n            rooms.yaml:7:12\n"
        "4 links: 1 ok, 1 broken, 2 unverified\n"
        f"1 alias-not-found: {Check.ALIAS_NOT_FOUND.hint}\n"
        f"2 unreachable: {Check.UNREACHABLE.hint}\n"
    )


def test_a_finding_s_own_hint_is_a_line_of_the_table(
    repairable: Report, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    terminal.draw(table.draw(repairable))
    [row] = rows(repairable)
    assert capsys.readouterr().out.startswith(
        f"error  malformed-link\n       {row.finding.message}\n"
        "       hint: write https://matrix.to/#/#help:example.org\n       docs/a.md:1:1\n"
    )


def test_a_table_names_what_was_skipped_once_for_each_reason(
    skipping: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.draw(table.draw(skipping))
    assert capsys.readouterr().out == (
        "skipped  #gone:example.org: members only | *\n"
        "         rooms.yaml:9:12\n"
        "skipped  2 links: --ignore '*:down.example'\n"
        "         rooms.yaml:11:12\n"
        "0 links: 0 ok, 0 broken, 0 unverified, 3 skipped\n"
    )
