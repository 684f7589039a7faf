"""Every rule that needs no network: one function a finding, named after its code."""

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from stashmatrix.errors import IdentifierError
from stashmatrix.matrix import forms
from stashmatrix.matrix.forms import DefectKind, Form, Reading
from stashmatrix.matrix.hosts import RETIRED_HOSTS, RETIRED_SERVERS
from stashmatrix.matrix.identifiers import RoomAlias, RoomId, UserId
from stashmatrix.matrix.links import Link, Target, matrix_to_url
from stashmatrix.matrix.repairs import tidied
from stashmatrix.matrix.servers import is_reachable, is_reserved
from stashmatrix.records.findings import Check, Finding
from stashmatrix.records.reference import Reference
from stashmatrix.text import printable, printable_path, quoted


@dataclass(frozen=True, slots=True)
class Subject:
    """A reference, and how its address reads; an entry of a catalogue has no address to read."""

    reference: Reference
    reading: Reading | None

    @property
    def form(self) -> Form | None:
        """How the link is written, or ``None`` for an entry of a catalogue."""
        return None if self.reading is None else self.reading.form

    @property
    def link(self) -> Link | None:
        """What the link means, or evidently should mean."""
        return None if self.reading is None else self.reading.link


def subject(reference: Reference) -> Subject:
    """Read a reference's address."""
    address = reference.address
    return Subject(reference, None if address is None else forms.read(address))


def lint(references: Iterable[Reference]) -> Iterator[tuple[Subject, tuple[Finding, ...]]]:
    """Yield each reference with what all rules here find of it."""
    subjects = [subject(reference) for reference in references]
    first_items = _first_items(subjects)
    for each in subjects:
        yield (
            each,
            (
                *malformed_link(each),
                *malformed_alias(each),
                *empty_target(each),
                *group_link(each),
                *label_mismatch(each),
                *duplicate_target(each, first_items),
                *missing_via(each),
                *unopenable_alias(each),
                *untidy_link(each),
                *retired_host(each),
                *retired_server(each),
                *published_link_differs(each),
            ),
        )


def malformed_link(subject: Subject) -> Iterable[Finding]:
    """Report a link that no client opens. Silent if matrix.to opens it, however odd it is."""
    return _defect(subject, DefectKind.MALFORMED_LINK, Check.MALFORMED_LINK)


def malformed_alias(subject: Subject) -> Iterable[Finding]:
    """Report a link to what is no alias, room ID or user ID. Silent if the link itself is malformed."""
    return _defect(subject, DefectKind.MALFORMED_ALIAS, Check.MALFORMED_ALIAS)


def empty_target(subject: Subject) -> Iterable[Finding]:
    """Report a link that names no room although its label promises one.

    Silent without a label, as the address may be there to have a room put after it; if the label is
    about matrix.to itself; and, for an address like ``#``, unless the label is an alias.
    """
    label = subject.reference.label
    if label is None or re.search(r"(?i)matrix\.to", label):
        return ()
    if subject.form is Form.NOTHING and _alias_in(label) is None:
        return ()
    return _defect(subject, DefectKind.EMPTY_TARGET, Check.EMPTY_TARGET)


def group_link(subject: Subject) -> Iterable[Finding]:
    """Report a link to a group, which Matrix no longer has. Silent for all else."""
    return _defect(subject, DefectKind.GROUP_LINK, Check.GROUP_LINK)


def _defect(subject: Subject, kind: DefectKind, check: Check) -> Iterator[Finding]:
    defect = None if subject.reading is None else subject.reading.defect
    if defect is None or defect.kind is not kind:
        return
    hint = None if defect.repaired is None else f"write {printable(defect.repaired)}"
    yield Finding(check, f"{quoted(subject.reference.text)} opens nothing: {defect.message}", hint)


def label_mismatch(subject: Subject) -> Iterable[Finding]:
    """Report a label that is an alias, on a link that leads to another, or to a user.

    A badge in a link is compared with that link. Silent for any other label, for aliases of reserved
    servers, for room IDs, and if the two differ only in markup, in percent-encoding, in white space or
    in the case of the server's name.
    """
    said, target = _said(subject), subject.link and subject.link.target
    if said is None or target is None:
        return
    shown, leads = printable(said), printable(target)
    if subject.reference.around is not None:
        message = f"the badge is that of {leads}, but its link leads to {shown}"
    else:
        message = f"the label is {shown}, but the link leads to {leads}"
    if said.casefold() == target.casefold():
        message += ": the case of letters counts in an alias"
    yield Finding(Check.LABEL_MISMATCH, message)


def label_alias(subject: Subject) -> RoomAlias | None:
    """Return the other alias of a ``label_mismatch`` that is none if both lead to one room."""
    target = None if subject.link is None else subject.link.target
    return _said(subject) if isinstance(target, RoomAlias) else None


def _said(subject: Subject) -> RoomAlias | None:
    """Return the alias that the label says, or the link around a badge, if the target is another one."""
    reference, link = subject.reference, subject.link
    if link is None or subject.form is Form.IDENTIFIER or isinstance(link.target, RoomId):
        return None
    if reference.around is not None:
        around = forms.read(reference.around)
        said = None if around is None or around.link is None else around.link.target
    else:
        said = None if reference.label is None else _alias_in(reference.label)
    if not isinstance(said, RoomAlias) or said == link.target or is_reserved(said.server_name):
        return None
    return None if _spellings(said) & _spellings(link.target) else said


def _alias_in(label: str) -> RoomAlias | None:
    """Return the alias that a label is as a whole: with a sigil, a colon, and a server with a dot."""
    if "." not in label or len(label) > _LONGEST_LABEL:
        return None
    text = unquote(_plain(label))
    if not re.fullmatch(r"#[^\s:]+:[^\s:]*\.[^\s:.]*[A-Za-z][^\s:.]*(?::[0-9]+)?", text):
        return None
    try:
        return RoomAlias(text)
    except IdentifierError:
        return None


_LONGEST_LABEL = 1000
"""Longer ones are no alias, whatever the marks and escapes in them."""


def _plain(label: str) -> str:
    """Return a label without the marks of Markdown and the references of HTML."""
    text = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", html.unescape(label))
    return text.strip(" \t\r\n\f\v\u00a0`*_~")


def _spellings(target: Target) -> set[str]:
    """Return what counts as the same target: as it is, and decoded once more."""
    spellings = set()
    for text in (str(target), unquote(target)):
        name, colon, server = re.sub(r"\s", "", text).partition(":")
        spellings.add(name + colon + server.lower())
    return spellings


def duplicate_target(subject: Subject, first_items: Mapping[Reference, Reference]) -> Iterable[Finding]:
    """Name the first of two entries of one list or table that lead to one room under two labels.

    Silent unless both have a label, and for labels that differ only in markup and case; for links to
    single messages; and for a label of which ``label_mismatch`` speaks.
    """
    first = first_items.get(subject.reference)
    if first is not None and subject.link is not None:
        place = f"{printable_path(first.source.path)}:{first.source.line}"
        yield Finding(
            Check.DUPLICATE_TARGET,
            f"{quoted(subject.reference.label or '')} leads to the same room as {quoted(first.label or '')} "
            f"at {place}: {printable(subject.link.target)}",
        )


def _first_items(subjects: Sequence[Subject]) -> dict[Reference, Reference]:
    """Map each entry whose room an earlier entry of its list leads to, by another label, to that one."""
    first: dict[tuple[str, int, Target], Reference] = {}
    later: dict[Reference, Reference] = {}
    for each in subjects:
        reference, link = each.reference, each.link
        if reference.item is None or not reference.label or link is None or link.event_id is not None:
            continue
        if each.form is Form.BADGE or isinstance(link.target, UserId) or _said(each) is not None:
            continue
        before = first.setdefault((reference.source.path, reference.item.list, link.target), reference)
        if before.item != reference.item and _words(before.label) != _words(reference.label):
            later[reference] = before
    return later


def _words(label: str | None) -> list[str]:
    return re.sub(r"[`*_~]", "", _plain(label or "")).casefold().split()


_LINKS = (Form.MATRIX_TO, Form.MATRIX_URI, Form.WEB_CLIENT)


def missing_via(subject: Subject) -> Iterable[Finding]:
    """Warn of a link to a room ID that names no server to join through.

    Silent for aliases, whose server is a part of them, for badges, and for a room ID that is no link.
    """
    if subject.form in _LINKS and subject.link is not None:
        target, via = subject.link.target, subject.link.via
        if isinstance(target, RoomId) and not via:
            message = f"the link to {printable(target)} names no server to join through"
            yield Finding(Check.MISSING_VIA, message)


def unopenable_alias(subject: Subject) -> Iterable[Finding]:
    """Warn of an alias that clients cannot open from a link, however it is written.

    matrix.to and Element decode a link before they take it apart, so that ``/``, ``?`` and ``%`` in an
    alias mislead them. Nobody else finds a server without a dot, a port or brackets. Silent for
    ``matrix:`` URIs with such characters, and for reserved servers.
    """
    target = None if subject.link is None else subject.link.target
    if not isinstance(target, RoomAlias) or subject.form not in _LINKS:
        return
    found = re.search(r"[/?%]", target.localpart)
    if found and subject.form is not Form.MATRIX_URI:
        why = f"matrix.to and Element misread the {found[0]} in it"
    elif not is_reachable(target.server_name) and not is_reserved(target.server_name):
        why = f"'{printable(target.server_name)}' names no server that others can find"
    else:
        return
    yield Finding(Check.UNOPENABLE_ALIAS, f"{printable(target)} cannot be opened from this link: {why}")


def untidy_link(subject: Subject) -> Iterable[Finding]:
    """Note a matrix.to URL with a slip that matrix.to, browsers or readers overlook, as ``tidied`` does."""
    better = None if subject.form is not Form.MATRIX_TO else tidied(subject.reference.address or "")
    if better is not None:
        shown = printable(better)
        message = f"{quoted(subject.reference.text)} is better written {shown}"
        yield Finding(Check.UNTIDY_LINK, message, f"write {shown}")


def retired_host(subject: Subject) -> Iterable[Finding]:
    """Warn of a link to a web client that has ended. Silent for hosts that are not known to have."""
    reading = subject.reading
    if reading is None or reading.host not in RETIRED_HOSTS:
        return
    hint = None if reading.link is None else f"write {matrix_to_url(reading.link)}"
    message = f"{quoted(subject.reference.text)} leads to a former client: {RETIRED_HOSTS[reading.host]}"
    yield Finding(Check.RETIRED_HOST, message, hint)


def retired_server(subject: Subject) -> Iterable[Finding]:
    """Warn of an alias or a user of a homeserver that has ended.

    Silent for servers that are not known to have, and for room IDs, whose domain says nothing.
    """
    target = subject.reference.target
    if isinstance(target, RoomAlias | UserId) and target.server_name in RETIRED_SERVERS:
        ended, source = RETIRED_SERVERS[target.server_name]
        message = f"{printable(target)}: the homeserver {target.server_name} has ended ({ended}, {source})"
        yield Finding(Check.RETIRED_SERVER, message)


def published_link_differs(subject: Subject) -> Iterable[Finding]:
    """Repeat the page's wrong link. Silent if the catalogue records none."""
    reference = subject.reference
    if reference.published_link is not None:
        link = printable(reference.published_link)
        yield Finding(
            Check.PUBLISHED_LINK_DIFFERS,
            f"the published page linked {printable(reference.target or reference.text)} to {link}",
        )
