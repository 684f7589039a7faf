"""A process that is killed at a random moment while it writes, again and again.

It takes a folder, the number of kills and the arguments of stashmatrix; and prints how often it found files
of both kinds, old and new. It ends with an error if it finds a third.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from stashmatrix.commands.app import run

NUMBER = 100
OLD, NEW = b"Chat: https://matrix.to/#help:a.org\n", b"Chat: https://matrix.to/#/#help:a.org\n"


def main(folder: str, kills: str, *args: str) -> None:
    """Kill a run on 100 files so many times, as late as one that is not killed takes."""
    os.chdir(folder)
    paths = [Path(f"{number}.txt") for number in range(NUMBER)]
    restore(paths)
    start = time.monotonic()
    start_and_wait(args, 0)
    seconds = time.monotonic() - start
    if any(path.read_bytes() != NEW for path in paths):
        sys.exit("not all was mended")
    both = 0
    for _ in range(int(kills)):
        restore(paths)
        start_and_wait(args, random.uniform(0, seconds))  # noqa: S311 (no secret)
        found = {path.read_bytes() for path in paths}
        if not found <= {OLD, NEW}:
            sys.exit(f"neither old nor new: {found - {OLD, NEW}}")
        both += len(found) > 1
    sys.stdout.write(f"{both}\n")


def restore(paths: Iterable[Path]) -> None:
    for path in paths:
        if not path.exists() or path.read_bytes() != OLD:
            path.write_bytes(OLD)


def start_and_wait(args: tuple[str, ...], seconds: float) -> None:
    """Fork, and have the fork killed after so many seconds, if it takes as long; 0 is never."""
    pid = os.fork()
    if pid == 0:
        signal.setitimer(signal.ITIMER_REAL, seconds)  # nobody handles its signal, which kills at once
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        os.dup2(2, 1)
        sys.argv[1:] = args
        os._exit(run())
    os.waitpid(pid, 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
