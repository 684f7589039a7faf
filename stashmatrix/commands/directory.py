"""The commands of the room directory, all offline."""

from collections.abc import Iterable
from typing import Annotated, Literal

import typer

from stashmatrix.catalogue.model import Filters, Flag, Room, Space, select
from stashmatrix.commands import terminal
from stashmatrix.commands.completion import complete_category, complete_topic
from stashmatrix.commands.exits import default_format, load_catalogue, load_guide
from stashmatrix.commands.parameters import Format, FormatOption, RoomArgument
from stashmatrix.errors import BrowserError, UnknownNameError
from stashmatrix.formats import listing
from stashmatrix.matrix.links import Link, element_url, matrix_to_url, matrix_uri
from stashmatrix.text import ascii_json

RoomsFormat = Literal["table", "plain", "json", "csv", "links"]
DetailsFormat = Literal["plain", "json"]
Scheme = Literal["matrix.to", "matrix"]
Client = Literal["matrix.to", "element", "matrix"]
_WRITERS = {"matrix.to": matrix_to_url, "element": element_url, "matrix": matrix_uri}


def _write_records(records: list[listing.Record], chosen: Format | None) -> None:
    match default_format(chosen):
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
        list[str] | None, typer.Argument(metavar="[QUERY...]", help="Words of the name or the description.")
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option(
            "--category",
            "-c",
            metavar="ID",
            help="Only rooms of this category; may be repeated.",
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
    found = select(loaded.rooms, filters)
    match default_format(output_format):
        case "table":
            if found:
                from stashmatrix.formats import drawings

                terminal.draw(drawings.rooms_table(loaded, found, terminal.width()))
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


def categories(ctx: typer.Context, output_format: FormatOption = None) -> None:
    """List the categories of rooms."""
    _write_records(listing.category_records(load_catalogue(ctx)), output_format)


def show(
    ctx: typer.Context,
    names: RoomArgument,
    output_format: Annotated[DetailsFormat, typer.Option("--format", help="How to write it.")] = "plain",
) -> None:
    """Show everything known of rooms."""
    entries = _find_all(ctx, names)
    records = [
        listing.room_record(entry) if isinstance(entry, Room) else listing.space_record(entry)
        for entry in entries
    ]
    if output_format == "json":
        terminal.write(ascii_json(records))
    else:
        terminal.write("\n".join(listing.details(record) for record in records))


def link(
    ctx: typer.Context,
    names: RoomArgument,
    scheme: Annotated[Scheme, typer.Option(help="How to write the link.")] = "matrix.to",
) -> None:
    """Print the links to rooms."""
    links = [entry.link for entry in _find_all(ctx, names)]
    terminal.write("".join(_WRITERS[scheme](each) + "\n" for each in links))


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


def _find_all(ctx: typer.Context, names: Iterable[str]) -> list[Room | Space]:
    loaded = load_catalogue(ctx)
    return [loaded.find(name) for name in names]


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


def homeservers(output_format: FormatOption = None) -> None:
    """List homeservers to register on."""
    _write_records(listing.homeserver_records(load_guide()), output_format)


def show_guide(
    topic: Annotated[
        str | None,
        typer.Argument(
            metavar="[TOPIC]",
            help="about, register, clients, rooms, tips or reading; all of them by default.",
            autocompletion=complete_topic,
        ),
    ] = None,
) -> None:
    """Read about Matrix, and how to begin."""
    loaded = load_guide()
    topics = loaded.topics if topic is None else (loaded.topic(topic),)
    if terminal.is_interactive():
        from stashmatrix.formats import drawings

        terminal.draw(drawings.topics_page(topics, terminal.width()))
    else:
        terminal.write(listing.plain_topics(topics))
