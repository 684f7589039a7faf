"""The command help, and the help of every command on a terminal."""

import shutil
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from stashmatrix.commands import helptext, mistakes, terminal

if TYPE_CHECKING:
    from typer._click import Context

_WIDEST = 80
_NARROWEST = 30
_WIDEST_TERM = 30


def _complete_command(ctx: typer.Context) -> list[tuple[str, str]]:
    root = ctx.find_root()
    return [
        (str(each.info_name), helptext.summary(each.command.help or ""))
        for each in helptext.subcommands(root)
    ]


def show_help(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[COMMAND]...", help="The command; all by default.", autocompletion=_complete_command
        ),
    ] = None,
    man: Annotated[bool, typer.Option("--man", help="Write the manual page, for man -l.")] = False,
) -> None:
    """Show the help of a command."""
    if man:
        from stashmatrix.commands import manual

        terminal.write(manual.written(ctx.find_root()))
        return
    found = ctx.find_root()
    for number, name in enumerate(names or ()):
        group = found.command
        if not isinstance(group, TyperGroup):
            raise typer.BadParameter(f"'{found.command_path}' has no commands", param_hint="COMMAND")
        command = group.get_command(found, name)
        if command is None:
            raise mistakes.unknown_command(found, (names or [])[number:])
        found = helptext.context(command, name, found)
    terminal.write(text(found) + "\n")


def text(ctx: "Context") -> str:
    """Write the help of the command of a context, as wide as the terminal is."""
    columns = shutil.get_terminal_size().columns
    formatter = ctx.formatter_class(width=max(_NARROWEST, min(columns, _WIDEST) - 2))
    page = helptext.page(ctx)
    formatter.write_usage(page.name, page.usage)
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(page.about)
    term_width = min(_WIDEST_TERM, formatter.width // 3)
    for heading, rows in page.sections:
        with formatter.section(heading):
            formatter.write_dl(rows, col_max=term_width)
    if page.examples:
        with formatter.section("Examples"):
            for line, what in page.examples:
                formatter.write_text(line)
                with formatter.indentation():
                    formatter.write_text(what)
    if page.exit_codes:
        with formatter.section("Exit codes"):
            formatter.write_dl(page.exit_codes)
    if ctx.parent is not None:
        formatter.write_paragraph()
        formatter.write_text("See 'stashmatrix --help' for the options of every command, such as --color.")
    return formatter.getvalue().rstrip("\n")
