"""check-links on real homeservers: every verdict, exit code and format, from outside."""

import json
import os
import select
import shlex
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.conftest import (
    TIMEOUT,
    Run,
    RunOnTerminal,
    at,
    catalogue_of,
    command,
    environment,
    plain,
    silent_server,
)
from tests.synapse import Homeserver

CATALOGUE = catalogue_of(
    "#stash-help:unredacted.org",
    "#gone:unredacted.org",
    "#stash-bugs:unredacted.org",
    "#gone-too:unredacted.org",
)
# A server that is down is asked once: the tests do not wait for it to come back.
ONCE = ("--retries", "0")
# A server name that cannot resolve: RFC 6761.
NOWHERE = CATALOGUE.replace("unredacted.org", "nowhere.invalid")


def write(folder: Path, text: str) -> str:
    path = folder / "rooms.yaml"
    path.write_text(text)
    return str(path)


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
    }
    assert report["skipped"] == []
    assert [link["target"] for link in report["links"] if link["verdict"] == "unverified"] == [
        "#stashapp:matrix.im"
    ]
    assert result.status == 0
    assert result.stderr == ""


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
    path = write(tmp_path, CATALOGUE)
    result = run("--catalogue", path, "check-links", *at(unredacted))
    assert [line.partition(" ")[0] for line in result.stdout.splitlines()] == [
        f"{path}:9:12:",
        f"{path}:13:12:",
    ]
    assert all("error[alias-not-found]" in line for line in result.stdout.splitlines())
    assert result.stderr == (
        "4 links: 2 ok, 2 broken, 0 unverified\n"
        "2 alias-not-found: remove the room, or ask its community for the new address\n"
    )
    assert result.status == 1


def test_two_aliases_of_one_room_are_a_warning(run: Run, unredacted: Homeserver, tmp_path: Path) -> None:
    room_id = unredacted.create_room("first")
    unredacted.api("PUT", "directory/room/%23second:unredacted.org", {"room_id": room_id})
    path = write(tmp_path, CATALOGUE.replace("gone:", "first:").replace("gone-too:", "second:"))
    args = ("--catalogue", path, "check-links", *at(unredacted))
    result = run(*args)
    assert result.stdout == (
        f"{path}:13:12: warning[duplicate-target] #second:unredacted.org leads to the same room as "
        f"#first:unredacted.org on line 9: {room_id}\n"
    )
    assert result.stderr.startswith("4 links: 4 ok, 0 broken, 0 unverified, 1 warning\n")
    assert result.status == 0
    assert run(*args, "--fail-on", "warning").status == 1


def test_what_is_ignored_is_not_asked_and_counted_as_skipped(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path, NOWHERE)
    args = ("--catalogue", path, "check-links", "--ignore", "#gone*", "--ignore", "#stash-bugs:*")
    result = run(*args)
    assert "#stash-help:nowhere.invalid" in result.stdout
    assert "1 link: 0 ok, 0 broken, 1 unverified, 3 skipped\n" in result.stderr
    report = json.loads(run(*args, "--format", "json").stdout)
    assert [link["target"] for link in report["links"]] == ["#stash-help:nowhere.invalid"]
    assert report["summary"]["skipped"] == 3
    assert report["skipped"][0] == {
        "source": {"path": path, "line": 9, "column": 12},
        "label": None,
        "text": "#gone:nowhere.invalid",
        "target": "#gone:nowhere.invalid",
        "reason": "--ignore '#gone*'",
    }
    assert len(report["skipped"]) == 3


def test_a_room_that_the_catalogue_says_not_to_check_is_skipped_and_keeps_its_record(
    run: Run, unredacted: Homeserver, tmp_path: Path
) -> None:
    path = write(tmp_path, CATALOGUE + "    check: false\n    reason: members only\n")
    recorded = {"#gone-too:unredacted.org": "!before:unredacted.org"}
    lock = tmp_path / "rooms.lock"
    lock.write_text(json.dumps({"version": 1, "rooms": recorded}))
    options = ("--lock", str(lock), "--update-lock", "--report", "json=report.json")
    result = run("--catalogue", path, "check-links", *at(unredacted), *options)
    assert "gone-too" not in result.stdout
    assert result.stderr.startswith("3 links: 2 ok, 1 broken, 0 unverified, 1 skipped\n")
    report = json.loads((tmp_path / "report.json").read_text())
    assert [(link["target"], link["reason"]) for link in report["skipped"]] == [
        ("#gone-too:unredacted.org", "members only")
    ]
    assert json.loads(lock.read_text())["rooms"].items() > recorded.items()


def test_a_run_that_skips_everything_asks_nobody_and_is_no_failure(run: Run, tmp_path: Path) -> None:
    result = run("--catalogue", write(tmp_path, NOWHERE), "check-links", "--ignore", "*")
    assert result.stdout == ""
    assert result.stderr == "0 links: 0 ok, 0 broken, 0 unverified, 4 skipped\n"
    assert result.status == 0


def test_the_json_of_a_link_has_every_key_of_the_contract(
    run: Run, unredacted: Homeserver, tmp_path: Path
) -> None:
    path = write(tmp_path, CATALOGUE)
    report = json.loads(run("--catalogue", path, "check-links", "--format", "json", *at(unredacted)).stdout)
    gone = report["links"][1]
    assert report["version"] == 1
    assert gone["findings"][0].keys() == {"code", "severity", "message", "hint"}
    assert {**gone, "findings": ()} == {
        "source": {"path": path, "line": 9, "column": 12},
        "label": None,
        "text": "#gone:unredacted.org",
        "target": "#gone:unredacted.org",
        "verdict": "broken",
        "room_id": None,
        "homeserver": unredacted.url,
        "room": None,
        "findings": (),
    }


def test_one_server_that_is_down_is_named_once_and_fails_nothing(
    run: Run, unredacted: Homeserver, tmp_path: Path
) -> None:
    path = write(
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


def test_without_a_network_nothing_is_blamed_and_the_exit_code_says_so(run: Run, tmp_path: Path) -> None:
    result = run("--catalogue", write(tmp_path, NOWHERE), "check-links")
    last = result.stderr.splitlines()[-1]
    assert last == "nothing could be verified: no homeserver gave an answer of any use"
    assert "unverified[server-not-found] 4 links to nowhere.invalid" in result.stdout
    assert "error" not in result.stdout
    assert result.status == 4


@pytest.mark.parametrize(("fail_on", "status"), [("broken", 0), ("warning", 0), ("unverified", 1)])
def test_fail_on_decides_what_an_open_question_means(
    run: Run, unredacted: Homeserver, fail_on: str, status: int
) -> None:
    servers = (*at(unredacted), "--homeserver", "matrix.im=http://127.0.0.1:1", *ONCE)
    assert run("check-links", "--fail-on", fail_on, *servers).status == status


@pytest.mark.parametrize(
    "value",
    [
        "unredacted.org",
        "unredacted.org=",
        "unredacted.org=ftp://x",
        "a b=http://x",
        "x=http://[::1",
        "x= http://a",
        "x=http://a/?q",
        "x=http://a b",
        "x=http://xn--",
    ],
)
def test_a_homeserver_option_that_makes_no_sense_is_a_usage_error(run: Run, value: str) -> None:
    result = run("check-links", "--homeserver", value)
    assert result.stdout == ""
    assert "--homeserver" in result.stderr
    assert result.status == 2


def test_a_terminal_shows_the_worst_first_and_a_summary(
    run_on_terminal: RunOnTerminal, unredacted: Homeserver, tmp_path: Path
) -> None:
    path = write(tmp_path, CATALOGUE)
    shown = plain(run_on_terminal("--catalogue", path, "check-links", *at(unredacted)))
    assert "alias-not-found" in shown
    assert "#gone:unredacted.org does not exist" in shown
    assert shown.rstrip().splitlines()[-2:] == [
        "4 links: 2 ok, 2 broken, 0 unverified",
        "2 alias-not-found: remove the room, or ask its community for the new address",
    ]


def test_ctrl_c_reports_what_is_finished(unredacted: Homeserver, tmp_path: Path) -> None:
    path = write(tmp_path, CATALOGUE.replace("gone:unredacted.org", "gone:silent.example"))
    with silent_server() as (url, asked):
        args = ["--catalogue", path, "check-links", "--format", "json", *at(unredacted)]
        process = subprocess.Popen(
            command([*args, "--homeserver", f"silent.example={url}"]),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
        )
        assert asked.wait(TIMEOUT)
        os.kill(process.pid, signal.SIGINT)
        stdout, stderr = process.communicate(timeout=TIMEOUT)
    report = json.loads(stdout)
    assert process.returncode == 130
    assert stderr.decode() == "interrupted\n"
    assert report["links"][1]["findings"][0]["code"] == "not-asked"


@pytest.mark.parametrize("env", [{}, {"PYTHONUNBUFFERED": "1"}], ids=["buffered", "unbuffered"])
def test_ctrl_c_while_the_report_is_written_leaves_it_whole(tmp_path: Path, env: Mapping[str, str]) -> None:
    path = write(tmp_path, catalogue_of(*(f"#{number}:nowhere.invalid" for number in range(1000))))
    args = ["--catalogue", path, "check-links", "--format", "json", "--report", "plain=report.txt"]
    process = subprocess.Popen(
        command(args), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=environment(env)
    )
    assert process.stdout is not None
    # The report has begun, and it is longer than what a pipe holds.
    select.select([process.stdout], [], [], TIMEOUT)
    os.kill(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 130
    assert stderr.decode() == "interrupted\n"
    assert len(json.loads(stdout)["links"]) == 1000
    assert "1000 links to nowhere.invalid" in (tmp_path / "report.txt").read_text()


@pytest.mark.parametrize(
    "broken",
    [
        {"ALL_PROXY": "socks5://127.0.0.1:1"},
        {"HTTP_PROXY": "ftp://127.0.0.1:1"},
        {"SSL_CERT_FILE": "/nowhere"},
        {"SSL_CERT_FILE": "/etc/passwd"},
    ],
    ids=str,
)
def test_an_environment_that_cannot_work_is_named_as_the_cause(run: Run, broken: Mapping[str, str]) -> None:
    result = run("check-links", env=broken)
    assert result.stdout == ""
    assert result.stderr.startswith("error: HTTP cannot be used as the environment says")
    assert result.status == 3


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-"])
def test_the_exit_code_stands_where_nobody_can_read_the_messages(tmp_path: Path, redirection: str) -> None:
    path = write(tmp_path, NOWHERE)
    shell = f"{shlex.join(command(['--catalogue', path, 'check-links']))} {redirection}; echo status $?"
    done = subprocess.run(
        ["bash", "-c", shell], capture_output=True, text=True, check=True, timeout=TIMEOUT, env=environment()
    )
    assert done.stdout.splitlines()[-1] == "status 4"
    assert "could be verified" not in done.stdout
