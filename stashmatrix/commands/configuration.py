"""The configuration file of a project: where it is, what it says, and on which lines."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from stashmatrix import files
from stashmatrix.errors import Fault, InvalidFileError, StashmatrixError
from stashmatrix.records.reference import Source
from stashmatrix.text import printable, printable_path

NAMES = ("stashmatrix.toml", ".stashmatrix.toml", "pyproject.toml")
"""What a configuration file is called; the last one needs a table ``[tool.stashmatrix]``."""

_MAX_BYTES = 1024 * 1024
_TABLE = "tool.stashmatrix"
_OURS = re.compile(r"tool[\s.\"']+stashmatrix|^\s*stashmatrix", re.MULTILINE)
"""Whether to load tomllib at all, which takes longer than most of a start."""


class Configuration(NamedTuple):
    """What a configuration file says."""

    path: str
    """As messages name it: from the working directory, if it is below."""
    values: Mapping[str, Any]
    """By key, as TOML has them."""
    text: str
    table: str
    """The name of the table that holds the keys; empty for the whole file."""

    def source(self, key: str, item: str | None = None, *, table: str | None = None) -> Source:
        """Return where a key is written, or an item of its value."""
        return Source(self.path, *_place(self.text, self.table if table is None else table, key, item))

    @property
    def folder(self) -> str:
        """Where its paths count from: empty for the working directory."""
        return self.path.rpartition("/")[0]

    def resolved(self, path: str) -> str:
        """Return a path of the file as it counts from the working directory."""
        is_here = not self.folder or path.startswith("/")
        return path if is_here else os.path.relpath(f"{self.folder}/{path}")


def find(named: Path | None) -> Configuration | None:
    """Load the file that the user names, or the nearest one upward from the working directory.

    The search ends at the root of the repository, and without one where it begins. Raises
    ``StashmatrixError`` if the file cannot be read, or two are in one folder.
    """
    if named is not None:
        configuration = _load(named)
        if configuration is None:
            raise StashmatrixError(f"{printable(str(named))} has no table [{_TABLE}]")
        return configuration
    try:
        here = Path.cwd()
    except OSError:  # somebody deleted it
        return None
    folders = (here, *here.parents)
    root = next((folder for folder in folders if (folder / ".git").exists()), here)
    for folder in folders[: folders.index(root) + 1]:
        paths = [folder / name for name in NAMES if (folder / name).is_file()]
        found = [each for path in paths if (each := _load(Path(os.path.relpath(path)))) is not None]
        if len(found) > 1:
            both = " and ".join(each.path for each in found[:2])
            raise StashmatrixError(f"two configuration files in one folder: {both}", hint="keep one of them")
        if found:
            return found[0]
    return None


def _load(path: Path) -> Configuration | None:
    """Load a file; ``None`` for a ``pyproject.toml`` without the table."""
    text = files.read_text(path, limit=_MAX_BYTES)
    is_shared = path.name == NAMES[-1]
    if is_shared and not _OURS.search(text):
        return None
    import tomllib  # most runs have no such file

    name = printable_path(str(path))
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        place = re.search(r"line (\d+), column (\d+)", str(error))
        line, column = (int(place[1]), int(place[2])) if place else files.position(text)
        raise InvalidFileError(name, (Fault(line, column, "this is no TOML"),)) from error
    if not is_shared:
        return Configuration(name, values, text, "")
    tool = values.get("tool")
    table = tool.get("stashmatrix") if isinstance(tool, dict) else None
    return Configuration(name, table, text, _TABLE) if isinstance(table, dict) else None


def _place(text: str, table: str, key: str, item: str | None) -> tuple[int, int]:
    """Return the line and column of a key in a table, or of an item behind it; of the file if in doubt.

    tomllib tells no places. This reads the ways in which people write TOML, and not all there are.
    """
    current, found = "", None
    written = rf"[ \t]*(?:\"{re.escape(key)}\"|'{re.escape(key)}'|{re.escape(key)})[ \t]*="
    for number, line in enumerate(text.split("\n"), start=1):
        if header := re.match(r"[ \t]*\[+[ \t]*([^\]]+?)[ \t]*\]", line):
            current = header[1].replace('"', "").replace("'", "")
            if found is None and current == f"{table}.{key}".lstrip("."):
                found = number, line.index("[") + 1
        elif found is None and current == table and re.match(written, line):
            found = number, len(line) - len(line.lstrip()) + 1
        if found is not None:
            if item is None:
                return found
            value = line.find("=") if number == found[0] else 0
            for quote in "\"'":
                if (column := line.find(f"{quote}{item}{quote}", max(value, 0))) >= 0:
                    return number, column + 1
    return found or (1, 1)
