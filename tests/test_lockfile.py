"""The lock file: read, written, and what check-links makes of it."""

import json
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from stashmatrix import files, lockfile
from stashmatrix.errors import InvalidFileError
from stashmatrix.identifiers import RoomAlias, RoomId
from tests.conftest import TIMEOUT, Run, at, command, environment, silent_server
from tests.synapse import Homeserver
from tests.test_check_links import CATALOGUE, NOWHERE, write

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


def lock_file(folder: Path, rooms: Mapping[str, str]) -> Path:
    path = folder / "rooms.lock"
    path.write_text(json.dumps({"version": 1, "rooms": rooms}))
    return path


def rooms_in(path: Path) -> dict[str, str]:
    rooms: dict[str, str] = json.loads(path.read_text(encoding="ascii"))["rooms"]
    return rooms


# The file


def test_a_lock_file_is_sorted_ascii_with_one_entry_a_line() -> None:
    assert lockfile.dump({B: TWO, A: ONE}) == TEXT


@pytest.mark.parametrize("rooms", [{}, {A: ONE}, {A: ONE, B: TWO}, {RoomAlias("###[x:example.org"): ONE}])
def test_what_is_written_is_read_back(rooms: Mapping[RoomAlias, RoomId], tmp_path: Path) -> None:
    (tmp_path / "rooms.lock").write_text(lockfile.dump(rooms))
    assert lockfile.load(tmp_path / "rooms.lock") == rooms
    assert "##[" not in lockfile.dump(rooms)


@pytest.mark.parametrize(
    ("recorded", "found", "expected"),
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
    found: Mapping[RoomAlias, RoomId | None],
    expected: Mapping[RoomAlias, RoomId],
) -> None:
    assert lockfile.updated(recorded, found) == expected


@pytest.mark.parametrize(
    ("data", "line", "column", "message"),
    [
        (b"", 1, 1, "not JSON: Expecting value"),
        (b"rooms: []\n", 1, 1, "not JSON: Expecting value"),
        (TEXT.replace("  }", "<<<<<<< HEAD\n  }").encode(), 6, 1, "not JSON: "),
        (TEXT.encode()[:60], 4, 23, "not JSON: Unterminated string"),
        (b'{"version": 1,\n "rooms": {"\xff": ""}}', 2, 13, "not UTF-8: byte 0xff"),
        (b"\0", 1, 1, "not JSON: Expecting value"),
        (b"[" * 200_000, 1, 1, "is nested too deep"),
        (b'{"version": ' + b"9" * 10_000 + b"}", 1, 1, "holds a number that is too long"),
        (b"[]", 1, 1, "not a lock file"),
        (b"null", 1, 1, "not a lock file"),
        (b'{"rooms": {}}', 1, 1, "the version should be 1"),
        (b'{\n "version": 2, "rooms": {}}', 2, 2, "the version should be 1"),
        (b'{"version": true, "rooms": {}}', 1, 2, "the version should be 1"),
        (b'{"version": 1.0, "rooms": {}}', 1, 2, "the version should be 1"),
        (b'{"version": 1}', 1, 1, "the rooms should be an object"),
        (b'{"version": 1,\n"rooms": []}', 2, 1, "the rooms should be an object"),
        (b'{"version": 1, "rooms": {},\n\n  "more": 1}', 3, 3, "unknown key 'more'"),
        (TEXT.replace("#a", "a").encode(), 4, 5, "'a:example.org' is not a room alias"),
        (TEXT.replace("!one", "one").encode(), 4, 5, "'one:example.org' is not a room ID"),
        (TEXT.replace('"!one:example.org"', "null").encode(), 4, 5, "should lead to a room ID, as text"),
        (TEXT.replace(r"#b\u00e9", "#a").encode(), 5, 5, "'#a:example.org' is there twice"),
        (TEXT.replace(r"\u00e9", r"\ud800").encode(), 5, 5, r"'#b\ud800:example.org' holds half"),
        (TEXT.replace(r"\u00e9", r"\u001b").encode(), 5, 5, r"'#b\x1b:example.org' holds a control"),
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
    for path, message in (
        (tmp_path / "large", "is larger than 8 MiB"),
        (tmp_path, "cannot be read: Is a directory"),
        (tmp_path / "missing", "cannot be read: No such file or directory"),
        (Path("/dev/zero"), "is larger than 8 MiB"),
    ):
        with pytest.raises(InvalidFileError) as caught:
            lockfile.load(path)
        assert [fault.message for fault in caught.value.faults] == [message]
    assert lockfile.load(tmp_path / "missing", missing_ok=True) == {}


# The command


def test_a_room_that_was_upgraded_has_moved_until_the_lock_is_updated(
    run: Run, unredacted: Homeserver, tmp_path: Path
) -> None:
    old = unredacted.create_room("upgraded", room_version="10")
    path = write(tmp_path, CATALOGUE.replace("gone:", "upgraded:"))
    check = ("--catalogue", path, "check-links", *at(unredacted), "--lock", "rooms.lock")
    assert run(*check, "--update-lock", "--ignore", "#gone-too:*").status == 0
    locked = rooms_in(tmp_path / "rooms.lock")
    assert locked["#upgraded:unredacted.org"] == old
    assert len(locked) == 3
    assert run(*check, "--ignore", "#gone-too:*", "--fail-on", "warning").status == 0

    new = unredacted.api("POST", f"rooms/{old}/upgrade", {"new_version": "11"})["replacement_room"]
    args = (*check, "--ignore", "#gone-too:*", "--fail-on", "warning")
    moved = run(*args)
    assert moved.stdout == (
        f"{path}:9:12: warning[room-moved] #upgraded:unredacted.org leads to {new}, and led to {old}: "
        "an upgrade, or somebody else's room under the old name\n"
    )
    assert moved.status == 1
    assert rooms_in(tmp_path / "rooms.lock") == locked
    assert run(*args, "--update-lock").stdout == moved.stdout
    assert rooms_in(tmp_path / "rooms.lock") == {**locked, "#upgraded:unredacted.org": new}
    assert run(*args).status == 0


def test_an_update_keeps_what_is_gone_ignored_or_open_and_drops_what_the_catalogue_dropped(
    run: Run, unredacted: Homeserver, tmp_path: Path
) -> None:
    path = write(tmp_path, CATALOGUE.replace("stash-bugs:unredacted.org", "open:down.example"))
    kept = {
        "#gone:unredacted.org": "!gone:unredacted.org",
        "#open:down.example": "!open:down.example",
        "#gone-too:unredacted.org": "!ignored:unredacted.org",
    }
    lock = lock_file(tmp_path, {**kept, "#dropped:unredacted.org": "!dropped:unredacted.org"})
    servers = (*at(unredacted), "--homeserver", "down.example=http://127.0.0.1:1", "--retries", "0")
    options = ("--lock", str(lock), "--update-lock", "--ignore", "#gone-too:*")
    result = run("--catalogue", path, "check-links", *servers, *options)
    assert "room-moved" not in result.stdout
    assert result.status == 1
    now = rooms_in(lock)
    assert now.pop("#stash-help:unredacted.org").startswith("!")
    assert now == kept
    assert list(rooms_in(lock)) == sorted(rooms_in(lock))


def test_an_update_without_a_lock_is_a_usage_error(run: Run) -> None:
    result = run("--catalogue", "missing.yaml", "check-links", "--update-lock")
    assert "--update-lock" in result.stderr
    assert "--lock FILE" in result.stderr
    assert result.status == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--lock", "rooms.lock"], "error: rooms.lock is not there\nhint: --update-lock makes it\n"),
        (
            ["--lock", "missing/rooms.lock", "--update-lock"],
            "error: missing/rooms.lock cannot be written: missing is not a folder\n",
        ),
    ],
)
def test_a_lock_that_cannot_be_had_is_an_error_before_anybody_is_asked(
    run: Run, tmp_path: Path, options: list[str], message: str
) -> None:
    result = run("--catalogue", write(tmp_path, NOWHERE), "check-links", *options)
    assert (result.stdout, result.stderr, result.status) == ("", message, 3)


@pytest.mark.parametrize(("text", "update"), [("{", False), ("{", True)])
def test_a_lock_that_cannot_be_used_is_an_error_before_anybody_is_asked(
    run: Run, tmp_path: Path, text: str, update: bool
) -> None:
    lock = tmp_path / "rooms.lock"
    lock.write_text(text)
    options = ("--lock", "rooms.lock", *(["--update-lock"] if update else []))
    result = run("--catalogue", write(tmp_path, NOWHERE), "check-links", *options)
    assert result.stdout == ""
    assert "error: rooms.lock cannot be used: 1 fault" in result.stderr
    assert result.status == 3
    assert lock.read_text() == text


def test_a_lock_that_cannot_be_written_is_an_error_after_the_verdict(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rooms.lock").symlink_to("missing/rooms.lock")
    options = ("--lock", "rooms.lock", "--update-lock")
    result = run("--catalogue", write(tmp_path, NOWHERE), "check-links", *options)
    assert "4 links to nowhere.invalid" in result.stdout
    assert "error: rooms.lock cannot be written: No such file or directory\n" in result.stderr
    assert result.status == 3


def test_of_a_lock_that_is_all_wrong_some_faults_are_named_in_no_time(tmp_path: Path) -> None:
    path = tmp_path / "rooms.lock"
    path.write_text(json.dumps({"version": 1, "rooms": {f"#{number}": 1 for number in range(300_000)}}))
    with pytest.raises(InvalidFileError) as caught:
        lockfile.load(path)
    assert 10 <= len(caught.value.faults) <= 1000


def test_an_interrupted_run_records_nothing(unredacted: Homeserver, tmp_path: Path) -> None:
    path = write(tmp_path, CATALOGUE.replace("gone:unredacted.org", "gone:silent.example"))
    lock = tmp_path / "rooms.lock"
    with silent_server() as (url, asked):
        args = ["--catalogue", path, "check-links", *at(unredacted), "--homeserver", f"silent.example={url}"]
        process = subprocess.Popen(
            command([*args, "--lock", str(lock), "--update-lock"]),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
        )
        assert asked.wait(TIMEOUT)
        os.kill(process.pid, signal.SIGINT)
        process.communicate(timeout=TIMEOUT)
    assert process.returncode == 130
    assert not lock.exists()
