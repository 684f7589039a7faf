"""The way in and out: errors, and what is loaded for a command."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.catalogues import CATALOGUE
from tests.support.process import TIMEOUT, UNMEASURED, Run, after_catalogue, command, environment, lines
from tests.support.project import ROOT


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("open", "hlep"), "did you mean stash-help?"),
        (("show", "stash-ai"), "stash-ai-projects-feed-the-machine, stash-ai-tagging"),
        (("rooms", "-c", "suport"), "did you mean support?"),
        (("guide", "tip"), "did you mean tips?"),
        (("rooms", "--format", "xml"), "'xml'"),
        (("link",), "Missing argument"),
    ],
)
def test_what_does_not_exist_is_a_usage_error_with_a_way_on(
    run: Run, args: tuple[str, ...], said: str
) -> None:
    result = run(*args)
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert said in result.stderr
    assert result.status == 2


@pytest.mark.parametrize("args", [("--catalogue", "own.yaml", "rooms"), ("rooms", "--catalogue", "own.yaml")])
def test_the_options_of_every_command_stand_before_or_after_it(
    run: Run, tmp_path: Path, args: tuple[str, ...]
) -> None:
    (tmp_path / "own.yaml").write_text(CATALOGUE)
    assert "#gone-too:unredacted.org" in run(*args, env={"STASHMATRIX_CATALOGUE": "nosuch.yaml"}).stdout
    twice = ("--catalogue", "nosuch.yaml", "rooms", "--catalogue", "own.yaml")
    assert run(*twice).stdout == run(*args).stdout


@pytest.mark.parametrize(
    "args",
    [
        ("--config", "x", "rooms", "--no-config"),
        ("--no-config", "rooms", "--config", "x"),
        ("-q", "rooms", "-v"),
        ("rooms", "-vq"),
        ("rooms", "--color", "sometimes"),
    ],
)
def test_options_of_every_command_that_exclude_each_other_are_a_usage_error(
    run: Run, args: tuple[str, ...]
) -> None:
    result = run(*args)
    assert result.stdout == ""
    assert result.stderr.startswith("error: Invalid value for ")
    assert result.status == 2


def test_quiet_says_nothing_that_is_no_error_and_no_warning(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("https://matrix.to/#/#b:matrix.org\n")
    args = ("check-links", "--offline", "a.md")
    assert run(*args).stderr == "1 link: 0 broken\n"
    assert run(*args, "-q").stderr == ""
    assert "1 link" not in run(*args, "-q", "--format", "table").stdout
    assert run("-q", "rooms", "xyzzy").stderr == ""
    assert run("-q", "show", "xyzzy").stderr.startswith("error: ")


@pytest.mark.parametrize(
    "args",
    [("rooms",), ("categories",), ("show", "x"), ("link", "x"), ("open", "x"), ("space",), ("check-links",)],
)
def test_every_command_refuses_a_bad_catalogue_whole(run: Run, tmp_path: Path, args: tuple[str, ...]) -> None:
    path = tmp_path / "rooms.yaml"
    path.write_text("rooms: 3\n")
    result = run(*args, env={"STASHMATRIX_CATALOGUE": str(path)})
    assert result.stdout == ""
    assert f"{path}:1:8: " in result.stderr
    assert result.status == 3


@pytest.mark.parametrize(
    "args",
    [
        ("--catalogue", "pipe", "rooms"),
        ("--catalogue", "pipe", "check-links"),
        ("--catalogue", "/dev/zero", "rooms"),
        ("validate", "pipe"),
        ("check-links", "--lock", "pipe"),
        ("check-links", "--lock", "pipe", "--update-lock"),
    ],
)
def test_a_pipe_is_refused_and_not_waited_for(run: Run, tmp_path: Path, args: tuple[str, ...]) -> None:
    os.mkfifo(tmp_path / "pipe")
    result = run(*args)
    assert " is not an ordinary file" in result.stderr
    assert ":1:1:" not in result.stdout + result.stderr
    assert result.status == 3


def test_a_catalogue_from_the_shell_s_own_pipe_is_refused_and_a_file_on_stdin_is_read(tmp_path: Path) -> None:
    (tmp_path / "rooms.yaml").write_text(CATALOGUE)
    statuses = []
    for script in (
        '"$@" --catalogue <(cat rooms.yaml) rooms',
        '"$@" --catalogue /dev/stdin rooms <rooms.yaml',
    ):
        shell = ["bash", "-c", script, "bash", *command([])]
        done = subprocess.run(
            shell, capture_output=True, timeout=TIMEOUT, check=False, cwd=tmp_path, env=environment()
        )
        statuses.append(done.returncode)
    assert statuses == [3, 0]


@pytest.mark.parametrize(
    ("args", "absent"),
    [
        (("--help",), ("httpx", "rich", "asyncio")),
        (("rooms",), ("httpx", "rich", "asyncio")),
        (("open", "-n", "help"), ("httpx", "rich", "asyncio")),
        (("rooms", "--format", "table"), ("httpx", "asyncio")),
    ],
)
def test_a_command_loads_only_what_it_needs(run: Run, args: tuple[str, ...], absent: tuple[str, ...]) -> None:
    result = run(*args, env={"PYTHONPROFILEIMPORTTIME": "1"})
    loaded = {line.rpartition("|")[2].strip() for line in lines(result.stderr)}
    assert "stashmatrix.commands.app" in loaded
    assert loaded.isdisjoint(absent)


def test_our_own_bug_is_one_line_and_a_traceback_on_demand(run: Run, tmp_path: Path) -> None:
    # A broken dependency stands for any bug: nothing of ours expects it.
    (tmp_path / "csv.py").write_text("raise RuntimeError('broken')\n")
    env = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    quiet = run("rooms", "--format", "csv", env=env)
    assert quiet.status == 70
    assert lines(quiet.stderr)[0] == "error: stashmatrix failed: RuntimeError: broken"
    assert "Traceback" not in quiet.stderr
    assert "Traceback" in run("--debug", "rooms", "--format", "csv", env=env).stderr


def test_a_system_that_refuses_something_is_told_from_one_that_takes_no_output(tmp_path: Path) -> None:
    # Python opens each module by one more file, and an event loop needs three.
    shell = ["bash", "-c", 'ulimit -n 5; exec "$@"', "bash", *command(["check-links"])]
    done = subprocess.run(
        shell,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
        cwd=tmp_path,
        env=environment(UNMEASURED),
    )
    assert "output" not in done.stderr
    assert after_catalogue(done.stderr).startswith("error: the operating system refused: ")
    assert done.returncode == 3
