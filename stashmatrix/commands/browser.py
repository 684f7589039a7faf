"""The web browser of the user, which every link here needs for its JavaScript."""

import os
import shlex
import shutil
import webbrowser
from functools import cache
from pathlib import Path

from stashmatrix.errors import BrowserError
from stashmatrix.text import quoted

_TEXT_BROWSERS = ("elinks", "links", "links2", "lynx", "netrik", "retawq", "w3m")
_ANY_BROWSER = "www-browser"
"""The name by which some systems have one that may be a text browser."""


class _WithoutJavaScript(webbrowser.BaseBrowser):
    """Stands for a text browser, and opens nothing."""

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        del url, new, autoraise
        return False


def open_url(url: str) -> None:
    """Open ``url`` in the browser that ``BROWSER`` names, or the system; raise ``BrowserError`` if none does.

    ``BROWSER`` is a list as ``PATH`` is one, of commands with options. A text browser is not started: it
    would show an empty page.
    """
    text_browsers = _without_text_browsers()
    try:
        # A user who names text browsers only wants no other.
        opened = os.environ.get("BROWSER") != "" and webbrowser.open(url)
    except (webbrowser.Error, OSError):
        opened = False
    if not opened and text_browsers:
        message = f"{quoted(text_browsers[0])} cannot show the page, which needs JavaScript"
        raise BrowserError(message, hint="open the link elsewhere, or set BROWSER to another browser")
    if not opened:
        raise BrowserError("no web browser opened the link", hint="open it by hand, or set BROWSER")


@cache
def _without_text_browsers() -> tuple[str, ...]:
    """Have Python start no text browser, and return those that it would have started."""
    found: list[str] = []
    if variable := os.environ.get("BROWSER"):
        commands = [(command, _words(command)) for command in variable.split(os.pathsep) if command.strip()]
        found += [command for command, words in commands if _is_text_browser(words[0])]
        chosen = [_with_url(*each) for each in commands if each[0] not in found]
        os.environ["BROWSER"] = os.pathsep.join(chosen)
    for name in (*_TEXT_BROWSERS, _ANY_BROWSER):
        if shutil.which(name) and _is_text_browser(name):
            found.append(name)
            webbrowser.register(name, None, _WithoutJavaScript(name))
    return tuple(found)


def _words(command: str) -> list[str]:
    if shutil.which(command):
        return [command]  # whose name may have blanks
    try:
        return shlex.split(command) or [command]
    except ValueError:  # a quote that is not closed
        return command.split()


def _with_url(command: str, words: list[str]) -> str:
    """Return a command as Python understands it, which takes one with options for a name without a ``%s``."""
    if len(words) == 1 or "%s" in command:
        return command
    before, mark, _ = command.rpartition("&") if words[-1] == "&" else (command, "", "")
    return f"{before.rstrip()} %s {mark}".rstrip()


def _is_text_browser(command: str) -> bool:
    return Path(shutil.which(command) or command).resolve().name in _TEXT_BROWSERS
