"""URLs that requests may go to, and their host and port."""

import unicodedata
from collections.abc import Container
from functools import lru_cache

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
    except (httpx.InvalidURL, ValueError):  # the latter for an impossible name or address
        return None
    host = ascii_host(url)
    usable = url.scheme in schemes and host and (url.port or 443) <= _HIGHEST_PORT and not url.userinfo
    if not usable or host.startswith(".") or "%" in host or not all(map(_is_possible, host.split("."))):
        return None
    return str(url)


def _is_possible(label: str) -> bool:
    """Say whether a label of a name that is encoded (``xn--``) stands for any text."""
    if not label.startswith("xn--"):
        return True
    try:
        text = label.removeprefix("xn--").encode("ascii").decode("punycode")
    except UnicodeError:
        return False
    return text != "" and not any(unicodedata.category(character) == "Cc" for character in text)


def ascii_host(url: httpx.URL) -> str:
    """Return the host of ``url``, in ASCII.

    ``url.host`` decodes it, and refuses names that are registered all the same, such as those of emoji.
    """
    return url.raw_host.decode("ascii")


@lru_cache(maxsize=512)
def parsed(url: str) -> httpx.URL:
    """Return ``url`` in its parts, which a request wants several times; raise what ``httpx.URL`` raises."""
    return httpx.URL(url)


def host_and_port(url: str) -> str | NoAnswer:
    """Return the ``host`` or ``host:port`` of ``url``; ``NoAnswer`` if it is not a URL."""
    try:
        port, place = parsed(url).port, parsed(url).netloc.decode()
    except (httpx.InvalidURL, ValueError) as error:
        return NoAnswer(Reason.BAD_RESPONSE, f"'{url}' is not a URL: {error}")
    if (port or 0) > _HIGHEST_PORT:
        return NoAnswer(Reason.BAD_RESPONSE, f"'{url}' is not a URL: there is no such port")
    return place
