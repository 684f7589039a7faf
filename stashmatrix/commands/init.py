"""The command init: a catalogue to begin with."""

from pathlib import Path
from typing import Annotated

import typer

from stashmatrix import files
from stashmatrix.catalogue.reading import bundled
from stashmatrix.commands import terminal
from stashmatrix.commands.invocation import USUAL_NAME
from stashmatrix.errors import StashmatrixError
from stashmatrix.text import printable_path


def init(
    page: Annotated[
        Path | None, typer.Argument(metavar="[PAGE]", help="A rooms page in Markdown to begin with.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The file to write.")] = Path(
        USUAL_NAME
    ),
) -> None:
    """Write a catalogue to begin with, with comments; its rooms are those of PAGE if there is one."""
    name = printable_path(str(output))
    if output.exists() or output.is_symlink():
        raise StashmatrixError(f"{name} is there already", hint="-o FILE writes another file")
    text = bundled("starter.yaml").read_text(encoding="utf-8")
    if page is not None:
        from stashmatrix.commands.page import imported  # loads a Markdown parser

        rooms, summary = imported(page)
        advice, _, _ = text.partition("\n\n")
        text = f"{advice}\n\n{rooms}"
        terminal.note(summary)
    files.replace(output, text)
    terminal.note(f"{name} is written; --catalogue {name} uses it")
    terminal.note(f'hint: every command uses it with catalogue = "{name}" in stashmatrix.toml')
