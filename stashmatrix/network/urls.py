"""URLs that requests may go to, and their host and port."""

from collections.abc import Container

import httpx

from stashmatrix.network.outcomes import NoAnswer
from stashmatrix.records.answers import Reason

_HIGHEST_PORT = 65_535


def base_url(text: str, *, schemes: Container[str] = ("https",)) -> str | None:
    """Return ``text`` as the base URL of an API, without a slash at its end.

    ``None`` if no request may go there: the URL is relative, has another scheme, credentials, a query or
    a fragment, or its host or port is impossible.
    """
    url = None if "?" in text or "#" in text else absolute_url(text, schemes=schemes)
    return None if url is None else url.rstrip("/")


def absolute_url(text: str, *, relative_to: str = "", schemes: Container[str] = ("https",)) -> str | None:
    """Return ``text`` as an absolute URL with its path and query, or ``None`` as ``base_url`` does."""
    try:
        url = httpx.URL(relative_to).join(text)
        usable = url.scheme in schemes and url.host and (url.port or 443) <= _HIGHEST_PORT
    except (httpx.InvalidURL, ValueError):  # the latter for an impossible name or address
        return None
    host = url.host
    if not usable or url.userinfo or not host.isprintable() or host.startswith(".") or set(host) & set(" %"):
        return None
    return str(url)


def host_and_port(url: str) -> str | NoAnswer:
    """Return the ``host`` or ``host:port`` of ``url``; ``NoAnswer`` if it is not a URL."""
    try:
        parsed = httpx.URL(url)
        place = parsed.netloc.decode()
    except (httpx.InvalidURL, ValueError) as error:
        return NoAnswer(Reason.BAD_RESPONSE, f"'{url}' is not a URL: {error}")
    if (parsed.port or 0) > _HIGHEST_PORT:
        return NoAnswer(Reason.BAD_RESPONSE, f"'{url}' is not a URL: there is no such port")
    return place
