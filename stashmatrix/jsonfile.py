"""JSON files: read within bounds, each fault at its line and column."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from stashmatrix import files
from stashmatrix.errors import MOST_FAULTS, Fault, InvalidFileError
from stashmatrix.text import ascii_json, printable_path, quoted


class JsonFile:
    """The content of a JSON file, and the faults in it.

    Duplicate keys are faults from the start; whoever knows what the content should be adds others.
    """

    def __init__(self, name: str, text: str) -> None:
        """Parse ``text``, which messages call ``name``; raise ``InvalidFileError`` if it is not JSON."""
        self._name = name
        self._text = text
        self._faults: list[Fault] = []
        self._seen: set[tuple[str, str]] = set()
        """The message and the key of each fault, of those that are not placed, too."""
        self.content = self._parse()

    def add_fault(self, message: str, *, at: str) -> None:
        """Add a fault at the key ``at``. After the first 100, faults are only counted."""
        self._add(message, at, self._text.find)

    def check(self) -> None:
        """Raise ``InvalidFileError`` if there are faults."""
        if self._faults:
            raise self._error()

    def fail(self, message: str, *, at: str | None = None) -> NoReturn:
        """Raise ``InvalidFileError`` at once, with one more fault: at the key ``at``, or at the start."""
        raise self._error(self._fault(message, 0 if at is None else self._text.find(_written(at))))

    def _parse(self) -> object:
        try:
            return json.loads(self._text, object_pairs_hook=self._object)
        except json.JSONDecodeError as error:
            raise self._error(Fault(error.lineno, error.colno, f"not JSON: {error.msg}")) from None
        except RecursionError:
            raise self._error(Fault(1, 1, "nested too deeply")) from None
        except ValueError:  # a number with thousands of digits
            raise self._error(Fault(1, 1, "holds a number that is too long")) from None

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        """Build an object, and add a fault for each duplicate key."""
        content = dict(pairs)
        if len(content) < len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    self._add(f"duplicate key {quoted(key)}", key, self._text.rfind)
                seen.add(key)
        return content

    def _add(self, message: str, at: str, find: Callable[[str], int]) -> None:
        if (message, at) in self._seen:
            return
        self._seen.add((message, at))
        if len(self._seen) <= MOST_FAULTS:  # to place a fault takes a search through the whole file
            self._faults.append(self._fault(message, find(_written(at))))

    def _fault(self, message: str, start: int) -> Fault:
        """Place a fault; where a key was not found, ``start`` is -1, and the fault is the file's."""
        return Fault(*files.position(self._text[: max(start, 0)]), message)

    def _error(self, *more: Fault) -> InvalidFileError:
        listed = tuple(sorted({*self._faults, *more}))
        return InvalidFileError(self._name, listed, more=len(self._seen) - len(self._faults))


def load(path: Path, *, limit: int = files.MAX_BYTES) -> JsonFile:
    """Read the JSON file at ``path``, of up to ``limit`` bytes.

    Raises ``InvalidFileError`` if ``files.read_text`` does, and if the text is not JSON.
    """
    return JsonFile(printable_path(str(path)), files.read_text(path, limit=limit))


def _written(key: str) -> str:
    """Return ``key`` as ``ascii_json`` writes it; written otherwise, it is not found in a file."""
    return ascii_json(key).rstrip("\n")
