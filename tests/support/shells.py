"""Interactive shells on a pseudo-terminal, with the completion that stashmatrix prints for them."""

import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.support.process import TIMEOUT, as_terminal_s_leader, command, environment

_PROMPT = "READY> "
_CLEAR_LINE = "\x15"  # Ctrl-U
_REPORT = "\x02"  # Ctrl-B


class _Start(NamedTuple):
    """How a shell starts, and what it reads first."""

    args: tuple[str, ...]
    file: str
    """Where it looks for the setup, in its home folder."""
    setup: str
    """Loads the completion, and has Ctrl-B write the line that is being typed."""


_STARTS = {
    "bash": _Start(
        ("bash", "--noprofile", "--rcfile", "../setup", "-i"),
        "setup",
        r"""
        source ../completion
        report() { printf '@{%s}@' "$READLINE_LINE"; }
        bind -x '"\C-b": report'
        bind 'set show-all-if-ambiguous on'
        PS1='READY> '
        """,
    ),
    "zsh": _Start(
        ("zsh", "--no-global-rcs", "-i"),
        ".zshrc",
        """
        autoload -Uz compinit
        compinit -u -D
        source ../completion
        bindkey -e
        report() { print -rn -- "@{$BUFFER}@" }
        zle -N report
        bindkey '^B' report
        PS1='READY> '
        """,
    ),
    "fish": _Start(
        ("fish", "-i", "--init-command", "source ../setup"),
        "setup",
        r"""
        source ../completion
        function report; printf '@{%s}@' (commandline | string collect); end
        bind \cb report
        function fish_greeting; end
        function fish_prompt; printf 'READY> '; end
        """,
    ),
}
SHELLS = tuple(_STARTS)


def _is_usable(name: str) -> bool:
    """Say whether this machine has a shell that can tell what is typed: bash can since 4, and macOS has 3."""
    too_old = ["bash", "-c", "[ ${BASH_VERSINFO[0]} -lt 4 ]"]
    return shutil.which(name) is not None and (
        name != "bash" or subprocess.run(too_old, check=False).returncode != 0
    )


INSTALLED = tuple(filter(_is_usable, SHELLS))
"""Those that the tests can use here; CI has them all."""


class Shell:
    """A shell that waits for keys, in a folder that was empty when it started."""

    def __init__(self, name: str, terminal: int, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self._terminal = terminal
        self._shown = b""

    def complete(self, typed: str) -> str:
        """Type on an empty line, press Tab, and return the line as it is once that is done."""
        # The second key waits until the shell has finished with the first.
        self._type(f"{_CLEAR_LINE}{typed}\t{_REPORT}")
        return self.wait_for(r"@\{(.*?)\}@")

    def list_candidates(self, typed: str, expected: str) -> None:
        """Type on an empty line, press Tab, and wait until ``expected`` shows."""
        # No key after it: zsh and fish leave the list out for somebody who types on.
        self._type(f"{_CLEAR_LINE}{typed}\t")
        self.wait_for(f"({re.escape(expected)})")

    def take_files(self) -> list[str]:
        """Return the names of the files in the folder, and delete them."""
        paths = list(self.folder.iterdir())
        for path in paths:
            path.unlink()
        return [path.name for path in paths]

    def wait_for(self, pattern: str) -> str:
        """Wait until something that matches shows, forget all up to it, and return its first group."""
        deadline = time.monotonic() + TIMEOUT
        while (match := re.search(pattern.encode(), self._shown, re.DOTALL)) is None:
            ready, _, _ = select.select([self._terminal], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"{pattern} does not show: {self._shown!r}"
            self._shown += os.read(self._terminal, 65_536)
        self._shown = self._shown[match.end() :]
        return match[1].decode()

    def _type(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())


@contextmanager
def interactive(name: str, home: Path, env: Mapping[str, str]) -> Iterator[Shell]:
    """Start a shell with an empty folder of its own as its home."""
    start = _STARTS[name]
    folder = home / "work"
    programs = home / "bin"
    folder.mkdir()
    programs.mkdir()
    program = programs / "stashmatrix"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(command([]))} "$@"\n')
    program.chmod(0o755)
    homely = {
        "HOME": str(home),
        "ZDOTDIR": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "TERM": "xterm",
        "LC_ALL": "C.UTF-8",
    }
    full_env = environment(homely | dict(env))
    show = [str(program), "completion", name]
    script = subprocess.run(show, env=full_env, capture_output=True, check=True).stdout
    (home / "completion").write_bytes(script)
    (home / start.file).write_text(start.setup)
    with _on_terminal(start.args, folder, full_env) as terminal:
        shell = Shell(name, terminal, folder)
        shell.wait_for(f"({_PROMPT})")
        yield shell


@contextmanager
def _on_terminal(args: tuple[str, ...], folder: Path, env: Mapping[str, str]) -> Iterator[int]:
    """Start a program as the leader of a session on a terminal of its own; yield our end of it."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (50, 200))
    leader = subprocess.Popen(
        as_terminal_s_leader(args),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=folder,
        env=env,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield ours
    finally:
        leader.kill()
        leader.wait(TIMEOUT)
        os.close(ours)
