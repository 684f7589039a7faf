"""The directory's commands, piped: rooms, categories, show, space, homeservers."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.support.catalogues import EVIL
from tests.support.process import Run, lines

THEMING = "https://matrix.to/#/#stash-theming:unredacted.org"


@pytest.mark.parametrize(
    ("args", "count"),
    [
        ((), 52),
        (("--nsfw",), 18),
        (("--no-nsfw",), 34),
        (("--bridged",), 49),
        (("--no-bridged",), 3),
        (("--archived",), 10),
        (("--nsfw", "--no-archived"), 15),
        (("--nsfw", "--no-bridged"), 1),
        (("-c", "support"), 4),
        (("-c", "support", "--category", "stashdb"), 8),
        (("-c", "support", "--nsfw"), 0),
        (("docker",), 1),
        (("nsfw",), 18),
        (("archived", "NSFW"), 3),
        (("#stash-help:unredacted.org",), 1),
        (("stash", "dokcer"), 0),
    ],
)
def test_rooms_filters_combine(run: Run, args: tuple[str, ...], count: int) -> None:
    result = run("rooms", *args)
    assert len(lines(result.stdout)) == count
    assert result.status == (count == 0)
    assert bool(result.stderr) is (count == 0)


def test_words_that_no_room_has_are_corrected(run: Run) -> None:
    assert run("rooms", "stash", "dokcer").stderr.endswith("\nhint: did you mean stash docker?\n")


def test_piped_rooms_are_one_a_line_between_tabs(run: Run) -> None:
    (line,) = lines(run("rooms", "theming").stdout)
    assert line.split("\t") == [
        "stash-theming",
        "#stash-theming:unredacted.org",
        "contributor",
        "bridged",
        "Discussions related to Stash theming and custom CSS",
    ]


def test_rooms_as_json_have_the_keys_of_the_contract(run: Run) -> None:
    listed = json.loads(run("rooms", "--format", "json").stdout)
    assert len(listed) == 52
    assert listed[21] == {
        "name": "stash-theming",
        "alias": "#stash-theming:unredacted.org",
        "aliases": [],
        "category": "contributor",
        "category_title": "Contributor focused rooms",
        "flags": ["bridged"],
        "description": "Discussions related to Stash theming and custom CSS",
        "link": THEMING,
        "matrix_uri": "matrix:r/stash-theming:unredacted.org",
        "published_link": "https://matrix.to/#/#stash-plugins:unredacted.org",
    }


def test_no_room_as_json_is_an_empty_list_and_as_csv_a_header(run: Run) -> None:
    assert json.loads(run("rooms", "--format", "json", "no such words").stdout) == []
    assert len(lines(run("rooms", "--format", "csv", "no such words").stdout)) == 1


def test_rooms_as_csv_hold_what_json_holds(run: Run) -> None:
    as_json = json.loads(run("rooms", "--format", "json").stdout)
    as_csv = list(csv.DictReader(io.StringIO(run("rooms", "--format", "csv").stdout)))
    assert [row["description"] for row in as_csv] == [room["description"] or "" for room in as_json]
    assert [row["flags"] for row in as_csv] == [",".join(room["flags"]) for room in as_json]
    assert as_csv[0].keys() == as_json[0].keys()


def test_rooms_as_links_are_one_url_a_line(run: Run) -> None:
    assert lines(run("rooms", "--format", "links", "theming").stdout) == [THEMING]


def test_show_tells_everything_of_a_room(run: Run) -> None:
    shown = run("show", "theming").stdout
    assert "#stash-theming:unredacted.org" in shown
    assert "published link: https://matrix.to/#/#stash-plugins:unredacted.org" in shown
    assert json.loads(run("show", "theming", "space", "--format", "json").stdout)[1]["alternatives"] == [
        "#stashapp:matrix.im"
    ]


def test_categories_are_in_page_order_with_their_counts(run: Run) -> None:
    listed = [line.split("\t") for line in lines(run("categories").stdout)]
    assert [(row[0], row[2]) for row in listed] == [
        ("matrix", "1"),
        ("stashapp-org", "2"),
        ("support", "4"),
        ("stash", "8"),
        ("stashdb", "4"),
        ("contributor", "10"),
        ("developer", "4"),
        ("stash-box", "2"),
        ("misc", "6"),
        ("bot-feed", "1"),
        ("archived", "10"),
    ]


def test_space_and_homeservers_give_their_addresses(run: Run) -> None:
    assert [line.split("\t")[0] for line in lines(run("space").stdout)] == [
        "#stashapp:unredacted.org",
        "#stashapp:matrix.im",
    ]
    listed = json.loads(run("homeservers", "--format", "json").stdout)
    assert [server["name"] for server in listed] == ["matrix.org", "nitro.chat", "matrix.im", None]


def test_a_catalogue_without_a_space_says_so(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "rooms.yaml"
    path.write_text(EVIL)
    assert run("--catalogue", str(path), "space").status == 2
