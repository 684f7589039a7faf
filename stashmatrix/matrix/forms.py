"""Every form in which people write links to Matrix: what each means, and what is wrong with it.

``links`` reads what the specification allows; this module also reads what it does not, as far as the
meaning is plain. Nothing here raises: text that is no link to Matrix has no reading.
"""

import re
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import unquote

from stashmatrix.errors import IdentifierError
from stashmatrix.matrix.identifiers import RoomAlias, RoomId, UserId
from stashmatrix.matrix.links import Link, matrix_to_url, matrix_uri, parse_link


class Form(StrEnum):
    """How a link is written."""

    MATRIX_TO = "matrix.to"
    MATRIX_URI = "matrix-uri"
    WEB_CLIENT = "web-client"
    BADGE = "badge"
    IDENTIFIER = "identifier"
    """No link, but the identifier itself."""
    NOTHING = "nothing"
    """A link without an address, such as ``#`` alone."""


class DefectKind(StrEnum):
    """Why a link can never open what it says."""

    MALFORMED_LINK = "malformed-link"
    MALFORMED_ALIAS = "malformed-alias"
    EMPTY_TARGET = "empty-target"
    GROUP_LINK = "group-link"


class Defect(NamedTuple):
    """What is wrong with a link; ``message`` continues a sentence that names it."""

    kind: DefectKind
    message: str
    repaired: str | None = None
    """The link as it should be, if that is plain."""


class Reading(NamedTuple):
    """What an address means."""

    form: Form
    link: Link | None
    """What it means, or evidently should mean; ``None`` if it names nothing."""
    defect: Defect | None = None
    host: str | None = None
    """The host of the web client, in lower case."""


_NOTHING = ("", "#", "#/")
_MATRIX_TO = re.compile(r"(?i)(?:https?:/{0,2}|//)?(?:www\.)?matrix\.to(?::(?:443|80)?)?(?=[/#?%]|$)")
_MATRIX_URI = re.compile(r"(?i)(?:web\+)?matrix:(?=[^\s]*/|[#!@])")
_BADGE = re.compile(r"(?i)https?://(?:img\.)?shields\.io/matrix/(?P<name>[^/?#\s]+)")
_WEB_CLIENT = re.compile(
    r"(?i)(?:https?://)?(?P<host>[a-z0-9.-]+(?::[0-9]{1,5})?)(?P<path>/[^?#\s]*)?(?:\?[^#\s]*)?/?#/"
)
# Cinny's own web client has no fragment: the room is a part of the path.
_CINNY = re.compile(r"(?i)https?://(?P<host>(?:[a-z0-9-]+\.)*cinny\.in)/(?=[^\s]*(?:[#!@]|%23|%21|%40))")
_SIGIL = re.compile(r"[#!@+]|%(?:25)?(?:23|21|40|2[bB])")
_KINDS: dict[str, type[RoomAlias] | type[RoomId] | type[UserId]] = {
    kind.sigil: kind for kind in (RoomAlias, RoomId, UserId)
}


def read(address: str) -> Reading | None:
    """Read a link in any form, without the escapes of the file that it stands in.

    ``None`` if it leads nowhere in Matrix: to matrix.to's own page, or to another site.
    """
    if address in _NOTHING:
        return Reading(Form.NOTHING, None, Defect(DefectKind.EMPTY_TARGET, "the link leads nowhere"))
    if address[0] in _KINDS:
        return _read_identifier(address)
    if match := _MATRIX_TO.match(address):
        return _read_matrix_to(address[match.end() :])
    if match := _MATRIX_URI.match(address):
        return _read_matrix_uri(address[match.end() :])
    if match := _BADGE.match(address):
        return _read_badge(match["name"])
    if match := _WEB_CLIENT.match(address) or _CINNY.match(address):
        return _read_web_client(match["host"].lower(), address[match.end() :])
    return None


def _read_identifier(text: str) -> Reading:
    try:
        return Reading(Form.IDENTIFIER, Link(_KINDS[text[0]](text)))
    except IdentifierError as error:
        return Reading(Form.IDENTIFIER, None, Defect(DefectKind.MALFORMED_ALIAS, error.message))


def _read_matrix_to(rest: str) -> Reading | None:
    """Read what follows matrix.to's host."""
    if match := re.match(r"/?(?:\?[^#]*)?#/(?!/)(?P<route>.*)", rest, re.DOTALL):
        route, wrong = match["route"], None
    elif match := re.match(r"/{0,2}(?:#|%23)/{0,2}(?P<route>.*)", rest, re.DOTALL):
        route, wrong = match["route"], "it does not begin with https://matrix.to/#/"
        # matrix.to/#name:server: the sigil was taken for the mark of the fragment
        if not _SIGIL.match(route) and not route.startswith("room/") and rest.startswith("/#"):
            route = "#" + route
    else:
        return None
    if not route.partition("?")[0].strip("#/"):
        empty = Defect(DefectKind.EMPTY_TARGET, "the link names no room")
        return Reading(Form.MATRIX_TO, None, empty)
    if match := re.match(r"(?i)(?:room|user|group)/(?=[#!@+]|%)", route):
        route, wrong = route[match.end() :], f"'{match[0]}' is a part of web clients' URLs"
    return _read_route(Form.MATRIX_TO, route, wrong)


def _read_web_client(host: str, route: str) -> Reading | None:
    """Read the path within a web client: the first part of it that starts with a sigil."""
    path, mark, query = route.partition("?")
    segments = path.split("/")
    for index, segment in enumerate(segments[:6]):
        if _SIGIL.match(segment) and re.search(r":|%3[aA]|^\+", segment[1:]):
            rest = "/".join(segments[index:])
            reading = _read_route(Form.WEB_CLIENT, rest + mark + query, None)
            return None if reading is None else reading._replace(host=host)
    return None


def _read_route(form: Form, route: str, wrong: str | None) -> Reading | None:
    """Read an identifier with what may follow it: an event and a query."""
    path, mark, query = route.partition("?")
    identifier, slash, event = path.partition("/")
    name = unquote(identifier)
    if name.startswith(("%23", "%21", "%40", "%2B", "%2b")):
        name, wrong = unquote(name), wrong or "it is percent-encoded twice"
    if name.startswith("+"):
        return Reading(form, None, Defect(DefectKind.GROUP_LINK, "Matrix no longer has groups"))
    if name[:1] not in _KINDS:
        if not re.fullmatch(r"[^\s:]+:[^\s:].*", name):
            return _unreadable(form, "it names no room: an alias starts with # and has a server")
        name, wrong = "#" + name, wrong or "the identifier has no sigil: # of an alias, ! or @"
    try:
        target = _KINDS[name[0]](name)
    except IdentifierError as error:
        kind = DefectKind.MALFORMED_ALIAS if ":" in name else DefectKind.MALFORMED_LINK
        return Reading(form, None, Defect(kind, error.message))
    if event and not re.match(r"\$|%24", event) and form is Form.MATRIX_TO and not isinstance(target, UserId):
        event, wrong = "$" + event, wrong or "the event ID does not start with $"
    if isinstance(target, RoomId) and re.search(r"via=[^&?]*\?via=", query):
        query, wrong = query.replace("?", "&"), wrong or "its query has a second ? in place of &"
    return _repaired(form, target, slash + event + mark + query, wrong)


def _repaired(form: Form, target: RoomAlias | RoomId | UserId, rest: str, wrong: str | None) -> Reading:
    """Return the reading of a target; ``rest`` is what follows it, the repaired form has it too."""
    bare = Link(target)
    try:
        link = parse_link(matrix_to_url(bare) + rest.rstrip("/"))
    except IdentifierError as error:
        link, wrong = bare, wrong or error.message
    defect = None if wrong is None else Defect(DefectKind.MALFORMED_LINK, wrong, matrix_to_url(link))
    return Reading(form, link, defect)


def _unreadable(form: Form, message: str) -> Reading:
    return Reading(form, None, Defect(DefectKind.MALFORMED_LINK, message))


def _read_matrix_uri(rest: str) -> Reading | None:
    try:
        return Reading(Form.MATRIX_URI, parse_link("matrix:" + rest))
    except IdentifierError as error:
        message = error.message
    match = re.match(r"(?i)(?://)?(?:(?P<type>r|roomid|room|u|user|group)/)?(?P<name>[#!@+]?[^\s/?#]*)", rest)
    if match is None or not (match["type"] or match["name"][:1] in _KINDS):
        return None
    name = unquote(match["name"])
    if name.startswith("+"):
        return Reading(Form.MATRIX_URI, None, Defect(DefectKind.GROUP_LINK, "Matrix no longer has groups"))
    sigil = {"roomid": "!", "u": "@", "user": "@"}.get((match["type"] or "").lower(), "#")
    try:
        target = _KINDS[name[:1]](name) if name[:1] in _KINDS else _KINDS[sigil](sigil + name)
    except IdentifierError:
        return _unreadable(Form.MATRIX_URI, message)
    link = Link(target)
    return Reading(Form.MATRIX_URI, link, Defect(DefectKind.MALFORMED_LINK, message, matrix_uri(link)))


def _read_badge(name: str) -> Reading | None:
    """Read the room of a badge, whose address has it without its sigil."""
    text = unquote(name).removesuffix(".svg").removesuffix(".json")
    try:
        target = _KINDS[text[0]](text) if text[:1] in _KINDS else RoomAlias("#" + text)
    except IdentifierError:
        return None
    return Reading(Form.BADGE, Link(target))
