"""Exit codes, and what is said on stderr before each of them."""

from collections.abc import Iterable
from enum import IntEnum

import typer

from stashmatrix.commands import terminal
from stashmatrix.errors import InvalidFileError, StashmatrixError, UnknownNameError
from stashmatrix.text import counted, printable


class ExitStatus(IntEnum):
    """What the exit code says."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    FAILED = 3
    NOTHING_VERIFIED = 4
    BUG = 70
    HUNG_UP = 129
    INTERRUPTED = 130
    TERMINATED = 143


MEANINGS = {
    ExitStatus.OK: "No broken link; or the command did what it should.",
    ExitStatus.FINDINGS: "There are findings at or above --fail-on, or no room is found.",
    ExitStatus.USAGE: "Usage: an unknown option, room, category or topic.",
    ExitStatus.FAILED: "It could not be done: a file cannot be read or written, no browser.",
    ExitStatus.NOTHING_VERIFIED: "Nothing was verified: no homeserver gave a usable answer.",
    ExitStatus.BUG: "A bug in stashmatrix; --debug shows where it is.",
    ExitStatus.HUNG_UP: "The terminal was closed; what was finished is reported.",
    ExitStatus.INTERRUPTED: "Interrupted by Ctrl-C; likewise.",
    ExitStatus.TERMINATED: "Terminated by a signal; likewise.",
}
"""What each exit code means, in one sentence."""

BY_SIGNAL = frozenset({ExitStatus.HUNG_UP, ExitStatus.INTERRUPTED, ExitStatus.TERMINATED})
"""Those that say which signal ended the program: 128 and its number."""


ROOM_METAVAR = "ROOM..."
"""What the help calls the argument that is a room; a shell eats one that starts with #."""


def fault_lines(error: InvalidFileError) -> Iterable[str]:
    """Write each fault that is listed on a line, after its place, and how many others there are."""
    for fault in error.faults:
        yield f"{error.path}:{fault.line}:{fault.column}: {fault.message}\n"
    if error.unlisted:
        yield f"{error.path}: {counted(error.unlisted, 'more fault')}\n"


def report_error(error: StashmatrixError) -> ExitStatus:
    """Say what is wrong and what to do about it; return the exit code for it."""
    if isinstance(error, InvalidFileError) and error.faults:
        terminal.say("".join(fault_lines(error)).rstrip("\n"))
    terminal.say(f"error: {error.message}")
    if error.hint is not None:
        terminal.say(f"hint: {error.hint}")
    return ExitStatus.USAGE if isinstance(error, UnknownNameError) else ExitStatus.FAILED


def report_usage_error(error: typer.TyperException) -> ExitStatus:
    """Say what the command line got wrong, and where to read how it is written."""
    # Only some of Typer's errors have these attributes.
    context = getattr(error, "ctx", None)
    if hasattr(error, "possibilities") and context is not None:
        from stashmatrix.commands import mistakes  # most runs make none

        return report_error(mistakes.unknown_option(context, getattr(error, "option_name", "")))
    terminal.say(f"error: {printable(error.format_message(), limit=400)}")
    terminal.say(f"hint: {_usage_hint(error)}")
    return ExitStatus.USAGE


def _usage_hint(error: typer.TyperException) -> str:
    if getattr(getattr(error, "param", None), "metavar", None) == ROOM_METAVAR:
        return "quote an alias, '#name:server': the shell takes a bare # for a comment"
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "stashmatrix"
    return f"see '{command} --help'"


def report_nothing_verified() -> ExitStatus:
    """Say that no server gave proof of anything; return the exit code for it."""
    terminal.say("nothing verified: no homeserver gave a usable answer")
    return ExitStatus.NOTHING_VERIFIED


def report_bug(error: Exception, *, traceback: bool) -> ExitStatus:
    """Say on one line that stashmatrix itself failed, or show where by a traceback."""
    while isinstance(error, ExceptionGroup):  # as a group of tasks raises; any one tells enough
        error = error.exceptions[0]
    if traceback:
        from traceback import print_exception

        print_exception(error)
    else:
        terminal.say(f"error: stashmatrix failed: {type(error).__name__}: {printable(str(error), limit=200)}")
        terminal.say("hint: this is a bug; 'stashmatrix --debug ...' shows where it is")
    return ExitStatus.BUG
