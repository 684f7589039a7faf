"""What comes of a request: a response, or the reason why there is none."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from stashmatrix.records.answers import Reason


class NoAnswerError(Exception):
    """A request, or what came back, was of no use."""

    def __init__(self, reason: Reason, detail: str, *, passing: bool = False) -> None:
        """Say in ``detail`` what happened, as the end of a sentence; it may quote the server.

        ``passing`` says that the same request may well be answered a moment later.
        """
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.passing = passing


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response, read whole; ``body`` is its JSON, or ``None`` where it is none."""

    url: str
    status: int
    body: Any
    is_html: bool
    location: str | None
    retry_after: float
    """Seconds that the server asks to wait, or 0."""

    @property
    def errcode(self) -> str | None:
        """The error code of the Matrix API, if the response holds one."""
        code = self.body.get("errcode") if isinstance(self.body, dict) else None
        return code if isinstance(code, str) else None

    @property
    def limited(self) -> bool:
        """Whether the server has had too many requests."""
        return self.status == HTTPStatus.TOO_MANY_REQUESTS or self.errcode == "M_LIMIT_EXCEEDED"

    @property
    def asks_to_wait(self) -> bool:
        """Whether the server would answer later: RFC 9110 has ``Retry-After`` for 503 too."""
        return self.limited or (self.status == HTTPStatus.SERVICE_UNAVAILABLE and self.retry_after > 0)

    def refusal(self) -> NoAnswerError:
        """Say why this response is not the one that was hoped for."""
        said = f"{self.url} answered HTTP {self.status}" + (f" {self.errcode}" if self.errcode else "")
        if self.limited:
            return NoAnswerError(Reason.RATE_LIMITED, said)
        if self.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return NoAnswerError(Reason.SERVER_ERROR, said)
        if self.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            return NoAnswerError(Reason.REFUSED, said)
        if self.location is not None:
            return NoAnswerError(Reason.BAD_RESPONSE, f"{said}, a redirect to {self.location}")
        if self.status < HTTPStatus.BAD_REQUEST and not self.is_html:
            return NoAnswerError(Reason.BAD_RESPONSE, f"{said} without the JSON that the API promises")
        # By M_NOT_FOUND the directory means an alias; anything else that is not found is not the API.
        absent = self.status == HTTPStatus.NOT_FOUND and self.errcode == "M_NOT_FOUND"
        if absent or self.errcode in (None, "M_UNRECOGNIZED"):
            return NoAnswerError(Reason.NOT_A_HOMESERVER, f"{said}, which is not the Matrix API")
        return NoAnswerError(Reason.REFUSED, said)
