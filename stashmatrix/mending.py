"""Repair: a document with the fixes of its findings, read again before it is kept."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

from stashmatrix.checks.offline import lint
from stashmatrix.documents.decoding import with_replacements
from stashmatrix.matrix.forms import read
from stashmatrix.records.findings import Check, Finding, Fix
from stashmatrix.records.reference import Reference
from stashmatrix.records.results import CheckedLink

ReadAgain = Callable[[bytes], Sequence[Reference]]
"""Returns the references of a document that has these bytes."""

_MOST_ATTEMPTS = 100
"""How often a document is read again to find which repairs will do: three of 10,000 may be wrong."""


class Repair(NamedTuple):
    """A fix, and the finding that it mends."""

    fix: Fix
    check: Check
    label: Fix | None = None
    """What becomes of the label with it, if that is the link once more, or the alias that it leads to."""

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """All that is replaced."""
        return (self.fix,) if self.label is None else (self.fix, self.label)


class Mended(NamedTuple):
    """A document with the fixes that could be made."""

    data: bytes
    made: Sequence[Repair]
    refused: Sequence[Repair]
    """Those that would not do: a reader would not find the mended link, or something new is wrong."""


def repairs(links: Iterable[CheckedLink], *, unsafe: bool, refused: Collection[Repair] = ()) -> list[Repair]:
    """Return what mends the findings of a document's links, in the order of their places and apart.

    Of fixes that overlap, only the first is there that was not ``refused``: after it, the others may not be
    wanted any more.
    """
    possible = (
        Repair(finding.fix, finding.check, _label(link.reference, finding.fix))
        for link in links
        for finding in link.findings
        if finding.fix is not None and (unsafe or finding.fix.safe)
    )
    wanted = sorted(
        (repair for repair in possible if repair not in refused),
        key=lambda repair: (repair.fix.start, not repair.fix.safe),
    )
    apart: list[Repair] = []
    for repair in wanted:
        if not apart or repair.fix.start >= apart[-1].fix.end:
            apart.append(repair)
    return apart


def _label(reference: Reference, fix: Fix) -> Fix | None:
    """Return what becomes of a link's label with it; nothing if that says something else."""
    label, start = reference.label, reference.label_start
    if label is None or start is None or fix.start != reference.start:
        return None
    text = fix.replacement if label == reference.text else label
    if label == reference.target:
        reading = read(fix.replacement)
        target = None if reading is None or reading.link is None else reading.link.target
        text = target if target is not None and target[1:] in fix.replacement else label
    return None if text == label else Fix(start, start + len(label), text, fix.safe)


def mend(data: bytes, wanted: Sequence[Repair], read_again: ReadAgain) -> Mended:
    """Make the repairs that will do, together: all of them, unless many are among them that will not."""
    before = read_again(data)
    attempts = iter(range(_MOST_ATTEMPTS))

    def attempt(chosen: Sequence[Repair]) -> bytes | None:
        if next(attempts, None) is None:
            return None
        after = with_replacements(data, _replacements(chosen))
        return after if after is not None and _is_mended(before, read_again(after), chosen) else None

    made, mended = _most((), tuple(wanted), attempt)
    kept = set(made)
    refused = [repair for repair in wanted if repair not in kept]
    return Mended(data if mended is None else mended, made, refused)


def _replacements(chosen: Iterable[Repair]) -> list[tuple[int, int, str]]:
    return sorted((fix.start, fix.end, fix.replacement) for repair in chosen for fix in repair.fixes)


def _most(
    made: tuple[Repair, ...],
    wanted: tuple[Repair, ...],
    attempt: Callable[[Sequence[Repair]], bytes | None],
) -> tuple[tuple[Repair, ...], bytes | None]:
    """Add to the repairs ``made`` those that will do, by halves: one that will not is a rare thing."""
    if not wanted or (mended := attempt(made + wanted)) is not None:
        return made + wanted, mended if wanted else None
    if len(wanted) == 1:
        return made, None
    middle = len(wanted) // 2
    made, first = _most(made, wanted[:middle], attempt)
    made, second = _most(made, wanted[middle:], attempt)
    return made, first if second is None else second


def _is_mended(before: Sequence[Reference], after: Sequence[Reference], made: Sequence[Repair]) -> bool:
    """Say whether a document, read again, has the links that it had and should have now, and nothing new."""
    if len(before) != len(after):
        return False
    texts: dict[int | None, str] = {fix.start: fix.replacement for repair in made for fix in repair.fixes}
    checks: dict[int | None, Check] = {fix.start: repair.check for repair in made for fix in repair.fixes}
    addresses = {old.address: texts[old.start] for old in before if old.start in texts}

    def is_expected(old: Reference, new: Reference) -> bool:
        text = texts.get(old.start, old.text)
        is_other = old.start in texts
        expected = (
            text,
            text if is_other and old.address is not None else old.address,
            texts.get(old.label_start, (old.label or "").replace(old.text, text) or None),
            addresses.get(old.around, old.around),
            old.in_code,
            len(old.ignores),
        )
        found = (new.text, new.address, new.label, new.around, new.in_code, len(new.ignores))
        return found == expected and (text != old.text or new.target == old.target)

    def mended(old: Reference) -> set[Check]:
        return {checks[start] for start in (old.start, old.label_start) if start in checks}

    return all(
        is_expected(old.reference, new.reference)
        and _codes(new_findings) <= _codes(old_findings) - mended(old.reference)
        for (old, old_findings), (new, new_findings) in zip(lint(before), lint(after), strict=True)
    )


def _codes(findings: Iterable[Finding]) -> set[Check]:
    return {finding.check for finding in findings}
