"""The result of a run: every link with its verdict, and the report of them all."""

from dataclasses import dataclass
from enum import StrEnum

from stashmatrix.matrix.identifiers import RoomId
from stashmatrix.records.answers import Answer, Resolved
from stashmatrix.records.findings import Finding, Severity
from stashmatrix.records.reference import Reference


class Verdict(StrEnum):
    """Whether a link works: yes, proven not to, or no proof either way."""

    OK = "ok"
    BROKEN = "broken"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A reference that was not to be checked, and why: the catalogue's words, or the option."""

    reference: Reference
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedLink:
    """A reference with its answer, and what that answer was judged to mean."""

    reference: Reference
    answer: Answer | None
    """``None`` if its target was not to be asked about."""
    findings: tuple[Finding, ...]
    verdict: Verdict | None
    """``None`` if nothing proves it broken, and it was not to be asked about."""

    @property
    def room_id(self) -> RoomId | None:
        """The room that the link leads to, or ``None`` if unknown."""
        return self.answer.room_id if isinstance(self.answer, Resolved) else None


@dataclass(frozen=True, slots=True)
class Report:
    """All links of a run, in the order of their references."""

    links: tuple[CheckedLink, ...]
    skipped: tuple[Skipped, ...] = ()
    """The links that were not to be checked; they have no verdict."""
    interrupted: bool = False
    """Whether Ctrl-C ended the questions: links without an answer are unverified."""

    folder: str = ""
    """Where relative paths count from, seen from the repository's root; empty if that is the same."""

    def count(self, verdict: Verdict) -> int:
        """Return the number of links with this verdict."""
        return sum(link.verdict is verdict for link in self.links)

    @property
    def warnings(self) -> int:
        """The number of warnings; a link may have several."""
        return sum(finding.severity is Severity.WARNING for link in self.links for finding in link.findings)
