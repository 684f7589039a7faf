"""GitHub's annotations: no path and no message ends one."""

import pytest

from stashmatrix.checks.grouping import rows
from stashmatrix.checks.judge import judge
from stashmatrix.formats import github
from stashmatrix.records.findings import Check
from stashmatrix.records.results import Report
from tests.support.reports import GONE, reference, unknown


def test_findings_become_annotations_in_the_links_order(mixed: Report) -> None:
    note, absent, down = (row.finding.message for row in rows(mixed))
    assert github.write(mixed) == (
        "::notice file=rooms.yaml,line=7,col=12,title=published-link-differs::"
        f"{note}%0Ahint: {Check.PUBLISHED_LINK_DIFFERS.hint}\n"
        "::error file=rooms.yaml,line=9,col=12,title=alias-not-found::"
        f"{absent}%0Ahint: {Check.ALIAS_NOT_FOUND.hint}\n"
        "::warning file=rooms.yaml,line=11,col=12,title=unreachable::"
        f"{down}%0Ahint: {Check.UNREACHABLE.hint}\n"
    )


@pytest.mark.parametrize(
    ("path", "escaped"),
    [
        ("rooms.yaml", "rooms.yaml"),
        ("a,b:c.yaml", "a%2Cb%3Ac.yaml"),
        ("100%.yaml", "100%25.yaml"),
        ("%2C.yaml", "%252C.yaml"),
        ("a\r\nb.yaml", r"a\r\nb.yaml"),
        ("::error::x.yaml", "./%3A%3Aerror%3A%3Ax.yaml"),
    ],
)
def test_a_path_ends_no_property(path: str, escaped: str) -> None:
    report = judge([reference(GONE, 1, path)], {GONE: unknown()})
    assert github.write(report).startswith(f"::warning file={escaped},line=1,col=12,title=unreachable::")


@pytest.mark.parametrize(
    ("detail", "escaped"),
    [
        ("50% done", "50%25 done"),
        ("%0A::error::x", "%250A::error::x"),
        ("a\r\nb", r"a\r\nb"),
        ("a: b, c", "a: b, c"),
        ("##[error]x", r"#\x23[error]x"),
    ],
)
def test_a_message_ends_no_line(detail: str, escaped: str) -> None:
    report = judge([reference(GONE, 1)], {GONE: unknown(detail=detail)})
    written = github.write(report)
    assert written.endswith(f": {escaped}%0Ahint: {Check.UNREACHABLE.hint}\n")
    assert written.count("\n") == 1
