"""One run of the checker as any Python program can have it: no terminal, no files but those it is given."""

from collections.abc import Collection
from pathlib import Path

import pytest

from stashmatrix.checking import Options, TimeForEach, check
from stashmatrix.matrix.identifiers import RoomAlias, RoomId, ServerName
from stashmatrix.network.limits import Limits
from stashmatrix.records.reference import Pattern, Reference, Source
from stashmatrix.records.results import Verdict
from tests.support.homeserver import fake_homeserver
from tests.support.network import silent_server

NAME = ServerName("example.org")
HERE, GONE, OTHER = (RoomAlias(f"#{name}:example.org") for name in ("here", "gone", "other"))


def references(*aliases: RoomAlias) -> list[Reference]:
    return [
        Reference(source=Source("page.md", line, 1), text=alias, target=alias)
        for line, alias in enumerate(aliases, start=1)
    ]


def at(url: str, **more: object) -> Options:
    return Options(homeservers={NAME: url}, **more)  # type: ignore[arg-type]  # mypy takes each for each field


def test_a_reference_is_judged_by_what_its_homeserver_says() -> None:
    with fake_homeserver() as (url, asked):
        report = check(references(HERE, GONE), at(url))
    assert [(link.reference.source.line, link.verdict, link.room_id) for link in report.links] == [
        (1, Verdict.OK, RoomId("!here:example.org")),
        (2, Verdict.BROKEN, None),
    ]
    assert not report.interrupted
    assert asked.count(HERE) == 1


def test_an_alias_is_asked_once_however_many_places_name_it() -> None:
    with fake_homeserver() as (url, asked):
        report = check(references(HERE, HERE, HERE), at(url))
    assert [link.verdict for link in report.links] == [Verdict.OK] * 3
    assert asked.count(HERE) == 1


def test_progress_counts_the_answers_and_names_the_servers_to_answer() -> None:
    steps: list[tuple[int, int, list[str]]] = []

    def on_progress(answers: int, questions: int, awaited: Collection[str]) -> None:
        steps.append((answers, questions, list(awaited)))

    with fake_homeserver() as (url, _):
        check(references(HERE, GONE, HERE), at(url), on_progress=on_progress)
    assert steps == [(0, 2, ["example.org"]), (1, 2, ["example.org"]), (2, 2, [])]


def test_a_cached_answer_is_one_of_the_same_way_only(tmp_path: Path) -> None:
    cache = tmp_path / "cache.json"
    with fake_homeserver() as (url, asked):
        check(references(HERE), at(url, cache=cache, allow_private=True))
        check(references(HERE), at(url, cache=cache, allow_private=True))
        assert asked.count(HERE) == 1
        check(references(HERE), at(url, cache=cache))
    assert asked.count(HERE) == 2


def test_what_is_ignored_is_not_asked() -> None:
    with fake_homeserver() as (url, asked):
        report = check(references(HERE, GONE), at(url, ignore=(Pattern("#gone:*"),)))
    assert [link.reference.target for link in report.skipped] == [GONE]
    assert GONE not in asked


def test_an_alias_that_led_to_another_room_has_moved() -> None:
    with fake_homeserver() as (url, _):
        report = check(references(HERE), at(url, recorded={HERE: RoomId("!before:example.org")}))
    assert [finding.check.code for link in report.links for finding in link.findings] == ["room-moved"]


def test_a_cached_room_is_not_asked_again(tmp_path: Path) -> None:
    with fake_homeserver() as (url, asked):
        options = at(url, cache=tmp_path / "cache")
        check(references(HERE), options)
        asked.clear()
        report = check(references(HERE, OTHER), options)
    assert [link.verdict for link in report.links] == [Verdict.OK] * 2
    assert OTHER in asked
    assert HERE not in asked


def test_a_warning_is_handed_over_and_not_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "cache").write_text("somebody's diary")
    warnings: list[str] = []
    with fake_homeserver() as (url, _):
        report = check(references(HERE), at(url, cache=tmp_path / "cache"), warn=warnings.append)
    assert [link.verdict for link in report.links] == [Verdict.OK]
    assert len(warnings) == 1
    assert capfd.readouterr() == ("", "")


def test_a_server_that_is_down_leaves_its_links_unverified() -> None:
    limits = Limits(retries=0)
    report = check(references(HERE), Options(homeservers={NAME: "http://127.0.0.1:1"}, limits=limits))
    assert [link.verdict for link in report.links] == [Verdict.UNVERIFIED]


@pytest.mark.parametrize(("aliases", "seconds"), [(0, 600), (54, 610.8), (10_000, 2600), (25_000, 5600)])
def test_the_time_limit_of_a_run_is_in_proportion_to_what_it_asks(aliases: int, seconds: float) -> None:
    limit = Options().max_time
    assert isinstance(limit, TimeForEach)
    assert limit.seconds(aliases) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("max_time", "warnings"),
    [
        (
            TimeForEach(base=0.1, each=0.05),
            ["stopped after 0.2 seconds, the default for 2 rooms; --max-time sets another limit"],
        ),
        # Whoever sets a limit knows of it.
        (0.2, []),
    ],
    ids=["default", "given"],
)
def test_a_silent_server_is_waited_for_until_the_time_is_over(
    max_time: float | TimeForEach, warnings: list[str]
) -> None:
    said: list[str] = []
    with silent_server() as (url, _):
        report = check(references(HERE, GONE, HERE), at(url, max_time=max_time), warn=said.append)
    assert {finding.check.code for link in report.links for finding in link.findings} == {"not-asked"}
    assert said == warnings


def test_a_run_that_ends_within_its_time_says_nothing_of_it() -> None:
    said: list[str] = []
    with fake_homeserver() as (url, _):
        check(references(HERE), at(url), warn=said.append)
    assert said == []


def test_without_references_nothing_is_asked() -> None:
    assert check([]).links == ()
