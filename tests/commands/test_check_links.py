"""check-links where no homeserver answers: what is skipped, exit codes, options."""

import json
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.catalogues import NOWHERE, write_catalogue
from tests.support.process import (
    FULL_DISK,
    TIMEOUT,
    Run,
    after_catalogue,
    command,
    environment,
    needs_full_disk,
)


def test_what_is_ignored_is_not_asked_and_counted_as_skipped(run: Run, tmp_path: Path) -> None:
    path = write_catalogue(tmp_path, NOWHERE)
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
        "in_code": False,
        "category": "support",
        "reason": "--ignore '#gone*'",
        "ignored_by": {"text": "--ignore '#gone*'", "source": None},
    }
    assert len(report["skipped"]) == 3


def test_a_run_that_skips_everything_asks_nobody_and_is_no_failure(run: Run, tmp_path: Path) -> None:
    result = run("--catalogue", write_catalogue(tmp_path, NOWHERE), "check-links", "--ignore", "*")
    assert result.stdout == ""
    assert after_catalogue(result.stderr) == "0 links: 0 ok, 0 broken, 0 unverified, 4 skipped\n"
    assert result.status == 0


def test_without_a_network_nothing_is_blamed_and_the_exit_code_says_so(run: Run, tmp_path: Path) -> None:
    result = run("--catalogue", write_catalogue(tmp_path, NOWHERE), "check-links")
    last = result.stderr.splitlines()[-1]
    assert last == "nothing verified: no homeserver gave a usable answer"
    assert "unverified[server-not-found] 4 links to nowhere.invalid" in result.stdout
    assert "error" not in result.stdout
    assert result.status == 4


@pytest.mark.parametrize("output_format", ["plain", "table"])
def test_verbose_lists_each_link(run: Run, tmp_path: Path, output_format: str) -> None:
    args = ("--catalogue", write_catalogue(tmp_path, NOWHERE), "check-links", "--format", output_format)
    assert "#gone-too:nowhere.invalid" not in run(*args).stdout
    assert "#gone-too:nowhere.invalid" in run(*args, "-v").stdout


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
    assert after_catalogue(result.stderr).startswith("error: cannot set up HTTP from the environment: ")
    assert result.status == 3


@pytest.mark.parametrize("redirection", [pytest.param(f"2>{FULL_DISK}", marks=needs_full_disk), "2>&-"])
def test_the_exit_code_stands_where_nobody_can_read_the_messages(tmp_path: Path, redirection: str) -> None:
    path = write_catalogue(tmp_path, NOWHERE)
    shell = f"{shlex.join(command(['--catalogue', path, 'check-links']))} {redirection}; echo status $?"
    done = subprocess.run(
        ["bash", "-c", shell], capture_output=True, text=True, check=True, timeout=TIMEOUT, env=environment()
    )
    assert done.stdout.splitlines()[-1] == "status 4"
    assert "could be verified" not in done.stdout
