"""The command line: every command by its name, the way in and every way out."""

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperCommand, TyperGroup

from stashmatrix import __version__
from stashmatrix.commands import configuration, terminal
from stashmatrix.commands.exits import (
    BY_SIGNAL,
    ExitStatus,
    report_bug,
    report_error,
    report_usage_error,
)
from stashmatrix.commands.invocation import Invocation
from stashmatrix.errors import StashmatrixError

if TYPE_CHECKING:
    from collections.abc import Callable

    from typer._click import Command

COMMANDS: dict[str, str | dict[str, str]] = {
    "rooms": "directory.rooms",
    "categories": "directory.categories",
    "show": "directory.show",
    "info": "live.info",
    "link": "directory.link",
    "open": "directory.open_room",
    "space": "directory.space",
    "homeservers": "directory.homeservers",
    "guide": "directory.show_guide",
    "validate": "validate.validate",
    "check-links": "check_links.check_links",
    "page": {"import": "page.import_page", "export": "page.export_page"},
    "init": "init.init",
    "config": "config.config",
}
"""The function behind each command, as ``module.function`` of this folder, in the order of the help.

A command of several has one for each, and its module's docstring for help.
"""

_HELP = frozenset({"-h", "--help"})
_SETTINGS = {"help_option_names": sorted(_HELP)}


class _Command(TyperCommand):
    """Reads the project's configuration, and turns an ``OSError`` of a command into an error of ours."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # likewise
        """Parse the arguments, which count more than the configuration file of the project."""
        # Help is there even if the file is faulty.
        if not ctx.resilient_parsing and not _HELP.intersection(args):
            self._configure(ctx)
        return super().parse_args(ctx, args)

    def _configure(self, ctx: typer.Context) -> None:
        invocation: Invocation = ctx.obj
        if invocation.no_config:
            return
        invocation.configuration = configuration.find(invocation.config)
        if invocation.configuration is not None and self.name == "check-links":
            from stashmatrix.commands import settings  # most runs have no configuration file

            ctx.default_map = settings.defaults(invocation.configuration, self, ctx)

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]  # Typer's own is private
        """Run the command; raise ``StashmatrixError`` if the operating system refuses something."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            raise StashmatrixError(f"the operating system refused: {error.strerror or error}") from error


class _Commands(TyperGroup):
    """Loads a command's module when the command is used: start-up is every command's cost."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # likewise
        """Return the names of all commands."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> "Command | None":  # type: ignore[override]  # likewise
        """Return the command of that name."""
        # For a name that does not exist Typer suggests one of those that are there.
        for name in [cmd_name] if cmd_name in COMMANDS else COMMANDS:
            if name not in self.commands:
                self.add_command(load_command(name), name)
        return super().get_command(ctx, cmd_name)


def load_command(name: str) -> "Command":
    """Return the command of that name in ``COMMANDS``, and load the module that its function is in."""
    functions = COMMANDS[name]
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    if isinstance(functions, str):
        alone.command(name, cls=_Command, context_settings=_SETTINGS)(_function(functions))
        return typer.main.get_command(alone)
    about = import_module(f"stashmatrix.commands.{name}").__doc__
    alone.callback(help=about, invoke_without_command=True, context_settings=_SETTINGS)(_show_help)
    for each, function in functions.items():
        alone.command(each, cls=_Command, context_settings=_SETTINGS)(_function(function))
    return typer.main.get_command(alone)


def _show_help(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        terminal.write(ctx.get_help() + "\n")


def _function(path: str) -> "Callable[..., object]":
    module, _, function = path.partition(".")
    named: Callable[..., object] = getattr(import_module(f"stashmatrix.commands.{module}"), function)
    return named


app = typer.Typer(
    name="stashmatrix",
    help="Find, open and verify Matrix rooms from the command line.",
    cls=_Commands,
    context_settings=_SETTINGS,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(ctx: typer.Context, wanted: bool) -> None:
    # While completing, what is on stdout is a completion: zsh evaluates it.
    if wanted and not ctx.resilient_parsing:
        terminal.write(f"stashmatrix {__version__}\n")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _global_options(
    ctx: typer.Context,
    catalogue: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            envvar="STASHMATRIX_CATALOGUE",
            help="Catalogue to use [default: that of the configuration file, else the bundled one].",
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Configuration file to use."),
    ] = None,
    no_config: Annotated[bool, typer.Option("--no-config", help="Use no configuration file.")] = False,
    no_pager: Annotated[
        bool, typer.Option("--no-pager", help="Use no pager for what is longer than the screen.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show a traceback if stashmatrix itself fails.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    del version  # its callback has already acted
    invocation: Invocation = ctx.obj
    invocation.catalogue = catalogue
    invocation.debug = debug
    invocation.no_pager = no_pager
    if config is not None and no_config:
        raise typer.BadParameter("there is a file with --config", param_hint="--no-config")
    invocation.config = config
    invocation.no_config = no_config
    if ctx.invoked_subcommand is None:
        terminal.write(ctx.get_help() + "\n")


def run() -> int:
    """Run the command line and return its exit status; every error ends here."""
    terminal.prepare()
    if "_STASHMATRIX_COMPLETE" in os.environ:
        from stashmatrix.commands import completion

        completion.prepare()
    invocation = Invocation()
    try:
        status = app(prog_name="stashmatrix", standalone_mode=False, obj=invocation) or ExitStatus.OK
    except typer.TyperException as error:
        status = report_usage_error(error)
    except StashmatrixError as error:
        status = report_error(error)
    except KeyboardInterrupt:
        status = ExitStatus.INTERRUPTED
    except OSError as error:
        # Typer writes help and completions itself; the commands turn their own into errors of ours.
        terminal.give_up_on_stdout()
        status = report_error(StashmatrixError(f"output cannot be written: {error.strerror}"))
    except Exception as error:  # noqa: BLE001 (the boundary: our bugs end in one line and a code)
        status = report_bug(error, traceback=invocation.debug)
    if status in BY_SIGNAL:
        terminal.say("interrupted")
    return status
