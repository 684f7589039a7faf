"""The GitHub action, on a real homeserver."""

import re
from pathlib import Path

import pytest

from tests.support.action import ALIVE, SHELL_INJECTIONS, STEPS, Job, added, check
from tests.support.catalogues import CATALOGUE
from tests.support.process import Result
from tests.support.synapse import Homeserver, at

pytestmark = pytest.mark.packaging


def test_dead_rooms_fail_the_step_and_are_annotated_and_summed_up(job: Job, unredacted: Homeserver) -> None:
    (job.workspace / "rooms.yaml").write_text(CATALOGUE)
    result = check(job, catalogue="rooms.yaml", arguments=" ".join(at(unredacted)))
    assert re.findall(r"^::error file=rooms\.yaml,line=(\d+),", result.stdout, re.MULTILINE) == ["9", "13"]
    assert "4 links: 2 ok, 2 broken, 0 unverified" in job.summary.read_text()
    assert result.status == 1


def test_living_rooms_pass(job: Job, unredacted: Homeserver) -> None:
    (job.workspace / "rooms.yaml").write_text(ALIVE)
    result = check(job, catalogue="rooms.yaml", arguments=" ".join(at(unredacted)))
    assert result == Result(
        0, "", "checking the catalogue rooms.yaml\n4 links: 4 ok, 0 broken, 0 unverified\n"
    )


def test_without_annotations_lines_are_plain_and_there_is_no_summary(
    job: Job, unredacted: Homeserver
) -> None:
    (job.workspace / "rooms.yaml").write_text(CATALOGUE)
    result = check(job, catalogue="rooms.yaml", arguments=" ".join(at(unredacted)), annotations="false")
    assert [line.partition(" ")[0] for line in result.stdout.splitlines()] == [
        "rooms.yaml:9:12:",
        "rooms.yaml:13:12:",
    ]
    assert not job.summary.exists()
    assert result.status == 1


def test_answers_are_kept_in_the_file_that_the_cache_step_saves(job: Job, unredacted: Homeserver) -> None:
    (job.workspace / "rooms.yaml").write_text(ALIVE)
    (cache,) = (step for step in STEPS if step.get("uses", "").startswith("actions/cache@"))
    assert job.happens(cache, {})
    assert not job.happens(cache, {"cache": "false"})
    key = job.value(cache["with"]["key"], {})
    assert key.startswith(cache["with"]["restore-keys"])
    assert check(job, catalogue="rooms.yaml", arguments=" ".join(at(unredacted)), cache="true").status == 0
    assert Path(job.value(cache["with"]["path"], {})).is_file()


@pytest.mark.parametrize("name", [*SHELL_INJECTIONS, "a name with blanks", "--version", "*"])
def test_a_catalogue_s_name_executes_nothing(job: Job, unredacted: Homeserver, name: str) -> None:
    path = job.workspace / f"{name}.yaml"
    assert check(job, catalogue=path.name).status == 3
    path.write_text(ALIVE)
    assert check(job, catalogue=path.name, arguments=" ".join(at(unredacted))).status == 0
    assert added(job) == [path.name]
