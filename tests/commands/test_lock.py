"""The lock of check-links, where no homeserver has to answer."""

from pathlib import Path

import pytest

from tests.support.catalogues import NOWHERE, write_catalogue
from tests.support.process import Run


def test_an_update_without_a_lock_is_a_usage_error(run: Run) -> None:
    result = run("--catalogue", "missing.yaml", "check-links", "--update-lock")
    assert "--update-lock" in result.stderr
    assert "--lock FILE" in result.stderr
    assert result.status == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--lock", "rooms.lock"], "error: rooms.lock does not exist\nhint: --update-lock creates it\n"),
        (
            ["--lock", "missing/rooms.lock", "--update-lock"],
            "error: missing/rooms.lock cannot be written: missing is not a folder\n",
        ),
    ],
)
def test_a_lock_that_cannot_be_had_is_an_error_before_anybody_is_asked(
    run: Run, tmp_path: Path, options: list[str], message: str
) -> None:
    result = run("--catalogue", write_catalogue(tmp_path, NOWHERE), "check-links", *options)
    assert (result.stdout, result.stderr, result.status) == ("", message, 3)


@pytest.mark.parametrize(("text", "update"), [("{", False), ("{", True)])
def test_a_lock_that_cannot_be_used_is_an_error_before_anybody_is_asked(
    run: Run, tmp_path: Path, text: str, update: bool
) -> None:
    lock = tmp_path / "rooms.lock"
    lock.write_text(text)
    options = ("--lock", "rooms.lock", *(["--update-lock"] if update else []))
    result = run("--catalogue", write_catalogue(tmp_path, NOWHERE), "check-links", *options)
    assert result.stdout == ""
    assert "error: rooms.lock cannot be used: 1 fault" in result.stderr
    assert result.status == 3
    assert lock.read_text() == text


def test_a_lock_that_cannot_be_written_is_an_error_after_the_verdict(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rooms.lock").symlink_to("missing/rooms.lock")
    options = ("--lock", "rooms.lock", "--update-lock")
    result = run("--catalogue", write_catalogue(tmp_path, NOWHERE), "check-links", *options)
    assert "4 links to nowhere.invalid" in result.stdout
    assert "error: rooms.lock cannot be written: No such file or directory\n" in result.stderr
    assert result.status == 3
