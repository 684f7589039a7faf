"""Whom to tell about a server: the contact that it publishes.

Matrix specification, Client-Server API, "Well-known URIs": ``.well-known/matrix/support`` (MSC1929).
"""

import asyncio
import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus

from stashmatrix.errors import IdentifierError
from stashmatrix.matrix.identifiers import ServerName, UserId
from stashmatrix.network.outcomes import NoAnswer
from stashmatrix.network.patience import Web
from stashmatrix.network.urls import absolute_url

_BODY = 16 * 1024
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_LONGEST_URL = 300


async def contacts(web: Web, names: Iterable[ServerName]) -> dict[ServerName, str]:
    """Return the contact of each server that publishes one."""
    found: dict[ServerName, str] = {}

    async def ask(name: ServerName) -> None:
        if (address := await _contact(web, name)) is not None:
            found[name] = address

    async with asyncio.TaskGroup() as tasks:
        for name in names:
            tasks.create_task(ask(name))
    return found


async def _contact(web: Web, name: ServerName) -> str | None:
    """Return an address of the people who run a server: a page, a Matrix ID or an e-mail address.

    One request: no redirects, no retries, no waiting. ``None`` if the server publishes no usable one, or
    just failed.
    """
    url = f"https://{name.host}/.well-known/matrix/support"
    if web.has_failed(url):
        return None
    response = await web.get(url, limit=_BODY, wait_of=lambda _: None, once=True)
    if isinstance(response, NoAnswer) or response.status != HTTPStatus.OK:
        return None
    body = response.body if isinstance(response.body, dict) else {}
    page = body.get("support_page")
    if isinstance(page, str) and len(page) <= _LONGEST_URL and (address := absolute_url(page)) is not None:
        return address
    contacts = body.get("contacts")
    return next(_addresses(contacts if isinstance(contacts, list) else ()), None)


def _addresses(contacts: Iterable[object]) -> Iterator[str]:
    for each in contacts:
        if not isinstance(each, dict):
            continue
        if isinstance(user := each.get("matrix_id"), str) and _is_user(user):
            yield user
        if isinstance(email := each.get("email_address"), str) and _EMAIL.fullmatch(email):
            yield email


def _is_user(text: str) -> bool:
    try:
        UserId(text)
    except IdentifierError:
        return False
    return True
