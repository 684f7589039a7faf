"""The patterns of ``.gitignore`` files, matched as git does: entry by entry, from a folder down.

Of the libraries for this, ``pathspec`` answers for files only, so that ``*``, ``!*/``, ``!*.md`` or
``a/**``, ``!a/b.md`` would close folders that git enters; it also takes several times as long to load as
everything else that lists files.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_POSIX_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t-\r ",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}


class _Pattern(NamedTuple):
    """One line."""

    excludes: bool
    """Whether a match excludes; it includes again after ``!``."""
    folders_only: bool
    by_name: bool
    """Whether the name is to match, in any folder; else it is the whole path."""
    regex: re.Pattern[str]


class Patterns:
    """The patterns of one file, or of one option, in order."""

    def __init__(self, lines: Iterable[str]) -> None:
        """Read ``lines``; what is no pattern matches nothing, as in git."""
        patterns = [pattern for line in lines if (pattern := _parse(line)) is not None]
        self._latest_first = tuple(reversed(patterns))

    def match(self, path: str, *, folder: bool = False) -> bool | None:
        """Return what the last pattern that matches says: ``False`` after a ``!``.

        ``path`` is relative to the folder of the patterns, without a slash at its end, and ``None`` is for
        one that none matches. A folder above may match where ``path`` does not: ask for it first.
        """
        if not self._latest_first:
            return None
        name = path[path.rfind("/") + 1 :]
        for excludes, folders_only, by_name, regex in self._latest_first:
            if (folder or not folders_only) and regex.fullmatch(name if by_name else path):
                return excludes
        return None


def read(data: bytes) -> Patterns:
    """Return the patterns of the ``.gitignore`` file that has the content ``data``."""
    text = data.removeprefix(b"\xef\xbb\xbf").decode(errors="surrogateescape")
    return Patterns(line.removesuffix("\r") for line in text.split("\n"))


def _parse(line: str) -> _Pattern | None:
    if line.startswith("#"):
        return None
    text = _without_trailing_spaces(line)
    excludes = not text.startswith("!")
    text = text.removeprefix("!")
    folders_only = text.endswith("/")
    text = text.removesuffix("/")
    if not text:
        return None
    by_name = "/" not in text
    try:
        regex = _translate_segment(text) if by_name else _translate_path(text.removeprefix("/"))
        return _Pattern(excludes, folders_only, by_name, re.compile(regex, re.DOTALL))
    except (_InvalidPatternError, re.error):
        return None


class _InvalidPatternError(ValueError):
    """A bracket or a backslash at the end of a pattern stands alone."""


def _without_trailing_spaces(line: str) -> str:
    text = line.rstrip(" ")
    backslashes = len(text) - len(text.rstrip("\\"))
    return text + " " if backslashes % 2 and text != line else text


def _translate_path(text: str) -> str:
    r"""Return the regular expression of a pattern with slashes.

    Whatever follows a ``**`` is looked for at the first folder that has it, and never again further down:
    that finds a match wherever there is one, and a pattern with many of them takes no longer.
    """
    segments = text.split("/")
    last_is_open = segments[-1] == "**"
    if last_is_open:
        segments.pop()
    runs: list[list[str]] = [[]]
    for segment in segments:
        if segment == "**":
            runs.append([])
        else:
            runs[-1].append(_translate_segment(segment))
    first, *others = ["".join(f"{part}/" for part in run) for run in runs]
    if not others:
        return f"{first}.+" if last_is_open else first[:-1]
    *inner, end = others
    middle = "".join(f"(?>(?:[^/]+/)*?{run})" for run in inner)
    return f"{first}{middle}(?:[^/]+/)*" + (f"?{end}.+" if last_is_open else end[:-1])


def _translate_segment(text: str) -> str:
    """Return the regular expression of a name with wildcards; a star ends where it first can."""
    first, *others = _fixed_parts(text)
    if not others:
        return first
    *inner, end = others
    return first + "".join(f"(?>[^/]*?{part})" for part in inner if part) + "[^/]*" + end


def _fixed_parts(text: str) -> Iterator[str]:
    """Yield the regular expressions of what stands between the stars of a name."""
    part = ""
    index = 0
    while index < len(text):
        char = text[index]
        index += 1
        if char == "*":
            yield part
            part = ""
        elif char == "?":
            part += "[^/]"
        elif char == "[":
            bracket, index = _bracket(text, index)
            part += bracket
        elif char == "\\":
            if index == len(text):
                raise _InvalidPatternError
            part += re.escape(text[index])
            index += 1
        else:
            part += re.escape(char)
    yield part


def _bracket(text: str, index: int) -> tuple[str, int]:
    """Return the regular expression of the bracket that opens before ``index``, and where it ends."""
    negated = text[index : index + 1] in ("!", "^")
    index += negated
    content = ""
    while True:
        char = text[index : index + 1]
        posix = re.compile(r"\[:([a-z]*):\]").match(text, index)
        if not char:
            raise _InvalidPatternError
        if char == "]" and content:
            break
        if posix:
            content += _posix_class(posix[1])
            index = posix.end()
            continue
        index += char == "\\"
        content += char if _is_range(text, index, content) else re.escape(text[index : index + 1])
        index += 1
    return f"(?!/)[{'^' * negated}{content}]", index + 1


def _is_range(text: str, index: int, content: str) -> bool:
    """Say whether a dash stands between the two ends of a range."""
    return (
        text[index] == "-"
        and text[index - 1] != "\\"
        and bool(content)
        and text[index + 1 : index + 2] != "]"
    )


def _posix_class(name: str) -> str:
    try:
        return _POSIX_CLASSES[name]
    except KeyError:
        raise _InvalidPatternError from None
