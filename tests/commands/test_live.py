"""What homeservers say right now: info, and rooms --live. tests/servers has what a real one tells."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.catalogues import catalogue_of
from tests.support.homeserver import fake_homeserver
from tests.support.process import Run, RunOnTerminal, lines, plain

NOBODY = ("--homeserver", "unredacted.org=http://127.0.0.1:1")
GONE = """\
  - {alias: "#gone:unredacted.org", category: support}
  - {alias: "#asleep:unredacted.org", category: support, check: false, reason: members only}
"""


@pytest.fixture
def server() -> Iterator[tuple[str, str]]:
    """Return the option that names a homeserver, which has every room but those called gone."""
    with fake_homeserver() as (url, _):
        yield "--homeserver", f"unredacted.org={url}"


@pytest.mark.parametrize(
    ("text", "target", "room_link"),
    [
        ("theming", "#stash-theming:unredacted.org", "!stash-theming:unredacted.org?via=unredacted.org"),
        ("space", "#stashapp:unredacted.org", "!stashapp:unredacted.org?via=unredacted.org"),
        ("#any:unredacted.org", "#any:unredacted.org", "!any:unredacted.org?via=unredacted.org"),
        ("any:unredacted.org", "#any:unredacted.org", "!any:unredacted.org?via=unredacted.org"),
        (
            "https://app.element.io/#/room/#any:unredacted.org",
            "#any:unredacted.org",
            "!any:unredacted.org?via=unredacted.org",
        ),
        ("matrix:r/any:unredacted.org", "#any:unredacted.org", "!any:unredacted.org?via=unredacted.org"),
    ],
)
def test_info_takes_names_aliases_and_links(
    run: Run, server: tuple[str, str], text: str, target: str, room_link: str
) -> None:
    result = run("info", text, "--format", "json", *server)
    [told] = json.loads(result.stdout)
    assert (told["text"], told["target"], told["verdict"]) == (text, target, "ok")
    assert told["aliases"] == [target]
    assert told["room_link"] == f"https://matrix.to/#/{room_link}"
    assert (result.status, result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nosuch", "error: no room named 'nosuch'"),
        ("@alice:unredacted.org", "error: '@alice:unredacted.org' is a user, and no room"),
        (
            "https://matrix.to/#/+g:x.org",
            "error: 'https://matrix.to/#/+g:x.org' names no room: Matrix no longer has groups",
        ),
    ],
)
def test_what_names_no_room_is_refused(run: Run, text: str, said: str) -> None:
    result = run("info", text)
    assert (result.status, result.stdout) == (2, "")
    assert result.stderr.startswith(said)


def test_a_room_that_its_own_server_does_not_know_is_broken(run: Run, server: tuple[str, str]) -> None:
    result = run("info", "help", "#gone:unredacted.org", *server)
    there, gone = result.stdout.split("\n\n")
    assert "verdict:    ok\n" in there
    assert "verdict: broken\n" in gone
    assert "error:   #gone:unredacted.org does not exist: its own server says so" in gone
    assert result.status == 1


def test_a_server_that_cannot_be_asked_leaves_its_rooms_unverified(run: Run) -> None:
    result = run("info", "#gone:unredacted.org", *NOBODY)
    assert "verdict:    unverified\n" in result.stdout
    assert "unverified: #gone:unredacted.org could not be checked: " in result.stdout
    assert "does not exist" not in result.stdout
    assert result.status == 4


def test_a_room_id_alone_names_nobody_to_ask(run: Run) -> None:
    result = run("info", "!abc:x.org")
    assert "verdict: not asked\n" in result.stdout
    assert "names no server to join through" in result.stdout
    assert result.status == 4


def test_info_is_drawn_on_a_terminal(run_on_terminal: RunOnTerminal, server: tuple[str, str]) -> None:
    shown = plain(run_on_terminal("info", "help", *server, columns=40))
    assert max(map(len, lines(shown))) <= 40
    assert "alias       #stash-help:unredacted.org" in shown


@pytest.fixture
def catalogue(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "rooms.yaml").write_text(catalogue_of("#there:unredacted.org") + GONE)
    return "--catalogue", "rooms.yaml"


def test_a_live_list_has_verdict_members_and_findings(
    run: Run, catalogue: tuple[str, str], server: tuple[str, str]
) -> None:
    result = run(*catalogue, "rooms", "--live", *server)
    assert [line.split("\t")[5:] for line in lines(result.stdout)] == [
        ["ok", "", ""],
        ["broken", "", "alias-not-found"],
        ["", "", ""],  # not to be checked
    ]
    assert result.status == 0
    as_json = json.loads(run(*catalogue, "rooms", "--live", "--format", "json", *server).stdout)
    assert [(room["verdict"], room["members"], room["findings"]) for room in as_json] == [
        ("ok", None, []),
        ("broken", None, ["alias-not-found"]),
        (None, None, []),
    ]
    as_csv = csv.DictReader(
        io.StringIO(run(*catalogue, "rooms", "--live", "--format", "csv", *server).stdout)
    )
    assert [room["verdict"] for room in as_csv] == ["ok", "broken", ""]


def test_a_live_list_of_silent_servers_says_why_and_is_no_success(
    run: Run, catalogue: tuple[str, str]
) -> None:
    result = run(*catalogue, "rooms", "--live", "--format", "table", *NOBODY)
    assert "unverified: unreachable" in result.stdout
    assert "broken" not in result.stdout
    *_, why, nothing = lines(result.stderr)
    assert why.startswith("2 links to unredacted.org could not be checked: ")
    assert nothing == "nothing verified: no homeserver gave a usable answer"
    assert result.status == 4


def test_a_list_that_is_not_live_asks_nobody(run: Run, server: tuple[str, str]) -> None:
    result = run("rooms", *server)
    assert (result.status, result.stdout) == (2, "")
