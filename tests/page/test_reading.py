"""Rooms pages as people write them, and the rooms that a reader sees there."""

import pytest

from stashmatrix.catalogue.model import Flag
from stashmatrix.page.marks import MARKS
from stashmatrix.page.reading import read_page

A = "[#a:x.org](https://matrix.to/#/#a:x.org)"
B = "[#b:x.org](https://matrix.to/#/#b:x.org)"
C = "[#c:x.org](https://matrix.to/#/#c:x.org)"


def rooms(text: str) -> list[str]:
    """Return each room of a page: category, alias, <name>, other aliases, flags, description and so on."""
    catalogue = read_page("page.md", text, MARKS).catalogue
    return [
        " | ".join(
            filter(
                None,
                (
                    room.category.id,
                    room.alias,
                    room.own_name and f"<{room.own_name}>",
                    ", ".join(address.alias for address in room.alternatives),
                    "+".join(room.flags),
                    room.description,
                    room.published_link,
                    room.unchecked and f"unchecked: {room.unchecked}",
                ),
            )
        )
        for room in catalogue.rooms
    ]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (f"- {A} - Help", "#a:x.org | Help"),
        (f"* {A}: Help", "#a:x.org | Help"),
        (f"1. {A} \N{EM DASH} Help", "#a:x.org | Help"),
        (f"- {A}", "#a:x.org"),
        (f'- {A}{{:target="_blank"}} - Help', "#a:x.org | Help"),
        (f"- {A} Help with `code`, *stress*\n  and a line", "#a:x.org | Help with code, stress and a line"),
        (f"- {A} - [NSFW] - (bridged) - Help", "#a:x.org | nsfw+bridged | Help"),
        (f"- {A} - (Bridged) Help", "#a:x.org | bridged | Help"),
        (f"- {A} - Help (bridged)", "#a:x.org | bridged | Help"),
        (f"- [NSFW] {A} - Help", "#a:x.org | nsfw | Help"),
        # what it is called
        (f"- General: {A}", "#a:x.org | <General>"),
        (f"- **General** - {A} - Help", "#a:x.org | <General> | Help"),
        (f"- **General**: {A}: Help", "#a:x.org | <General> | Help"),
        (f"- **General** {A}", "#a:x.org | <General>"),
        (f"- **General: {A}** Help", "#a:x.org | <General> | Help"),
        (f"- General ({A})", "#a:x.org | <General>"),
        (f"- General chat {A}", "#a:x.org | <General chat>"),
        (f"- General [NSFW]: {A}", "#a:x.org | <General> | nsfw"),
        (
            f"- **All that is about us and for nobody else**: {A}",
            "#a:x.org | <All that is about us and for nobody else>",
        ),
        (
            f"- All that is about us and for nobody else: {A}",
            "#a:x.org | All that is about us and for nobody else",
        ),
        ("- [General](https://matrix.to/#/#a:x.org) - Help", "#a:x.org | <General> | Help"),
        ("- [#general](https://matrix.to/#/#a:x.org) - Help", "#a:x.org | <general> | Help"),
        ("- [#a](https://matrix.to/#/#a:x.org) - Help", "#a:x.org | Help"),
        ("- General: [Join the room](https://matrix.to/#/#a:x.org)", "#a:x.org | <General>"),
        (f"- Matrix: {A}", "#a:x.org"),
        (f"- a: {A}", "#a:x.org"),
        (f"- Come to {A} for help", "#a:x.org | Come to #a:x.org for help"),
        (f"- Come to {A}", "#a:x.org | Come to #a:x.org"),
        (f"- **beta:** Help\n  * Matrix: {A}, OR\n  * IRC: #beta", "#a:x.org | <beta> | Help"),
        # further aliases
        (f"- {A} (also {B}) - Help", "#a:x.org | #b:x.org | Help"),
        (f"- {A} (aka {B}, {C})", "#a:x.org | #b:x.org, #c:x.org"),
        (f"- {A} (also #b:x.org)", "#a:x.org | (also #b:x.org)"),
        ("- #a:x.org (also #b:x.org)", "#a:x.org | #b:x.org"),
        (
            "| Name | Addresses |\n|---|---|\n| General | #a:x.org, #b:x.org |",
            "#a:x.org | <General> | #b:x.org",
        ),
        # other ways to write a room
        ("- **[#a:x.org](https://matrix.to/#/#a:x.org)** - Help", "#a:x.org | Help"),
        ("- [#a:x.org](https://matrix.to/#/!id:x.org?via=x.org) Help", "#a:x.org | Help"),
        ("- [#a:x.org]() Help", "#a:x.org | Help"),
        (
            "- `#x_#name:x.org` or [#a:x.org](https://matrix.to/#/#a:x.org)",
            "#a:x.org | #x_#name:x.org or #a:x.org",
        ),
        ("[#a:x.org](https://matrix.to/#/#a:x.org): Help", "#a:x.org | Help"),
        ("**General** [#a:x.org](https://matrix.to/#/#a:x.org): Help", "#a:x.org | <General> | Help"),
        ("- #a:x.org - Help", "#a:x.org | Help"),
        ("- `#a:x.org` - Help", "#a:x.org | Help"),
        ("- <https://matrix.to/#/%23a:x.org> - Help", "#a:x.org | Help"),
        ("- [#a:x.org](https://app.element.io/#/room/#a:x.org) Help", "#a:x.org | Help"),
        ('- <a href="https://matrix.to/#/#a:x.org">#a:x.org</a> Help', "#a:x.org | Help"),
        (
            "- [#a:x.org](https://matrix.to/#/#b:x.org) - Help",
            "#a:x.org | Help | https://matrix.to/#/#b:x.org",
        ),
        (f"- {A} <!-- stashmatrix: ignore -- members only -->", "#a:x.org | unchecked: members only"),
        (f"| Room | What |\n|---|---|\n| {A} | Help |", "#a:x.org | Help"),
        (
            f"| Name | Address | Topic | |\n|---|---|---|---|\n| Help! | {A} | Help | (bridged) |",
            "#a:x.org | <Help!> | bridged | Help",
        ),
        (f"| Name | Address |\n|---|---|\n| General | {A} |", "#a:x.org | <General>"),
        (
            f"| Name | Purpose | Address |\n|---|---|---|\n| General | Help | {A} |",
            "#a:x.org | <General> | Help",
        ),
        (f"{A}\n: Help", "#a:x.org | Help"),
        (f"General\n: {A}", "#a:x.org | <General>"),
    ],
)
def test_an_entry_is_a_room(entry: str, expected: str) -> None:
    assert rooms(f"# Talk rooms\n\n{entry}\n") == [f"talk | {expected}"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Chat\n\nCome to #a:x.org.\n", []),
        ("# Chat\n\n- [our site](https://example.com)\n- tea\n", []),
        (f"# Chat\n\n```\n- {A}\n```\n", []),
        ("# Chat\n\n- [Ann](https://matrix.to/#/@ann:x.org)\n", []),
        ("# Chat\n\n- [a room](https://matrix.to/#/!id:x.org?via=x.org)\n", []),
        (f"- {A}\n", ["rooms | #a:x.org"]),
        (f"# Chat\n## One\n- {A}\n## Two rooms\n- {B}\n", ["one | #a:x.org", "two | #b:x.org"]),
        (f"# Talk\n- {A}\n# Talk\n- {B}\n", ["talk | #a:x.org", "talk-2 | #b:x.org"]),
        (f"# Archived rooms\n- {A}\n", ["archived | #a:x.org | archived"]),
        (f"# NSFW<!-- --> talk\n- {A}\n", ["nsfw-talk | #a:x.org | nsfw"]),
        (f"# Talk\n- {A}, {B}: both\n", ["talk | #a:x.org | both", "talk | #b:x.org | both"]),
        (f"# Talk\n- {A} (see {B})\n", ["talk | #a:x.org | (see #b:x.org)"]),
        (f"# Talk\n- {A} Help\n  - {B} Bugs\n", ["talk | #a:x.org | Help", "talk | #b:x.org | Bugs"]),
        (f"# Talk\n> - {A}\n", ["talk | #a:x.org"]),
        # a sentence in a list of other things is no room of its own, nor is a paragraph
        (f"# Talk\n1. Sign up\n2. Come to {A} for help\n3. Talk\n", []),
        (f"# Talk\n1. Sign up\n2. {A} - help\n3. Talk\n", ["talk | #a:x.org | help"]),
        (f"# Talk\n\nWe have one for everything: {A}\n", []),
        (f"# Talk\n\n{A} is ours.\n", ["talk | #a:x.org | is ours."]),
        (f"# Talk\n\n{A}\n", ["talk | #a:x.org"]),
        # the same localpart on two servers, and an alias that is there twice
        (f"# Talk\n- {A}\n- #a:y.org\n- {A} again\n", ["talk | #a:x.org", "talk | #a:y.org"]),
        (f"# One\n- {A}\n# Two\n- {A}\n", ["one | #a:x.org"]),
        # a term at once behind a definition
        (f"# Talk\n\n{A}\n: Help\n{B}\n: Bugs\n", ["talk | #a:x.org | Help", "talk | #b:x.org | Bugs"]),
        (f"# Talk\n\n{A}\n: Help\n: Bugs\n", ["talk | #a:x.org | Help"]),
    ],
)
def test_the_rooms_of_a_page(text: str, expected: list[str]) -> None:
    assert rooms(text) == expected


def test_the_space_is_what_a_heading_calls_so() -> None:
    text = f"# Our space\n\nJoin {A}, or {B}.\n\n# Rooms\n\n- #c:x.org\n"
    catalogue = read_page("page.md", text, MARKS).catalogue
    assert catalogue.space is not None
    assert [catalogue.space.alias, *(other.alias for other in catalogue.space.alternatives)] == [
        "#a:x.org",
        "#b:x.org",
    ]
    assert [room.alias for room in catalogue.rooms] == ["#c:x.org"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"# Talk\n\nWelcome!\n\n- {A}\n- tea\n", [(3, "not read: Welcome!"), (6, "not read: - tea")]),
        (f"# Talk\n\n- {A} ([rules](https://x.org))\n", [(3, "not kept: the link https://x.org")]),
        (f"# Talk\n\n- {A}\n- {A}\n", [(4, "not read: #a:x.org (it is on line 3)")]),
        (f"# Chat\n\nHello.\n\n# Talk\n\n- {A}\n", []),
        (
            "# Talk\n\n- [#a:x.org](https://matrix.to/#/!id:x.org)\n",
            [(3, "not kept: the link https://matrix.to/#/!id:x.org")],
        ),
        ("# Talk\n\n- Help: [#other](https://matrix.to/#/#a:x.org)\n", [(3, "not kept: the label other")]),
        (
            f"# Talk\n\n| Name | Room | Topic | Since |\n|---|---|---|---|\n| Help | {A} | Bugs | 2020 |\n",
            [(5, "not kept: 2020")],
        ),
        (f"---\ntitle: x\n---\n\n# Talk\n\n- tea\n- {A}\n", [(7, "not read: - tea")]),
    ],
)
def test_what_a_catalogue_does_not_have_is_told(text: str, expected: list[tuple[int, str]]) -> None:
    assert list(map(tuple, read_page("page.md", text, MARKS).notes)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\ntitle: 'Our chat'\n---\n# Welcome\n- #a:x.org\n", "Our chat"),
        ("# Welcome\n- #a:x.org\n", "Welcome"),
        ("- #a:x.org\n", "My community"),
    ],
)
def test_the_community_is_called_as_its_page(text: str, expected: str) -> None:
    assert read_page("page.md", text, MARKS).catalogue.community == expected


def test_marks_can_be_others() -> None:
    page = read_page("page.md", "- #a:x.org 18+ Fun\n", {Flag.NSFW: ("18+",)})
    assert page.catalogue.rooms[0].flags == (Flag.NSFW,)
    assert page.catalogue.rooms[0].description == "Fun"


def test_the_comments_of_mdx_are_comments() -> None:
    text = f"# Talk {{/* soon more */}}\n\n{{/* a list */}}\n\n- {A} {{/* stashmatrix: ignore -- shut */}}\n"
    page = read_page("page.mdx", text, MARKS)
    assert page.notes == ()
    assert [(room.category.title, room.unchecked) for room in page.catalogue.rooms] == [("Talk", "shut")]
