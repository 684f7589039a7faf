"""The lock file: which room each alias led to when somebody last looked.

One entry a line, sorted, in ASCII: a change of it reads well as a diff.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from stashmatrix import files
from stashmatrix.errors import Fault, IdentifierError, InvalidFileError
from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.text import ascii_json, printable_path, quoted

VERSION = 1

# Each takes a look through the whole file for its place.
_MOST_FAULTS = 100

_KEYS = ("version", "rooms")


def load(path: Path, *, missing_ok: bool = False) -> dict[RoomAlias, RoomId]:
    """Return the room of each alias that the lock file at ``path`` records.

    Raises ``InvalidFileError`` where ``files.read_text`` does, and where the text is no lock file. With
    ``missing_ok`` a file that is not there is one without entries.
    """
    if missing_ok and not path.exists():
        return {}
    return _Reader(printable_path(str(path)), files.read_text(path)).read()


def dump(rooms: Mapping[RoomAlias, RoomId]) -> str:
    """Write a lock file that records these rooms."""
    return ascii_json({"version": VERSION, "rooms": dict(sorted(rooms.items()))})


def updated(
    recorded: Mapping[RoomAlias, RoomId], found: Mapping[RoomAlias, RoomId | None]
) -> dict[RoomAlias, RoomId]:
    """Return what is to be recorded now: the room of each alias that was found, as it is known last.

    ``found`` is every alias that there is, with its room; where that is ``None``, the record stays.
    """
    rooms = {alias: room_id or recorded.get(alias) for alias, room_id in found.items()}
    return {alias: room_id for alias, room_id in rooms.items() if room_id is not None}


class _Reader:
    """Reads the content of a lock file, with all its faults."""

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._text = text
        self._faults: list[Fault] = []

    def read(self) -> dict[RoomAlias, RoomId]:
        """Return the entries, or raise ``InvalidFileError``."""
        content = self._parse()
        if not isinstance(content, dict):
            self._fail(Fault(1, 1, 'not a lock file: it should be {"version": 1, "rooms": {...}}'))
        version = content.get("version")
        if type(version) is not int or version != VERSION:  # True and 1.0 equal 1
            self._fail(self._fault_at("version", f"the version should be {VERSION}"))
        rooms = content.get("rooms")
        if not isinstance(rooms, dict):
            self._fail(self._fault_at("rooms", "the rooms should be an object, of aliases and room IDs"))
        for key in content:
            if key not in _KEYS:
                self._note(key, f"unknown key {quoted(key)}")
        entries = [self._entry(alias, room_id) for alias, room_id in rooms.items()]
        if self._faults:
            raise InvalidFileError(self._name, tuple(sorted(set(self._faults))))
        return dict(entry for entry in entries if entry is not None)

    def _parse(self) -> object:
        try:
            return json.loads(self._text, object_pairs_hook=self._object)
        except json.JSONDecodeError as error:
            self._fail(Fault(error.lineno, error.colno, f"not JSON: {error.msg}"))
        except RecursionError:
            self._fail(Fault(1, 1, "is nested too deep"))
        except ValueError:  # a number of thousands of digits
            self._fail(Fault(1, 1, "holds a number that is too long"))

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        """Build an object, and note each key that is there twice."""
        content = dict(pairs)
        if len(content) < len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    self._note(key, f"{quoted(key)} is there twice", last=True)
                seen.add(key)
        return content

    def _entry(self, alias: str, room_id: object) -> tuple[RoomAlias, RoomId] | None:
        try:
            if isinstance(room_id, str):
                return RoomAlias(alias), RoomId(room_id)
            message = f"{quoted(alias)} should lead to a room ID, as text"
        except IdentifierError as error:
            message = error.message
        self._note(alias, message)
        return None

    def _note(self, key: str, message: str, *, last: bool = False) -> None:
        if len(self._faults) < _MOST_FAULTS:
            self._faults.append(self._fault_at(key, message, last=last))

    def _fault_at(self, key: str, message: str, *, last: bool = False) -> Fault:
        """Place a fault at a key, or at the file's start if the key is not there as ``dump`` writes it."""
        written = ascii_json(key).rstrip("\n")
        start = self._text.rfind(written) if last else self._text.find(written)
        return Fault(*files.position(self._text[: max(start, 0)]), message)

    def _fail(self, fault: Fault) -> NoReturn:
        raise InvalidFileError(self._name, (fault,))
