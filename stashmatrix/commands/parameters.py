"""Parameters that commands share, and how the text of an option becomes its value."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, TypeVar

import typer

from stashmatrix.commands import terminal
from stashmatrix.commands.completion import complete_room
from stashmatrix.commands.exits import ROOM_METAVAR
from stashmatrix.text import printable

T = TypeVar("T")


class Format(StrEnum):
    """How a command writes its records."""

    TABLE = "table"
    PLAIN = "plain"
    JSON = "json"
    CSV = "csv"


FORMAT_HELP = "Output format [default: table on a terminal, plain in a pipe]."

RoomArgument = Annotated[
    list[str],
    typer.Argument(
        metavar=ROOM_METAVAR,
        help="A name, without the community's prefix if you like, or its beginning; an alias; a link; space.",
        autocompletion=complete_room,
    ),
]
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
