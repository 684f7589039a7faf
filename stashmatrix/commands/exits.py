"""What all commands share: the catalogue, the format by default, errors and exit codes."""

from collections.abc import Iterable
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stashmatrix.catalogue import reading
from stashmatrix.catalogue.model import Catalogue
from stashmatrix.commands import terminal
from stashmatrix.errors import InvalidFileError, StashmatrixError, UnknownNameError

if TYPE_CHECKING:
    from stashmatrix.catalogue.guide import Guide


class ExitStatus(IntEnum):
    """What the exit code says."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    FAILED = 3
    NOTHING_VERIFIED = 4
    BUG = 70
    INTERRUPTED = 130


def catalogue_path(ctx: typer.Context) -> Path:
    """Return where the catalogue is that the command line names, or the bundled one."""
    path = ctx.find_root().params["catalogue_path"]
    return reading.bundled("rooms.yaml") if path is None else Path(path)


def load_catalogue(ctx: typer.Context) -> Catalogue:
    """Load the catalogue at ``catalogue_path``."""
    return reading.load(catalogue_path(ctx))


def load_guide() -> "Guide":
    """Load the guide that ships with the package."""
    from stashmatrix.catalogue import guide

    return guide.load(reading.bundled("guide.yaml"))


def default_format(chosen: str | None) -> str:
    """Return the format to write in: a table for a person, plain text for a program."""
    return chosen or ("table" if terminal.is_interactive() else "plain")


def fault_lines(error: InvalidFileError) -> Iterable[str]:
    """Write each fault of a file on a line, after its place."""
    return (f"{error.path}:{fault.line}:{fault.column}: {fault.message}\n" for fault in error.faults)


def report_error(error: StashmatrixError) -> ExitStatus:
    """Say what is wrong and what to do about it; return the exit code for it."""
    if isinstance(error, InvalidFileError):
        terminal.say("".join(fault_lines(error)).rstrip("\n"))
    terminal.say(f"error: {error.message}")
    if error.hint is not None:
        terminal.say(f"hint: {error.hint}")
    return ExitStatus.USAGE if isinstance(error, UnknownNameError) else ExitStatus.FAILED
