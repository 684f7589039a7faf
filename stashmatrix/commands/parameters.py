"""Parameters that commands share, and how the text of an option becomes its value."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, NamedTuple, TypeVar

import typer

from stashmatrix.commands import terminal
from stashmatrix.commands.completion import complete_room
from stashmatrix.commands.exits import ROOM_METAVAR
from stashmatrix.matrix.identifiers import ServerName
from stashmatrix.text import printable, quoted

T = TypeVar("T")


class Format(StrEnum):
    """How a command writes its records."""

    TABLE = "table"
    PLAIN = "plain"
    JSON = "json"
    CSV = "csv"


class DetailsFormat(StrEnum):
    """How a command writes what is known of single rooms."""

    TABLE = "table"
    PLAIN = "plain"
    JSON = "json"


FORMAT_HELP = "Output format [default: table on a terminal, plain in a pipe]."

_ROOM = typer.Argument(
    metavar=ROOM_METAVAR,
    help="A name, without the community's prefix if you like, or its beginning; an alias; a link; space.",
    autocompletion=complete_room,
)
RoomArgument = Annotated[list[str], _ROOM]
OptionalRoomArgument = Annotated[list[str] | None, _ROOM]
FormatOption = Annotated[Format | None, typer.Option("--format", help=FORMAT_HELP)]


def default_format() -> str:
    """Return the format for an option that was not given: a table for a person, plain text for a program."""
    return "table" if terminal.is_interactive() else "plain"


def option_parser(parse: Callable[[str], T]) -> Callable[[str | T], T]:
    """Return ``parse`` for Typer's ``parser=``, with its ``ValueError`` as a usage error.

    Typer names the option, but would show the value in place of the error's words.
    """

    def parse_option(value: str | T) -> T:
        if not isinstance(value, str):
            return value  # the default, which Typer passes through here too
        try:
            return parse(value)
        except ValueError as error:
            raise typer.BadParameter(printable(str(error), limit=200)) from None

    return parse_option


class Homeserver(NamedTuple):
    """Where the API of one server name is."""

    name: ServerName
    url: str


def _parse_homeserver(text: str) -> Homeserver:
    """Read ``NAME=URL``; raise ``ValueError`` if either half of it is wrong."""
    name, equals, url = text.partition("=")
    if not equals:
        raise ValueError(f"expected NAME=URL, got {quoted(text)}")
    return Homeserver(ServerName(name), _parse_url(url))


def _parse_url(text: str) -> str:
    from stashmatrix.network.urls import base_url  # loads httpx, and most runs have no such option

    url = base_url(text, schemes=("http", "https"))
    if url is None:
        raise ValueError(f"expected a plain http or https URL, got {quoted(text)}")
    return url


HomeserverOption = Annotated[
    list[Homeserver] | None,
    typer.Option(
        metavar="NAME=URL",
        parser=option_parser(_parse_homeserver),
        help="API of one server name, in place of discovery; repeatable.",
    ),
]
ResolverOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        parser=option_parser(_parse_url),
        help="Homeserver to ask when an alias's own server is unreachable.",
    ),
]
AllowPrivateOption = Annotated[
    bool, typer.Option("--allow-private", help="Ask servers at private and loopback addresses too.")
]
