"""The steps of the GitHub action, where no homeserver has to answer."""

import json
from pathlib import Path

import pytest

from tests.support.action import ACTION, ALIVE, CHECK, SHELL_INJECTIONS, Job, added, check
from tests.support.catalogues import CATALOGUE
from tests.support.forge import FORGEJO, GITHUB, TOKEN, fake_forge
from tests.support.network import silent_server

pytestmark = pytest.mark.packaging


def test_a_catalogue_or_paths_must_be_given(job: Job) -> None:
    result = check(job, arguments="--offline")
    assert "nothing to check" in result.stderr
    assert "paths" in result.stderr
    assert result.status == 3


def test_paths_are_documents_and_no_options(job: Job) -> None:
    (job.workspace / "a b.md").write_text("https://matrix.to/#/+group:matrix.org\n")
    (job.workspace / "--fail-on").write_text("no link\n")
    result = check(job, paths="'a b.md' --fail-on", arguments="--offline", annotations="false")
    assert "a b.md:1:1: error[group-link]" in result.stdout
    assert result.status == 1


def test_the_outputs_tell_of_a_run_that_does_not_fail(job: Job) -> None:
    (job.workspace / "a.md").write_text("https://matrix.to/#/+group:matrix.org\n")
    output = job.temp / "output"
    env = {"GITHUB_OUTPUT": str(output)}
    inputs = {"paths": "a.md", "arguments": "--offline", "fail": "false", "cache": "false"}
    assert job.do(CHECK, inputs, env).status == 0
    outputs = dict(line.split("=", 1) for line in output.read_text().splitlines())
    assert outputs.keys() == ACTION["outputs"].keys()
    assert (outputs["exit-code"], outputs["broken"], outputs["unverified"]) == ("1", "1", "0")
    assert json.loads(Path(outputs["report"]).read_text())["summary"]["links"] == 1
    output.unlink()
    assert job.do(CHECK, inputs | {"arguments": "--nosuch"}, env).status == 2  # no verdict at all
    assert output.read_text() == "exit-code=2\nbroken=\nunverified=\nreport=\n"


def test_arguments_are_quoted_as_in_a_shell(job: Job) -> None:
    (job.workspace / "rooms.yaml").write_text(ALIVE)
    arguments = """\
        --ignore "#stash-help:*"   --ignore '#stash-[!h]*'
        --report 'json=a report with "blanks".json'
    """
    result = check(job, catalogue="rooms.yaml", arguments=arguments)
    assert result.status == 0
    assert (job.workspace / 'a report with "blanks".json').exists()


def test_arguments_may_end_the_run_sooner_than_the_action_would(job: Job) -> None:
    (job.workspace / "rooms.yaml").write_text(CATALOGUE)
    with silent_server() as (url, _):
        arguments = f"--homeserver unredacted.org={url} --max-time 0.3s"
        result = check(job, catalogue="rooms.yaml", arguments=arguments)
    assert "title=not-asked::" in result.stdout
    assert result.status == 4


@pytest.mark.parametrize("arguments", SHELL_INJECTIONS)
def test_arguments_execute_nothing(job: Job, arguments: str) -> None:
    result = check(job, catalogue="rooms.yaml", arguments=arguments)
    assert " cannot be read: " in result.stderr  # each word is a path
    assert result.status == 3
    assert added(job) == []


@pytest.mark.parametrize("arguments", ["'", '--ignore "x'])
def test_arguments_with_an_open_quote_fail_the_step(job: Job, arguments: str) -> None:
    result = check(job, catalogue="rooms.yaml", arguments=arguments)
    assert "error: arguments: " in result.stderr
    assert result.status == 3


def test_a_python_path_of_the_job_changes_nothing(job: Job) -> None:
    result = job.do(
        CHECK,
        {"paths": "typer.py", "arguments": "--offline", "cache": "false"},
        {"PYTHONPATH": str(job.workspace)},
    )
    assert result.status == 0
    assert added(job) == []


@pytest.mark.parametrize("bot", [GITHUB, FORGEJO])
def test_the_step_keeps_one_issue(job: Job, bot: str) -> None:
    page = job.workspace / "a.md"
    inputs = {"paths": "a.md", "arguments": "--offline", "issue": "true", "token": TOKEN, "cache": "false"}
    with fake_forge(bot) as forge:
        env = {"GITHUB_API_URL": forge.url, "GITHUB_REPOSITORY": "we/rooms"}
        for text, status in [("https://matrix.to/#/+group:matrix.org\n", 1)] * 2 + [("Nothing.\n", 0)]:
            page.write_text(text)
            assert job.do(CHECK, inputs, env).status == status
    assert [change.split()[0] for change in forge.changes] == ["POST", "PATCH"]
    assert [issue["state"] for issue in forge.issues] == ["closed"]
