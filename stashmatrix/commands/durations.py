"""Lengths of time as people write them on a command line."""

import re
from typing import Self

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_LONGEST = 100 * 365 * _UNITS["d"]


class Duration(float):
    """Seconds that print as people write them: ``15s``, ``1d``."""

    __slots__ = ()

    def __str__(self) -> str:
        """Return the number of the largest unit that fits without a fraction, else of seconds."""
        units = [unit for unit, seconds in _UNITS.items() if self % seconds == 0]
        unit = units[-1] if units else "s"
        return f"{self / _UNITS[unit]:g}{unit}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a number with s, m, h, d or w, or one of seconds.

        Raises ``ValueError`` if ``text`` is no such number, is 0, or is more than a hundred years.
        """
        match = re.fullmatch(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)([smhdw]?)", text)
        if match is None:
            raise ValueError(f"'{text}' is not a duration such as 30s, 5m, 12h, 1d or 2w")
        seconds = float(match[1]) * _UNITS[match[2] or "s"]
        if not 0 < seconds <= _LONGEST:
            raise ValueError(f"'{text}' is too {'long' if seconds else 'short'}")
        return cls(seconds)
