"""Files that the commands write."""

import os
import secrets
from pathlib import Path

from stashmatrix.errors import StashmatrixError
from stashmatrix.escaping import printable


def replace(path: Path, text: str) -> None:
    """Write ``text`` to the file at ``path``: whole, or not at all.

    A link to a file stays, and the file that it leads to is replaced. Raises ``StashmatrixError`` if
    the file cannot be written, or is no ordinary file.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".stashmatrix-{secrets.token_hex(8)}.tmp")
    try:
        if target.exists() and not target.is_file():
            raise _unwritable(path, "it is not an ordinary file")
        try:
            temporary.write_bytes(text.encode())
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _unwritable(path, error.strerror) from error


def append(path: Path, text: str) -> None:
    """Add ``text`` to the end of the file at ``path``; raise ``StashmatrixError`` if that cannot be."""
    try:
        with path.open("ab") as file:
            file.write(text.encode())
    except OSError as error:
        raise _unwritable(path, error.strerror) from error


def _unwritable(path: Path, reason: str | None) -> StashmatrixError:
    return StashmatrixError(f"{printable(str(path))} cannot be written: {reason}")
