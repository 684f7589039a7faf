"""Links as they should be written, though clients open them as they are."""

import re

from stashmatrix.matrix.forms import Form, read

_BEGINNING = re.compile(r"(?i)https?:/{0,2}(?:www\.)?matrix\.to(?::(?:443|80)?)?/{0,2}(?=[?#])")
_SECOND_QUESTION_MARK = re.compile(r"\?(?=via=)")


def tidied(address: str) -> str | None:
    """Return a matrix.to URL without the slips that matrix.to and browsers overlook; ``None`` if it has none.

    These are ``http``, ``www.``, a colon or a port behind the host, slashes that are missing or too many,
    and a ``?`` between two items of a query; and the full stop of a sentence behind the server's name,
    which is overlooked by people only.
    """
    reading = read(address)
    if reading is None or reading.form is not Form.MATRIX_TO or reading.link is None or reading.defect:
        return None
    beginning, mark, fragment = _BEGINNING.sub("https://matrix.to/", address, count=1).partition("#")
    route, question_mark, query = fragment.partition("?")
    query = _SECOND_QUESTION_MARK.sub("&", query)
    route = route if "/" in route.lstrip("/") else route.rstrip(".")
    better = beginning + mark + route + question_mark + query
    return better if better != address and _opens(better) else None


def _opens(address: str) -> bool:
    reading = read(address)
    return reading is not None and reading.link is not None and reading.defect is None
