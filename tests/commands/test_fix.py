"""check-links --fix and --diff: what is written, how, and what is left alone."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.catalogues import catalogue_of
from tests.support.homeserver import fake_homeserver
from tests.support.kills import NEW
from tests.support.process import (
    TIMEOUT,
    UNMEASURED,
    Result,
    RunOnTerminal,
    command,
    environment,
    piped,
    run_in,
)
from tests.support.project import ROOT

WRONG, RIGHT = "https://matrix.to/#help:a.org", "https://matrix.to/#/#help:a.org"
SLIP = "http://matrix.to/#/#help:a.org"
RIOT = "https://riot.im/app/#/room/#help:a.org"
OFFLINE = ("check-links", "--offline")


def fix(folder: Path, *args: str) -> Result:
    return run_in(folder, *OFFLINE, "--fix", "--format", "plain", *args)


def diff(folder: Path, *args: str) -> Result:
    return run_in(folder, *OFFLINE, "--diff", *args)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_fix_mends_the_file_and_reports_what_is_left(tmp_path: Path) -> None:
    page = tmp_path / "a.md"
    page.write_text(f"[one]({WRONG}) [two]({RIOT}) [three]({SLIP})\n")
    result = fix(tmp_path, "a.md")
    assert page.read_text() == f"[one]({RIGHT}) [two]({RIOT}) [three]({RIGHT})\n"
    assert result.stdout.startswith("a.md:1:46: warning[retired-host] ")
    assert result.stderr.startswith(
        "fixed 2 links in 1 file (1 more with --unsafe-fixes)\n3 links: 0 broken, 1 warning\n"
    )
    assert result.status == 0
    assert fix(tmp_path, "a.md").stderr.startswith("fixed 0 links in 0 files (1 more with --unsafe-fixes)\n")
    assert fix(tmp_path, "--unsafe-fixes", "a.md").stderr == "fixed 1 link in 1 file\n3 links: 0 broken\n"
    assert page.read_text() == f"[one]({RIGHT}) [two]({RIGHT}) [three]({RIGHT})\n"


def test_what_cannot_be_mended_is_still_a_failure(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"[one]({WRONG}) [two](https://matrix.to/#/+group:a.org)\n")
    result = fix(tmp_path, "a.md")
    assert (result.status, result.stderr.splitlines()[0]) == (1, "fixed 1 link in 1 file")


def test_a_diff_shows_what_would_be_written_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"# Chat\n\n[one]({WRONG}) [two]({RIOT})\n")
    before = files(tmp_path)
    result = diff(tmp_path, ".")
    assert result.stdout.splitlines() == [
        "--- a/a.md",
        "+++ b/a.md",
        "@@ -1,3 +1,3 @@",
        " # Chat",
        " ",
        f"-[one]({WRONG}) [two]({RIOT})",
        f"+[one]({RIGHT}) [two]({RIOT})",
    ]
    assert result.stderr == "would fix 1 link in 1 file (1 more with --unsafe-fixes)\n"
    assert result.status == 1
    assert f"+[one]({RIGHT}) [two]({RIGHT})\n" in diff(tmp_path, ".", "--unsafe-fixes").stdout
    assert files(tmp_path) == before
    fix(tmp_path, "--unsafe-fixes", ".")
    assert diff(tmp_path, ".") == Result(0, "", "would fix 0 links in 0 files\n")


TEXTS = {
    "plain.md": f"# caf\u00e9\n\n{WRONG}\n".encode(),
    "crlf.md": f"# Chat\r\n\r\n{WRONG}\r\n".encode(),
    "mixed.md": f"a\r\nb\n{WRONG}\rc\n\r\n".encode(),
    "bom.md": f"\ufeff{WRONG}\n".encode(),
    "utf16.md": f"a\r\n{WRONG}\r\nb\r\n".encode("utf-16"),
    "utf32.md": f"a\n{WRONG}\nb\n".encode("utf-32"),
    "latin1.md": f"caf\u00e9\n{WRONG}\n".encode("latin-1"),
    "no newline.md": f"a\n{WRONG}".encode(),
    'caf\u00e9 "q".md': f"{WRONG}\n".encode(),
    "code.py": f"# {WRONG}\nX = '\\x00\\u0023'\n".encode(),
}


def mended(data: bytes) -> bytes:
    wide = [(WRONG.encode(codec), RIGHT.encode(codec)) for codec in ("utf-8", "utf-16-le", "utf-32-le")]
    for old, new in wide:
        data = data.replace(old, new)
    return data


def test_every_other_byte_stays(tmp_path: Path) -> None:
    for name, data in TEXTS.items():
        (tmp_path / name).write_bytes(data)
    result = fix(tmp_path, *TEXTS)
    assert result.stderr.startswith(f"fixed {len(TEXTS)} links in {len(TEXTS)} files\n")
    assert files(tmp_path) == {name: mended(data) for name, data in TEXTS.items()}


@pytest.mark.parametrize("apply", [("git", "apply"), ("patch", "-p1", "--binary", "--quiet")])
def test_what_applies_a_diff_makes_of_it_what_a_fix_does(tmp_path: Path, apply: tuple[str, ...]) -> None:
    for name, data in TEXTS.items():
        (tmp_path / name).write_bytes(data)
    shown = subprocess.run(
        command([*OFFLINE, "--diff", *TEXTS]),
        capture_output=True, cwd=tmp_path, env=environment(), timeout=TIMEOUT, check=False,
    )  # fmt: skip
    assert shown.returncode == 1
    subprocess.run(apply, input=shown.stdout, cwd=tmp_path, timeout=TIMEOUT, check=True)
    assert files(tmp_path) == {name: mended(data) for name, data in TEXTS.items()}


@pytest.mark.parametrize("path", ["{}/docs/a.md", "../docs/docs/../docs/a.md", ".//docs/a.md", "./docs"])
def test_a_diff_names_a_file_from_the_working_directory_however_it_was_named(
    tmp_path: Path, path: str
) -> None:
    here = tmp_path / "docs"
    (here / "docs").mkdir(parents=True)
    (here / "docs/a.md").write_text(WRONG)
    shown = diff(here, path.format(here))
    assert shown.stdout.splitlines()[:2] == ["--- a/docs/a.md", "+++ b/docs/a.md"]
    outside = diff(here / "docs", "../docs/../docs/a.md", str(here / "docs"), "../../docs/docs/a.md")
    assert outside.stdout.splitlines()[0] == "--- a/a.md"
    (tmp_path / "b.md").write_text(WRONG)
    assert diff(here, "../b.md").stdout.splitlines()[0] == f"--- a{tmp_path}/b.md"


def test_stdin_is_shown_mended_and_cannot_be_written(tmp_path: Path) -> None:
    def mending(option: str) -> Result:
        named = ("--stdin-filename", "docs/a.md", "-")
        return piped(tmp_path, f"[one]({WRONG})\n", *OFFLINE, option, *named)

    shown = mending("--diff")
    assert shown.stdout.splitlines()[:2] == ["--- a/docs/a.md", "+++ b/docs/a.md"]
    assert f"+[one]({RIGHT})\n" in shown.stdout
    assert shown.status == 1
    assert mending("--fix").status == 2


def test_the_mode_of_a_file_stays(tmp_path: Path) -> None:
    page = tmp_path / "a.md"
    page.write_text(WRONG)
    page.chmod(0o755)
    assert fix(tmp_path, "a.md").status == 0
    assert stat.S_IMODE(page.stat().st_mode) == 0o755
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]


@pytest.mark.parametrize("kind", ["read-only", "hard link", "symbolic link", "symbolic link out"])
def test_a_file_that_cannot_be_mended_without_loss_is_left_and_told(tmp_path: Path, kind: str) -> None:
    here = tmp_path / "here"
    here.mkdir()
    page, other = here / "a.md", (tmp_path if kind.endswith("out") else here) / "other.txt"
    other.write_text(WRONG)
    match kind:
        case "read-only":
            page.write_text(WRONG)
            page.chmod(0o444)
        case "hard link":
            page.hardlink_to(other)
        case _:
            page.symlink_to(other)
    (here / "b.md").write_text(WRONG)
    result = fix(here, "a.md", "b.md")
    assert page.read_text() == other.read_text() == WRONG
    assert (here / "b.md").read_text() == RIGHT
    assert result.stderr.startswith("error: a.md cannot be written: ")
    assert result.status == 3


def test_a_symbolic_link_to_what_is_named_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/b.md").write_text(WRONG)
    (tmp_path / "a.md").symlink_to("docs/b.md")
    assert fix(tmp_path, "a.md", "docs").status == 0
    assert (tmp_path / "a.md").is_symlink()
    assert (tmp_path / "docs/b.md").read_text() == RIGHT


def test_a_fix_that_is_refused_is_no_obstacle_to_another_one_of_that_link(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("https://riot.im/app/#/room/!id:a.org&x\n")
    result = fix(tmp_path, "--unsafe-fixes", "a.md")
    assert result.stderr.startswith("warning: a.md: not fixed, missing-via: ")
    assert (tmp_path / "a.md").read_text() == "https://matrix.to/#/!id:a.org&x\n"


def test_a_link_with_two_fixes_is_one_link(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("[a](https://riot.im/app/#/room/!id:a.org)\n")
    assert diff(tmp_path, "--unsafe-fixes", "a.md").stderr == "would fix 1 link in 1 file\n"
    assert fix(tmp_path, "--unsafe-fixes", "a.md").stderr.startswith("fixed 1 link in 1 file\n")


def test_what_is_ignored_and_what_is_code_is_not_mended(tmp_path: Path) -> None:
    text = (
        f"[one]({WRONG}) <!-- stashmatrix: ignore -->\n\n"
        f"[two]({WRONG}) <!-- stashmatrix: ignore[malformed-link] -->\n\n"
        f"```\n{WRONG}\n```\n"
    )
    (tmp_path / "a.md").write_text(text)
    assert fix(tmp_path, "a.md").stderr.startswith("fixed 0 links in 0 files\n")
    assert (tmp_path / "a.md").read_text() == text
    assert fix(tmp_path, "--disable", "untidy-link", "--include-code", "a.md").status == 0
    assert (tmp_path / "a.md").read_text() == text.replace(f"```\n{WRONG}", f"```\n{RIGHT}")


def test_slips_that_are_overlooked_can_be_left_or_told(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"[one]({SLIP})\n")
    assert fix(tmp_path, "--disable", "untidy-link", "a.md").stderr.startswith("fixed 0 links")
    told = run_in(tmp_path, *OFFLINE, "--enable", "untidy-link", "--format", "json", "a.md")
    [finding] = json.loads(told.stdout)["links"][0]["findings"]
    assert (finding["code"], finding["severity"]) == ("untidy-link", "note")
    fixed = finding["fix"]
    text = (tmp_path / "a.md").read_text()
    assert text[: fixed["start"]] + fixed["replacement"] + text[fixed["end"] :] == f"[one]({RIGHT})\n"


def test_a_catalogue_in_use_is_mended_in_its_own_file_only(tmp_path: Path) -> None:
    assert run_in(tmp_path, *OFFLINE, "--fix").status == 2
    (tmp_path / "rooms.yaml").write_text(catalogue_of("#help:a.org"))
    result = run_in(tmp_path, "--catalogue", "rooms.yaml", *OFFLINE, "--fix")
    assert result.stderr.splitlines()[1] == "fixed 0 links in 0 files"


@pytest.mark.parametrize("end", ["\r", "\u2028"])
def test_a_catalogue_whose_lines_end_as_only_yaml_knows_is_read(tmp_path: Path, end: str) -> None:
    (tmp_path / "rooms.yaml").write_bytes(catalogue_of("#help:a.org").replace("\n", end).encode())
    assert run_in(tmp_path, "--catalogue", "rooms.yaml", *OFFLINE, "--fix").status == 0


def test_a_faulty_catalogue_in_a_folder_is_mended_as_the_document_that_it_is_read_as(tmp_path: Path) -> None:
    page = tmp_path / "rooms.yaml"
    page.write_text(catalogue_of("no alias") + f"# {WRONG}\n")
    result = fix(tmp_path, ".")
    assert page.read_text() == catalogue_of("no alias") + f"# {RIGHT}\n"
    assert result.stderr.splitlines()[1] == "fixed 1 link in 1 file"
    assert result.status == 0


@pytest.mark.parametrize(
    "args",
    [
        ("--unsafe-fixes",),
        ("--fix", "--diff"),
        ("--diff", "--format", "json"),
        ("--diff", "--report", "json=-"),
        ("--fix", "-"),
    ],
)
def test_options_of_repair_that_make_no_sense_together_are_refused(
    tmp_path: Path, args: tuple[str, ...]
) -> None:
    (tmp_path / "a.md").write_text(WRONG)
    assert run_in(tmp_path, *OFFLINE, *args, "a.md").status == 2
    assert (tmp_path / "a.md").read_text() == WRONG


@pytest.mark.parametrize("key", ["fix", "unsafe-fixes", "diff"])
def test_a_configuration_file_cannot_have_files_written(tmp_path: Path, key: str) -> None:
    (tmp_path / "stashmatrix.toml").write_text(f"{key} = true\n")
    (tmp_path / "a.md").write_text(WRONG)
    result = run_in(tmp_path, *OFFLINE, "a.md")
    assert result.status == 3
    assert result.stderr.startswith(f"stashmatrix.toml:1:1: '{key}' is for the command line only")


def test_on_a_terminal_nothing_in_a_diff_can_mislead(run_on_terminal: RunOnTerminal, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"[one]({WRONG}) \x1b[31m\n")
    shown = run_on_terminal(*OFFLINE, "--diff", str(tmp_path / "a.md"), columns=200)
    assert "\\x1b[31m" in shown
    assert "\x1b[31m" not in shown


def test_a_kill_at_any_moment_leaves_each_file_old_or_new(tmp_path: Path) -> None:
    """Some kills; ``python -m tests.support.kills FOLDER 200 check-links --offline --fix .`` makes more."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.kills", str(tmp_path), "10", *OFFLINE, "--fix", "."],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(UNMEASURED),
        timeout=10 * TIMEOUT,  # the disk may be slow
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 0, "no kill came while files were mended"
    assert fix(tmp_path, ".").status == 0
    assert {path.read_bytes() for path in tmp_path.glob("*.txt")} == {NEW}


HERE, GONE = "#help:matrix.net", "#gone:matrix.net"
DEAD_LINK = f"[{HERE}](https://matrix.to/#/{GONE})"
DEAD_LABEL = f"[{GONE}](https://matrix.to/#/{HERE})"
LIVING = f"[{HERE}](https://matrix.to/#/{HERE})"


def online(folder: Path, url: str, *args: str) -> Result:
    server = ("--homeserver", f"matrix.net={url}", "--retries", "0")
    return run_in(folder, "check-links", *server, "--unsafe-fixes", *args, "a.md")


def test_label_and_link_become_the_side_that_is_there_once_their_server_says_so(tmp_path: Path) -> None:
    page = tmp_path / "a.md"
    text = f"# Chat\n\n{DEAD_LINK}, {DEAD_LABEL} ([on Riot](https://riot.im/app/#/room/{HERE}))\n"
    page.write_text(text)
    fixed = f"# Chat\n\n{LIVING}, {LIVING} ([on Riot](https://matrix.to/#/{HERE}))\n"
    with fake_homeserver() as (url, _):
        shown = online(tmp_path, url, "--diff")
        assert page.read_text() == text
        result = online(tmp_path, url, "--fix", "--format", "json")
    assert [line[1:] for line in shown.stdout.splitlines() if line.startswith(("-[", "+["))] == [
        text.splitlines()[2],
        fixed.splitlines()[2],
    ]
    assert shown.status == 1
    assert page.read_text() == fixed
    links = json.loads(result.stdout)["links"]
    assert [(link["text"], link["verdict"], link["findings"]) for link in links] == [
        (f"https://matrix.to/#/{HERE}", "ok", [])
    ] * 3
    assert all(
        fixed.splitlines()[2][link["source"]["column"] - 1 :].startswith(link["text"]) for link in links
    )
    assert result.status == 0


def test_a_room_is_joined_through_a_server_that_was_found_in_it_rather_than_that_of_its_id(
    tmp_path: Path,
) -> None:
    page = tmp_path / "a.md"
    page.write_text(
        "[a](https://riot.im/app/#/room/!moved:ended.net) [b](https://matrix.to/#/#moved:matrix.net)\n"
    )
    with fake_homeserver() as (url, _):
        result = online(tmp_path, url, "--fix")
    assert page.read_text() == (
        "[a](https://matrix.to/#/!moved:ended.net?via=matrix.net) [b](https://matrix.to/#/#moved:matrix.net)\n"
    )
    assert result.status == 0


def test_nothing_is_touched_if_the_server_is_down(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"{DEAD_LINK} {DEAD_LABEL}\n")
    with fake_homeserver() as (url, _):
        pass
    result = online(tmp_path, url, "--fix")
    assert result.stderr.startswith("fixed 0 links in 0 files\n")
    assert (tmp_path / "a.md").read_text() == f"{DEAD_LINK} {DEAD_LABEL}\n"


def test_a_file_that_changed_while_its_server_was_asked_is_not_written(tmp_path: Path) -> None:
    page = tmp_path / "a.md"
    page.write_text(f"[slip]({WRONG}) {DEAD_LINK}\n")

    def change(_: str) -> None:
        page.write_text("new")

    with fake_homeserver(change) as (url, _):
        result = online(tmp_path, url, "--fix")
    assert page.read_text() == "new"
    assert "error: a.md cannot be written: it changed since it was read\n" in result.stderr
    assert result.status == 3
