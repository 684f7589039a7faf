"""What a configuration file sets: options of ``check-links``, the catalogue, what to ignore in which files.

The file comes with the project, and so with a stranger's pull request: it cannot name hosts to ask or to
trust, private addresses, or files to write.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from stashmatrix import errors
from stashmatrix.checks.ignores import of_pattern
from stashmatrix.commands.configuration import Configuration
from stashmatrix.documents.gitignore import Patterns
from stashmatrix.errors import Fault, InvalidFileError
from stashmatrix.records.findings import Check
from stashmatrix.records.reference import Ignore, Pattern
from stashmatrix.text import printable, quoted

if TYPE_CHECKING:
    from typer._click import Command, Parameter

PER_FILE_IGNORES = "per-file-ignores"
CATALOGUE = "catalogue"
_PATHS = ("paths", CATALOGUE, "lock")
"""Keys whose values are paths, which count from the folder of the file."""

_NOT_HERE = frozenset(
    {
        "homeserver",
        "resolver",
        "allow-private",
        "report",
        "cache",
        "update-lock",
        "files-from",
        "stdin-filename",
        "changed-since",
        "fix",
        "unsafe-fixes",
        "diff",
    }
)
"""Options of ``check-links`` that are for the command line only."""

ALL = "all"
"""The code that stands for a link itself, which is then not checked."""


def catalogue(configuration: Configuration) -> Path | None:
    """Return the catalogue that the file names, if it names one."""
    value = configuration.values.get(CATALOGUE)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _invalid([_wrong(configuration, CATALOGUE, "a text", value)], configuration)
    return Path(configuration.resolved(value))


def defaults(configuration: Configuration, command: "Command", ctx: typer.Context) -> dict[str, Any]:
    """Return the options of ``check-links`` that the file sets, by the names of its parameters.

    Raises ``InvalidFileError`` with a fault for each unknown key and each wrong value.
    """
    options = dict(allowed(command))
    names = [*options, CATALOGUE, PER_FILE_IGNORES]
    faults: list[Fault] = []
    result: dict[str, Any] = {}
    for key, value in configuration.values.items():
        if key in _NOT_HERE:
            message = f"'{key}' is for the command line only: this file comes with the project"
            faults.append(_fault(configuration, key, message))
        elif key not in names:
            error = errors.unknown("key", key, {name: name for name in names}, otherwise=", ".join(names))
            faults.append(_fault(configuration, key, f"{error.message} ({error.hint})"))
        elif key in options:
            parameter = options[key]
            fault = _fault_of(configuration, key, value, parameter, ctx)
            if fault is not None:
                faults.append(fault)
            elif key in _PATHS:
                paths = [
                    configuration.resolved(path) for path in ([value] if isinstance(value, str) else value)
                ]
                result[str(parameter.name)] = paths[0] if isinstance(value, str) else paths
            else:
                result[str(parameter.name)] = value
    faults += _faults_of_ignores(configuration)
    if faults:
        raise _invalid(faults, configuration)
    return result


def allowed(command: "Command") -> Iterator[tuple[str, "Parameter"]]:
    """Yield the parameters of ``check-links`` that a file may set, by their keys."""
    for parameter in command.params:
        names = [option.lstrip("-") for option in parameter.opts if option.startswith("--")]
        key = names[0] if names else str(parameter.name)
        if key not in _NOT_HERE and key != "help":
            yield key, parameter


def _fault_of(
    configuration: Configuration, key: str, value: object, parameter: "Parameter", ctx: typer.Context
) -> Fault | None:
    """Return what is wrong with the value of an option, if anything is."""
    is_list = getattr(parameter, "multiple", False) or parameter.nargs != 1
    if is_list:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            return _wrong(configuration, key, "a list of texts", value)
    elif getattr(parameter, "is_flag", False):
        if not isinstance(value, bool):
            return _wrong(configuration, key, "true or false", value)
    elif "int" in parameter.type.name:
        if not isinstance(value, int) or isinstance(value, bool):
            return _wrong(configuration, key, "a number", value)
    elif not isinstance(value, str):
        return _wrong(configuration, key, "a text", value)
    try:
        parameter.type_cast_value(ctx, value)
    except typer.BadParameter as error:
        return _fault(configuration, key, f"{key}: {printable(error.message, limit=200)}")
    return None


def _wrong(configuration: Configuration, key: str, expected: str, value: object) -> Fault:
    return _fault(configuration, key, f"{key}: expected {expected}, got {_shown(value)}")


def _shown(value: object) -> str:
    names = {bool: "true or false", str: "a text", list: "a list", dict: "a table", int: "a number"}
    return quoted(value) if isinstance(value, str) else names.get(type(value), "another value")


def _fault(configuration: Configuration, key: str, message: str) -> Fault:
    _, line, column = configuration.source(key)
    return Fault(line, column, message)


def _invalid(faults: Iterable[Fault], configuration: Configuration) -> InvalidFileError:
    return InvalidFileError(configuration.path, tuple(sorted(faults)))


class PerFileIgnores(NamedTuple):
    """What is not to be reported of files that match a pattern."""

    patterns: Patterns
    folder: str
    """Where the patterns count from, as a real path."""
    ignore: Ignore

    def matches(self, path: str) -> bool:
        """Say whether the rule is about a file, or about a folder that it is in."""
        place = os.path.relpath(os.path.realpath(path), self.folder)
        above = (place[:end] for end, character in enumerate(place) if character == "/")
        return bool(
            self.patterns.match(place) or any(self.patterns.match(each, folder=True) for each in above)
        )


def _faults_of_ignores(configuration: Configuration) -> Iterator[Fault]:
    table = configuration.values.get(PER_FILE_IGNORES, {})
    if not isinstance(table, dict):
        yield _wrong(configuration, PER_FILE_IGNORES, "a table of patterns with lists of codes", table)
        return
    codes = {code: code for code in (ALL, *(check.code for check in Check))}
    for pattern, value in table.items():
        _, line, column = configuration.source(PER_FILE_IGNORES, pattern)
        if not isinstance(value, list) or not value or not all(isinstance(code, str) for code in value):
            yield Fault(line, column, f"{quoted(pattern)}: expected a list of codes, got {_shown(value)}")
            continue
        for code in value:
            if code not in codes:
                error = errors.unknown("finding", code, codes, otherwise=", ".join(codes))
                yield Fault(line, column, f"{quoted(pattern)}: {error.message} ({error.hint})")


def per_file_ignores(configuration: Configuration) -> tuple[PerFileIgnores, ...]:
    """Return what the file says of single files."""
    return tuple(
        PerFileIgnores(
            Patterns([pattern]),
            os.path.realpath(configuration.folder or "."),
            Ignore(
                f"{PER_FILE_IGNORES} '{pattern}'",
                configuration.source(PER_FILE_IGNORES, pattern),
                frozenset() if ALL in codes else frozenset(codes),
            ),
        )
        for pattern, codes in configuration.values.get(PER_FILE_IGNORES, {}).items()
    )


def patterns(configuration: Configuration) -> tuple[Pattern, ...]:
    """Return the patterns of aliases to skip, each with its place."""
    return tuple(
        Pattern(pattern, configuration.source("ignore", pattern))
        for pattern in configuration.values.get("ignore", ())
    )


def ignores(configuration: Configuration) -> tuple[Ignore, ...]:
    """Return all that the file ignores, to tell what of it is idle."""
    per_file = (rule.ignore for rule in per_file_ignores(configuration))
    return (*map(of_pattern, patterns(configuration)), *per_file)
