"""The errors of the package: their tree, and what is raised beside it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import stashmatrix
from stashmatrix import errors
from stashmatrix.errors import StashmatrixError, unknown

TREES = [
    ast.parse(path.read_text(encoding="utf-8")) for path in Path(stashmatrix.__file__).parent.rglob("*.py")
]

OUTSIDE = {
    "PrivateAddressError": "the network's own: becomes an answer that says why there is none",
    "RuntimeError": "httpx is another one inside than ours: no user can mend that",
    "OSError": "what a look-up of names raises in place of an error that no caller expects",
    "ValueError": "text of an option, or a damaged cache: the caller reports it in its own way",
    "BadParameter": "Typer's: it is reported as a wrong use of the command line",
    "Exit": "Typer's: no error, but the way to an exit code",
    "NotImplementedError": "a method that each subclass has to write",
}
"""What is raised by name without being in the tree, and why."""


def raised() -> Iterator[str]:
    """Yield the name of each class that the package raises by its name."""
    for node in (node for tree in TREES for node in ast.walk(tree) if isinstance(node, ast.Raise)):
        error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        name = error.attr if isinstance(error, ast.Attribute) else getattr(error, "id", "")
        if name.lstrip("_")[:1].isupper():
            yield name


def bases() -> dict[str, set[str]]:
    """Return the bases of each class in the package, by name."""
    return {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for tree in TREES
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
