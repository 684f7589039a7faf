"""Matrix identifiers: strings that are valid if they exist.

Each class is a ``str``, so an identifier compares, sorts, hashes and prints as its own text. Matrix
specification, Appendices, "Identifier Grammar".
"""

import ipaddress
import re
from functools import lru_cache
from typing import ClassVar, Self

from stashmatrix.errors import IdentifierError
from stashmatrix.text import quoted

MAX_BYTES = 255
"""The longest identifier, in UTF-8 bytes, sigil and server name included."""

_HIGHEST_PORT = 65_535
# [0-9] and fullmatch throughout: \d also matches other scripts' digits, and $ a trailing newline.
_SERVER_NAME = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.-]{1,255})(?::([0-9]{1,5}))?")


def check_characters(text: str) -> None:
    """Raise ``IdentifierError`` if ``text`` contains a control character or half a surrogate pair."""
    if text.isprintable():  # which control characters and surrogates are not
        return
    if re.search("[\x00-\x1f\x7f-\x9f]", text):
        raise IdentifierError(f"{quoted(text)} contains a control character")
    if re.search("[\ud800-\udfff]", text):
        raise IdentifierError(f"{quoted(text)} contains half a surrogate pair")


def _check_text(text: str) -> None:
    check_characters(text)
    if len(text.encode()) > MAX_BYTES:
        raise IdentifierError(f"{quoted(text)} is longer than {MAX_BYTES} bytes")


@lru_cache(maxsize=1024)
def _host_and_port(text: str) -> tuple[str, int | None]:
    """Split a server name, or raise ``IdentifierError``; cached, because many aliases share few servers."""
    _check_text(text)
    match = _SERVER_NAME.fullmatch(text)
    if match is None:
        raise IdentifierError(f"{quoted(text)} is not a server name")
    host, port = match[1], match[2]
    if host.startswith("["):
        try:
            ipaddress.IPv6Address(host[1:-1])
        except ValueError:
            raise IdentifierError(f"{quoted(host)} is not an IPv6 address") from None
    if port is not None and int(port) > _HIGHEST_PORT:
        raise IdentifierError(f"port {port} of {quoted(text)} is above {_HIGHEST_PORT}")
    return host, None if port is None else int(port)


def _check_server_name(server_name: str, text: str, noun: str) -> None:
    try:
        _host_and_port(server_name)
    except IdentifierError as error:
        raise IdentifierError(f"{quoted(text)} is not {noun}: {error.message}") from None


class ServerName(str):
    """A server name: ``example.org``, ``192.0.2.1:8448``, ``[2001:db8::1]``.

    Case-sensitive, as it is for homeservers.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Check ``text``; raise ``IdentifierError`` unless it is a server name."""
        _host_and_port(text)
        return super().__new__(cls, text)

    @property
    def host(self) -> str:
        """The host without the port; an IPv6 address keeps its brackets."""
        return _host_and_port(str(self))[0]

    @property
    def port(self) -> int | None:
        """The port, from 0 to 65535, or ``None`` if the name has none."""
        return _host_and_port(str(self))[1]


class _SigilIdentifier(str):
    """An identifier that starts with a sigil."""

    __slots__ = ()
    sigil: ClassVar[str]
    noun: ClassVar[str]

    def __new__(cls, text: str) -> Self:
        """Check ``text``; raise ``IdentifierError`` unless it is such an identifier."""
        if not text.startswith(cls.sigil):
            raise IdentifierError(f"{quoted(text)} is not {cls.noun}: it does not start with {cls.sigil}")
        _check_text(text)
        cls._check(text)
        return super().__new__(cls, text)

    @classmethod
    def _check(cls, text: str) -> None:
        raise NotImplementedError


class _ServerIdentifier(_SigilIdentifier):
    """``<sigil>localpart:server name``, split at the first colon: a server name may contain more."""

    __slots__ = ()

    @classmethod
    def _check(cls, text: str) -> None:
        _, colon, server_name = text.partition(":")
        if not colon:
            raise IdentifierError(f"{quoted(text)} is not {cls.noun}: it names no server (:example.org)")
        _check_server_name(server_name, text, cls.noun)

    @property
    def localpart(self) -> str:
        """The text between the sigil and the first colon."""
        return self.partition(":")[0][1:]

    @property
    def server_name(self) -> ServerName:
        """The server that created the identifier."""
        return ServerName(self.partition(":")[2])


class RoomAlias(_ServerIdentifier):
    """A room alias, ``#name:example.org``: people type it, and its server resolves it.

    The grammar allows control characters, this class does not: no server creates such an alias for a
    person, and every place that shows one would be at risk.
    """

    __slots__ = ()
    sigil = "#"
    noun = "a room alias"


class UserId(_ServerIdentifier):
    """A user ID, ``@name:example.org``."""

    __slots__ = ()
    sigil = "@"
    noun = "a user ID"


class RoomId(_SigilIdentifier):
    """A room ID: ``!opaque:example.org``, or ``!`` and a hash from room version 12 on.

    It is opaque: its domain, if it has one, does not say where the room is.
    """

    __slots__ = ()
    sigil = "!"
    noun = "a room ID"

    @classmethod
    def _check(cls, text: str) -> None:
        opaque, colon, server_name = text.partition(":")
        if len(opaque) == 1:
            raise IdentifierError(f"{quoted(text)} is not a room ID: nothing follows the {cls.sigil}")
        if colon:
            _check_server_name(server_name, text, cls.noun)


class EventId(_SigilIdentifier):
    """An event ID: ``$opaque:example.org``, or ``$`` and a hash from room version 3 on."""

    __slots__ = ()
    sigil = "$"
    noun = "an event ID"

    @classmethod
    def _check(cls, text: str) -> None:
        if len(text) == 1:
            raise IdentifierError(f"{quoted(text)} is not an event ID: nothing follows the {cls.sigil}")
