"""Commands and options that do not exist: what whoever typed them may have meant."""

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from typer.core import TyperGroup

from stashmatrix.catalogue import reading
from stashmatrix.commands.invocation import catalogue_path
from stashmatrix.errors import StashmatrixError, UnknownNameError, unknown
from stashmatrix.text import printable, quoted

if TYPE_CHECKING:
    from typer._click import Context, Parameter

_OTHER_WORDS = {
    "search": "rooms",
    "find": "rooms",
    "list": "rooms",
    "ls": "rooms",
    "join": "open",
    "check": "check-links",
    "lint": "check-links",
    "version": "--version",
}
"""What other programs call our commands."""


def unknown_command(ctx: "Context", args: Sequence[str]) -> UnknownNameError:
    """Build the error for a command line whose command, the first of ``args``, does not exist."""
    name = args[0]
    meant = None
    if ctx.parent is None:
        other = _OTHER_WORDS.get(name.casefold())
        meant = (other, *args[1:]) if other else ("open", *args) if _is_room(ctx, name) else None
    if meant is not None:
        line = printable(shlex.join(("stashmatrix", *meant)), limit=200)
        return UnknownNameError(f"no command named {quoted(name)}", hint=f"did you mean: {line}")
    group = ctx.command
    assert isinstance(group, TyperGroup)
    names = {command: command for command in group.list_commands(ctx)}
    return unknown("command", name, names, otherwise=f"see '{ctx.command_path} --help'")


_OTHER_OPTIONS = {"--install-completion": "completion", "--show-completion": "completion"}
"""What other programs that are written with Typer have for our commands."""


def _is_room(ctx: "Context", name: str) -> bool:
    try:
        reading.load(catalogue_path(ctx)).find(name)
    except StashmatrixError:
        return False
    return True


def unknown_option(ctx: "Context", name: str) -> UnknownNameError:
    """Build the error for an option that the command does not have."""
    if ctx.parent is None:
        lines = [f"stashmatrix {command} {name}" for command in _commands_with(ctx, name)]
        lines += [
            f"stashmatrix {command} --help" for option, command in _OTHER_OPTIONS.items() if option == name
        ]
        if lines:
            return UnknownNameError(
                f"no option {quoted(name)} before a command", hint=f"did you mean: {lines[0]}"
            )
    names = {each: each for each in _options(ctx.command.get_params(ctx))}
    return unknown("option", name, names, otherwise=f"see '{ctx.command_path} --help'")


def _commands_with(ctx: "Context", name: str) -> list[str]:
    """Return the commands that have an option of that name."""
    root = ctx.command
    assert isinstance(root, TyperGroup)
    commands = [(each, root.get_command(ctx, each)) for each in root.list_commands(ctx)]
    return [each for each, command in commands if command is not None and name in _options(command.params)]


def _options(parameters: "Sequence[Parameter]") -> list[str]:
    return [
        name
        for each in parameters
        if each.param_type_name == "option"
        for name in (*each.opts, *each.secondary_opts)
    ]
