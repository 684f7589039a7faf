"""check-links --changed-since: only links on lines that a change touched."""

import subprocess
from pathlib import Path

import pytest

from tests.support.process import Result, Run, read_report, run_in

NEW = "[#c:matrix.net](https://matrix.to/#/#d:matrix.net)\n"
WRONG = "[#a:matrix.net](https://matrix.to/#/#b:matrix.net)\n"
IDENTITY = ("-c", "user.name=x", "-c", "user.email=x@localhost")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Give a repository with one commit, ``base``, that has two wrong links."""
    git("init", "--quiet", "--initial-branch", "main", folder=tmp_path)
    (tmp_path / "a.md").write_text(f"one\n{WRONG}two\n")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.md").write_text(WRONG)
    commit(tmp_path)
    git("tag", "base", folder=tmp_path)
    return tmp_path


def git(*arguments: str, folder: Path) -> None:
    subprocess.run(["git", *IDENTITY, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git("add", "--all", folder=folder)
    git("commit", "--quiet", "--message", "x", folder=folder)


def places(result: Result) -> list[str]:
    return [line.partition(" ")[0] for line in result.stdout.splitlines()]


def test_links_on_other_lines_are_counted_and_not_looked_at(run: Run, repository: Path) -> None:
    result = run("check-links", "--offline", "--changed-since", "base", ".")
    assert (places(result), result.status) == ([], 0)
    assert "2 not looked at" in result.stderr
    (repository / "a.md").write_text(f"{NEW}one\n{WRONG}three\n{NEW}")
    result = run("check-links", "--offline", "--changed-since", "base", ".")
    assert places(result) == ["a.md:1:17:", "a.md:5:17:"]
    assert "2 links: 2 broken, 2 not looked at" in result.stderr


@pytest.mark.parametrize("name", ["new.md", "with blank.md", "caf\u00e9.md", 'quo"ted.md', "tab\there.md"])
def test_all_lines_of_a_new_file_changed_whether_git_knows_it_or_not(
    run: Run, repository: Path, name: str
) -> None:
    (repository / name).write_text(WRONG)
    untracked = run("check-links", "--offline", "--changed-since", "base", ".", "--format", "json")
    commit(repository)
    committed = run("check-links", "--offline", "--changed-since", "base", ".", "--format", "json")
    before, after = read_report(untracked.stdout), read_report(committed.stdout)
    assert after["summary"]["broken"] == 1
    assert before | {"time": after["time"]} == after


def test_what_came_to_the_other_branch_since_is_no_change_of_ours(run: Run, repository: Path) -> None:
    git("checkout", "--quiet", "-b", "ours", folder=repository)
    (repository / "ours.md").write_text(WRONG)
    commit(repository)
    git("checkout", "--quiet", "main", folder=repository)
    (repository / "a.md").write_text("nothing\n")
    commit(repository)
    git("checkout", "--quiet", "ours", folder=repository)
    assert places(run("check-links", "--offline", "--changed-since", "main", ".")) == ["ours.md:1:17:"]


def test_a_folder_of_the_repository_sees_its_changes(repository: Path) -> None:
    (repository / "a.md").write_text(WRONG)
    (repository / "deep" / "b.md").write_text(f"\n{WRONG}")
    options = ("--offline", "--changed-since", "base")
    result = run_in(repository / "deep", "check-links", *options, ".", "../a.md")
    assert places(result) == []
    (repository / "deep" / "b.md").write_text(f"{WRONG}{NEW}")
    result = run_in(repository / "deep", "check-links", "--offline", "--changed-since", "base", ".")
    assert places(result) == ["b.md:2:17:"]


def test_lines_that_look_like_headers_are_none(run: Run, repository: Path) -> None:
    (repository / "a.md").write_text(f"++ b/deep/b.md\n@@ -1 +1 @@\n+++ b/x\none\n{WRONG}")
    assert places(run("check-links", "--offline", "--changed-since", "base", ".")) == []
    (repository / "a.md").write_text(f"-- a\n++ b/deep/b.md\n@@ -0,0 +1,9 @@\nnew\n{NEW}")
    assert places(run("check-links", "--offline", "--changed-since", "base", ".")) == ["a.md:5:17:"]


def test_an_ignore_on_another_line_is_not_called_idle(run: Run, repository: Path) -> None:
    idle = "<!-- stashmatrix: ignore -->\n"
    (repository / "a.md").write_text(f"{idle}\nnothing\n")
    commit(repository)
    assert places(run("check-links", "--offline", "--changed-since", "HEAD", ".")) == []
    (repository / "a.md").write_text(f"{idle}\nnothing\n\n{idle}")
    assert places(run("check-links", "--offline", "--changed-since", "HEAD", ".")) == ["a.md:5:1:"]


@pytest.mark.parametrize("revision", ["nowhere", "-x", "--output=x", "", "base:a.md"])
def test_a_revision_that_is_none_is_an_error(run: Run, repository: Path, revision: str) -> None:
    result = run("check-links", "--offline", f"--changed-since={revision}", ".")
    assert result.status == 3
    assert result.stderr.startswith(f"error: git knows no revision '{revision}'\nhint: fetch it first")
    assert not (repository / "x").exists()


def test_outside_a_checkout_there_are_no_changes(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(WRONG)
    result = run("check-links", "--offline", "--changed-since", "HEAD", "a.md")
    assert result.status == 3
    assert result.stderr == "error: --changed-since needs git, and a checkout of it\n"


def test_no_program_of_a_checkout_makes_the_difference(run: Run, repository: Path) -> None:
    (repository / ".gitattributes").write_text("*.md diff=evil\n")
    for key in ("diff.evil.command", "diff.evil.textconv", "diff.external", "core.pager"):
        git("config", key, "touch ran; false", folder=repository)
    (repository / "a.md").write_text(f"{NEW}{WRONG}")
    result = run("check-links", "--offline", "--changed-since", "base", ".")
    assert places(result) == ["a.md:1:17:"]
    assert not (repository / "ran").exists()
