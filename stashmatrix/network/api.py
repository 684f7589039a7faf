"""The Matrix API as every page of it has it: error codes, limits, and why an answer is of no use.

Matrix specification, Client-Server API, "API Standards".
"""

from http import HTTPStatus

from stashmatrix.network.outcomes import NoAnswer, Response, Wait
from stashmatrix.network.patience import Web
from stashmatrix.records.answers import Reason


async def get(
    web: Web, url: str, *, limit: int, by_resolver: bool = False, fresh: bool = False
) -> Response | NoAnswer:
    """Fetch a page as ``Web.get`` does, and again later if the Matrix API asks for that."""
    return await web.get(url, limit=limit, wait_of=_wait_of, by_resolver=by_resolver, fresh=fresh)


def errcode(response: Response) -> str | None:
    """Return the error code of the Matrix API in ``response``, if there is one."""
    code = response.body.get("errcode") if isinstance(response.body, dict) else None
    return code if isinstance(code, str) else None


def _is_limited(response: Response) -> bool:
    """Say whether the server has had too many requests."""
    return response.status == HTTPStatus.TOO_MANY_REQUESTS or errcode(response) == "M_LIMIT_EXCEEDED"


def may_pass(response: Response) -> bool:
    """Say whether the same question might be answered at another time."""
    is_failure = response.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return is_failure or response.status == HTTPStatus.REQUEST_TIMEOUT or _is_limited(response)


def refusal(response: Response) -> NoAnswer:
    """Say why ``response`` is not the one that the API promises."""
    code = errcode(response)
    said = f"{response.url} answered HTTP {response.status}" + (f" {code}" if code else "")
    if _is_limited(response):
        return NoAnswer(Reason.RATE_LIMITED, said)
    if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return NoAnswer(Reason.SERVER_ERROR, said)
    if response.status == HTTPStatus.REQUEST_TIMEOUT:
        return NoAnswer(Reason.UNREACHABLE, said)
    if response.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return NoAnswer(Reason.REFUSED, said)
    if response.location is not None:
        return NoAnswer(Reason.BAD_RESPONSE, f"{said}, a redirect to {response.location}")
    if response.status < HTTPStatus.BAD_REQUEST and not response.is_html:
        return NoAnswer(Reason.BAD_RESPONSE, f"{said} without the JSON that the API promises")
    # M_NOT_FOUND is the directory's word for an alias; any other page that is not found is not the API.
    not_found = response.status == HTTPStatus.NOT_FOUND and code == "M_NOT_FOUND"
    if not_found or code in (None, "M_UNRECOGNIZED"):
        return NoAnswer(Reason.NOT_A_HOMESERVER, f"{said}, which is not the Matrix API")
    return NoAnswer(Reason.REFUSED, said)


def _wait_of(response: Response) -> Wait | None:
    """Return how long the server asks to wait, if it does.

    It does with a limit, and with 503 and a time (RFC 9110, 10.2.3 and 15.6.4). Without ``Retry-After``
    the time is in ``retry_after_ms``, which Matrix deprecates since v1.10.
    """
    seconds = _retry_after_ms(response) if response.retry_after is None else response.retry_after
    if _is_limited(response) or (response.status == HTTPStatus.SERVICE_UNAVAILABLE and seconds > 0):
        return Wait(seconds=seconds, refusal=refusal(response))
    return None


def _retry_after_ms(response: Response) -> float:
    """Return the seconds of ``retry_after_ms``. Nonsense counts as 0."""
    value = response.body.get("retry_after_ms") if isinstance(response.body, dict) else None
    try:
        seconds = value / 1000 if isinstance(value, int | float) else 0.0
    except OverflowError:
        return 0.0
    return seconds if seconds > 0 else 0.0  # not max(), which lets a NaN through
