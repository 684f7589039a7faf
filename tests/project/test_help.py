"""Help, version and manual page, at every level."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from stashmatrix import __version__
from stashmatrix.commands import helptext
from stashmatrix.commands.app import COMMANDS, app
from stashmatrix.commands.exits import MEANINGS, ExitStatus
from stashmatrix.commands.help import text
from stashmatrix.commands.invocation import Invocation
from tests.support.process import Run, lines
from tests.support.project import ROOT

MANUAL = ROOT / "man" / "stashmatrix.1"


def contexts() -> Iterator[typer.Context]:
    """Yield a context of the program and of each command."""
    root = typer.main.get_command(app).make_context(
        "stashmatrix", [], obj=Invocation(), resilient_parsing=True
    )
    pending = [root]
    for each in pending:
        yield each  # type: ignore[misc]  # Typer's own class is the one above
        if isinstance(each.command, typer.core.TyperGroup):
            pending += helptext.subcommands(each)


CONTEXTS = {each.command_path: each for each in contexts()}


def test_version_and_help_at_every_level(run: Run) -> None:
    assert run("-V").stdout == run("--version").stdout == f"stashmatrix {__version__}\n"
    assert all(run(name, "-h").stdout.startswith("Usage: ") for name in COMMANDS)


def test_no_command_at_all_shows_the_help(run: Run) -> None:
    assert run().stdout == run("--help").stdout == run("help").stdout


def test_help_is_a_command_too(run: Run) -> None:
    assert run("help", "page", "export").stdout == run("page", "export", "--help").stdout
    assert lines(run("help", "opne").stderr)[1] == "hint: did you mean open?"
    assert run("help", "rooms", "x").status == 2


def test_the_help_lists_every_command_under_a_heading() -> None:
    shown = text(CONTEXTS["stashmatrix"])
    listed = shown[: shown.index("Options of every command:")]
    assert re.findall(r"^  ([a-z-]+)  ", listed, re.MULTILINE) == list(COMMANDS)
    assert all(f"\n{heading}:\n" in shown for heading in helptext.FIRST_OF_GROUP.values())
    assert set(helptext.FIRST_OF_GROUP) <= set(COMMANDS)


@pytest.mark.parametrize("name", helptext.GROUPS)
def test_every_option_of_a_command_with_groups_is_in_one(name: str) -> None:
    [rest] = [each for each in helptext.page(CONTEXTS[name]).sections if each.heading == "Options"]
    assert [term for term, _ in rest.rows] == ["-h, --help"]


@pytest.mark.parametrize("columns", [40, 80, 120])
@pytest.mark.parametrize("name", CONTEXTS)
def test_the_help_fits_the_terminal(name: str, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = text(CONTEXTS[name])
    # What is longer is one word, such as the values of an option.
    assert all(
        len(line) <= columns or " " not in line.strip(" -") for line in lines(shown) if "<" not in line
    )


@pytest.mark.parametrize("name", helptext.EXAMPLES)
def test_the_examples_are_of_commands_and_options_that_there_are(name: str) -> None:
    for line, what in helptext.EXAMPLES[name]:
        assert what.endswith(".")
        command = re.sub(r'^eval "\$\((.*)\)"$', r"\1", re.split(r" [|>] ", line)[0])
        program, *args = shlex.split(command)
        assert program == "stashmatrix"
        parse(args)


def parse(args: list[str]) -> None:
    """Parse a command line as it would be run; raise Typer's error for one that is wrong."""
    context = CONTEXTS["stashmatrix"].command.make_context("stashmatrix", args, obj=Invocation())
    while isinstance(context.command, typer.core.TyperGroup) and context._protected_args:  # noqa: SLF001
        name, command, rest = context.command.resolve_command(
            context,
            [*context._protected_args, *context.args],  # noqa: SLF001
        )
        assert command is not None
        context = command.make_context(name, rest, parent=context)


def test_every_exit_code_has_a_meaning() -> None:
    assert list(MEANINGS) == list(ExitStatus)


def test_the_manual_page_is_that_of_this_help(run: Run) -> None:
    assert MANUAL.read_text() == run("help", "--man").stdout


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_the_manual_page_is_good_roff(tmp_path: Path) -> None:
    checked = subprocess.run(
        ["groff", "-man", "-ww", "-Tascii", MANUAL], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert checked.stderr == ""
    shown = re.sub(r"\x1b\[\d+m|.\x08", "", checked.stdout)
    assert "stashmatrix check-links README.md docs" in shown
    assert "--fail-on <never|broken|warning|unverified>" in shown
