"""Links printed, and handed to a browser."""

import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.process import Run, lines

THEMING = "https://matrix.to/#/#stash-theming:unredacted.org"


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (("link", "stash-theming"), [THEMING]),
        (
            ("link", "help", "space"),
            [
                "https://matrix.to/#/#stash-help:unredacted.org",
                "https://matrix.to/#/#stashapp:unredacted.org",
            ],
        ),
        (("link", "--scheme", "matrix", "help"), ["matrix:r/stash-help:unredacted.org"]),
        (("open", "-n", "#stash-theming:unredacted.org"), [THEMING]),
        (
            ("open", "--print", "--client", "element", "help"),
            ["https://app.element.io/#/room/#stash-help:unredacted.org"],
        ),
        (("open", "-n", "--client", "matrix", "stashapp"), ["matrix:r/stashapp:unredacted.org"]),
    ],
)
def test_links_are_printed(run: Run, args: tuple[str, ...], expected: list[str]) -> None:
    result = run(*args)
    assert lines(result.stdout) == expected
    assert (result.status, result.stderr) == (0, "")


@pytest.fixture
def browser(tmp_path: Path) -> tuple[Path, Mapping[str, str]]:
    """Return a browser that records its argument, the file it records in, and the way to set it."""
    record = tmp_path / "opened"
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> "{record}"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return record, {"BROWSER": str(script)}


@pytest.mark.parametrize(
    ("args", "urls"),
    [
        (("stash-help",), ["https://matrix.to/#/#stash-help:unredacted.org"]),
        (("theming", "bugs"), [THEMING, "https://matrix.to/#/#stash-bugs:unredacted.org"]),
        (("--client", "matrix", "help"), ["matrix:r/stash-help:unredacted.org"]),
    ],
)
def test_open_hands_the_links_to_the_browser(
    run: Run, browser: tuple[Path, Mapping[str, str]], args: tuple[str, ...], urls: list[str]
) -> None:
    record, env = browser
    result = run("open", *args, env=env)
    assert lines(record.read_text()) == urls
    assert result.stdout == ""
    assert result.status == 0


def test_open_opens_nothing_unless_it_knows_every_room(
    run: Run, browser: tuple[Path, Mapping[str, str]]
) -> None:
    record, env = browser
    assert run("open", "help", "hlep", env=env).status == 2
    assert not record.exists()


def test_open_without_a_browser_prints_the_link_and_says_why(run: Run) -> None:
    # An empty path: none of the browsers that Python knows can be found.
    result = run("open", "theming", env={"PATH": "/nowhere", "BROWSER": "/nowhere/browser"})
    assert lines(result.stdout) == [THEMING]
    assert "browser" in result.stderr
    assert result.status == 3
