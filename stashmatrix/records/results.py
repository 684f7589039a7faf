"""What a run comes to: links with their verdicts, and the report of them all."""

from dataclasses import dataclass
from enum import StrEnum

from stashmatrix.matrix.identifiers import RoomId
from stashmatrix.records.answers import Answer, Resolved
from stashmatrix.records.findings import Finding, Severity
from stashmatrix.records.reference import Reference


class Verdict(StrEnum):
    """What is known of a link: it works, it is proven not to, or neither."""

    OK = "ok"
    BROKEN = "broken"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A reference that nobody was to ask about, and why: text of the catalogue, or the pattern."""

    reference: Reference
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedLink:
    """A reference with all that was found out about it."""

    reference: Reference
    answer: Answer
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """The verdict, which the findings' severities decide."""
        severities = {finding.check.severity for finding in self.findings}
        if Severity.ERROR in severities:
            return Verdict.BROKEN
        return Verdict.UNVERIFIED if Severity.UNVERIFIED in severities else Verdict.OK

    @property
    def room_id(self) -> RoomId | None:
        """The room that the link leads to, if known."""
        return self.answer.room_id if isinstance(self.answer, Resolved) else None


class FailOn(StrEnum):
    """What makes a report a failure; each includes those before it."""

    BROKEN = "broken"
    WARNING = "warning"
    UNVERIFIED = "unverified"


_FAILING = {
    FailOn.BROKEN: {Severity.ERROR},
    FailOn.WARNING: {Severity.ERROR, Severity.WARNING},
    FailOn.UNVERIFIED: {Severity.ERROR, Severity.WARNING, Severity.UNVERIFIED},
}


@dataclass(frozen=True, slots=True)
class Report:
    """All links of a run, in the order of their references."""

    links: tuple[CheckedLink, ...]
    skipped: tuple[Skipped, ...] = ()
    """The links that nobody was to ask about: they have no verdict."""

    def count(self, verdict: Verdict) -> int:
        """Return how many links have this verdict."""
        return sum(link.verdict is verdict for link in self.links)

    @property
    def warnings(self) -> int:
        """How many warnings there are."""
        return sum(
            finding.check.severity is Severity.WARNING for link in self.links for finding in link.findings
        )

    @property
    def nothing_verified(self) -> bool:
        """Whether there were links and the network said nothing about any of them."""
        return bool(self.links) and self.count(Verdict.UNVERIFIED) == len(self.links)

    def fails(self, fail_on: FailOn) -> bool:
        """Say whether a finding is as bad as ``fail_on``."""
        return any(
            finding.check.severity in _FAILING[fail_on] for link in self.links for finding in link.findings
        )
