"""The steps of the GitHub action, where no homeserver has to answer."""

import pytest

from tests.support.action import ALIVE, CHECK, SHELL_INJECTIONS, Job, added, check
from tests.support.catalogues import CATALOGUE
from tests.support.network import silent_server
from tests.support.process import after_catalogue

pytestmark = pytest.mark.packaging


def test_no_catalogue_is_the_bundled_one(job: Job) -> None:
    result = check(job, arguments="--ignore '*'")
    assert after_catalogue(result.stderr) == "0 links: 0 ok, 0 broken, 0 unverified, 54 skipped\n"
    assert (result.status, result.stdout) == (0, "")


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
    assert "--max-time 10m" in CHECK["run"]
    with silent_server() as (url, _):
        arguments = f"--homeserver unredacted.org={url} --max-time 0.3s"
        result = check(job, catalogue="rooms.yaml", arguments=arguments)
    assert "title=not-asked::" in result.stdout
    assert result.status == 4


@pytest.mark.parametrize("arguments", SHELL_INJECTIONS)
def test_arguments_execute_nothing(job: Job, arguments: str) -> None:
    result = check(job, arguments=arguments)
    assert " cannot be read: " in result.stderr  # each word is a path
    assert result.status == 3
    assert added(job) == []


@pytest.mark.parametrize("arguments", ["'", '--ignore "x'])
def test_arguments_with_an_open_quote_fail_the_step(job: Job, arguments: str) -> None:
    result = check(job, arguments=arguments)
    assert "No closing quotation" in result.stderr
    assert result.status == 1


def test_a_python_path_of_the_job_changes_nothing(job: Job) -> None:
    result = job.do(
        CHECK, {"arguments": "--ignore '*'", "cache": "false"}, {"PYTHONPATH": str(job.workspace)}
    )
    assert result.status == 0
    assert added(job) == []
