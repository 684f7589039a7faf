"""What a request ends in: a response, or the reason why there is none. Both are values."""

from dataclasses import dataclass, field
from typing import Any

from stashmatrix.records.answers import Reason


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Why a request got no response, or none of any use."""

    reason: Reason
    detail: str
    """What happened, as the end of a sentence; it may quote the server and is not escaped."""
    is_temporary: bool = field(default=False, kw_only=True)
    """Whether the same request may well be answered a moment later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An HTTP response, read whole."""

    url: str
    status: int
    body: Any
    """The body's JSON; ``None`` if it is not JSON."""
    is_html: bool
    location: str | None
    """Target of a redirect, as the server wrote it."""
    retry_after: float | None
    """Seconds that ``Retry-After`` asks to wait, 0 if it makes no sense; ``None`` without the header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A response that asks to repeat the request later."""

    seconds: float
    refusal: NoAnswer
    """What becomes of the host's further requests if that is too long."""
