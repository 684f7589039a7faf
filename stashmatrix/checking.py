"""One run of the checker, for any Python program: references in, report out, and no terminal."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from stashmatrix.checks.judge import judge, judge_offline, partition, questions
from stashmatrix.options import OnProgress, Options, TimeForEach
from stashmatrix.records.reference import Reference
from stashmatrix.records.results import Report

__all__ = ["OnProgress", "Options", "TimeForEach", "check"]


def check(
    references: Iterable[Reference],
    options: Options | None = None,
    *,
    on_progress: OnProgress = lambda *_: None,
    warn: Callable[[str], None] = lambda _: None,
) -> Report:
    """Ask the rooms' homeservers, and judge each reference by their answers.

    Ctrl-C ends the questions: the report has the answers until then, and is ``interrupted``. ``warn``
    gets each line that a user should read, such as one about a damaged cache. Raises
    ``StashmatrixError`` if the environment's proxy or certificates make HTTP impossible, and
    ``RuntimeError`` in a running event loop: call it in a thread there, as by ``asyncio.to_thread``.
    """
    options = options or Options()
    checked, skipped = partition(references, options.ignore)
    asked = questions(checked)
    if options.offline or not any(asked):
        return judge_offline(checked, skipped=skipped)
    from stashmatrix.asking import ask  # loads httpx, which takes longer than most checks offline

    # The addresses of a space are compared with each other: an old answer with a new one would be
    # no proof.
    anew = {reference.target for reference in checked if reference.is_space}
    answers = ask(asked, options, anew=anew, on_progress=on_progress, warn=warn)
    report = judge(checked, answers.aliases, rooms=answers.rooms, recorded=options.recorded, skipped=skipped)
    return replace(report, interrupted=answers.interrupted)
