"""The command config: what is in force without options, and where each setting comes from."""

import json
from collections.abc import Iterator
from enum import Enum

import typer

from stashmatrix.commands import settings, terminal
from stashmatrix.commands.app import load_command
from stashmatrix.commands.configuration import Configuration
from stashmatrix.commands.durations import Duration
from stashmatrix.commands.invocation import Invocation, catalogue_path
from stashmatrix.text import printable


def config(ctx: typer.Context) -> None:
    """Show the settings of check-links, and where each comes from.

    They are TOML, each with the line of the configuration file that says it, or the default.
    """
    invocation: Invocation = ctx.obj
    found = invocation.configuration
    if found is not None:
        settings.defaults(found, load_command("check-links"), ctx)  # tells all that is wrong with it
    terminal.write("".join(f"{line}\n" for line in _lines(ctx, found)))


def _lines(ctx: typer.Context, found: Configuration | None) -> Iterator[str]:
    yield f"# {found.path if found else 'no configuration file'}"
    invocation: Invocation = ctx.obj
    written = {} if found is None else found.values
    unset = []
    for key, default in _defaults(ctx):
        if key == settings.CATALOGUE and invocation.catalogue is not None:
            yield f"{key} = {_toml(str(invocation.catalogue))}  # --catalogue or STASHMATRIX_CATALOGUE"
        elif found is not None and key in written:
            yield f"{key} = {_toml(written[key])}  # {_place(found, key)}"
        elif default is None:
            unset.append(key)
        else:
            yield f"{key} = {_toml(default)}  # default"
    if unset:
        yield f"# not set: {', '.join(unset)}"
    if found is not None and (table := written.get(settings.PER_FILE_IGNORES)):
        yield f"\n[{settings.PER_FILE_IGNORES}]"
        for pattern, codes in table.items():
            place = found.source(settings.PER_FILE_IGNORES, pattern)
            yield f"{_toml(pattern)} = {_toml(codes)}  # {place.path}:{place.line}"


def _defaults(ctx: typer.Context) -> Iterator[tuple[str, object]]:
    yield settings.CATALOGUE, str(catalogue_path(ctx))
    for key, parameter in settings.allowed(load_command("check-links")):
        yield key, parameter.get_default(ctx)


def _place(found: Configuration, key: str) -> str:
    source = found.source(key)
    return f"{printable(source.path)}:{source.line}"


def _toml(value: object) -> str:
    """Write a value as TOML, whose texts and lists are those of JSON here."""
    if isinstance(value, Duration):
        return json.dumps(str(value))
    return json.dumps(value.value if isinstance(value, Enum) else value)
