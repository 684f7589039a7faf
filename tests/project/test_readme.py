"""The README is always true: its examples are run, its tables compared with the code."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from stashmatrix.commands.app import COMMANDS, load_command
from stashmatrix.commands.exits import ExitStatus
from stashmatrix.documents.read import page
from stashmatrix.formats.reports import ReportFormat
from stashmatrix.records.answers import Reason
from stashmatrix.records.findings import Check, Severity
from stashmatrix.text import ascii_json
from tests.support.catalogues import catalogue_of
from tests.support.process import TIMEOUT, RunOnTerminal, plain, run_in
from tests.support.project import EXAMPLES, README, is_online, snippet

OFFLINE = [example for example in EXAMPLES if not is_online(example[0])]
_, PAGE, SLIPS, COMMENTED, MARKERS = re.findall(r"```markdown\n(.*?)```", README, re.DOTALL)


def first_column(heading: str) -> list[str]:
    table = README.partition(heading)[2].partition("\n\n")[0]
    return [re.sub("[`|]", "", row.split("|")[1]).split()[0] for row in table.splitlines()[2:]]


@pytest.mark.parametrize(
    ("args", "output"), OFFLINE, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_examples_show_what_the_commands_print(
    run_on_terminal: RunOnTerminal, tmp_path: Path, args: list[str], output: str
) -> None:
    (tmp_path / "chat.md").write_text(PAGE)
    (tmp_path / "slips.md").write_text(SLIPS)
    assert plain(run_on_terminal(*args)) == output


def test_every_command_is_listed() -> None:
    assert first_column("| command | what it does |") == list(COMMANDS)


def test_every_report_format_is_listed() -> None:
    assert first_column("| format | what it is for |") == list(ReportFormat)


def test_every_exit_code_is_listed() -> None:
    assert first_column("| code | meaning |") == [str(int(status)) for status in ExitStatus]


def test_every_other_finding_is_explained() -> None:
    expected = [check for check in Check if check.severity is not Severity.UNVERIFIED]
    assert first_column("| finding | severity | what it means |") == [check.code for check in expected]
    rows = README.partition("| finding | severity | what it means |")[2].partition("\n\n")[0].splitlines()[2:]
    assert [row.split("|")[2].strip() for row in rows] == [check.severity for check in expected]


def test_every_default_that_limits_a_run_is_the_real_one() -> None:
    options = {option.name: option for option in load_command("check-links").params}
    given = re.findall(r"^\| `--([a-z-]+) (\w+)`", README, re.MULTILINE)
    assert len(given) >= 6
    for name, value in given:
        default = options[name.replace("-", "_")].default
        assert default is None or str(default) == value


def test_every_unverified_reason_is_explained() -> None:
    assert first_column("| reason | what it means |") == [str(reason) for reason in Reason]


def test_the_comments_that_ignore_are_understood() -> None:
    found = page("chat.md", COMMENTED.encode())
    assert len(found.ignores) == COMMENTED.count("stashmatrix:") - COMMENTED.count("stashmatrix: on")
    codes = {code for ignore in found.ignores for code in ignore.codes}
    assert codes <= {check.code for check in Check}
    assert len(codes) == COMMENTED.count("[label-mismatch]") + COMMENTED.count("[retired-server]")


def test_the_configuration_file_is_understood(tmp_path: Path) -> None:
    [example] = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "stashmatrix.toml").write_text(example)
    result = run_in(tmp_path, "config")
    assert (result.status, result.stderr) == (0, "")
    assert "# stashmatrix.toml:1\n" in result.stdout


@pytest.mark.parametrize("key", ["matrix-links", "steps"])
def test_the_jobs_for_other_forges_check_the_documents(tmp_path: Path, key: str) -> None:
    job = snippet(key)[key]
    _, line = job["script"] if key == "matrix-links" else job[0]["commands"]
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text("# No link\n")
    (tmp_path / "docs" / "chat.md").write_text("https://matrix.to/#/+group:matrix.org\n")
    result = run_in(tmp_path, *shlex.split(line)[1:])
    assert (result.status, "1 link: 1 broken" in result.stderr) == (1, True)
    if key == "matrix-links":
        written = tmp_path / job["artifacts"]["reports"]["codequality"]
        assert [each["check_name"] for each in json.loads(written.read_text())] == ["group-link"]


def test_the_lines_for_a_rooms_page_run_one_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    path = tmp_path / "docs" / "chat.md"
    path.write_text("# Talk\n\n- #help:matrix.org\n")
    (tmp_path / "report.json").write_text(
        ascii_json(
            {
                "version": 1,
                "time": "2026-01-31T12:00:00+00:00",
                "links": [{"target": "#help:matrix.org", "verdict": "ok", "findings": []}],
            }
        )
    )
    commands = [
        shlex.split(line)[1:] for line in re.findall(r"^stashmatrix .*\bpage .*$", README, re.MULTILINE)
    ]
    assert len(commands) == 5
    for args in commands:
        result = run_in(tmp_path, *args)
        assert result.status == 0, result
        if "import" in args:
            path.write_text(f"# Rooms\n\n{MARKERS}")
    assert path.read_text().startswith("# Rooms\n\n<!-- stashmatrix:rooms -->\n")
    assert "[#help:matrix.org]" in path.read_text()
    assert "checked on" in (tmp_path / "rooms.html").read_text()


def test_the_example_in_python_runs(tmp_path: Path) -> None:
    (tmp_path / "rooms.yaml").write_text(catalogue_of("#help:nowhere.invalid"))
    [example] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", example],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=True,
        cwd=tmp_path,
    )
    assert done.stdout.startswith("#help:nowhere.invalid unverified [")
    assert done.stderr == ""
