"""The contact that a server publishes."""

import asyncio
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from stashmatrix.matrix.identifiers import ServerName
from stashmatrix.network.limits import Limits
from stashmatrix.network.patience import Web
from stashmatrix.network.support import contacts

NAME = ServerName("example.org:8448")
URL = "https://example.org/.well-known/matrix/support"
PAGE = "https://example.org/help"
WHO = {"matrix_id": "@root:example.org", "email_address": "root@example.org", "role": "m.role.admin"}


def asked(
    response: httpx.Response | Exception, *, before: str | None = None
) -> tuple[dict[ServerName, str], list[str]]:
    """Ask a server that answers so; return the contacts and the URLs that it was asked for."""
    urls: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        urls.append(str(request.url))
        if isinstance(response, Exception):
            raise response
        return response

    async def main() -> dict[ServerName, str]:
        async with aclosing(Web(Limits(), transport=httpx.MockTransport(handler))) as web:
            if before is not None:
                await web.get(before, limit=100, wait_of=lambda _: None, once=True)
            return await contacts(web, [NAME])

    return asyncio.run(main()), urls


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"support_page": PAGE, "contacts": [WHO]}, PAGE),
        ({"contacts": [WHO]}, "@root:example.org"),
        ({"contacts": [{"email_address": "root@example.org", "role": "x"}]}, "root@example.org"),
        ({"contacts": [{"matrix_id": "root"}, 5, {"email_address": "a b@c"}, WHO]}, "@root:example.org"),
        ({"support_page": "javascript:alert(1)", "contacts": [WHO]}, "@root:example.org"),
        ({"support_page": "http://example.org/help"}, None),
        ({"support_page": "https://example.org/" + "x" * 300}, None),
        ({"support_page": 5, "contacts": {}}, None),
        ({"contacts": [{"email_address": "root@example.org\\nevil"}]}, None),
        ([], None),
        ("x", None),
    ],
)
def test_a_contact_is_a_page_or_a_person(body: Any, expected: str | None) -> None:  # noqa: ANN401 (JSON)
    found, urls = asked(httpx.Response(200, json=body))
    assert found == ({} if expected is None else {NAME: expected})
    assert urls == [URL]


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(404, json={}),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={"support_page": PAGE, "more": "x" * 20_000}),
        httpx.Response(503),
        httpx.Response(429, headers={"Retry-After": "50"}, json={}),
        httpx.Response(302, headers={"Location": "https://evil.example/support"}),
        httpx.ConnectError("refused"),
    ],
    ids=lambda response: str(response)[:40],
)
def test_whatever_else_a_server_says_is_no_contact_and_one_request(
    response: httpx.Response | Exception,
) -> None:
    assert asked(response) == ({}, [URL])


def test_a_host_that_just_failed_is_not_asked() -> None:
    found, urls = asked(httpx.ConnectError("refused"), before="https://example.org/other")
    assert (found, urls) == ({}, ["https://example.org/other"])
