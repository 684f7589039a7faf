"""The GitHub action, run as GitHub runs it."""

import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.catalogues import CATALOGUE
from tests.support.process import Result, environment
from tests.support.project import ROOT

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = ACTION["runs"]["steps"]
INSTALL, CHECK = (step for step in STEPS if "run" in step)
DEFAULTS = {name: declared["default"] for name, declared in ACTION["inputs"].items()}

ALIVE = CATALOGUE.replace("gone:", "stash-feedback:").replace("gone-too:", "stash-docker-help:")
# What a stranger's pull request may add, for Python to import in place of the real modules.
MODULES = ("venv", "pip", "ensurepip", "shlex", "typer", "yaml", "stashmatrix")
SHELL_INJECTIONS = [
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
