"""What a person may have meant by a name that does not exist."""

from stashmatrix.errors import UnknownNameError
from stashmatrix.escaping import printable


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
