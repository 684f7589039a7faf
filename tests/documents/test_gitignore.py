"""Patterns of ``.gitignore`` files: what git makes of them, and nothing else."""

import os
import subprocess
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from stashmatrix.documents.collect import Selection, collect
from stashmatrix.documents.gitignore import read

NAMES = ("a", "ab", "b.md", "[x]")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a tree of every name in every folder, three deep, beside which a repository stands."""
    folder = tmp_path_factory.mktemp("gitignore") / "tree"
    for names in product(("a", "ab"), ("a", "c"), NAMES):
        for depth in (1, 2, 3):
            path = folder.joinpath(*names[-depth:])
            if not path.is_dir():
                path.parent.mkdir(parents=True, exist_ok=True)
    for above, _, _ in [*os.walk(folder)]:
        for name in NAMES:
            if not Path(above, name).exists():
                Path(above, name).touch()
    subprocess.run(["git", "init", "--quiet", "--bare", folder.with_name("repository")], check=True)
    return folder


def listed_by_git(tree: Path) -> list[str]:
    repository = [f"--git-dir={tree.with_name('repository')}", f"--work-tree={tree}", "-c", "core.bare=false"]
    output = subprocess.run(
        ["git", *repository, "ls-files", "-z", "--others", "--exclude-standard"],
        cwd=tree,
        check=True,
        capture_output=True,
    ).stdout
    return sorted(os.fsdecode(output).split("\0")[:-1])


def listed_by_us(tree: Path) -> list[str]:
    selection = Selection(include=("*",), exclude=(), hidden=True)
    documents = collect([str(tree)], selection, warn=lambda _: None, environment=os.environ)
    return [document.path.removeprefix(f"{tree}/") for document in documents]


segments = st.sampled_from(
    [
        "a",
        "ab",
        "c",
        "b.md",
        "*",
        "**",
        "*.md",
        "a*",
        "?",
        "[ab]",
        "[!a]",
        "*b*",
        "\\[x\\]",
        "[[]x]",
        "[x]",
        "[a-b].md",
    ]
)
patterns = st.builds(
    lambda negated, anchored, names, folder: negated + anchored + "/".join(names) + folder,
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "/"]),
    st.lists(segments, min_size=1, max_size=4),
    st.sampled_from(["", "", "/"]),
)
ignore_files = st.lists(patterns, max_size=4).map("\n".join)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(ignore_files, ignore_files, ignore_files)
@example("*\n!*/\n!*.md", "", "")
@example("a/**\n!a/b.md", "", "")
@example("/*\n!/a", "*\n!b.md", "")
@example("*.md", "!b.md", "b.md")
@example("a/**/b.md\n**/c/a\n**", "!**/", "")
@example("a \nab\\ \n#a\n\\#a\n\\!a\n/\n//\n!\n\\", "[", "[]")
def test_the_files_that_are_left_are_those_that_git_leaves(
    tree: Path, top: str, inner: str, deep: str
) -> None:
    for folder, text in [(tree, top), (tree / "a", inner), (tree / "ab" / "c", deep)]:
        (folder / ".gitignore").write_text(text)
    assert listed_by_us(tree) == listed_by_git(tree)


@pytest.mark.parametrize(
    ("content", "excluded", "kept"),
    [
        pytest.param(b"\xef\xbb\xbfa\r\nb\r\n", ["a", "b"], ["a\r"], id="BOM and CRLF"),
        pytest.param(b"caf\xe9\n", [os.fsdecode(b"caf\xe9")], ["caf\u00e9"], id="Latin-1"),
        pytest.param(b"[[:digit:]]x\n", ["1x"], ["ax", ":x"], id="POSIX class"),
        pytest.param(b"[[:nonsense:]]\n[z-a]\n[a", [], ["n", "z", "[a"], id="what is no pattern"),
        pytest.param(b"[a-c]\n[x-]\n[]]\n[^0-9]", ["b", "-", "]", "z"], ["0", "5"], id="brackets"),
        pytest.param(b"a[!b]c", ["axc"], ["a/c", "abc"], id="no bracket matches a slash"),
        pytest.param(b"a\\", [], ["a", "a\\"], id="backslash at the end"),
        pytest.param(b"a\nb", [], ["a\n", "b\n"], id="a name that ends a line"),
    ],
)
def test_a_file_is_read_as_git_reads_it(content: bytes, excluded: list[str], kept: list[str]) -> None:
    found = read(content)
    assert [name for name in excluded if not found.match(name)] == []
    assert [name for name in kept if found.match(name)] == []
