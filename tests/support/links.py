"""Links to rooms, answers about them, and the findings that a report has."""

from stashmatrix.matrix import forms
from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.records.answers import Absent, Reason, Resolved, Unknown
from stashmatrix.records.findings import Check
from stashmatrix.records.reference import Item, Reference, Source
from stashmatrix.records.results import Report

A, B, C, SPACE, OTHER = (RoomAlias(f"#{name}:example.org") for name in ("a", "b", "c", "space", "other"))
ONE, TWO = RoomId("!one:example.org"), RoomId("!two:example.org")
ABSENT = Absent(homeserver="https://matrix.example.org")
UNKNOWN = Unknown(reason=Reason.UNREACHABLE, detail="no connection")


def resolved(room_id: RoomId) -> Resolved:
    return Resolved(room_id=room_id, homeserver="https://matrix.example.org")


def references(*aliases: RoomAlias) -> tuple[Reference, ...]:
    """Return a reference a line to each alias; OTHER is another address of SPACE."""
    return tuple(
        Reference(
            source=Source("rooms.yaml", line, 1),
            text=alias,
            target=alias,
            alternative_to=SPACE if alias == OTHER else None,
        )
        for line, alias in enumerate(aliases, start=1)
    )


def link(
    address: str,
    label: str | None = None,
    *,
    line: int = 1,
    item: Item | None = None,
    around: str | None = None,
    path: str = "docs/a.md",
) -> Reference:
    """Return a link as a document has it."""
    reading = forms.read(address)
    return Reference(
        source=Source(path, line, 1),
        text=address,
        target=None if reading is None or reading.link is None else reading.link.target,
        label=label,
        address=address,
        item=item,
        around=around,
    )


def messages(report: Report, check: Check) -> dict[str, str]:
    """Return the messages of one kind of finding by the alias that they are about."""
    return {
        str(link.reference.target): finding.message
        for link in report.links
        for finding in link.findings
        if finding.check is check
    }
