"""The findings that need no network."""

import pytest

from stashmatrix.checks.judge import judge
from stashmatrix.records.answers import Answer
from stashmatrix.records.findings import Check
from tests.support.links import ABSENT, ONE, UNKNOWN, A, messages, references, resolved


@pytest.mark.parametrize("answer", [resolved(ONE), ABSENT, UNKNOWN])
@pytest.mark.parametrize(
    ("link", "message"),
    [
        (None, None),
        ("https://matrix.to/#/#b\x1b:x", rf"the published page linked {A} to https://matrix.to/#/#b\x1b:x"),
    ],
)
def test_a_wrong_link_on_the_page_is_repeated_whatever_the_server_says(
    answer: Answer, link: str | None, message: str | None
) -> None:
    [reference] = references(A)
    report = judge([reference._replace(published_link=link)], {A: answer})
    assert messages(report, Check.PUBLISHED_LINK_DIFFERS) == ({} if message is None else {A: message})
