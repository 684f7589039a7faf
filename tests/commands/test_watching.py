"""What a person sees of a run while it goes on."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from stashmatrix.commands.terminal import awaited_names
from stashmatrix.commands.watching import Watch
from stashmatrix.records.attempts import Attempt
from tests.support.catalogues import catalogue_of, write_catalogue
from tests.support.homeserver import fake_homeserver
from tests.support.process import Run


def attempt(
    retry: int = 0, *, server: str = "b.example", wait: float | None = None, outcome: str | None = None
) -> Attempt:
    return Attempt(url="https://x", server=server, retry=retry, retries=2, wait=wait, outcome=outcome)


@pytest.mark.parametrize(
    ("attempts", "shown"),
    [
        ([], "a.example, b.example and 1 more"),
        ([attempt()], "a.example, b.example and 1 more"),
        ([attempt(1)], "b.example (retry 1 of 2), a.example and 1 more"),
        ([attempt(1), attempt(2)], "b.example (retry 2 of 2), a.example and 1 more"),
        ([attempt(wait=29.6)], "b.example (waits 30s), a.example and 1 more"),
        ([attempt(1), attempt(1, outcome="HTTP 200")], "a.example, b.example and 1 more"),
        ([attempt(1, server="elsewhere.example")], "a.example, b.example and 1 more"),
    ],
)
def test_the_bar_says_what_delays_a_server_that_is_awaited(attempts: Sequence[Attempt], shown: str) -> None:
    line = ""

    def show(*progress: object) -> None:
        nonlocal line
        _, _, awaited, states = progress
        line = awaited_names(awaited, states)  # type: ignore[arg-type]  # they are what Show gets

    watch = Watch(show, verbose=False)
    watch.on_progress(0, 3, Counter(["a.example", "b.example", "c.example"]))
    for each in attempts:
        watch.on_attempt(each)
    assert line == shown


def test_verbose_says_what_is_asked_and_what_came_of_it(run: Run, tmp_path: Path) -> None:
    path = write_catalogue(tmp_path, catalogue_of("#room:example.org"))
    with fake_homeserver() as (url, _):
        result = run("check-links", "--catalogue", path, "-v", "--homeserver", f"example.org={url}")
    said = [line for line in result.stderr.splitlines() if "room%3Aexample.org" in line]
    assert said[0].startswith(f"asking: {url}/_matrix/client/")
    assert said[1].startswith(f"{url}/_matrix/client/")
    assert ": HTTP " in said[1]


def test_verbose_says_what_is_asked_once_more(capsys: pytest.CaptureFixture[str]) -> None:
    watch = Watch(lambda *_: None, verbose=True)
    for each in (attempt(1), attempt(1, wait=7), attempt(1, outcome="no\x1b connection")):
        watch.on_attempt(each)
    assert capsys.readouterr().err.splitlines() == [
        "retry 1 of 2: https://x",
        "waits 7s: https://x",
        r"https://x: no\x1b connection",
    ]
