"""The configuration file of a project: which one is used, what it sets, and what is wrong with it."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.process import Result, Run, run_in

LINK = "[#a:matrix.net](https://matrix.to/#/#b:matrix.net)\n"
FAULT = "a.md:1:17: error[label-mismatch]"


def write(folder: Path, name: str, text: str = LINK) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def codes(result: Result) -> list[str]:
    return [" ".join(line.split()[:2]) for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("stashmatrix.toml", ""),
        (".stashmatrix.toml", ""),
        ("pyproject.toml", '[project]\nname = "x"\n\n[tool.stashmatrix]\n'),
    ],
)
def test_a_file_sets_options_under_their_own_names(run: Run, tmp_path: Path, name: str, head: str) -> None:
    write(tmp_path, "a.md")
    write(tmp_path, name, f'{head}paths = ["a.md"]\noffline = true\nfail-on = "never"\n')
    result = run("check-links")
    assert codes(result) == [FAULT]
    assert result.status == 0
    assert run("check-links", "--fail-on", "broken").status == 1
    assert run("--no-config", "check-links", "--offline", "a.md").status == 1


def test_the_nearest_file_up_to_the_root_of_the_repository_counts(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    write(tmp_path, "docs/deep/a.md")
    write(tmp_path, "stashmatrix.toml", 'paths = ["docs/deep"]\nfail-on = "never"\noffline = true\n')
    assert run_in(tmp_path / "docs" / "deep", "check-links").status == 0
    write(tmp_path, "docs/stashmatrix.toml", 'paths = ["deep/a.md"]\noffline = true\n')
    result = run_in(tmp_path / "docs" / "deep", "check-links")
    assert codes(result) == [FAULT]
    assert result.status == 1


def test_outside_a_repository_only_the_working_directory_counts(tmp_path: Path) -> None:
    write(tmp_path, "docs/a.md")
    write(tmp_path, "stashmatrix.toml", "nonsense = 1\n")
    assert run_in(tmp_path / "docs", "check-links", "--offline", "a.md").status == 1


def test_a_pyproject_without_our_table_is_none_of_ours(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a.md")
    write(tmp_path, "pyproject.toml", '[project]\ndescription = "stashmatrix"\n')
    assert run("check-links", "--offline", "a.md").status == 1
    named = run("--config", "pyproject.toml", "check-links", "--offline", "a.md")
    assert (named.status, named.stderr) == (3, "error: pyproject.toml has no table [tool.stashmatrix]\n")


def test_two_files_in_one_folder_are_an_error(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "stashmatrix.toml", "")
    write(tmp_path, ".stashmatrix.toml", "")
    result = run("check-links")
    assert result.status == 3
    assert "stashmatrix.toml and .stashmatrix.toml" in result.stderr


def test_a_named_file_counts_in_place_of_the_one_that_is_found(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a.md")
    write(tmp_path, "stashmatrix.toml", 'fail-on = "never"\n')
    write(tmp_path, "ci/strict.toml", 'paths = ["../a.md"]\noffline = true\n')
    assert codes(run("--config", "ci/strict.toml", "check-links")) == [FAULT]
    assert run("--config", "missing.toml", "check-links").status == 3
    assert run("--config", "ci/strict.toml", "--no-config", "check-links").status == 2


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("offline = true\nfail-onn = 1\n", "2:1", "no key named 'fail-onn' (did you mean fail-on?)"),
        ('offline = "yes"\n', "1:1", "offline: expected true or false, got 'yes'"),
        ('  paths = "docs"\n', "1:3", "paths: expected a list of texts, got 'docs'"),
        ("ignore = [1]\n", "1:1", "ignore: expected a list of texts, got a list"),
        ('retries = "2"\n', "1:1", "retries: expected a number, got '2'"),
        ("retries = true\n", "1:1", "retries: expected a number, got true or false"),
        ("timeout = 5\n", "1:1", "timeout: expected a text, got a number"),
        ("catalogue = []\n", "1:1", "catalogue: expected a text, got a list"),
        ("per-file-ignores = []\n", "1:1", "per-file-ignores: expected a table"),
        ('[per-file-ignores]\n"a.md" = "all"\n', "2:1", "'a.md': expected a list of codes, got 'all'"),
        ('[per-file-ignores]\n"a.md" = ["al"]\n', "2:1", "'a.md': no finding named 'al' (did you mean all?)"),
        ('homeserver = ["a=http://b"]\n', "1:1", "'homeserver' is for the command line only"),
        ('resolver = "http://b"\n', "1:1", "'resolver' is for the command line only"),
        ("allow-private = true\n", "1:1", "'allow-private' is for the command line only"),
        ('report = ["json=x"]\n', "1:1", "'report' is for the command line only"),
        ('cache = "x"\n', "1:1", "'cache' is for the command line only"),
        ("update-lock = true\n", "1:1", "'update-lock' is for the command line only"),
        ("a = 1\na = \n", "2:5", "this is no TOML"),
    ],
)
def test_each_fault_has_its_line(run: Run, tmp_path: Path, text: str, place: str, words: str) -> None:
    write(tmp_path, "stashmatrix.toml", text)
    for command in ("check-links", "config"):
        result = run(command)
        assert result.stderr.startswith(f"stashmatrix.toml:{place}: {words}")
        assert (result.status, result.stdout) == (3, "")


@pytest.mark.parametrize("text", ["retries = 99\n", 'timeout = "soon"\n', 'fail-on = "always"\n'])
def test_a_value_that_the_command_line_would_refuse_has_its_line(run: Run, tmp_path: Path, text: str) -> None:
    write(tmp_path, "stashmatrix.toml", f"\n{text}")
    result = run("check-links")
    assert result.stderr.startswith(f"stashmatrix.toml:2:1: {text.partition(' ')[0]}: ")
    assert result.status == 3


@pytest.mark.parametrize("text", ["[" * 100_000, f"a = {'[' * 100_000}", "\x00", f"# {'x' * 1_100_000}"])
def test_hostile_files_get_a_message(run: Run, tmp_path: Path, text: str) -> None:
    write(tmp_path, "stashmatrix.toml", text)
    result = run("check-links")
    assert result.stderr.startswith(("stashmatrix.toml:1:", "error: stashmatrix.toml "))
    assert result.status == 3


def test_help_and_the_version_need_no_faultless_file(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "stashmatrix.toml", "nonsense = 1\n")
    assert run("check-links", "--help").status == 0
    assert run("--version").status == 0
    assert run("--no-config", "rooms").status == 0


def test_the_catalogue_of_a_project_is_its_own(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "data/rooms.yaml", "rooms: []\n")
    write(tmp_path, "stashmatrix.toml", 'catalogue = "data/rooms.yaml"\n')
    assert run("rooms").stderr.startswith("data/rooms.yaml:1:1: ")
    assert run("--catalogue", "other.yaml", "rooms").stderr.startswith("error: other.yaml ")


def test_the_catalogue_of_the_command_line_counts_more_than_the_paths_of_a_file(
    run: Run, tmp_path: Path
) -> None:
    write(tmp_path, "a.md")
    write(tmp_path, "stashmatrix.toml", 'paths = ["a.md"]\noffline = true\n')
    assert run("--catalogue", "missing.yaml", "check-links").stderr.startswith("error: missing.yaml ")


def test_files_have_findings_that_are_not_reported(run: Run, tmp_path: Path) -> None:
    for name in ("a.md", "old/b.md", "old/deep/c.md", "gone/d.md"):
        write(tmp_path, name)
    write(
        tmp_path,
        "stashmatrix.toml",
        '[per-file-ignores]\n"old/" = ["label-mismatch"]\n"gone/*.md" = ["all"]\n"x.md" = ["all"]\n',
    )
    result = run("check-links", "--offline", ".")
    assert codes(result) == [FAULT, "stashmatrix.toml:4:1: warning[unused-ignore]"]
    assert "3 links in 4 files: 1 broken, 1 warning, 1 skipped, 2 ignored" in result.stderr
    report = json.loads(run("check-links", "--offline", "gone", "--format", "json").stdout)
    assert report["skipped"][0]["ignored_by"] == {
        "text": "per-file-ignores 'gone/*.md'",
        "source": {"path": "stashmatrix.toml", "line": 3, "column": 1},
    }


def test_a_pattern_of_a_file_has_its_place_and_is_told_if_it_is_idle(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a.md")
    write(tmp_path, "stashmatrix.toml", "ignore = [\n  '#b:*',\n  \"#z:*\",\n]\n")
    report = json.loads(run("check-links", "--offline", ".", "--format", "json").stdout)
    place = {"path": "stashmatrix.toml", "line": 2, "column": 3}
    assert report["skipped"][0]["ignored_by"]["source"] == place
    [idle] = report["unused_ignores"]
    assert (idle["source"]["line"], idle["source"]["column"]) == (3, 3)
    # A hook that runs on one file cannot tell.
    report = json.loads(run("check-links", "--offline", "a.md", "--format", "json").stdout)
    assert report["unused_ignores"] == []


def test_an_option_replaces_what_the_file_says(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a.md")
    write(tmp_path, "stashmatrix.toml", 'ignore = ["#b:*"]\n')
    assert run("check-links", "--offline", "a.md").status == 0
    result = run("check-links", "--offline", "a.md", "--ignore", "#c:*")
    assert result.status == 1
    assert "warning: --ignore '#c:*' matches no link\n" in result.stderr


@pytest.mark.parametrize(
    ("file", "options", "is_told"),
    [
        ("", "", True),
        ("", "--disable", False),
        ("disable", "", False),
        ("disable", "--enable", True),
        ("enable", "--disable", False),
        ("", "--enable --disable", False),
    ],
)
def test_a_note_is_turned_off_and_on_again_by_the_command_line(
    run: Run, tmp_path: Path, file: str, options: str, is_told: bool
) -> None:
    write(tmp_path, "stashmatrix.toml", f'{file} = ["published-link-differs"]\n' if file else "")
    chosen = (word for option in options.split() for word in (option, "published-link-differs"))
    result = run("check-links", "--offline", *chosen)
    assert ("note[published-link-differs]" in result.stdout) is is_told
    assert result.status == 0


def test_a_lock_of_the_file_is_read_and_never_written(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a.md")
    write(tmp_path, "stashmatrix.toml", 'lock = "rooms.lock"\n')
    assert "rooms.lock does not exist" in run("check-links", "--offline", "a.md").stderr
    assert run("check-links", "--offline", "a.md", "--update-lock").status == 2


def test_config_tells_what_is_in_force_and_from_where(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "stashmatrix.toml", '# x\nfail-on = "warning"\n\n[per-file-ignores]\n"a" = ["all"]\n')
    lines = run("config").stdout.splitlines()
    assert lines[0] == "# stashmatrix.toml"
    assert 'fail-on = "warning"  # stashmatrix.toml:2' in lines
    assert 'timeout = "15s"  # default' in lines
    assert lines[-2:] == ["[per-file-ignores]", '"a" = ["all"]  # stashmatrix.toml:5']
    assert "homeserver" not in "".join(lines)
    assert run("--no-config", "config").stdout.startswith("# no configuration file\n")
    named = run("--catalogue", "x.yaml", "config").stdout
    assert 'catalogue = "x.yaml"  # --catalogue or STASHMATRIX_CATALOGUE\n' in named
