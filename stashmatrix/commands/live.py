"""What homeservers say of rooms right now: the command info, and the rooms of a list."""

import gc
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import Annotated

import typer

from stashmatrix.catalogue.model import Catalogue, Room, Space
from stashmatrix.checks.failure import FailOn, fails
from stashmatrix.checks.grouping import rows
from stashmatrix.commands import pager, terminal
from stashmatrix.commands.checker import Checker
from stashmatrix.commands.durations import Duration
from stashmatrix.commands.exits import ExitStatus, report_nothing_verified
from stashmatrix.commands.invocation import Invocation, load_catalogue
from stashmatrix.commands.parameters import (
    FORMAT_HELP,
    AllowPrivateOption,
    DetailsFormat,
    Homeserver,
    HomeserverOption,
    ResolverOption,
    RoomArgument,
    default_format,
    option_parser,
)
from stashmatrix.commands.signals import Interruption
from stashmatrix.documents.read import Page
from stashmatrix.errors import IdentifierError, UnknownNameError
from stashmatrix.formats import cards, listing
from stashmatrix.matrix import forms
from stashmatrix.matrix.identifiers import RoomAlias, UserId
from stashmatrix.matrix.links import Link, matrix_to_url
from stashmatrix.network.limits import Limits
from stashmatrix.options import Options, TimeForEach
from stashmatrix.records.findings import Severity
from stashmatrix.records.reference import Reference, Source
from stashmatrix.records.results import CheckedLink, Report, Skipped, Verdict
from stashmatrix.text import ascii_json, quoted

_parse_duration = option_parser(Duration.parse)


def info(
    ctx: typer.Context,
    names: RoomArgument,
    output_format: Annotated[DetailsFormat | None, typer.Option("--format", help=FORMAT_HELP)] = None,
    homeserver: HomeserverOption = None,
    resolver: ResolverOption = None,
    allow_private: AllowPrivateOption = False,
    timeout: Annotated[
        Duration,
        typer.Option(metavar="DURATION", parser=_parse_duration, help="Time limit for one request."),
    ] = Duration(Limits().timeout),  # noqa: B008 (it is immutable)
    max_time: Annotated[
        Duration | None,
        typer.Option(metavar="DURATION", parser=_parse_duration, help="Time limit for the run."),
    ] = None,
) -> None:
    """Ask a room's own homeserver what room it is.

    ROOM may be any alias or link as well, on any server. No account is needed.
    """
    load = cache(partial(load_catalogue, ctx))
    references = [_reference(load, name, number) for number, name in enumerate(names, start=1)]
    options = Options(
        homeservers={each.name: each.url for each in homeserver or ()},
        resolver=resolver,
        allow_private=allow_private,
        max_time=max_time or TimeForEach(),
        limits=Limits(timeout=timeout),
    )
    report, interruption = _asked(ctx, references, options)
    match output_format or default_format():
        case "json":
            pager.show(ctx, ascii_json([cards.record(link) for link in report.links]))
        case "table":
            from stashmatrix.formats import drawings

            pager.draw(ctx, drawings.details([cards.lines(link) for link in report.links]))
        case _:
            pager.show(ctx, "\n".join(listing.details(cards.lines(link)) for link in report.links))
    _end(report, interruption)
    if fails(report, FailOn.BROKEN):
        raise typer.Exit(ExitStatus.FINDINGS)


def _reference(load: Callable[[], Catalogue], text: str, number: int) -> Reference:
    """Return the room that the user named, as a link in its plainest form."""
    link, is_space = _link(load, text)
    if isinstance(link.target, UserId):
        raise UnknownNameError(f"{quoted(text)} is a user, and no room")
    place = Source("the command line", number, 1)
    return Reference(place, text, link.target, address=matrix_to_url(link), is_space=is_space)


def _link(load: Callable[[], Catalogue], text: str) -> tuple[Link, bool]:
    reading = forms.read(text.strip())
    if reading is not None and reading.link is not None:
        return reading.link, False
    if reading is not None and reading.defect is not None and reading.form is not forms.Form.NOTHING:
        raise UnknownNameError(f"{quoted(text)} names no room: {reading.defect.message}")
    try:
        entry = load().find(text)
    except UnknownNameError:
        try:
            return Link(RoomAlias("#" + text.strip().removeprefix("#"))), False
        except IdentifierError:
            pass
        raise
    return entry.link, isinstance(entry, Space)


def check_rooms(
    ctx: typer.Context, catalogue: Catalogue, rooms: Iterable[Room], homeservers: Iterable[Homeserver]
) -> tuple[Report, Interruption]:
    """Ask about rooms of a catalogue; those that are not to be checked are skipped."""
    aliases = {room.alias for room in rooms}
    references = [each for each in catalogue.references() if each.target in aliases]
    return _asked(ctx, references, Options(homeservers={each.name: each.url for each in homeservers}))


def _asked(
    ctx: typer.Context, references: Iterable[Reference], options: Options
) -> tuple[Report, Interruption]:
    """Run the checker, and show how far it is; exit if it is interrupted before there is a report."""
    gc.enable()  # off since the start: see __main__
    interruption = Interruption()
    invocation: Invocation = ctx.obj
    checker = Checker(
        options=options,
        configuration=None,
        knows_all=False,
        is_wanted=lambda _: True,
        verbose=invocation.verbose,
    )
    try:
        return checker.check(Page(tuple(references)), interruption), interruption
    except KeyboardInterrupt:
        raise typer.Exit(interruption.status) from None


def states(report: Report) -> Mapping[RoomAlias, listing.Record]:
    """Return what is to be listed of each room."""
    links: list[CheckedLink | Skipped] = [*report.links, *report.skipped]
    return {
        link.reference.target: listing.live_record(link)
        for link in links
        if isinstance(link.reference.target, RoomAlias)
    }


def end(report: Report, interruption: Interruption) -> None:
    """Say why rooms are unverified, and end if that is all of them, or if the run was interrupted."""
    for row in rows(report):
        if row.finding.severity is Severity.UNVERIFIED:
            terminal.say(row.finding.message)
    _end(report, interruption)


def _end(report: Report, interruption: Interruption) -> None:
    if report.interrupted or interruption:
        raise typer.Exit(interruption.status)
    if report.links and all(link.verdict in (None, Verdict.UNVERIFIED) for link in report.links):
        raise typer.Exit(report_nothing_verified())
