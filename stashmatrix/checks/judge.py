"""Every verdict: which findings each link has.

``broken`` needs proof. Whatever kept a question from being answered is ``unverified``: an outage is
never success and never failure.
"""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from stashmatrix.checks.online import (
    a_space,
    duplicate,
    existence,
    firsts,
    joinable,
    moved,
    published_link,
    same_room,
)
from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.records.answers import Answer, Reason, Unknown
from stashmatrix.records.reference import Reference
from stashmatrix.records.results import CheckedLink, Report, Skipped


def divide(
    found: Iterable[Reference], ignored: Iterable[str]
) -> tuple[tuple[Reference, ...], tuple[Skipped, ...]]:
    """Return the references to ask about, and those to skip.

    Skipped is what the catalogue says not to check, and each alias that matches one of the shell
    patterns ``ignored``. Case matters, as it does in an alias.
    """
    ignored = tuple(ignored)
    asked: list[Reference] = []
    skipped: list[Skipped] = []
    for reference in found:
        matching = (f"--ignore '{pattern}'" for pattern in ignored if fnmatchcase(reference.target, pattern))
        reason = reference.unchecked or next(matching, None)
        if reason is None:
            asked.append(reference)
        else:
            skipped.append(Skipped(reference, reason))
    return tuple(asked), tuple(skipped)


def judge(
    found: Iterable[Reference],
    answers: Mapping[RoomAlias, Answer],
    *,
    recorded: Mapping[RoomAlias, RoomId] | None = None,
    skipped: tuple[Skipped, ...] = (),
) -> Report:
    """Judge each reference by the answers; an alias without one was not asked.

    ``recorded`` is where the aliases led before, and ``skipped`` what nobody was to ask about.
    """
    found = tuple(found)
    not_asked = Unknown(reason=Reason.NOT_ASKED, detail="the run ended before there was an answer")
    earlier = firsts(found, answers)

    def checked(reference: Reference) -> CheckedLink:
        answer = answers.get(reference.target, not_asked)
        findings = (
            *existence(reference, answer),
            *joinable(reference, answer),
            *a_space(reference, answer),
            *same_room(reference, answers),
            *moved(reference, answer, recorded or {}),
            *duplicate(reference, earlier.get(reference)),
            *published_link(reference),
        )
        return CheckedLink(reference=reference, answer=answer, findings=findings)

    return Report(tuple(map(checked, found)), skipped)
