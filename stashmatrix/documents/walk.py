"""A folder walked: the files in it that are read."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from stashmatrix import files
from stashmatrix.documents import git, gitignore, kinds
from stashmatrix.documents.gitignore import Patterns
from stashmatrix.documents.ignoring import IgnoredByFiles, IgnoredByGit, IgnoredByNone, Ignoring
from stashmatrix.errors import StashmatrixError
from stashmatrix.text import printable_path

_MAX_GITIGNORE = 1024 * 1024


class Folder(NamedTuple):
    """A folder to walk.

    A place is a path relative to what patterns are relative to: the working directory, or for a folder
    outside it, that folder. A folder's place ends with a slash, unless it is empty.
    """

    path: str
    """As it is shown and opened, also with a slash at its end unless it is empty."""
    place: str
    ignoring: Ignoring
    included: bool = False
    """Whether programs are read."""
    chosen: bool = True
    """Whether files are read, or only those that the glob of the walk matches."""


class Found(NamedTuple):
    """A file that was found."""

    path: str
    included: bool
    """Whether it is read whatever its kind."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Which names and places are read."""

    include: Patterns
    exclude: Patterns
    vendored: Collection[str]
    hidden: bool

    def excludes_above(self, place: str) -> bool:
        """Say whether a pattern excludes one of the folders that ``place`` is in."""
        return any(self.exclude.match(above, folder=True) for above in folders_above(place))

    def includes_above(self, place: str) -> bool:
        """Say whether the patterns include the folder that ``place`` is in."""
        included = False
        for above in folders_above(place):
            included = self.includes(above, inherited=included, folder=True)
        return included

    def includes(self, place: str, *, inherited: bool, folder: bool = False) -> bool:
        """Say whether the patterns include what is at ``place``, in a folder of which they say so."""
        verdict = self.include.match(place, folder=folder)
        return inherited if verdict is None else verdict

    def enters(self, name: str, place: str) -> bool:
        """Say whether the folder of that name at ``place`` is walked."""
        return (
            name not in self.vendored
            and name not in kinds.REPOSITORIES
            and (self.hidden or not kinds.is_hidden(name))
            and not self.exclude.match(place, folder=True)
        )

    def takes(self, name: str, place: str, *, included: bool) -> bool:
        """Say whether the file of that name at ``place`` is read."""
        return (
            (included or kinds.is_document(name))
            and (self.hidden or not name.startswith("."))
            and not self.exclude.match(place)
        )


def folders_above(place: str) -> Iterator[str]:
    """Yield the folders that a place is in, from the top down: ``a`` and ``a/b`` for ``a/b/c``."""
    above = place.rpartition("/")[0]
    if above:
        yield from accumulate(above.split("/"), "{}/{}".format)


@dataclass(frozen=True, slots=True)
class Walker:
    """What one run needs to walk folders."""

    rules: Rules
    no_ignore: bool
    default_output: bool
    """Whether folders of ``kinds.OUTPUT`` are left out."""
    environment: Mapping[str, str]
    warn: Callable[[str], None]

    def walk(self, path: str, place: str, glob: Patterns | None = None) -> list[Found]:
        """Return the files to read in the folder at ``path``, and of those all that ``glob`` matches.

        Both paths end with a slash unless they are empty; ``glob`` is relative to the folder.
        """
        found: list[Found] = []
        if self.rules.excludes_above(place):
            return found
        included = self.rules.includes_above(place)
        top = Folder(path, place, self._ignoring_at(path, place), included, chosen=glob is None)
        folders = [top]
        while folders:
            folder = folders.pop()
            entries = self._entries(folder)
            if entries is None:
                continue
            if folder is not top or isinstance(folder.ignoring, IgnoredByFiles):
                folder = self._with_own_rules(folder, entries, is_top=folder is top)
            inner = (self._enter(folder, name, len(place), glob) for name in entries.folders)
            folders += [each for each in inner if each is not None]
            found += self._take(folder, entries.files, len(place), glob)
        return sorted(found)

    def _enter(self, folder: Folder, name: str, start: int, glob: Patterns | None) -> Folder | None:
        place = folder.place + name
        if (
            name in folder.ignoring.output
            or not self.rules.enters(name, place)
            or not folder.ignoring.takes(place, folder=True)
        ):
            return None
        included = self.rules.includes(place, inherited=folder.included, folder=True)
        chosen = folder.chosen or (glob is not None and bool(glob.match(place[start:], folder=True)))
        return Folder(f"{folder.path}{name}/", f"{place}/", folder.ignoring, included, chosen)

    def _take(
        self, folder: Folder, names: Iterable[str], start: int, glob: Patterns | None
    ) -> Iterator[Found]:
        for name in names:
            place = folder.place + name
            if not folder.ignoring.takes(place, folder=False):
                continue
            included = self.rules.includes(place, inherited=folder.included)
            if not folder.chosen:
                if glob is None or not glob.match(place[start:]):
                    continue
                included = True
            if self.rules.takes(name, place, included=included):
                yield Found(folder.path + name, included)

    def _entries(self, folder: Folder) -> "_Entries | None":
        found = _Entries([], [], has_git=False)
        try:
            with os.scandir(folder.path or ".") as entries:
                for entry in entries:
                    if entry.name == ".git":
                        found = found._replace(has_git=True)
                    elif entry.is_dir(follow_symlinks=False):
                        found.folders.append(entry.name)
                    elif entry.is_file(follow_symlinks=False):
                        found.files.append(entry.name)
        except OSError as error:
            self.warn(f"{printable_path(folder.path or '.')} cannot be read: {error.strerror}")
            return None
        return found

    def _ignoring_at(self, path: str, place: str) -> Ignoring:
        """Return what is ignored in a folder that the user named."""
        if self.no_ignore:
            return IgnoredByNone()
        if (by_git := self._ignored_by_git(path, len(place))) is not None:
            return by_git
        ignoring = self._ignored_by_files()
        if path.endswith(place):
            base = path.removesuffix(place)
            for above in ("", *(f"{above}/" for above in folders_above(place))):
                if above != place:  # whose own file is read as every folder's
                    ignoring = self._with_gitignore(ignoring, base + above, len(above))
        return ignoring

    def _ignored_by_files(self) -> IgnoredByFiles:
        return IgnoredByFiles(kinds.OUTPUT if self.default_output else ())

    def _ignored_by_git(self, path: str, start: int) -> IgnoredByGit | None:
        listed = git.listing(path or ".", self.environment, note=self.warn)
        if listed is None:
            return None
        output = kinds.UNTRACKED_OUTPUT if self.default_output else frozenset()
        written = (path for path in listed.untracked if output.isdisjoint(path.split("/")[:-1]))
        paths = listed.tracked.union(written)
        return IgnoredByGit(start, paths, _folders_of(paths))

    def _with_own_rules(self, folder: Folder, entries: "_Entries", *, is_top: bool) -> Folder:
        """Return ``folder`` with what it says itself of what is ignored in it."""
        ignoring: Ignoring = folder.ignoring
        if isinstance(ignoring, IgnoredByNone):
            return folder
        if entries.has_git and not is_top:
            ignoring = self._ignored_by_git(folder.path, len(folder.place)) or self._ignored_by_files()
        if isinstance(ignoring, IgnoredByFiles) and ".gitignore" in entries.files:
            ignoring = self._with_gitignore(ignoring, folder.path, len(folder.place))
        return folder._replace(ignoring=ignoring)

    def _with_gitignore(self, ignoring: IgnoredByFiles, path: str, start: int) -> IgnoredByFiles:
        try:
            data = files.read_bytes(f"{path}.gitignore", limit=_MAX_GITIGNORE, follow=False)
        except StashmatrixError as error:
            if not isinstance(error.__cause__, FileNotFoundError):
                self.warn(error.message)
            return ignoring
        own = (start, gitignore.read(data or b""))
        return IgnoredByFiles(ignoring.output, (*ignoring.patterns, own))


class _Entries(NamedTuple):
    """The names in a folder, without links, pipes and devices."""

    folders: list[str]
    files: list[str]
    has_git: bool


def _folders_of(paths: Iterable[str]) -> set[str]:
    """Return all folders that any of ``paths`` is in."""
    folders: set[str] = set()
    for path in paths:
        above = path.rpartition("/")[0]
        while above and above not in folders:
            folders.add(above)
            above = above.rpartition("/")[0]
    return folders
