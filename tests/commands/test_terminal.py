"""Tables on a terminal; what stdout may be: a pipe, a full disk, another encoding."""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from stashmatrix.catalogue.model import Catalogue
from stashmatrix.commands import terminal
from tests.support.catalogues import CATALOGUE, EVIL
from tests.support.process import (
    ANSI,
    FULL_DISK,
    TIMEOUT,
    Run,
    RunOnTerminal,
    environment,
    lines,
    needs_full_disk,
    plain,
    start,
)


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_the_table_fits_the_terminal_and_cuts_no_alias(
    run_on_terminal: RunOnTerminal, bundled: Catalogue, columns: int
) -> None:
    shown = plain(run_on_terminal("rooms", columns=columns))
    assert max(map(len, lines(shown))) <= columns
    joined = re.sub(r"\s+", "", shown)
    assert all(room.alias in joined for room in bundled.rooms)
    assert all(category.title in shown for category in bundled.categories)
    assert "52 rooms of 52" in shown
    assert "…" not in shown


def test_the_table_tells_flags_in_words_and_counts_what_it_shows(run_on_terminal: RunOnTerminal) -> None:
    shown = run_on_terminal("rooms", "--nsfw", "--archived", env={"NO_COLOR": "1"})
    assert not re.search("\x1b\\[[0-9;]*3[0-9]", shown)  # bold is no colour
    shown = plain(shown)
    assert shown.count("nsfw bridged archived") == 3
    assert "3 rooms of 52" in shown


def test_a_terminal_gets_colour_and_a_pipe_none(run: Run, run_on_terminal: RunOnTerminal) -> None:
    assert ANSI.search(run_on_terminal("rooms"))
    assert "\x1b" not in run("rooms").stdout
    assert "\x1b" not in run("rooms", "--format", "table").stdout
    assert ANSI.search(run("rooms", "--format", "table", env={"FORCE_COLOR": "1"}).stdout)


def test_color_says_more_than_the_environment_and_the_terminal(
    run: Run, run_on_terminal: RunOnTerminal
) -> None:
    in_a_pipe = ("rooms", "--format", "table", "--color")
    assert ANSI.search(run(*in_a_pipe, "always", env={"NO_COLOR": "1", "TERM": "dumb"}).stdout)
    assert "\x1b" not in run(*in_a_pipe, "never", env={"FORCE_COLOR": "1"}).stdout
    assert "\x1b" not in run_on_terminal("--color", "never", "rooms")


def test_a_closed_pipe_is_no_error() -> None:
    shell = f"{sys.executable} -m stashmatrix rooms | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", shell], capture_output=True, text=True, check=True, timeout=TIMEOUT, env=environment()
    )
    assert lines(done.stdout)[1:] == ["0"]
    assert done.stderr == ""


@needs_full_disk
@pytest.mark.parametrize("args", [("rooms",), ("rooms", "--format", "table"), ("--help",)])
def test_a_full_disk_is_an_error_in_one_line(tmp_path: Path, args: tuple[str, ...]) -> None:
    with FULL_DISK.open("w") as full:
        process = start(tmp_path, *args, streams={1: full.fileno()})
    _, stderr = process.communicate()
    assert stderr.startswith(b"error: ")
    assert b"cannot be written" in stderr
    assert process.returncode == 3


def test_an_encoding_without_our_punctuation_gets_other(run: Run) -> None:
    result = run("rooms", "--format", "table", "-c", "misc", env={"PYTHONIOENCODING": "ascii"})
    assert result.status == 0
    assert "Misc. rooms  misc - 6 rooms\n" in result.stdout


def test_an_encoding_without_the_characters_of_a_name_gets_escapes(run: Run, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(CATALOGUE.replace("Support", "Hilfe für alle"))
    result = run("--catalogue", "own.yaml", "categories", env={"PYTHONIOENCODING": "ascii"})
    assert (result.status, result.stdout) == (0, "support\tHilfe f\\xfcr alle\t4\n")


@pytest.mark.parametrize("output_format", ["plain", "table", "json", "csv", "links"])
def test_catalogue_text_cannot_reach_the_terminal_raw(run: Run, tmp_path: Path, output_format: str) -> None:
    path = tmp_path / "evil.yaml"
    path.write_text(EVIL)
    result = run("--catalogue", str(path), "rooms", "--format", output_format)
    assert result.status == 0
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e\u2028]",
        result.stdout.replace("\t", "").replace("\r\n", "\n"),
    )
    if output_format == "table":
        assert "[bold]f[/bold]" in result.stdout
        assert ":smile:" in result.stdout


def test_the_guide_is_about_the_catalogue_in_use(run: Run, tmp_path: Path) -> None:
    (tmp_path / "evil.yaml").write_text(EVIL + 'space:\n  alias: "#s:example.org"\n')
    result = run("--catalogue", "evil.yaml", "guide")
    assert result.status == 0
    assert "#s:example.org gathers the rooms of the Evil community" in result.stdout
    assert not re.search(r"stashapp|[{}]", result.stdout)
    assert "#stashapp:matrix.im" in run("guide", "rooms").stdout


def test_the_guide_reads_well_on_a_terminal(run: Run, run_on_terminal: RunOnTerminal) -> None:
    shown = plain(run_on_terminal("guide"))
    assert max(map(len, lines(shown))) <= 80
    assert "https://calcuode.com/matrix/element-android.html" in shown
    assert "Tips" not in run("guide", "about").stdout
    assert "Tips" in run("guide", "tips").stdout


@pytest.mark.parametrize(
    ("env", "known"),
    [
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7402"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "4600"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "foot-extra"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "vscode"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "230804"}, True),
        ({"TERM": "linux", "VTE_VERSION": "7402"}, False),
        ({"TERM": "screen.xterm-256color", "VTE_VERSION": "7402"}, False),
        ({"TERM": "screen-256color", "TMUX": "default,1,0"}, True),
        ({"TERM": "xterm-kitty", "FORCE_HYPERLINK": "0"}, False),
        ({"TERM": "linux", "FORCE_HYPERLINK": "1"}, True),
        ({}, False),
    ],
    ids=str,
)
def test_a_terminal_has_hyperlinks_if_it_is_known_to(env: Mapping[str, str], known: bool) -> None:
    assert terminal.knows_links(env) is known


def test_hyperlinks_are_on_terminals_only(run: Run, run_on_terminal: RunOnTerminal) -> None:
    link, wanted = ";https://matrix.to/#/#stash-theming:unredacted.org\x1b\\", {"FORCE_HYPERLINK": "1"}
    shown = run_on_terminal("rooms", "theming", env=wanted)
    assert link in shown
    assert link not in run_on_terminal("rooms", "theming")
    piped = run("rooms", "theming", "--format", "table", env={**wanted, "FORCE_COLOR": "1"}).stdout
    assert "\x1b]8" not in piped
