"""What a person sees of a run while it goes on: a bar that says what is awaited, and with -v each request."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext

from stashmatrix.commands import terminal
from stashmatrix.records.attempts import Attempt
from stashmatrix.text import printable


class Watch:
    """What is asked and awaited, told as it changes."""

    def __init__(self, show: terminal.Show, *, verbose: bool) -> None:
        """Have ``show`` move the bar; say each request if ``verbose``."""
        self._show = show
        self._verbose = verbose
        self._progress: tuple[int, int, Collection[str]] = (0, 0, ())
        self._states: dict[str, str] = {}
        """What delays a server, by its name."""

    def on_progress(self, completed: int, total: int, awaited: Collection[str]) -> None:
        """Show how many questions have an answer, and whose answers are awaited."""
        self._progress = completed, total, awaited
        self._show(completed, total, awaited, self._states)

    def on_attempt(self, attempt: Attempt) -> None:
        """Show that a server is asked once more, or asks to wait; say what is asked if that is wanted."""
        state = _state(attempt)
        if self._verbose:
            terminal.say(_line(attempt, state))
        if state == self._states.get(attempt.server, ""):
            return
        self._states.pop(attempt.server, None)
        if state:
            self._states[attempt.server] = state
        self._show(*self._progress, self._states)


def _state(attempt: Attempt) -> str:
    if attempt.outcome is not None:
        return ""
    if attempt.wait is not None:
        return f"waits {attempt.wait:.0f}s"
    return f"retry {attempt.retry} of {attempt.retries}" if attempt.retry else ""


def _line(attempt: Attempt, state: str) -> str:
    url = printable(attempt.url, limit=300)
    if attempt.outcome is not None:
        return f"{url}: {printable(attempt.outcome, limit=300)}"
    return f"{state or 'asking'}: {url}"


@contextmanager
def watch(what: str, *, offline: bool, verbose: bool) -> Iterator[Watch]:
    """Show a progress bar, unless nobody is asked, and yield what is to be told of a run."""
    with nullcontext(lambda *_: None) if offline else terminal.progress(what) as show:
        yield Watch(show, verbose=verbose)
