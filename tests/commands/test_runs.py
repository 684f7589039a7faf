"""One run after another, and within limits: the cache, time, the progress bar."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.catalogues import catalogue_of
from tests.support.homeserver import fake_homeserver
from tests.support.network import silent_server
from tests.support.process import Run, RunOnTerminal, plain

CATALOGUE = catalogue_of("#stash-help:unredacted.org", "#gone:unredacted.org")


@pytest.fixture(autouse=True)
def catalogue(tmp_path: Path) -> None:
    (tmp_path / "rooms.yaml").write_text(CATALOGUE)


def make_older(cache: Path, seconds: float) -> None:
    head, *entries, tail = cache.read_text().splitlines()
    content = [json.loads(entry.rstrip(",")) for entry in entries]
    older = [json.dumps({**entry, "at": entry["at"] - seconds}) for entry in content]
    cache.write_text("\n".join([head, ",\n".join(older), tail]))


def test_what_was_found_is_not_asked_again_and_what_was_not_is(run: Run, tmp_path: Path) -> None:
    with fake_homeserver() as (url, asked), fake_homeserver() as (other_url, asked_of_other):
        check = ("--catalogue", "rooms.yaml", "check-links", "--cache", "kept", "--homeserver")
        first = run(*check, f"unredacted.org={url}")
        assert "#stash-help:unredacted.org" in asked
        asked.clear()
        second = run(*check, f"unredacted.org={url}")
        assert [alias for alias in asked if alias.startswith("#stash-")] == []
        assert asked.count("#gone:unredacted.org") == 2  # to confirm it
        assert (second.stdout, second.stderr, second.status) == (first.stdout, first.stderr, first.status)
        run(*check, f"unredacted.org={other_url}")
        assert "#stash-help:unredacted.org" in asked_of_other
        asked.clear()
        make_older(tmp_path / "kept", 7200)
        assert run(*check, f"unredacted.org={url}").status == first.status == 1
        assert [alias for alias in asked if alias.startswith("#stash-")] == []
        assert asked.count("#gone:unredacted.org") == 2  # to confirm it
        assert run(*check, f"unredacted.org={url}", "--max-age", "1h").status == 1
    assert "#stash-help:unredacted.org" in asked


def test_the_addresses_of_a_room_are_compared_and_so_asked_anew(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rooms.yaml").write_text(
        catalogue_of("#room:unredacted.org", "#main:unredacted.org")
        + '    aliases: ["#other:unredacted.org"]\n'
    )
    with fake_homeserver() as (url, asked):
        check = ("--catalogue", "rooms.yaml", "check-links", "--cache", "kept", "--homeserver")
        run(*check, f"unredacted.org={url}")
        asked.clear()
        run(*check, f"unredacted.org={url}")
    assert sorted(asked) == ["#main:unredacted.org", "#other:unredacted.org"]


def test_what_the_run_has_no_time_for_is_unverified(run: Run) -> None:
    with silent_server() as (url, asked):
        silent = ("--homeserver", f"unredacted.org={url}")
        result = run("--catalogue", "rooms.yaml", "check-links", "--max-time", "0.3s", *silent)
        assert asked.is_set()
    assert "unverified[not-asked] 2 links to unredacted.org could not be checked" in result.stdout
    assert result.status == 4


def test_what_was_found_before_the_time_was_over_is_cached(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rooms.yaml").write_text(catalogue_of("#room:unredacted.org", "#other:silent.example"))
    with fake_homeserver() as (url, asked), silent_server() as (silent_url, _):
        servers = ("--homeserver", f"unredacted.org={url}", "--homeserver", f"silent.example={silent_url}")
        check = ("--catalogue", "rooms.yaml", "check-links", "--cache", "kept", *servers)
        first = run(*check, "--max-time", "2s")
        assert "#room:unredacted.org" in asked
        asked.clear()
        assert run(*check, "--max-time", "0.2s").stdout == first.stdout
    assert asked == []


def test_a_request_ends_after_its_timeout(run: Run) -> None:
    with silent_server() as (url, _):
        silent = ("--homeserver", f"unredacted.org={url}", "--retries", "0")
        result = run("--catalogue", "rooms.yaml", "check-links", "--timeout", "0.2", *silent)
    assert "unverified[unreachable]" in result.stdout
    assert "did not answer within 0.2 seconds" in result.stdout
    assert result.status == 4


@pytest.mark.parametrize("columns", [40, 80, 120])
@pytest.mark.parametrize("env", [{}, {"LC_ALL": "C", "PYTHONUTF8": "0"}], ids=["UTF-8", "ASCII"])
def test_a_terminal_shows_which_servers_are_awaited_and_for_how_long(
    run_on_terminal: RunOnTerminal, columns: int, env: Mapping[str, str]
) -> None:
    with silent_server() as (url, _):
        silent = ("--homeserver", f"unredacted.org={url}", "--max-time", "0.5s")
        shown = run_on_terminal("--catalogue", "rooms.yaml", "check-links", *silent, columns=columns, env=env)
    lines = plain(shown).replace("\r", "\n").splitlines()
    bars = [line for line in lines if line.startswith("asking")]
    assert bars
    assert all(re.search(r"0/2 0:00:0\d unredacted\.org$", line.rstrip()) for line in bars)
    assert all(("homeservers" in line) == (columns > 40) for line in bars)
    assert [line for line in lines if env and not line.isascii()] == []
    assert all(len(line) <= max(columns, 80) for line in lines)
    # Were the ^C of a terminal to wrap, the bar would stay.
    assert all(len(line + "^C") <= columns for line in bars)


def test_a_terminal_shows_how_many_of_many_documents_are_read(
    run_on_terminal: RunOnTerminal, tmp_path: Path
) -> None:
    (tmp_path / "docs").mkdir()
    for number in range(1_000):
        (tmp_path / "docs" / f"{number}.md").touch()
    shown = plain(run_on_terminal("check-links", "--offline", "docs"))
    lines = shown.replace("\r", "\n").splitlines()
    bars = [line for line in lines if line.startswith("reading documents")]
    assert bars
    assert all("/1000 " in line for line in bars)
    assert "0 links in 1000 files" in lines[-1]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--max-age", "1y"),
        ("--max-age", "0"),
        ("--timeout", "-1"),
        ("--timeout", "soon"),
        ("--max-time", "nan"),
        ("--max-time", "::error::\x1b[2J"),
        ("--retries", "-1"),
        ("--retries", "11"),
        ("--concurrency", "0"),
        ("--per-host", "0"),
        ("--per-host", "many"),
        ("--resolver", "matrix.org"),
        ("--resolver", "ftp://matrix.org"),
        ("--resolver", "https://user:word@matrix.org"),
    ],
)
def test_a_value_that_makes_no_sense_is_a_usage_error(run: Run, option: str, value: str) -> None:
    result = run("check-links", option, value)
    assert result.stdout == ""
    assert result.stderr.startswith("error: Invalid value for ")
    assert option in result.stderr.splitlines()[0]
    assert all(line.isprintable() for line in result.stderr.splitlines())
    assert result.status == 2
