"""How patient to be with servers, and how many requests to send in parallel."""

from dataclasses import dataclass

MAX_AGE = 86_400.0
"""Seconds for which a cached answer is good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of a run; the defaults are those of the command line."""

    timeout: float = 15.0
    """Seconds for one request, from connecting to the last byte; a homeserver allows itself 10."""
    retries: int = 2
    """Retries after a temporary failure; if 0, a server that asks to wait is not waited for either."""
    concurrency: int = 32
    """Maximum parallel requests."""
    per_host: int = 4
    """Maximum parallel requests per host."""
