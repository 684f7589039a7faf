"""The issue of a scheduled run: its title, its order, and what it leaves out."""

import re

from stashmatrix.checks.judge import judge
from stashmatrix.formats import issue
from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.records.answers import Absent, Resolved
from stashmatrix.records.results import Report
from tests.support.reports import DOWN, GONE, HELP, reference, unknown

ABSENT = Absent(homeserver="https://example.org")
CLOSED = Resolved(room_id="!x:example.org", homeserver="https://example.org", hidden=True)  # type: ignore[arg-type]


def places(text: str) -> list[str]:
    return re.findall(r"`(\S+:\d+):\d+`", text)


def test_it_lists_what_can_be_mended_and_nothing_that_passes() -> None:
    report = judge(
        [reference(DOWN, 1), reference(HELP, 2), reference(GONE, 3)],
        {DOWN: unknown(), HELP: CLOSED, GONE: ABSENT},
    )
    text = issue.write(report)
    assert text.partition("\n")[0] == "Matrix links: 1 broken, 1 warning"
    assert places(text) == ["rooms.yaml:3", "rooms.yaml:2"]


def test_what_failed_before_comes_first_and_the_order_is_stable() -> None:
    def report(*lines: int) -> Report:
        aliases = {line: RoomAlias(f"#gone-{line}:example.org") for line in lines}
        return judge(
            [reference(alias, line) for line, alias in aliases.items()],
            dict.fromkeys(aliases.values(), ABSENT),
        )

    first = issue.write(report(5, 9))
    before = issue.failed(first)
    assert before is not None
    assert issue.write(report(5, 9), before) == first
    assert places(issue.write(report(1, 5, 7, 9), before)) == [f"rooms.yaml:{line}" for line in (5, 9, 1, 7)]


def test_nothing_to_mend_is_no_issue(skipping: Report) -> None:
    assert issue.write(Report(())) == ""
    assert issue.write(Report((), skipping.skipped)) == ""
    assert issue.failed("") is None
    assert issue.failed("See <!-- stashmatrix:failed --> here.") is None


def test_the_contact_of_a_server_changes_nothing() -> None:
    contacts = {HELP.server_name: "root@example.org"}
    told = judge([reference(HELP, 1)], {HELP: CLOSED}, contacts=contacts)
    assert "root@example.org" in next(told.findings)[1].hint
    assert issue.write(told) == issue.write(judge([reference(HELP, 1)], {HELP: CLOSED}))


def test_it_fits_into_an_issue_of_github() -> None:
    aliases = [RoomAlias(f"#gone-{number}-{'x' * 150}:example.org") for number in range(500)]
    references = [reference(alias, line) for line, alias in enumerate(aliases, 1)]
    text = issue.write(judge(references, dict.fromkeys(aliases, ABSENT)))
    assert len(text) < 65_536
    shown = len(places(text))
    assert f"\n{500 - shown} more findings.\n" in text
    assert len(issue.failed(text) or ()) == shown
