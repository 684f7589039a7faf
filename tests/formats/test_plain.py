"""One finding a line."""

from stashmatrix.checks.grouping import rows
from stashmatrix.formats import plain
from stashmatrix.records.results import Report


def test_each_finding_is_a_line_and_those_of_one_server_share_one(mixed: Report) -> None:
    note, absent, down = (row.finding.message for row in rows(mixed))
    assert plain.write(mixed) == (
        f"rooms.yaml:7:12: note[published-link-differs] {note}\n"
        f"rooms.yaml:9:12: error[alias-not-found] {absent}\n"
        f"rooms.yaml:11:12: unverified[unreachable] {down}\n"
    )


def test_a_finding_s_own_hint_ends_its_line(repairable: Report) -> None:
    [row] = rows(repairable)
    assert plain.write(repairable) == (
        f"docs/a.md:1:1: error[malformed-link] {row.finding.message}"
        "; hint: write https://matrix.to/#/#help:example.org\n"
    )
