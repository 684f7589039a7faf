"""stashmatrix as a real process: how it is started, and what it printed."""

import atexit
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import pytest
from jsonschema import Draft202012Validator

from stashmatrix.catalogue.reading import bundled
from tests.support.forks import Fork, Forks

TIMEOUT = 60
FULL_DISK = Path("/dev/full")
needs_full_disk = pytest.mark.skipif(not FULL_DISK.exists(), reason="macOS has no such device")
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Result:
    """What a command printed and how it ended."""

    status: int
    stdout: str
    stderr: str


class Run(Protocol):
    """Run stashmatrix with these arguments as a process of its own."""

    def __call__(self, *args: str, env: Mapping[str, str] | None = None) -> Result: ...


class RunOnTerminal(Protocol):
    """Run stashmatrix on a pseudo-terminal and return all that it showed."""

    def __call__(self, *args: str, columns: int = 80, env: Mapping[str, str] | None = None) -> str: ...


def command(args: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "stashmatrix", *args]


_LEADER = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""


def as_terminal_s_leader(args: Sequence[str]) -> list[str]:
    """Return the command that makes its stdin the terminal of its session, and then becomes ``args``.

    It has to be started in a new session. ``pty.fork``, which would do it all, warns in a process with
    threads, as those of pytest-xdist are.
    """
    return [sys.executable, "-I", "-S", "-c", _LEADER, *args]


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this environment without what would change the output, and with ``extra``."""
    ours = ("STASHMATRIX_CATALOGUE", "BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "NO_COLOR", "FORCE_COLOR")
    theirs = ("COLUMNS", "GITHUB_STEP_SUMMARY", "LESS", "PAGER", "PYTHONUNBUFFERED")
    clean = {key: value for key, value in os.environ.items() if key not in (*ours, *theirs)}
    fixed = {"TERM": "xterm-256color", "FORCE_HYPERLINK": "0", "PYTHONWARNINGS": "error"}
    return clean | fixed | dict(extra or {})


@cache
def forks() -> Forks:
    """Return what stashmatrix is forked off, in this process of the test run."""
    source = Forks(environment(UNMEASURED))
    atexit.register(source.close)
    return source


def start(
    folder: Path,
    *args: str,
    env: Mapping[str, str] | None = None,
    streams: Mapping[int, int] | None = None,
) -> Fork:
    """Start stashmatrix in ``folder`` with these arguments, with ``streams`` in place of pipes."""
    return forks().start(folder, args, environment(env), streams=streams)


def run_in(folder: Path, *args: str, env: Mapping[str, str] | None = None) -> Result:
    """Run stashmatrix in ``folder`` with these arguments, as a process of its own.

    It is a new one, and no fork, if Python has to read ``env`` as it starts.
    """
    if not is_for_python(env):
        return checked(args, Result(*forks().run(folder, args, environment(env))))
    return piped(folder, None, *args, env=env)


def is_for_python(env: Mapping[str, str] | None) -> bool:
    """Say whether Python reads some of ``env`` as it starts, so that a fork would come too late for it."""
    return any(name.startswith("PYTHON") for name in env or {})


def piped(folder: Path, text: str | None, *args: str, env: Mapping[str, str] | None = None) -> Result:
    """Run stashmatrix in a new process with ``text`` as its stdin, if there is any."""
    done = subprocess.run(
        command(args),
        input=text,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=TIMEOUT,
        check=False,
        cwd=folder,
        env=environment(env),
    )
    return checked(args, Result(done.returncode, done.stdout, done.stderr))


SCHEMAS = {"check-links": "check-links", "rooms": "rooms-list", "show": "rooms-list", "info": "info"}


def checked(args: Sequence[str], result: Result) -> Result:
    """Return what a command wrote, held against the schema that ships if it is JSON of one."""
    name = next((SCHEMAS[arg] for arg in args if arg in SCHEMAS), None)
    if name is not None and "json" in args and result.stdout.startswith(("{", "[")):
        validator(name).validate(json.loads(result.stdout))
    return result


def read_report(text: str | bytes) -> Any:  # noqa: ANN401 (JSON)
    """Read the JSON of ``check-links``, held against the schema that ships."""
    report = json.loads(text)
    validator("check-links").validate(report)
    return report


@cache
def validator(name: str) -> Draft202012Validator:
    """Return what holds JSON against the schema of that name."""
    schema = json.loads(bundled(f"{name}.schema.json").read_text())
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


UNMEASURED = {"COVERAGE_PROCESS_START": ""}
"""For a process of which coverage must load nothing, and open no file."""


def plain(shown: str) -> str:
    """Return what a terminal was sent, without colours and cursor movements."""
    return ANSI.sub("", shown)


def lines(text: str) -> list[str]:
    return text.splitlines()


def after_catalogue(stderr: str) -> str:
    """Return what check-links said after it had named the catalogue that it checks."""
    name, _, said = stderr.partition("\n")
    assert name.startswith("checking the catalogue ")
    return said
