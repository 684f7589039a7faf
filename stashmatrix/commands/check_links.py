"""The command check-links: options, one run, its reports and its exit code."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from stashmatrix.commands import terminal
from stashmatrix.commands.durations import parse_duration
from stashmatrix.commands.exits import ExitStatus, default_format, load_catalogue, report_error
from stashmatrix.errors import IdentifierError, InvalidFileError, StashmatrixError
from stashmatrix.formats.reports import TEXT_FORMATS, ReportFormat
from stashmatrix.text import printable, printable_path

if TYPE_CHECKING:
    from stashmatrix.matrix.identifiers import RoomAlias, RoomId, ServerName
    from stashmatrix.network.cache import Cache
    from stashmatrix.network.patience import Web
    from stashmatrix.records.answers import Answer
    from stashmatrix.records.reference import Reference
    from stashmatrix.records.results import Report

FailOnChoice = Literal["broken", "warning", "unverified"]


def check_links(
    ctx: typer.Context,
    homeserver: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=URL",
            help="Where the API of one server name is, in place of discovery; may be repeated.",
        ),
    ] = None,
    resolver: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="A homeserver to ask about the aliases whose own server cannot be asked.",
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
    cache: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep in this file the rooms that were found, for the next run."),
    ] = None,
    max_age: Annotated[
        str,
        typer.Option(metavar="DURATION", help="How long what the --cache file holds is good for."),
    ] = "1d",
    timeout: Annotated[
        str, typer.Option(metavar="DURATION", help="The longest that one request takes.")
    ] = "15s",
    max_time: Annotated[
        str | None,
        typer.Option(
            metavar="DURATION",
            help="The longest that the run takes, such as 5m; what is left is unverified.",
        ),
    ] = None,
    retries: Annotated[
        int,
        typer.Option(min=0, max=10, metavar="N", help="How often to ask again after a passing fault."),
    ] = 2,
    concurrency: Annotated[
        int, typer.Option(min=1, max=256, metavar="N", help="How many requests to have under way.")
    ] = 32,
    per_host: Annotated[
        int, typer.Option(min=1, max=64, metavar="N", help="How many of them to one host.")
    ] = 4,
) -> None:
    """Ask each room's own homeserver if it is alive."""
    from stashmatrix import files
    from stashmatrix.checks import failure, judge
    from stashmatrix.network.limits import Limits
    from stashmatrix.network.patience import Web

    if update_lock and lock is None:
        raise typer.BadParameter("it needs --lock FILE", param_hint="--update-lock")
    homeservers = dict(_homeserver_option(text) for text in homeserver or ())
    wanted = [_report_option(text) for text in reports or ()]
    resolver_url = None if resolver is None else _url(resolver, "--resolver")
    max_seconds = None if max_time is None else _duration(max_time, "--max-time")
    oldest = _duration(max_age, "--max-age")
    limits = Limits(
        timeout=_duration(timeout, "--timeout"),
        retries=retries,
        concurrency=concurrency,
        per_host=per_host,
    )
    found, skipped = judge.partition(load_catalogue(ctx).references(), ignore or ())
    recorded = {} if lock is None else _recorded(lock, missing_ok=update_lock)
    for _, path in wanted:
        files.check_target(path)
    trusted = [*homeservers.values(), *([] if resolver_url is None else [resolver_url])]
    web = Web(limits, trusted=trusted, allow_private=allow_private)
    asking = _Asking(web, homeservers, resolver_url, max_seconds)
    cached = None if cache is None else _loaded(cache, homeservers, oldest)
    answers, interrupted = asking.run(found, cached)
    interrupted_since = _note_interrupt()
    judged = judge.judge(found, answers, recorded=recorded, skipped=skipped)
    written = _write_report(judged, ReportFormat(default_format(output_format)), wanted)
    if interrupted or interrupted_since():
        raise typer.Exit(ExitStatus.INTERRUPTED)
    if lock is not None and update_lock:
        written = _write_lock(judged, recorded, lock) and written
    if failure.nothing_verified(judged):
        terminal.say("nothing could be verified: no homeserver gave an answer of any use")
    raise typer.Exit(_status(judged, fail_on) if written else ExitStatus.FAILED)


def _recorded(lock: Path, *, missing_ok: bool) -> "Mapping[RoomAlias, RoomId]":
    from stashmatrix import files
    from stashmatrix.checks import lockfile

    if missing_ok:
        files.check_target(lock)
    try:
        return lockfile.load(lock, missing_ok=missing_ok)
    except InvalidFileError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            message = f"{printable_path(str(lock))} is not there"
            raise StashmatrixError(message, hint="--update-lock makes it") from error
        raise


def _homeserver_option(text: str) -> "tuple[ServerName, str]":
    from stashmatrix.matrix.identifiers import ServerName

    name, _, url = text.partition("=")
    try:
        return ServerName(name), _url(url, "--homeserver", "NAME=URL, with ")
    except IdentifierError as error:
        raise typer.BadParameter(
            f"{error.message}; it should be NAME=URL", param_hint="--homeserver"
        ) from None


def _url(text: str, option: str, form: str = "") -> str:
    from stashmatrix.network.urls import base_url

    usable = base_url(text, schemes=("http", "https"))
    if usable is None:
        message = f"'{printable(text, limit=120)}' should be {form}a plain http or https URL"
        raise typer.BadParameter(message, param_hint=option)
    return usable


def _duration(text: str, option: str) -> float:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(printable(str(error), limit=160), param_hint=option) from None


def _report_option(text: str) -> tuple[ReportFormat, Path]:
    name, _, path = text.partition("=")
    if name not in TEXT_FORMATS or not path:
        message = (
            f"'{printable(text, limit=120)}' should be FORMAT=FILE, with one of {', '.join(TEXT_FORMATS)}"
        )
        raise typer.BadParameter(message, param_hint="--report")
    return ReportFormat(name), Path(path)


class _Asking(NamedTuple):
    """How to ask for aliases."""

    web: "Web"
    homeservers: "Mapping[ServerName, str]"
    resolver: str | None
    max_time: float | None

    def run(
        self, found: "Iterable[Reference]", cache: "Cache | None"
    ) -> "tuple[dict[RoomAlias, Answer], bool]":
        """Return the answers, and whether Ctrl-C cut them short.

        What ``cache`` holds is not asked; the answers that servers gave are saved there.
        """
        cached = {} if cache is None else self._cached(found, cache)
        answers: dict[RoomAlias, Answer] = {}
        interrupted = False
        try:
            self._fill(answers, {reference.target for reference in found} - cached.keys())
        except KeyboardInterrupt:
            interrupted = True
        if cache is not None:
            _save(cache, answers)
        return {**cached, **answers}, interrupted

    def _fill(self, answers: "dict[RoomAlias, Answer]", aliases: "Iterable[RoomAlias]") -> None:
        """Ask under a progress bar, and note the answers as they come."""
        import asyncio
        import gc

        gc.enable()  # off since the start: see __main__
        pending = sorted(aliases)
        awaited = Counter(alias.server_name for alias in pending)
        with terminal.progress("asking homeservers", len(pending), awaited) as advance:

            def note(alias: "RoomAlias", answer: "Answer") -> None:
                answers[alias] = answer
                awaited[alias.server_name] -= 1
                if not awaited[alias.server_name]:
                    del awaited[alias.server_name]
                advance()

            asyncio.run(self._ask(pending, note))

    def _cached(self, found: "Iterable[Reference]", cache: "Cache") -> "dict[RoomAlias, Answer]":
        # The addresses of a space are compared with each other: an old answer with a new one would be
        # no proof.
        aliases = {reference.target for reference in found if not reference.is_space}
        answers = {alias: cache.get(alias) for alias in aliases}
        return {alias: answer for alias, answer in answers.items() if answer is not None}

    async def _ask(self, aliases: "list[RoomAlias]", note: "Callable[[RoomAlias, Answer], None]") -> None:
        """Ask for ``aliases``, for as long as there is time."""
        import asyncio
        from contextlib import aclosing

        from stashmatrix.network.homeserver import resolve

        with suppress(TimeoutError):
            async with (
                asyncio.timeout(self.max_time),
                aclosing(self.web),
                aclosing(
                    resolve(self.web, aliases, homeservers=self.homeservers, resolver=self.resolver)
                ) as answers,
            ):
                async for alias, answer in answers:
                    note(alias, answer)


def _note_interrupt() -> Callable[[], bool]:
    """From now on, only note Ctrl-C, so that what is finished is reported whole; return what tells.

    If that takes too long, as it does where nobody reads a pipe, the next one ends the program.
    """
    import signal

    noted: list[int] = []

    def note(number: int, _: object) -> None:
        noted.append(number)
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    signal.signal(signal.SIGINT, note)
    return lambda: bool(noted)


def _loaded(path: Path, homeservers: "Mapping[ServerName, str]", max_age: float) -> "Cache":
    import time

    from stashmatrix.network import cache

    loaded = cache.load(path, homeservers=homeservers, max_age=max_age, now=time.time())
    if loaded.warning is not None:
        terminal.say(f"warning: {loaded.warning}")
    return loaded


def _save(cached: "Cache", answers: "Mapping[RoomAlias, Answer]") -> None:
    from stashmatrix.network import cache

    warning = cache.save(cached, answers)
    if warning is not None:
        terminal.say(f"warning: {warning}")


def _write_report(
    judged: "Report", chosen: ReportFormat, wanted: Iterable[tuple[ReportFormat, Path]]
) -> bool:
    """Write the report to stdout, and to all files that were asked for; say whether all went well."""
    from stashmatrix import files
    from stashmatrix.formats import reports
    from stashmatrix.formats.summary import advice, summary

    if chosen is ReportFormat.TABLE:
        from stashmatrix.formats import table

        terminal.draw(table.draw(judged))
    else:
        terminal.write(reports.write(judged, chosen))
    if chosen in (ReportFormat.PLAIN, ReportFormat.GITHUB):
        terminal.say(f"{summary(judged)}\n{advice(judged)}".rstrip("\n"))
    tasks = [(files.replace, path, name) for name, path in wanted]
    if chosen is ReportFormat.GITHUB and (summary_path := os.environ.get("GITHUB_STEP_SUMMARY")):
        tasks.append((files.append, Path(summary_path), ReportFormat.MARKDOWN))
    written = True
    for write, path, name in tasks:
        try:
            write(path, reports.write(judged, name))
        except StashmatrixError as error:
            report_error(error)
            written = False
    return written


def _write_lock(judged: "Report", recorded: "Mapping[RoomAlias, RoomId]", path: Path) -> bool:
    """Record where the aliases lead, and those before that could not be asked; say whether it went well."""
    from stashmatrix import files
    from stashmatrix.checks import lockfile
    from stashmatrix.checks.online import first_hand

    known: dict[RoomAlias, RoomId | None] = dict.fromkeys(link.reference.target for link in judged.skipped)
    for link in judged.links:
        room = first_hand(link.answer)
        known[link.reference.target] = None if room is None else room.room_id
    try:
        files.replace(path, lockfile.dump(lockfile.updated(recorded, known)))
    except StashmatrixError as error:
        report_error(error)
        return False
    return True


def _status(judged: "Report", fail_on: FailOnChoice) -> ExitStatus:
    from stashmatrix.checks import failure

    if failure.fails(judged, failure.FailOn.BROKEN):
        return ExitStatus.FINDINGS
    if failure.nothing_verified(judged):
        return ExitStatus.NOTHING_VERIFIED
    return ExitStatus.FINDINGS if failure.fails(judged, failure.FailOn(fail_on)) else ExitStatus.OK
