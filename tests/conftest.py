"""Fixtures that several folders share."""

import gc
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
import trustme
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from stashmatrix.catalogue import reading
from stashmatrix.catalogue.model import Catalogue
from tests.support.action import INSTALL, Job, added, new_job
from tests.support.process import (
    Result,
    Run,
    RunOnTerminal,
    command,
    environment,
    is_for_python,
    run_in,
    start,
)

if TYPE_CHECKING:
    from tests.support.forks import Fork

# No test fails for the time that it takes.
hypothesis.settings.register_profile("without deadline", deadline=None)
hypothesis.settings.load_profile("without deadline")

# What starts with one of these stays in one process: others would start homeservers, or install, once more.
GROUPS = {
    "tests/servers/": "servers",
    "tests/project/test_action_steps.py": "servers",  # whose tests need the installed action, too
    "tests/project/test_hook.py": "hook",
}


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Spreads test functions over the processes, each with all its rows, and ``GROUPS`` whole.

    To hand out each row by itself takes as long as most rows do. xdist has marks for groups, which do nothing
    with pytest 9.2: https://github.com/pytest-dev/pytest-xdist/issues/1386.
    """

    def _split_scope(self, nodeid: str) -> str:
        function = nodeid.partition("[")[0]
        return next((group for start, group in GROUPS.items() if nodeid.startswith(start)), function)


def pytest_configure() -> None:
    # Whatever this machine says, Python keeps bytecode, also in each process that the tests start: to compile
    # the tests and what they use anew takes some seconds in each.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    # In the background of a shell, or under nohup, signals are ignored, also by all that is started: a test
    # of Ctrl-C would wait for ever. To catch them and do nothing is not passed on.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


def pytest_collection_finish() -> None:
    # What is there by now stays: no collection of garbage has to look through it again.
    gc.freeze()


def pytest_xdist_auto_num_workers() -> int:
    # One more than there are processors: some tests only wait, for a server that is silent.
    return (os.cpu_count() or 1) + 1


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> GroupScheduling:
    return GroupScheduling(config, log)


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in list(os.environ):
        if variable.lower().endswith("_proxy"):
            monkeypatch.delenv(variable)


@pytest.fixture(scope="session")
def authority_at(tmp_path_factory: pytest.TempPathFactory) -> tuple[trustme.CA, Path]:
    """Return a certificate authority, and where its certificate is."""
    authority = trustme.CA()
    path = tmp_path_factory.mktemp("authority") / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return authority, path


@pytest.fixture
def authority(authority_at: tuple[trustme.CA, Path], monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """Return a certificate authority that this machine trusts."""
    authority, path = authority_at
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return authority


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def call(*args: str, env: Mapping[str, str] | None = None) -> Result:
        return run_in(tmp_path, *args, env=env)

    return call


@pytest.fixture
def run_on_terminal(tmp_path: Path) -> RunOnTerminal:
    def call(*args: str, columns: int = 80, env: Mapping[str, str] | None = None) -> str:
        master, slave = pty.openpty()
        variables = {"COLUMNS": str(columns), **(env or {})}
        process: subprocess.Popen[bytes] | Fork
        if is_for_python(variables):
            process = subprocess.Popen(
                command(args),
                stdin=slave,
                stdout=slave,
                stderr=slave,
                cwd=tmp_path,
                env=environment(variables),
            )
        else:
            process = start(tmp_path, *args, env=variables, streams=dict.fromkeys(range(3), slave))
        os.close(slave)
        shown = bytearray()
        try:
            while chunk := os.read(master, 65_536):
                shown += chunk
        except OSError:
            pass  # Linux says so when the other side has closed the terminal
        os.close(master)
        process.wait()
        return shown.decode().replace("\r\n", "\n")

    return call


@pytest.fixture(scope="session")
def bundled() -> Catalogue:
    return reading.load(reading.bundled("rooms.yaml"))


@pytest.fixture(scope="session")
def runner_temp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a runner's temporary folder, in which the action's install step has been done."""
    folder = tmp_path_factory.mktemp("action")
    temp = folder / "the runner's own"
    temp.mkdir()
    job = new_job(folder, temp)
    assert job.do(INSTALL, {}).status == 0
    assert added(job) == []
    return temp


@pytest.fixture
def job(runner_temp: Path, tmp_path: Path) -> Job:
    """Return a job that goes on after the install step, with a workspace of its own."""
    return new_job(tmp_path, runner_temp)
