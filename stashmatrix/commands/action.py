"""What the action does: check-links with the inputs of a job, its outputs, and the issue of a scheduled run.

``python -m stashmatrix.commands.action``, with everything in the environment.
"""

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stashmatrix import files
from stashmatrix.commands import terminal
from stashmatrix.commands.exits import ExitStatus, report_error
from stashmatrix.errors import StashmatrixError
from stashmatrix.formats import issue

if TYPE_CHECKING:
    from stashmatrix.network.forge import Forge

_JUDGED = (ExitStatus.OK, ExitStatus.FINDINGS)
"""What says that the run went to its end and that servers answered."""


def main(env: Mapping[str, str]) -> int:
    """Do the job; return the exit status of the step."""
    temporary = Path(env["RUNNER_TEMP"])
    report, text = temporary / "stashmatrix-report.json", temporary / "stashmatrix-issue.md"
    report.unlink(missing_ok=True)
    try:
        if env.get("ISSUE") == "true":
            _recall(env, text)
        status = _check(env, report, text)
        _tell(env, report, status)
        if env.get("ISSUE") == "true" and status in _JUDGED:
            _keep_issue(env, text)
    except StashmatrixError as error:
        return report_error(error)
    is_verdict = status in (*_JUDGED, ExitStatus.NOTHING_VERIFIED)
    return ExitStatus.OK if is_verdict and env.get("FAIL") == "false" else status


def _check(env: Mapping[str, str], report: Path, text: Path) -> int:
    """Run check-links; return its exit status."""
    paths, catalogue = shlex.split(env.get("PATHS", "")), env.get("STASHMATRIX_CATALOGUE")
    if not paths and not catalogue:
        raise StashmatrixError("nothing to check", hint="give the action 'paths' or 'catalogue'")
    try:
        more = shlex.split(env.get("ARGUMENTS", ""))
    except ValueError as error:
        raise StashmatrixError(f"arguments: {error}") from error
    # A stranger's catalogue may name any number of slow servers; later arguments count.
    options = ["--format", "github" if env.get("ANNOTATIONS") == "true" else "plain", "--max-time", "10m"]
    options += ["--report", f"json={report}"]
    if env.get("CACHE") == "true":
        options += ["--cache", str(report.with_name("stashmatrix.cache"))]
    if env.get("ISSUE") == "true":
        options += ["--report", f"issue={text}"]
    # -I: or else Python would import modules from the workspace, which may be a stranger's.
    command = [sys.executable, "-I", "-m", "stashmatrix", "check-links", *options, *more, "--", *paths]
    without_token = {name: value for name, value in env.items() if name != "TOKEN"}
    # The user's own words, and no shell.
    with subprocess.Popen(command, env=without_token) as child:  # noqa: S603
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, _: child.send_signal(number))
        return child.wait()


def _tell(env: Mapping[str, str], report: Path, status: int) -> None:
    """Set the outputs of the step."""
    if not (target := env.get("GITHUB_OUTPUT")):
        return
    summary: Mapping[str, Any] = json.loads(report.read_text())["summary"] if report.exists() else {}
    outputs = {
        "exit-code": int(status),
        "broken": summary.get("broken", ""),
        "unverified": summary.get("unverified", ""),
        "report": report if report.exists() else "",
    }
    files.append(Path(target), "".join(f"{name}={value}\n" for name, value in outputs.items()))


def _forge(env: Mapping[str, str]) -> "Forge":
    from stashmatrix.network.forge import Forge  # most jobs keep no issue

    missing = [name for name in ("GITHUB_API_URL", "GITHUB_REPOSITORY", "TOKEN") if not env.get(name)]
    if missing:
        raise StashmatrixError(f"no issue can be kept without {' and '.join(missing)} in the environment")
    return Forge(env["GITHUB_API_URL"], env["GITHUB_REPOSITORY"], env["TOKEN"])


def _is_ours(body: str) -> bool:
    return issue.failed(body) is not None


def _recall(env: Mapping[str, str], text: Path) -> None:
    """Put the body of the open issue where the report finds what failed before."""
    with _forge(env) as forge:
        open_issue = forge.find(_is_ours)
    files.replace(text, "" if open_issue is None else f"{open_issue.title}\n{open_issue.body}")


def _keep_issue(env: Mapping[str, str], text: Path) -> None:
    """Open the issue, change it or close it, as the report has it."""
    title, _, body = text.read_text().partition("\n")
    with _forge(env) as forge:
        open_issue = forge.find(_is_ours)
        if open_issue is None:
            if title:
                forge.open(title, body)
                terminal.say(f"opened an issue: {title}")
        elif not title:
            forge.resolve(open_issue)
            terminal.say(f"closed issue {open_issue.number}: nothing is left")
        elif (open_issue.title, open_issue.body.strip()) != (title, body.strip()):
            forge.update(open_issue, title, body)
            terminal.say(f"changed issue {open_issue.number}: {title}")
        else:
            terminal.say(f"issue {open_issue.number} is as it should be")


if __name__ == "__main__":
    sys.exit(main(os.environ))
