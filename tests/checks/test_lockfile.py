"""The lock file, written and read."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from stashmatrix import files
from stashmatrix.checks import lockfile
from stashmatrix.errors import InvalidFileError
from stashmatrix.matrix.identifiers import RoomAlias, RoomId

A, B = RoomAlias("#a:example.org"), RoomAlias("#b\u00e9:example.org")
ONE, TWO = RoomId("!one:example.org"), RoomId("!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM")
TEXT = r"""{
  "version": 1,
  "rooms": {
    "#a:example.org": "!one:example.org",
    "#b\u00e9:example.org": "!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM"
  }
}
"""


def test_a_lock_file_is_sorted_ascii_with_one_entry_a_line() -> None:
    assert lockfile.dump({B: TWO, A: ONE}) == TEXT


@pytest.mark.parametrize("rooms", [{}, {A: ONE}, {A: ONE, B: TWO}, {RoomAlias("###[x:example.org"): ONE}])
def test_what_is_written_is_read_back(rooms: Mapping[RoomAlias, RoomId], tmp_path: Path) -> None:
    (tmp_path / "rooms.lock").write_text(lockfile.dump(rooms))
    assert lockfile.load(tmp_path / "rooms.lock") == rooms
    assert "##[" not in lockfile.dump(rooms)


@pytest.mark.parametrize(
    ("recorded", "current", "expected"),
    [
        ({}, {A: ONE, B: None}, {A: ONE}),
        ({A: ONE}, {A: TWO}, {A: TWO}),
        ({A: ONE}, {A: None}, {A: ONE}),
        ({A: ONE, B: TWO}, {B: TWO}, {B: TWO}),
        ({A: ONE}, {}, {}),
    ],
)
def test_an_update_keeps_what_is_open_and_drops_what_is_gone(
    recorded: Mapping[RoomAlias, RoomId],
    current: Mapping[RoomAlias, RoomId | None],
    expected: Mapping[RoomAlias, RoomId],
) -> None:
    assert lockfile.updated(recorded, current) == expected


@pytest.mark.parametrize(
    ("data", "line", "column", "message"),
    [
        (b"", 1, 1, ""),
        (b"rooms: []\n", 1, 1, ""),
        (TEXT.replace("  }", "<<<<<<< HEAD\n  }").encode(), 6, 1, ""),
        (TEXT.encode()[:60], 4, 23, ""),
        (b'{"version": 1,\n "rooms": {"\xff": ""}}', 2, 13, ""),
        (b"\0", 1, 1, ""),
        (b"[" * 200_000, 1, 1, ""),
        (b'{"version": ' + b"9" * 10_000 + b"}", 1, 1, ""),
        (b"[]", 1, 1, 'not a lock file: expected {"version": 1, "rooms": {...}}'),
        (b"null", 1, 1, "not a lock file"),
        (b'{"rooms": {}}', 1, 1, "version: expected 1"),
        (b'{\n "version": 2, "rooms": {}}', 2, 2, "version: expected 1"),
        (b'{"version": true, "rooms": {}}', 1, 2, "version: expected 1"),
        (b'{"version": 1.0, "rooms": {}}', 1, 2, "version: expected 1"),
        (b'{"version": 1}', 1, 1, "rooms: expected an object of aliases and room IDs"),
        (b'{"version": 1,\n"rooms": []}', 2, 1, "rooms: expected an object of aliases and room IDs"),
        (
            b'{"version": 1, "rooms": {},\n\n  "more": 1}',
            3,
            3,
            "unknown key 'more' (allowed: version, rooms)",
        ),
        (TEXT.replace("#a", "a").encode(), 4, 5, "'a:example.org' is not a room alias"),
        (TEXT.replace("!one", "one").encode(), 4, 5, "'one:example.org' is not a room ID"),
        (TEXT.replace('"!one:example.org"', "null").encode(), 4, 5, "'#a:example.org': expected a room ID"),
        (TEXT.replace(r"#b\u00e9", "#a").encode(), 5, 5, "'#a:example.org'"),
        (TEXT.replace(r"\u00e9", r"\ud800").encode(), 5, 5, r"'#b\ud800:example.org'"),
        (TEXT.replace(r"\u00e9", r"\u001b").encode(), 5, 5, r"'#b\x1b:example.org'"),
    ],
)
def test_a_damaged_lock_file_is_refused_at_its_place(
    data: bytes, line: int, column: int, message: str, tmp_path: Path
) -> None:
    (tmp_path / "rooms.lock").write_bytes(data)
    with pytest.raises(InvalidFileError) as caught:
        lockfile.load(tmp_path / "rooms.lock", missing_ok=True)
    (fault,) = caught.value.faults
    assert message in fault.message
    assert (fault.line, fault.column) == (line, column)
    assert fault.message.isprintable()


def test_all_faults_of_a_lock_file_are_listed_in_its_order(tmp_path: Path) -> None:
    (tmp_path / "rooms.lock").write_text(TEXT.replace("!one", "one").replace("#b", "b"))
    with pytest.raises(InvalidFileError) as caught:
        lockfile.load(tmp_path / "rooms.lock")
    assert [fault.line for fault in caught.value.faults] == [4, 5]


def test_a_file_that_is_too_large_or_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b" " * (files.MAX_BYTES + 1))
    for path in (tmp_path / "large", tmp_path, tmp_path / "missing", Path("/dev/zero")):
        with pytest.raises(InvalidFileError):
            lockfile.load(path)
    assert lockfile.load(tmp_path / "missing", missing_ok=True) == {}


def test_of_a_lock_that_is_all_wrong_some_faults_are_named_in_no_time(tmp_path: Path) -> None:
    path = tmp_path / "rooms.lock"
    path.write_text(json.dumps({"version": 1, "rooms": {f"#{number}": 1 for number in range(30_000)}}))
    with pytest.raises(InvalidFileError) as caught:
        lockfile.load(path)
    assert (len(caught.value.faults), caught.value.unlisted) == (100, 29_900)
