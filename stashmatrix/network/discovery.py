"""Where a server's client-server API is.

Matrix specification, Client-Server API, "Server Discovery" and "Well-known URIs".
"""

from http import HTTPStatus
from typing import NamedTuple

from stashmatrix.matrix.identifiers import ServerName
from stashmatrix.network.outcomes import NoAnswerError
from stashmatrix.network.patience import Web
from stashmatrix.network.urls import absolute_url, base_url
from stashmatrix.records.answers import Reason

_REDIRECTS = 5
_BODY = 64 * 1024


class Found(NamedTuple):
    """Where a server's API is."""

    base_url: str
    """Without a slash at its end."""
    doubt: NoAnswerError | None = None
    """What is wrong with ``.well-known``, if anything: it should perhaps have named another API."""


class _DeadEndError(NoAnswerError):
    """A server names an API that must not be used: to guess on could find another server's answer."""


async def discover(web: Web, name: ServerName) -> Found:
    """Return where a server's API is.

    ``.well-known`` first; where that has nothing usable to say, the server name itself. A base URL
    that leads nowhere ends the search: guessing on could find another server's answer. Raises
    ``NoAnswerError`` where the API is not found.
    """
    own_url = base_url(f"https://{name}")
    if own_url is None:
        raise NoAnswerError(Reason.SERVER_NOT_FOUND, f"no host can have the name {name}")
    delegated, problem = None, None
    try:
        delegated = await _well_known(web, name)
    except _DeadEndError:
        raise
    except NoAnswerError as error:
        problem = error
    if delegated is not None:
        await _check_versions(web, delegated)
        return Found(delegated)
    try:
        await _check_versions(web, own_url)
    except NoAnswerError as error:
        also = "" if problem is None or problem.detail == error.detail else f", and {problem.detail}"
        raise NoAnswerError(error.reason, error.detail + also) from None
    return Found(own_url, problem)


async def _well_known(web: Web, name: ServerName) -> str | None:
    """Return the base URL that ``.well-known/matrix/client`` gives, or ``None`` if there is no such file.

    Raises ``_DeadEndError`` if the file gives one that must not be used, and ``NoAnswerError`` if it
    gives none or cannot be had.
    """
    url = f"https://{name.host}/.well-known/matrix/client"
    for _ in range(_REDIRECTS + 1):
        response = await web.get(url, limit=_BODY)
        if response.location is None:
            break
        target = absolute_url(response.location, relative_to=url)
        if target is None:
            detail = f"{url} redirects to '{response.location}', which is not a plain https URL"
            raise NoAnswerError(Reason.BAD_RESPONSE, detail)
        url = target
    else:
        raise NoAnswerError(Reason.BAD_RESPONSE, f"{url} redirects more than {_REDIRECTS} times")
    if response.status == HTTPStatus.NOT_FOUND:
        return None
    if response.limited or response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise response.refusal()
    if response.status != HTTPStatus.OK or not isinstance(response.body, dict):
        detail = f"{url} answered HTTP {response.status} without usable JSON"
        raise NoAnswerError(Reason.BAD_RESPONSE, detail)
    section = response.body.get("m.homeserver")
    named = section.get("base_url") if isinstance(section, dict) else None
    if not isinstance(named, str):
        raise NoAnswerError(Reason.BAD_RESPONSE, f"{url} names no m.homeserver.base_url")
    usable = base_url(named)
    if usable is None:
        raise _DeadEndError(Reason.BAD_RESPONSE, f"{url} names '{named}', which is not a plain https URL")
    return usable


async def _check_versions(web: Web, base_url: str) -> None:
    """Raise ``NoAnswerError`` unless the client-server API answers at ``base_url``."""
    response = await web.get(f"{base_url}/_matrix/client/versions", limit=_BODY)
    versions = response.body.get("versions") if isinstance(response.body, dict) else None
    if response.status != HTTPStatus.OK or not isinstance(versions, list):
        raise response.refusal()
