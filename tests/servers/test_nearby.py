"""Did you mean, on a real homeserver: other ways to write an alias, and the room of the lock file."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from stashmatrix.checks.nearby import Candidate, Origin
from stashmatrix.matrix.identifiers import RoomAlias
from tests.support.process import run_in
from tests.support.synapse import Homeserver, at

OLD, NEW = (RoomAlias(f"#{name}-place:unredacted.org") for name in ("old", "new"))


@pytest.fixture
def moved(unredacted: Homeserver) -> Iterator[str]:
    """Make a room whose only alias is another than it was; return its ID."""
    room = unredacted.create_room(OLD.localpart)
    unredacted.api("PUT", f"directory/room/%23{NEW[1:]}", {"room_id": room})
    unredacted.api("PUT", f"rooms/{room}/state/m.room.canonical_alias", {"alias": NEW})
    unredacted.api("DELETE", f"directory/room/%23{OLD[1:]}")
    yield room
    unredacted.api("DELETE", f"directory/room/%23{NEW[1:]}")


@pytest.mark.parametrize(
    ("dead", "candidate"),
    [
        ("stash_help", "stash-help"),
        ("Stash-Bugs", "stash-bugs"),
        ("stash-bug", "stash-bugs"),
        ("nothing-like-it", None),
        ("stash-helm", None),  # a guess that nobody asks for
    ],
)
def test_a_way_to_write_an_alias_is_shown_if_its_server_confirms_it(
    dead: str, candidate: str | None, unredacted: Homeserver, tmp_path: Path
) -> None:
    assert hints(tmp_path, unredacted, dead) == (
        [
            None
            if candidate is None
            else Candidate(RoomAlias(f"#{candidate}:unredacted.org"), Origin.SERVER).hint
        ]
    )


def test_the_room_of_the_lock_file_is_shown_by_the_alias_that_it_calls_its_own(
    unredacted: Homeserver, moved: str, tmp_path: Path
) -> None:
    lock = tmp_path / "rooms.lock"
    lock.write_text(json.dumps({"version": 1, "rooms": {OLD: moved}}))
    assert hints(tmp_path, unredacted, OLD.localpart) == [None]
    assert hints(tmp_path, unredacted, OLD.localpart, "--lock", str(lock)) == [
        Candidate(NEW, Origin.LOCK).hint
    ]


def hints(folder: Path, unredacted: Homeserver, dead: str, *args: str) -> list[str | None]:
    """Check a page with one link, which is broken; return what may have been meant."""
    (folder / "chat.md").write_text(f"https://matrix.to/#/#{dead}:unredacted.org\n")
    done = run_in(folder, "check-links", "chat.md", "--format", "json", *at(unredacted), *args)
    [link] = json.loads(done.stdout)["links"]
    assert (link["verdict"], done.status) == ("broken", 1)
    said = [finding["hint"] for finding in link["findings"]]
    return [hint if hint.startswith("did you mean") else None for hint in said]
