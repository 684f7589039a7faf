"""Signals that ask the program to end: by Ctrl-C, a closed terminal, or whoever stops a job."""

import signal
from types import FrameType
from typing import TYPE_CHECKING

from stashmatrix.commands.exits import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Callable

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption:
    """What has asked the program to end. A signal that whoever started it had ignored stays ignored."""

    def __init__(self) -> None:
        """Begin without any."""
        self._noted: list[int] = []
        self._end: Callable[[], None] | None = None

    def __bool__(self) -> bool:
        """Say whether a signal was noted; Ctrl-C is ``KeyboardInterrupt`` until ``only_note``."""
        return bool(self._noted)

    @property
    def status(self) -> ExitStatus:
        """The exit status that names the first signal, as shells do."""
        return ExitStatus(128 + self._noted[0]) if self._noted else ExitStatus.INTERRUPTED

    def act_as_ctrl_c(self) -> None:
        """From now on, have every signal do what Ctrl-C does."""
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            # As a shell starts a job in the background. asyncio minds Ctrl-C only if that is not ignored, and
            # the other signals go its way; blocked, it is ignored all the same.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in _ENDING:
            if number != signal.SIGINT and signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._act)

    def only_note(self) -> None:
        """From now on, only note signals, so that what is finished is reported whole.

        If that takes too long, as in a pipe that nobody reads, the next one ends the program.
        """
        for number in _ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._note)

    def questions_begin(self) -> None:
        """Have every signal end the task that runs; to be called by it, and again without harm.

        Before that, a signal other than Ctrl-C is only noted, and ends the task now. After the task, all are.
        Python's own way of Ctrl-C raises wherever the program is, and where that is a callback of the
        interpreter, as at the end of asyncio's loop, the exception is printed and lost.
        """
        import asyncio  # not for --help

        task, handler = asyncio.current_task(), signal.getsignal(signal.SIGINT)
        if self._end is not None or task is None or not callable(handler):
            return

        def end() -> None:
            if not task.done():
                handler(signal.SIGINT, None)

        self._end = end
        signal.signal(signal.SIGINT, self._act)
        if self._noted:
            end()

    def _act(self, number: int, _frame: FrameType | None) -> None:
        self._noted.append(number)
        if self._end is not None:
            self._end()

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._noted.append(number)
        for each in _ENDING:
            if signal.getsignal(each) is not signal.SIG_IGN:
                signal.signal(each, signal.SIG_DFL)
