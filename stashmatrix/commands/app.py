"""The command line: every command by its name, the way in and every way out."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from stashmatrix import __version__
from stashmatrix.commands import directory, terminal
from stashmatrix.commands.check_links import check_links
from stashmatrix.commands.exits import ExitStatus, report_error
from stashmatrix.commands.parameters import ROOM_METAVAR
from stashmatrix.commands.validate import validate
from stashmatrix.errors import StashmatrixError
from stashmatrix.text import printable

app = typer.Typer(
    name="stashmatrix",
    help="Find, open and verify Matrix rooms from the command line.",
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        terminal.write(f"stashmatrix {__version__}\n")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _global_options(
    ctx: typer.Context,
    catalogue_path: Annotated[
        Path | None,
        typer.Option(
            "--catalogue",
            metavar="FILE",
            envvar="STASHMATRIX_CATALOGUE",
            help="The catalogue to use in place of the bundled one.",
        ),
    ] = None,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show a traceback if stashmatrix itself fails.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    del catalogue_path, debug, version  # read from the context where they are needed
    if ctx.invoked_subcommand is None:
        terminal.write(ctx.get_help() + "\n")


app.command()(directory.rooms)
app.command()(directory.categories)
app.command()(directory.show)
app.command()(directory.link)
app.command("open")(directory.open_room)
app.command()(directory.space)
app.command()(directory.homeservers)
app.command("guide")(directory.show_guide)
app.command()(validate)
app.command("check-links")(check_links)


def run() -> int:
    """Run the command line and return its exit status; every error ends here."""
    terminal.prepare()
    try:
        status = app(prog_name="stashmatrix", standalone_mode=False) or ExitStatus.OK
    except typer.TyperException as error:
        status = _usage_error(error)
    except StashmatrixError as error:
        status = report_error(error)
    except KeyboardInterrupt:
        status = ExitStatus.INTERRUPTED
    except OSError as error:
        # Typer writes help itself. All our own reading and writing has errors of its own.
        terminal.give_up_on(sys.stdout)
        status = report_error(StashmatrixError(f"output cannot be written: {error.strerror}"))
    except Exception as error:  # noqa: BLE001 (the boundary: our bugs end in one line and a code)
        status = _bug(error)
    if status == ExitStatus.INTERRUPTED:
        terminal.say("interrupted")
    return status


def _usage_error(error: typer.TyperException) -> ExitStatus:
    terminal.say(f"error: {printable(error.format_message(), limit=400)}")
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "stashmatrix"
    is_unknown = hasattr(error, "possibilities")
    option = getattr(error, "option_name", None)
    if is_unknown and option in ("--catalogue", "--debug", "--version"):
        terminal.say(f"hint: {option} goes before the command: stashmatrix {option} ...")
    elif getattr(getattr(error, "param", None), "metavar", None) == ROOM_METAVAR:
        terminal.say(
            "hint: put quotes around an alias, '#name:server': the shell takes a bare # for a comment"
        )
    else:
        terminal.say(f"hint: '{command} --help' lists what it takes")
    return ExitStatus.USAGE


def _bug(error: Exception) -> ExitStatus:
    while isinstance(error, ExceptionGroup):  # as a group of tasks raises; any one tells enough
        error = error.exceptions[0]
    if "--debug" in sys.argv:
        import traceback

        traceback.print_exception(error)
    else:
        terminal.say(f"error: stashmatrix failed: {type(error).__name__}: {printable(str(error), limit=200)}")
        terminal.say("hint: this is a bug; 'stashmatrix --debug ...' shows where it is")
    return ExitStatus.BUG
