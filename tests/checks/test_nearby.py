"""Did you mean: which alias an absent one may have been meant to be, what to ask about that, and silence."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import pytest

from stashmatrix.checks import nearby
from stashmatrix.checks.judge import judge
from stashmatrix.checks.nearby import Candidate, Nearby, Origin, variants_of
from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.records.answers import Absent, Answer, Reason, Resolved, Summary, Unknown
from stashmatrix.records.results import Verdict
from tests.support.links import ABSENT, ONE, TWO, UNKNOWN, link, references, resolved

DEAD = "stash-docker:example.org"
HERE, THERE = resolved(ONE), resolved(TWO)


def alias(name: str) -> RoomAlias:
    return RoomAlias(f"#{name}")


def calls_itself(room: Resolved, name: str) -> Resolved:
    return replace(room, summary=Summary(members=7, canonical_alias=alias(name)))


class Case(NamedTuple):
    """What a run learned beside that ``dead`` is absent, and the candidate that it has by that."""

    answers: Mapping[str, Answer] = {}
    """By alias; each is that of a link."""
    expected: str | None = None
    origin: Origin = Origin.RUN
    dead: str = DEAD
    recorded: RoomId | None = None
    confirmed: Mapping[str, Resolved] = {}
    """What servers said besides: no link has them."""


CASES = {
    # From what the run found
    "the same name on another server": Case({"stash-docker:matrix.org": HERE}, "stash-docker:matrix.org"),
    "two of them that are one room": Case(
        {"stash-docker:matrix.org": HERE, "stash-docker:a.org": HERE}, "stash-docker:a.org"
    ),
    "two of them, of which a link has one": Case(
        {"stash-docker:matrix.org": HERE},
        "stash-docker:matrix.org",
        confirmed={"stash-docker:a.org": HERE},
    ),
    "other separators": Case({"stash_docker:example.org": HERE}, "stash_docker:example.org"),
    "another case, and none": Case({"StashDocker:example.org": HERE}, "StashDocker:example.org"),
    "the plural": Case({"stash-dockers:example.org": HERE}, "stash-dockers:example.org"),
    "the singular": Case(
        {"helps:example.org": ABSENT, "help:example.org": HERE}, "help:example.org", dead="helps:example.org"
    ),
    "a letter that is wrong": Case({"stash-dacker:example.org": HERE}, "stash-dacker:example.org"),
    "a letter too many": Case({"stash-doccker:example.org": HERE}, "stash-doccker:example.org"),
    "a letter missing": Case({"stash-doker:example.org": HERE}, "stash-doker:example.org"),
    "two letters exchanged": Case({"hlep:example.org": HERE}, "hlep:example.org", dead="help:example.org"),
    "another name of a room": Case(
        {
            "containers:example.org": calls_itself(HERE, "stash-docker:matrix.org"),
            "stash-docker:matrix.org": HERE,
        },
        "stash-docker:matrix.org",
    ),
    # From what a server said besides
    "a way to write it": Case(
        {}, "stash_docker:example.org", Origin.SERVER, confirmed={"stash_docker:example.org": HERE}
    ),
    "a way to write it, which the room itself prefers": Case(
        {},
        "stash_docker:example.org",
        Origin.SERVER,
        confirmed={"stash_docker:example.org": calls_itself(HERE, "stash_docker:example.org")},
    ),
    "the canonical alias": Case(
        {"containers:example.org": calls_itself(HERE, "stash_docker:example.org")},
        "stash_docker:example.org",
        Origin.CANONICAL,
        confirmed={"stash_docker:example.org": HERE},
    ),
    # From the lock file
    "the recorded room": Case(
        {"containers:example.org": HERE}, "containers:example.org", Origin.LOCK, recorded=ONE
    ),
    "the recorded room, by what it calls itself": Case(
        {}, "new:matrix.org", Origin.LOCK, recorded=ONE, confirmed={"new:matrix.org": HERE}
    ),
    "the recorded room under the same name": Case(
        {"a:example.org": HERE, "stash-docker:matrix.org": HERE},
        "stash-docker:matrix.org",
        Origin.LOCK,
        recorded=ONE,
    ),
    # Which counts
    "the recorded room before the same name": Case(
        {"a:example.org": HERE, "stash-docker:matrix.org": THERE}, "a:example.org", Origin.LOCK, recorded=ONE
    ),
    "the same name before another way to write it": Case(
        {"stash-docker:matrix.org": HERE, "stash_docker:example.org": THERE}, "stash-docker:matrix.org"
    ),
    "another way to write it before a slip": Case(
        {"stash_docker:example.org": HERE, "stash-doker:example.org": THERE}, "stash_docker:example.org"
    ),
    "what a server confirmed before a slip": Case(
        {"stash-doker:example.org": THERE},
        "stash_docker:example.org",
        Origin.SERVER,
        confirmed={"stash_docker:example.org": HERE},
    ),
    # Nothing that is certain enough
    "nothing else": Case(),
    "nothing near": Case({"stash-bugs:example.org": HERE, "stash-docker-help:example.org": THERE}),
    "two letters too far": Case({"stash-daker:example.org": HERE}),
    "near on another server": Case({"stash-doker:matrix.org": HERE}),
    "a short word": Case({"stash-de:example.org": HERE}, dead="stash-fe:example.org"),
    "four letters and one wrong": Case({"text:example.org": HERE}, dead="test:example.org"),
    "a digit": Case({"room-number1:example.org": HERE}, dead="room-number2:example.org"),
    "two that are as near": Case({"stash-doker:example.org": HERE, "stash-dockr:example.org": THERE}),
    "two servers with the name": Case({"stash-docker:matrix.org": HERE, "stash-docker:a.org": THERE}),
    "one that was not found": Case({"stash-docker:matrix.org": ABSENT, "stash_docker:example.org": UNKNOWN}),
    "one that a resolver found": Case({"stash-docker:matrix.org": replace(HERE, by_resolver=True)}),
    "one that is hidden": Case({"stash-docker:matrix.org": replace(HERE, hidden=True)}),
    "one by invitation": Case(
        {"stash-docker:matrix.org": replace(HERE, summary=Summary(members=7, join_rule="invite"))}
    ),
    "a recorded room that is nowhere": Case({"a:example.org": HERE}, recorded=TWO),
    "an alias of a bridge": Case({"irc_#foo:matrix.org": HERE}, dead="irc_#foo:example.org"),
}


def judged(case: Case) -> tuple[list[str | None], list[Verdict | None]]:
    """Return the hints about the dead alias, and every verdict."""
    answers = {alias(name): answer for name, answer in {case.dead: ABSENT, **case.answers}.items()}
    recorded = {} if case.recorded is None else {alias(case.dead): case.recorded}
    confirmed = {alias(name): answer for name, answer in case.confirmed.items()}
    report = judge(references(*answers), answers, recorded=recorded, nearby=confirmed)
    hints = [finding.own_hint for finding in report.links[0].findings]
    return hints, [each.verdict for each in report.links]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_candidate_is_a_room_that_was_found_and_changes_no_verdict(case: Case) -> None:
    hint = None if case.expected is None else f"did you mean #{case.expected} ({case.origin})"
    hints, verdicts = judged(case)
    assert hints == [hint]
    assert verdicts == judged(case._replace(recorded=None, confirmed={}))[1]


def test_neither_users_nor_absent_labels_have_candidates() -> None:
    user = link("https://matrix.to/#/@stash-docker:example.org")
    labelled = link("https://matrix.to/#/#here:example.org", label=f"#{DEAD}", line=2)
    answers: dict[RoomAlias, Answer] = {
        alias("here:example.org"): HERE,
        alias(DEAD): ABSENT,
        alias("stash-docker:a.org"): THERE,
    }
    report = judge([user, labelled], answers)
    assert [each.findings for each in report.links] == [(), ()]


def test_a_hint_is_safe_to_print() -> None:
    assert Candidate(alias("a\u202eb:example.org"), Origin.RUN).hint == (
        r"did you mean #a\u202eb:example.org (found in this run)"
    )


@pytest.mark.parametrize(
    ("name", "prefix", "variants"),
    [
        ("stash-help", "", ["stash_help", "stash-helps", "stashhelp", "Stash-help", "stash.help"]),
        ("stash_help", "", ["stash-help", "stash_helps", "stashhelp", "Stash_help", "stash.help"]),
        ("StashHelp", "", ["stashhelp", "stash-help", "StashHelps", "stash_help", "stash.help"]),
        ("Stash-Help", "", ["stash-help", "stash_help", "Stash-Helps", "stashhelp", "stash.help"]),
        ("help", "stash-", ["stash-help", "helps", "Help"]),
        ("stash-bugs", "stash-", ["stash_bugs", "stash-bug", "stashbugs", "Stash-bugs", "stash.bugs"]),
        # A name on the community's own server may do without its prefix.
        ("nixos-dev", "", ["nixos_dev", "dev", "nixos-devs", "nixosdev", "Nixos-dev", "nixos.dev"]),
        ("matrix-dev", "", ["matrix_dev", "matrix-devs", "matrixdev", "Matrix-dev", "matrix.dev"]),
        # Words that take no s, or that are none
        ("stash-de", "", ["stash_de", "stashde", "Stash-de", "stash.de"]),
        ("des", "", ["Des"]),
        ("box", "", ["Box"]),
        ("fish", "", ["Fish"]),
        ("class", "", ["Class"]),
        ("room1", "", ["Room1"]),
        ("\u043c\u0438\u0440", "", ["\u041c\u0438\u0440"]),
        # Nobody is asked for what a bridge may make.
        ("irc-foo", "", ["irc-foos", "ircfoo", "Irc-foo", "irc.foo"]),
        ("stash", "_", ["Stash"]),
        ("", "stash-", []),
        ("-", "stash-", []),
        ("x" * 236, "stash-", ["X" + "x" * 235]),
    ],
)
def test_the_likeliest_ways_to_write_a_name_come_first(name: str, prefix: str, variants: list[str]) -> None:
    server = "matrix.nixos.org"
    assert [each.localpart for each in variants_of(alias(f"{name}:{server}"), prefix)] == variants


def absent(*names: str, at: str = "https://matrix.example.org") -> dict[RoomAlias, Answer]:
    return {alias(name): Absent(homeserver=at) for name in names}


def asked(
    answers: Mapping[RoomAlias, Answer],
    *,
    recorded: Mapping[RoomAlias, RoomId] | None = None,
    left_alone: Sequence[str] = (),
) -> list[str]:
    """Return the questions, in their order."""
    around = Nearby(frozenset(answers), answers, recorded=recorded or {})
    questions = around.questions(lambda each: each in left_alone)
    assert all(
        server == room.server_name
        for server, rooms in questions.items()
        for room in rooms
        if isinstance(room, RoomAlias)
    )
    return [room for rooms in questions.values() for room in rooms]


SIMILAR = {alias(f"stash-{name}:example.org"): HERE for name in ("one", "two", "three")}


@pytest.mark.parametrize(
    ("answers", "questions"),
    [
        (absent(DEAD), ["#stash_docker", "#stash-dockers", "#stashdocker"]),
        (absent("help:example.org") | SIMILAR, ["#stash-help", "#helps", "#Help"]),
        # What is known already
        (
            absent(DEAD, "stash_docker:example.org"),
            ["#stash-dockers", "#stash_dockers", "#stashdocker", "#Stash-docker", "#Stash_docker"],
        ),
        (absent(DEAD) | {alias("stash-docker:matrix.org"): HERE}, []),
        (absent(DEAD) | {alias("stash_docker:example.org"): HERE}, []),
        # A server that left an alias open is not asked more.
        (absent(DEAD) | {alias("other:example.org"): UNKNOWN}, []),
        (absent(DEAD) | {alias("other:example.org"): Unknown(reason=Reason.REFUSED, detail="")}, []),
        (
            absent(DEAD) | {alias("other:matrix.org"): UNKNOWN},
            ["#stash_docker", "#stash-dockers", "#stashdocker"],
        ),
        # What is not absent
        ({alias(DEAD): UNKNOWN}, []),
        ({alias(DEAD): HERE}, []),
        (absent("irc_#foo:example.org"), []),
    ],
)
def test_likely_ways_to_write_an_absent_alias_are_asked_for(
    answers: Mapping[RoomAlias, Answer], questions: list[str]
) -> None:
    assert asked(answers) == [f"{name}:example.org" for name in questions]


def test_what_is_left_alone_is_not_asked_for() -> None:
    variants = asked(absent(DEAD), left_alone=["#stash_docker:example.org"])
    assert variants == [f"#{name}:example.org" for name in ("stash-dockers", "stashdocker", "Stash-docker")]


@pytest.mark.parametrize(
    ("canonical", "answers", "questions"),
    [
        ("new:matrix.org", {}, ["#new:matrix.org"]),
        ("new:example.org", {}, ["#new:example.org"]),
        (DEAD, {}, []),
        ("new:matrix.org", {"new:matrix.org": ABSENT}, []),
        ("new:matrix.org", {"other:matrix.org": UNKNOWN}, []),
        ("left-alone:matrix.org", {}, []),
    ],
    ids=[
        "on another server",
        "on the same",
        "still the old one",
        "known",
        "of a server in trouble",
        "left alone",
    ],
)
def test_a_recorded_room_is_asked_for_the_alias_that_it_calls_its_own(
    canonical: str, answers: Mapping[str, Answer], questions: list[str]
) -> None:
    known = absent(DEAD) | {alias(name): answer for name, answer in answers.items()}
    around = Nearby({alias(DEAD)}, known, recorded={alias(DEAD): ONE})

    def is_left_alone(each: RoomAlias) -> bool:
        return each.startswith("#left-alone")

    assert around.questions(is_left_alone) == {"example.org": [ONE, alias("stash_docker:example.org")]}
    further = around.further_questions([calls_itself(HERE, canonical)], is_left_alone)
    assert [room for rooms in further.values() for room in rooms] == questions


def test_the_likeliest_of_each_alias_come_first_and_no_alias_has_more_than_three() -> None:
    first, *others = [f"stash-{name}:example.org" for name in ("a", "b", "c")]
    questions = asked(absent(first, *others), recorded={alias(first): ONE})
    assert questions[:3] == [ONE, "#stash_b:example.org", "#stash_c:example.org"]
    # What the first room calls itself is one more.
    assert len(questions) + 1 == 3 * nearby.MOST_OF_ALIAS


@pytest.mark.parametrize(
    ("servers", "hosts", "number"),
    [
        (1, 1, nearby.MOST_OF_HOST),
        (20, 1, nearby.MOST_OF_HOST),  # which all say that their API is there
        (2, 2, 2 * nearby.MOST_OF_HOST),
        (400, 400, nearby.MOST_OF_RUN),
    ],
)
def test_questions_to_a_host_and_of_a_run_are_few_however_much_is_absent(
    servers: int, hosts: int, number: int
) -> None:
    answers: dict[RoomAlias, Answer] = {}
    for each in range(400):
        server = each % servers
        answers |= absent(f"stash-{each:x}:s{server}.org", at=f"https://h{server % hosts}.org/{server}")
    assert len(asked(answers)) == number


def test_the_bound_of_a_host_holds_for_what_recorded_rooms_call_their_own() -> None:
    dead = absent(*(f"stash-{number}:example.org" for number in range(20)))
    around = Nearby(dead.keys(), dead, recorded={each: RoomId(f"!{each[1:]}") for each in dead})
    first = around.questions(lambda _: False)
    rooms = [
        calls_itself(HERE, f"{number}:{server}")
        for number in range(100)
        for server in ("example.org", "v.org")
    ]
    further = around.further_questions(rooms, lambda _: False)
    assert [len(each) for each in first.values()] == [nearby.MOST_OF_HOST]
    assert {server: len(each) for server, each in further.items()} == {"v.org": nearby.MOST_OF_HOST}
