"""One call of the command line: what its global options say, and the data files that they choose."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stashmatrix.catalogue import reading
from stashmatrix.catalogue.model import Catalogue
from stashmatrix.commands import terminal
from stashmatrix.commands.terminal import Color

if TYPE_CHECKING:
    from typer._click import Context

    from stashmatrix.catalogue.guide import Guide
    from stashmatrix.commands.configuration import Configuration


USUAL_NAME = "rooms.yaml"
"""What people call their catalogue, and so does ``init``."""


class Invocation:
    """The options of every command, filled in before it runs; Typer's ``ctx.obj``.

    Not a dataclass: to load those costs every command more than a listing takes to print.
    """

    def __init__(self) -> None:
        """Begin with the defaults."""
        self.catalogue: Path | None = None
        """The catalogue that the user named, or ``None`` for the bundled one."""
        self.color = Color.AUTO
        self.quiet = False
        """Whether to say nothing but errors and warnings."""
        self.verbose = False
        """Whether to say what is asked, and to list each finding by itself."""
        self.debug = False
        self.no_pager = False
        """Whether to write what is longer than the screen all at once."""
        self.config: Path | None = None
        """The configuration file that the user named."""
        self.no_config = False
        """Whether to use no configuration file."""
        self.configuration: Configuration | None = None
        """What the project's configuration file says, if there is one."""

    def catalogue_path(self) -> Path:
        """Return the path of the catalogue in use: the named, the configured or the bundled one."""
        if self.catalogue is not None:
            return self.catalogue
        if self.configuration is not None:
            from stashmatrix.commands import settings  # most runs have no configuration file

            if (configured := settings.catalogue(self.configuration)) is not None:
                return configured
        return reading.bundled(USUAL_NAME)


def remember(ctx: typer.Context, param: typer.CallbackParam, value: object) -> None:
    """Keep what one of these options says, before the command or after it; what is written last counts."""
    source = ctx.get_parameter_source(str(param.name))
    # After the command, the environment would count more than what is written before it.
    if source is None or source.name not in (
        ("COMMANDLINE",) if ctx.parent else ("COMMANDLINE", "ENVIRONMENT")
    ):
        return
    invocation: Invocation = ctx.obj
    setattr(invocation, str(param.name), value)
    if invocation.no_config and invocation.config is not None:
        raise typer.BadParameter("there is a file with --config", param_hint="--no-config")
    if invocation.quiet and invocation.verbose:
        raise typer.BadParameter("there is --quiet, too", param_hint="--verbose")
    terminal.set_manner(color=invocation.color, quiet=invocation.quiet)


def catalogue_path(ctx: "Context") -> Path:
    """Return the path of the catalogue in use."""
    invocation: Invocation = ctx.obj
    return invocation.catalogue_path()


def load_catalogue(ctx: "Context") -> Catalogue:
    """Load the catalogue in use, and say which one it is; raise ``InvalidFileError`` with all its faults."""
    catalogue = reading.load(catalogue_path(ctx))
    tell_catalogue(ctx)
    return catalogue


def tell_catalogue(ctx: "Context", *, verb: str = "using", always: bool = False) -> None:
    """Say on stderr which catalogue is in use, if it is not the bundled one or ``always``.

    For the bundled one, a hint names a catalogue of the usual name in the working directory, which may be
    a stranger's and is never taken unasked.
    """
    path = catalogue_path(ctx)
    is_bundled = path == reading.bundled(USUAL_NAME)
    if always or not is_bundled:
        terminal.note(f"{verb} the catalogue {reading.shown_path(str(path))}")
    if is_bundled and Path(USUAL_NAME).is_file():
        terminal.note(f"hint: {USUAL_NAME} in this folder is not used; --catalogue {USUAL_NAME} uses it")


def load_guide() -> "Guide":
    """Load the guide that ships with the package."""
    from stashmatrix.catalogue import guide

    return guide.load(reading.bundled("guide.yaml"))
