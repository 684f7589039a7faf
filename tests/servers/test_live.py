"""What a real homeserver tells of its rooms: info, and rooms --live."""

import json
from pathlib import Path
from typing import Any

from tests.support.catalogues import catalogue_of, write_catalogue
from tests.support.process import run_in
from tests.support.synapse import Homeserver


def at(homeserver: Homeserver) -> tuple[str, str]:
    return "--homeserver", f"{homeserver.name}={homeserver.url}"


def told(folder: Path, homeserver: Homeserver, text: str) -> dict[str, Any]:
    result = run_in(folder, "info", text, "--format", "json", *at(homeserver))
    assert result.status == 0
    [record] = json.loads(result.stdout)
    assert isinstance(record, dict)
    return record


def test_info_tells_what_a_stranger_may_know(unredacted: Homeserver, tmp_path: Path) -> None:
    encryption = {"algorithm": "m.megolm.v1.aes-sha2"}
    room_id = unredacted.create_room(
        "told",
        name="A \x1b[31mroom",
        topic="For all\n::error::",
        initial_state=[{"type": "m.room.encryption", "state_key": "", "content": encryption}],
    )
    unredacted.api("PUT", "directory/room/%23other:unredacted.org", {"room_id": room_id})
    record = told(tmp_path, unredacted, "#other:unredacted.org")
    assert record["aliases"] == ["#other:unredacted.org", "#told:unredacted.org"]
    assert record["room_link"] == f"https://matrix.to/#/{room_id}?via=unredacted.org"
    assert (record["verdict"], record["room_id"], record["hidden"]) == ("ok", room_id, False)
    assert (record["room"]["members"], record["room"]["encryption"]) == (1, "m.megolm.v1.aes-sha2")
    by_id = told(tmp_path, unredacted, record["room_link"])
    assert (by_id["verdict"], by_id["room"]) == ("ok", record["room"])
    shown = run_in(tmp_path, "info", "#other:unredacted.org", *at(unredacted)).stdout
    for line in (
        "other alias:  #told:unredacted.org",
        r"name:         A \x1b[31mroom",
        "topic:        For all ::error::",
        "members:      1",
        "who can join: anybody",
        "encrypted:    yes, m.megolm.v1.aes-sha2",
        f"kind:         room, version {record['room']['room_version']}",
        "hint:         link to #told:unredacted.org",
    ):
        assert f"\n{line}\n" in shown


def test_info_tells_a_space_and_a_room_that_is_hidden(unredacted: Homeserver, tmp_path: Path) -> None:
    assert told(tmp_path, unredacted, "space")["room"]["room_type"] == "m.space"
    unredacted.create_room("members-only", preset="private_chat")
    hidden = told(tmp_path, unredacted, "members-only:unredacted.org")
    assert (hidden["verdict"], hidden["hidden"], hidden["room"]) == ("ok", True, None)
    assert [finding["code"] for finding in hidden["findings"]] == ["not-joinable"]


def test_a_live_list_has_the_members(unredacted: Homeserver, tmp_path: Path) -> None:
    path = write_catalogue(tmp_path, catalogue_of("#stash-help:unredacted.org"))
    args = ("--catalogue", path, "rooms", "--live", *at(unredacted))
    [room] = json.loads(run_in(tmp_path, *args, "--format", "json").stdout)
    assert (room["verdict"], room["members"], room["findings"]) == ("ok", 1, ["nearly-empty"])
    assert "1 member ok: nearly-empty" in run_in(tmp_path, *args, "--format", "table").stdout
