"""URLs that may be asked, and where they lead."""

from collections.abc import Container

import httpx

from stashmatrix.network.outcomes import NoAnswerError
from stashmatrix.records.answers import Reason

_HIGHEST_PORT = 65_535


def base_url(text: str, *, schemes: Container[str] = ("https",)) -> str | None:
    """Return ``text`` as the base URL of an API, without a slash at its end.

    ``None`` if it is none to ask: not absolute or of another scheme, with credentials, a query or a
    fragment, or of a host or port that cannot be.
    """
    url = None if "?" in text or "#" in text else absolute_url(text, schemes=schemes)
    return None if url is None else url.rstrip("/")


def absolute_url(text: str, *, relative_to: str = "", schemes: Container[str] = ("https",)) -> str | None:
    """Return ``text`` as an absolute URL, or ``None``: as ``base_url``, but with path and query as given."""
    try:
        url = httpx.URL(relative_to).join(text)
        usable = url.scheme in schemes and url.host and (url.port or 443) <= _HIGHEST_PORT
    except (httpx.InvalidURL, ValueError):  # the latter for a name or an address that cannot be
        return None
    host = url.host
    if not usable or url.userinfo or not host.isprintable() or host.startswith(".") or set(host) & set(" %"):
        return None
    return str(url)


def host_and_port(url: str) -> str:
    """Return where ``url`` leads, as ``host`` or ``host:port``; raise ``NoAnswerError`` if it is no URL."""
    try:
        parsed = httpx.URL(url)
        place = parsed.netloc.decode()
    except (httpx.InvalidURL, ValueError) as error:
        raise NoAnswerError(Reason.BAD_RESPONSE, f"'{url}' is not a URL: {error}") from None
    if (parsed.port or 0) > _HIGHEST_PORT:
        raise NoAnswerError(Reason.BAD_RESPONSE, f"'{url}' is not a URL: there is no such port")
    return place
