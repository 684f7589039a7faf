"""The command line: parse, call one function, print, return an exit status.

Only this module imports typer and reads the environment; ``terminal`` holds the streams.
"""

import os
import sys
from collections.abc import Iterable, Mapping
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from typer import _completion_classes

from stashmatrix import __version__, catalogue, listing, terminal
from stashmatrix.catalogue import Catalogue, Filters, Flag
from stashmatrix.errors import (
    BrowserError,
    IdentifierError,
    InvalidFileError,
    StashmatrixError,
    UnknownNameError,
)
from stashmatrix.escaping import ascii_json, printable
from stashmatrix.links import Link, element_url, matrix_to_url, matrix_uri

if TYPE_CHECKING:
    from stashmatrix.answers import Answer
    from stashmatrix.checks import Reference, Report
    from stashmatrix.guide import Guide
    from stashmatrix.identifiers import RoomAlias, RoomId, ServerName


class ExitStatus(IntEnum):
    """What the exit code says."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    FAILED = 3
    NOTHING_VERIFIED = 4
    BUG = 70
    INTERRUPTED = 130


Format = Literal["table", "plain", "json", "csv"]
RoomsFormat = Literal["table", "plain", "json", "csv", "links"]
DetailsFormat = Literal["plain", "json"]
ReportFormat = Literal["table", "plain", "json", "github", "junit", "sarif", "markdown"]
FailOnChoice = Literal["broken", "warning", "unverified"]
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


def _catalogue_path(ctx: typer.Context) -> Path:
    path = ctx.find_root().params["catalogue_path"]
    return catalogue.bundled("rooms.yaml") if path is None else Path(path)


def _load_catalogue(ctx: typer.Context) -> Catalogue:
    return catalogue.load(_catalogue_path(ctx))


def _load_guide() -> "Guide":
    from stashmatrix import guide

    return guide.load(catalogue.bundled("guide.yaml"))


def _default(chosen: str | None) -> str:
    return chosen or ("table" if terminal.is_interactive() else "plain")


def _write_records(records: list[listing.Record], chosen: Format | None) -> None:
    match _default(chosen):
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
        return _load_catalogue(ctx)
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
    loaded = _load_catalogue(ctx)
    wanted = {Flag.NSFW: nsfw, Flag.BRIDGED: bridged, Flag.ARCHIVED: archived}
    filters = Filters(
        query=" ".join(query or ()),
        categories=tuple(loaded.category(category_id) for category_id in category or ()),
        flags=tuple((flag, value) for flag, value in wanted.items() if value is not None),
    )
    found = catalogue.select(loaded.rooms, filters)
    match _default(output_format):
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
    _write_records(listing.category_records(_load_catalogue(ctx)), output_format)


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
    loaded = _load_catalogue(ctx)
    return [loaded.find(name) for name in names]


@app.command()
def space(ctx: typer.Context, output_format: FormatOption = None) -> None:
    """List the space's addresses, the main one first."""
    loaded = _load_catalogue(ctx)
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
    for path in paths or [_catalogue_path(ctx)]:
        try:
            loaded = catalogue.load(path)
        except InvalidFileError as error:
            # The faults are what was asked for, and so belong on stdout.
            terminal.write("".join(_fault_lines(error)))
            terminal.say(f"error: {error.message}")
            status = ExitStatus.FAILED
        else:
            terminal.write(f"{loaded.path}: {_size(loaded)}, no faults\n")
    raise typer.Exit(status)


def _size(loaded: Catalogue) -> str:
    rooms_there = listing.counted(len(loaded.rooms), "room")
    return f"{rooms_there} in {listing.counted(len(loaded.categories), 'category', 'categories')}"


@app.command("check-links")
def check_links(
    ctx: typer.Context,
    homeserver: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=URL",
            help="Where the API of one server name is, in place of discovery; may be repeated.",
        ),
    ] = None,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Ask servers at private and loopback addresses too.")
    ] = False,
    output_format: Annotated[
        ReportFormat | None,
        typer.Option("--format", help="How to write it; the default is table on a terminal, else plain."),
    ] = None,
    fail_on: Annotated[
        FailOnChoice, typer.Option(help="What to fail on; each includes those before it.")
    ] = "broken",
    reports: Annotated[
        list[str] | None,
        typer.Option(
            "--report",
            metavar="FORMAT=FILE",
            help="Write the report to a file as well, in any format but table; may be repeated.",
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERN",
            help="Skip the aliases that match, such as '*:example.org'; may be repeated.",
        ),
    ] = None,
    lock: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Compare with the rooms that this file recorded."),
    ] = None,
    update_lock: Annotated[
        bool, typer.Option("--update-lock", help="Record in the --lock file where the aliases lead now.")
    ] = False,
) -> None:
    """Ask each room's own homeserver if it is alive."""
    from stashmatrix import checks, lockfile, report

    if update_lock and lock is None:
        raise typer.BadParameter("it needs --lock FILE", param_hint="--update-lock")
    given = dict(_homeserver_option(text) for text in homeserver or ())
    wanted = [_report_option(text) for text in reports or ()]
    found, skipped = checks.without(checks.references(_load_catalogue(ctx)), ignore or ())
    recorded = {} if lock is None else lockfile.load(lock, missing_ok=update_lock)
    answers, interrupted = _resolve(found, given, allow_private=allow_private)
    judged = checks.judge(found, answers, recorded=recorded, skipped=skipped)
    chosen = _default(output_format)
    if chosen == "table":
        terminal.draw(report.table(judged))
    else:
        terminal.write(report.FORMATS[chosen](judged))
    if chosen in ("plain", "github"):
        terminal.say(report.summary(judged))
    written = _write_reports(judged, wanted, step_summary=chosen == "github")
    if interrupted:
        raise typer.Exit(ExitStatus.INTERRUPTED)
    if lock is not None and update_lock:
        written = _write_lock(judged, recorded, lock) and written
    if judged.nothing_verified:
        terminal.say("nothing could be verified: no homeserver gave an answer")
    raise typer.Exit(_status(judged, fail_on) if written else ExitStatus.FAILED)


def _report_option(text: str) -> tuple[str, Path]:
    from stashmatrix.report import FORMATS

    name, _, path = text.partition("=")
    if name not in FORMATS or not path:
        message = f"'{printable(text, limit=120)}' should be FORMAT=FILE, with one of {', '.join(FORMATS)}"
        raise typer.BadParameter(message, param_hint="--report")
    return name, Path(path)


def _write_reports(judged: "Report", wanted: Iterable[tuple[str, Path]], *, step_summary: bool) -> bool:
    """Write each report that was asked for, and GitHub's summary of the step; say whether all went well."""
    from stashmatrix import files, report

    tasks = [(files.replace, path, name) for name, path in wanted]
    if step_summary and (summary_path := os.environ.get("GITHUB_STEP_SUMMARY")):
        tasks.append((files.append, Path(summary_path), "markdown"))
    written = True
    for write, path, name in tasks:
        try:
            write(path, report.FORMATS[name](judged))
        except StashmatrixError as error:
            _known_error(error)
            written = False
    return written


def _write_lock(judged: "Report", recorded: "Mapping[RoomAlias, RoomId]", path: Path) -> bool:
    """Record where the aliases lead, and those before that could not be asked; say whether it went well."""
    from stashmatrix import files, lockfile

    known: dict[RoomAlias, RoomId | None] = dict.fromkeys(reference.target for reference in judged.skipped)
    known |= {link.reference.target: link.room_id for link in judged.links}
    try:
        files.replace(path, lockfile.dump(lockfile.updated(recorded, known)))
    except StashmatrixError as error:
        _known_error(error)
        return False
    return True


def _status(judged: "Report", fail_on: FailOnChoice) -> ExitStatus:
    from stashmatrix.checks import FailOn

    if judged.fails(FailOn.BROKEN):
        return ExitStatus.FINDINGS
    if judged.nothing_verified:
        return ExitStatus.NOTHING_VERIFIED
    return ExitStatus.FINDINGS if judged.fails(FailOn(fail_on)) else ExitStatus.OK


def _homeserver_option(text: str) -> "tuple[ServerName, str]":
    from stashmatrix.identifiers import ServerName
    from stashmatrix.web import base_url

    name, _, url = text.partition("=")
    try:
        server_name = ServerName(name)
    except IdentifierError as error:
        raise typer.BadParameter(
            f"{error.message}; it should be NAME=URL", param_hint="--homeserver"
        ) from None
    usable = base_url(url, schemes=("http", "https"))
    if usable is None:
        message = f"'{printable(text, limit=120)}' should be NAME=URL, with a plain http or https URL"
        raise typer.BadParameter(message, param_hint="--homeserver")
    return server_name, usable


def _resolve(
    found: "Iterable[Reference]", given: "dict[ServerName, str]", *, allow_private: bool
) -> "tuple[dict[RoomAlias, Answer], bool]":
    """Ask for all aliases, under a progress bar; return the answers and whether Ctrl-C cut them short."""
    import asyncio
    import gc
    import signal

    from stashmatrix import homeserver

    gc.enable()  # off since the start: see __main__

    aliases = {reference.target for reference in found}
    answers: dict[RoomAlias, Answer] = {}
    try:
        with terminal.progress("asking homeservers", len(aliases)) as advance:

            def note(alias: "RoomAlias", answer: "Answer") -> None:
                answers[alias] = answer
                advance()

            asyncio.run(
                homeserver.resolve(sorted(aliases), note, homeservers=given, allow_private=allow_private)
            )
    except KeyboardInterrupt:
        # One is enough: what is finished is now to be reported, whole.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return answers, True
    return answers, False


# The way in and every way out


def run() -> int:
    """Run the command line and return its exit status; every error ends here."""
    terminal.prepare()
    try:
        status = app(prog_name="stashmatrix", standalone_mode=False) or ExitStatus.OK
    except typer.TyperException as error:
        status = _usage_error(error)
    except StashmatrixError as error:
        status = _known_error(error)
    except KeyboardInterrupt:
        status = ExitStatus.INTERRUPTED
    except OSError as error:
        # Typer writes help itself. All our own reading and writing has errors of its own.
        status = _known_error(StashmatrixError(f"output cannot be written: {error.strerror}"))
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


def _fault_lines(error: InvalidFileError) -> Iterable[str]:
    return (f"{error.path}:{fault.line}:{fault.column}: {fault.message}\n" for fault in error.faults)


def _known_error(error: StashmatrixError) -> ExitStatus:
    if isinstance(error, InvalidFileError):
        terminal.say("".join(_fault_lines(error)).rstrip("\n"))
    terminal.say(f"error: {error.message}")
    if error.hint is not None:
        terminal.say(f"hint: {error.hint}")
    return ExitStatus.USAGE if isinstance(error, UnknownNameError) else ExitStatus.FAILED


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
