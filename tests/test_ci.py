"""The GitHub action and the pre-commit hook, run as GitHub and pre-commit run them."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from stashmatrix import __version__
from tests.conftest import Result, at, environment, silent_server
from tests.synapse import Homeserver
from tests.test_check_links import CATALOGUE
from tests.test_readme import README

ROOT = Path(__file__).parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = ACTION["runs"]["steps"]
INSTALL, CHECK = (step for step in STEPS if "run" in step)
DEFAULTS = {name: declared["default"] for name, declared in ACTION["inputs"].items()}

ALIVE = CATALOGUE.replace("gone:", "stash-feedback:").replace("gone-too:", "stash-docker-help:")
# What a stranger's pull request may add, for Python to import in place of the real modules.
MODULES = ("venv", "pip", "ensurepip", "shlex", "typer", "yaml", "stashmatrix")
HOSTILE = [
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned",
    "&& touch pwned #",
    "| touch pwned",
    "> pwned",
    "\n touch pwned\n",
    "'; touch pwned; '",
    '"; touch pwned; "',
]


@dataclass(frozen=True, slots=True)
class Job:
    """A job of a runner: its folders, and what it does with a step of the action."""

    workspace: Path
    temp: Path

    @property
    def summary(self) -> Path:
        return self.workspace.with_name("summary.md")

    def contexts(self, inputs: Mapping[str, str]) -> dict[str, str]:
        assert inputs.keys() <= DEFAULTS.keys()
        return {
            "github.action_path": str(ROOT),
            "github.run_id": "7",
            "github.run_attempt": "1",
            "runner.temp": str(self.temp),
            "steps.python.outputs.python-path": sys.executable,
            **{f"inputs.{name}": value for name, value in (DEFAULTS | dict(inputs)).items()},
        }

    def value(self, text: str, inputs: Mapping[str, str]) -> str:
        """Return ``text`` with its expressions evaluated; one that is no plain name is a KeyError."""
        contexts = self.contexts(inputs)
        return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: contexts[found[1]], text)

    def happens(self, step: Mapping[str, Any], inputs: Mapping[str, str]) -> bool:
        """Evaluate the ``if`` of a step, which may compare a name with a string."""
        if "if" not in step:
            return True
        condition = re.fullmatch(r"(\S+) == '(\w*)'", step["if"])
        assert condition is not None
        return self.contexts(inputs)[condition[1]] == condition[2]

    def do(
        self, step: Mapping[str, Any], inputs: Mapping[str, str], env: Mapping[str, str] | None = None
    ) -> Result:
        """Run a step as GitHub does under ``shell: bash``."""
        assert step["shell"] == "bash"
        assert self.happens(step, inputs)
        script = self.temp / "step.sh"
        script.write_text(step["run"])
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.workspace,
            env={
                **outside(env),
                "GITHUB_ACTION_PATH": str(ROOT),
                "GITHUB_STEP_SUMMARY": str(self.summary),
                "GITHUB_WORKSPACE": str(self.workspace),
                "RUNNER_TEMP": str(self.temp),
                **{name: self.value(text, inputs) for name, text in step["env"].items()},
            },
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)


def outside(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment for pip and others, whose warnings are none of ours."""
    env = environment(extra)
    del env["PYTHONWARNINGS"]
    return env


def check(job: Job, **inputs: str) -> Result:
    """Do the check step, without a cache if the test does not say."""
    return job.do(CHECK, {"cache": "false", **inputs})


def new_job(folder: Path, temp: Path) -> Job:
    workspace = folder / "the workspace"
    workspace.mkdir()
    for module in MODULES:
        (workspace / f"{module}.py").write_text(
            f"open('pwned', 'w')\nraise SystemExit('{module} imported')\n"
        )
    return Job(workspace, temp)


def added(job: Job) -> list[str]:
    """Return the files that the workspace did not begin with."""
    return sorted({path.name for path in job.workspace.iterdir()} - {f"{name}.py" for name in MODULES})


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Do the install step once; return the runner's temporary folder."""
    folder = tmp_path_factory.mktemp("installed")
    temp = folder / "the runner's own"
    temp.mkdir()
    job = new_job(folder, temp)
    assert job.do(INSTALL, {}).status == 0
    assert added(job) == []
    return temp


@pytest.fixture
def job(installed: Path, tmp_path: Path) -> Job:
    return new_job(tmp_path, installed)


def test_no_script_has_an_expression_in_it() -> None:
    assert not [step["run"] for step in (INSTALL, CHECK) if "${{" in step["run"]]


def test_every_input_is_described_and_optional_and_used() -> None:
    used = set(re.findall(r"inputs\.([\w-]+)", yaml.safe_dump(STEPS)))
    assert used == ACTION["inputs"].keys()
    assert all(declared.keys() == {"description", "default"} for declared in ACTION["inputs"].values())


def test_dead_rooms_fail_the_step_and_are_annotated_and_summed_up(job: Job, unredacted: Homeserver) -> None:
    (job.workspace / "rooms.yaml").write_text(CATALOGUE)
    result = check(job, catalogue="rooms.yaml", arguments=" ".join(at(unredacted)))
    assert re.findall(r"^::error file=rooms\.yaml,line=(\d+),", result.stdout, re.MULTILINE) == ["9", "13"]
    assert "4 links: 2 ok, 2 broken, 0 unverified" in job.summary.read_text()
    assert result.status == 1


def test_living_rooms_pass(job: Job, unredacted: Homeserver) -> None:
    (job.workspace / "rooms.yaml").write_text(ALIVE)
    result = check(job, catalogue="rooms.yaml", arguments=" ".join(at(unredacted)))
    assert result == Result(0, "", "4 links: 4 ok, 0 broken, 0 unverified\n")


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


def test_no_catalogue_is_the_bundled_one(job: Job) -> None:
    result = check(job, arguments="--ignore '*'")
    assert result == Result(0, "", "0 links: 0 ok, 0 broken, 0 unverified, 54 skipped\n")


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


@pytest.mark.parametrize("arguments", HOSTILE)
def test_arguments_execute_nothing(job: Job, arguments: str) -> None:
    result = check(job, arguments=arguments)
    assert "pwned" in result.stderr
    assert result.status == 2
    assert added(job) == []


@pytest.mark.parametrize("arguments", ["'", '--ignore "x'])
def test_arguments_with_an_open_quote_fail_the_step(job: Job, arguments: str) -> None:
    result = check(job, arguments=arguments)
    assert "No closing quotation" in result.stderr
    assert result.status == 1


@pytest.mark.parametrize("name", [*HOSTILE, "a name with blanks", "--version", "*"])
def test_a_catalogue_s_name_executes_nothing(job: Job, unredacted: Homeserver, name: str) -> None:
    path = job.workspace / f"{name}.yaml"
    assert check(job, catalogue=path.name).status == 3
    path.write_text(ALIVE)
    assert check(job, catalogue=path.name, arguments=" ".join(at(unredacted))).status == 0
    assert added(job) == [path.name]


def test_a_python_path_of_the_job_changes_nothing(job: Job) -> None:
    result = job.do(
        CHECK, {"arguments": "--ignore '*'", "cache": "false"}, {"PYTHONPATH": str(job.workspace)}
    )
    assert result.status == 0
    assert added(job) == []


def test_a_release_is_installed_by_its_number(tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(releases)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    temp = tmp_path / "temp"
    temp.mkdir()
    job = new_job(tmp_path, temp)
    only_here = {"PIP_FIND_LINKS": releases.as_uri(), "PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1"}
    assert job.do(INSTALL, {"version": "0; touch pwned"}, only_here).status != 0
    assert job.do(INSTALL, {"version": __version__}, only_here).status == 0
    assert list(temp.glob(f"stashmatrix/lib/*/*/stashmatrix-{__version__}.dist-info"))
    assert added(job) == []


# pre-commit

HOOK_FILES = (".pre-commit-hooks.yaml", "LICENSE", "README.md", "data", "pyproject.toml", "stashmatrix")


def snippet(key: str) -> Any:  # noqa: ANN401 (YAML can be anything)
    """Return the README's example that has this key at its top."""
    blocks = map(yaml.safe_load, re.findall(r"```yaml\n(.*?)```", README, re.DOTALL))
    (found,) = (block for block in blocks if key in block)
    return found


@pytest.fixture(scope="module")
def hooked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a repository that uses the hook as the README says; return its folder."""
    folder = tmp_path_factory.mktemp("hook")
    project, user = folder / "project", folder / "user"
    project.mkdir()
    user.mkdir()
    for name in HOOK_FILES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, project / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, project / name)
    git(project, "init", "--quiet")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "All of it")
    configuration = snippet("repos")
    configuration["repos"][0] |= {"repo": str(project), "rev": git(project, "rev-parse", "HEAD").strip()}
    (user / ".pre-commit-config.yaml").write_text(yaml.safe_dump(configuration))
    git(user, "init", "--quiet")
    return user


def git_environment() -> dict[str, str]:
    """Return an environment in which git knows of nobody's settings, and of no repository around."""
    clean = {name: value for name, value in outside().items() if not name.startswith("GIT_")}
    who = {
        f"GIT_{role}_{key}": "test@example.org"
        for role in ("AUTHOR", "COMMITTER")
        for key in ("NAME", "EMAIL")
    }
    return clean | who | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


def git(folder: Path, *args: str) -> str:
    return subprocess.run(
        ["git", *args], cwd=folder, env=git_environment(), check=True, capture_output=True, text=True
    ).stdout


def pre_commit(folder: Path, catalogues: Mapping[str, str]) -> Result:
    """Run the hook on a repository with just these catalogues."""
    for old in folder.rglob("*.yaml"):
        if old.name != ".pre-commit-config.yaml":
            old.unlink()
    for name, text in catalogues.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    git(folder, "add", "--all")
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color", "never", "--verbose"],
        cwd=folder,
        env=git_environment() | {"PRE_COMMIT_HOME": str(folder.with_name("pre-commit"))},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def test_the_hook_passes_good_catalogues_and_leaves_other_yaml_alone(hooked: Path) -> None:
    result = pre_commit(
        hooked, {"rooms.yaml": CATALOGUE, "some folder/rooms.yaml": CATALOGUE, "mushrooms.yaml": "rooms: 3\n"}
    )
    assert "rooms.yaml: 4 rooms in 1 category, no faults" in result.stdout
    assert "some folder/rooms.yaml: 4 rooms in 1 category, no faults" in result.stdout
    assert "mushrooms" not in result.stdout
    assert result.status == 0


def test_the_hook_fails_on_bad_catalogues_and_shows_where(hooked: Path) -> None:
    result = pre_commit(
        hooked,
        {
            "one/rooms.yaml": "rooms: 3\n",
            "two/rooms.yaml": CATALOGUE,
            "zoo/rooms.yaml": CATALOGUE.replace("#gone:", "gone"),
        },
    )
    assert "one/rooms.yaml:1:8: rooms should be a list" in result.stdout
    assert "two/rooms.yaml: 4 rooms in 1 category, no faults" in result.stdout
    assert "zoo/rooms.yaml:9:12: " in result.stdout
    assert result.status == 1


# The README's examples


def test_the_workflow_to_copy_gives_only_inputs_that_there_are() -> None:
    (job,) = snippet("jobs")["jobs"].values()
    (step,) = (step for step in job["steps"] if step["uses"].endswith("/stashmatrix@main"))
    assert step["with"].keys() <= ACTION["inputs"].keys()


def test_the_readme_names_every_input() -> None:
    section = README.partition("## In CI\n")[2].partition("\n## ")[0]
    assert all(re.search(rf"\b{name}(:|`)", section) for name in ACTION["inputs"])
