"""How to run the checker: what the options of ``check-links`` say, for any Python program."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stashmatrix.matrix.identifiers import RoomAlias, RoomId, ServerName
from stashmatrix.network.limits import MAX_AGE, Limits
from stashmatrix.records.attempts import Attempt
from stashmatrix.records.findings import USUAL_NOTES, Check
from stashmatrix.records.reference import Pattern

OnProgress = Callable[[int, int, Collection[str]], None]
"""Called first and after each answer, with the number of answers, of questions, and the servers to answer."""

OnAttempt = Callable[[Attempt], None]
"""Called as a request begins, as its server asks to wait, and as it ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeForEach:
    """A time limit in proportion to what is asked."""

    base: float = 600.0
    """Seconds for any run: enough to wait for a host that pauses its requests for as long as it may."""
    each: float = 0.2
    """Seconds for each room: two requests that take 400 ms, and four of them in parallel."""

    def seconds(self, rooms: int) -> float:
        """Return the limit for a run that asks about so many rooms."""
        return self.base + self.each * rooms


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to check, as the options of ``check-links`` say it."""

    homeservers: Mapping[ServerName, str] = field(default_factory=dict)
    """Base URL of a server's API, in place of discovery."""
    resolver: str | None = None
    """Base URL of a homeserver to ask when an alias's own server is unreachable."""
    allow_private: bool = False
    """Whether servers may be at private and loopback addresses."""
    ignore: tuple[Pattern, ...] = ()
    """Which aliases to skip."""
    offline: bool = False
    """Whether to ask nobody, and to judge by what needs no network."""
    notes: frozenset[Check] = USUAL_NOTES
    """Which of the ``NOTES`` to report."""
    recorded: Mapping[RoomAlias, RoomId] = field(default_factory=dict)
    """The room that each alias led to at an earlier time, as a lock file has it."""
    cache: Path | None = None
    """File that keeps found rooms between runs."""
    max_age: float = MAX_AGE
    """Maximum age of a cached answer, in seconds."""
    max_time: float | TimeForEach = TimeForEach()
    """Time limit for the run, in seconds."""
    limits: Limits = field(default_factory=Limits)
