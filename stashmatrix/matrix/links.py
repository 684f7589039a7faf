"""Links to rooms and users: reads matrix.to URLs and ``matrix:`` URIs, writes those and the links of clients.

Matrix specification, Appendices, "matrix.to navigation" and "Matrix URI scheme".
"""

import re
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes

from stashmatrix.errors import IdentifierError
from stashmatrix.matrix.identifiers import EventId, RoomAlias, RoomId, ServerName, UserId, check_characters
from stashmatrix.text import quoted

Target = RoomAlias | RoomId | UserId


class Action(StrEnum):
    """What a client should offer to do; only ``matrix:`` URIs have it."""

    JOIN = "join"
    CHAT = "chat"


class Link(NamedTuple):
    """What a link means, in any form."""

    target: Target
    event_id: EventId | None = None
    """The event that a permalink leads to."""
    via: tuple[ServerName, ...] = ()
    """Servers to join through, in the link's order."""
    action: Action | None = None


_TYPES: dict[str, type[RoomAlias] | type[RoomId] | type[UserId]] = {
    "r": RoomAlias,
    "roomid": RoomId,
    "u": UserId,
    # Read but never written: older examples in the specification use the long words.
    "room": RoomAlias,
    "user": UserId,
}
_EVENT_TYPES = ("e", "event")
_ACTION_OF: dict[type[Target], Action] = {
    RoomAlias: Action.JOIN,
    RoomId: Action.JOIN,
    UserId: Action.CHAT,
}
# Patterns are text, compiled at their first use: a listing needs none of them.
# Some pages write the port's colon without a port, and browsers accept it.
_MATRIX_TO = r"(?i:https?://matrix\.to:?/#/)"
_MATRIX_URI = r"(?i:matrix:)(?://[^/?#]*/)?"
_BAD_ESCAPE = r"%(?![0-9A-Fa-f]{2})"
# What needs no encoding after the sigil: RFC 3986 unreserved characters, and the colon.
_PLAIN = r"[#!@][A-Za-z0-9._~:-]*"


def parse_link(text: str) -> Link:
    """Read a matrix.to URL, encoded or in the historic raw form, or a ``matrix:`` URI.

    Splits first and decodes once, so that an encoded slash stays in its name. Ignores query items
    other than ``via`` and ``action``, and a ``via`` that is not a server name: the link opens without
    them. Raises ``IdentifierError`` for all other text.
    """
    check_characters(text)
    if match := re.match(_MATRIX_TO, text):
        return _parse_matrix_to(text[match.end() :])
    if match := re.match(_MATRIX_URI, text):
        return _parse_matrix_uri(text[match.end() :].partition("#")[0])
    raise IdentifierError(
        f"{quoted(text)} is neither a matrix.to link nor a matrix: URI",
        hint="matrix.to links start with https://matrix.to/#/",
    )


def _parse_matrix_to(fragment: str) -> Link:
    path, _, query = fragment.partition("?")
    identifier, _, event = path.partition("/")
    target = _parse_target(_decode(identifier))
    if event and isinstance(target, UserId):
        raise IdentifierError(f"{quoted(target)} is a user, and only rooms have events")
    via, _ = _parse_query(query)
    # An event ID of room version 3 may hold raw slashes: all that follows is the event.
    return Link(
        target=target,
        event_id=EventId(_decode(event)) if event else None,
        via=via,
    )


def _parse_target(text: str) -> Target:
    for kind in (RoomAlias, RoomId, UserId):
        if text.startswith(kind.sigil):
            return kind(text)
    if text.startswith("+"):
        raise IdentifierError(f"{quoted(text)} is a group, which Matrix no longer has")
    if not text:
        raise IdentifierError("the link names no room")
    raise IdentifierError(f"{quoted(text)} does not start with # (alias), ! (room ID) or @ (user ID)")


def _parse_matrix_uri(text: str) -> Link:
    path, _, query = text.partition("?")
    segments = path.split("/")
    if len(segments) not in (2, 4):
        raise IdentifierError(f"expected type/id or type/id/e/event after matrix:, got {quoted(path)}")
    kind = _TYPES.get(segments[0])
    if kind is None:
        raise IdentifierError(f"unknown matrix: type {quoted(segments[0])} (allowed: r, roomid, u)")
    if not segments[1]:
        raise IdentifierError(
            "the matrix: URI has no identifier", hint="write a matrix: URI without the sigil #, ! or @"
        )
    target = kind(kind.sigil + _decode(segments[1]))
    event_id = None
    if len(segments) == 4:  # noqa: PLR2004 (type/id/e/event)
        if segments[2] not in _EVENT_TYPES or kind is UserId:
            raise IdentifierError(f"expected type/id/e/event after matrix:, got {quoted(path)}")
        event_id = EventId("$" + _decode(segments[3]))
    via, action = _parse_query(query)
    return Link(
        target=target,
        event_id=event_id,
        via=via,
        action=action if action is _ACTION_OF[type(target)] else None,
    )


def _parse_query(query: str) -> tuple[tuple[ServerName, ...], Action | None]:
    via: list[ServerName] = []
    action: Action | None = None
    for item in query.split("&"):
        key, _, value = item.partition("=")
        if key == "via":
            try:
                via.append(ServerName(_decode(value)))
            except IdentifierError:
                continue
        elif key == "action":  # the last one counts (MSC2312)
            action = Action(value) if value in tuple(Action) else None
    return tuple(via), action


def _decode(piece: str) -> str:
    """Decode percent-encoding once; raise ``IdentifierError`` if it is malformed or not UTF-8."""
    if re.search(_BAD_ESCAPE, piece):
        raise IdentifierError(f"{quoted(piece)} contains a % without two hexadecimal digits after it")
    try:
        return unquote_to_bytes(piece).decode()
    except UnicodeError:
        raise IdentifierError(f"{quoted(piece)} does not decode to UTF-8") from None


def matrix_to_url(link: Link) -> str:
    """Write ``link`` as a matrix.to URL, which cannot have an action."""
    return "https://matrix.to/#/" + _client_path(link) + _query([("via", name) for name in link.via])


def element_url(link: Link) -> str:
    """Write ``link`` as a URL of the Element web client."""
    kind = "user" if isinstance(link.target, UserId) else "room"
    query = _query([("via", name) for name in link.via])
    return f"https://app.element.io/#/{kind}/{_client_path(link)}{query}"


def matrix_uri(link: Link) -> str:
    """Write ``link`` as a ``matrix:`` URI."""
    kind = {RoomAlias: "r", RoomId: "roomid", UserId: "u"}[type(link.target)]
    path = f"matrix:{kind}/{quote(link.target[1:], safe=':')}"
    if link.event_id is not None:
        path += f"/e/{quote(link.event_id[1:], safe=':')}"
    items = [("action", str(link.action))] if link.action is not None else []
    return path + _query(items + [("via", name) for name in link.via])


def cinny_url(link: Link) -> str:
    """Write ``link`` to a room as a URL of the Cinny web client (its ``pages/paths.ts``)."""
    path = "".join(f"{quote(part, safe='')}/" for part in (link.target, link.event_id) if part is not None)
    servers = f"?viaServers={quote(','.join(link.via), safe=':,')}" if link.via else ""
    return f"https://app.cinny.in/home/{path}{servers}"


def fluffychat_url(link: Link) -> str:
    """Write ``link`` for FluffyChat on a phone, as matrix.to does (its ``open/clients/Fluffychat.js``)."""
    return "im.fluffychat://chat/" + _client_path(link) + _query([("via", name) for name in link.via])


def nheko_uri(link: Link) -> str:
    """Write ``link`` to a room for Nheko, as matrix.to does (its ``open/clients/Nheko.js``)."""
    return matrix_uri(link._replace(action=Action.JOIN))


class Client(StrEnum):
    """What is to open a link."""

    MATRIX_TO = "matrix.to"
    """The page that offers all clients."""
    MATRIX = "matrix"
    """The client that the system has for ``matrix:`` URIs."""
    ELEMENT = "element"
    CINNY = "cinny"
    FLUFFYCHAT = "fluffychat"
    NHEKO = "nheko"


_WRITERS = {
    Client.MATRIX_TO: matrix_to_url,
    Client.MATRIX: matrix_uri,
    Client.ELEMENT: element_url,
    Client.CINNY: cinny_url,
    Client.FLUFFYCHAT: fluffychat_url,
    Client.NHEKO: nheko_uri,
}


def client_url(link: Link, client: Client) -> str:
    """Write ``link`` to a room as what opens it in ``client``."""
    return _WRITERS[client](link)


def _client_path(link: Link) -> str:
    """Write target and event as web clients do: raw if that is safe, else encoded whole."""
    target = str(link.target) if re.fullmatch(_PLAIN, link.target) else quote(link.target, safe=":@!$")
    return target if link.event_id is None else f"{target}/{quote(link.event_id, safe=':@!$')}"


def _query(items: list[tuple[str, str]]) -> str:
    return "?" + "&".join(f"{key}={quote(value, safe=':')}" for key, value in items) if items else ""
