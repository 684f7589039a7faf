"""What a run asks of servers while it goes on, for whoever watches it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A request: as it begins, as its server asks to wait, and as it ends."""

    url: str
    server: str
    """The server name whose questions it belongs to, or the host and port that it goes to."""
    retry: int
    """How many times it failed before."""
    retries: int
    """Maximum retries."""
    wait: float | None = None
    """Seconds to wait, as the server asks."""
    outcome: str | None = None
    """What it ended in, not escaped; ``None`` while it is under way."""
