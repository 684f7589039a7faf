"""What runs of check-links keep for later ones: the rooms that aliases led to, in SQLite.

Only good news is kept. A cache is a help and never a condition: whatever is wrong with the file, the run
goes on without it.
"""

import json
import sqlite3
import stat
import time
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from stashmatrix.errors import IdentifierError
from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.records.answers import Resolved, Summary
from stashmatrix.text import printable_path

VERSION = 1
"""To be counted up with every change of the schema, of ``Resolved`` and of ``Summary``."""
APPLICATION_ID = int.from_bytes(b"Stmx")
"""What tells our database from those of other programs."""
PATIENCE = 1.0
"""Seconds that a process waits for another one to let go of the file."""

# Without types, as newer SQLite calls a database damaged where a value is of another type than its column.
_SCHEMA = "CREATE TABLE answers (key PRIMARY KEY NOT NULL, at NOT NULL, answer NOT NULL) WITHOUT ROWID"
_ORDINARY: Final = b"\1\1"  # bytes 18 and 19 of the file; with a write-ahead log they are 2
_LONGEST = 16 * 1024 * 1024  # bytes of a value: several times what web reads of an answer


class Cache:
    """The answers in one file; a context manager, which closes it.

    Nothing here raises. The first trouble is told to ``warn``, as a line for the user; from then on the
    cache is empty and takes nothing. A file that is not a cache of ours stays as it is.
    """

    def __init__(self, path: Path, *, max_age: float, now: float, warn: Callable[[str], None]) -> None:
        """Open or create the cache at ``path``, and drop what is older than ``max_age`` seconds."""
        self._name = printable_path(str(path))
        self._now = now
        self._oldest = now - max_age
        self._warn = warn
        self._database: sqlite3.Connection | None = None
        try:
            _check_header(path)
            # Absolute, as SQLite has its own idea of ":memory:".
            self._database = sqlite3.connect(path.absolute(), timeout=0.01, isolation_level=None)
            _prepare(self._database, self._oldest)
        except OSError as error:
            self._give_up(f"is ignored: it cannot be opened: {error.strerror}; name another file")
        except sqlite3.OperationalError as error:
            self._give_up(f"is ignored: it cannot be used: {error}; name another file")
        except sqlite3.DatabaseError:
            self._give_up("is ignored: it is damaged; delete it, or name another file")
        except ValueError as error:
            self._give_up(f"is ignored: {error}; delete it, or name another file")

    def __enter__(self) -> Self:
        """Return the cache."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._close()

    def get(self, alias: RoomAlias, asked: str) -> Resolved | None:
        """Return the answer about ``alias`` that was put in for the same ``asked``, if it is young enough."""
        # As a blob, since what somebody else wrote need not be text.
        rows = self._execute(
            "SELECT CAST(answer AS BLOB) FROM answers WHERE key = ? AND at BETWEEN ? AND ?",
            (_key(alias, asked), self._oldest, self._now),
        )
        return _decoded(rows[0][0]) if rows else None

    def put(self, alias: RoomAlias, asked: str, answer: Resolved) -> None:
        """Keep ``answer``: what was said about ``alias`` at ``asked``, a base URL or "" for discovery.

        It has to be of the alias's own server: what is known at second hand is not told apart.
        """
        self._execute(
            "INSERT OR REPLACE INTO answers (key, at, answer) VALUES (?, ?, ?)",
            (_key(alias, asked), self._now, _encoded(answer)),
        )

    def _execute(self, sql: str, parameters: tuple[str | float, ...]) -> list[tuple[object, ...]]:
        if self._database is None:
            return []
        try:
            return _patiently(self._database, sql, parameters)
        except sqlite3.Error as error:
            self._give_up(f"is not used any further: {error}")
            return []

    def _give_up(self, why: str) -> None:
        self._close()
        self._warn(f"{self._name} {why}")

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


def _check_header(path: Path) -> None:
    """Raise ``ValueError`` if the file at ``path`` is no cache of ours.

    SQLite is not asked, as it may change a file by opening it: it finishes what another program began.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ValueError("it is not an ordinary file")
    except FileNotFoundError:
        return
    with path.open("rb") as file:
        header = file.read(100)
    if not header:
        return
    ours = header[:16] == b"SQLite format 3\0" and header[68:72] == APPLICATION_ID.to_bytes(4)
    if not ours:
        raise ValueError("it is not a cache of stashmatrix")
    if header[60:64] != VERSION.to_bytes(4):
        raise ValueError("it is a cache of another version of stashmatrix")
    if header[18:20] != _ORDINARY:
        raise ValueError("it is damaged")


def _prepare(database: sqlite3.Connection, oldest: float) -> None:
    """Make a new database a cache, or check one that is there; then drop what is older than ``oldest``."""
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    database.execute("PRAGMA trusted_schema = OFF")
    # The death of the process loses nothing without it, and a crash of the system only a cache.
    database.execute("PRAGMA synchronous = OFF")
    _patiently(database, "BEGIN IMMEDIATE")
    schema = database.execute("SELECT sql FROM sqlite_master").fetchall()
    if not schema:
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {VERSION}")
        database.execute(_SCHEMA)
    elif schema != [(_SCHEMA,)]:
        raise ValueError("it is not a cache of stashmatrix")
    elif database.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]:
        raise ValueError("it is damaged")
    database.execute("DELETE FROM answers WHERE at < ?", (oldest,))
    _patiently(database, "COMMIT")


def _patiently(
    database: sqlite3.Connection, sql: str, parameters: tuple[str | float, ...] = ()
) -> list[tuple[object, ...]]:
    """Execute ``sql``, and for a while again when another process is in the way.

    SQLite can wait by itself, but in steps that grow: one of two busy writers would starve.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return database.execute(sql, parameters).fetchall()
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > deadline:
                raise


def _key(alias: RoomAlias, asked: str) -> str:
    """Write both in ASCII: SQLite would refuse half of a surrogate pair."""
    return json.dumps([alias, asked])


def _encoded(answer: Resolved) -> str:
    summary = None if answer.summary is None else astuple(answer.summary)
    return json.dumps((answer.room_id, answer.homeserver, summary, answer.hidden))


def _decoded(data: object) -> Resolved | None:
    """Read an answer; ``None`` if it makes no sense."""
    if not isinstance(data, bytes):
        return None
    try:
        match json.loads(data):
            case [str(room_id), str(homeserver), None, bool(hidden)]:
                summary = None
            case [
                str(room_id),
                str(homeserver),
                [
                    int(members),
                    str() | None as name,
                    str() | None as topic,
                    str() | None as join_rule,
                    str() | None as room_type,
                    str() | None as room_version,
                ],
                bool(hidden),
            ] if not isinstance(members, bool):
                summary = Summary(
                    members=members,
                    name=name,
                    topic=topic,
                    join_rule=join_rule,
                    room_type=room_type,
                    room_version=room_version,
                )
            case _:
                return None
        return Resolved(room_id=RoomId(room_id), homeserver=homeserver, summary=summary, hidden=hidden)
    except (ValueError, RecursionError, IdentifierError):
        return None
