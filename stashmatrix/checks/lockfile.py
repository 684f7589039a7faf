"""The lock file: the room that each alias led to in an earlier run.

One entry a line, sorted, in ASCII, so that a change reads well as a diff.
"""

from collections.abc import Mapping
from pathlib import Path

from stashmatrix import jsonfile
from stashmatrix.errors import IdentifierError
from stashmatrix.jsonfile import JsonFile
from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.text import ascii_json, quoted

VERSION = 1

_KEYS = ("version", "rooms")


def load(path: Path, *, missing_ok: bool = False) -> dict[RoomAlias, RoomId]:
    """Return the room of each alias in the lock file at ``path``.

    Raises ``InvalidFileError`` if ``jsonfile.load`` does, and if the JSON is not a lock file. With
    ``missing_ok``, a missing file counts as one without entries.
    """
    if missing_ok and not path.exists():
        return {}
    return _rooms(jsonfile.load(path))


def dump(rooms: Mapping[RoomAlias, RoomId]) -> str:
    """Return the text of a lock file with these rooms."""
    return ascii_json({"version": VERSION, "rooms": dict(sorted(rooms.items()))})


def updated(
    recorded: Mapping[RoomAlias, RoomId], current: Mapping[RoomAlias, RoomId | None]
) -> dict[RoomAlias, RoomId]:
    """Return the rooms to record from now on.

    ``current`` holds every alias that still exists, with the room that it leads to now; if that is
    ``None``, the room in ``recorded`` stays.
    """
    rooms = {alias: room_id or recorded.get(alias) for alias, room_id in current.items()}
    return {alias: room_id for alias, room_id in rooms.items() if room_id is not None}


def _rooms(file: JsonFile) -> dict[RoomAlias, RoomId]:
    """Read the entries of a lock file, with all of their faults."""
    content = file.content
    if not isinstance(content, dict):
        file.fail('not a lock file: expected {"version": 1, "rooms": {...}}')
    version = content.get("version")
    if type(version) is not int or version != VERSION:  # True and 1.0 equal 1
        file.fail(f"version: expected {VERSION}", at="version")
    rooms = content.get("rooms")
    if not isinstance(rooms, dict):
        file.fail("rooms: expected an object of aliases and room IDs", at="rooms")
    for key in content:
        if key not in _KEYS:
            file.add_fault(f"unknown key {quoted(key)} (allowed: {', '.join(_KEYS)})", at=key)
    entries = [_entry(file, alias, room_id) for alias, room_id in rooms.items()]
    file.check()
    return dict(entry for entry in entries if entry is not None)


def _entry(file: JsonFile, alias: str, room_id: object) -> tuple[RoomAlias, RoomId] | None:
    if not isinstance(room_id, str):
        file.add_fault(f"{quoted(alias)}: expected a room ID", at=alias)
        return None
    try:
        return RoomAlias(alias), RoomId(room_id)
    except IdentifierError as error:
        file.add_fault(error.message, at=alias)
        return None
