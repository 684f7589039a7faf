"""What is longer than the screen goes through a pager."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.process import Run
from tests.support.screens import person

LAST = "#stash-fansdb:unredacted.org"


@pytest.fixture
def pager(tmp_path: Path) -> Path:
    """Return a pager that records how it was started, what LESS is, and what it is to show."""
    script = tmp_path / "pager"
    script.write_text(f'#!/bin/sh\n{{ echo "<$*> <$LESS>"; cat; }} > "{tmp_path}/shown"\n')
    script.chmod(0o755)
    return script


@pytest.mark.parametrize(
    ("args", "env", "started"),
    [
        pytest.param(("rooms",), {}, "<> <FRX>", id="a table"),
        pytest.param(("rooms", "--format", "json"), {}, "<> <FRX>", id="JSON"),
        pytest.param(("rooms",), {"PAGER": "{pager} -a 'b c'", "LESS": "R"}, "<-a b c> <R>", id="options"),
        pytest.param(("categories",), {}, None, id="it fits"),
        pytest.param(("--no-pager", "rooms"), {}, None, id="--no-pager"),
        pytest.param(("rooms",), {"PAGER": "cat"}, None, id="cat"),
        pytest.param(("rooms",), {"PAGER": "/nowhere/pager"}, None, id="it is not there"),
    ],
)
def test_only_what_is_longer_than_the_screen_is_paged(
    tmp_path: Path, pager: Path, args: tuple[str, ...], env: Mapping[str, str], started: str | None
) -> None:
    chosen = {"PAGER": str(pager), **{name: value.format(pager=pager) for name, value in env.items()}}
    with person(tmp_path, *args, env=chosen) as somebody:
        assert somebody.waits() == 0
    record = tmp_path / "shown"
    if started is None:
        assert somebody.sent
        assert not record.exists()
    else:
        assert somebody.sent == b""
        how, _, text = record.read_text().partition("\n")
        assert how == started
        assert ("52 rooms of 52" in text) is (args == ("rooms",))


def test_a_pipe_has_no_pager(run: Run, tmp_path: Path, pager: Path) -> None:
    assert LAST in run("rooms", env={"PAGER": str(pager)}).stdout
    assert not (tmp_path / "shown").exists()


@pytest.mark.skipif(shutil.which("less") is None, reason="it is the pager of most systems, not of all")
def test_less_is_the_pager_and_ctrl_c_does_not_break_it(tmp_path: Path) -> None:
    with person(tmp_path, "rooms") as somebody:
        somebody.sees(lambda shown: shown[0].startswith("Matrix focused rooms") and shown[-1].startswith(":"))
        sent = len(somebody.sent)
        somebody.press("\x03")
        somebody.sees(lambda _: len(somebody.sent) > sent)  # what is pressed before it answers is lost
        somebody.press("G")
        somebody.sees(lambda shown: any(line.startswith("52 rooms of 52") for line in shown))
        somebody.press("q")
        assert somebody.waits() == 0
        assert somebody.terminal == somebody.usual
    assert b"interrupted" not in somebody.sent
    assert b"Traceback" not in somebody.sent
