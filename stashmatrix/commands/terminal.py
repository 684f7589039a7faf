"""Standard output and standard error: data on the one, all else on the other.

Rich is loaded only where something is drawn.
"""

import codecs
import os
import re
import sys
from base64 import b64encode
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

# Patterns are text, compiled at their first use: a pipe needs none of them.
_LINK = r"\x1b\]8;[^\x1b]*\x1b\\"
"""How a hyperlink begins, and ends (OSC 8)."""
_STYLE = r"\x1b\[[0-9;]*m"
_KINDS_WITHOUT_LINKS = ("dumb", "linux", "screen")
_KINDS_WITH_LINKS = ("alacritty", "contour", "foot", "wezterm", "xterm-ghostty", "xterm-kitty")
_PROGRAMS_WITH_LINKS = ("WezTerm", "ghostty", "iTerm.app", "vscode")
_MARKS_OF_LINKS = ("ALACRITTY_WINDOW_ID", "DOMTERM", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "WT_SESSION")
_FIRST_VTE_WITH_LINKS = 5000

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
    write_bytes(encoded(text))


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


def encoded(text: str) -> bytes:
    """Return ``text`` as stdout takes it."""
    return text.encode(sys.stdout.encoding, sys.stdout.errors or "strict")


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


def can_show(text: str) -> bool:
    """Say whether the encoding of stdout has all characters of ``text``."""
    try:
        text.encode(sys.stdout.encoding if sys.stdout is not None else "ascii")
    except UnicodeEncodeError:
        return False
    return True


def copy(text: str) -> None:
    """Ask the terminal to put ``text`` into its clipboard, by OSC 52, which works over SSH, too.

    Terminals never say whether they did. Raises ``StashmatrixError`` if there is no terminal.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and stream.isatty():
            stream.write(clipboard_sequence(text))
            stream.flush()
            note("copied, if the terminal allows it")
            return
    raise StashmatrixError("there is no terminal to copy with")


def clipboard_sequence(text: str) -> str:
    """Return what has a terminal put ``text`` into its clipboard."""
    return f"\x1b]52;c;{b64encode(text.encode()).decode()}\x07"


def draw(drawing: "RenderableType") -> None:
    """Draw on stdout."""
    write(drawn(drawing))


def drawn(drawing: "RenderableType") -> str:
    r"""Return a drawing as text for stdout.

    Where text folds depends on the width, so any of it may come to start a line: there, ``::`` is
    written ``:\x3a``, lest a CI runner take it for a command.
    """
    lines = rendered(drawing, width())
    return "".join(re.sub(r"^(\s*:):", r"\1\\x3a", line) + "\n" for line in lines)


def rendered(drawing: "RenderableType", columns: int) -> list[str]:
    """Return the lines of a drawing as stdout takes them, without the blanks that end Rich's."""
    from rich.console import Console

    screen = _console()
    # In memory first: Rich itself ends in a traceback on a full disk or a closed pipe.
    paper = StringIO()
    pen = Console(
        file=paper,
        width=columns,
        color_system=screen.color_system,  # type: ignore[arg-type]  # Rich names it by plain strings
        force_terminal=screen.is_terminal,
        no_color=screen.no_color,
        highlight=False,
        markup=False,
        emoji=False,
    )
    pen.print(drawing)
    text = paper.getvalue()
    if not (is_interactive() and knows_links(os.environ)):
        text = without_links(text)
    return [line.rstrip() for line in text.removesuffix("\n").split("\n")]


def has_links(text: str) -> bool:
    """Say whether a drawing has hyperlinks."""
    return re.search(_LINK, text) is not None


def without_links(text: str) -> str:
    """Return a drawing without its hyperlinks; what was linked stays."""
    return re.sub(_LINK, "", text)


def knows_links(env: Mapping[str, str]) -> bool:
    """Say whether the terminal of this environment is known to have hyperlinks.

    Others may show how they are made. ``FORCE_HYPERLINK`` decides, if it is there.
    """
    if "FORCE_HYPERLINK" in env:
        return env["FORCE_HYPERLINK"] not in ("", "0")
    if "TMUX" in env:
        return True  # it keeps them from a terminal that has none
    kind, vte = env.get("TERM", ""), env.get("VTE_VERSION", "")
    if kind.startswith(_KINDS_WITHOUT_LINKS):  # screen inside of a terminal that has them
        return False
    return (
        kind.startswith(_KINDS_WITH_LINKS)
        or env.get("TERM_PROGRAM") in _PROGRAMS_WITH_LINKS
        or any(name in env for name in _MARKS_OF_LINKS)
        or (vte.isdigit() and int(vte) >= _FIRST_VTE_WITH_LINKS)
    )


def fits(text: str) -> bool:
    """Say whether text is on the screen all at once, or stdout is no terminal that has so many lines."""
    if not is_interactive() or os.environ.get("TERM", "dumb") == "dumb":
        return True
    columns, lines = os.get_terminal_size(sys.stdout.fileno())
    if not lines or not columns:
        return True
    shown = re.sub(_STYLE, "", without_links(text)).splitlines()
    return sum(max(1, -(-len(line) // columns)) for line in shown) < lines


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
