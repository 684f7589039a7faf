"""Files read within bounds, and files written whole."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from stashmatrix.errors import Fault, InvalidFileError, StashmatrixError
from stashmatrix.text import printable, printable_path

MAX_BYTES = 8 * 1024 * 1024
"""The largest file that is read: a catalogue of about 40,000 rooms."""

_BEGINNING = 64 * 1024
"""Bytes of the first read, which is the only one for most files."""

_NOT_ORDINARY = "it is not an ordinary file"
_SAVE_IT = "save what a pipe or a device gives to a file first"


def read_text(path: Path, *, limit: int = MAX_BYTES) -> str:
    """Return the UTF-8 text of the file at ``path``.

    Raises ``InvalidFileError`` if it is no ordinary file, cannot be read, has more than ``limit`` bytes or
    is not UTF-8.
    """
    name = printable_path(str(path))
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            if not _is_ordinary(file):
                raise InvalidFileError(name, reason=f"is not an ordinary file: {_SAVE_IT}")
            data = file.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InvalidFileError(name, reason=f"cannot be read: {reason}") from error
    if len(data) > limit:
        raise InvalidFileError(name, reason=f"is larger than {limit // 1024 // 1024} MiB")
    return decoded(name, data)


def decoded(name: str, data: bytes) -> str:
    """Return the UTF-8 text of a file; raise ``InvalidFileError`` if it is none."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(errors="replace")
        message = f"not UTF-8: byte 0x{data[error.start]:02x}"
        raise InvalidFileError(name, (Fault(*position(before), message),)) from None


def read_bytes(
    path: str, *, limit: int, follow: bool = True, wanted: Callable[[bytes], bool] | None = None
) -> bytes | None:
    """Return what the file at ``path`` holds; ``None`` if its beginning is not ``wanted``.

    ``wanted`` is asked with up to 64 KiB. Raises ``StashmatrixError`` if ``path`` is no ordinary file (a
    symbolic link is none without ``follow``), cannot be read, or has more than ``limit`` bytes.
    """
    try:
        descriptor = _open_at_once(path, os.O_RDONLY | (0 if follow else os.O_NOFOLLOW))
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise _unreadable(path, _NOT_ORDINARY, hint=_SAVE_IT)
            if status.st_size > limit:
                raise _unreadable(path, f"it is larger than {limit // 1024 // 1024} MiB")
            data = os.read(descriptor, _BEGINNING)
            if wanted is not None and not wanted(data):
                return None
            if len(data) == status.st_size:
                return data
            return data + _rest(descriptor, limit - len(data))
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _unreadable(path, error.strerror) from error
    except ValueError as error:
        raise _unreadable(path, str(error)) from error


def _rest(descriptor: int, limit: int) -> bytes:
    """Return what is still to be read of a file, up to ``limit`` bytes: it may have grown."""
    parts = []
    while limit > 0 and (part := os.read(descriptor, limit)):
        parts.append(part)
        limit -= len(part)
    return b"".join(parts)


def _unreadable(path: str, reason: str | None, *, hint: str | None = None) -> StashmatrixError:
    return StashmatrixError(f"{printable_path(path)} cannot be read: {reason}", hint=hint)


def _open_at_once(path: str, flags: int) -> int:
    """Open a file without waiting for the other end of what may be a named pipe."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY, 0o666)


def _is_ordinary(file: IO[bytes]) -> bool:
    # Asked of what is open: a path may lead elsewhere by then.
    return stat.S_ISREG(os.fstat(file.fileno()).st_mode)


def position(before: str) -> tuple[int, int]:
    """Return the line and column, counting from 1, of what follows ``before`` in a text."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def replace(path: Path, text: str) -> None:
    """Write ``text`` to the file at ``path``: whole, or not at all.

    Follows symbolic links and keeps the file's mode. Raises ``StashmatrixError`` if the file cannot be
    written, or is not an ordinary file.
    """
    target = Path(os.path.realpath(path))
    try:
        if target.exists() and not target.is_file():
            raise unwritable(path, _NOT_ORDINARY)
        with _beside(target) as temporary:
            temporary.write_bytes(text.encode())
            if target.exists():
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            temporary.replace(target)
    except OSError as error:
        raise unwritable(path, error.strerror) from error


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Yield the path of a temporary file that can take the place of ``target``, and is gone afterwards."""
    temporary = target.with_name(f".stashmatrix-{os.urandom(8).hex()}.tmp")
    try:
        yield temporary
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def rewrite(path: Path, before: bytes, after: bytes) -> None:
    """Put ``after`` in the place of ``before``, which is all of a file: whole, or not at all.

    Follows symbolic links; keeps mode and owner. Raises ``StashmatrixError`` if the file is not what it
    was, is read-only, has a second name, which would keep the old text, or cannot be written.
    """
    target = Path(os.path.realpath(path))
    try:
        status = target.stat()
        if not status.st_mode & 0o222 or not os.access(target, os.W_OK):
            raise unwritable(path, "it is read-only")
        if status.st_nlink > 1:
            raise unwritable(path, "it has hard links, which would keep the old text")
        with _beside(target) as temporary:
            with temporary.open("xb") as file:
                file.write(after)
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(stat.S_IMODE(status.st_mode))
            ours = temporary.stat()
            if (ours.st_uid, ours.st_gid) != (status.st_uid, status.st_gid):
                os.chown(temporary, status.st_uid, status.st_gid)
            if read_bytes(str(target), limit=len(before) + MAX_BYTES) != before:
                raise unwritable(path, CHANGED)
            temporary.replace(target)
    except OSError as error:
        raise unwritable(path, error.strerror) from error


CHANGED = "it changed since it was read"


def check_target(path: Path) -> None:
    """Raise ``StashmatrixError`` if no file can be at ``path``.

    Its folder is missing, or it is a folder itself, a pipe or a device.
    """
    try:
        if not path.parent.is_dir():
            raise unwritable(path, f"{printable(str(path.parent))} is not a folder")
        if path.is_dir():
            raise unwritable(path, "it is a folder")
        if path.exists() and not path.is_file():
            raise unwritable(path, _NOT_ORDINARY)
        with suppress(FileNotFoundError):
            path.stat()  # raises what the questions above may take for "no", such as a name that is too long
    except OSError as error:
        raise unwritable(path, error.strerror) from error


def check_stays_inside(path: Path, folder: Path) -> None:
    """Raise ``StashmatrixError`` if a symbolic link in ``folder`` would lead what is written out of it.

    Whoever may add files to a folder, as by a pull request, could choose what is replaced elsewhere. A path
    that is outside as it stands is the user's own choice.
    """
    inside = Path(os.path.realpath(folder))

    def is_inside(place: Path) -> bool:
        return Path(os.path.realpath(place)).is_relative_to(inside)

    if is_inside(path):
        return
    for place in (path, *path.parents):
        if place.is_symlink() and is_inside(place.parent) and not is_inside(place):
            raise unwritable(
                path, f"the symbolic link {printable(str(place))} leads out of the working directory"
            )


def are_same(one: Path, other: Path) -> bool:
    """Say whether two paths lead to one file, which may be missing."""
    try:
        return one.samefile(other)
    except OSError:
        return os.path.realpath(one) == os.path.realpath(other)


def append(path: Path, text: str) -> None:
    """Append ``text`` to the file at ``path``.

    Raises ``StashmatrixError`` if it cannot be written, or is not an ordinary file.
    """
    try:
        with open(path, "ab", opener=_open_at_once) as file:
            if not _is_ordinary(file):
                raise unwritable(path, _NOT_ORDINARY)
            file.write(text.encode())
    except OSError as error:
        raise unwritable(path, error.strerror) from error


def unwritable(path: Path, reason: str | None) -> StashmatrixError:
    """Build the error for a file that cannot or must not be written."""
    return StashmatrixError(f"{printable(str(path))} cannot be written: {reason}")
