"""The command line: every command by its name, the way in and every way out."""

import os
from functools import partial
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
from stashmatrix.commands.invocation import Invocation, remember
from stashmatrix.commands.terminal import Color
from stashmatrix.errors import StashmatrixError

if TYPE_CHECKING:
    from collections.abc import Callable

    from typer._click import Command, Parameter

    Resolved = tuple[str | None, Command | None, list[str]]

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
    "check-links": "check_links.check_links",
    "config": "config.config",
    "init": "init.init",
    "validate": "validate.validate",
    "page": {"import": "page.import_page", "export": "page.export_page"},
    "help": "help.show_help",
    "completion": "shells.completion",
}
"""The function behind each command, as ``module.function`` of this folder, in the order of the help.

A command of several has one for each, and its module's docstring for help.
"""

_SETTINGS = {"help_option_names": ["-h", "--help"]}


class _Helpful:
    """Has its help written by the command ``help``."""

    def get_help(self, ctx: typer.Context) -> str:
        """Return the help of the command of a context."""
        from stashmatrix.commands.help import text  # most runs show none

        return text(ctx)

    def get_short_help_str(self, limit: int = 0) -> str:
        """Return the first sentence of the help, whole: shells cut what they have no room for."""
        del limit
        from stashmatrix.commands.helptext import summary

        return summary(self.help or "")  # type: ignore[attr-defined]  # both classes below have it


class _Command(_Helpful, TyperCommand):  # type: ignore[misc]  # Typer's own is private
    """Reads the project's configuration, and turns an ``OSError`` of a command into an error of ours."""

    def get_params(self, ctx: typer.Context) -> "list[Parameter]":  # type: ignore[override]  # Typer's own is private
        """Return the parameters of the command, and the options that every command has."""
        return [*super().get_params(ctx), *(ctx.find_root().command.params if ctx.parent else ())]

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # likewise
        """Parse the arguments; what is wrong with them is wrong with this command."""
        try:
            return super().parse_args(ctx, args)
        except typer.TyperException as error:
            # Typer does not say it of an option without its value.
            if getattr(error, "ctx", ctx) is None:
                error.ctx = ctx  # type: ignore[attr-defined]
            raise

    def configure(self, ctx: typer.Context) -> None:
        """Read the configuration file of the project; the command line counts more."""
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


class _Group(_Helpful, TyperGroup):  # type: ignore[misc]  # likewise
    """Says what a command that does not exist may mean."""

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> "Resolved":  # type: ignore[override]  # likewise
        """Return the command that the first of ``args`` names; or raise ``UnknownNameError``."""
        if not ctx.resilient_parsing and self.get_command(ctx, args[0]) is None:
            from stashmatrix.commands import mistakes  # most runs make none

            raise mistakes.unknown_command(ctx, args)
        return super().resolve_command(ctx, args)


class _Commands(_Group):
    """Loads a command's module when the command is used: start-up is every command's cost."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # likewise
        """Return the names of all commands."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> "Command | None":  # type: ignore[override]  # likewise
        """Return the command of that name."""
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            self.add_command(load_command(cmd_name), cmd_name)
        return super().get_command(ctx, cmd_name)


def load_command(name: str) -> "Command":
    """Return the command of that name in ``COMMANDS``, and load the module that its function is in."""
    functions = COMMANDS[name]
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    if isinstance(functions, str):
        alone.command(name, cls=_Command, context_settings=_SETTINGS)(_function(functions))
        return typer.main.get_command(alone)
    about = import_module(f"stashmatrix.commands.{name}").__doc__
    alone.callback(cls=_Group, help=about, invoke_without_command=True, context_settings=_SETTINGS)(
        _show_help
    )
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
    add_completion=False,  # the command does that
    context_settings=_SETTINGS,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(ctx: typer.Context, wanted: bool) -> None:
    # While completing, what is on stdout is a completion: zsh evaluates it.
    if wanted and not ctx.resilient_parsing:
        terminal.write(f"stashmatrix {__version__}\n")
        raise typer.Exit


def _remember_config(ctx: typer.Context, param: typer.CallbackParam, value: Path | None) -> None:
    """Keep the name of the file, and have a command read it before its own options count."""
    remember(ctx, param, value)
    if isinstance(ctx.command, _Command) and not ctx.resilient_parsing:
        ctx.command.configure(ctx)


_option = partial(typer.Option, callback=remember, is_eager=True, expose_value=False)


@app.callback(invoke_without_command=True)
def _global_options(
    ctx: typer.Context,
    catalogue: Annotated[
        Path | None,
        _option(
            "--catalogue",
            metavar="FILE",
            envvar="STASHMATRIX_CATALOGUE",
            help="Catalogue to use [default: that of the configuration file, else the bundled one].",
        ),
    ] = None,
    no_config: Annotated[bool, _option("--no-config", help="Use no configuration file.")] = False,
    config: Annotated[
        Path | None,
        _option("--config", callback=_remember_config, metavar="FILE", help="Configuration file to use."),
    ] = None,
    no_pager: Annotated[
        bool, _option("--no-pager", help="Use no pager for what is longer than the screen.")
    ] = False,
    color: Annotated[
        Color, _option("--color", help="When to write in colour; NO_COLOR and FORCE_COLOR count if auto.")
    ] = Color.AUTO,
    quiet: Annotated[bool, _option("--quiet", "-q", help="Say nothing but errors and warnings.")] = False,
    verbose: Annotated[
        bool, _option("--verbose", "-v", help="Say what is asked, and list each finding by itself.")
    ] = False,
    debug: Annotated[bool, _option("--debug", help="Show a traceback if stashmatrix itself fails.")] = False,
    version: Annotated[
        bool, _option("--version", "-V", callback=_print_version, help="Show the version.")
    ] = False,
) -> None:
    # Their callbacks have acted.
    del catalogue, no_config, config, no_pager, color, quiet, verbose, debug, version
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
