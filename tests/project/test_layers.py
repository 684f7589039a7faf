"""The rooms of the package: who imports whom, and where each library and the outside world are known."""

import ast
import inspect
from collections.abc import Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import stashmatrix
from stashmatrix.commands.app import COMMANDS, load_command

PACKAGE = Path(stashmatrix.__file__).parent


def module_name(path: Path) -> str:
    """Return the dotted name of a module within the package: ``__init__`` for the package itself."""
    name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    return name.removesuffix(".__init__")


SOURCES = {module_name(path): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}

# A room is a folder, or a module beside the folders. Each may import from the lines below its own only,
# and two of one line never import each other.
LAYERS: list[set[str]] = [
    {"__main__"},
    {"commands"},
    {"checking", "mending", "page"},
    {"asking"},
    {"options"},
    {"formats"},
    {"catalogue", "documents", "checks", "network"},
    {"records"},
    {"matrix"},
    {"jsonfile"},
    {"files"},
    {"errors"},
    {"text"},
    {"__init__"},
]

WORLD = {
    "sys": {"stdin", "stdout", "stderr"},
    "os": {"environ", "environb", "getenv", "putenv"},
}


@cache
def imports(source: str) -> set[str]:
    """Return the dotted names that ``source`` imports, wherever it does."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports are not used here"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def own_imports(source: str) -> set[str]:
    """Return the modules of the package that ``source`` imports; ``__init__`` stands for the package."""
    found: set[str] = set()
    for name in imports(source):
        top, *rest = name.split(".")
        if top == "stashmatrix":
            while rest and ".".join(rest) not in SOURCES:
                rest.pop()
            found.add(".".join(rest) or "__init__")
    return found


def room(module: str) -> str:
    return module.partition(".")[0]


def circle(graph: Mapping[str, set[str]]) -> list[str]:
    """Return modules that import one another in a circle, the first one also at the end; none is good."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def importers(distribution: str) -> set[str]:
    return {
        module
        for module, source in SOURCES.items()
        if any(name.split(".")[0] == distribution for name in imports(source))
    }


def touches_the_terminal(source: str) -> bool:
    """Say whether ``source`` prints, or uses a standard stream or the environment."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(id="print" | "input"):
                return True
            case ast.Attribute(value=ast.Name(id=module), attr=name) if name in WORLD.get(module, ()):
                return True
            case ast.ImportFrom(module=str(module), names=names):
                if {alias.name for alias in names} & WORLD.get(module, set()):
                    return True
            case _:
                pass
    return False


# What finds all this


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import stashmatrix.matrix.links", {"matrix.links"}),
        ("import stashmatrix.matrix", {"matrix"}),
        ("from stashmatrix import files, __version__", {"files", "__init__"}),
        ("from stashmatrix import matrix", {"matrix"}),
        ("from stashmatrix.matrix import links", {"matrix.links"}),
        ("from stashmatrix.matrix.links import Link", {"matrix.links"}),
        ("def f():\n    from stashmatrix.checks import judge", {"checks.judge"}),
        ("if TYPE_CHECKING:\n    from stashmatrix.commands.app import app", {"commands.app"}),
        ("import json, yaml", set()),
    ],
)
def test_every_way_to_import_a_module_of_the_package_is_seen(source: str, expected: set[str]) -> None:
    assert own_imports(source) == expected


@pytest.mark.parametrize("source", ["from . import links", "from .links import Link", "from .. import files"])
def test_a_relative_import_is_refused(source: str) -> None:
    with pytest.raises(AssertionError, match="relative imports"):
        own_imports(source)


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        ({"a": {"b"}, "b": {"c"}}, set()),
        ({"a": {"b", "c"}, "b": {"c"}, "c": set()}, set()),
        ({"a": {"a"}}, {"a"}),
        ({"a": {"b"}, "b": {"c"}, "c": {"b"}}, {"b", "c"}),
    ],
)
def test_every_circle_is_seen(graph: Mapping[str, set[str]], expected: set[str]) -> None:
    assert set(circle(graph)) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("print('x')", True),
        ("write = print", True),
        ("def f():\n    sys.stdout.write('x')", True),
        ("from sys import stderr", True),
        ("home = os.environ['HOME']", True),
        ("home = os.getenv('HOME')", True),
        ("sys.exit(1)", False),
        ("console.print('x')", False),
    ],
)
def test_every_way_to_the_terminal_is_seen(source: str, expected: bool) -> None:
    assert touches_the_terminal(source) is expected


# The package


def test_every_room_has_its_layer() -> None:
    rooms = [name for layer in LAYERS for name in layer]
    assert len(rooms) == len(set(rooms))
    assert {room(module) for module in SOURCES} <= set(rooms)


@pytest.mark.parametrize("module", sorted(SOURCES))
def test_a_module_imports_from_its_room_and_lower_layers_only(module: str) -> None:
    depth = next(index for index, layer in enumerate(LAYERS) if room(module) in layer)
    rooms = {room(name) for name in own_imports(SOURCES[module])}
    assert rooms - {room(module)} <= set().union(*LAYERS[depth + 1 :])


def test_no_modules_import_one_another_in_a_circle() -> None:
    assert circle({module: own_imports(source) for module, source in SOURCES.items()}) == []


def test_the_lock_file_knows_identifiers_only() -> None:
    assert own_imports(SOURCES["checks.lockfile"]) == {"matrix.identifiers", "jsonfile", "errors", "text"}


def test_the_terminal_knows_errors_and_text_only() -> None:
    assert own_imports(SOURCES["commands.terminal"]) == {"errors", "text"}


def test_the_limits_cost_nothing_to_import() -> None:
    assert imports(SOURCES["network.limits"]) == {"dataclasses.dataclass"}


@pytest.mark.parametrize(
    ("distribution", "modules"),
    [
        ("httpx", {"network.fetch", "network.forge", "network.connections", "network.pool", "network.urls"}),
        ("httpcore", {"network.fetch", "network.connections", "network.pool"}),
        ("yaml", {"catalogue.yamlfile"}),
        ("markdown_it", {"page.entries", "page.reading"}),
        ("jinja2", {"page.website"}),
        ("segno", {"formats.qr", "page.website"}),
        ("rich", {"commands.pager", "commands.terminal", "formats.drawings", "formats.table"}),
    ],
)
def test_each_library_is_known_where_it_belongs_and_nowhere_else(
    distribution: str, modules: set[str]
) -> None:
    assert importers(distribution) == modules


def test_typer_is_known_to_the_commands_only() -> None:
    assert {room(module) for module in importers("typer")} == {"commands"}


def test_only_the_command_line_and_the_terminal_touch_streams_and_environment() -> None:
    touching = {module for module, source in SOURCES.items() if touches_the_terminal(source)}
    assert "commands.terminal" in touching
    assert touching <= {
        "commands.action",
        "commands.app",
        "commands.browser",
        "commands.documents",
        "commands.pager",
        "commands.report_files",
        "commands.screen",
        "commands.terminal",
    }


def test_no_command_is_a_coroutine_function() -> None:
    callbacks = [load_command(name).callback for name in COMMANDS]
    assert len(callbacks) >= 5
    assert not [callback for callback in callbacks if inspect.iscoroutinefunction(callback)]
