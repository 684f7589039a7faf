"""Where the client-server API of a server name is.

Matrix specification, Client-Server API, "Server Discovery" and "Well-known URIs".
"""

from dataclasses import dataclass, replace
from http import HTTPStatus

from stashmatrix.matrix.identifiers import ServerName
from stashmatrix.network import api
from stashmatrix.network.outcomes import NoAnswer, Response
from stashmatrix.network.patience import Web
from stashmatrix.network.urls import absolute_url, base_url
from stashmatrix.records.answers import Reason

_REDIRECTS = 5
_BODY = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiLocation:
    """Where a server's API is."""

    base_url: str
    """Without a slash at its end."""
    doubt: NoAnswer | None = None
    """What is wrong with ``.well-known``, if anything: it might have named another API."""
    is_delegated: bool = False
    """Whether ``.well-known`` named it, which may be another server's."""


@dataclass(frozen=True, slots=True)
class _Delegation:
    """``.well-known`` names an API."""

    base_url: str


@dataclass(frozen=True, slots=True)
class _NoDelegation:
    """``.well-known`` does not exist, or has a problem that does not forbid to go on without it."""

    problem: NoAnswer | None = None


@dataclass(frozen=True, slots=True)
class _DeadEnd:
    """``.well-known`` names an API that must not be used; to go on could reach another server's API."""

    problem: NoAnswer


_WellKnown = _Delegation | _NoDelegation | _DeadEnd


async def discover(web: Web, name: ServerName) -> ApiLocation | NoAnswer:
    """Return where the API of the server ``name`` is, or why it cannot be found.

    ``.well-known`` decides; if it names no API, the server name itself is tried. A base URL without an
    API ends the search, as to go on could reach another server's API.
    """
    own_url = base_url(f"https://{name}")
    if own_url is None:
        return NoAnswer(Reason.SERVER_NOT_FOUND, f"no host can have the name {name}")
    match await _well_known(web, name):
        case _DeadEnd(problem=problem):
            return problem
        case _Delegation(base_url=delegated):
            return await _missing_api(web, delegated) or ApiLocation(base_url=delegated, is_delegated=True)
        case _NoDelegation(problem=doubt):
            missing = await _missing_api(web, own_url)
            if missing is None:
                return ApiLocation(base_url=own_url, doubt=doubt)
            if doubt is None or doubt.detail == missing.detail:
                return missing
            return replace(missing, detail=f"{missing.detail}, and {doubt.detail}")


async def _well_known(web: Web, name: ServerName) -> _WellKnown:
    """Read ``.well-known/matrix/client``, which is at the host of the server name without its port."""
    response = await _follow(web, f"https://{name.host}/.well-known/matrix/client")
    if isinstance(response, NoAnswer):
        return _NoDelegation(response)
    if response.status == HTTPStatus.NOT_FOUND:
        return _NoDelegation()
    if api.may_pass(response):
        return _NoDelegation(api.refusal(response))
    url = response.url
    if response.status != HTTPStatus.OK or not isinstance(response.body, dict):
        detail = f"{url} answered HTTP {response.status} without usable JSON"
        return _NoDelegation(NoAnswer(Reason.BAD_RESPONSE, detail))
    section = response.body.get("m.homeserver")
    text = section.get("base_url") if isinstance(section, dict) else None
    if not isinstance(text, str):
        return _NoDelegation(NoAnswer(Reason.BAD_RESPONSE, f"{url} names no m.homeserver.base_url"))
    delegated = base_url(text)
    if delegated is None:
        detail = f"{url} names '{text}', which is not a plain https URL"
        return _DeadEnd(NoAnswer(Reason.BAD_RESPONSE, detail))
    return _Delegation(delegated)


async def _follow(web: Web, url: str) -> Response | NoAnswer:
    """Fetch ``url`` and whatever it redirects to, as long as that is https."""
    for _ in range(_REDIRECTS + 1):
        response = await api.get(web, url, limit=_BODY)
        if isinstance(response, NoAnswer) or response.location is None:
            return response
        target = absolute_url(response.location, relative_to=url)
        if target is None:
            detail = f"{url} redirects to '{response.location}', which is not a plain https URL"
            return NoAnswer(Reason.BAD_RESPONSE, detail)
        url = target
    return NoAnswer(Reason.BAD_RESPONSE, f"{url} redirects more than {_REDIRECTS} times")


async def _missing_api(web: Web, place: str) -> NoAnswer | None:
    """Return why there is no client-server API at the base URL ``place``; ``None`` if there is one."""
    response = await api.get(web, f"{place}/_matrix/client/versions", limit=_BODY)
    if isinstance(response, NoAnswer):
        return response
    versions = response.body.get("versions") if isinstance(response.body, dict) else None
    if response.status != HTTPStatus.OK or not isinstance(versions, list):
        return api.refusal(response)
    return None
