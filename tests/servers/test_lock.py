"""The lock of check-links: rooms that move, and what an update keeps."""

import json
from collections.abc import Mapping
from pathlib import Path

from tests.support.catalogues import CATALOGUE, write_catalogue
from tests.support.process import Run
from tests.support.synapse import Homeserver, at


def lock_file(folder: Path, rooms: Mapping[str, str]) -> Path:
    path = folder / "rooms.lock"
    path.write_text(json.dumps({"version": 1, "rooms": rooms}))
    return path


def rooms_in(path: Path) -> dict[str, str]:
    rooms: dict[str, str] = json.loads(path.read_text(encoding="ascii"))["rooms"]
    return rooms


def test_a_room_that_was_upgraded_has_moved_until_the_lock_is_updated(
    run: Run, unredacted: Homeserver, tmp_path: Path
) -> None:
    old = unredacted.create_room("upgraded", room_version="10")
    path = write_catalogue(tmp_path, CATALOGUE.replace("gone:", "upgraded:"))
    check = ("--catalogue", path, "check-links", *at(unredacted), "--lock", "rooms.lock")
    assert run(*check, "--update-lock", "--ignore", "#gone-too:*").status == 0
    locked = rooms_in(tmp_path / "rooms.lock")
    assert locked["#upgraded:unredacted.org"] == old
    assert len(locked) == 3
    assert run(*check, "--ignore", "#gone-too:*", "--fail-on", "warning").status == 0

    new = unredacted.api("POST", f"rooms/{old}/upgrade", {"new_version": "11"})["replacement_room"]
    args = (*check, "--ignore", "#gone-too:*", "--fail-on", "warning")
    moved = run(*args)
    [line] = moved.stdout.splitlines()
    assert line.startswith(f"{path}:9:12: warning[room-moved] #upgraded:unredacted.org ")
    assert line.index(new) < line.index(old)
    assert moved.status == 1
    assert rooms_in(tmp_path / "rooms.lock") == locked
    assert run(*args, "--update-lock").stdout == moved.stdout
    assert rooms_in(tmp_path / "rooms.lock") == {**locked, "#upgraded:unredacted.org": new}
    assert run(*args).status == 0


def test_an_update_keeps_what_is_gone_ignored_or_open_and_drops_what_the_catalogue_dropped(
    run: Run, unredacted: Homeserver, tmp_path: Path
) -> None:
    path = write_catalogue(tmp_path, CATALOGUE.replace("stash-bugs:unredacted.org", "open:down.example"))
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
