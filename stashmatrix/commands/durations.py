"""Lengths of time as people write them on a command line."""

import re

_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_LONGEST = 100 * 365 * _SECONDS["d"]


def parse_duration(text: str) -> float:
    """Return the seconds that ``text`` stands for: a number with s, m, h, d or w, or of seconds.

    Raises ``ValueError`` if it is none, is 0, or is more than a hundred years.
    """
    match = re.fullmatch(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)([smhdw]?)", text)
    if match is None:
        raise ValueError(f"'{text}' is not a length of time, such as 30s, 5m, 12h, 1d or 2w")
    seconds = float(match[1]) * _SECONDS[match[2]]
    if not 0 < seconds <= _LONGEST:
        raise ValueError(f"'{text}' is too {'long' if seconds else 'short'} a time")
    return seconds
