import ast
import inspect
from pathlib import Path

import pytest

import stashmatrix
from stashmatrix.cli import app

PACKAGE = Path(stashmatrix.__file__).parent
SOURCES = {path.stem: path.read_text(encoding="utf-8") for path in PACKAGE.glob("*.py")}

# Each module may import from the lines below its own only.
LAYERS: list[set[str]] = [
    {"__main__"},
    {"cli"},
    {"check_links"},
    {"command"},
    {"terminal", "listing", "report"},
    {"checks"},
    {"homeserver", "findings"},
    {"discovery"},
    {"web"},
    {"fetch"},
    {"catalogue", "guide"},
    {"yamlfile", "lockfile", "cache"},
    {"files", "answers", "addresses", "durations", "suggestions"},
    {"links"},
    {"identifiers"},
    {"escaping"},
    {"errors"},
    {"wording"},
    {"__init__"},
]

WORLD = {
    "sys": {"stdin", "stdout", "stderr"},
    "os": {"environ", "environb", "getenv", "putenv"},
}


def imports(source: str) -> set[str]:
    """Return the dotted names that ``source`` imports, wherever it does."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ["stashmatrix"] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {f"{module}.{alias.name}" for alias in node.names}
    return found


def own_imports(source: str) -> set[str]:
    """Return the modules of the package that ``source`` imports; ``__init__`` stands for the package."""
    found: set[str] = set()
    for name in imports(source):
        top, *rest = name.split(".")
        if top == "stashmatrix":
            found.add(rest[0] if rest and rest[0] in SOURCES else "__init__")
    return found


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


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import stashmatrix.links", {"links"}),
        ("from stashmatrix import cli, __version__", {"cli", "__init__"}),
        ("from stashmatrix.links import Link", {"links"}),
        ("from . import links", {"links"}),
        ("from .links import Link", {"links"}),
        ("def f():\n    from stashmatrix import checks", {"checks"}),
        ("if TYPE_CHECKING:\n    from stashmatrix.cli import app", {"cli"}),
        ("import json, yaml", set()),
    ],
)
def test_every_way_to_import_a_module_of_the_package_is_seen(source: str, expected: set[str]) -> None:
    assert own_imports(source) == expected


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


def test_every_module_has_its_layer() -> None:
    assert sorted(name for layer in LAYERS for name in layer) == sorted(SOURCES)


@pytest.mark.parametrize("module", sorted(SOURCES))
def test_a_module_imports_from_lower_layers_only(module: str) -> None:
    depth = next(index for index, layer in enumerate(LAYERS) if module in layer)
    assert own_imports(SOURCES[module]) <= set().union(*LAYERS[depth + 1 :])


def test_the_lock_file_knows_identifiers_only() -> None:
    assert own_imports(SOURCES["lockfile"]) == {"identifiers", "errors", "escaping", "files"}


def test_the_terminal_knows_errors_and_escaping_only() -> None:
    assert own_imports(SOURCES["terminal"]) == {"errors", "escaping"}


@pytest.mark.parametrize(
    ("distribution", "modules"),
    [
        ("httpx", {"fetch"}),
        ("httpcore", {"fetch"}),
        ("yaml", {"yamlfile"}),
        ("typer", {"cli", "check_links", "command"}),
        ("sqlite3", {"cache"}),
    ],
)
def test_each_library_is_known_where_it_belongs_and_nowhere_else(
    distribution: str, modules: set[str]
) -> None:
    assert importers(distribution) == modules


def test_only_the_command_line_and_the_terminal_touch_streams_and_environment() -> None:
    touching = {module for module, source in SOURCES.items() if touches_the_terminal(source)}
    assert "terminal" in touching
    assert touching <= {"cli", "check_links", "terminal"}


def test_no_command_is_a_coroutine_function() -> None:
    callbacks = [command.callback for command in app.registered_commands]
    assert len(callbacks) >= 5
    assert not [callback for callback in callbacks if inspect.iscoroutinefunction(callback)]
