"""The command check-links: its options, one run, its reports and its exit code."""

import gc
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from stashmatrix import files
from stashmatrix.catalogue.reading import bundled, load
from stashmatrix.checks import lockfile
from stashmatrix.checks.failure import FailOn, fails, nothing_verified
from stashmatrix.checks.online import first_hand
from stashmatrix.commands import documents, settings
from stashmatrix.commands.checker import Checker, warn
from stashmatrix.commands.durations import Duration
from stashmatrix.commands.exits import ExitStatus, report_nothing_verified
from stashmatrix.commands.invocation import Invocation, catalogue_path, tell_catalogue
from stashmatrix.commands.parameters import (
    FORMAT_HELP,
    AllowPrivateOption,
    HomeserverOption,
    ResolverOption,
    option_parser,
)
from stashmatrix.commands.repairs import Repairs
from stashmatrix.commands.report_files import (
    ReportFile,
    attempt,
    check_targets,
    format_of_stdout,
    write_reports,
)
from stashmatrix.commands.signals import Interruption
from stashmatrix.documents.collect import STDIN, Selection
from stashmatrix.documents.read import Page
from stashmatrix.errors import InvalidFileError, StashmatrixError
from stashmatrix.formats.reports import ReportFormat
from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.network.limits import MAX_AGE, Limits
from stashmatrix.options import Options, TimeForEach
from stashmatrix.records.findings import NOTES, USUAL_NOTES, Check
from stashmatrix.records.reference import Pattern
from stashmatrix.records.results import Report, Run
from stashmatrix.text import printable_path

_LIMITS = Limits()
_TIMEOUT = Duration(_LIMITS.timeout)
_MAX_AGE = Duration(MAX_AGE)


Note = StrEnum("Note", sorted(check.code for check in NOTES))  # type: ignore[misc]  # its members are computed


def _checks(notes: Iterable[Note] | None) -> frozenset[Check]:
    codes = [str(note) for note in notes or ()]
    return frozenset(check for check in NOTES if check.code in codes)


_parse_duration = option_parser(Duration.parse)


def check_links(
    ctx: typer.Context,
    paths: documents.PathsArgument = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask nobody: find what is wrong with the links themselves.")
    ] = False,
    homeserver: HomeserverOption = None,
    resolver: ResolverOption = None,
    allow_private: AllowPrivateOption = False,
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend what is plain, in the files themselves; report what is left.")
    ] = False,
    unsafe_fixes: Annotated[
        bool, typer.Option("--unsafe-fixes", help="Mend, or show, what somebody should look at, too.")
    ] = False,
    diff: Annotated[
        bool,
        typer.Option("--diff", help="Show what --fix would change, as a diff; exit 1 if it would."),
    ] = False,
    output_format: Annotated[ReportFormat | None, typer.Option("--format", help=FORMAT_HELP)] = None,
    fail_on: Annotated[
        FailOn, typer.Option(help="Finding to fail on; each includes those before it.")
    ] = FailOn.BROKEN,
    report: Annotated[
        list[ReportFile] | None,
        typer.Option(
            metavar="FORMAT=FILE",
            parser=option_parser(ReportFile.parse),
            help="Write the report to a file as well, in any format but table; - is stdout; repeatable.",
        ),
    ] = None,
    include: documents.IncludeOption = None,
    exclude: documents.ExcludeOption = None,
    extend_exclude: documents.ExtendExcludeOption = None,
    force_exclude: documents.ForceExcludeOption = False,
    no_ignore: documents.NoIgnoreOption = False,
    hidden: documents.HiddenOption = False,
    files_from: documents.FilesFromOption = None,
    stdin_filename: documents.StdinFilenameOption = None,
    include_code: documents.IncludeCodeOption = False,
    changed_since: documents.ChangedSinceOption = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="Skip aliases that match, such as '*:example.org'; repeatable."),
    ] = None,
    enable: Annotated[
        list[Note] | None,
        typer.Option(metavar="NOTE", help="Report encrypted or room-says-moved, too; repeatable."),
    ] = None,
    disable: Annotated[
        list[Note] | None,
        typer.Option(metavar="NOTE", help="Do not report this note, such as not-canonical; repeatable."),
    ] = None,
    lock: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Compare with the rooms recorded in FILE.")
    ] = None,
    update_lock: Annotated[
        bool, typer.Option("--update-lock", help="Record in the --lock file where the aliases lead now.")
    ] = False,
    cache: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Cache found rooms in FILE between runs.")
    ] = None,
    max_age: Annotated[
        Duration,
        typer.Option(metavar="DURATION", parser=_parse_duration, help="Maximum age of a cached answer."),
    ] = _MAX_AGE,
    timeout: Annotated[
        Duration,
        typer.Option(metavar="DURATION", parser=_parse_duration, help="Time limit for one request."),
    ] = _TIMEOUT,
    max_time: Annotated[
        Duration | None,
        typer.Option(
            metavar="DURATION",
            parser=_parse_duration,
            help="Time limit for the run, such as 5m; by default 10m and 0.2s for each alias.",
        ),
    ] = None,
    retries: Annotated[
        int, typer.Option(min=0, max=10, metavar="N", help="Retries after a temporary failure.")
    ] = _LIMITS.retries,
    concurrency: Annotated[
        int, typer.Option(min=1, max=256, metavar="N", help="Maximum parallel requests.")
    ] = _LIMITS.concurrency,
    per_host: Annotated[
        int, typer.Option(min=1, max=64, metavar="N", help="Maximum parallel requests per host.")
    ] = _LIMITS.per_host,
) -> None:
    """Find the dead Matrix links of documents, or of the catalogue.

    Each room's own homeserver is asked whether the room is still there; --offline asks nobody.
    """
    began, start = datetime.now(UTC), time.monotonic()
    if update_lock and not (lock and _is_given(ctx, "lock")):
        raise typer.BadParameter("it needs --lock FILE", param_hint="--update-lock")
    shown = format_of_stdout(output_format, report or ())
    report_files = [(file.format, file.path) for file in report or () if file.path is not None]
    outputs = tuple(path for path in (cache, lock, *(path for _, path in report_files)) if path)
    selection = Selection(
        include=tuple(include or ()),
        exclude=None if exclude is None else tuple(exclude),
        extend_exclude=tuple(extend_exclude or ()),
        force_exclude=force_exclude,
        no_ignore=no_ignore,
        hidden=hidden,
    )
    named = documents.named(_paths(ctx, paths, files_from), files_from, stdin_filename)
    _check_repair(ctx, named, fix=fix, unsafe=unsafe_fixes, diff=diff)
    wanted = (
        None if named is None else documents.Wanted(named, selection, stdin_filename, include_code, outputs)
    )
    is_wanted = None if changed_since is None else documents.changes(changed_since).touch
    page = _page(ctx, wanted)
    recorded = {} if lock is None else _load_lock(lock, update=update_lock)
    others: list[tuple[str, Path | None]] = [
        ("the catalogue", catalogue_path(ctx)),
        *(("a file that is checked", path) for path in documents.files_of(page.references)),
        *(("a file that is checked", Path(path)) for path in named or ()),  # it may have no links
        ("the cache", cache),
        ("the lock file", lock),
    ]
    check_targets([path for _, path in report_files], others)
    for path in (cache, lock if update_lock else None):
        if path is not None:
            files.check_stays_inside(path, Path.cwd())
    invocation: Invocation = ctx.obj
    checker = Checker(
        options=Options(
            homeservers={each.name: each.url for each in homeserver or ()},
            resolver=resolver,
            allow_private=allow_private,
            offline=offline,
            ignore=_patterns(ctx, ignore or ()),
            notes=_notes(ctx, _checks(enable), _checks(disable)),
            recorded=recorded,
            cache=cache,
            max_age=max_age,
            max_time=max_time or TimeForEach(),
            limits=Limits(timeout=timeout, retries=retries, concurrency=concurrency, per_host=per_host),
        ),
        configuration=invocation.configuration,
        knows_all=_knows_all(ctx, wanted),
        is_wanted=is_wanted or (lambda _: True),
        verbose=invocation.verbose,
    )
    if wanted is None:
        tell_catalogue(ctx, verb="checking", always=True)
    gc.enable()  # off since the start: see __main__
    repairs = Repairs(wanted, page, unsafe=unsafe_fixes, write=fix) if fix or diff else None
    interruption = Interruption()
    slips = frozenset({Check.UNTIDY_LINK}) - _checks(disable)
    try:
        result = (
            checker.check(page, interruption)
            if repairs is None
            else repairs.run(checker, interruption, slips)
        )
    except KeyboardInterrupt:
        raise typer.Exit(interruption.status) from None
    run = Run(
        paths=tuple(named or ()),
        catalogue=str(catalogue_path(ctx)) if wanted is None else None,
        documents=page.documents,
        configuration=None if invocation.configuration is None else invocation.configuration.path,
        began=began,
        seconds=time.monotonic() - start,
    )
    root, folder = documents.repository()
    result = replace(result, root=root, folder=folder, run=run)
    all_done = repairs is None or repairs.show(result)
    if not diff:
        all_done = write_reports(result, shown, report_files, unfolded=invocation.verbose) and all_done
    if result.interrupted or interruption:
        raise typer.Exit(interruption.status)
    if lock is not None and update_lock:
        text = lockfile.dump(lockfile.updated(recorded, _rooms(result)))
        all_done = attempt(partial(files.replace, lock, text)) and all_done
    if not all_done:
        raise typer.Exit(ExitStatus.FAILED)
    raise typer.Exit(repairs.status if repairs is not None and diff else _status(result, fail_on))


def _check_repair(
    ctx: typer.Context, named: Iterable[str] | None, *, fix: bool, unsafe: bool, diff: bool
) -> None:
    """Raise a usage error for options of repair that make no sense together."""
    if unsafe and not (fix or diff):
        raise typer.BadParameter("it needs --fix or --diff", param_hint="--unsafe-fixes")
    if fix and diff:
        raise typer.BadParameter("--diff shows what --fix would write: give one of them", param_hint="--diff")
    if diff and (_is_given(ctx, "output_format") or _is_given(ctx, "report")):
        raise typer.BadParameter("it writes the diff in place of a report", param_hint="--diff")
    if fix and named is None and catalogue_path(ctx) == bundled("rooms.yaml"):
        raise typer.BadParameter("it needs a PATH, or a catalogue of your own", param_hint="--fix")
    if fix and STDIN in (named or ()):
        raise typer.BadParameter("stdin cannot be mended; --diff shows how", param_hint="--fix")


def _notes(ctx: typer.Context, enabled: frozenset[Check], disabled: frozenset[Check]) -> frozenset[Check]:
    """Return the notes to report: the command line counts more than a configuration file."""
    if _is_given(ctx, "enable") and not _is_given(ctx, "disable"):
        return (USUAL_NOTES - disabled) | enabled
    return (USUAL_NOTES | enabled) - disabled


def _is_given(ctx: typer.Context, parameter: str) -> bool:
    """Say whether an option is on the command line, and not in a configuration file."""
    source = ctx.get_parameter_source(parameter)
    return source is not None and source.name == "COMMANDLINE"


def _paths(ctx: typer.Context, paths: list[str] | None, files_from: str | None) -> list[str] | None:
    """Return what to read: what the command line names counts more than a configuration file."""
    invocation: Invocation = ctx.obj
    is_other = files_from is not None or invocation.catalogue is not None
    return None if is_other and not _is_given(ctx, "paths") else paths


def _knows_all(ctx: typer.Context, wanted: documents.Wanted | None) -> bool:
    """Say whether a run reads all that a configuration file is about: one of some files does not."""
    return wanted is None or not _is_given(ctx, "paths") or any(map(os.path.isdir, wanted.paths))


def _page(ctx: typer.Context, wanted: documents.Wanted | None) -> Page:
    """Return what to check."""
    if wanted is None:
        return documents.of_catalogue(load(catalogue_path(ctx)), catalogue_path(ctx))
    return documents.read_all(wanted, warn=warn)


def _patterns(ctx: typer.Context, ignore: Iterable[str]) -> tuple[Pattern, ...]:
    invocation: Invocation = ctx.obj
    if invocation.configuration is None or _is_given(ctx, "ignore"):
        return tuple(map(Pattern, ignore))
    return settings.patterns(invocation.configuration)


def _load_lock(path: Path, *, update: bool) -> Mapping[RoomAlias, RoomId]:
    """Read the lock file; one that is missing is made by ``update``, and an error without."""
    if update:
        files.check_target(path)
    try:
        return lockfile.load(path, missing_ok=update)
    except InvalidFileError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            message = f"{printable_path(str(path))} does not exist"
            raise StashmatrixError(message, hint="--update-lock creates it") from error
        raise


def _rooms(report: Report) -> Mapping[RoomAlias, RoomId | None]:
    """Return the room of each alias, ``None`` for those whose own server told of none in this run."""
    skipped = (link.reference.target for link in report.skipped)
    rooms: dict[RoomAlias, RoomId | None] = {alias: None for alias in skipped if isinstance(alias, RoomAlias)}
    for link in report.links:
        if isinstance(alias := link.reference.target, RoomAlias):
            room = first_hand(link.answer)
            rooms[alias] = None if room is None else room.room_id
    return rooms


def _status(report: Report, fail_on: FailOn) -> ExitStatus:
    nothing = report_nothing_verified() if nothing_verified(report) else None
    if fail_on is FailOn.NEVER:
        return ExitStatus.OK
    if fails(report, FailOn.BROKEN):
        return ExitStatus.FINDINGS
    if nothing is not None:
        return nothing
    return ExitStatus.FINDINGS if fails(report, fail_on) else ExitStatus.OK
