"""Alike findings and alike skipped links as one row, as people read them."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from stashmatrix.records.answers import Unknown
from stashmatrix.records.findings import CHECK_OF_REASON, Check, Severity
from stashmatrix.records.results import CheckedLink, Report, Skipped
from stashmatrix.text import printable

if TYPE_CHECKING:
    from stashmatrix.matrix.identifiers import ServerName


class Row(NamedTuple):
    """What people read of a finding, or of one that many links share."""

    link: CheckedLink
    check: Check
    message: str


class SkippedRow(NamedTuple):
    """What people read of a skipped link, or of those that share a reason."""

    link: Skipped
    """The first of them."""
    what: str
    """The alias, or how many links there are."""
    reason: str


def rows(report: Report) -> Iterable[Row]:
    """Return a row for each finding, in the links' order.

    Links that stayed open for one reason of one server are one row, at the first of them: the trouble is
    the server's.
    """
    awaited: dict[tuple[ServerName, Check], list[Unknown]] = defaultdict(list)
    for link in report.links:
        if isinstance(link.answer, Unknown):
            awaited[link.reference.target.server_name, CHECK_OF_REASON[link.answer.reason]].append(
                link.answer
            )
    for link in report.links:
        for finding in link.findings:
            if finding.check.severity is not Severity.UNVERIFIED:
                yield Row(link, finding.check, finding.message)
                continue
            answers = awaited.pop((link.reference.target.server_name, finding.check), [])
            if len(answers) == 1:
                yield Row(link, finding.check, finding.message)
            elif answers:
                many = f"{len(answers)} links to {printable(link.reference.target.server_name)}"
                details = [printable(answer.detail, limit=300) for answer in answers]
                # A detail may name the very link that it is about.
                first = ":" if len(set(details)) == 1 else ", the first because"
                yield Row(link, finding.check, f"{many} could not be checked{first} {details[0]}")


def skipped_rows(report: Report) -> Iterable[SkippedRow]:
    """Return a row for each reason, at the first link that has it: a pattern may match many."""
    alike: dict[str, list[Skipped]] = defaultdict(list)
    for link in report.skipped:
        alike[link.reason].append(link)
    for reason, links in alike.items():
        what = printable(links[0].reference.target) if len(links) == 1 else f"{len(links)} links"
        yield SkippedRow(links[0], what, printable(reason, limit=300))
