"""The command validate."""

import json
from pathlib import Path
from typing import Annotated

import typer

from stashmatrix.catalogue.model import Catalogue
from stashmatrix.catalogue.reading import load, shown_path
from stashmatrix.commands import terminal
from stashmatrix.commands.exits import ExitStatus, fault_lines
from stashmatrix.commands.invocation import catalogue_path, tell_catalogue
from stashmatrix.errors import InvalidFileError
from stashmatrix.text import counted


def validate(
    ctx: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[CATALOGUE]...", help="The files; --catalogue by default."),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of catalogues, which editors use.")
    ] = False,
) -> None:
    """Check catalogue files and list all their faults."""
    if schema:
        if paths:
            raise typer.BadParameter("it checks no file", param_hint="--schema")
        from stashmatrix.catalogue.schema import schema as catalogue_schema  # no other run needs it

        terminal.write(json.dumps(catalogue_schema(), indent=2, ensure_ascii=False) + "\n")
        return
    status = ExitStatus.OK
    if not paths:
        tell_catalogue(ctx)
    for path in paths or [catalogue_path(ctx)]:
        try:
            loaded = load(path)
        except InvalidFileError as error:
            # The faults are what was asked for, and so belong on stdout.
            terminal.write("".join(fault_lines(error)))
            terminal.say(f"error: {error.message}")
            status = ExitStatus.FAILED
        else:
            terminal.write(f"{shown_path(loaded.path)}: {_size(loaded)}, no faults\n")
    raise typer.Exit(status)


def _size(loaded: Catalogue) -> str:
    rooms_there = counted(len(loaded.rooms), "room")
    return f"{rooms_there} in {counted(len(loaded.categories), 'category', 'categories')}"
