"""A terminal as a screen to draw on and keys to read, left as it was on every way out."""

import codecs
import fcntl
import os
import re
import select
import signal
import sys
import termios
from collections.abc import Iterator, Sequence
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Self

import typer

from stashmatrix.commands.exits import ExitStatus

_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
"""The other screen that terminals have, so that what was there comes back; without a cursor."""
_LONE_ESCAPE = 0.05
"""Seconds for the rest of a key's sequence: without any, it was the key Esc."""
_SEQUENCE = re.compile(r"\x1b(?:\[[0-9;?]*[@-~]|O.|[^\[O])")
_PARTIAL = re.compile(r"\x1b(?:\[[0-9;?]*|O)?$")
_KEYS = {
    "\r": "enter",
    "\n": "enter",
    "\t": "tab",
    "\x7f": "backspace",
    "\x08": "backspace",
    "\x03": "interrupt",
    "\x15": "clear",
    "\x1a": "suspend",
    "\x0e": "down",
    "\x10": "up",
    "\x1b": "escape",
    "\x1b[A": "up",
    "\x1bOA": "up",
    "\x1b[B": "down",
    "\x1bOB": "down",
    "\x1b[H": "home",
    "\x1bOH": "home",
    "\x1b[1~": "home",
    "\x1b[F": "end",
    "\x1bOF": "end",
    "\x1b[4~": "end",
    "\x1b[5~": "page up",
    "\x1b[6~": "page down",
}
"""What terminals send for the keys that are no text."""


class Screen:
    """The terminal that stdin and stdout are, as a context: inside, it is drawn on, and keys are read."""

    def __init__(self) -> None:
        """Take the terminal, which ``is_there`` has found."""
        self._input, self._output = sys.stdin.fileno(), sys.stdout.fileno()
        self._usual = termios.tcgetattr(self._input)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._handlers: dict[int, object] = {}

    def __enter__(self) -> Self:
        """Begin to draw, and to hear of signals and of a new size."""
        self._woken, self._wake = os.pipe()
        for end in (self._woken, self._wake):
            fcntl.fcntl(end, fcntl.F_SETFL, fcntl.fcntl(end, fcntl.F_GETFL) | os.O_NONBLOCK)
        self._old_wake = signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        self._handlers = {signal.SIGWINCH: signal.signal(signal.SIGWINCH, lambda *_: None)}
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._handlers[number] = signal.signal(number, _end)
        self._take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the terminal as it was."""
        self._give_back()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what it was
        signal.set_wakeup_fd(self._old_wake)
        os.close(self._woken)
        os.close(self._wake)

    def _take(self) -> None:
        raw = termios.tcgetattr(self._input)
        raw[0] &= ~termios.IXON
        # Ctrl-C and Ctrl-Z are keys here: who acts on them has to leave the screen first.
        raw[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN)
        termios.tcsetattr(self._input, termios.TCSADRAIN, raw)
        self.write(_ENTER)

    def _give_back(self) -> None:
        with suppress(OSError, termios.error):  # the terminal may have been closed
            self.write(_LEAVE)
            # Flushed: what is left of a paste is not for the shell.
            termios.tcsetattr(self._input, termios.TCSAFLUSH, self._usual)

    @property
    def size(self) -> os.terminal_size:
        """The columns and lines; at least one of each, even on a terminal that does not know."""
        columns, lines = os.get_terminal_size(self._output)
        return os.terminal_size((columns or 80, lines or 24))

    def write(self, text: str) -> None:
        """Send ``text``, with a ? for what the encoding lacks, so that lines keep their length."""
        data = text.encode(sys.stdout.encoding, "replace")
        while data:
            data = data[os.write(self._output, data) :]

    def show(self, lines: Sequence[str]) -> None:
        """Show these lines, which fit the size, and nothing else."""
        self.write("\x1b[H" + "\x1b[K\r\n".join(lines) + "\x1b[K\x1b[J")

    def keys(self) -> Iterator[str]:
        """Yield each key, by its name or as its character, and ``resize`` for a new size.

        Ends if the terminal does. Ctrl-C ends the command, as everywhere.
        """
        text = ""
        while True:
            ready, _, _ = select.select(
                [self._input, self._woken], [], [], _LONE_ESCAPE if _PARTIAL.match(text) else None
            )
            if self._woken in ready:
                os.read(self._woken, 1024)
                yield "resize"
            if self._input in ready:
                data = os.read(self._input, 1024)
                if not data:
                    return
                text += self._decoder.decode(data)
            elif not ready:
                yield "escape"
                text = ""
            while text and not _PARTIAL.match(text):
                key = match[0] if (match := _SEQUENCE.match(text)) else text[0]
                text = text[len(key) :]
                yield from self._named(key)

    def _named(self, key: str) -> Iterator[str]:
        name = _KEYS.get(key, key)
        if name == "interrupt":
            _end(signal.SIGINT, None)  # also where that signal is ignored
        elif name == "suspend":
            self._give_back()
            os.kill(0, signal.SIGTSTP)  # as the terminal does: the whole pipeline stops, and goes on
            self._take()
            yield "resize"
        elif name in _KEYS.values() or name.isprintable():
            yield name


def is_there() -> bool:
    """Say whether stdin and stdout are a terminal that can be drawn on."""
    streams = (sys.stdin, sys.stdout)
    dumb = os.environ.get("TERM", "dumb") == "dumb"
    return not dumb and all(stream is not None and stream.isatty() for stream in streams)


def _end(number: int, _frame: FrameType | None) -> None:
    raise typer.Exit(ExitStatus(128 + number))
