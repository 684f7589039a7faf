"""QR codes, for a camera that looks at a terminal."""

from itertools import zip_longest

import segno

HALF_BLOCKS = " ▄▀█"
"""What a code is drawn with, if the terminal has these characters."""
_BORDER = 2
"""In modules. The standard has 4, but 2 are enough on a screen, and fit 40 columns."""


def lines(text: str, *, in_ascii: bool = False) -> list[str]:
    """Return the lines of a QR code of ``text``: its light modules are what is drawn, on a dark screen.

    Lines ``in_ascii`` are twice as wide and as many.
    """
    code = segno.make(text, error="l", micro=False)
    rows = [[not dark for dark in row] for row in code.matrix_iter(border=_BORDER)]
    if in_ascii:
        return ["".join("##" if light else "  " for light in row) for row in rows]
    pairs = zip_longest(rows[::2], rows[1::2], fillvalue=[False] * len(rows[0]))
    return [
        "".join(HALF_BLOCKS[2 * top + bottom] for top, bottom in zip(*pair, strict=True)) for pair in pairs
    ]
