"""Standard output and standard error: data on the one, all else on the other.

Rich is loaded only where something is drawn.
"""

import codecs
import os
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from io import StringIO, TextIOWrapper
from itertools import chain, islice
from typing import TYPE_CHECKING, Protocol, TextIO

from stashmatrix.errors import StashmatrixError
from stashmatrix.text import printable

if TYPE_CHECKING:
    from rich.console import Console, OverflowMethod, RenderableType
    from rich.progress import Progress

_USUAL = 80
_WIDEST = 400
_NARROW = 64
_MOST_NAMED = 2
_NO_STATES: Mapping[str, str] = {}
_REPLACE = "stashmatrix"
_IN_ASCII = {"·": "-", "•": "*", "…": "..."}
"""What we write in tables and messages, each as wide as what stands for it where that matters."""


class Show(Protocol):
    """Takes how many are done, of how many, the names of what is awaited, and what delays some of them."""

    def __call__(
        self, completed: int, total: int, awaited: Collection[str], states: Mapping[str, str] = ..., /
    ) -> None:
        """Move the bar."""


class Color(StrEnum):
    """When to write in colour."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class _Manner:
    """How the user wants all streams to be written."""

    color = Color.AUTO
    quiet = False


_MANNER = _Manner()


def set_manner(*, color: Color, quiet: bool) -> None:
    """Write in colour or not, and with ``quiet`` no ``note`` and no progress."""
    _MANNER.color = color
    _MANNER.quiet = quiet


def prepare() -> None:
    """Write characters that a stream's encoding lacks in another way, rather than fail."""
    codecs.register_error(_REPLACE, _replaced)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # it is None where the shell has closed it
            stream.reconfigure(errors=_REPLACE)


def _replaced(error: UnicodeError) -> tuple[str, int]:
    """Return ASCII for our own punctuation, and an escape for all else."""
    assert isinstance(error, UnicodeEncodeError)
    character = error.object[error.start]
    return _IN_ASCII.get(character, character.encode("unicode_escape").decode()), error.start + 1


def use_utf8() -> None:
    """Have stdout written in UTF-8, whatever the locale says."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")


def write(text: str) -> None:
    """Write data to stdout; a closed pipe, as after ``| head``, is no error.

    Raises ``StashmatrixError`` if stdout is closed or full.
    """
    if sys.stdout is None:
        raise StashmatrixError("standard output is closed")
    write_bytes(text.encode(sys.stdout.encoding, sys.stdout.errors or "strict"))


def write_bytes(data: bytes) -> None:
    """Write data to stdout as ``write`` does, with no regard to its encoding."""
    if sys.stdout is None:
        raise StashmatrixError("standard output is closed")
    try:
        while data:
            # Under PYTHONUNBUFFERED a signal may cut a write short.
            data = data[sys.stdout.buffer.write(data) :]
        sys.stdout.flush()
    except BrokenPipeError:
        give_up_on_stdout()
    except OSError as error:
        give_up_on_stdout()
        raise StashmatrixError(f"standard output cannot be written: {error.strerror}") from error


def give_up_on_stdout() -> None:
    """Point stdout at /dev/null, so that the flush at exit cannot fail again."""
    _give_up_on(sys.stdout)


def _give_up_on(stream: TextIO | None) -> None:
    if stream is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def is_interactive() -> bool:
    """Say whether stdout is a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def say(text: str) -> None:
    """Write one line for people to stderr; a closed stderr is no error."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except OSError:
        _give_up_on(sys.stderr)


def is_quiet() -> bool:
    """Say whether the user wants no ``note``."""
    return _MANNER.quiet


def note(text: str) -> None:
    """Say what is no error and no warning, unless the user wants it quiet."""
    if not is_quiet():
        say(text)


def draw(drawing: "RenderableType") -> None:
    r"""Draw on stdout, without the blanks that end Rich's lines.

    Where text folds depends on the width, so any of it may come to start a line: there, ``::`` is
    written ``:\x3a``, lest a CI runner take it for a command.
    """
    from rich.console import Console

    screen = _console()
    # In memory first: Rich itself ends in a traceback on a full disk or a closed pipe.
    paper = StringIO()
    pen = Console(
        file=paper,
        width=width(),
        color_system=screen.color_system,  # type: ignore[arg-type]  # Rich names it by plain strings
        force_terminal=screen.is_terminal,
        no_color=screen.no_color,
        highlight=False,
        markup=False,
        emoji=False,
    )
    pen.print(drawing)
    lines = (line.rstrip() for line in paper.getvalue().split("\n"))
    write("\n".join(re.sub(r"^(\s*:):", r"\1\\x3a", line) for line in lines))


def width() -> int:
    """Return the columns that a drawing on stdout may take."""
    return min(_console().width or _USUAL, _WIDEST)  # 0 is what COLUMNS may say


def _console(*, stderr: bool = False) -> "Console":
    from rich.console import Console

    match _MANNER.color:
        case Color.AUTO:
            return Console(stderr=stderr)
        case Color.NEVER:
            return Console(stderr=stderr, color_system=None)
        case Color.ALWAYS:
            console = Console(stderr=stderr, force_terminal=True, no_color=False)
            if console.color_system is not None:
                return console
            # As where TERM is "dumb", which CI says of itself.
            return Console(stderr=stderr, force_terminal=True, no_color=False, color_system="standard")


@contextmanager
def progress(what: str) -> Iterator[Show]:
    """Show a progress bar on stderr, if that is a terminal and ``note`` writes there; yield what moves it.

    ``what`` is a verb with its object; on a narrow terminal the verb has to do.
    """
    if is_quiet() or sys.stderr is None or not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.table import Column

    screen = _console(stderr=True)
    # Room for the ^C that a terminal echoes: were it to wrap, the bar would stay.
    screen.width -= 2
    is_narrow = screen.width < _NARROW
    # Rich's own ellipsis has no place in ASCII, and what stands for it is wider.
    overflow: OverflowMethod = "ellipsis" if screen.encoding.startswith("utf") else "crop"
    columns = (
        TextColumn("{task.description}", markup=False),
        *(() if is_narrow else (BarColumn(bar_width=16),)),
        MofNCompleteColumn(),
        TimeElapsedColumn(),  # it moves while all servers are silent
        # The one column that gives way on a narrow terminal.
        TextColumn(
            "{task.fields[awaited]}",
            markup=False,
            table_column=Column(no_wrap=True, ratio=1, overflow=overflow),
        ),
    )
    bar = Progress(*columns, console=screen, transient=True, expand=True)
    task = bar.add_task(what.split(maxsplit=1)[0] if is_narrow else what, visible=False, awaited="")

    def update(
        completed: int, total: int, awaited: Collection[str], states: Mapping[str, str] = _NO_STATES
    ) -> None:
        names = awaited_names(awaited, states)
        bar.update(task, completed=completed, total=total, awaited=names, visible=True)

    try:
        bar.start()
        yield update
    finally:
        _leave(bar, screen)


def awaited_names(awaited: Collection[str], states: Mapping[str, str]) -> str:
    """Name two of those that are awaited, the delayed ones with their state first, and count the others."""
    delayed = (name for name in states if name in awaited)
    others = (name for name in awaited if name not in states)
    names = [*islice(chain(delayed, others), _MOST_NAMED)]
    told = [printable(name, limit=40) + (f" ({states[name]})" if name in states else "") for name in names]
    more = len(awaited) - len(names)
    return ", ".join(told) + (f" and {more} more" if more > 0 else "")


def _leave(bar: "Progress", screen: "Console") -> None:
    """Remove the bar, and show the cursor again, unless the terminal was closed meanwhile."""
    try:
        try:
            bar.stop()
        finally:
            screen.show_cursor()
    except OSError:
        _give_up_on(sys.stderr)
