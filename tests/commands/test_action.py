"""The issue of a scheduled run: opened, changed and closed on a forge, as the action does it."""

import re
from collections.abc import Iterator
from pathlib import Path

import cmarkgfm
import pytest

from tests.support.forge import FORGEJO, GITHUB, TOKEN, FakeForge, fake_forge
from tests.support.process import Result, environment, forks

BROKEN, OTHER = (
    "https://matrix.to/#/+group:matrix.org\n",
    "[#a:matrix.org](https://matrix.to/#/#b:matrix.org)\n",
)
FINE = "https://matrix.to/#/#room:matrix.org\n"


@pytest.fixture
def forge(request: pytest.FixtureRequest) -> Iterator[FakeForge]:
    """Run GitHub's, unless the test says which."""
    with fake_forge(getattr(request, "param", GITHUB)) as running:
        yield running


on_each_forge = pytest.mark.parametrize("forge", [GITHUB, FORGEJO], indirect=True)


def act(folder: Path, forge: FakeForge, *arguments: str, **env: str) -> Result:
    """Do what the action's step does, offline unless ``arguments`` say otherwise."""
    folder.joinpath("temp").mkdir(exist_ok=True)
    job = {
        "RUNNER_TEMP": str(folder / "temp"),
        "PATHS": "a.md b.md",
        "ARGUMENTS": " ".join(arguments or ("--offline",)),
        "ISSUE": "true",
        "TOKEN": TOKEN,
        "GITHUB_API_URL": forge.url,
        "GITHUB_REPOSITORY": "we/rooms",
    }
    return Result(*forks().run(folder, [], environment(job | env), module="stashmatrix.commands.action"))


def write(folder: Path, a: str, b: str = FINE) -> None:
    (folder / "a.md").write_text(a)
    (folder / "b.md").write_text(b)


def rows(body: str) -> list[str]:
    """Return the location of each finding that an issue lists."""
    return [line.split("|")[2].strip(" `") for line in body.splitlines() if line.startswith("| error")]


@on_each_forge
def test_an_issue_lives_as_long_as_something_is_to_be_mended(tmp_path: Path, forge: FakeForge) -> None:
    write(tmp_path, FINE)
    assert act(tmp_path, forge).status == 0
    assert forge.changes == []  # never an empty one
    write(tmp_path, BROKEN)
    assert act(tmp_path, forge).status == 1
    assert forge.changes == ["POST /repos/we/rooms/issues body title"]
    [issue] = forge.issues
    assert issue["title"] == "Matrix links: 1 broken"
    assert rows(issue["body"]) == ["a.md:1:1"]
    act(tmp_path, forge)
    assert len(forge.changes) == 1  # nothing changed
    write(tmp_path, OTHER + BROKEN, BROKEN)
    act(tmp_path, forge)
    assert forge.changes[1:] == ["PATCH /repos/we/rooms/issues/1 body title"]
    assert issue["title"] == "Matrix links: 3 broken"
    assert rows(issue["body"]) == ["a.md:2:1", "a.md:1:17", "b.md:1:1"]  # what failed before comes first
    write(tmp_path, FINE)
    assert act(tmp_path, forge).status == 0
    assert forge.changes[2:] == ["PATCH /repos/we/rooms/issues/1 state"]
    assert issue["state"] == "closed"


@on_each_forge
def test_only_an_issue_of_ours_is_touched(tmp_path: Path, forge: FakeForge) -> None:
    write(tmp_path, BROKEN)
    act(tmp_path, forge)
    ours = forge.issues.pop()
    for author, more in [("stranger", {}), (forge.bot, {"pull_request": {"url": "x"}})]:
        forge.add(ours["title"], ours["body"], author, **more)
    forge.add("Something else", "of the same bot", forge.bot)
    for _ in range(100):
        forge.add("Busy", "", "somebody")
    before = [dict(issue) for issue in forge.issues]
    forge.add("Matrix links: 9 broken", ours["body"], forge.bot)
    write(tmp_path, FINE)
    act(tmp_path, forge)
    assert forge.issues[:-1] == before
    assert forge.issues[-1]["state"] == "closed"


def test_a_token_of_a_person_finds_that_person_s_issue(tmp_path: Path, forge: FakeForge) -> None:
    forge.user = "maintainer"
    write(tmp_path, BROKEN)
    act(tmp_path, forge)
    act(tmp_path, forge)
    assert len(forge.changes) == 1


def test_an_outage_neither_opens_nor_closes(tmp_path: Path, forge: FakeForge) -> None:
    write(tmp_path, BROKEN)
    act(tmp_path, forge)
    write(tmp_path, FINE)
    dead = ("--homeserver", "matrix.org=http://127.0.0.1:1", "--retries", "0")
    assert act(tmp_path, forge, *dead).status == 4
    assert act(tmp_path, forge, *dead, FAIL="false").status == 0
    assert act(tmp_path, forge, "--nosuch", FAIL="false").status == 2
    assert len(forge.changes) == 1


@pytest.mark.parametrize("status", [403, 500])
def test_a_forge_that_refuses_is_an_error(tmp_path: Path, forge: FakeForge, status: int) -> None:
    forge.refuses = status
    write(tmp_path, BROKEN)
    result = act(tmp_path, forge)
    assert f"HTTP {status}" in result.stderr
    assert "issues: write" in result.stderr
    assert TOKEN not in result.stderr + result.stdout
    assert result.status == 3


def test_a_page_in_place_of_the_forge_s_answer_is_an_error(tmp_path: Path, forge: FakeForge) -> None:
    forge.page = b"<!doctype html><title>Sign in</title>"
    write(tmp_path, BROKEN)
    result = act(tmp_path, forge)
    assert result.stderr.startswith(f"error: the forge answered {forge.url}/")
    assert " without JSON\n" in result.stderr
    assert result.status == 3


def test_no_token_is_an_error(tmp_path: Path, forge: FakeForge) -> None:
    write(tmp_path, BROKEN)
    result = act(tmp_path, forge, TOKEN="")
    assert "TOKEN" in result.stderr
    assert result.status == 3


def test_a_stranger_s_text_notifies_nobody(tmp_path: Path, forge: FakeForge) -> None:
    evil = "[#a:matrix.org](https://matrix.to/#/#@everyone<img>-->:matrix.org)\n"
    write(tmp_path, evil + BROKEN)
    act(tmp_path, forge)
    [issue] = forge.issues
    html = cmarkgfm.github_flavored_markdown_to_html(issue["body"])
    outside_code = re.sub(r"<code>.*?</code>|<!--.*?-->", "", html, flags=re.DOTALL)
    assert "group-link" in html
    assert "everyone" not in outside_code
    assert "<img" not in outside_code
