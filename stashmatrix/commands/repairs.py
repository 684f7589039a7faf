"""The repair of check-links: which files are mended, what is written, and what is shown instead."""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from stashmatrix import files
from stashmatrix.commands import documents, terminal
from stashmatrix.commands.checker import Checker, warn
from stashmatrix.commands.exits import ExitStatus, report_error
from stashmatrix.commands.signals import Interruption
from stashmatrix.documents.read import Page
from stashmatrix.errors import StashmatrixError
from stashmatrix.formats.diff import unified
from stashmatrix.mending import Repair, mend, repairs
from stashmatrix.records.findings import Check
from stashmatrix.records.reference import Reference
from stashmatrix.records.results import CheckedLink, Report
from stashmatrix.text import counted, printable, printable_path

_MOST_ROUNDS = 5
"""Rounds in which a file is mended: a link that is mended may have a second finding, which is mended next."""


class Repairs:
    """The repairs of one run: made in the files, or kept here to be shown."""

    def __init__(
        self,
        wanted: documents.Wanted | None,
        page: Page,
        *,
        unsafe: bool,
        write: bool,
    ) -> None:
        """Begin with the ``page`` that was read of what is ``wanted``."""
        self.page = page
        self.unsafe = unsafe
        self.write = write
        self._wanted = wanted
        self._digests = dict(page.digests)
        self._changes: dict[str, tuple[bytes, bytes]] = {}
        self._found = page.references
        self._refused: dict[str, set[Repair]] = defaultdict(set)
        self._left: set[str] = set()

    def run(self, checker: Checker, interruption: Interruption, also: frozenset[Check]) -> Report:
        """Mend what needs no answer, check, and mend what the answers tell; return what is left.

        These findings are mended ``also``, whether they are reported or not. Nobody is asked if no answer
        could add to what is shown. Raises ``KeyboardInterrupt`` as the check does.
        """
        for _ in range(_MOST_ROUNDS):
            report = checker.check_offline(self.page, also)
            mended = self._mend(report.links if checker.options.offline else map(_without_via, report.links))
            if not mended:
                break
            self._put_in(mended)
        if not self.write and (checker.options.offline or not self.unsafe):
            return report
        report = checker.check(self.page, interruption)
        if not self.unsafe or report.interrupted:
            return report
        for _ in range(_MOST_ROUNDS):
            mended = self._mend(report.links)
            if not mended:
                break
            report = self._checked_again(report, mended, checker)
        return report

    def _checked_again(self, report: Report, mended: Mapping[str, Page], checker: Checker) -> Report:
        """Return a report as it is now that these files are mended: their links that changed are checked."""
        before = self.page.references
        self._put_in(mended)
        now = {old.source: new for old, new in zip(before, self.page.references, strict=True)}

        def current(reference: Reference) -> Reference:
            return now[reference.source]._replace(ignores=reference.ignores)

        links = [replace(link, reference=current(link.reference)) for link in report.links]
        changed = [
            link.reference
            for old, link in zip(report.links, links, strict=True)
            if _reads_otherwise(old.reference, link.reference)
        ]
        again = {link.reference.source: link for link in checker.check_again(changed)}
        return replace(
            report,
            links=tuple(again.get(link.reference.source, link) for link in links),
            skipped=tuple(replace(each, reference=current(each.reference)) for each in report.skipped),
        )

    def _mend(self, links: Iterable[CheckedLink]) -> Mapping[str, Page]:
        """Mend the files of these links; return how those that changed are read now."""
        of_file: dict[str, list[CheckedLink]] = defaultdict(list)
        for link in links:
            of_file[link.reference.source.path].append(link)
        mended: dict[str, Page] = {}
        for path, its_links in of_file.items():
            if path in self._left:
                continue
            try:
                page = self._mend_file(path, its_links)
            except StashmatrixError as error:
                report_error(error)
                self._left.add(path)
            else:
                mended |= {} if page is None else {path: page}
        return mended

    def _mend_file(self, path: str, links: Sequence[CheckedLink]) -> Page | None:
        """Mend one file; raise ``StashmatrixError`` if it changed meanwhile, or cannot be written."""
        read_again = partial(documents.read_again, self._wanted, path)
        refused = self._refused[path]
        while wanted := repairs(links, unsafe=self.unsafe, refused=refused):
            data = self._data(path)
            result = mend(data, wanted, lambda new: read_again(new).references)
            for repair in result.refused:
                refused.add(repair)
                warn(f"{printable_path(path)}: {_not_made(repair)}")
            if result.made:
                if self.write:
                    self._check_place(path)
                    files.rewrite(Path(path), data, result.data)
                self._changes[path] = (self._changes.get(path, (data, b""))[0], result.data)
                return read_again(result.data)
        return None

    def _data(self, path: str) -> bytes:
        """Return what a file holds; raise ``StashmatrixError`` if it is not what was read."""
        if path in self._changes and not self.write:
            return self._changes[path][1]
        data = documents.data_of(self._wanted, path)
        mended = self._changes.get(path)
        if hash(data) != (self._digests[path] if mended is None else hash(mended[1])):
            raise files.unwritable(Path(path), files.CHANGED)
        return data

    def _check_place(self, path: str) -> None:
        """Raise ``StashmatrixError`` if a symbolic link leads what is written out of what was named."""
        files.check_stays_inside(Path(path), Path.cwd())
        if not Path(path).is_symlink():
            return
        named = () if self._wanted is None else self._wanted.paths
        allowed = [Path(os.path.realpath(each)) for each in named if not Path(each).is_symlink()]
        real = Path(os.path.realpath(path))
        if not any(real.is_relative_to(each) for each in allowed):
            shown = printable_path(str(real))
            raise files.unwritable(Path(path), f"it is a symbolic link, and {shown} was not named")

    def _put_in(self, mended: Mapping[str, Page]) -> None:
        """Put how files are read now in the place of how they were."""
        pages = {path: iter(page.references) for path, page in mended.items()}
        self.page = self.page._replace(
            references=tuple(
                next(pages[each.source.path]) if each.source.path in pages else each
                for each in self.page.references
            ),
            ignores=(
                *(each for each in self.page.ignores if not each.source or each.source.path not in mended),
                *(ignore for page in mended.values() for ignore in page.ignores),
            ),
        )

    @property
    def status(self) -> ExitStatus:
        """The exit code of a run that only shows what it would change."""
        return ExitStatus.FINDINGS if self._changes else ExitStatus.OK

    def show(self, left: Report) -> bool:
        """Say what was mended, or write to stdout what would be; return whether all of it could be."""
        if not self.write:
            changes = self._changes.items()
            _write_diff(
                b"".join(unified(_from_here(path), before, after) for path, (before, after) in changes)
            )
        mended = sum(map(_reads_otherwise, self._found, self.page.references))
        verb = "fixed" if self.write else "would fix"
        unsafe = 0 if self.unsafe else left.fixable(safe=False)
        more = f" ({unsafe} more with --unsafe-fixes)" if unsafe else ""
        terminal.note(f"{verb} {counted(mended, 'link')} in {counted(len(self._changes), 'file')}{more}")
        return not self._left


def _reads_otherwise(old: Reference, new: Reference) -> bool:
    """Say whether a link, or its label, reads otherwise than it did."""
    return (old.text, old.label) != (new.text, new.label)


def _without_via(link: CheckedLink) -> CheckedLink:
    """Return a link without the finding that answers may mend better: they tell of servers in its room."""
    return replace(
        link, findings=tuple(each for each in link.findings if each.check is not Check.MISSING_VIA)
    )


def _from_here(path: str) -> str:
    """Return a path as ``git apply`` takes it: without ``..``, from the working directory if it is there."""
    short = os.path.relpath(path)
    return os.path.abspath(path) if short.startswith("../") else short  # noqa: PTH100 (as written, not real)


def _write_diff(diff: bytes) -> None:
    """Write a diff to stdout; on a terminal, nothing in it can mislead."""
    if terminal.is_interactive():
        lines = diff.decode(errors="backslashreplace").split("\n")
        terminal.write("\n".join(map(printable, lines)))
    else:
        terminal.write_bytes(diff)


def _not_made(repair: Repair) -> str:
    shown = printable(repair.fix.replacement, limit=200)
    return f"not fixed, {repair.check.code}: with {shown}, the file would not be read as it should"
