"""Links printed, and handed to a browser."""

import stat
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

import pytest
import segno

from tests.support.process import Run, RunOnTerminal, lines, plain

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
        (("link", "--client", "matrix", "help"), ["matrix:r/stash-help:unredacted.org"]),
        (("open", "-n", "#stash-theming:unredacted.org"), [THEMING]),
        (
            ("open", "--print", "--client", "element", "help"),
            ["https://app.element.io/#/room/#stash-help:unredacted.org"],
        ),
        (("open", "-n", "--client", "matrix", "stashapp"), ["matrix:r/stashapp:unredacted.org"]),
        (
            ("link", "--client", "cinny", "help"),
            ["https://app.cinny.in/home/%23stash-help%3Aunredacted.org/"],
        ),
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


TEXT_ONLY = "cannot show the page, which needs JavaScript"


@pytest.mark.parametrize(
    ("variable", "opened"),
    [
        pytest.param("{browser} --private-window", f"--private-window\n{THEMING}\n", id="options"),
        pytest.param("{browser} --url=%s -x", f"--url={THEMING}\n-x\n", id="options and a place for the URL"),
        pytest.param("'{browser}' '--a b'", f"--a b\n{THEMING}\n", id="quotes"),
        pytest.param("/nowhere/x:{browser} -x", f"-x\n{THEMING}\n", id="the first that is there"),
        pytest.param("lynx -x:{browser}", f"{THEMING}\n", id="the first that is no text browser"),
        pytest.param("lynx", None, id="a text browser"),
        pytest.param("{folder}/w3m -x", None, id="a text browser with a path and options"),
        pytest.param("www-browser", None, id="any browser, which is a text browser"),
    ],
)
def test_browser_is_a_command_with_options_and_no_text_browser(
    run: Run, tmp_path: Path, browser: tuple[Path, Mapping[str, str]], variable: str, opened: str | None
) -> None:
    record, env = browser
    for name in ("lynx", "w3m"):
        (tmp_path / name).write_bytes(Path(env["BROWSER"]).read_bytes())
        (tmp_path / name).chmod(0o755)
    (tmp_path / "www-browser").symlink_to("lynx")
    chosen = variable.format(browser=env["BROWSER"], folder=tmp_path)
    result = run("open", "theming", env={"BROWSER": chosen, "PATH": f"{tmp_path}:/bin"})
    assert (record.read_text() if record.exists() else None) == opened
    assert result.stdout == ("" if opened else f"{THEMING}\n")
    assert result.status == (0 if opened else 3)
    assert (TEXT_ONLY in result.stderr) is (opened is None)


def test_a_text_browser_that_the_system_would_start_is_not_started(
    run: Run, tmp_path: Path, browser: tuple[Path, Mapping[str, str]]
) -> None:
    record, env = browser
    Path(env["BROWSER"]).rename(tmp_path / "w3m")
    result = run("open", "help", "theming", env={"PATH": f"{tmp_path}:/bin"})
    assert lines(result.stdout) == ["https://matrix.to/#/#stash-help:unredacted.org", THEMING]
    assert (result.status, TEXT_ONLY in result.stderr, record.exists()) == (3, True, False)


def test_a_link_is_copied_through_the_terminal(run: Run, run_on_terminal: RunOnTerminal) -> None:
    copied = b64encode(f"{THEMING}\nhttps://matrix.to/#/#stash-help:unredacted.org".encode()).decode()
    assert f"\x1b]52;c;{copied}\x07" in run_on_terminal("link", "theming", "help", "--copy")
    piped = run("link", "theming", "--copy")
    assert (piped.status, piped.stdout) == (3, f"{THEMING}\n")


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_qr_code_has_light_modules_on_dark(run: Run, encoding: str) -> None:
    url, *code = lines(run("link", "theming", "--qr", env={"PYTHONIOENCODING": encoding}).stdout)
    assert url == THEMING
    expected = [[not dark for dark in row] for row in segno.make(THEMING, error="l").matrix_iter(border=2)]
    size = len(expected)
    if encoding == "ascii":
        drawn = [[line[2 * x : 2 * x + 2] == "##" for x in range(size)] for line in code]
    else:
        halves = [
            [[" ▄▀█".index(char) & half > 0 for char in line.ljust(size)] for half in (2, 1)] for line in code
        ]
        drawn = [row for pair in halves for row in pair]
    assert drawn[:size] == expected
    assert not any(map(any, drawn[size:]))


def test_a_qr_code_needs_its_width(run_on_terminal: RunOnTerminal) -> None:
    assert "error: the QR code needs 33 columns, and the terminal has 20" in run_on_terminal(
        "link", "theming", "--qr", columns=20
    )
    _, *code = lines(plain(run_on_terminal("link", "theming", "--qr", columns=40)))
    assert max(map(len, code)) == 33
