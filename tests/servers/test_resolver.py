"""A homeserver that is asked in place of another, and a cache that is none."""

import json
from pathlib import Path

import pytest

from tests.support.catalogues import catalogue_of
from tests.support.process import Run, after_catalogue
from tests.support.synapse import Homeserver, at

CATALOGUE = catalogue_of("#stash-help:unredacted.org", "#gone:unredacted.org")
DEAD = ("--homeserver", "unredacted.org=http://127.0.0.1:1", "--retries", "0", "--disable", "nearly-empty")


@pytest.fixture(autouse=True)
def catalogue(tmp_path: Path) -> None:
    (tmp_path / "rooms.yaml").write_text(CATALOGUE)


def codes(stdout: str) -> list[list[str]]:
    """Return the codes of each link's findings in a JSON report."""
    return [[finding["code"] for finding in link["findings"]] for link in json.loads(stdout)["links"]]


def test_a_cache_that_is_none_is_ignored_with_a_warning(
    run: Run, unredacted: Homeserver, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    precious.write_text("not a cache")
    result = run("--catalogue", "rooms.yaml", "check-links", "--cache", "precious", *at(unredacted))
    assert after_catalogue(result.stderr).startswith(
        "warning: precious is ignored: it is not a cache of stashmatrix; "
    )
    assert "error[alias-not-found] #gone:unredacted.org" in result.stdout
    assert result.status == 1
    assert precious.read_text() == "not a cache"


def test_a_resolver_is_asked_only_if_the_user_names_it(run: Run, unredacted: Homeserver) -> None:
    check = ("--catalogue", "rooms.yaml", "check-links", "--format", "json", *DEAD)
    alone = run(*check)
    assert codes(alone.stdout) == [["unreachable"], ["unreachable"]]
    assert alone.status == 4
    helped = run(*check, "--resolver", unredacted.url, "--cache", "kept")
    assert codes(helped.stdout) == [[], ["second-hand"]]
    assert json.loads(helped.stdout)["links"][0]["homeserver"] == unredacted.url
    assert helped.status == 0
    # What the resolver said was not cached.
    assert codes(run(*check, "--cache", "kept").stdout) == [["unreachable"], ["unreachable"]]
