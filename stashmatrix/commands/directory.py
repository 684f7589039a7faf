"""The commands of the room directory, all offline."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

import typer

from stashmatrix.catalogue.model import Filters, Flag, Room, Space, select
from stashmatrix.commands import terminal
from stashmatrix.commands.completion import complete_category, complete_query, complete_topic
from stashmatrix.commands.invocation import load_catalogue, load_guide
from stashmatrix.commands.parameters import (
    FORMAT_HELP,
    Format,
    FormatOption,
    RoomArgument,
    default_format,
)
from stashmatrix.errors import BrowserError, UnknownNameError
from stashmatrix.formats import listing
from stashmatrix.matrix.links import Link, element_url, matrix_to_url, matrix_uri
from stashmatrix.text import ascii_json


class RoomsFormat(StrEnum):
    """How ``rooms`` writes its rooms."""

    TABLE = "table"
    PLAIN = "plain"
    JSON = "json"
    CSV = "csv"
    LINKS = "links"


class DetailsFormat(StrEnum):
    """How ``show`` writes what is known of a room."""

    PLAIN = "plain"
    JSON = "json"


class Scheme(StrEnum):
    """What kind of link ``link`` writes."""

    MATRIX_TO = "matrix.to"
    MATRIX = "matrix"


class Client(StrEnum):
    """What ``open`` opens a room with."""

    MATRIX_TO = "matrix.to"
    ELEMENT = "element"
    MATRIX = "matrix"


_URL_WRITERS = {
    Client.MATRIX_TO: matrix_to_url,
    Client.ELEMENT: element_url,
    Client.MATRIX: matrix_uri,
}


def _write_records(records: list[listing.Record], chosen: Format | None) -> None:
    match chosen or default_format():
        case "table":
            from stashmatrix.formats import drawings

            terminal.draw(drawings.table(records, terminal.width()))
        case "json":
            terminal.write(ascii_json(records))
        case "csv":
            terminal.write(listing.as_csv(records, tuple(records[0]) if records else ()))
        case _:
            terminal.write(listing.plain(records))


def rooms(
    ctx: typer.Context,
    query: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[QUERY...]",
            help="Words in the name or the description.",
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
) -> None:
    """List rooms; all filters combine.

    In a pipe, a room is one line: name, alias, category, flags and description, between tabs.
    """
    catalogue = load_catalogue(ctx)
    flags = {Flag.NSFW: nsfw, Flag.BRIDGED: bridged, Flag.ARCHIVED: archived}
    filters = Filters(
        query=" ".join(query or ()),
        categories=tuple(catalogue.category(category_id) for category_id in category or ()),
        flags=tuple((flag, value) for flag, value in flags.items() if value is not None),
    )
    matches = select(catalogue.rooms, filters)
    match output_format or default_format():
        case "table":
            if matches:
                from stashmatrix.formats import drawings

                terminal.draw(drawings.rooms_table(catalogue, matches, terminal.width()))
        case "links":
            terminal.write("".join(matrix_to_url(room.link) + "\n" for room in matches))
        case "json":
            terminal.write(ascii_json([listing.room_record(room) for room in matches]))
        case "csv":
            terminal.write(listing.as_csv([listing.room_record(room) for room in matches], listing.ROOM_KEYS))
        case _:
            terminal.write(listing.plain_rooms(matches))
    if not matches:
        terminal.note(f"no room matches, out of {len(catalogue.rooms)}")


def categories(ctx: typer.Context, output_format: FormatOption = None) -> None:
    """List the categories of rooms."""
    _write_records(listing.category_records(load_catalogue(ctx)), output_format)


def show(
    ctx: typer.Context,
    names: RoomArgument,
    output_format: Annotated[
        DetailsFormat, typer.Option("--format", help="Output format.")
    ] = DetailsFormat.PLAIN,
) -> None:
    """Show everything known of rooms."""
    entries = _find_all(ctx, names)
    records = [
        listing.room_record(entry) if isinstance(entry, Room) else listing.space_record(entry)
        for entry in entries
    ]
    if output_format is DetailsFormat.JSON:
        terminal.write(ascii_json(records))
    else:
        terminal.write("\n".join(listing.details(record) for record in records))


def link(
    ctx: typer.Context,
    names: RoomArgument,
    scheme: Annotated[Scheme, typer.Option(help="Kind of link.")] = Scheme.MATRIX_TO,
) -> None:
    """Print the links to rooms."""
    links = [entry.link for entry in _find_all(ctx, names)]
    write_url = _URL_WRITERS[Client(scheme)]
    terminal.write("".join(write_url(each) + "\n" for each in links))


def open_room(
    ctx: typer.Context,
    names: RoomArgument,
    client: Annotated[Client, typer.Option(help="What to open the room with.")] = Client.MATRIX_TO,
    print_only: Annotated[
        bool, typer.Option("--print", "-n", help="Print the link and open nothing.")
    ] = False,
) -> None:
    """Open rooms in the web browser."""
    urls = [_URL_WRITERS[client](entry.link) for entry in _find_all(ctx, names)]
    unopened = urls if print_only else [url for url in urls if not _open(url)]
    terminal.write("".join(url + "\n" for url in unopened))
    if unopened and not print_only:
        raise BrowserError("no web browser opened the link", hint="open it by hand, or set BROWSER")


def _open(url: str) -> bool:
    import webbrowser

    terminal.note(f"opening {url}")
    try:
        return webbrowser.open(url)
    except (webbrowser.Error, OSError):
        return False


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
    _write_records(records, output_format)


def homeservers(output_format: FormatOption = None) -> None:
    """List homeservers to register on."""
    _write_records(listing.homeserver_records(load_guide()), output_format)


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

        terminal.draw(drawings.topics_page(topics, terminal.width()))
    else:
        terminal.write(listing.plain_topics(topics))
