"""The lines that a change touched, as git tells them."""

import os
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from stashmatrix.documents import git
from stashmatrix.errors import StashmatrixError
from stashmatrix.records.reference import Source
from stashmatrix.text import printable, quoted

# Whatever a checkout configures, no program of its choice makes or shows the difference.
_DIFF = (
    *("diff", "--unified=0", "--no-color", "--no-ext-diff", "--no-textconv", "--ignore-submodules"),
    *("--src-prefix=a/", "--dst-prefix=b/", "--no-relative", "--no-renames"),
)
_NEW = ("ls-files", "-z", "--others", "--exclude-standard")
_HUNK = re.compile(rb"@@ -\d+(?:,(?P<removed>\d+))? \+(?P<start>\d+)(?:,(?P<added>\d+))? @@")
_FETCH = "fetch it first; in CI, check out with the whole history (fetch-depth: 0)"


class Changes(NamedTuple):
    """What differs between the working tree and a commit."""

    lines: Mapping[str, Collection[range]]
    """The lines of each file that is not new, by its real path."""
    new: Collection[str]
    """The real paths of the files that git does not know."""

    def touch(self, source: Source) -> bool:
        """Say whether a line was changed or added."""
        real = os.path.realpath(source.path)
        return real in self.new or any(source.line in lines for lines in self.lines.get(real, ()))


def changes_since(revision: str, environment: Mapping[str, str]) -> Changes:
    """Return what changed since the working tree's branch left ``revision``.

    Raises ``StashmatrixError`` outside a checkout, without git, or if it knows no such revision.
    """
    top = _git(["rev-parse", "--show-toplevel"], environment)
    if top is None:
        raise StashmatrixError("--changed-since needs git, and a checkout of it")
    folder = Path(os.fsdecode(top).removesuffix("\n"))
    commit = None
    if not revision.startswith("-"):
        commit = _git(["rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"], environment)
    if commit is None:
        raise StashmatrixError(f"git knows no revision {quoted(revision)}", hint=_FETCH)
    commit = commit.strip()
    base = _git(["merge-base", os.fsdecode(commit), "HEAD"], environment) or commit
    diff = _git([*_DIFF, os.fsdecode(base.strip()), "--"], environment)
    untracked = _git(["-C", os.fspath(folder), *_NEW], environment)
    if diff is None or untracked is None:
        raise StashmatrixError(f"git cannot tell what changed since {printable(revision)}")
    lines: dict[str, list[range]] = {}
    for path, added in _added(diff):
        lines.setdefault(os.path.realpath(folder / os.fsdecode(path)), []).append(added)
    new = {os.path.realpath(folder / path) for path in os.fsdecode(untracked).split("\0") if path}
    return Changes(lines, new)


def _git(arguments: list[str], environment: Mapping[str, str]) -> bytes | None:
    output = git.run(arguments, environment)
    return output.stdout if output is not None and output.returncode == 0 else None


def _added(diff: bytes) -> Iterator[tuple[bytes, range]]:
    """Yield each stretch of lines that a difference adds, with its file; hunks hold no headers."""
    path, left = b"", 0
    for line in diff.split(b"\n"):
        if left and line.startswith((b"+", b"-")):
            left -= 1
        elif line.startswith(b"+++ "):
            path = _unquoted(line[4:]).removeprefix(b"b/")
        elif hunk := _HUNK.match(line):
            start, added = int(hunk["start"]), int(hunk["added"] or 1)
            left = added + int(hunk["removed"] or 1)
            if added:
                yield path, range(start, start + added)


def _unquoted(path: bytes) -> bytes:
    """Return a path without the quotes and escapes that git writes around an unusual one."""
    if not path.startswith(b'"'):
        return path.removesuffix(b"\t")
    escaped = path.rstrip(b"\t")[1:-1]
    return escaped.decode("unicode_escape", errors="replace").encode("latin-1", errors="replace")
