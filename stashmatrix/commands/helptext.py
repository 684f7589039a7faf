"""What the help says of a command, on a terminal and in the manual: its options in groups, and examples."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from typer.core import TyperGroup

from stashmatrix.commands.exits import MEANINGS

if TYPE_CHECKING:
    from typer._click import Command, Context, Parameter

Row = tuple[str, str]
"""A term and what it means."""

FIRST_OF_GROUP = {
    "rooms": "Find and open rooms",
    "check-links": "Check links",
    "init": "Your own rooms",
    "help": "Help",
}
"""The heading above each command that begins a group."""

GROUPS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "stashmatrix check-links": {
        "What to check": (
            "--include",
            "--exclude",
            "--extend-exclude",
            "--force-exclude",
            "--no-ignore",
            "--hidden",
            "--files-from",
            "--stdin-filename",
            "--include-code",
            "--changed-since",
            "--ignore",
        ),
        "What to mend": ("--fix", "--unsafe-fixes", "--diff"),
        "How to ask": (
            "--offline",
            "--homeserver",
            "--resolver",
            "--allow-private",
            "--timeout",
            "--max-time",
            "--retries",
            "--concurrency",
            "--per-host",
            "--cache",
            "--max-age",
        ),
        "How to report": (
            "--format",
            "--report",
            "--fail-on",
            "--enable",
            "--disable",
            "--lock",
            "--update-lock",
        ),
    },
}
"""The options of commands that have many, by what they are for; others are listed below them."""

EXAMPLES: Mapping[str, Sequence[Row]] = {
    "stashmatrix": (
        ("stashmatrix rooms docker", "List the rooms about Docker."),
        ("stashmatrix open stash-help", "Open a room in the web browser."),
        ("stashmatrix check-links README.md docs", "Find the dead Matrix links in documents."),
        ("stashmatrix --catalogue rooms.yaml check-links", "Find the dead rooms of a catalogue."),
    ),
    "stashmatrix rooms": (
        ("stashmatrix rooms --no-nsfw -c support", "List the rooms of a category that are not NSFW."),
        ("stashmatrix rooms --format links", "Write one link a line."),
        ("stashmatrix rooms --live -c support", "Ask the homeservers for members and state."),
    ),
    "stashmatrix show": (("stashmatrix show theming '#stash-help:unredacted.org'", "Show two rooms."),),
    "stashmatrix info": (
        ("stashmatrix info '#matrix:matrix.org'", "Ask what room an alias leads to."),
        ("stashmatrix info help space --format json", "Ask about two rooms of the catalogue, for a program."),
    ),
    "stashmatrix link": (
        ("stashmatrix link help docker", "Print two links."),
        ("stashmatrix link help --copy --qr", "Copy a link, and draw it for a phone."),
    ),
    "stashmatrix open": (
        ("stashmatrix open", "Choose a room from a list."),
        ("stashmatrix open help", "Open the room stash-help."),
        ("stashmatrix open -n help", "Print its link, and open nothing."),
    ),
    "stashmatrix guide": (("stashmatrix guide register", "Read how to begin."),),
    "stashmatrix check-links": (
        ("stashmatrix check-links README.md docs", "Check the links in a file and in a folder."),
        ("stashmatrix check-links", "Check the rooms of the catalogue in use."),
        (
            "stashmatrix check-links --offline .",
            "Find what is wrong with the links themselves, and ask nobody.",
        ),
        (
            "stashmatrix check-links docs --report sarif=links.sarif --fail-on warning",
            "Write a file for code scanning, and fail on warnings as well.",
        ),
    ),
    "stashmatrix config": (("stashmatrix --no-config config", "Show the defaults."),),
    "stashmatrix validate": (
        ("stashmatrix validate rooms.yaml", "List all that is wrong with a catalogue."),
        (
            "stashmatrix validate --schema > rooms.schema.json",
            "Have an editor complete and check catalogues.",
        ),
    ),
    "stashmatrix page import": (
        ("stashmatrix page import docs/chat.md -o rooms.yaml", "Make a catalogue of a page."),
    ),
    "stashmatrix page export": (
        ("stashmatrix page export --into docs/chat.md", "Put the rooms between the two comments of a page."),
        ("stashmatrix page export --check docs/chat.md", "Fail if the page is not what it should be."),
    ),
    "stashmatrix init": (("stashmatrix init docs/chat.md", "Begin with the rooms of a page."),),
    "stashmatrix help": (
        ("stashmatrix help page export", "Show the help of a command."),
        ("stashmatrix help --man | man -l -", "Read the manual page."),
    ),
    "stashmatrix completion": (
        ('eval "$(stashmatrix completion bash)"', "Have this shell complete our commands."),
    ),
}
"""Command lines to begin with, each with what it does."""

_WITHOUT_BRACES = str.maketrans("", "", "{}")
"""Typer writes ``{ROOM...}`` for an argument that is needed, where manuals write ``ROOM...``."""

WITH_EXIT_CODES = frozenset({"stashmatrix", "stashmatrix check-links"})


class Section(NamedTuple):
    """Terms under a heading, each with what it means."""

    heading: str
    rows: tuple[Row, ...]


class Page(NamedTuple):
    """Everything the help says of a command."""

    name: str
    """The words to type."""
    usage: str
    """What follows them."""
    about: str
    """Paragraphs."""
    sections: tuple[Section, ...]
    examples: tuple[Row, ...]
    exit_codes: tuple[Row, ...]


def page(ctx: "Context") -> Page:
    """Return what the help says of the command of a context."""
    command, name = ctx.command, ctx.command_path
    codes = [(str(int(status)), meaning) for status, meaning in MEANINGS.items()]
    return Page(
        name=name,
        usage=" ".join(command.collect_usage_pieces(ctx)).translate(_WITHOUT_BRACES),
        about=command.help or "",
        sections=tuple(_sections(ctx)),
        examples=tuple(EXAMPLES.get(name, ())),
        exit_codes=tuple(codes if name in WITH_EXIT_CODES else ()),
    )


def subcommands(ctx: "Context") -> "Iterator[Context]":
    """Yield a context of each command of a group."""
    group = ctx.command
    assert isinstance(group, TyperGroup)
    for name in group.list_commands(ctx):
        yield context(group.get_command(ctx, name), name, ctx)


def context(command: "Command | None", name: str, parent: "Context") -> "Context":
    """Return the context of a command to ask it for its help."""
    assert command is not None
    # Without arguments, some commands would raise, and none is to act.
    return command.make_context(name, [], parent=parent, resilient_parsing=True)


def _sections(ctx: "Context") -> Iterator[Section]:
    if isinstance(ctx.command, TyperGroup):
        yield from _commands(ctx)
    everywhere = ctx.find_root().command.params if ctx.parent else ()
    own = [each for each in ctx.command.get_params(ctx) if each not in everywhere]
    yield from _section("Arguments", (each for each in own if each.param_type_name == "argument"), ctx)
    options = {each.opts[-1]: each for each in own if each.param_type_name == "option"}
    for heading, names in GROUPS.get(ctx.command_path, {}).items():
        yield from _section(heading, (options.pop(name) for name in names if name in options), ctx)
    yield from _section("Options" if ctx.parent else "Options of every command", options.values(), ctx)


def _commands(ctx: "Context") -> Iterator[Section]:
    heading, rows = "Commands", list[Row]()
    for each in subcommands(ctx):
        name = str(each.info_name)
        if ctx.parent is None and name in FIRST_OF_GROUP:
            if rows:
                yield Section(heading, tuple(rows))
            heading, rows = FIRST_OF_GROUP[name], []
        rows.append((name, summary(each.command.help or "")))
    yield Section(heading, tuple(rows))


def summary(about: str) -> str:
    """Return the first sentence."""
    paragraph = " ".join(about.partition("\n\n")[0].split())
    sentence, full_stop, _ = paragraph.partition(". ")
    return sentence + full_stop.rstrip()


def _section(heading: str, parameters: "Iterable[Parameter]", ctx: "Context") -> Iterator[Section]:
    records = (each.get_help_record(ctx) for each in parameters)
    rows = tuple((term, " ".join(text.split())) for term, text in filter(None, records))
    if rows:
        yield Section(heading, rows)
