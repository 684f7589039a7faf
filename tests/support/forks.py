"""stashmatrix in processes that start fast: forks of one that has loaded the libraries and most of our code.

To load what ``check-links`` needs is most of what a new process does, and of what the tests' time is for.
"""

import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

from tests.support.project import ROOT

# What our code imports, but for Rich: that and Typer's part of it read the environment as they are loaded.
LIBRARIES = ("asyncio", "anyio._backends._asyncio", "httpcore", "httpx", "sniffio", "typer", "yaml")
# What reads no environment as it is loaded: all but the commands.
OURS = (
    "stashmatrix.checking",
    "stashmatrix.checks.ignores",
    "stashmatrix.documents.collect",
    "stashmatrix.documents.ignores",
    "stashmatrix.documents.read",
    "stashmatrix.formats.reports",
    "stashmatrix.network.resolve",
)
SECONDS = 60
"""That a fork gets before it is killed."""
_MOST = 1 << 20
"""Bytes of arguments and environment."""


class Forks:
    """The process that is forked; it ends with the one that started it."""

    def __init__(self, env: Mapping[str, str]) -> None:
        """Start it with what Python itself reads in ``env``."""
        # Coverage sees only what is loaded after its own start, which is in the fork.
        modules = LIBRARIES if os.environ.get("COVERAGE_PROCESS_START") else LIBRARIES + OURS
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
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

    def run(
        self, folder: Path, args: Sequence[str], env: Mapping[str, str], *, module: str = "stashmatrix"
    ) -> tuple[int, str, str]:
        """Run the module in a fork; return its status, as ``subprocess`` has it, and what it printed."""
        message = json.dumps([module, str(folder), args, dict(env)]).encode()
        pipes = [os.pipe(), os.pipe()]
        socket.send_fds(self._channel, [message], [end for _, end in pipes])
        for _, end in pipes:
            os.close(end)
        with ThreadPoolExecutor() as pool:
            stdout, stderr = pool.map(_read, (end for end, _ in pipes))
        status = self._channel.recv(16)
        assert status, self._process.communicate()[0].decode()
        return int(status), stdout, stderr

    def close(self) -> None:
        """End it."""
        self._channel.close()
        self._process.communicate()


def _read(pipe: int) -> str:
    with open(pipe, encoding="utf-8") as file:
        return file.read()


def _serve(channel: socket.socket, modules: Sequence[str]) -> None:
    for module in modules:
        import_module(module)
    gc.freeze()
    while True:
        message, files, _, _ = socket.recv_fds(channel, _MOST, 2)
        if not message:
            return
        pid = os.fork()
        if pid == 0:
            channel.close()
            _become(*json.loads(message), files=files)
        for file in files:
            os.close(file)
        _, status = os.waitpid(pid, 0)
        channel.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become(module: str, folder: str, args: list[str], env: dict[str, str], *, files: Sequence[int]) -> None:
    """Do in this process what ``python -m MODULE`` does in a new one; leave it by ``SystemExit``."""
    for file, number in zip(files, (1, 2), strict=True):
        os.dup2(file, number)
        os.close(file)
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
