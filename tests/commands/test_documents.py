"""check-links on documents: which are read, what is found where, offline and at a homeserver."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.catalogues import CATALOGUE
from tests.support.homeserver import fake_homeserver
from tests.support.process import TIMEOUT, UNMEASURED, Result, Run, command, environment, piped

HERE = "#here:matrix.net"
GONE = "#gone:matrix.net"
WRONG = f"[{HERE}](https://matrix.to/#/#other:matrix.net)\n"


def page(*aliases: str) -> str:
    return "".join(f"[room](https://matrix.to/#/{alias})\n" for alias in aliases)


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def places(result: Result) -> list[str]:
    return [line.partition(" ")[0] + " " + line.split()[1] for line in result.stdout.splitlines()]


def links(result: Result) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(result.stdout)["links"]
    return found


def test_offline_what_is_proven_wrong_is_broken_and_all_else_has_no_verdict(run: Run, tmp_path: Path) -> None:
    write(tmp_path, README_md=page(HERE), docs__chat_md=f"# Chat\n\n{WRONG}")
    result = run("check-links", "--offline", "README.md", "docs")
    assert places(result) == ["docs/chat.md:3:20: error[label-mismatch]"]
    assert result.stderr.startswith("2 links in 2 files: 1 broken\n")
    assert result.status == 1
    report = links(run("check-links", "--offline", ".", "--format", "json"))
    assert [link["verdict"] for link in report] == [None, "broken"]
    assert [link["label"] for link in report] == ["room", HERE]


def test_online_an_alias_is_asked_for_once_and_reported_at_each_place(run: Run, tmp_path: Path) -> None:
    write(
        tmp_path, a_md=page(GONE, HERE), b_md=page(HERE, GONE), c_md="https://matrix.to/#/@ann:matrix.net\n"
    )
    with fake_homeserver() as (url, asked):
        result = run("check-links", ".", "--homeserver", f"matrix.net={url}")
    assert places(result) == [f"{place}: error[alias-not-found]" for place in ("a.md:1:8", "b.md:2:8")]
    assert result.stderr.startswith("5 links in 3 files: 2 ok, 2 broken, 0 unverified")
    assert (asked.count(HERE), asked.count(GONE)) == (1, 2)  # the second to confirm it
    assert result.status == 1


def test_documents_without_an_alias_ask_nobody(run: Run, tmp_path: Path) -> None:
    write(tmp_path, a_md="https://matrix.to/#/@ann:matrix.net and https://matrix.to/#/!room:matrix.net\n")
    with fake_homeserver() as (url, asked):
        result = run("check-links", "a.md", "--homeserver", f"matrix.net={url}")
    assert asked == []
    assert result.status == 0


def test_without_a_path_the_catalogue_in_use_is_checked_and_named(run: Run, tmp_path: Path) -> None:
    write(tmp_path, rooms_yaml=CATALOGUE)
    result = run("--catalogue", "rooms.yaml", "check-links", "--offline")
    assert result.stderr == "checking the catalogue rooms.yaml\n4 links: 0 broken\n"
    assert result.status == 0


def test_a_catalogue_among_the_documents_is_checked_as_one(run: Run, tmp_path: Path) -> None:
    text = CATALOGUE + "    check: false\n    reason: members only\n"
    write(tmp_path, rooms_yaml=text, a_md=page(HERE))
    report = json.loads(run("check-links", "--offline", ".", "--format", "json").stdout)
    assert [link["reason"] for link in report["skipped"]] == ["members only"]
    assert report["summary"]["links"] == 4
    write(tmp_path, rooms_yaml=text.replace("category: support", "category: other"))
    faulty = run("check-links", "--offline", "rooms.yaml")
    assert faulty.stderr.startswith("rooms.yaml:8:15: ")
    assert faulty.status == 3


@pytest.mark.parametrize("path", ["missing.md", "missing/", "*.md"])
def test_a_path_that_leads_nowhere_is_an_error(run: Run, path: str) -> None:
    result = run("check-links", "--offline", path)
    assert result.stdout == ""
    assert path.rstrip("/") in result.stderr
    assert result.status == 3


def test_a_folder_without_documents_is_a_warning(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = run("check-links", "--offline", "empty")
    assert result.stderr.startswith("warning: empty ")
    assert result.status == 0


@pytest.mark.parametrize(("name", "found"), [("a.md", "room"), ("a.adoc", None)])
def test_the_name_of_stdin_chooses_its_format(tmp_path: Path, name: str, found: str | None) -> None:
    result = piped(
        tmp_path, page(HERE), "check-links", "--offline", "-", "--stdin-filename", name, "--format", "json"
    )
    [link] = links(result)
    assert link["source"]["path"] == name
    assert link["label"] == found


def test_the_files_to_check_may_come_from_a_list(tmp_path: Path) -> None:
    write(tmp_path, a_md=WRONG, b_md=WRONG, c_md=WRONG)
    result = piped(tmp_path, "a.md\nc.md\n", "check-links", "--offline", "--files-from", "-")
    assert [place.partition(":")[0] for place in places(result)] == ["a.md", "c.md"]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ((), ["a.md"]),
        (("--include", "*.py"), ["a.md", "b.py"]),
        (("--extend-exclude", "a.md"), []),
        (("--no-ignore",), ["a.md", "ignored.md"]),
        (("--hidden",), [".hidden.md", "a.md"]),
    ],
    ids=str,
)
def test_options_choose_what_is_read_in_a_folder(
    run: Run, tmp_path: Path, options: tuple[str, ...], found: list[str]
) -> None:
    write(tmp_path, a_md=WRONG, ignored_md=WRONG, _hidden_md=WRONG, _gitignore="ignored.md\n")
    (tmp_path / "b.py").write_text(f"# {WRONG}")
    result = run("check-links", "--offline", ".", *options, "--format", "json")
    assert sorted({link["source"]["path"] for link in links(result)}) == found


def test_blocks_of_code_count_only_if_the_user_says_so(run: Run, tmp_path: Path) -> None:
    write(tmp_path, a_md=f"```\n{page(HERE)}```\n")
    check = ("check-links", "--offline", "a.md", "--format", "json")
    assert links(run(*check)) == []
    assert [link["in_code"] for link in links(run(*check, "--include-code"))] == [True]


def test_formats_for_ci_count_paths_from_the_root_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path, docs__chat_md=WRONG)
    sarif, github, plain = (
        subprocess.run(
            command(["check-links", "--offline", "chat.md", "--format", form]),
            capture_output=True,
            text=True,
            cwd=tmp_path / "docs",
            env=environment({"GITHUB_WORKSPACE": ""}),
            timeout=TIMEOUT,
            check=False,
        ).stdout
        for form in ("sarif", "github", "plain")
    )
    [result] = json.loads(sarif)["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "docs/chat.md"
    assert place["region"] == {"startLine": 1, "startColumn": 20, "endColumn": 57}
    assert github.startswith("::error file=docs/chat.md,line=1,col=20,")
    assert plain.startswith("chat.md:1:20: ")


@pytest.mark.parametrize("text", [WRONG, "no links"])
@pytest.mark.parametrize("name", ["a.md", "./a.md"])
def test_a_report_never_replaces_a_document(run: Run, tmp_path: Path, name: str, text: str) -> None:
    write(tmp_path, a_md=text)
    result = run("check-links", "--offline", "a.md", "--report", f"json={name}")
    assert result.stderr.startswith("error: a.md cannot be written: ")
    assert (tmp_path / "a.md").read_text() == text
    assert result.status == 3


WATCHED = """
import atexit, sys
sys.addaudithook(lambda event, _: event.startswith("socket.") and print(event))
atexit.register(lambda: print(*sorted({"asyncio", "httpx", "socket", "ssl"} & set(sys.modules))))
sys.argv = ["stashmatrix", "check-links", "--offline", "a.md"]
from stashmatrix.__main__ import main
main()
"""


def test_offline_opens_no_socket_and_loads_no_network(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("[#room:matrix.org](https://matrix.to/#/#other:matrix.org)")
    done = subprocess.run(
        [sys.executable, "-c", WATCHED],
        cwd=tmp_path,
        env=environment(UNMEASURED),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    finding, modules = done.stdout.splitlines()
    assert "error[label-mismatch]" in finding
    assert modules == ""
