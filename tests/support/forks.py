"""stashmatrix in processes that start fast: forks of one that has loaded the libraries and our code.

To load what ``check-links`` needs is most of what a new process does, and of what the tests' time is for.
"""

import gc
import json
import os
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO

from tests.support.project import ROOT

# What our code imports, but for Rich: that and Typer's part of it read the environment as they are loaded.
LIBRARIES = (
    "asyncio",
    "anyio._backends._asyncio",
    "httpcore",
    "httpx",
    "markdown_it",
    "sniffio",
    "typer",
    "yaml",
)
# What loads neither of them, and with it all that it imports.
OURS = (
    "stashmatrix.asking",
    "stashmatrix.catalogue.schema",
    "stashmatrix.commands.check_links",
    "stashmatrix.commands.directory",
    "stashmatrix.commands.page",
    "stashmatrix.commands.validate",
    "stashmatrix.documents.read",
    "stashmatrix.formats.json",
    "stashmatrix.formats.plain",
    "stashmatrix.formats.summary",
    "stashmatrix.network.cache",
    "stashmatrix.network.support",
)
SECONDS = 60
"""That a fork gets before it is killed."""
_NUMBER = struct.Struct("=i")


@dataclass(slots=True)
class Fork:
    """A process of stashmatrix, with as much of the interface of ``subprocess.Popen`` as is used here."""

    pid: int
    stdout: BinaryIO | None
    stderr: BinaryIO | None
    _channel: socket.socket
    returncode: int | None = None

    def wait(self, timeout: float = SECONDS) -> int:
        """Return its status; raise ``subprocess.TimeoutExpired`` if it has none by then."""
        if self.returncode is None:
            ready, _, _ = select.select([self._channel], [], [], timeout)
            if not ready:
                raise subprocess.TimeoutExpired("a fork", timeout)
            self.returncode = _receive(self._channel)
        return self.returncode

    def communicate(self, timeout: float = SECONDS) -> tuple[bytes, bytes]:
        """Return all that it prints to its pipes, once it has ended."""
        with ThreadPoolExecutor() as pool:
            stdout, stderr = pool.map(_read, (self.stdout, self.stderr))
        self.wait(timeout)
        return stdout, stderr


class Forks:
    """The process that is forked, into one at a time; it ends with the one that started it."""

    def __init__(self, env: Mapping[str, str]) -> None:
        """Start it with what Python itself reads in ``env``."""
        # Coverage sees only what is loaded after its own start, which is in the fork.
        modules = LIBRARIES if os.environ.get("COVERAGE_PROCESS_START") else LIBRARIES + OURS
        self._channel, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno()), *modules],
                stdin=subprocess.DEVNULL,
                # As in the forks: Python finds out at its start what it writes to.
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=env,
                pass_fds=[theirs.fileno()],
            )

    def start(
        self,
        folder: Path,
        args: Sequence[str],
        env: Mapping[str, str],
        *,
        module: str = "stashmatrix",
        streams: Mapping[int, int] | None = None,
    ) -> Fork:
        """Start the module in a fork.

        ``streams`` has the file descriptors of its standard streams (0, 1 and 2). Where it has none, stdin is
        empty, and the others are pipes.
        """
        theirs, ours = dict(streams or {}), {}
        for number in {1, 2} - theirs.keys():
            end, theirs[number] = os.pipe()
            ours[number] = os.fdopen(end, "rb")
        # In a stream of bytes, file descriptors come with the first of them.
        socket.send_fds(self._channel, [b"\n"], list(theirs.values()))
        message = json.dumps([module, str(folder), args, dict(env), list(theirs)])
        self._channel.sendall(f"{message}\n".encode())
        for number in ours:
            os.close(theirs[number])
        try:
            pid = _receive(self._channel)
        except EOFError:
            raise RuntimeError(self._process.communicate()[0].decode()) from None
        return Fork(pid, ours.get(1), ours.get(2), self._channel)

    def run(
        self, folder: Path, args: Sequence[str], env: Mapping[str, str], *, module: str = "stashmatrix"
    ) -> tuple[int, str, str]:
        """Run the module in a fork; return its status, as ``subprocess`` has it, and what it printed."""
        fork = self.start(folder, args, env, module=module)
        stdout, stderr = fork.communicate()
        return fork.wait(), stdout.decode(), stderr.decode()

    def close(self) -> None:
        """End it."""
        self._channel.close()
        self._process.communicate()


def _read(pipe: BinaryIO | None) -> bytes:
    if pipe is None or pipe.closed:
        return b""
    with pipe:
        return pipe.read()


def _receive(channel: socket.socket) -> int:
    data = channel.recv(_NUMBER.size, socket.MSG_WAITALL)
    if not data:
        raise EOFError
    number: int
    (number,) = _NUMBER.unpack(data)
    return number


def _serve(channel: socket.socket, modules: Sequence[str]) -> None:
    for module in modules:
        import_module(module)
    gc.freeze()
    requests = channel.makefile()
    while True:
        start, files, _, _ = socket.recv_fds(channel, 1, 3)
        if not start:
            return
        request = json.loads(requests.readline())
        pid = os.fork()
        if pid == 0:
            requests.close()
            channel.close()
            _become(*request, files=files)
        for file in files:
            os.close(file)
        channel.sendall(_NUMBER.pack(pid))
        _, status = os.waitpid(pid, 0)
        channel.sendall(_NUMBER.pack(os.waitstatus_to_exitcode(status)))


def _become(
    module: str,
    folder: str,
    args: list[str],
    env: dict[str, str],
    numbers: list[int],
    *,
    files: Sequence[int],
) -> None:
    """Do in this process what ``python -m MODULE`` does in a new one; leave it by ``SystemExit``."""
    for file, number in zip(files, numbers, strict=True):
        os.dup2(file, number)
        os.close(file)
    assert isinstance(sys.stdout, TextIOWrapper)
    sys.stdout.reconfigure(line_buffering=sys.stdout.isatty())
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    sys.path[0] = folder
    sys.argv[1:] = args
    signal.alarm(SECONDS)
    if env.get("COVERAGE_PROCESS_START"):
        import_module("coverage").process_startup()
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as socket_of_this_end:
        _serve(socket_of_this_end, sys.argv[2:])
