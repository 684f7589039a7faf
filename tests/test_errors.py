"""The errors of the package: their tree, and what is raised beside it."""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

import stashmatrix
from stashmatrix import errors
from stashmatrix.errors import Fault, InvalidFileError, StashmatrixError, unknown

OUTSIDE = {
    "PrivateAddressError": "the network's own: becomes an answer that says why there is none",
    "ProxyFailureError": "the network's own: likewise",
    "RuntimeError": "httpx is another one inside than ours: no user can mend that",
    "OSError": "what a look-up of names raises in place of an error that no caller expects",
    "ValueError": "text of an option, or a damaged cache: the caller reports it in its own way",
    "TypeError": "a damaged header of a section of a page: its reader reports it as a fault of the file",
    "BadParameter": "Typer's: it is reported as a wrong use of the command line",
    "Exit": "Typer's: no error, but the way to an exit code",
    "NotImplementedError": "a method that each subclass has to write",
}
"""What is raised by name without being in the tree, and why."""


@cache
def trees() -> list[ast.Module]:
    """Return what the package is written as."""
    folder = Path(stashmatrix.__file__).parent
    return [ast.parse(path.read_text(encoding="utf-8")) for path in folder.rglob("*.py")]


def raised() -> Iterator[str]:
    """Yield the name of each class that the package raises by its name."""
    for node in (node for tree in trees() for node in ast.walk(tree) if isinstance(node, ast.Raise)):
        error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        name = error.attr if isinstance(error, ast.Attribute) else getattr(error, "id", "")
        if name.lstrip("_")[:1].isupper():
            yield name


@cache
def bases() -> dict[str, set[str]]:
    """Return the bases of each class in the package, by name."""
    return {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }


def is_covered(name: str, roots: set[str]) -> bool:
    """Say whether a class, or one that it is derived from, is among ``roots``."""
    return name in roots or any(is_covered(base, roots) for base in bases().get(name, ()))


def documented() -> set[str]:
    tree = (errors.__doc__ or "").split("\n\n")[1]
    return set(re.findall(r"^[├└─ ]*(\w+)", tree, re.MULTILINE))


def test_the_tree_in_the_documentation_is_that_of_the_classes() -> None:
    classes = {
        value.__name__
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, Exception)
    }
    assert documented() == classes
    assert all(issubclass(getattr(errors, name), StashmatrixError) for name in classes)


def test_every_error_raised_is_in_the_tree_or_has_a_reason_not_to_be() -> None:
    names = set(raised())
    assert {"InvalidFileError", "BadParameter"} <= names
    assert {name for name in names if not is_covered(name, documented() | OUTSIDE.keys())} == set()
    assert OUTSIDE.keys() <= names  # no reason is left behind


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("hlep", "no room named 'hlep'", "did you mean test-help?"),
        ("HLEP", "no room named 'HLEP'", "did you mean test-help?"),
        ("yel", "no room named 'yel'", "did you mean test-yelp?"),
        ("zzzz", "no room named 'zzzz'", "see the list"),
        ("", "no room named ''", "see the list"),
        ("\x1b[2J", r"no room named '\x1b[2J'", "see the list"),
    ],
)
def test_an_unknown_name_is_quoted_with_a_hint(text: str, message: str, hint: str) -> None:
    names = {"help": "test-help", "test-help": "test-help", "yelp": "test-yelp"}
    error = unknown("room", text, names, otherwise="see the list")
    assert (error.message, error.hint) == (message, hint)


def test_a_long_unknown_name_is_cut() -> None:
    error = unknown("room", "x" * 100_000, {}, otherwise="see the list")
    assert len(error.message) < 200


@pytest.mark.parametrize(
    ("number", "listed", "unlisted"), [(1, 1, 0), (100, 100, 0), (101, 100, 1), (9000, 100, 8900)]
)
def test_a_hundred_faults_of_a_file_are_listed(number: int, listed: int, unlisted: int) -> None:
    faults = tuple(Fault(line, 1, "wrong") for line in range(1, number + 1))
    error = InvalidFileError("x.yaml", faults)
    assert (error.faults, error.unlisted) == (faults[:listed], unlisted)
    assert error.message.startswith(f"x.yaml cannot be used: {number} fault")


def calls_in(function: Callable[[], object]) -> int:
    """Count the calls, those of C functions too: a measure of work that no machine changes."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        function()
    finally:
        sys.setprofile(before)
    return calls


NAMES_ALIKE = [f"test-room-number-{number}" for number in range(8000)]


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("test-rom-nmuber-7777", "test-room-number-7777"),
        ("TEST-ROOM-NUMBER-77777", "test-room-number-7777"),
        ("xst-room-number-4321", "test-room-number-4321"),
    ],
)
def test_a_name_is_suggested_among_thousands_that_are_much_alike(text: str, suggestion: str) -> None:
    names = {name: name for name in NAMES_ALIKE}
    error = unknown("room", text, names, otherwise="see the list")
    assert error.hint is not None
    assert error.hint.startswith(f"did you mean {suggestion}")


@pytest.mark.parametrize("name", ["test-room-number-{}", "x" * 200 + "{}"], ids=["usual", "long"])
def test_to_suggest_a_name_costs_a_few_calls_for_each_that_there_is(name: str) -> None:
    def suggest(number: int) -> Callable[[], object]:
        names = {name.format(each): "a room" for each in range(number)}
        return lambda: unknown("room", name.format(7)[:150], names, otherwise="see the list")

    suggest(10)()  # what it imports is no part of it
    few, many = calls_in(suggest(200)), calls_in(suggest(400))
    assert many - few < 200 * 50
