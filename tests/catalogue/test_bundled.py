"""The bundled catalogue, beside the page that it was made from."""

import re
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from stashmatrix.catalogue import reading
from stashmatrix.catalogue.model import Catalogue, Flag

PAGE = Path(__file__).with_name("published-page.md").read_text(encoding="utf-8")


class PageRoom(NamedTuple):
    category: str
    alias: str
    flags: tuple[str, ...]
    description: str | None
    published_link: str | None


ROOM_ON_PAGE = re.compile(
    r"- \[(?P<alias>#[^]]+)\]\((?P<url>https://matrix\.to/#/(?P<target>[^)]+))\)\{:target=\"_blank\"\}"
    r"(?: - (?P<nsfw>\[NSFW\]))?(?: - (?P<bridged>\(bridged\)))?(?: - (?P<description>.+))?"
)


def rooms_on_page() -> list[PageRoom]:
    section = PAGE.split("\n# Stash rooms\n")[1].split("\n# ")[0]
    rooms: list[PageRoom] = []
    for part in re.split("^## ", section, flags=re.MULTILINE)[1:]:
        title, *lines = part.splitlines()
        for line in filter(str.strip, lines):
            match = ROOM_ON_PAGE.fullmatch(line.rstrip())
            assert match is not None, line
            flags = [flag for flag in ("nsfw", "bridged") if match[flag]]
            if title.startswith("Archived"):
                flags.append("archived")
            description = " ".join(match["description"].split()) if match["description"] else None
            published_link = match["url"] if match["target"] != match["alias"] else None
            rooms.append(PageRoom(title, match["alias"], tuple(flags), description, published_link))
    return rooms


@pytest.fixture(scope="module")
def published() -> Catalogue:
    return reading.load(reading.bundled("rooms.yaml"))


def test_the_bundled_catalogue_says_what_the_page_says(published: Catalogue) -> None:
    rooms = [
        PageRoom(
            room.category.title,
            str(room.alias),
            tuple(map(str, room.flags)),
            " ".join(room.description.split()) if room.description is not None else None,
            room.published_link,
        )
        for room in published.rooms
    ]
    assert rooms == rooms_on_page()


def test_the_bundled_categories_are_in_the_order_of_the_page(published: Catalogue) -> None:
    titles = [category.title for category in published.categories]
    assert titles == list(dict.fromkeys(room.category for room in rooms_on_page()))
    assert [category.id for category in published.categories] == [
        "matrix",
        "stashapp-org",
        "support",
        "stash",
        "stashdb",
        "contributor",
        "developer",
        "stash-box",
        "misc",
        "bot-feed",
        "archived",
    ]


def test_the_bundled_catalogue_has_as_many_rooms_of_each_flag_as_the_page(published: Catalogue) -> None:
    counts = {flag: sum(flag in room.flags for room in published.rooms) for flag in Flag}
    assert len(published.rooms) == 52
    assert counts == {Flag.NSFW: 18, Flag.BRIDGED: 49, Flag.ARCHIVED: 10}
    assert set(published.flags) == set(Flag)


def test_the_bundled_space_and_its_other_address_are_those_of_the_page(published: Catalogue) -> None:
    space = published.space
    assert space is not None
    section = PAGE.split("\n# Stash space\n")[1].split("\n# ")[0]
    on_page = re.findall(r"\[(#[^]]+)\]", section)
    assert [space.alias, *(other.alias for other in space.alternatives)] == on_page
    assert on_page == ["#stashapp:unredacted.org", "#stashapp:matrix.im"]


def test_the_bundled_catalogue_says_whose_it_is_and_of_when(published: Catalogue) -> None:
    assert (published.community, published.prefix) == ("Stash", "stash-")
    assert published.origin == "https://github.com/stashapp/Stash-Docs"
    assert published.as_of == date(2024, 1, 16)


def test_each_room_remembers_where_its_alias_stands(published: Catalogue) -> None:
    lines = reading.bundled("rooms.yaml").read_text(encoding="utf-8").splitlines()
    for room in published.rooms:
        assert lines[room.source.line - 1][room.source.column - 1 :] == f'"{room.alias}"'
