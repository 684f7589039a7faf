"""The reports that check-links prints, and writes to files."""

import os
from pathlib import Path

import pytest

from stashmatrix.formats.reports import TEXT_FORMATS
from tests.support.catalogues import catalogue_of
from tests.support.process import (
    FULL_DISK,
    Result,
    Run,
    after_catalogue,
    needs_full_disk,
    read_report,
    run_in,
    start,
)

CATALOGUE = catalogue_of("#help:dead.example")
DEAD = ("--homeserver", "dead.example=http://127.0.0.1:1", "--retries", "0")


def catalogue_in(folder: Path, name: str = "rooms.yaml") -> str:
    (folder / name).write_text(CATALOGUE)
    return name


def test_every_format_is_printed_and_written_alike(run: Run, tmp_path: Path) -> None:
    path = catalogue_in(tmp_path)
    wanted = [option for name in TEXT_FORMATS for option in ("--report", f"{name}=report=.{name}")]
    for name in TEXT_FORMATS:
        result = run("--catalogue", path, "check-links", *DEAD, *wanted, "--format", name)
        assert result.status == 4
        assert "dead.example" in result.stdout
        assert (tmp_path / f"report=.{name}").read_text(encoding="utf-8") == result.stdout
    assert len(list(tmp_path.iterdir())) == 1 + len(TEXT_FORMATS)


def test_a_report_that_cannot_be_written_is_an_error_after_the_verdict(run: Run, tmp_path: Path) -> None:
    (tmp_path / "report.json").symlink_to("missing/report.json")
    wanted = ("--report", "json=report.json", "--report", "junit=report.xml")
    result = run("--catalogue", catalogue_in(tmp_path), "check-links", *DEAD, *wanted)
    assert result.stdout.startswith("rooms.yaml:7:12: unverified[unreachable]")
    assert "error: report.json cannot be written: No such file or directory\n" in result.stderr
    assert (tmp_path / "report.xml").exists()
    assert result.status == 3


@needs_full_disk
def test_a_report_is_written_to_its_file_even_if_stdout_is_full(tmp_path: Path) -> None:
    args = ("--catalogue", catalogue_in(tmp_path), "check-links", *DEAD, "--report", "plain=report.txt")
    with FULL_DISK.open("w") as full:
        process = start(tmp_path, *args, streams={1: full.fileno()})
    _, stderr = process.communicate()
    assert after_catalogue(stderr.decode()).startswith("error: standard output cannot be written: ")
    assert "unverified[unreachable]" in (tmp_path / "report.txt").read_text()
    assert process.returncode == 3


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("missing/report.json", "missing is not a folder"),
        ("rooms.yaml/report.json", "rooms.yaml is not a folder"),
        (".", "it is a folder"),
        ("/", "it is a folder"),
        ("x" * 300, "File name too long"),
    ],
)
def test_a_report_that_cannot_be_is_an_error_before_anybody_is_asked(
    run: Run, tmp_path: Path, path: str, why: str
) -> None:
    result = run("--catalogue", catalogue_in(tmp_path), "check-links", "--report", f"json={path}")
    assert result.stdout == ""
    assert result.stderr == f"error: {path} cannot be written: {why}\n"
    assert result.status == 3


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a working directory with symbolic links, beside a folder that is outside of it."""
    (tmp_path / "outside").mkdir()
    folder = tmp_path / "work"
    (folder / "inside").mkdir(parents=True)
    os.mkfifo(folder / "pipe")
    catalogue_in(folder)
    (folder / "kept").touch()
    (folder / "rooms.lock").write_text('{"version": 1, "rooms": {}}')
    (folder / "hard.yaml").hardlink_to(folder / "rooms.yaml")
    for name, target in {
        "link.yaml": "rooms.yaml",
        "here": "inside",
        "out": "../outside",
        "out.txt": "../outside/new.txt",
        "far": "here/away",
        "inside/away": "../../outside",
    }.items():
        (folder / name).symlink_to(target)
    return folder


def check_in(folder: Path, *wanted: str, cache: str = "kept", lock: str = "rooms.lock") -> Result:
    files = ("--cache", cache, "--lock", lock)
    options = (option for each in wanted for option in ("--report", each))
    return run_in(folder, "--catalogue", "rooms.yaml", "check-links", *DEAD, *files, *options)


def content(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("rooms.yaml", "it is the catalogue"),
        ("./inside/../rooms.yaml", "it is the catalogue"),
        ("link.yaml", "it is the catalogue"),
        ("hard.yaml", "it is the catalogue"),
        ("kept", "it is the cache"),
        ("rooms.lock", "it is the lock file"),
        ("pipe", "it is not an ordinary file"),
        ("/dev/null", "it is not an ordinary file"),
        ("/dev/stdout", "it is not an ordinary file"),
        ("out.txt", "the symbolic link out.txt leads out of the working directory"),
        ("out/new.txt", "the symbolic link out leads out of the working directory"),
        ("far/new.txt", "the symbolic link far leads out of the working directory"),
        ("here/away/new.txt", "the symbolic link here/away leads out of the working directory"),
    ],
)
def test_a_report_that_would_do_harm_is_refused_before_anybody_is_asked(
    folder: Path, path: str, why: str
) -> None:
    before = content(folder.parent)
    result = check_in(folder, f"json={path}")
    assert result == Result(3, "", f"error: {path} cannot be written: {why}\n".replace("./inside", "inside"))
    assert content(folder.parent) == before


@pytest.mark.parametrize("path", ["out.txt", "out/new.txt"])
@pytest.mark.parametrize("option", ["--cache", "--lock"])
def test_neither_the_cache_nor_the_lock_is_written_out_of_the_working_directory(
    folder: Path, option: str, path: str
) -> None:
    before = content(folder.parent)
    files = ("--update-lock", "--lock", "rooms.lock", option, path)
    result = run_in(folder, "--catalogue", "rooms.yaml", "check-links", *DEAD, *files)
    assert result.stderr.startswith(f"error: {path} cannot be written: the symbolic link out")
    assert (result.status, content(folder.parent)) == (3, before)


@pytest.mark.parametrize("path", ["out.txt", "../outside/new.txt"])
def test_a_lock_may_be_read_out_of_the_working_directory_and_written_where_the_user_says(
    folder: Path, path: str
) -> None:
    (folder.parent / "outside/new.txt").write_text((folder / "rooms.lock").read_text())
    files = ("--lock", path, "--cache", "../outside/cache.json")
    update = () if path == "out.txt" else ("--update-lock",)
    result = run_in(folder, "--catalogue", "rooms.yaml", "check-links", *DEAD, *files, *update)
    assert "error:" not in result.stderr
    assert result.status == 4


@pytest.mark.parametrize("absolute", ["out.txt", "out/new.txt", "../work/out.txt"])
def test_a_link_out_of_the_working_directory_is_found_in_an_absolute_path(
    folder: Path, absolute: str
) -> None:
    result = check_in(folder, f"json={folder / absolute}")
    assert "leads out of the working directory\n" in result.stderr
    assert result.status == 3


@pytest.mark.parametrize("second", ["report.txt", "./report.txt", "here/../report.txt", "link.txt"])
def test_two_reports_in_one_file_are_refused(folder: Path, second: str) -> None:
    (folder / "link.txt").symlink_to("report.txt")
    result = check_in(folder, "json=report.txt", f"plain={second}")
    assert result.stderr.endswith(" cannot be written: it is another report\n")
    assert result.status == 3


def test_a_cache_that_is_not_there_yet_is_no_report(folder: Path) -> None:
    result = check_in(folder, "json=new", cache="./new")
    assert result.stderr == "error: new cannot be written: it is the cache\n"


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("report.json", "work/report.json"),
        ("here/report.json", "work/inside/report.json"),
        ("out/../work/report.json", "work/report.json"),
        ("../outside/report.json", "outside/report.json"),
        ("../work/report.json", "work/report.json"),
        ("{folder}/report.json", "work/report.json"),
        ("{folder}/../outside/report.json", "outside/report.json"),
        ("{folder}/../elsewhere/report.json", "outside/report.json"),
    ],
)
def test_a_path_that_the_user_chose_is_written_to(folder: Path, path: str, written: str) -> None:
    (folder.parent / "elsewhere").symlink_to("outside")  # which no file in the working directory did
    assert check_in(folder, f"json={path.format(folder=folder)}").status == 4
    assert read_report((folder.parent / written).read_text())["version"] == 1


def test_a_dash_is_stdout_in_place_of_the_default_format(folder: Path) -> None:
    result = check_in(folder, "json=-", "plain=report.txt")
    assert read_report(result.stdout)["summary"]["links"] == 1
    assert (folder / "report.txt").exists()
    assert not (folder / "-").exists()
    assert check_in(folder, "json=./-").stdout.startswith("rooms.yaml:7:12: ")
    assert (folder / "-").exists()


@pytest.mark.parametrize(
    ("options", "formats"),
    [
        (("--report", "json=-", "--report", "sarif=-"), "json and sarif"),
        (("--report", "json=-", "--format", "plain"), "plain and json"),
    ],
)
def test_two_reports_on_stdout_are_a_usage_error(run: Run, options: tuple[str, ...], formats: str) -> None:
    result = run("--catalogue", "missing.yaml", "check-links", *options)
    assert result.stdout == ""
    assert f"--report: stdout takes one report, got {formats}\n" in result.stderr
    assert result.status == 2


@pytest.mark.parametrize("value", ["json", "json=", "=x", "table=x", "xml=x", "JSON=x"])
def test_a_report_option_that_makes_no_sense_is_a_usage_error(run: Run, value: str, tmp_path: Path) -> None:
    # The catalogue does not exist either: the option is looked at before anything is read or asked.
    result = run("--catalogue", "missing.yaml", "check-links", "--report", value)
    assert result.stdout == ""
    assert "--report" in result.stderr
    assert "FORMAT=FILE" in result.stderr
    assert result.status == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "added"), [("github", True), ("plain", False)])
def test_the_step_s_summary_is_added_to_in_github_s_format_only(
    run: Run, tmp_path: Path, name: str, added: bool
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    env = {"GITHUB_STEP_SUMMARY": str(summary)}
    run("--catalogue", catalogue_in(tmp_path), "check-links", *DEAD, "--format", name, env=env)
    head, _, rest = summary.read_text().partition("\n")
    assert head == "before"
    assert rest.startswith("## 1 link: 0 ok, 0 broken, 1 unverified\n") is added


def test_a_step_s_summary_that_is_a_pipe_is_refused_and_not_waited_for(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "summary")
    wanted = ("--format", "github", "--report", "json=report.json")
    env = {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    result = run("--catalogue", catalogue_in(tmp_path), "check-links", *DEAD, *wanted, env=env)
    assert result.stdout.startswith("::warning ")
    assert f"error: {tmp_path}/summary cannot be written: " in result.stderr
    assert (tmp_path / "report.json").exists()
    assert result.status == 3


@pytest.mark.parametrize("name", ["::error::x.yaml", "  ::error::x.yaml"])
@pytest.mark.parametrize("form", ["plain", "table"])
def test_a_catalogue_s_name_is_no_workflow_command(run: Run, tmp_path: Path, name: str, form: str) -> None:
    path = catalogue_in(tmp_path, name)
    results = [
        run("--catalogue", path, "check-links", *DEAD, "--format", form),
        run("validate", path),
        run("validate", f"{name}.missing"),
        run("--catalogue", f"{name}.missing", "rooms"),
    ]
    for result in results:
        lines = (result.stdout + result.stderr).splitlines()
        assert any(f"./{name}" in line for line in lines)
        assert not [line for line in lines if line.lstrip().startswith("::")]
