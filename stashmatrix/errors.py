"""Every error this package raises on purpose.

StashmatrixError           something the user can act on
├── IdentifierError        text is no Matrix identifier or link (also a ValueError)
├── UnknownNameError       no room, category or topic is called so, or several are
├── InvalidFileError       a file cannot be read, or its content is at fault
└── BrowserError           no web browser would open a link
"""

from typing import NamedTuple

from stashmatrix.text import counted, printable


class StashmatrixError(Exception):
    """Something went wrong that the user can act on."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        """Say in ``message`` what is wrong and where; in ``hint``, if any, what to do about it."""
        super().__init__(message)
        self.message = message
        self.hint = hint


class IdentifierError(StashmatrixError, ValueError):
    """The text is not the Matrix identifier or link that it should be."""


class UnknownNameError(StashmatrixError):
    """What the user named does not exist, or is not the only one of that name."""


class Fault(NamedTuple):
    """One thing wrong in a file, at a line and column that both count from 1."""

    line: int
    column: int
    message: str


class InvalidFileError(StashmatrixError):
    """A file cannot be used."""

    def __init__(self, path: str, faults: tuple[Fault, ...]) -> None:
        """Keep all that is wrong with the file at ``path`` in ``faults``, in the file's order."""
        super().__init__(f"{path} cannot be used: {counted(len(faults), 'fault')}")
        self.path = path
        self.faults = faults


class BrowserError(StashmatrixError):
    """No web browser could be started, or it reported failure."""


def unknown(noun: str, text: str, names: dict[str, str], *, otherwise: str) -> UnknownNameError:
    """Build the error for a name that does not exist.

    ``names`` maps what can be typed to what is suggested; the hint is ``otherwise`` where nothing
    is close to ``text``.
    """
    from difflib import get_close_matches

    close = get_close_matches(text.casefold()[:100], names, n=3, cutoff=0.6)
    suggestions = list(dict.fromkeys(names[name] for name in close))
    hint = f"did you mean {' or '.join(map(printable, suggestions))}?" if close else otherwise
    return UnknownNameError(f"no {noun} is called '{printable(text, limit=80)}'", hint=hint)
