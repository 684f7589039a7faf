"""The issues of a repository on GitHub or Forgejo, whose APIs are alike in this."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Self

import httpx

from stashmatrix.errors import StashmatrixError

_SECONDS = 30
_PAGE = 50
_MOST_PAGES = 200
_BOTS = frozenset({"github-actions[bot]", "forgejo-actions", "gitea-actions"})
"""Who writes an issue with a job's own token, which may not ask who it is."""


class Issue(NamedTuple):
    """An open issue."""

    number: int
    title: str
    body: str


class Forge:
    """The API of a forge, for one repository."""

    def __init__(self, api_url: str, repository: str, token: str) -> None:
        """Speak for ``token`` about the repository ``owner/name``; ``api_url`` is the base URL of the API."""
        headers = {"Authorization": f"token {token}", "Accept": "application/json"}
        self._client = httpx.Client(base_url=api_url, headers=headers, timeout=_SECONDS)
        self._issues = f"repos/{repository}/issues"

    def __enter__(self) -> Self:
        """Use it as a context manager, which closes its connections."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._client.close()

    def find(self, is_ours: Callable[[str], bool]) -> Issue | None:
        """Return the oldest open issue of ours whose body ``is_ours``.

        One that somebody else wrote is none, whatever is in it.
        """
        me = self._login()
        for each in self._open():
            author = (each.get("user") or {}).get("login")
            body = (each.get("body") or "").replace("\r\n", "\n")
            if (author == me if me is not None else author in _BOTS) and is_ours(body):
                return Issue(each["number"], each["title"], body)
        return None

    def _login(self) -> str | None:
        response = self._send("GET", "user")
        login = _read(response).get("login") if response.status_code == httpx.codes.OK else None
        return login if isinstance(login, str) else None

    def _open(self) -> Iterator[dict[str, Any]]:
        """Yield all open issues, the oldest first; GitHub counts pull requests among them."""
        for page in range(1, _MOST_PAGES + 1):
            query = {"state": "open", "page": page, "per_page": _PAGE, "limit": _PAGE}
            order = {"sort": "created", "direction": "asc", "type": "issues"}
            found = self._json("GET", self._issues, params=query | order)
            if not found:
                return
            yield from (each for each in found if not each.get("pull_request"))

    def open(self, title: str, body: str) -> None:
        """Open an issue."""
        self._json("POST", self._issues, json={"title": title, "body": body})

    def update(self, issue: Issue, title: str, body: str) -> None:
        """Give an issue this title and body."""
        self._json("PATCH", f"{self._issues}/{issue.number}", json={"title": title, "body": body})

    def resolve(self, issue: Issue) -> None:
        """Close an issue."""
        self._json("PATCH", f"{self._issues}/{issue.number}", json={"state": "closed"})

    def _json(self, method: str, path: str, **more: Any) -> Any:  # noqa: ANN401 (JSON can be anything)
        response = self._send(method, path, **more)
        if not response.is_success:
            message = f"the forge refused {method} {response.url}: HTTP {response.status_code}"
            raise StashmatrixError(message, hint="the job's token needs 'permissions: issues: write'")
        return _read(response)

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401 (httpx's own)
        try:
            return self._client.request(method, path, **more)
        except (httpx.HTTPError, ValueError) as error:
            raise StashmatrixError(f"the forge cannot be reached: {error}") from error


def _read(response: httpx.Response) -> Any:  # noqa: ANN401 (JSON can be anything)
    try:
        return response.json()
    except ValueError as error:
        message = f"the forge answered {response.url} without JSON"
        raise StashmatrixError(message, hint="check GITHUB_API_URL, and the proxy if there is one") from error
