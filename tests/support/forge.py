"""A forge on loopback: the issues of one repository, with the API of GitHub or of Forgejo, and every call."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.network import LOOPBACK

TOKEN = "only for tests"  # noqa: S105 (it opens nothing)
GITHUB, FORGEJO = "github-actions[bot]", "forgejo-actions"


@dataclass(slots=True)
class FakeForge:
    """What it holds, and what it was asked to do."""

    bot: str
    """Who a job's own token speaks for."""
    url: str = ""
    user: str | None = None
    """Who the token says that it speaks for; ``None`` if it may not ask."""
    refuses: int | None = None
    """The status of every answer, if it is not to work."""
    page: bytes = b""
    """What every answer holds, if it is not to be JSON."""
    issues: list[dict[str, Any]] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    """The calls that change something."""

    def add(self, title: str, body: str, author: str, **more: Any) -> None:  # noqa: ANN401 (JSON)
        number = len(self.issues) + 1
        issue = {"number": number, "title": title, "body": body, "user": {"login": author}, "state": "open"}
        self.issues.append(issue | more)

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:  # noqa: ANN401
        if self.refuses is not None:
            return self.refuses, {"message": "no"}
        if path == "/user":
            return (200, {"login": self.user}) if self.user else (403, {"message": "no"})
        assert path.startswith("/repos/we/rooms/issues"), path
        if method == "GET":
            opened = [issue for issue in self.issues if issue["state"] == "open"]
            page, size = int(query["page"][0]), 50
            return 200, opened[(page - 1) * size : page * size]
        self.changes.append(f"{method} {path} {' '.join(sorted(body))}")
        if method == "POST":
            self.add(body["title"], body["body"].replace("\n", "\r\n"), self.user or self.bot)
            return 201, self.issues[-1]
        issue = self.issues[int(path.rpartition("/")[2]) - 1]
        issue.update(body)
        return 200, issue


@contextmanager
def fake_forge(bot: str) -> Iterator[FakeForge]:
    forge = FakeForge(bot)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def reply(self) -> None:
            assert self.headers["Authorization"] == f"token {TOKEN}"
            url = urlsplit(self.path)
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
            status, content = forge.answer(self.command, url.path, parse_qs(url.query), body)
            data = forge.page or json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = reply  # noqa: N815 (the names that it looks for)

    server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    forge.url = f"http://{LOOPBACK}:{server.server_port}"
    # The interval is how long it may take to stop.
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.002})
    thread.start()
    try:
        yield forge
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
