"""What is longer than the screen, by a pager, as git does it."""

import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stashmatrix.commands import terminal

if TYPE_CHECKING:
    from rich.console import RenderableType

    from stashmatrix.commands.invocation import Invocation

_WITH_LINKS = 566
"""The first release of less that passes hyperlinks on."""


def draw(ctx: typer.Context, drawing: "RenderableType") -> None:
    """Draw on stdout, by the pager if that is a terminal with fewer lines."""
    show(ctx, terminal.drawn(drawing))


def show(ctx: typer.Context, text: str) -> None:
    """Write text to stdout, by the pager if that is a terminal with fewer lines.

    ``PAGER`` names the pager, with its options; ``cat``, or nothing, stands for none.
    """
    invocation: Invocation = ctx.obj
    if invocation.no_pager or terminal.fits(text) or not _page(_words(os.environ.get("PAGER", "less")), text):
        terminal.write(text)


def _words(command: str) -> list[str]:
    import shlex  # not for a pipe

    try:
        return shlex.split(command)
    except ValueError:  # a quote that is not closed
        return command.split()


def _page(command: list[str], text: str) -> bool:
    """Say whether there is such a pager, once its user has left it."""
    if command in ([], ["cat"]):
        return False
    if not _keeps_links(command, text):
        text = terminal.without_links(text)
    # less shows colours, and leaves the text on the screen; so does git have it.
    env = {"LESS": "FRX", "LV": "-c", **os.environ}
    try:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, env=env)  # noqa: S603 (the user's own)
    except OSError:
        return False
    # Ctrl-C is for the pager, which ends by it, or does not.
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process.communicate(terminal.encoded(text))  # who leaves early breaks no pipe
    finally:
        signal.signal(signal.SIGINT, usual)
    return True


def _keeps_links(command: list[str], text: str) -> bool:
    """Say whether the pager shows hyperlinks, if there are any, and not what they are written with."""
    if not terminal.has_links(text):
        return True
    if Path(command[0]).name != "less":
        return False
    try:
        told = subprocess.run([command[0], "--version"], capture_output=True, check=False, text=True).stdout  # noqa: S603 (likewise)
    except (OSError, ValueError):
        return False
    number = told.removeprefix("less ").split(".")[0].split(" ")[0]
    return number.isdigit() and int(number) >= _WITH_LINKS
