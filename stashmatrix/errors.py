"""Every error that the package raises on purpose for the user.

StashmatrixError           something the user can act on
├── IdentifierError        text is not a Matrix identifier or link (also a ValueError)
├── UnknownNameError       no room, category or topic has the name, or several rooms have it
├── InvalidFileError       a file cannot be read, or its content is faulty
└── BrowserError           no web browser opened a link

Other errors are not in the tree because they never reach the user as they are: the network's own become
unverified answers, a ``ValueError`` of a parser becomes a message of its caller, and Typer reports a
``typer.BadParameter``. The tests list them.
"""

from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

from stashmatrix.text import counted, printable, quoted

MOST_FAULTS = 100
"""Maximum faults that are listed of one file."""

# Candidates for a suggestion: to compare a name as difflib does takes up to 10 ms.
_MOST_COMPARED = 50
_LONGEST_COMPARED = 100
_LEAST_ALIKE = 0.6


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

    def __init__(
        self, path: str, faults: tuple[Fault, ...] = (), *, more: int = 0, reason: str | None = None
    ) -> None:
        """Keep the first 100 ``faults`` of the file at ``path``, which are in the file's order.

        ``more`` is the number of faults besides those. One that is no text at all has a ``reason`` in their
        place.
        """
        number = counted(len(faults) + more, "fault")
        super().__init__(f"{path} {reason or f'cannot be used: {number}'}")
        self.path = path
        self.faults = faults[:MOST_FAULTS]
        self.unlisted = len(faults) + more - len(self.faults)
        """The number of faults that are not in ``faults``."""
        self.reason = reason
        """Why there is no text to find faults in; ``None`` if there is one."""


class BrowserError(StashmatrixError):
    """No web browser could be started, or it reported failure."""


def unknown(noun: str, text: str, names: dict[str, str], *, otherwise: str) -> UnknownNameError:
    """Build the error for a name that does not exist.

    ``names`` maps what people can type to what the hint suggests. The hint is ``otherwise`` if no name
    is close to ``text``.
    """
    close = closest(text, names)
    suggestions = list(dict.fromkeys(names[name] for name in close))
    hint = f"did you mean {' or '.join(map(printable, suggestions))}?" if close else otherwise
    return UnknownNameError(f"no {noun} named {quoted(text)}", hint=hint)


def closest(text: str, names: Collection[str]) -> list[str]:
    """Return up to three names that are much like ``text``, the most alike first.

    One that is the same but for its case, or the only one that begins with ``text``, stands alone. Of all
    others, only those that share most characters with it are compared: the share of those, in any order, is
    never less than how alike difflib finds them.
    """
    text = text.casefold()[:_LONGEST_COMPARED]
    begun = [name for name in names if name.startswith(text)]
    if text in names or len(begun) == 1:
        return [text if text in names else begun[0]]
    from difflib import get_close_matches
    from heapq import nlargest

    characters = Counter(text).items()
    shares: list[tuple[float, str]] = []
    for name in names:
        both = len(text) + len(name)
        if 2 * min(len(text), len(name)) < _LEAST_ALIKE * both:
            continue
        common = sum([min(number, name.count(character)) for character, number in characters])
        if 2 * common >= _LEAST_ALIKE * both:
            shares.append((common / both, name))
    likely = [name for _, name in nlargest(_MOST_COMPARED, shares)]
    return get_close_matches(text, likely, n=3, cutoff=_LEAST_ALIKE)
