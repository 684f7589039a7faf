"""Figures of speed and memory, as ratios of one run: ``python -m tests.performance.startup``.

Times on one machine vary; ratios of interleaved runs vary little. Nothing here is a test.
"""

import compileall
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Container, Mapping, Sequence
from pathlib import Path

import yaml

import stashmatrix
from stashmatrix.catalogue import reading
from stashmatrix.errors import unknown

RUNS = 20
TWO_LINES = (
    "import typer, yaml\n"
    "app = typer.Typer()\n"
    "@app.command()\n"
    "def main() -> None:\n"
    "    print('a line')\n"
    "app()\n"
)
COMPLETION = {
    "_STASHMATRIX_COMPLETE": "complete_zsh",
    "_TYPER_COMPLETE_ARGS": "stashmatrix open stash-",
}
ROOM = """\
  - alias: "#room-{0}:example.org"
    category: support
    flags: [nsfw, bridged]
    description: Help with anything related to Stash/stash-box software, number {0}
"""


def seconds(command: Sequence[str], env: Mapping[str, str], *, allowed: Container[int] = (0,)) -> float:
    """Return how long ``command`` takes; it has to end with one of the ``allowed`` statuses."""
    start = time.perf_counter()
    done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env={**os.environ, **env})
    assert done.returncode in allowed, f"{command} ended with {done.returncode}"
    return time.perf_counter() - start


def compile_package() -> None:
    """Make up for an installed package being compiled, which a checkout need not be."""
    compileall.compile_dir(Path(stashmatrix.__file__).parent, quiet=1)


def start_up(folder: Path) -> None:
    script = folder / "two_lines.py"
    script.write_text(TWO_LINES)
    bin_folder = Path(sys.executable).parent
    commands: dict[str, tuple[Sequence[str], Mapping[str, str]]] = {
        "two-line Typer app": ((sys.executable, str(script)), {}),
        "tldr --version": ((str(bin_folder / "tldr"), "--version"), {}),
        "stashmatrix rooms": ((str(bin_folder / "stashmatrix"), "rooms"), {}),
        "stashmatrix open -n": ((str(bin_folder / "stashmatrix"), "open", "-n", "stash-help"), {}),
        "check-links --help": ((str(bin_folder / "stashmatrix"), "check-links", "--help"), {}),
        "completion request": ((str(bin_folder / "stashmatrix"),), COMPLETION),
    }
    compile_package()
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(RUNS + 1):
        for name, (command, env) in commands.items():
            times[name].append(seconds(command, env))
    # The first round warms the disk cache and does not count.
    medians = {name: statistics.median(values[1:]) for name, values in times.items()}
    print(f"Start-up, medians of {RUNS}:")
    for name, median in medians.items():
        print(f"  {name:<20} {median * 1000:6.1f} ms")
    rooms, least = medians["stashmatrix rooms"], medians["two-line Typer app"]
    print(f"  rooms / two-line Typer app: {rooms / least:.2f} (at most 1.25)")
    print(f"  open -n / two-line Typer app:            {medians['stashmatrix open -n'] / least:.2f}")
    print(f"  check-links --help / two-line Typer app: {medians['check-links --help'] / least:.2f}")
    print(f"  rooms / tldr --version:     {rooms / medians['tldr --version']:.2f} (below 1)")
    print(f"  completion / rooms:         {medians['completion request'] / rooms:.2f} (at most 1)")


def write_catalogue(folder: Path, rooms: int) -> Path:
    head = "community:\n  name: Example\ncategories:\n  - id: support\n    title: Support\nrooms:\n"
    path = folder / f"{rooms}.yaml"
    path.write_text(head + "".join(map(ROOM.format, range(rooms))))
    return path


def large_catalogues(folder: Path) -> None:
    small, large = write_catalogue(folder, 1_000), write_catalogue(folder, 10_000)
    times: dict[str, list[float]] = {"small": [], "large": [], "yaml": []}
    for _ in range(7):
        for name, load in (
            ("small", lambda: reading.load(small)),
            ("large", lambda: reading.load(large)),
            ("yaml", lambda: yaml.load(large.read_bytes(), Loader=yaml.CSafeLoader)),
        ):
            start = time.perf_counter()
            load()
            times[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(values) for name, values in times.items()}
    print("Catalogue of 10,000 rooms:")
    print(f"  load: {medians['large'] * 1000:.0f} ms")
    print(f"  load / that of 1,000 rooms:     {medians['large'] / medians['small']:.1f} (at most 11)")
    print(f"  load / PyYAML's C loader alone: {medians['large'] / medians['yaml']:.2f} (at most 1.5)")
    command = (sys.executable, "-m", "stashmatrix", "--catalogue", str(large), "validate")
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"  peak memory of validate: {megabytes:.0f} MB (below 250)")


def one_line(folder: Path) -> None:
    """Read a list of values on one line, and a fifth of it, and the same with a value a line."""
    head = "community: {name: E}, categories: [{id: s, title: S}], rooms: "

    def write(values: int, between: str) -> Path:
        path = folder / f"{values}-{len(between)}.yaml"
        flags = between.join(["nsfw"] * values)
        path.write_text(f'{{{head}[{{alias: "#a:example.org", category: s, flags: [{flags}]}}]}}')
        return path

    paths = {"fifth": write(40_000, ", "), "line": write(200_000, ", "), "lines": write(200_000, ",\n ")}
    times = {name: [_load_seconds(path) for _ in range(3)] for name, path in paths.items()}
    medians = {name: statistics.median(values) for name, values in times.items()}
    print("Catalogue with 200,000 values on one line:")
    print(f"  load / that of a fifth:                {medians['line'] / medians['fifth']:.1f} (at most 6)")
    print(f"  load / that of the same on many lines: {medians['line'] / medians['lines']:.2f} (at most 1.2)")


def _load_seconds(path: Path) -> float:
    start = time.perf_counter()
    reading.load(path)
    return time.perf_counter() - start


def suggestions() -> None:
    """Find names that are not there among 50,000: usual ones, and long ones that are all alike."""
    print("A name that is not among 50,000:")
    for name, typed in (("stash-room-number-{}", "stash-rom-nmuber-777"), ("x" * 200 + "{}", "x" * 150)):
        names = {name.format(number): "a room" for number in range(50_000)}
        start = time.perf_counter()
        unknown("room", typed, names, otherwise="")
        taken = time.perf_counter() - start
        print(f"  suggestions for {typed[:20]}: {taken:.2f} s (below 1)")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        start_up(Path(name))
        large_catalogues(Path(name))
        one_line(Path(name))
    suggestions()
