"""Signals that end check-links: what is finished is reported, and the terminal is left as it was."""

import os
import pty
import select
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGTERM

import pytest

from tests.support.catalogues import catalogue_of
from tests.support.forks import Fork
from tests.support.homeserver import fake_homeserver
from tests.support.network import silent_server
from tests.support.process import (
    TIMEOUT,
    after_catalogue,
    as_terminal_s_leader,
    command,
    environment,
    read_report,
    start,
)

SHOW_CURSOR, HIDE_CURSOR = b"\x1b[?25h", b"\x1b[?25l"
CHECK = ("--catalogue", "rooms.yaml", "check-links")
EVERY_SIGNAL = [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)]


def check(folder: Path, *options: str, streams: Mapping[int, int] | None = None) -> Fork:
    """Start check-links."""
    return start(folder, *CHECK, *options, streams=streams)


def check_by(
    line: str,
    folder: Path,
    *options: str,
    env: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start check-links by a line of bash, in which it is ``"$@"``."""
    return subprocess.Popen(
        ["bash", "-c", line, "bash", *command([*CHECK, *options])],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=environment(env),
    )


@pytest.mark.parametrize(("number", "status"), EVERY_SIGNAL)
def test_a_signal_ends_the_questions_and_what_is_finished_is_reported(
    tmp_path: Path, number: int, status: int
) -> None:
    (tmp_path / "rooms.yaml").write_text(catalogue_of("#found:unredacted.org", "#open:silent.example"))
    options = ("--cache", "kept", "--format", "json", "--report", "plain=report.txt")
    with fake_homeserver() as (url, _), silent_server() as (silent_url, asked):
        servers = ("--homeserver", f"unredacted.org={url}", "--homeserver", f"silent.example={silent_url}")
        check(tmp_path, *servers, *options, "--ignore", "#open:*").communicate()
        process = check(tmp_path, *servers, *options)
        assert asked.wait(TIMEOUT)
        os.kill(process.pid, number)
        stdout, stderr = process.communicate(timeout=TIMEOUT)
    assert process.returncode == status
    assert after_catalogue(stderr.decode()) == "interrupted\n"
    links = read_report(stdout)["links"]
    assert [link["verdict"] for link in links] == ["ok", "unverified"]
    assert links[1]["findings"][0]["code"] == "not-asked"
    assert "unverified[not-asked]" in (tmp_path / "report.txt").read_text()


@pytest.mark.parametrize(("number", "status"), EVERY_SIGNAL)
@pytest.mark.parametrize("buffered", [True, False], ids=["buffered", "unbuffered"])
def test_a_signal_while_the_report_is_written_leaves_it_whole(
    tmp_path: Path, buffered: bool, number: int, status: int
) -> None:
    rooms = (f"#{number}:nowhere.invalid" for number in range(1000))
    (tmp_path / "rooms.yaml").write_text(catalogue_of(*rooms))
    options = ("--format", "json", "--report", "plain=report.txt")
    process = (
        check(tmp_path, *options)
        if buffered
        else check_by('exec "$@"', tmp_path, *options, env={"PYTHONUNBUFFERED": "1"})
    )
    assert process.stdout is not None
    # The report has begun, and it is longer than what a pipe holds.
    select.select([process.stdout], [], [], TIMEOUT)
    os.kill(process.pid, number)
    stdout, stderr = process.communicate(timeout=TIMEOUT)
    assert process.returncode == status
    assert after_catalogue(stderr.decode()) == "interrupted\n"
    assert len(read_report(stdout)["links"]) == 1000
    assert "1000 links to nowhere.invalid" in (tmp_path / "report.txt").read_text()


@pytest.mark.parametrize("number", [SIGINT, SIGTERM, SIGHUP])
def test_a_second_signal_ends_a_report_that_nobody_reads(tmp_path: Path, number: int) -> None:
    rooms = (f"#{number}:nowhere.invalid" for number in range(1000))
    (tmp_path / "rooms.yaml").write_text(catalogue_of(*rooms))
    process = check(tmp_path, "--format", "json")
    assert process.stdout is not None
    select.select([process.stdout], [], [], TIMEOUT)
    ended = False
    while not ended:  # two that come at once are one
        os.kill(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.05)
            ended = True
    assert process.returncode == -number
    process.communicate()


@pytest.mark.parametrize(
    ("line", "numbers", "status"),
    [
        ("trap '' HUP", [SIGHUP, SIGTERM], 143),  # as nohup does
        ("trap '' INT", [SIGINT, SIGTERM], 143),  # as a shell does for a job in the background
        ("trap '' INT", [SIGINT, SIGHUP], 129),
        ("trap '' TERM", [SIGTERM, SIGHUP], 129),
        ("trap '' TERM HUP", [SIGTERM, SIGHUP, SIGINT], 130),
    ],
)
def test_a_signal_that_was_ignored_stays_ignored(
    tmp_path: Path, line: str, numbers: list[int], status: int
) -> None:
    (tmp_path / "rooms.yaml").write_text(catalogue_of("#open:silent.example"))
    with silent_server() as (url, asked):
        options = ("--homeserver", f"silent.example={url}")
        process = check_by(f'{line}; exec "$@"', tmp_path, *options)
        assert asked.wait(TIMEOUT)
        for number in numbers:
            os.kill(process.pid, number)
        stdout, stderr = process.communicate(timeout=TIMEOUT)
    assert process.returncode == status
    assert b"unverified[not-asked]" in stdout
    assert stderr.endswith(b"interrupted\n")


@pytest.mark.parametrize(("number", "status"), EVERY_SIGNAL)
def test_a_signal_leaves_the_terminal_with_its_cursor(tmp_path: Path, number: int, status: int) -> None:
    (tmp_path / "rooms.yaml").write_text(catalogue_of("#open:silent.example"))
    shown = b""
    with silent_server() as (url, _):
        master, slave = pty.openpty()
        options = ("--homeserver", f"silent.example={url}")
        process = check(tmp_path, *options, streams={2: slave})
        while b"silent.example" not in shown:  # as the bar names it
            shown += os.read(master, 65_536)
        os.close(slave)
        assert HIDE_CURSOR in shown
        os.kill(process.pid, number)
        shown += _rest(master)
        process.communicate(timeout=TIMEOUT)
    assert process.returncode == status
    assert b"Traceback" not in shown
    assert SHOW_CURSOR in shown.rpartition(HIDE_CURSOR)[2]
    assert shown.endswith(b"interrupted\r\n")


def test_a_terminal_that_is_closed_loses_no_report(tmp_path: Path) -> None:
    (tmp_path / "rooms.yaml").write_text(catalogue_of("#open:silent.example"))
    shown = b""
    with silent_server() as (url, _):
        master, slave = pty.openpty()
        options = ("--homeserver", f"silent.example={url}", "--report", "plain=report.txt")
        process = subprocess.Popen(
            as_terminal_s_leader(command([*CHECK, *options])),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=tmp_path,
            env=environment(),
            start_new_session=True,
        )
        while b"silent.example" not in shown:
            shown += os.read(master, 65_536)
        os.close(slave)
        os.close(master)
        process.wait(timeout=TIMEOUT)
    assert process.returncode == 129
    assert "unverified[not-asked]" in (tmp_path / "report.txt").read_text()


def _rest(master: int) -> bytes:
    rest = b""
    try:
        while chunk := os.read(master, 65_536):
            rest += chunk
    except OSError:
        pass  # Linux says so when the other side has closed the terminal
    os.close(master)
    return rest
