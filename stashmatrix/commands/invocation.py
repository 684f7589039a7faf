"""One call of the command line: what its global options say, and the data files that they choose."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stashmatrix.catalogue import reading
from stashmatrix.catalogue.model import Catalogue

if TYPE_CHECKING:
    from stashmatrix.catalogue.guide import Guide
    from stashmatrix.commands.configuration import Configuration


class Invocation:
    """The global options, filled in before a command runs; Typer's ``ctx.obj``.

    Not a dataclass: to load those costs every command more than a listing takes to print.
    """

    def __init__(self) -> None:
        """Begin with the defaults."""
        self.catalogue: Path | None = None
        """The catalogue that the user named, or ``None`` for the bundled one."""
        self.debug = False
        self.config: Path | None = None
        """The configuration file that the user named."""
        self.no_config = False
        """Whether to use no configuration file."""
        self.configuration: Configuration | None = None
        """What the project's configuration file says, if there is one."""


def catalogue_path(ctx: typer.Context) -> Path:
    """Return the path of the catalogue in use."""
    invocation: Invocation = ctx.obj
    if invocation.catalogue is not None:
        return invocation.catalogue
    if invocation.configuration is not None:
        from stashmatrix.commands import settings  # most runs have no configuration file

        if (configured := settings.catalogue(invocation.configuration)) is not None:
            return configured
    return reading.bundled("rooms.yaml")


def load_catalogue(ctx: typer.Context) -> Catalogue:
    """Load the catalogue in use; raise ``InvalidFileError`` with all that is wrong with it."""
    return reading.load(catalogue_path(ctx))


def load_guide() -> "Guide":
    """Load the guide that ships with the package."""
    from stashmatrix.catalogue import guide

    return guide.load(reading.bundled("guide.yaml"))
