"""The commands of the room directory, all offline."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated

import typer

from stashmatrix.catalogue.model import Catalogue, Filters, Flag, Room, Space, meant, select
from stashmatrix.commands import pager, terminal
from stashmatrix.commands.completion import complete_category, complete_query, complete_topic
from stashmatrix.commands.exits import ExitStatus
from stashmatrix.commands.invocation import load_catalogue, load_guide
from stashmatrix.commands.parameters import (
    FORMAT_HELP,
    DetailsFormat,
    Format,
    FormatOption,
    HomeserverOption,
    OptionalRoomArgument,
    RoomArgument,
    default_format,
)
from stashmatrix.errors import BrowserError, StashmatrixError, UnknownNameError
from stashmatrix.formats import listing
from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.matrix.links import Client, Link, client_url, matrix_to_url
from stashmatrix.text import ascii_json, printable


class RoomsFormat(StrEnum):
    """How ``rooms`` writes its rooms."""

    TABLE = "table"
    PLAIN = "plain"
    JSON = "json"
    CSV = "csv"
    LINKS = "links"


CLIENT_HELP = "What the link opens; matrix is any client that the system has for matrix: URIs."
ClientOption = Annotated[Client, typer.Option(help=CLIENT_HELP)]


def _write_records(ctx: typer.Context, records: list[listing.Record], chosen: Format | None) -> None:
    match chosen or default_format():
        case "table":
            from stashmatrix.formats import drawings

            pager.draw(ctx, drawings.table(records, terminal.width()))
        case "json":
            pager.show(ctx, ascii_json(records))
        case "csv":
            pager.show(ctx, listing.as_csv(records, tuple(records[0]) if records else ()))
        case _:
            pager.show(ctx, listing.plain(records))


def rooms(
    ctx: typer.Context,
    query: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[QUERY...]",
            help="Words in the name, the description, the category, the flags or the alias.",
            autocompletion=complete_query,
        ),
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option(
            "--category",
            "-c",
            metavar="ID",
            help="Only rooms in this category; repeatable.",
            autocompletion=complete_category,
        ),
    ] = None,
    nsfw: Annotated[bool | None, typer.Option("--nsfw/--no-nsfw", help="Only (no) NSFW rooms.")] = None,
    bridged: Annotated[
        bool | None, typer.Option("--bridged/--no-bridged", help="Only rooms (not) bridged to Discord.")
    ] = None,
    archived: Annotated[
        bool | None, typer.Option("--archived/--no-archived", help="Only (no) archived rooms.")
    ] = None,
    output_format: Annotated[RoomsFormat | None, typer.Option("--format", help=FORMAT_HELP)] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Ask each room's homeserver if it is there, and for its members.")
    ] = False,
    homeserver: HomeserverOption = None,
) -> None:
    """List rooms; all filters combine.

    In a pipe, a room is one line: name, alias, category, flags and description, between tabs; with --live
    its verdict, members and findings, too.
    """
    if homeserver and not live:
        raise typer.BadParameter("it needs --live", param_hint="--homeserver")
    catalogue = load_catalogue(ctx)
    flags = {Flag.NSFW: nsfw, Flag.BRIDGED: bridged, Flag.ARCHIVED: archived}
    filters = Filters(
        query=" ".join(query or ()),
        categories=tuple(catalogue.category(category_id) for category_id in category or ()),
        flags=tuple((flag, value) for flag, value in flags.items() if value is not None),
    )
    matches = select(catalogue.rooms, filters)
    if not matches:
        _write_rooms(ctx, catalogue, (), {}, output_format)
        terminal.note(f"no room matches, out of {len(catalogue.rooms)}")
        words = meant(catalogue.rooms, filters.query)
        hint = f"did you mean {printable(words)}?" if words else "'stashmatrix rooms' lists all rooms"
        terminal.note(f"hint: {hint}")
        raise typer.Exit(ExitStatus.FINDINGS)
    if not live:
        _write_rooms(ctx, catalogue, matches, {}, output_format)
        return
    from stashmatrix.commands import live as asking  # loads the network

    report, interruption = asking.check_rooms(ctx, catalogue, matches, homeserver or ())
    _write_rooms(ctx, catalogue, matches, asking.states(report), output_format)
    asking.end(report, interruption)


def _write_rooms(
    ctx: typer.Context,
    catalogue: Catalogue,
    rooms: Sequence[Room],
    live: Mapping[RoomAlias, listing.Record],
    chosen: RoomsFormat | None,
) -> None:
    def records() -> list[listing.Record]:
        return [{**listing.room_record(room), **live.get(room.alias, {})} for room in rooms]

    match chosen or default_format():
        case "table":
            if rooms:
                from stashmatrix.formats import drawings

                pager.draw(ctx, drawings.rooms_table(catalogue, rooms, live, terminal.width()))
        case "links":
            pager.show(ctx, "".join(matrix_to_url(room.link) + "\n" for room in rooms))
        case "json":
            pager.show(ctx, ascii_json(records()))
        case "csv":
            keys = (*listing.ROOM_KEYS, *(listing.LIVE_KEYS if live else ()))
            pager.show(ctx, listing.as_csv(records(), keys))
        case _:
            pager.show(ctx, listing.plain_rooms(rooms, live))


def categories(ctx: typer.Context, output_format: FormatOption = None) -> None:
    """List the categories of rooms."""
    _write_records(ctx, listing.category_records(load_catalogue(ctx)), output_format)


def show(
    ctx: typer.Context,
    names: RoomArgument,
    output_format: Annotated[DetailsFormat | None, typer.Option("--format", help=FORMAT_HELP)] = None,
) -> None:
    """Show everything known of rooms."""
    entries = _find_all(ctx, names)
    records = [
        listing.room_record(entry) if isinstance(entry, Room) else listing.space_record(entry)
        for entry in entries
    ]
    match output_format or default_format():
        case "json":
            pager.show(ctx, ascii_json(records))
        case "table":
            from stashmatrix.formats import drawings

            pager.draw(ctx, drawings.details([listing.shown(record) for record in records]))
        case _:
            pager.show(ctx, "\n".join(listing.details(listing.shown(record)) for record in records))


def link(
    ctx: typer.Context,
    names: RoomArgument,
    client: ClientOption = Client.MATRIX_TO,
    copy: Annotated[
        bool, typer.Option("--copy", help="Copy the links as well, through the terminal, also over SSH.")
    ] = False,
    qr: Annotated[bool, typer.Option("--qr", help="Draw a QR code of each link, for a phone.")] = False,
) -> None:
    """Print the links to rooms."""
    urls = [client_url(entry.link, client) for entry in _find_all(ctx, names)]
    for url in urls:
        terminal.write(url + "\n")
        if qr:
            _draw_code(url)
    if copy:
        terminal.copy("\n".join(urls))


def _draw_code(url: str) -> None:
    from stashmatrix.formats import drawings, qr

    lines = qr.lines(url, in_ascii=not terminal.can_show(qr.HALF_BLOCKS))
    columns = len(lines[0])
    if terminal.is_interactive() and columns > terminal.width():
        raise StashmatrixError(
            f"the QR code needs {columns} columns, and the terminal has {terminal.width()}",
            hint="widen the terminal",
        )
    terminal.draw(drawings.qr_code(lines))


def open_room(
    ctx: typer.Context,
    names: OptionalRoomArgument = None,
    client: ClientOption = Client.MATRIX_TO,
    print_only: Annotated[
        bool, typer.Option("--print", "-n", help="Print the link and open nothing.")
    ] = False,
) -> None:
    """Open rooms in the web browser.

    On a terminal, without ROOM, choose one from a list: type to search, Enter opens, c copies the link, q
    shows its QR code, Esc leaves. Once something is typed, c and q are letters until an arrow key.
    """
    entries = _find_all(ctx, names) if names else _picked(ctx, client)
    urls = [client_url(entry.link, client) for entry in entries]
    if print_only:
        terminal.write("".join(url + "\n" for url in urls))
    else:
        _open(urls)


def _picked(ctx: typer.Context, client: Client) -> list[Room | Space]:
    """Let the user choose a room, if there is a terminal to do so; return none if they leave."""
    from stashmatrix.commands import screen

    if not screen.is_there():
        [room] = (parameter for parameter in ctx.command.params if parameter.name == "names")
        raise typer.BadParameter("name one: there is no terminal to choose one on", ctx, room)
    from stashmatrix.commands import picker  # loads Rich

    picked = picker.pick(load_catalogue(ctx).rooms, lambda room: client_url(room.link, client))
    return [] if picked is None else [picked]


def _open(urls: Iterable[str]) -> None:
    from stashmatrix.commands import browser  # takes as long to load as a listing

    failure: BrowserError | None = None
    for url in urls:
        terminal.note(f"opening {url}")
        try:
            browser.open_url(url)
        except BrowserError as error:
            failure = error
            terminal.write(url + "\n")
    if failure is not None:
        raise failure


def _find_all(ctx: typer.Context, names: Iterable[str]) -> list[Room | Space]:
    catalogue = load_catalogue(ctx)
    return [catalogue.find(name) for name in names]


def space(ctx: typer.Context, output_format: FormatOption = None) -> None:
    """List the space's addresses, the main one first."""
    catalogue = load_catalogue(ctx)
    if catalogue.space is None:
        raise UnknownNameError(f"{catalogue.path} has no space")
    aliases = [catalogue.space.alias, *(address.alias for address in catalogue.space.alternatives)]
    records: list[listing.Record] = [
        {"alias": alias, "link": matrix_to_url(Link(target=alias))} for alias in aliases
    ]
    _write_records(ctx, records, output_format)


def homeservers(ctx: typer.Context, output_format: FormatOption = None) -> None:
    """List homeservers to register on."""
    _write_records(ctx, listing.homeserver_records(load_guide()), output_format)


def show_guide(
    ctx: typer.Context,
    topic: Annotated[
        str | None,
        typer.Argument(
            metavar="[TOPIC]",
            help="about, register, clients, rooms, tips or reading; all by default.",
            autocompletion=complete_topic,
        ),
    ] = None,
) -> None:
    """Read about Matrix, and how to begin."""
    guide = load_guide()
    topics = guide.topics if topic is None else (guide.topic(topic),)
    if any(each.needs_catalogue for each in topics):
        catalogue = load_catalogue(ctx)
        topics = tuple(each.about(catalogue) if each.needs_catalogue else each for each in topics)
    if terminal.is_interactive():
        from stashmatrix.formats import drawings

        pager.draw(ctx, drawings.topics_page(topics, terminal.width()))
    else:
        pager.show(ctx, listing.plain_topics(topics))
