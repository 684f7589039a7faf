"""What people read of a report: similar findings as one row, and what is left to do."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.records.answers import Unknown
from stashmatrix.records.findings import CHECK_OF_REASON, Check, Finding, Severity
from stashmatrix.records.reference import Ignore, Source
from stashmatrix.records.results import CheckedLink, Report, Skipped
from stashmatrix.text import printable, printable_path


@dataclass(frozen=True, slots=True)
class Row:
    """A finding of one link, or one that stands for those of several links."""

    link: CheckedLink
    """The first of them."""
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoredRow:
    """A link that was skipped, or a finding that is not reported; or all of them for the same reason."""

    link: CheckedLink | Skipped
    """The first of them."""
    subject: str
    """The link's name, or the number of links; and the finding, if it is one."""
    reason: str


def rows(report: Report, *, unfolded: bool = False) -> Iterable[Row]:
    """Yield a row for each finding, in the order of the links.

    Links to one server that are unverified for the same reason share a row, at the first of them: the
    problem is the server's. They do not if ``unfolded``.
    """
    if unfolded:
        yield from (Row(link, finding) for link, finding in report.findings)
        return
    unknown: dict[tuple[str, Check], list[Unknown]] = defaultdict(list)
    for link in report.links:
        if isinstance(link.answer, Unknown):
            check = CHECK_OF_REASON[link.answer.reason]
            unknown[_server(link), check].append(link.answer)
    for link, finding in report.findings:
        if finding.severity is not Severity.UNVERIFIED:
            yield Row(link, finding)
            continue
        answers = unknown.pop((_server(link), finding.check), ())
        if len(answers) == 1:
            yield Row(link, finding)
        elif answers:
            yield Row(link, _shared(finding.check, _server(link), answers))


def _server(link: CheckedLink) -> str:
    """Return what an answer about a link is the doing of; a room ID names no server, and stands alone."""
    target = link.reference.target
    return target.server_name if isinstance(target, RoomAlias) else str(target)


def _shared(check: Check, server: str, answers: Sequence[Unknown]) -> Finding:
    """Return the finding that stands for all ``answers``, which are several."""
    details = [printable(answer.detail, limit=300) for answer in answers]
    # A detail may name the link it is about, and so differ between links.
    separator = ":" if len(set(details)) == 1 else "; the first:"
    links = f"{len(answers)} links to {printable(server)}"
    return Finding(check, f"{links} could not be checked{separator} {details[0]}")


def ignored_rows(report: Report, *, unfolded: bool = False) -> Iterable[IgnoredRow]:
    """Yield a row for each reason, at the first link that has it: a pattern may match many.

    Yield one for each link if ``unfolded``.
    """
    alike: dict[tuple[Ignore, str | None], list[CheckedLink | Skipped]] = defaultdict(list)
    for skipped in report.skipped:
        alike[skipped.ignore, None].append(skipped)
    for link in report.links:
        for finding, ignore in link.ignored:
            alike[ignore, finding.check.code].append(link)
    for (ignore, code), every in alike.items():
        for links in [[link] for link in every] if unfolded else [every]:
            yield _ignored_row(ignore, code, links)


def _ignored_row(ignore: Ignore, code: str | None, links: Sequence[CheckedLink | Skipped]) -> IgnoredRow:
    reference = links[0].reference
    name = printable(reference.name, limit=200) if len(links) == 1 else f"{len(links)} links"
    subject = name if code is None else f"{name}, {code}"
    return IgnoredRow(link=links[0], subject=subject, reason=_reason(ignore, reference.source))


def _reason(ignore: Ignore, place: Source) -> str:
    """Write why something is ignored, and where that is written, if it is not where the link is."""
    reason = printable(ignore.reason or ignore.text, limit=300)
    source = ignore.source
    if source is None or (source.path, source.line) == (place.path, place.line):
        return reason
    return f"{reason} ({printable_path(source.path)}:{source.line})"


def actionable(report: Report) -> Sequence[tuple[Check, int]]:
    """Return each kind of finding with its number, the worst first; notes need no action."""
    numbers = Counter(
        finding.check for _, finding in report.findings if finding.severity is not Severity.NOTE
    )
    return sorted(numbers.items(), key=lambda item: item[0].severity.rank)
