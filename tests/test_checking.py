"""One run of the checker as any Python program can have it: no terminal, no files but those it is given."""

import socket
from _thread import interrupt_main
from collections.abc import Collection
from pathlib import Path
from threading import Event
from urllib.parse import unquote

import pytest

from stashmatrix.checking import Options, TimeForEach, check
from stashmatrix.checks.nearby import Candidate, Origin
from stashmatrix.matrix.identifiers import RoomAlias, RoomId, ServerName
from stashmatrix.network.limits import Limits
from stashmatrix.records.reference import Ignore, Pattern, Reference, Source
from stashmatrix.records.results import Report, Verdict
from tests.support.homeserver import fake_homeserver
from tests.support.network import LOOPBACK, error, kept, listening, page, silent_server, stays_silent
from tests.support.process import TIMEOUT

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


def hints(report: Report) -> list[str | None]:
    return [finding.own_hint for link in report.links for finding in link.findings]


# Most of these begin alike, so what is gone may have been meant to.
SIMILAR = [RoomAlias(f"#stash-{name}:example.org") for name in ("one", "two", "three")]
MEANT = RoomAlias("#stash-gone:example.org")


@pytest.mark.parametrize(
    ("more", "answered", "is_asked"),
    [
        ({}, True, True),
        ({"offline": True}, False, False),
        ({"ignore": (Pattern("#stash-gone:*"),)}, False, False),
    ],
    ids=["as usual", "offline", "left alone"],
)
def test_what_an_absent_alias_may_have_been_meant_to_be_is_asked_for(
    more: dict[str, object], answered: bool, is_asked: bool
) -> None:
    with fake_homeserver() as (url, asked):
        report = check(references(GONE, *SIMILAR), at(url, **more))
    assert [hint for hint in hints(report) if hint is not None] == (
        [Candidate(MEANT, Origin.SERVER).hint] if answered else []
    )
    assert asked.count(MEANT) == is_asked
    assert report.count(Verdict.OK) == (0 if "offline" in more else 3)


def test_what_a_link_to_be_skipped_leads_to_is_no_candidate() -> None:
    [skipped] = references(MEANT)
    unchecked = skipped._replace(ignores=(Ignore("check: false"),))
    with fake_homeserver() as (url, asked):
        report = check([*references(GONE, *SIMILAR), unchecked], at(url))
    assert hints(report) == [None]
    assert MEANT not in asked


def test_a_candidate_is_cached_like_any_room(tmp_path: Path) -> None:
    with fake_homeserver() as (url, asked):
        runs = [check(references(GONE, *SIMILAR), at(url, cache=tmp_path / "cache")) for _ in range(2)]
    assert [hints(report) for report in runs] == [[Candidate(MEANT, Origin.SERVER).hint]] * 2
    assert asked.count(MEANT) == 1


@pytest.mark.parametrize(
    "interrupts", [False, True], ids=["for as long as one request takes", "until Ctrl-C"]
)
def test_a_candidate_is_waited_for_and_no_verdict_is_lost(*, interrupts: bool) -> None:
    hung_up = Event()

    def talk(connection: socket.socket) -> None:
        while request := connection.recv(65_536):
            path = unquote(request.split()[1].decode())
            name = path.rpartition("/")[2]
            if name == MEANT:
                if interrupts:
                    interrupt_main()
                stays_silent(connection)
                hung_up.set()
                return
            is_directory = "/directory/room/" in path
            if is_directory and name in SIMILAR:
                answer = page({"room_id": f"!{name[1:]}"})
            else:
                answer = error(404, "M_NOT_FOUND" if is_directory else "M_UNRECOGNIZED")
            connection.sendall(kept(answer))

    limits = Limits() if interrupts else Limits(timeout=1.5)
    with listening(talk) as port:
        report = check(references(GONE, *SIMILAR), at(f"http://{LOOPBACK}:{port}", limits=limits))
        assert hung_up.wait(TIMEOUT)
    assert [link.verdict for link in report.links] == [Verdict.BROKEN, *[Verdict.OK] * 3]
    assert hints(report) == [None]
    assert report.interrupted is interrupts


def test_without_references_nothing_is_asked() -> None:
    assert check([]).links == ()
