"""What action.yml says, and what the README says of it."""

import re

import yaml

from tests.support.action import (
    ACTION,
    CHECK,
    INSTALL,
    STEPS,
)
from tests.support.project import README, snippet


def test_no_script_has_an_expression_in_it() -> None:
    assert not [step["run"] for step in (INSTALL, CHECK) if "${{" in step["run"]]


def test_every_input_is_described_and_optional_and_used() -> None:
    used = set(re.findall(r"inputs\.([\w-]+)", yaml.safe_dump(STEPS)))
    assert used == ACTION["inputs"].keys()
    assert all(declared.keys() == {"description", "default"} for declared in ACTION["inputs"].values())


def test_the_workflow_to_copy_gives_only_inputs_that_there_are() -> None:
    (job,) = snippet("jobs")["jobs"].values()
    (step,) = (step for step in job["steps"] if step["uses"].endswith("/stashmatrix@main"))
    assert step["with"].keys() <= ACTION["inputs"].keys()


def test_the_readme_names_every_input() -> None:
    section = README.partition("## In CI\n")[2].partition("\n## ")[0]
    assert all(re.search(rf"\b{name}(:|`)", section) for name in ACTION["inputs"])
