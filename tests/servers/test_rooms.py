"""What a real homeserver tells strangers of its rooms."""

import json
from collections.abc import Iterator, Mapping
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
    }


def test_what_the_catalogue_calls_a_space_is_looked_at(report: Mapping[str, Any]) -> None:
    link = report["not-a-space"]
    [finding] = link["findings"]
    assert finding["code"] == "not-a-space"
    assert link["room"]["name"] == "Not a \x1b[31mspace"
    assert link["room"]["topic"] == "For \u202eall\n::error::"
