"""A person at a terminal: what they press, and what they see."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyte

from tests.support.process import TIMEOUT, command, environment


class Person:
    """Somebody who has started stashmatrix on a terminal."""

    def __init__(
        self, master: int, slave: int, process: subprocess.Popen[bytes], size: tuple[int, int]
    ) -> None:
        self._master, self._slave = master, slave
        self.process = process
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self.usual = termios.tcgetattr(slave)
        """What the terminal did with keys at first."""
        self.sent = b""
        """All that the terminal was sent."""

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self._screen.display]

    @property
    def terminal(self) -> list[object]:
        """What the terminal does with keys now."""
        return termios.tcgetattr(self._slave)

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def sees(self, is_there: Callable[[list[str]], bool]) -> None:
        """Wait until the lines of the screen are such."""
        while not is_there(self.lines):
            ready, _, _ = select.select([self._master], [], [], TIMEOUT)
            assert ready, "\n".join(self.lines)
            self._read()

    def sees_chosen(self, name: str) -> None:
        self.sees(lambda lines: any(f"{line} ".startswith(f"> {name} ") for line in lines))

    def resizes(self, columns: int, lines: int) -> None:
        self._screen.resize(lines, columns)
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def waits(self) -> int:
        """Wait for the end; return the status."""
        deadline = time.monotonic() + TIMEOUT
        while self.process.poll() is None:
            assert time.monotonic() < deadline, "\n".join(self.lines)
            if select.select([self._master], [], [], 0.02)[0]:
                self._read()
        while select.select([self._master], [], [], 0)[0]:
            self._read()
        return self.process.returncode

    def _read(self) -> None:
        data = os.read(self._master, 65_536)
        self.sent += data
        self._stream.feed(data)


@contextmanager
def person(
    folder: Path, *args: str, size: tuple[int, int] = (80, 24), env: Mapping[str, str] | None = None
) -> Iterator[Person]:
    """Have somebody start stashmatrix on a terminal of so many columns and lines."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    usual = termios.tcgetattr(slave)
    process = subprocess.Popen(
        command(args),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=folder,
        env=environment(env),
        start_new_session=True,
        # The session's own: Ctrl-C and a new size are told to all in it.
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 (no other thread forks here)
    )
    somebody = Person(master, slave, process, size)
    somebody.usual = usual
    try:
        yield somebody
    finally:
        process.kill()
        process.wait()
        os.close(master)
        os.close(slave)
