"""A real browser, and the page in it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Literal, Protocol

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

from stashmatrix.catalogue.model import Catalogue
from stashmatrix.page import website
from tests.support.network import LOOPBACK

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
BROWSERS = ("chromium", "google-chrome", "chromium-browser")


class Server(ThreadingHTTPServer):
    """Serves one page, and keeps the paths that it is asked for."""

    def __init__(self) -> None:
        super().__init__((LOOPBACK, 0), _Handler)
        self.html = ""
        self.asked: list[str] = []
        self.url = f"http://{LOOPBACK}:{self.server_port}/rooms.html"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path.partition("?")[0])
        body = self.server.html.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name there)
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A page in a browser, and what happened on it."""

    page: Page
    problems: list[str] = field(default_factory=list)
    """What the console and the scripts complained of."""
    requests: list[str] = field(default_factory=list)
    """Addresses of other pages that were asked for."""


Scheme = Literal["light", "dark"]


class Visitor(Protocol):
    """Open the page, or ``html`` in its place, with a ``query`` behind its address."""

    def __call__(
        self,
        *,
        html: str = ...,
        query: str = "",
        width: int = 1280,
        scheme: Scheme = "light",
        javascript: bool = True,
    ) -> Visit: ...


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, BROWSERS)), None)
        yield playwright.chromium.launch(executable_path=path)


@pytest.fixture(scope="session")
def html(bundled: Catalogue) -> str:
    return website.write(bundled)


@pytest.fixture(scope="session")
def axe() -> str:
    """Return the program that finds what keeps people from using a page."""
    assert AXE.exists(), "to install it: npm install --no-package-lock --prefix tests/browser"
    return AXE.read_text(encoding="utf-8")


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = Thread(target=partial(server.serve_forever, poll_interval=0.01))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def visit(browser: Browser, server: Server, html: str) -> Iterator[Visitor]:
    """Return what opens the page; in the end, no page may have asked for anything, or complained."""
    visits: list[Visit] = []

    def call(
        *,
        html: str = html,
        query: str = "",
        width: int = 1280,
        scheme: Scheme = "light",
        javascript: bool = True,
    ) -> Visit:
        server.html = html
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=javascript
        )
        page = context.new_page()
        visit = Visit(page)

        def on_request(request: Request) -> None:
            if not request.url.startswith(server.url):
                visit.requests.append(request.url)

        page.on("request", on_request)
        page.on("console", lambda message: visit.problems.append(message.text))
        page.on("pageerror", lambda error: visit.problems.append(str(error)))
        page.route("https://**", lambda route: route.fulfill(body="elsewhere"))
        page.goto(server.url + query)
        visits.append(visit)
        return visit

    yield call
    for each in visits:
        each.page.context.close()
    assert [problem for visit in visits for problem in visit.problems] == []
    assert set(server.asked) <= {"/rooms.html"}
