"""Every form in which people write links to Matrix: what each means, and what is wrong with it.

``links`` reads what the specification allows; this module also reads what it does not, as far as the
meaning is plain. Nothing here raises: text that is no link to Matrix has no reading.
"""

import re
from contextlib import suppress
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from stashmatrix.errors import IdentifierError
from stashmatrix.matrix.identifiers import RoomAlias, RoomId, UserId
from stashmatrix.matrix.links import Link, Target, matrix_to_url, matrix_uri, parse_link


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
    is_certain: bool = False
    """Whether ``repaired`` is what its author meant beyond doubt."""


class _Fault(NamedTuple):
    """What is wrong with a link whose meaning is plain."""

    message: str
    is_certain: bool = True
    """Whether nobody could mean anything else."""


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
_ENCODED_TWICE = re.compile("%25(?:23|21|40|2[bB])")
_SIGIL = re.compile(r"[#!@+]|%(?:25)?(?:23|21|40|2[bB])")
# What tells an identifier from any other part of a web application's path: a server, or a room ID's hash.
_IDENTIFIER = re.compile(r".[^:]*(?::|%3[aA]).|(?:!|%21)[A-Za-z0-9_-]{43}$")
# An alias may have slashes: Element looks for one that ends it only behind the server. Its length is bounded.
_ALIAS_OF_ROOM = re.compile(r"(?<=room/)(?<![^/]room/)(?:#|%23)[^:]{0,765}?(?=:|%3[aA])")
_KINDS: dict[str, type[RoomAlias] | type[RoomId] | type[UserId]] = {
    kind.sigil: kind for kind in (RoomAlias, RoomId, UserId)
}
# Not behind a #: an alias may be called anything, and lacks its server then.
_PLACEHOLDER = re.compile(
    r"(?i)[$!@]?(?:(?:some|my|your|the|a|an|other|any)?[_-]?"
    r"(?:id|mxid|identifier|(?:room|user|event|group|channel|entity)(?:[_-]?(?:id|name|alias))?))"
)
# JavaScript's decodeURIComponent does not take such text, and matrix.to stops.
_BAD_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")
# What a sentence puts behind a link, and no server's name ends with.
_PUNCTUATION = " \t\r\n\u00a0.,;:!?)]}>'\"*_\u2018\u2019\u201c\u201d\u2026"
_NO_GROUPS = "Matrix no longer has groups"
_URI_SIGILS = {"r": "#", "room": "#", "roomid": "!", "u": "@", "user": "@"}
_NO_SIGIL = "a matrix: URI is written without #, ! or @"


_NOT_THE_BEGINNING = _Fault("it does not begin with https://matrix.to/#/")


@lru_cache(maxsize=4096)
def read(address: str) -> Reading | None:
    """Read a link in any form, without the escapes of the file that it stands in.

    ``None`` if it leads nowhere in Matrix: to matrix.to's own page, or to another site. A link has a
    defect only if no client opens what it says: one that matrix.to opens all the same has none.
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


def _read_identifier(text: str) -> Reading | None:
    if not _IDENTIFIER.match(text):
        return None
    try:
        return Reading(Form.IDENTIFIER, Link(_KINDS[text[0]](text)))
    except IdentifierError:
        return None


def _read_matrix_to(rest: str) -> Reading | None:
    """Read what follows matrix.to's host.

    matrix.to decodes all of the fragment, and then takes it apart: so does this where the parts do not
    read on their own.
    """
    if match := re.match(r"/{0,2}(?:\?[^#]*)?#(?:/|%2[fF])(?!/)(?P<route>.*)", rest, re.DOTALL):
        route, wrong = match["route"], None
    elif match := re.match(r"/{0,2}(?:#|%23)/{0,2}(?P<route>.*)", rest, re.DOTALL):
        route, wrong = match["route"], _NOT_THE_BEGINNING
        # matrix.to/#name:server: the sigil was taken for the mark of the fragment
        if not _SIGIL.match(route) and not route.startswith("room/") and rest.startswith("/#"):
            route = "#" + route
    elif match := re.match(r"/(?P<route>[!@].*)", rest, re.DOTALL):
        route, wrong = match["route"], _NOT_THE_BEGINNING
    else:
        return None
    if _stands_for_a_name(route):
        return None
    if match := re.match(r"(?i)(?:room|user|group)/(?=[#!@+]|%)", route):
        route, wrong = route[match.end() :], wrong or _Fault(f"'{match[0]}' is a part of web clients' URLs")
    reading = _read_route(Form.MATRIX_TO, route, wrong)
    if reading.link is None and "%" in route:
        decoded = _read_route(Form.MATRIX_TO, unquote(route), wrong)
        return decoded if decoded.link is not None else reading
    return reading


def _stands_for_a_name(route: str) -> bool:
    """Say whether a route is made of words such as room and event, in place of identifiers."""
    parts = route.partition("?")[0].strip("/").split("/")
    return all(_PLACEHOLDER.fullmatch(part) for part in parts)


def _read_web_client(host: str, route: str) -> Reading | None:
    """Read the path within a web client: the first part of it that is an identifier.

    Any web application may have such a path: an identifier that is none proves nothing, except in the
    place where clients have it.
    """
    path, mark, query = route.partition("?")
    path = _ALIAS_OF_ROOM.sub(lambda found: found[0].replace("/", "%2F"), path)
    segments = path.split("/")
    for index, segment in enumerate(segments[:6]):
        if _SIGIL.match(segment) and _IDENTIFIER.match(segment):
            reading = _read_route(Form.WEB_CLIENT, "/".join(segments[index:]) + mark + query, None)
            known = index > 0 and segments[index - 1] in ("room", "user", "group")
            return reading._replace(host=host) if known or reading.link is not None else None
    return None


def _read_route(form: Form, route: str, wrong: _Fault | None) -> Reading:
    """Read an identifier with what may follow it: an event and a query."""
    path, mark, query = route.partition("?")
    identifier, slash, event = path.partition("/")
    name = unquote(unquote(identifier) if _ENCODED_TWICE.match(identifier) else identifier)
    if form is Form.MATRIX_TO and _ENCODED_TWICE.match(identifier):
        # A colon that is encoded once, or not at all, is at odds with that.
        wrong = wrong or _Fault("it is percent-encoded twice", ":" not in unquote(identifier))
    if not name.strip("#!@+"):
        return Reading(form, None, Defect(DefectKind.EMPTY_TARGET, "the link names no room"))
    if "\ufffd" in name:
        return _unreadable(form, "its percent-encoding does not decode to UTF-8")
    if name.startswith("+"):
        return Reading(form, None, Defect(DefectKind.GROUP_LINK, _NO_GROUPS))
    if name[:1] not in _KINDS:
        if not re.fullmatch(r"[^\s:$]+:[^\s:].*", name):
            return _unreadable(form, "it names no room: an alias starts with # and has a server")
        wrong = _Fault(wrong.message if wrong else "the identifier does not begin with #, ! or @", False)
        name = "#" + name
    try:
        target = _KINDS[name[0]](name)
    except IdentifierError as error:
        kind = DefectKind.MALFORMED_ALIAS if ":" in name else DefectKind.MALFORMED_LINK
        link = None if slash or mark or form is not Form.MATRIX_TO else _without_punctuation(name)
        repaired = None if link is None else matrix_to_url(link)
        return Reading(form, link, Defect(kind, error.message, repaired, link is not None))
    if form is Form.MATRIX_TO and _BAD_ESCAPE.search(route):
        wrong = wrong or _Fault("a % in it is not followed by two hexadecimal digits", False)
    # matrix.to opens an event whose ID lacks its $, and takes a second ? for the end of the query.
    if event and not re.match(r"\$|%24", event):
        event = "$" + event
    return _reading(form, target, slash + event + mark + query.replace("?", "&"), wrong)


def _without_punctuation(name: str) -> Link | None:
    """Return the link to what is an identifier without the punctuation behind it; ``None`` if it is none."""
    identifier = name.rstrip(_PUNCTUATION)
    try:
        return Link(_KINDS[name[0]](identifier)) if ":" in identifier else None
    except IdentifierError:
        return None


def _reading(form: Form, target: Target, rest: str, wrong: _Fault | None) -> Reading:
    """Return the reading of a target; ``rest`` is what follows it, the repaired form has it too."""
    link = Link(target)
    # A user has no events, and a faulty one hinders nobody: the link opens without it.
    for more in (rest, rest[rest.find("?") :] if "?" in rest else ""):
        try:
            link = parse_link(matrix_to_url(Link(target)) + more.rstrip("/"))
            break
        except IdentifierError:
            continue
    if wrong is None:
        return Reading(form, link)
    repaired = _with_other_items(matrix_to_url(link), rest.partition("?")[2])
    is_certain = wrong.is_certain and form is Form.MATRIX_TO
    return Reading(form, link, Defect(DefectKind.MALFORMED_LINK, wrong.message, repaired, is_certain))


def _with_other_items(url: str, query: str) -> str:
    """Return the URL with those items of a query that mean nothing here, and something to matrix.to."""
    others = (item for item in query.split("&") if item and not item.startswith(("via=", "action=")))
    items = [item for item in others if not _BAD_ESCAPE.search(item)]
    return "".join([url, "&" if items and "?" in url else "?" if items else "", "&".join(items)])


def _unreadable(form: Form, message: str) -> Reading:
    return Reading(form, None, Defect(DefectKind.MALFORMED_LINK, message))


def _read_matrix_uri(rest: str) -> Reading | None:
    message = _NO_SIGIL
    try:  # some clients accept a slash at the end
        link = parse_link("matrix:" + re.sub(r"/+(?=\?|$)", "", rest, count=1))
        if not link.target.startswith("!!"):  # which no server makes, unlike ## and @@
            return Reading(Form.MATRIX_URI, link)
    except IdentifierError as error:
        message = error.message
    match = re.match(r"(?i)(?://)?(?:(?P<type>r|roomid|room|u|user|group)/)?(?P<name>[#!@+]?[^\s/?#]*)", rest)
    if match is None or not (match["type"] or match["name"][:1] in _KINDS):
        return None
    name, kind = unquote(match["name"]), (match["type"] or "").lower()
    if kind and name[:1] in _KINDS:
        message = _NO_SIGIL
    if name.startswith("+") or kind == "group":
        return (
            Reading(Form.MATRIX_URI, None, Defect(DefectKind.GROUP_LINK, _NO_GROUPS)) if ":" in name else None
        )
    if name.startswith("!"):
        name = "!" + name.lstrip("!")
    elif name[:1] not in _KINDS:
        name = _URI_SIGILS.get(kind, "#") + name
    try:
        target = _KINDS[name[0]](name)
    except IdentifierError:
        # "matrix:user/name" is no URI unless a sigil, a server or a short type says so.
        return None if kind in ("room", "user") and ":" not in name else _unreadable(Form.MATRIX_URI, message)
    link = Link(target)
    event, mark, query = rest[match.end() :].partition("?")
    for more in (event.replace("/$", "/") + mark + query, mark + query):
        with suppress(IdentifierError):
            link = parse_link(matrix_uri(Link(target)) + more.partition("#")[0])
            break
    # Nothing is lost, and the type, if it is there, is that of the sigil.
    is_certain = event == "" and _URI_SIGILS.get(kind, name[0]) == name[0]
    return Reading(
        Form.MATRIX_URI, link, Defect(DefectKind.MALFORMED_LINK, message, matrix_uri(link), is_certain)
    )


def _read_badge(name: str) -> Reading | None:
    """Read the room of a badge, whose address has it without its sigil."""
    text = unquote(name).removesuffix(".svg").removesuffix(".json")
    try:
        target = _KINDS[text[0]](text) if text[:1] in _KINDS else RoomAlias("#" + text)
    except IdentifierError:
        return None
    return Reading(Form.BADGE, Link(target))
