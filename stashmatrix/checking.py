"""One run of the checker, for any Python program: references in, report out, and no terminal."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from stashmatrix.checks.ignores import idle, is_ignored, matched, partition, unused
from stashmatrix.checks.judge import Questions, judge, judge_offline, questions
from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.options import OnAttempt, OnProgress, Options, TimeForEach
from stashmatrix.records.reference import Ignore, Reference, Source
from stashmatrix.records.results import Report, Skipped
from stashmatrix.text import printable

__all__ = ["OnAttempt", "OnProgress", "Options", "TimeForEach", "check"]


def check(
    references: Iterable[Reference],
    options: Options | None = None,
    *,
    ignores: Iterable[Ignore] = (),
    is_wanted: Callable[[Source], bool] = lambda _: True,
    on_progress: OnProgress = lambda *_: None,
    on_attempt: OnAttempt = lambda _: None,
    warn: Callable[[str], None] = lambda _: None,
) -> Report:
    """Ask the rooms' homeservers, and judge each reference by their answers.

    ``ignores`` are those of the references, and others like them: each that silences nothing is told.
    ``is_wanted`` says which places to look at: links at all others are counted.
    Ctrl-C ends the questions: the report has the answers until then, and is ``interrupted``. ``warn``
    gets each line that a user should read, such as one about a damaged cache. Raises
    ``StashmatrixError`` if the environment's proxy or certificates make HTTP impossible, and
    ``RuntimeError`` in a running event loop: call it in a thread there, as by ``asyncio.to_thread``.
    """
    options = options or Options()
    everything = matched(references, options.ignore)
    for line in idle(options.ignore, everything):
        warn(line)
    wanted = tuple(each for each in everything if is_wanted(each.source))
    checked, skipped = partition(wanted)
    report = _report(checked, skipped, options, on_progress=on_progress, on_attempt=on_attempt, warn=warn)
    undecided = {ignore for each in everything if not is_wanted(each.source) for ignore in each.ignores}
    candidates = [
        each
        for each in ignores
        if each.source is not None and is_wanted(each.source) and each not in undecided
    ]
    return replace(
        report,
        unused_ignores=unused(candidates, report, recorded=options.recorded, notes=options.notes),
        not_looked_at=len(everything) - len(wanted),
    )


def _report(
    checked: tuple[Reference, ...],
    skipped: tuple[Skipped, ...],
    options: Options,
    *,
    on_progress: OnProgress,
    on_attempt: OnAttempt,
    warn: Callable[[str], None],
) -> Report:
    asked = questions(checked)
    if not options.offline:
        _warn_of_idle_homeservers(options, asked, warn)
    if options.offline or not any(asked):
        return judge_offline(checked, skipped=skipped, notes=options.notes)
    from stashmatrix.asking import ask  # loads httpx, which takes longer than most checks offline

    # The addresses of a room are compared with each other: an old answer with a new one would be no proof.
    compared = [reference for reference in checked if reference.alternative_to is not None]
    anew = {alias for each in compared for alias in (each.target, each.alternative_to)}
    left_alone = {each.reference.target for each in skipped}

    def is_left_alone(alias: RoomAlias) -> bool:
        return alias in left_alone or is_ignored(alias, options.ignore)

    answers = ask(
        asked,
        options,
        anew=anew,
        is_left_alone=is_left_alone,
        on_progress=on_progress,
        on_attempt=on_attempt,
        warn=warn,
    )
    report = judge(
        checked,
        answers.aliases,
        rooms=answers.rooms,
        recorded=options.recorded,
        skipped=skipped,
        notes=options.notes,
        contacts=answers.contacts,
        nearby=answers.nearby,
    )
    return replace(report, interrupted=answers.interrupted)


def _warn_of_idle_homeservers(options: Options, asked: Questions, warn: Callable[[str], None]) -> None:
    servers = {alias.server_name for alias in asked.aliases}
    servers.update(server for via in asked.rooms.values() for server in via)
    for name in options.homeservers:
        if name not in servers:
            warn(f"--homeserver {printable(name)}: no link needs this server")
