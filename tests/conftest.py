"""What the tests share: the command line as a real process, and real homeservers."""

import asyncio
import os
import pty
import re
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Protocol

import pytest
import trustme

from stashmatrix import catalogue
from stashmatrix.answers import Answer
from stashmatrix.homeserver import resolve
from stashmatrix.identifiers import RoomAlias, ServerName
from stashmatrix.web import Web
from tests import synapse
from tests.network import LOOPBACK, listening, stays_silent

TIMEOUT = 60
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Result:
    """What a command printed and how it ended."""

    status: int
    stdout: str
    stderr: str


class Run(Protocol):
    """Run stashmatrix with these arguments as a process of its own."""

    def __call__(self, *args: str, env: Mapping[str, str] | None = None) -> Result: ...


class RunOnTerminal(Protocol):
    """Run stashmatrix on a pseudo-terminal and return all that it showed."""

    def __call__(self, *args: str, columns: int = 80, env: Mapping[str, str] | None = None) -> str: ...


def command(args: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "stashmatrix", *args]


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this environment without what would change the output, and with ``extra``."""
    ours = ("STASHMATRIX_CATALOGUE", "BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "NO_COLOR", "FORCE_COLOR")
    theirs = ("COLUMNS", "GITHUB_STEP_SUMMARY", "PYTHONUNBUFFERED")
    clean = {key: value for key, value in os.environ.items() if key not in (*ours, *theirs)}
    return clean | {"TERM": "xterm-256color", "PYTHONWARNINGS": "error"} | dict(extra or {})


def plain(shown: str) -> str:
    """Return what a terminal was sent, without colours and cursor movements."""
    return ANSI.sub("", shown)


def catalogue_of(*aliases: str, space: str | None = None) -> str:
    """Write a catalogue: its first room's alias is on line 7, and each next one two lines further down."""
    head = "community:\n  name: Test\ncategories:\n  - id: support\n    title: Support\n"
    middle = "" if space is None else f'space:\n  alias: "{space}"\n'
    rooms = "".join(f'  - alias: "{alias}"\n    category: support\n' for alias in aliases)
    return f"{head}{middle}rooms:\n{rooms}"


class FakeTime:
    """A clock that stands still, but for sleeping; keeps how long that was."""

    def __init__(self) -> None:
        self.now = 1_763_900_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        until = self.now + seconds
        await asyncio.sleep(0)
        self.now = max(self.now, until)


def ask(
    web: Web,
    aliases: Iterable[RoomAlias],
    *,
    homeservers: Mapping[ServerName, str] | None = None,
    second_opinion: str | None = None,
    within: float = TIMEOUT,
) -> dict[RoomAlias, Answer]:
    """Resolve ``aliases`` and return the answers, in their order; no alias may have two.

    ``within`` is how many seconds that may take.
    """
    answers: dict[RoomAlias, Answer] = {}

    def note(alias: RoomAlias, answer: Answer) -> None:
        assert alias not in answers
        answers[alias] = answer

    async def run() -> None:
        async with aclosing(web), asyncio.timeout(within):
            await resolve(web, aliases, note, homeservers=homeservers, second_opinion=second_opinion)

    asyncio.run(run())
    return answers


@contextmanager
def silent_server() -> Iterator[tuple[str, Event]]:
    """Listen on loopback, never answer; yield the URL and what is set at the first request."""
    asked = Event()

    def talk(connection: socket.socket) -> None:
        connection.recv(1)
        asked.set()
        stays_silent(connection)

    with listening(talk) as port:
        yield f"http://{LOOPBACK}:{port}", asked


def at(homeserver: synapse.Homeserver) -> tuple[str, str]:
    """Return the option of check-links that says where ``homeserver`` is."""
    return "--homeserver", f"{homeserver.name}={homeserver.url}"


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in list(os.environ):
        if variable.lower().endswith("_proxy"):
            monkeypatch.delenv(variable)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """Return a certificate authority that this machine trusts."""
    authority = trustme.CA()
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return authority


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def call(*args: str, env: Mapping[str, str] | None = None) -> Result:
        done = subprocess.run(
            command(args),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=TIMEOUT,
            check=False,
            cwd=tmp_path,
            env=environment(env),
        )
        return Result(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture
def run_on_terminal(tmp_path: Path) -> RunOnTerminal:
    def call(*args: str, columns: int = 80, env: Mapping[str, str] | None = None) -> str:
        master, slave = pty.openpty()
        process = subprocess.Popen(
            command(args),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=tmp_path,
            env=environment({"COLUMNS": str(columns), **(env or {})}),
        )
        os.close(slave)
        shown = bytearray()
        try:
            while chunk := os.read(master, 65_536):
                shown += chunk
        except OSError:
            pass  # Linux says so when the other side has closed the terminal
        os.close(master)
        process.wait(timeout=TIMEOUT)
        return shown.decode().replace("\r\n", "\n")

    return call


@pytest.fixture(scope="session")
def bundled() -> catalogue.Catalogue:
    return catalogue.load(catalogue.bundled("rooms.yaml"))


@pytest.fixture(scope="session")
def unredacted(
    tmp_path_factory: pytest.TempPathFactory, bundled: catalogue.Catalogue
) -> Iterator[synapse.Homeserver]:
    """Run the homeserver of unredacted.org, with all bundled rooms and the space."""
    with synapse.running("unredacted.org", tmp_path_factory.mktemp("unredacted")) as homeserver:
        homeserver.create_rooms(room.name for room in bundled.rooms)
        homeserver.create_room("stashapp", creation_content={"type": "m.space"})
        yield homeserver


@pytest.fixture(scope="session")
def matrix_im(tmp_path_factory: pytest.TempPathFactory) -> Iterator[synapse.Homeserver]:
    """Run the homeserver of matrix.im, without any room."""
    with synapse.running("matrix.im", tmp_path_factory.mktemp("matrix-im")) as homeserver:
        yield homeserver
