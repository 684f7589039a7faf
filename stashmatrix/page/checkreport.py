"""What a report of ``check-links`` says of each room: whether it is there, and on which day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path

from stashmatrix import jsonfile
from stashmatrix.formats import json
from stashmatrix.jsonfile import JsonFile
from stashmatrix.records.findings import Check
from stashmatrix.records.results import Verdict

_MAX_BYTES = 64 * 1024 * 1024
"""The largest report that is read: one of the largest catalogue takes up to a kilobyte a room."""


class State(StrEnum):
    """What was found of a room, the worst first."""

    GONE = "gone"
    CLOSED = "closed"
    UNVERIFIED = "unverified"
    THERE = "there"


_STATES: dict[str, State] = {Verdict.UNVERIFIED: State.UNVERIFIED, Verdict.OK: State.THERE}


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The states of rooms on one day."""

    day: date
    """In UTC."""
    states: Mapping[str, State]
    """By alias. What was not asked about is not among them."""


def load(path: Path) -> CheckReport:
    """Read the JSON that ``check-links --format json`` wrote to the file at ``path``.

    Raises ``InvalidFileError`` if the file cannot be read, or is no such report.
    """
    file = jsonfile.load(path, limit=_MAX_BYTES)
    content = file.content
    if not isinstance(content, dict) or not isinstance(content.get("links"), list):
        file.fail("not a report of 'check-links --format json'")
    version = content.get("version")
    if type(version) is not int or version != json.VERSION:  # True and 1.0 equal 1
        file.fail(f"version: expected {json.VERSION}", at="version")
    states: dict[str, State] = {}
    for alias, state in _states(file, content["links"]):
        states[alias] = min(state, states.get(alias, state), key=list(State).index)
    return CheckReport(_day(file, content.get("time")), states)


def _day(file: JsonFile, time: object) -> date:
    try:
        return datetime.fromisoformat(time if isinstance(time, str) else "").astimezone(UTC).date()
    except (ValueError, OverflowError):
        file.fail("time: expected a time such as 2026-01-31T12:00:00+00:00", at="time")


def _states(file: JsonFile, links: list[object]) -> Iterator[tuple[str, State]]:
    """Yield the target of each link that tells the state of a room, with that state."""
    for link in links:
        match link:
            case {"target": str(target), "verdict": str(verdict), "findings": list(findings)}:
                codes = {each.get("code") for each in findings if isinstance(each, dict)}
                if (state := _state(verdict, codes)) is not None:
                    yield target, state
            case {"target": str() | None, "verdict": str() | None, "findings": list()}:
                continue
            case _:
                file.fail("links: expected objects with target, verdict and findings", at="links")


def _state(verdict: str, codes: set[object]) -> State | None:
    """Return what a link says of its room; ``None`` if it is broken for a reason of its own."""
    if Check.ALIAS_NOT_FOUND.code in codes:
        return State.GONE
    if Check.NOT_JOINABLE.code in codes:
        return State.CLOSED
    return _STATES.get(verdict)
