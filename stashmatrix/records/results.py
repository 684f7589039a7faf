"""The result of a run: every link with its verdict, and the report of them all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from stashmatrix.matrix.identifiers import RoomId
from stashmatrix.records.answers import Answer, Resolved
from stashmatrix.records.findings import Finding, Severity
from stashmatrix.records.reference import Ignore, Reference


class Verdict(StrEnum):
    """Whether a link works: yes, proven not to, or no proof either way."""

    OK = "ok"
    BROKEN = "broken"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A reference that was not to be checked, and what says so."""

    reference: Reference
    ignore: Ignore


class IgnoredFinding(NamedTuple):
    """A finding that is not to be reported, and what says so."""

    finding: Finding
    ignore: Ignore


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedLink:
    """A reference with its answer, and what that answer was judged to mean."""

    reference: Reference
    answer: Answer | None
    """``None`` if its target was not to be asked about."""
    findings: tuple[Finding, ...]
    verdict: Verdict | None
    """``None`` if nothing proves it broken and it was not to be asked about, or what decides is ignored."""
    ignored: tuple[IgnoredFinding, ...] = ()
    """What was found and is not to be reported."""

    @property
    def room_id(self) -> RoomId | None:
        """The room that the link leads to, or ``None`` if unknown."""
        return self.answer.room_id if isinstance(self.answer, Resolved) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What was checked, and when."""

    paths: tuple[str, ...] = ()
    """As the user named them; none if it was a catalogue."""
    catalogue: str | None = None
    documents: int = 1
    """How many files were read."""
    configuration: str | None = None
    """The configuration file in force."""
    began: datetime
    seconds: float
    """How long it took."""


@dataclass(frozen=True, slots=True)
class Report:
    """All links of a run, in the order of their references."""

    links: tuple[CheckedLink, ...]
    skipped: tuple[Skipped, ...] = ()
    """The links that were not to be checked; they have no verdict."""
    interrupted: bool = False
    """Whether Ctrl-C ended the questions: links without an answer are unverified."""

    unused_ignores: tuple[CheckedLink, ...] = ()
    """Places where something is written that silences nothing: no links, and each with its finding."""
    not_looked_at: int = 0
    """The number of links besides these that stand on lines which did not change."""
    run: Run | None = None
    """``None`` if nobody recorded it."""
    root: str = ""
    """The repository's root, as an absolute path; empty if it is unknown."""
    folder: str = ""
    """Where relative paths count from, seen from the repository's root; empty if that is the same."""

    def count(self, verdict: Verdict) -> int:
        """Return the number of links with this verdict."""
        return sum(link.verdict is verdict for link in self.links)

    @property
    def findings(self) -> Iterator[tuple[CheckedLink, Finding]]:
        """All findings with their places, in the order of the links, and then of the ignores."""
        return ((link, finding) for link in (*self.links, *self.unused_ignores) for finding in link.findings)

    @property
    def warnings(self) -> int:
        """The number of warnings; a link may have several."""
        return sum(finding.severity is Severity.WARNING for _, finding in self.findings)

    def fixable(self, *, safe: bool) -> int:
        """Return the number of findings with a fix of this kind."""
        return sum(finding.fix is not None and finding.fix.safe is safe for _, finding in self.findings)

    @property
    def ignored(self) -> int:
        """The number of findings that are not to be reported."""
        return sum(len(link.ignored) for link in self.links)
