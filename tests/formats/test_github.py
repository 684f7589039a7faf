"""GitHub's annotations: no path and no message ends one."""

import pytest

from stashmatrix.checks.judge import judge
from stashmatrix.formats.github import github
from stashmatrix.records.results import Report
from tests.support.reports import GONE, reference, unknown


def test_findings_become_annotations_in_the_links_order(mixed: Report) -> None:
    assert github(mixed) == (
        "::notice file=rooms.yaml,line=7,col=12,title=published-link-differs::"
        "the page's link for #help:example.org was https://matrix.to/#/#other:example.org"
        "%0Ahint: the alias is the one to trust; the page's link is wrong\n"
        "::error file=rooms.yaml,line=9,col=12,title=alias-not-found::#gone:example.org does not exist:"
        " its own server says so (https://example.org)"
        "%0Ahint: remove the room, or ask its community for the new address\n"
        "::warning file=rooms.yaml,line=11,col=12,title=unreachable::"
        "2 links to down.example could not be checked:"
        " no connection%0Ahint: try again later\n"
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
    assert github(report).startswith(f"::warning file={escaped},line=1,col=12,title=unreachable::")


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
    assert github(report).partition("checked: ")[2] == f"{escaped}%0Ahint: try again later\n"
