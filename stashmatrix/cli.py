"""The command line: parse, call one function, print, return an exit status.

The room directory's commands are here, and the way in and out; ``check_links`` has a module of its own.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from typer import _completion_classes

from stashmatrix import __version__, catalogue, listing, terminal
from stashmatrix.catalogue import Catalogue, Filters, Flag
from stashmatrix.check_links import check_links
from stashmatrix.command import (
    ExitStatus,
    catalogue_path,
    default_format,
    fault_lines,
    load_catalogue,
    report_error,
)
from stashmatrix.errors import (
    BrowserError,
    InvalidFileError,
    StashmatrixError,
    UnknownNameError,
)
from stashmatrix.escaping import ascii_json, printable
from stashmatrix.links import Link, element_url, matrix_to_url, matrix_uri
from stashmatrix.wording import counted

if TYPE_CHECKING:
    from stashmatrix.guide import Guide

Format = Literal["table", "plain", "json", "csv"]
RoomsFormat = Literal["table", "plain", "json", "csv", "links"]
DetailsFormat = Literal["plain", "json"]
Scheme = Literal["matrix.to", "matrix"]
Client = Literal["matrix.to", "element", "matrix"]

_WRITERS = {"matrix.to": matrix_to_url, "element": element_url, "matrix": matrix_uri}

# Typer renders the descriptions of completions as Rich markup: that loads Rich at each press of the
# key, and eats words in brackets. Ours are plain text.
_completion_classes._sanitize_help_text = lambda text: text  # noqa: SLF001

app = typer.Typer(
    name="stashmatrix",
    help="Find, open and verify Matrix rooms from the command line.",
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


# What a command reads and where it writes


def _load_guide() -> "Guide":
    from stashmatrix import guide

    return guide.load(catalogue.bundled("guide.yaml"))


def _write_records(records: list[listing.Record], chosen: Format | None) -> None:
    match default_format(chosen):
        case "table":
            terminal.draw(listing.table(records, terminal.width()))
        case "json":
            terminal.write(ascii_json(records))
        case "csv":
            terminal.write(listing.as_csv(records, tuple(records[0]) if records else ()))
        case _:
            terminal.write(listing.plain(records))


# Completion: silent where there is nothing to offer, since it runs while the user types


def _catalogue_to_complete(ctx: typer.Context) -> Catalogue | None:
    try:
        return load_catalogue(ctx)
    except StashmatrixError:
        return None


def _complete_room(ctx: typer.Context, incomplete: str) -> Iterable[tuple[str, str]]:
    if (loaded := _catalogue_to_complete(ctx)) is None:
        return []
    entries = [
        (printable(room.name), printable(room.description or room.category.title)) for room in loaded.rooms
    ]
    if loaded.space is not None:
        entries += [
            (printable(name), printable(f"the {loaded.community} space"))
            for name in (loaded.space.name, "space")
        ]
    begun = [entry for entry in entries if entry[0].startswith(incomplete)]
    return begun or [(name.removeprefix(loaded.prefix), text) for name, text in entries]


def _complete_category(ctx: typer.Context) -> Iterable[tuple[str, str]]:
    loaded = _catalogue_to_complete(ctx)
    categories_there = loaded.categories if loaded is not None else ()
    return [(category.id, printable(category.title)) for category in categories_there]


def _complete_topic() -> Iterable[tuple[str, str]]:
    return [(topic.id, topic.title) for topic in _load_guide().topics]


# Parameters that several commands share

_ROOM_METAVAR = "ROOM..."
RoomArgument = Annotated[
    list[str],
    typer.Argument(
        metavar=_ROOM_METAVAR,
        help="A name, without the community's prefix if you like, or its beginning; an alias; a link; space.",
        autocompletion=_complete_room,
    ),
]
FormatOption = Annotated[
    Format | None,
    typer.Option("--format", help="How to write it; the default is table on a terminal, else plain."),
]


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


@app.command()
def rooms(
    ctx: typer.Context,
    query: Annotated[
        list[str] | None, typer.Argument(metavar="[QUERY...]", help="Words of the name or the description.")
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option(
            "--category",
            "-c",
            metavar="ID",
            help="Only rooms of this category; may be repeated.",
            autocompletion=_complete_category,
        ),
    ] = None,
    nsfw: Annotated[bool | None, typer.Option("--nsfw/--no-nsfw", help="Only (no) NSFW rooms.")] = None,
    bridged: Annotated[
        bool | None, typer.Option("--bridged/--no-bridged", help="Only rooms (not) bridged to Discord.")
    ] = None,
    archived: Annotated[
        bool | None, typer.Option("--archived/--no-archived", help="Only (no) archived rooms.")
    ] = None,
    output_format: Annotated[
        RoomsFormat | None,
        typer.Option("--format", help="How to write it; the default is table on a terminal, else plain."),
    ] = None,
) -> None:
    """List rooms; all filters combine.

    In a pipe, a room is one line: name, alias, category, flags and description, between tabs.
    """
    loaded = load_catalogue(ctx)
    wanted = {Flag.NSFW: nsfw, Flag.BRIDGED: bridged, Flag.ARCHIVED: archived}
    filters = Filters(
        query=" ".join(query or ()),
        categories=tuple(loaded.category(category_id) for category_id in category or ()),
        flags=tuple((flag, value) for flag, value in wanted.items() if value is not None),
    )
    found = catalogue.select(loaded.rooms, filters)
    match default_format(output_format):
        case "table":
            if found:
                terminal.draw(listing.rooms_table(loaded, found, terminal.width()))
        case "links":
            terminal.write("".join(matrix_to_url(room.link) + "\n" for room in found))
        case "json":
            terminal.write(ascii_json([listing.room_record(room) for room in found]))
        case "csv":
            terminal.write(listing.as_csv([listing.room_record(room) for room in found], listing.ROOM_KEYS))
        case _:
            terminal.write(listing.plain_rooms(found))
    if not found:
        terminal.say(f"no room matches, out of {len(loaded.rooms)}")


@app.command()
def categories(ctx: typer.Context, output_format: FormatOption = None) -> None:
    """List the categories of rooms."""
    _write_records(listing.category_records(load_catalogue(ctx)), output_format)


@app.command()
def show(
    ctx: typer.Context,
    names: RoomArgument,
    output_format: Annotated[DetailsFormat, typer.Option("--format", help="How to write it.")] = "plain",
) -> None:
    """Show everything known of rooms."""
    entries = _find_all(ctx, names)
    records = [
        listing.room_record(entry) if isinstance(entry, catalogue.Room) else listing.space_record(entry)
        for entry in entries
    ]
    if output_format == "json":
        terminal.write(ascii_json(records))
    else:
        terminal.write("\n".join(listing.details(record) for record in records))


@app.command()
def link(
    ctx: typer.Context,
    names: RoomArgument,
    scheme: Annotated[Scheme, typer.Option(help="How to write the link.")] = "matrix.to",
) -> None:
    """Print the links to rooms."""
    links = [entry.link for entry in _find_all(ctx, names)]
    terminal.write("".join(_WRITERS[scheme](each) + "\n" for each in links))


@app.command("open")
def open_room(
    ctx: typer.Context,
    names: RoomArgument,
    client: Annotated[Client, typer.Option(help="What to open it with.")] = "matrix.to",
    print_only: Annotated[
        bool, typer.Option("--print", "-n", help="Print the link and open nothing.")
    ] = False,
) -> None:
    """Open rooms in the web browser."""
    urls = [_WRITERS[client](entry.link) for entry in _find_all(ctx, names)]
    unopened = urls if print_only else [url for url in urls if not _open(url)]
    terminal.write("".join(url + "\n" for url in unopened))
    if unopened and not print_only:
        raise BrowserError("no web browser would open the link", hint="open it by hand, or set BROWSER")


def _open(url: str) -> bool:
    import webbrowser

    terminal.say(f"opening {url}")
    try:
        return webbrowser.open(url)
    except (webbrowser.Error, OSError):
        return False


def _find_all(ctx: typer.Context, names: Iterable[str]) -> list[catalogue.Room | catalogue.Space]:
    loaded = load_catalogue(ctx)
    return [loaded.find(name) for name in names]


@app.command()
def space(ctx: typer.Context, output_format: FormatOption = None) -> None:
    """List the space's addresses, the main one first."""
    loaded = load_catalogue(ctx)
    if loaded.space is None:
        raise UnknownNameError(f"{loaded.path} has no space")
    aliases = [loaded.space.alias, *(address.alias for address in loaded.space.alternatives)]
    records: list[listing.Record] = [
        {"alias": alias, "link": matrix_to_url(Link(target=alias))} for alias in aliases
    ]
    _write_records(records, output_format)


@app.command()
def homeservers(output_format: FormatOption = None) -> None:
    """List homeservers to register on."""
    _write_records(listing.homeserver_records(_load_guide()), output_format)


@app.command("guide")
def show_guide(
    topic: Annotated[
        str | None,
        typer.Argument(
            metavar="[TOPIC]",
            help="about, register, clients, rooms, tips or reading; all of them by default.",
            autocompletion=_complete_topic,
        ),
    ] = None,
) -> None:
    """Read about Matrix, and how to begin."""
    loaded = _load_guide()
    topics = loaded.topics if topic is None else (loaded.topic(topic),)
    if terminal.is_interactive():
        terminal.draw(listing.topics_page(topics, terminal.width()))
    else:
        terminal.write(listing.plain_topics(topics))


@app.command()
def validate(
    ctx: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[CATALOGUE]...", help="The files; --catalogue by default."),
    ] = None,
) -> None:
    """Check catalogue files and list all their faults."""
    status = ExitStatus.OK
    for path in paths or [catalogue_path(ctx)]:
        try:
            loaded = catalogue.load(path)
        except InvalidFileError as error:
            # The faults are what was asked for, and so belong on stdout.
            terminal.write("".join(fault_lines(error)))
            terminal.say(f"error: {error.message}")
            status = ExitStatus.FAILED
        else:
            terminal.write(f"{loaded.path}: {_size(loaded)}, no faults\n")
    raise typer.Exit(status)


def _size(loaded: Catalogue) -> str:
    rooms_there = counted(len(loaded.rooms), "room")
    return f"{rooms_there} in {counted(len(loaded.categories), 'category', 'categories')}"


app.command("check-links")(check_links)


# The way in and every way out


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
    elif getattr(getattr(error, "param", None), "metavar", None) == _ROOM_METAVAR:
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
