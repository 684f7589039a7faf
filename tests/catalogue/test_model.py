"""Rooms and categories found by name, and rooms selected."""

from pathlib import Path

import pytest

from stashmatrix.catalogue import reading
from stashmatrix.catalogue.model import Catalogue, Filters, Flag, meant, select
from stashmatrix.errors import UnknownNameError
from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.records.reference import Ignore, Reference, Source
from tests.support.catalogues import HEAD

SAMPLE = """\
community:
  name: Test
  prefix: test-
space:
  alias: "#testapp:x.org"
  alternatives: ["#testapp:y.org"]
categories:
  - {id: help, title: Help}
  - {id: talk, title: Talk}
  - {id: old, title: Old}
rooms:
  - {alias: "#test-help:x.org", category: help, flags: [bridged], description: Help with Everything}
  - {alias: "#test-docker-help:x.org", category: help, flags: [bridged], description: " Whales, containers "}
  - {alias: "#test-general:x.org", category: talk, flags: [bridged, nsfw], description: Loose talk}
  - {alias: "#test-general-unbridged:x.org", category: talk, flags: [nsfw], description: Loose talk elsewhere}
  - {alias: "#testdb-invites:x.org", category: talk}
  - {alias: "#test-old:x.org", category: old, flags: [archived, bridged], description: Help of yore}
  - {alias: "#Stra\u00dfe:x.org", category: talk}
"""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    path = tmp_path_factory.mktemp("sample") / "rooms.yaml"
    path.write_text(SAMPLE, encoding="utf-8")
    return reading.load(path)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("test-help", "test-help", id="name"),
        pytest.param("test-general", "test-general", id="name that another begins with"),
        pytest.param("#test-help:x.org", "test-help", id="alias"),
        pytest.param("test-help:x.org", "test-help", id="alias without #"),
        pytest.param("https://matrix.to/#/#test-help:x.org", "test-help", id="matrix.to link"),
        pytest.param("https://matrix.to/#/%23test-help%3Ax.org?via=y.org", "test-help", id="encoded link"),
        pytest.param("matrix:r/test-help:x.org?action=join", "test-help", id="matrix: URI"),
        pytest.param("help", "test-help", id="name without prefix"),
        pytest.param("general", "test-general", id="name without prefix that another begins with"),
        pytest.param("TEST-Help", "test-help", id="name in another case"),
        pytest.param("GENERAL", "test-general", id="name without prefix in another case"),
        pytest.param("STRASSE", "Stra\u00dfe", id="name in another case with other letters"),
        pytest.param("doc", "test-docker-help", id="beginning without prefix"),
        pytest.param("test-doc", "test-docker-help", id="beginning"),
        pytest.param("general-", "test-general-unbridged", id="longer beginning"),
        pytest.param("TESTDB", "testdb-invites", id="beginning in another case"),
        pytest.param("#test-help", "test-help", id="name with a #"),
        pytest.param("  test-help ", "test-help", id="blanks around it"),
        pytest.param("test help", "test-help", id="blanks for hyphens"),
        pytest.param("Test_Docker  help", "test-docker-help", id="blanks and _ for hyphens"),
        pytest.param("docker h", "test-docker-help", id="beginning with a blank"),
        pytest.param("#TEST-help:X.org", "test-help", id="alias in another case"),
        pytest.param("matrix.to/#/#test-help:x.org", "test-help", id="matrix.to link without its scheme"),
        pytest.param("https://app.element.io/#/room/#test-help:x.org", "test-help", id="Element link"),
        pytest.param("https://app.cinny.in/home/%23test-help%3Ax.org/", "test-help", id="Cinny link"),
        pytest.param("space", "testapp", id="space"),
        pytest.param("Space", "testapp", id="space in another case"),
        pytest.param("testapp", "testapp", id="name of the space"),
        pytest.param("#testapp:x.org", "testapp", id="alias of the space"),
        pytest.param("#testapp:y.org", "testapp", id="other alias of the space"),
        pytest.param("https://matrix.to/#/#testapp:y.org", "testapp", id="link to the other alias"),
    ],
)
def test_a_room_is_found_by(sample: Catalogue, text: str, name: str) -> None:
    assert sample.find(text).name == name


@pytest.mark.parametrize("text", ["gen", "TEST-GEN"])
def test_the_beginning_of_several_names_is_refused_with_all_of_them(sample: Catalogue, text: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        sample.find(text)
    assert caught.value.message == f"several rooms begin with '{text}'"
    assert caught.value.hint == "one of: test-general, test-general-unbridged"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("hlep", "did you mean test-help?"),
        ("test-hel:x.org", "did you mean test-help?"),
        ("zzzz", "'stashmatrix rooms' lists all rooms"),
        ("", "'stashmatrix rooms' lists all rooms"),
        ("#test-help:elsewhere.org", "'stashmatrix rooms' lists all rooms"),
        ("matrix:u/test-help:x.org", "'stashmatrix rooms' lists all rooms"),
        ("\x1b[2J", "'stashmatrix rooms' lists all rooms"),
    ],
)
def test_a_room_that_is_not_found_is_named_with_a_hint(sample: Catalogue, text: str, hint: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        sample.find(text)
    assert caught.value.hint == hint


@pytest.fixture(params=["foo, then test-foo", "test-foo, then foo"])
def namesakes(request: pytest.FixtureRequest, tmp_path: Path) -> Catalogue:
    """Two rooms whose names differ in the prefix only, in either order."""
    rooms = [f'  - {{alias: "#{name}:x.org", category: talk}}\n' for name in request.param.split(", then ")]
    path = tmp_path / "rooms.yaml"
    path.write_text(
        HEAD.replace("name: Test", "name: Test\n  prefix: test-") + "".join(rooms), encoding="utf-8"
    )
    return reading.load(path)


@pytest.mark.parametrize(("text", "name"), [("foo", "foo"), ("test-foo", "test-foo"), ("FOO", "foo")])
def test_a_name_counts_before_one_without_its_prefix(namesakes: Catalogue, text: str, name: str) -> None:
    assert namesakes.find(text).name == name


def test_the_beginning_of_two_names_that_differ_in_the_prefix_is_ambiguous(namesakes: Catalogue) -> None:
    with pytest.raises(UnknownNameError) as caught:
        namesakes.find("fo")
    assert caught.value.hint in {"one of: foo, test-foo", "one of: test-foo, foo"}


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """Two rooms of one localpart, one of which has a name and an alias of its own; and a space."""
    path = tmp_path_factory.mktemp("twins") / "rooms.yaml"
    path.write_text(
        HEAD.replace("name: Test", "name: Test\n  prefix: test-")
        + '  - {alias: "#help:x.org", category: talk, name: Help desk, aliases: ["#test-desk:z.org"]}\n'
        + '  - {alias: "#help:y.org", category: talk}\n'
        + '  - {alias: "#helpers:x.org", category: talk, name: helpers}\n'
        + 'space: {alias: "#talk:x.org", alternatives: ["#chat:y.org"]}\n',
        encoding="utf-8",
    )
    return reading.load(path)


@pytest.mark.parametrize(
    ("text", "alias"),
    [
        ("Help desk", "#help:x.org"),
        ("help DESK", "#help:x.org"),
        ("help d", "#help:x.org"),
        ("#test-desk:z.org", "#help:x.org"),
        ("test-desk", "#help:x.org"),
        ("desk", "#help:x.org"),
        ("help:y.org", "#help:y.org"),
        ("https://matrix.to/#/#help:y.org", "#help:y.org"),
        ("helpers", "#helpers:x.org"),
        ("chat", "#talk:x.org"),
    ],
)
def test_a_room_is_found_by_its_own_name_and_by_each_alias(twins: Catalogue, text: str, alias: str) -> None:
    assert twins.find(text).alias == alias


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("help", "several rooms are named 'help'", "one of: #help:x.org, #help:y.org"),
        ("HELP", "several rooms are named 'HELP'", "one of: #help:x.org, #help:y.org"),
        ("he", "several rooms begin with 'he'", "one of: #help:x.org, #help:y.org, helpers"),
    ],
)
def test_rooms_of_one_name_are_all_listed(twins: Catalogue, text: str, message: str, hint: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        twins.find(text)
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_a_name_that_says_nothing_new_is_none_of_its_own(twins: Catalogue) -> None:
    assert [room.own_name for room in twins.rooms] == ["Help desk", None, None]


def test_a_catalogue_without_a_space_has_none_to_find(namesakes: Catalogue) -> None:
    assert namesakes.space is None
    with pytest.raises(UnknownNameError):
        namesakes.find("space")


def test_a_category_is_found_by_its_id(sample: Catalogue) -> None:
    assert sample.category("help").title == "Help"


@pytest.mark.parametrize(("text", "hint"), [("hepl", "did you mean help?"), ("zzz", "help, talk, old")])
def test_an_unknown_category_is_named_with_a_hint(sample: Catalogue, text: str, hint: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        sample.category(text)
    assert caught.value.hint == hint


def test_flags_are_in_their_own_order_whatever_the_file_says(sample: Catalogue) -> None:
    flags = {room.name: room.flags for room in sample.rooms}
    assert flags["test-general"] == (Flag.NSFW, Flag.BRIDGED)
    assert flags["test-old"] == (Flag.BRIDGED, Flag.ARCHIVED)


def test_a_description_is_without_the_space_around_it_and_may_be_absent(sample: Catalogue) -> None:
    descriptions = {room.name: room.description for room in sample.rooms}
    assert descriptions["test-docker-help"] == "Whales, containers"
    assert descriptions["testdb-invites"] is None


@pytest.mark.parametrize(
    ("query", "categories", "flags", "names"),
    [
        pytest.param(
            "help", (), (), ["test-help", "test-docker-help", "test-old"], id="in name or description"
        ),
        pytest.param("EVERYTHING", (), (), ["test-help"], id="in another case"),
        pytest.param("STRASSE", (), (), ["Stra\u00dfe"], id="in another case with other letters"),
        pytest.param(" whales   docker ", (), (), ["test-docker-help"], id="every word, in any order"),
        pytest.param("help whales yore", (), (), [], id="no room has every word"),
        pytest.param("everythinghelp", (), (), [], id="no word spans description and category"),
        pytest.param("archived", (), (), ["test-old"], id="a flag"),
        pytest.param("nsfw elsewhere", (), (), ["test-general-unbridged"], id="a flag and another word"),
        pytest.param("talk invites", (), (), ["testdb-invites"], id="a category"),
        pytest.param("#test-help:x.org", (), (), ["test-help"], id="an alias"),
        pytest.param("testdb-invites:", (), (), ["testdb-invites"], id="a part of an alias"),
        pytest.param("matrix.to/#/#test-help:x.org", (), (), ["test-help"], id="a link"),
        pytest.param("org", (), (), [], id="the server of every alias"),
        pytest.param(
            "", ("old", "help"), (), ["test-help", "test-docker-help", "test-old"], id="any category"
        ),
        pytest.param(
            "", (), ((Flag.NSFW, True),), ["test-general", "test-general-unbridged"], id="with a flag"
        ),
        pytest.param(
            "",
            (),
            ((Flag.BRIDGED, False),),
            ["test-general-unbridged", "testdb-invites", "Stra\u00dfe"],
            id="without a flag",
        ),
        pytest.param(
            "", (), ((Flag.NSFW, True), (Flag.BRIDGED, False)), ["test-general-unbridged"], id="both"
        ),
        pytest.param(
            "help", ("help", "old"), ((Flag.ARCHIVED, False),), ["test-help", "test-docker-help"], id="all"
        ),
    ],
)
def test_rooms_are_selected_by_words_categories_and_flags(
    sample: Catalogue,
    query: str,
    categories: tuple[str, ...],
    flags: tuple[tuple[Flag, bool], ...],
    names: list[str],
) -> None:
    filters = Filters(query, tuple(sample.category(name) for name in categories), flags)
    assert [room.name for room in select(sample.rooms, filters)] == names


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("whalse", "whales"),
        ("HELP whalse", "help whales"),
        ("archved", "archived"),
        ("zzzz", None),
        ("whalse zzzz", None),
        ("help yore whales", None),  # every word is there, in no one room
        ("", None),
    ],
)
def test_words_that_no_room_has_are_corrected(sample: Catalogue, query: str, words: str | None) -> None:
    assert meant(sample.rooms, query) == words


def test_no_filter_selects_every_room(sample: Catalogue) -> None:
    assert select(sample.rooms, Filters()) == sample.rooms


def test_every_address_is_a_reference_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "rooms.yaml"
    path.write_text(
        HEAD
        + '  - {alias: "#a:x.org", category: talk, published_link: "https://matrix.to/#/#b:x.org"}\n'
        + '  - {alias: "#c:x.org", category: talk, check: false, reason: shut, aliases: ["#c:y.org"]}\n'
        + 'space:\n  alternatives: ["#s:y.org"]\n  alias: "#s:x.org"\n',
        encoding="utf-8",
    )

    def reference(alias: str, line: int, column: int) -> Reference:
        return Reference(source=Source(str(path), line, column), text=alias, target=RoomAlias(alias))

    main = reference("#s:x.org", 11, 10)._replace(is_space=True)
    unchecked = reference("#c:x.org", 8, 13)._replace(
        category="talk",
        ignores=(Ignore("check: false", Source(str(path), 8, 13), reason="shut"),),
    )
    assert reading.load(path).references() == (
        reference("#a:x.org", 7, 13)._replace(published_link="https://matrix.to/#/#b:x.org", category="talk"),
        unchecked,
        unchecked._replace(
            source=Source(str(path), 8, 79),
            text="#c:y.org",
            target=RoomAlias("#c:y.org"),
            alternative_to=RoomAlias("#c:x.org"),
        ),
        reference("#s:y.org", 10, 18)._replace(is_space=True, alternative_to=RoomAlias("#s:x.org")),
        main,
    )
