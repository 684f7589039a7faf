"""What would mend a link, for each kind of finding that can be: by the link itself, or by answers."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import quote

from stashmatrix.checks.offline import Subject, label_alias
from stashmatrix.checks.online import first_hand
from stashmatrix.matrix.forms import Form
from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.matrix.links import Link, matrix_to_url, matrix_uri
from stashmatrix.matrix.repairs import tidied
from stashmatrix.records.answers import Absent, Answer, Resolved
from stashmatrix.records.findings import Check, Finding, Fix, Severity
from stashmatrix.records.reference import Reference

# Characters that mean themselves in any format; some programs put something in the place of the others.
_PLAIN = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!*+,;=%&$-]+")
_MEANT = "$%"
# Files in which a # may begin a comment in the midst of a word, and & ends a command.
_COMMANDS = re.compile(r"(?i)(?:^|[/.])(?:makefile|mk|mak|cmake|cmakelists\.txt|sh|bash|zsh|ksh|fish)\Z")
_MEANT_IN_COMMANDS = f"{_MEANT}#&"
# Without one, an address may be a part of a URL that somebody puts together.
_SCHEME = re.compile("(?i)(?:https?|(?:web[+])?matrix):")


def with_fixes(
    subject: Subject,
    findings: Iterable[Finding],
    answers: Mapping[RoomAlias, Answer],
    meant: RoomAlias | None = None,
) -> Iterator[Finding]:
    """Yield the findings of a link, those that can be mended with their fix.

    ``meant`` is what a server confirmed of an alias that is gone: it may have been meant to be that one.
    """
    for finding in findings:
        fix = _fix(subject, finding, answers, meant)
        yield finding if fix is None else replace(finding, fix=fix)


def _fix(
    subject: Subject, finding: Finding, answers: Mapping[RoomAlias, Answer], meant: RoomAlias | None
) -> Fix | None:
    match finding.check:
        case Check.ALIAS_NOT_FOUND if meant is not None and _living_side(subject, answers) is None:
            return _towards(subject, meant)
        case Check.MALFORMED_LINK | Check.MALFORMED_ALIAS:
            return _repair(subject)
        case Check.UNTIDY_LINK:
            return _written(subject.reference, tidied(subject.reference.address or ""), safe=True)
        case Check.RETIRED_HOST if subject.link is not None:
            return _written(subject.reference, matrix_to_url(subject.link))
        case Check.MISSING_VIA:
            return _via(subject, answers)
        case Check.NOT_CANONICAL:
            return _canonical(subject, answers)
        case Check.LABEL_MISMATCH if finding.severity is Severity.ERROR:
            return _living_side(subject, answers)
    return None


def _repair(subject: Subject) -> Fix | None:
    defect = None if subject.reading is None else subject.reading.defect
    if defect is None:
        return None
    is_whole = _SCHEME.match(subject.reference.address or "") is not None
    return _written(subject.reference, defect.repaired, safe=defect.is_certain and is_whole)


def _via(subject: Subject, answers: Mapping[RoomAlias, Answer]) -> Fix | None:
    """Add a server to join through: one that an alias of this run found in the room, or that of its ID."""
    address, target = subject.reference.address or "", subject.link and subject.link.target
    if not isinstance(target, RoomId) or (subject.reading and subject.reading.defect):
        return None
    there = (
        alias.server_name
        for alias, answer in answers.items()
        if isinstance(answer, Resolved) and answer.room_id == target
    )
    server = next(there, target.partition(":")[2])
    mark = "&" if "?" in address.rpartition("#/")[2] else "?"
    return _written(subject.reference, f"{address}{mark}via={quote(server, safe=':')}") if server else None


def _canonical(subject: Subject, answers: Mapping[RoomAlias, Answer]) -> Fix | None:
    """Lead to the alias that the room calls its own, which the finding has proven to be one of it."""
    target = subject.reference.target
    own = first_hand(answers.get(target)) if isinstance(target, RoomAlias) else None
    canonical = None if own is None else own.canonical_alias
    return None if canonical is None else _towards(subject, canonical)


def _living_side(subject: Subject, answers: Mapping[RoomAlias, Answer]) -> Fix | None:
    """Let label and link have the alias of the two that is there, if the other is proven not to be."""
    reference, said = subject.reference, label_alias(subject)
    target = reference.target
    if said is None or not isinstance(target, RoomAlias):
        return None
    label, link = answers.get(said), answers.get(target)
    if isinstance(link, Absent) and first_hand(label) is not None:
        return _towards(subject, said)
    if isinstance(label, Absent) and first_hand(link) is not None and reference.label == said:
        return _replaced(reference.source.path, reference.label_start, said, target, safe=False)
    return None


def _towards(subject: Subject, alias: RoomAlias) -> Fix | None:
    """Return what makes a link lead to another alias, in the form that it has; nothing for a message."""
    reference, old = subject.reference, subject.link
    if old is not None and old.event_id is not None:
        return None
    new = Link(alias)
    match subject.form:
        case None | Form.IDENTIFIER:
            return _written(reference, alias)
        case Form.MATRIX_TO:
            return _written(reference, matrix_to_url(new))
        case Form.MATRIX_URI:
            return _written(reference, matrix_uri(new._replace(action=old and old.action)))
        case Form.WEB_CLIENT if old is not None:
            return _written(reference, _in_client(reference.address or "", old.target, new))
    return None


def _in_client(address: str, old: str, new: Link) -> str | None:
    """Return a web client's URL with one identifier in place of another, whichever way that is written."""
    written = next(
        (form for form in (old, quote(old, safe=":"), quote(old, safe="")) if form in address), None
    )
    path = matrix_to_url(new).rpartition("/#/")[2]
    return None if written is None else address.replace(written, path, 1)


def _written(reference: Reference, address: str | None, *, safe: bool = False) -> Fix | None:
    """Return what replaces a link, if it is written as it reads, and its format would read the new one so."""
    return _replaced(reference.source.path, reference.start, reference.text, address, safe=safe)


def _replaced(path: str, start: int | None, old: str, new: str | None, *, safe: bool) -> Fix | None:
    if start is None or new is None or new == old or "\n" in old or not _PLAIN.fullmatch(new):
        return None
    meant = _MEANT_IN_COMMANDS if _COMMANDS.search(path) else _MEANT
    if any(mark in new and mark not in old for mark in meant):
        return None
    return Fix(start, start + len(old), new, safe)
