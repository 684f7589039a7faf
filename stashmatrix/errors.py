"""Every error that the package raises on purpose for the user.

StashmatrixError           something the user can act on
├── IdentifierError        text is not a Matrix identifier or link (also a ValueError)
├── UnknownNameError       no room, category or topic has the name, or several rooms have its beginning
├── InvalidFileError       a file cannot be read, or its content is faulty
└── BrowserError           no web browser opened a link

Other errors are not in the tree because they never reach the user as they are: the network's own become
unverified answers, a ``ValueError`` of a parser becomes a message of its caller, and Typer reports a
``typer.BadParameter``. The tests list them.
"""

from typing import NamedTuple

from stashmatrix.text import counted, printable, quoted


class StashmatrixError(Exception):
    """An error that the user can act on."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        """Say what is wrong, and where, in ``message``, and what to do about it in ``hint``."""
        super().__init__(message)
        self.message = message
        self.hint = hint


class IdentifierError(StashmatrixError, ValueError):
    """Text is not a Matrix identifier or link."""


class UnknownNameError(StashmatrixError):
    """What the user named does not exist, or is ambiguous."""


class Fault(NamedTuple):
    """One thing wrong in a file; line and column count from 1."""

    line: int
    column: int
    message: str


class InvalidFileError(StashmatrixError):
    """A file cannot be read, or its content is faulty."""

    def __init__(self, path: str, faults: tuple[Fault, ...]) -> None:
        """Keep every fault of the file at ``path``, in the file's order."""
        super().__init__(f"{path} cannot be used: {counted(len(faults), 'fault')}")
        self.path = path
        self.faults = faults


class BrowserError(StashmatrixError):
    """No web browser could be started, or it reported failure."""


def unknown(noun: str, text: str, names: dict[str, str], *, otherwise: str) -> UnknownNameError:
    """Build the error for a name that does not exist.

    ``names`` maps what people can type to what the hint suggests. The hint is ``otherwise`` if no name
    is close to ``text``.
    """
    from difflib import get_close_matches

    close = get_close_matches(text.casefold()[:100], names, n=3, cutoff=0.6)
    suggestions = list(dict.fromkeys(names[name] for name in close))
    hint = f"did you mean {' or '.join(map(printable, suggestions))}?" if close else otherwise
    return UnknownNameError(f"no {noun} named {quoted(text)}", hint=hint)
