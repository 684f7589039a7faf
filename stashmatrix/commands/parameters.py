"""Parameters that several commands share."""

from typing import Annotated, Literal

import typer

from stashmatrix.commands.completion import complete_room

Format = Literal["table", "plain", "json", "csv"]


ROOM_METAVAR = "ROOM..."
RoomArgument = Annotated[
    list[str],
    typer.Argument(
        metavar=ROOM_METAVAR,
        help="A name, without the community's prefix if you like, or its beginning; an alias; a link; space.",
        autocompletion=complete_room,
    ),
]
FormatOption = Annotated[
    Format | None,
    typer.Option("--format", help="How to write it; the default is table on a terminal, else plain."),
]
