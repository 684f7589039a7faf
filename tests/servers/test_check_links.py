"""check-links on real homeservers: every verdict, exit code and format, from outside."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.catalogues import CATALOGUE, write_catalogue
from tests.support.process import Run, RunOnTerminal, after_catalogue, plain, read_report
from tests.support.synapse import Homeserver, at

# A server that is down is asked once: the tests do not wait for it to come back.
ONCE = ("--retries", "0")


@pytest.fixture
def alternative(matrix_im: Homeserver) -> Iterator[Homeserver]:
    """Give the space's alternative address a room on its own server: another one than the space."""
    matrix_im.create_room("stashapp")
    yield matrix_im
    matrix_im.api("DELETE", "directory/room/%23stashapp:matrix.im")


def test_every_bundled_room_of_a_running_homeserver_is_ok_and_the_other_server_s_address_open(
    run: Run, unredacted: Homeserver
) -> None:
    # No test reaches the real matrix.im: its API is said to be where nobody listens.
    result = run(
        "check-links",
        "--format",
        "json",
        *at(unredacted),
        "--homeserver",
        "matrix.im=http://127.0.0.1:1",
        *ONCE,
    )
    report = json.loads(result.stdout)
    assert report["summary"] == {
        "links": 54,
        "ok": 53,
        "broken": 0,
        "unverified": 1,
        "warnings": 0,
        "skipped": 0,
        "ignored": 0,
        "not_looked_at": 0,
        "fixable": 0,
        "fixable_unsafe": 0,
    }
    assert report["skipped"] == []
    assert [link["target"] for link in report["links"] if link["verdict"] == "unverified"] == [
        "#stashapp:matrix.im"
    ]
    assert result.status == 0
    assert after_catalogue(result.stderr) == ""


def test_every_link_has_an_answer_of_its_own_server(
    run: Run, unredacted: Homeserver, alternative: Homeserver
) -> None:
    result = run("check-links", "--format", "json", *at(unredacted), *at(alternative))
    links = json.loads(result.stdout)["links"]
    servers = {unredacted.name: unredacted.url, alternative.name: alternative.url}
    assert len(links) == 54
    assert all(link["homeserver"] == servers[link["target"].partition(":")[2]] for link in links)
    assert all(link["room_id"].startswith("!") for link in links)


def test_an_alternative_address_that_leads_elsewhere_is_broken(
    run: Run, unredacted: Homeserver, alternative: Homeserver
) -> None:
    result = run("check-links", "--format", "json", *at(unredacted), *at(alternative))
    broken = [link for link in json.loads(result.stdout)["links"] if link["verdict"] == "broken"]
    assert [link["target"] for link in broken] == ["#stashapp:matrix.im"]
    assert [finding["code"] for finding in broken[0]["findings"]] == ["not-a-space", "address-differs"]
    assert result.status == 1


def test_wrong_links_of_the_page_are_notes(run: Run, unredacted: Homeserver) -> None:
    result = run(
        "check-links",
        "--format",
        "json",
        *at(unredacted),
        "--homeserver",
        "matrix.im=http://127.0.0.1:1",
        *ONCE,
    )
    noted = {
        link["target"]: (link["verdict"], link["findings"][0]["severity"])
        for link in json.loads(result.stdout)["links"]
        if any(finding["code"] == "published-link-differs" for finding in link["findings"])
    }
    assert noted == {
        "#stash-theming:unredacted.org": ("ok", "note"),
        "#stash-github-feed:unredacted.org": ("ok", "note"),
    }


def test_exactly_the_missing_aliases_are_broken(run: Run, unredacted: Homeserver, tmp_path: Path) -> None:
    path = write_catalogue(tmp_path, CATALOGUE)
    result = run("--catalogue", path, "check-links", *at(unredacted))
    assert [line.partition(" ")[0] for line in result.stdout.splitlines()] == [
        f"{path}:9:12:",
        f"{path}:13:12:",
    ]
    assert all("error[alias-not-found]" in line for line in result.stdout.splitlines())
    assert after_catalogue(result.stderr) == (
        "4 links: 2 ok, 2 broken, 0 unverified\n"
        "2 alias-not-found: remove the room, or ask its community for the new address\n"
    )
    assert result.status == 1


def test_two_aliases_of_one_room_are_a_warning(run: Run, unredacted: Homeserver, tmp_path: Path) -> None:
    room_id = unredacted.create_room("first")
    unredacted.api("PUT", "directory/room/%23second:unredacted.org", {"room_id": room_id})
    path = write_catalogue(tmp_path, CATALOGUE.replace("gone:", "first:").replace("gone-too:", "second:"))
    args = ("--catalogue", path, "check-links", *at(unredacted))
    result = run(*args)
    assert result.stdout == (
        f"{path}:13:12: warning[duplicate-target] #second:unredacted.org leads to the same room as "
        f"#first:unredacted.org on line 9: {room_id}\n"
    )
    assert after_catalogue(result.stderr).startswith("4 links: 4 ok, 0 broken, 0 unverified, 1 warning\n")
    assert result.status == 0
    assert run(*args, "--fail-on", "warning").status == 1


def test_a_room_that_the_catalogue_says_not_to_check_is_skipped_and_keeps_its_record(
    run: Run, unredacted: Homeserver, tmp_path: Path
) -> None:
    path = write_catalogue(tmp_path, CATALOGUE + "    check: false\n    reason: members only\n")
    recorded = {"#gone-too:unredacted.org": "!before:unredacted.org"}
    lock = tmp_path / "rooms.lock"
    lock.write_text(json.dumps({"version": 1, "rooms": recorded}))
    options = ("--lock", str(lock), "--update-lock", "--report", "json=report.json")
    result = run("--catalogue", path, "check-links", *at(unredacted), *options)
    assert "gone-too" not in result.stdout
    assert after_catalogue(result.stderr).startswith("3 links: 2 ok, 1 broken, 0 unverified, 1 skipped\n")
    report = read_report((tmp_path / "report.json").read_text())
    assert [(link["target"], link["reason"]) for link in report["skipped"]] == [
        ("#gone-too:unredacted.org", "members only")
    ]
    assert json.loads(lock.read_text())["rooms"].items() > recorded.items()


def test_the_json_of_a_link_has_every_key_of_the_contract(
    run: Run, unredacted: Homeserver, tmp_path: Path
) -> None:
    path = write_catalogue(tmp_path, CATALOGUE)
    report = json.loads(run("--catalogue", path, "check-links", "--format", "json", *at(unredacted)).stdout)
    gone = report["links"][1]
    assert report["version"] == 1
    assert gone["findings"][0].keys() == {"code", "severity", "message", "hint"}
    assert {**gone, "findings": ()} == {
        "source": {"path": path, "line": 9, "column": 12},
        "label": None,
        "text": "#gone:unredacted.org",
        "target": "#gone:unredacted.org",
        "in_code": False,
        "category": "support",
        "verdict": "broken",
        "room_id": None,
        "homeserver": unredacted.url,
        "room": None,
        "findings": (),
        "ignored": [],
    }


def test_one_server_that_is_down_is_named_once_and_fails_nothing(
    run: Run, unredacted: Homeserver, tmp_path: Path
) -> None:
    path = write_catalogue(
        tmp_path,
        CATALOGUE.replace("gone:unredacted.org", "gone:down.example").replace(
            "gone-too:unredacted.org", "gone-too:down.example"
        ),
    )
    result = run(
        "--catalogue",
        path,
        "check-links",
        *at(unredacted),
        "--homeserver",
        "down.example=http://127.0.0.1:1",
        *ONCE,
    )
    assert result.stdout.count("down.example") == 1
    assert "unverified[unreachable] 2 links to down.example could not be checked" in result.stdout
    assert result.status == 0


@pytest.mark.parametrize(("fail_on", "status"), [("broken", 0), ("warning", 0), ("unverified", 1)])
def test_fail_on_decides_what_an_open_question_means(
    run: Run, unredacted: Homeserver, fail_on: str, status: int
) -> None:
    servers = (*at(unredacted), "--homeserver", "matrix.im=http://127.0.0.1:1", *ONCE)
    assert run("check-links", "--fail-on", fail_on, *servers).status == status


def test_a_terminal_shows_the_worst_first_and_a_summary(
    run_on_terminal: RunOnTerminal, unredacted: Homeserver, tmp_path: Path
) -> None:
    path = write_catalogue(tmp_path, CATALOGUE)
    shown = plain(run_on_terminal("--catalogue", path, "check-links", *at(unredacted)))
    assert "alias-not-found" in shown
    assert "#gone:unredacted.org does not exist" in shown
    assert shown.rstrip().splitlines()[-2:] == [
        "4 links: 2 ok, 2 broken, 0 unverified",
        "2 alias-not-found: remove the room, or ask its community for the new address",
    ]
