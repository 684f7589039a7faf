"""The files that git does not ignore."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from stashmatrix.text import printable, printable_path

if TYPE_CHECKING:
    import subprocess

# A checkout may name programs for these two, and the lock is for the programs that write.
_GIT = (
    *("git", "--no-optional-locks", "--no-pager"),
    *("-c", "core.fsmonitor=false", "-c", "core.untrackedCache=false"),
)
_LIST = ("ls-files", "-t", "-z", "--cached", "--others", "--exclude-standard")

# Set in a hook, where they name the repository of the hook: git is to find that of the folder.
_OF_ONE_REPOSITORY = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
)
# A partial clone fetches nothing, with a git that does not know the first of these either; messages are
# in English.
_OURS = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "", "LC_ALL": "C"}


class Listing(NamedTuple):
    """Paths as git lists them, relative to the folder it was asked for: of files, and of repositories."""

    tracked: set[str]
    untracked: set[str]


def listing(folder: str, environment: Mapping[str, str], *, note: Callable[[str], None]) -> Listing | None:
    """Return what git does not ignore in ``folder``; ``None`` without git, or outside a checkout.

    Files that were deleted are in it, and of a repository within that of ``folder`` its folder only. Says
    with ``note`` why git refuses a checkout, such as one of another user.
    """
    result = run(["-C", folder, *_LIST], environment)
    if result is None:
        return None
    if result.returncode:
        reason = result.stderr.decode(errors="replace").partition("fatal: ")[2].partition("\n")[0]
        if not reason.startswith("not a git repository"):
            told = printable(reason, limit=200) or f"exit status {result.returncode}"
            note(f"git cannot list {printable_path(folder)}: {told}; its .gitignore files are read instead")
        return None
    return _read(result.stdout)


def run(
    arguments: Sequence[str], environment: Mapping[str, str]
) -> "subprocess.CompletedProcess[bytes] | None":
    """Run git, which runs no program that a checkout names; ``None`` without git."""
    import subprocess

    variables = {name: value for name, value in environment.items() if name not in _OF_ONE_REPOSITORY}
    try:
        return subprocess.run(  # noqa: S603  # what a user chose is the value of an option, or no option
            [*_GIT, *arguments],
            env=variables | _OURS,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError:
        return None


def _read(output: bytes) -> Listing:
    lines = os.fsdecode(output).split("\0")[:-1]
    untracked = {line[2:].removesuffix("/") for line in lines if line.startswith("?")}
    return Listing({line[2:] for line in lines if not line.startswith("?")}, untracked)
