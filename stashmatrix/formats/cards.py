"""What a room's server tells a stranger of it: as a record for programs, and as lines for people."""

from collections.abc import Iterator
from typing import Any

from stashmatrix.formats import json
from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.matrix.links import Link, matrix_to_url
from stashmatrix.records.answers import Resolved, Summary
from stashmatrix.records.findings import Finding, Severity
from stashmatrix.records.results import CheckedLink
from stashmatrix.text import printable

_WHO_CAN_JOIN = {
    None: "anybody",
    "public": "anybody",
    "invite": "who is invited",
    "knock": "whose request a member accepts",
    "restricted": "members of certain other rooms",
    "knock_restricted": "members of certain other rooms, and whose request a member accepts",
}
"""By the join rule (Client-Server API, ``m.room.join_rules``)."""
_HIDDEN = "its server does not tell strangers"


def record(link: CheckedLink) -> dict[str, Any]:
    """Return all that is known of the room that a link leads to, by the names that JSON uses."""
    return {
        "text": link.reference.text,
        "target": link.reference.target,
        "verdict": link.verdict,
        "room_id": link.room_id,
        "homeserver": link.answer.homeserver if link.answer else None,
        "room": json.room(link.answer),
        "hidden": link.answer.hidden if isinstance(link.answer, Resolved) else None,
        "aliases": _aliases(link),
        "link": link.reference.address,
        "room_link": _room_link(link),
        **json.findings(link),
    }


def lines(link: CheckedLink) -> list[tuple[str, str]]:
    """Return all that is known, and what was found, as keys and values that are safe to print."""
    answer = link.answer
    aliases = _aliases(link)
    shown = [
        ("alias", aliases[0] if aliases else None),
        ("other alias", ", ".join(aliases[1:])),
        ("verdict", link.verdict or "not asked"),
        *(_told(answer) if isinstance(answer, Resolved) else ()),
        ("room ID", link.room_id or (link.reference.target if not aliases else None)),
        ("link", link.reference.address),
        ("link by ID", _room_link(link) if aliases else None),
        ("asked", answer.homeserver if answer else None),
    ]
    said = [(key, printable(" ".join(value.split()))) for key, value in shown if value]
    return said + [line for finding in link.findings for line in _found(finding)]


def _found(finding: Finding) -> Iterator[tuple[str, str]]:
    yield str(finding.severity), finding.message
    # Most others tell who keeps the link what to do with it.
    if finding.own_hint is not None or finding.severity is Severity.UNVERIFIED:
        yield "hint", finding.hint


def _told(answer: Resolved) -> Iterator[tuple[str, str | None]]:
    about = answer.summary
    if about is None:
        yield "who can join", _HIDDEN if answer.hidden else None
        return
    yield "name", about.name
    yield "topic", about.topic
    yield "members", str(about.members)
    yield "who can join", _WHO_CAN_JOIN.get(about.join_rule) or f"as its rule '{about.join_rule}' says"
    yield (
        "encrypted",
        "not as far as its server tells" if about.encryption is None else f"yes, {about.encryption}",
    )
    yield "kind", _kind(about)


def _kind(about: Summary) -> str:
    kinds = {None: "room", "m.space": "space"}
    kind = kinds.get(about.room_type) or f"room of type {about.room_type}"
    return kind if about.room_version is None else f"{kind}, version {about.room_version}"


def _aliases(link: CheckedLink) -> list[str]:
    """Return the alias that was asked about, and that which the room calls its own."""
    target, answer = link.reference.target, link.answer
    own = answer.canonical_alias if isinstance(answer, Resolved) else None
    aliases = (target if isinstance(target, RoomAlias) else None, own)
    return list(dict.fromkeys(str(alias) for alias in aliases if alias is not None))


def _room_link(link: CheckedLink) -> str | None:
    """Return a link by the room's ID: the server of the alias is the one that is known to be in the room."""
    target, room_id = link.reference.target, link.room_id
    if isinstance(target, RoomId):
        return link.reference.address
    if room_id is None or not isinstance(target, RoomAlias):
        return None
    return matrix_to_url(Link(target=room_id, via=(target.server_name,)))
