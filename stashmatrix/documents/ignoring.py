"""What is left out of a folder because somebody ignores it.

A place is a path as in ``walk.Folder``, here without a slash at its end.
"""

from collections.abc import Collection
from dataclasses import dataclass

from stashmatrix.documents.gitignore import Patterns


@dataclass(frozen=True, slots=True)
class IgnoredByNone:
    """Nothing is ignored."""

    output: Collection[str] = ()
    """Names of folders that are left out because nobody tells that a person wrote what is in them."""

    def takes(self, place: str, *, folder: bool) -> bool:
        """Say yes."""
        del place, folder
        return True


@dataclass(frozen=True, slots=True)
class IgnoredByFiles:
    """The ``.gitignore`` files decide, the deepest first."""

    output: Collection[str]
    patterns: tuple[tuple[int, Patterns], ...] = ()
    """Patterns from the top down, each after the length of the place that its paths are relative to."""

    def takes(self, place: str, *, folder: bool) -> bool:
        """Ask the patterns, from the deepest up."""
        for start, patterns in reversed(self.patterns):
            if (verdict := patterns.match(place[start:], folder=folder)) is not None:
                return not verdict
        return True


@dataclass(frozen=True, slots=True)
class IgnoredByGit:
    """Git decides: what it lists is not ignored."""

    start: int
    """The length of the place that its paths are relative to."""
    files: Collection[str]
    """These, and repositories within that of the folder."""
    folders: Collection[str]
    """Those that hold one of ``files``."""
    output: Collection[str] = ()

    def takes(self, place: str, *, folder: bool) -> bool:
        """Look into git's list."""
        path = place[self.start :]
        return path in self.files or (folder and path in self.folders)


Ignoring = IgnoredByNone | IgnoredByFiles | IgnoredByGit
