"""What a real homeserver tells strangers of its rooms."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.catalogues import catalogue_of, write_catalogue
from tests.support.process import run_in
from tests.support.synapse import Homeserver, at


@pytest.fixture(scope="module")
def rooms(unredacted: Homeserver) -> Iterator[dict[str, str]]:
    """Make rooms that a stranger cannot join, and one that is no space; return their IDs, and remove them."""
    parent = unredacted.create_room("parent-of-restricted")
    rules: dict[str, dict[str, object]] = {
        "invite-only": {"preset": "private_chat"},
        "seen-by-all": {
            "preset": "private_chat",
            "initial_state": [state("history_visibility", "world_readable")],
        },
        "knock": {"initial_state": [rule("knock")]},
        "restricted": {"initial_state": [rule("restricted", parent)]},
        "knock-restricted": {"initial_state": [rule("knock_restricted", parent)]},
        "not-a-space": {"name": "Not a \x1b[31mspace", "topic": "For \u202eall\n::error::"},
    }
    ids = {name: unredacted.create_room(name, **options) for name, options in rules.items()}
    yield ids
    for name in (*rules, "parent-of-restricted"):
        unredacted.api("DELETE", f"directory/room/%23{name}:unredacted.org")


def state(kind: str, value: str) -> dict[str, object]:
    return {"type": f"m.room.{kind}", "state_key": "", "content": {kind: value}}


def rule(join_rule: str, parent: str | None = None) -> dict[str, object]:
    allow = [] if parent is None else [{"type": "m.room_membership", "room_id": parent}]
    return {"type": "m.room.join_rules", "state_key": "", "content": {"join_rule": join_rule, "allow": allow}}


@pytest.fixture(scope="module")
def report(
    unredacted: Homeserver, rooms: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """Check all of ``rooms`` and return the links of the JSON report by name."""
    aliases = [f"#{name}:unredacted.org" for name in (*rooms, "stash-help")]
    space = "#not-a-space:unredacted.org"
    aliases.remove(space)
    folder = tmp_path_factory.mktemp("rooms")
    path = write_catalogue(folder, catalogue_of(*aliases, space=space))
    result = run_in(folder, "--catalogue", path, "check-links", "--format", "json", *at(unredacted))
    assert result.status == 0
    return {link["target"].split(":")[0][1:]: link for link in json.loads(result.stdout)["links"]}


@pytest.mark.parametrize(
    ("name", "join_rule"),
    [
        ("invite-only", None),  # hidden
        ("seen-by-all", "invite"),
        ("knock", "knock"),
        ("restricted", None),
        ("knock-restricted", "knock_restricted"),
    ],
)
def test_a_room_that_strangers_cannot_join_is_named_and_its_link_works(
    report: Mapping[str, Any], name: str, join_rule: str | None
) -> None:
    link = report[name]
    assert link["verdict"] == "ok"
    [finding] = link["findings"]
    assert (finding["code"], finding["severity"]) == ("not-joinable", "warning")
    assert finding["message"].startswith(f"#{name}:unredacted.org ")
    assert (link["room"] and link["room"]["join_rule"]) == join_rule


def test_an_ordinary_room_has_no_findings_and_a_summary(
    report: Mapping[str, Any], unredacted: Homeserver
) -> None:
    link = report["stash-help"]
    assert link["findings"] == []
    assert link["homeserver"] == unredacted.url
    assert link["room"] == {
        "name": None,
        "topic": None,
        "members": 1,
        "join_rule": "public",
        "room_type": None,
        "room_version": link["room"]["room_version"],
        "canonical_alias": "#stash-help:unredacted.org",
        "encryption": None,
    }


def test_what_the_catalogue_calls_a_space_is_looked_at(report: Mapping[str, Any]) -> None:
    link = report["not-a-space"]
    [finding] = link["findings"]
    assert finding["code"] == "not-a-space"
    assert link["room"]["name"] == "Not a \x1b[31mspace"
    assert link["room"]["topic"] == "For \u202eall\n::error::"


def notes(folder: Path, unredacted: Homeserver, alias: str, *args: str) -> dict[str, str]:
    """Check one alias; return its findings by their codes."""
    path = write_catalogue(folder, catalogue_of(alias))
    place = f"{unredacted.name}={unredacted.url}"
    done = run_in(
        folder, "--catalogue", path, "check-links", "--format", "json", "--homeserver", place, *args
    )
    assert done.status == 0
    [link] = json.loads(done.stdout)["links"]
    assert link["verdict"] == "ok"
    return {finding["code"]: f"{finding['message']} | {finding['hint']}" for finding in link["findings"]}


def test_what_a_room_says_of_itself_is_a_note(unredacted: Homeserver, tmp_path: Path) -> None:
    encryption = {"algorithm": "m.megolm.v1.aes-sha2"}
    unredacted.create_room(
        "new-name",
        topic="We moved to #stash-help:unredacted.org",
        initial_state=[{"type": "m.room.encryption", "state_key": "", "content": encryption}],
    )
    room = unredacted.api("GET", "directory/room/%23new-name:unredacted.org")["room_id"]
    unredacted.api("PUT", "directory/room/%23old-name:unredacted.org", {"room_id": room})
    old, usual = "#old-name:unredacted.org", {"not-canonical", "nearly-empty"}
    found = notes(tmp_path, unredacted, old)
    assert found.keys() == usual
    assert found["not-canonical"].endswith("| link to #new-name:unredacted.org")
    assert notes(tmp_path, unredacted, "#new-name:unredacted.org").keys() == {"nearly-empty"}
    every = notes(tmp_path, unredacted, old, "--enable", "encrypted", "--enable", "room-says-moved")
    assert every.keys() == usual | {"encrypted", "room-says-moved"}
    assert "We moved to #stash-help:unredacted.org" in every["room-says-moved"]
    none = notes(tmp_path, unredacted, old, "--disable", "not-canonical", "--disable", "nearly-empty")
    assert none == {}
    cached = [notes(tmp_path, unredacted, old, "--cache", "answers.json").keys() for _ in range(2)]
    assert cached == [usual, usual]


def test_a_room_that_is_called_otherwise_by_itself_alone_is_no_note(
    unredacted: Homeserver, tmp_path: Path
) -> None:
    room = unredacted.create_room("proud")
    unredacted.api("DELETE", "directory/room/%23proud:unredacted.org")
    unredacted.api("PUT", "directory/room/%23humble:unredacted.org", {"room_id": room})
    assert notes(tmp_path, unredacted, "#humble:unredacted.org").keys() == {"nearly-empty"}
