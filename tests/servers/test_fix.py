"""Repair by what two real homeservers say of their rooms."""

from pathlib import Path

import pytest

from tests.support.process import Result, run_in
from tests.support.synapse import Homeserver, at

HERE, GONE, ALIVE = "#stash-help:unredacted.org", "#gone:unredacted.org", "#stash-bugs:unredacted.org"
NOWHERE = "#help:matrix.im"


def linked(label: str, target: str) -> str:
    return f"[{label}](https://matrix.to/#/{target})"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return tmp_path / "a.md"


def fix(page: Path, *servers: Homeserver) -> Result:
    options = [option for server in servers for option in at(server)]
    return run_in(page.parent, "check-links", "--fix", "--unsafe-fixes", "--retries", "0", *options, "a.md")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (linked(HERE, GONE), linked(HERE, HERE)),
        (linked(GONE, HERE), linked(HERE, HERE)),
        (linked(HERE, NOWHERE), linked(HERE, HERE)),
        (linked(NOWHERE, HERE), linked(HERE, HERE)),
    ],
)
def test_of_a_label_and_a_link_the_dead_one_becomes_the_living_one(
    page: Path, unredacted: Homeserver, matrix_im: Homeserver, before: str, after: str
) -> None:
    page.write_text(before)
    assert fix(page, unredacted, matrix_im).status == 0
    assert page.read_text() == after


def test_nothing_is_touched_while_both_are_alive_or_a_server_is_down(
    page: Path, unredacted: Homeserver
) -> None:
    # Nobody is at that name: what it would say is unknown.
    text = "\n\n".join(
        [linked(HERE, ALIVE), linked(HERE, "#help:down.invalid"), linked("#a:down.invalid", GONE)]
    )
    page.write_text(text)
    assert fix(page, unredacted).status == 1
    assert page.read_text() == text


def test_an_old_alias_becomes_the_one_that_the_room_calls_its_own(page: Path, unredacted: Homeserver) -> None:
    room_id = unredacted.create_room("new-name")
    unredacted.api("PUT", "directory/room/%23old-name:unredacted.org", {"room_id": room_id})
    page.write_text(
        "https://matrix.to/#/#old-name:unredacted.org, matrix:r/old-name:unredacted.org?action=join\n"
    )
    result = fix(page, unredacted)
    for name in ("old-name", "new-name"):
        unredacted.api("DELETE", f"directory/room/%23{name}:unredacted.org")
    assert result.status == 0
    assert page.read_text() == (
        "https://matrix.to/#/#new-name:unredacted.org, matrix:r/new-name:unredacted.org?action=join\n"
    )
