"""The page that people search, as its markup says it."""

import re
from base64 import b64encode
from datetime import date
from hashlib import sha256

import pytest
import segno

from stashmatrix.catalogue.model import Address, Catalogue, Category, Flag, Room, Space
from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.matrix.links import element_url, matrix_to_url, matrix_uri, parse_link
from stashmatrix.page.checkreport import CheckReport, State
from stashmatrix.page.website import write
from stashmatrix.records.reference import Source
from tests.support.elements import Element, parse

SOURCE = Source("rooms.yaml", 1, 1)
TALK = Category("talk", "Talk")
OTHER = RoomAlias("#questions:example.net")
HELP, EVIL = RoomAlias("#help:example.org"), RoomAlias("#x\u202e\"'><script>/a b:example.org")
DAY = date(2026, 1, 31)
MOST_BYTES = 150_000


@pytest.fixture(scope="module")
def html(bundled: Catalogue) -> str:
    return write(bundled)


@pytest.fixture(scope="module")
def page(html: str) -> Element:
    return parse(html)


def room(alias: RoomAlias = HELP, *flags: Flag, category: Category = TALK, about: str | None = None) -> Room:
    return Room(alias, category, flags, about, None, None, SOURCE)


def catalogue(*rooms: Room, title: str = "Talk") -> Catalogue:
    return Catalogue(
        path="rooms.yaml",
        community="Example",
        prefix="",
        origin=None,
        as_of=None,
        space=None,
        flags={},
        categories=(Category("talk", title),),
        rooms=tuple(each._replace(category=Category("talk", title)) for each in rooms),
    )


def structure(element: Element) -> list[str]:
    """Return the tags of a page, each with the names of its attributes."""
    return [" ".join((each.tag, *each.attributes)) for each in element]


def links(element: Element) -> list[str]:
    return [each["href"] for each in element.all("a")]


def marks(element: Element) -> list[str]:
    return [each.text for each in element.all("span")]


def test_a_page_begins_with_its_document_type() -> None:
    assert write(catalogue()).startswith("<!DOCTYPE html>\n")


def test_every_room_is_there_in_its_category(page: Element, bundled: Catalogue) -> None:
    shown = [
        (section.one("h2").text, item.one("h3").text, [each.text for each in item.all("p", "about")])
        for section in page.one("main").all("section")
        for item in section.all("li")
    ]
    assert shown == [
        (each.category.title, each.alias, [] if each.description is None else [each.description])
        for each in bundled.rooms
    ]
    assert [each.text for each in page.one("nav").all("li")] == [each.title for each in bundled.categories]


def test_a_category_without_rooms_is_left_out() -> None:
    both = catalogue(room())._replace(categories=(TALK, Category("empty", "Empty")))
    page = parse(write(both))
    assert [each.text for each in page.one("main").all("h2")] == ["Talk"]
    assert [each.text for each in page.one("nav").all("li")] == ["Talk"]


def test_every_room_has_its_three_links(page: Element, bundled: Catalogue) -> None:
    for item, each in zip(page.one("main").all("li"), bundled.rooms, strict=True):
        assert links(item) == [matrix_to_url(each.link), matrix_uri(each.link), element_url(each.link)]
        assert all(each.alias in named["aria-label"] for named in item if "aria-label" in named.attributes)


def test_a_code_is_of_the_link_with_one_number_sign() -> None:
    encoded = "https://matrix.to/#/%23help:example.org"
    assert parse_link(encoded).target == HELP
    code = segno.make_qr(encoded).svg_inline(omitsize=True, svgclass=None, lineclass=None)
    item = parse(write(catalogue(room()))).one("main").one("li")
    assert item.one("details").one("path")["d"] in code


def test_a_room_has_its_flags_in_words(page: Element, bundled: Catalogue) -> None:
    shown = [[each.text for each in item.all("span")] for item in page.one("main").all("li")]
    words = {Flag.NSFW: "NSFW", Flag.BRIDGED: "bridged", Flag.ARCHIVED: "archived"}
    assert shown == [[words[flag] for flag in each.flags] for each in bundled.rooms]
    terms = [each.text for each in page.one("dl").all("dt")]
    assert set(words.values()) <= set(terms)


def test_the_page_says_of_when_and_where_from_it_is(page: Element) -> None:
    note = page.one("p", "note")
    assert "As of 2024-01-16" in note.text
    assert "since then" in note.text
    assert note.one("time")["datetime"] == "2024-01-16"
    assert links(note) == ["https://github.com/stashapp/Stash-Docs"]
    assert parse(write(catalogue(room()))).all("p", "note") == []


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("https://example.org/?a=b&c=\"d'", ["https://example.org/?a=b&c=\"d'"]),
        ("HTTP://example.org", ["HTTP://example.org"]),
        ("javascript:alert(1)", []),
        ("data:text/html,<script>alert(1)</script>", []),
        ("//example.org", []),
        ("https://[", []),
        ("our wiki", []),
    ],
)
def test_a_source_is_a_link_only_if_it_is_one_to_the_web(origin: str, expected: list[str]) -> None:
    note = parse(write(catalogue(room())._replace(origin=origin))).one("p", "note")
    assert links(note) == expected
    assert origin in note.text


def test_the_space_is_there_with_all_its_addresses(page: Element) -> None:
    space = page.one("div", "space")
    assert links(space) == [
        "https://matrix.to/#/#stashapp:unredacted.org",
        "https://matrix.to/#/#stashapp:matrix.im",
        "matrix:r/stashapp:unredacted.org",
        "https://app.element.io/#/room/#stashapp:unredacted.org",
    ]
    assert parse(write(catalogue(room()))).all("div", "space") == []


def test_a_room_has_its_own_name_and_its_other_addresses() -> None:
    named = room()._replace(own_name="Q & A", alternatives=(Address(OTHER, SOURCE),))
    page = parse(write(catalogue(named), CheckReport(DAY, {HELP: State.THERE, OTHER: State.GONE})))
    item = page.one("main").one("li")
    assert (item.one("h3").text, item.one("p", "name").text) == (HELP, "Q & A")
    assert item.one("p", "other").text == f"also {OTHER}"
    assert links(item)[1] == f"https://matrix.to/#/{OTHER}"
    assert marks(item) == ["gone on 2026-01-31"]
    plain = parse(write(catalogue(room()))).one("main").one("li")
    assert plain.all("p", "name") == plain.all("p", "other") == []


# What the page may do


def test_the_policy_lets_the_page_run_what_is_its_own_and_nothing_else(page: Element, html: str) -> None:
    [policy] = [each["content"] for each in page.all("meta") if "http-equiv" in each.attributes]
    allowed = dict(part.split(" ", 1) for part in policy.split("; "))
    for tag in ("style", "script"):
        [text] = re.findall(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        assert page.one(tag).attributes == {}
        assert allowed.pop(f"{tag}-src") == f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
    assert allowed.pop("img-src") == "data:"
    assert set(allowed) == {"default-src", "base-uri", "form-action"}
    assert set(allowed.values()) == {"'none'"}
    assert html.index("Content-Security-Policy") < html.index("<style>")


def test_nothing_in_the_page_loads_anything(page: Element) -> None:
    assert [(each["rel"], each["href"]) for each in page.all("link")] == [("icon", "data:,")]
    assert {each.tag for each in page} & {"img", "iframe", "object", "embed", "use", "image", "base"} == set()
    attributes = {name for each in page for name in each.attributes}
    assert attributes & {"src", "srcset", "style", "action", "xlink:href", "target"} == set()
    assert [name for name in attributes if name.startswith("on")] == []
    assert not re.search(r"url\(|@import|@font-face", page.one("style").text)
    assert not re.search(r"fetch|XMLHttp|import|innerHTML|eval", page.one("script").text)


def test_every_link_within_the_page_leads_somewhere(page: Element) -> None:
    ids = [each["id"] for each in page if "id" in each.attributes]
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in links(page) if href.startswith("#")} <= set(ids)
    assert {each["aria-labelledby"] for each in page.all("section")} <= set(ids)


def test_the_search_is_there_only_if_its_script_runs(page: Element) -> None:
    form = page.one("form")
    assert "hidden" in form.attributes
    assert [each["name"] for each in (*form.all("input"), *form.all("select"))] == [
        "q",
        "nsfw",
        "bridged",
        "archived",
    ]


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ((), []),
        ((Flag.NSFW,), ["nsfw"]),
        ((Flag.BRIDGED,), ["bridged"]),
        ((Flag.NSFW, Flag.ARCHIVED), ["nsfw", "archived"]),
    ],
)
def test_only_the_flags_that_rooms_have_are_filters(flags: tuple[Flag, ...], expected: list[str]) -> None:
    form = parse(write(catalogue(room(HELP, *flags), room(RoomAlias("#b:example.org"))))).one("form")
    assert [each["name"] for each in (*form.all("input"), *form.all("select"))] == ["q", *expected]


# What a catalogue says is text


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "</title></style></script><img src=x onerror=alert(1)>",
        '" onmouseover="alert(1)" x="',
        "' onmouseover='alert(1)' x='",
        "javascript:alert(1)",
        "--><b>]]></b>&lt;b&gt;&#60;i&#62;{{ 7 * 7 }}{% raw %}",
        "a\nb\tc",
    ],
)
def test_nothing_breaks_out_of_the_page(evil: str) -> None:
    def about(text: str, title: str) -> Catalogue:
        named = room(HELP, Flag.NSFW, about=text)._replace(own_name=text)
        plain = catalogue(named, title=title)
        return plain._replace(community=text, origin=text, flags={Flag.NSFW: text})

    tame, page = parse(write(about("PLAIN", "Talk"))), parse(write(about(evil, evil)))
    assert structure(page) == structure(tame)
    assert [each.text for each in page] == [
        " ".join(each.text.replace("PLAIN", evil).replace("Talk", evil).split())
        if each.tag not in {"style", "script"}
        else each.text
        for each in tame
    ]


def test_an_alias_leads_to_itself_whatever_is_in_it() -> None:
    space = Space(EVIL, (Address(EVIL, SOURCE),), SOURCE)
    page = parse(write(catalogue(room(EVIL))._replace(space=space)))
    tame = parse(write(catalogue(room(HELP))._replace(space=Space(HELP, (Address(HELP, SOURCE),), SOURCE))))
    assert structure(page) == structure(tame)
    item = page.one("main").one("li")
    assert item.one("h3").text == EVIL.replace("\u202e", r"\u202e")
    assert [parse_link(link).target for link in links(item)[:2]] == [EVIL, EVIL]
    assert {href.partition(":")[0] for href in links(page) if href[0] != "#"} == {"https", "matrix"}


def test_what_html_has_no_place_for_is_replaced() -> None:
    html = write(catalogue(room(about="a\x00b\x1b[31mc\x9fd\u200de")))
    assert parse(html).one("p", "about").text == "a\ufffdb\ufffd[31mc\ufffdd\u200de"


# What a report says


def test_a_report_marks_the_rooms_that_are_not_there_for_everybody(bundled: Catalogue) -> None:
    few = bundled._replace(rooms=bundled.rooms[:6])
    states: dict[str, State] = dict(zip((each.alias for each in few.rooms), State, strict=False))
    assert few.space is not None
    page = parse(write(few, CheckReport(DAY, {**states, few.space.alias: State.GONE})))
    items = page.one("main").all("li")
    assert [[mark for mark in marks(item) if " on " in mark] for item in items] == [
        ["gone on 2026-01-31"],
        ["closed on 2026-01-31"],
        ["unverified on 2026-01-31"],
        *([] for _ in items[3:]),
    ]
    assert {each["datetime"] for item in items for each in item.all("time")} == {"2026-01-31"}
    assert marks(page.one("div", "space")) == ["gone on 2026-01-31"]
    note = page.all("p", "note")[-1]
    assert note.text.endswith("2026-01-31: 1 gone, 1 closed, 1 unverified, 1 there, 2 not checked.")
    assert {"gone", "closed", "unverified"} <= {each.text for each in page.one("dl").all("dt")}


def test_without_a_report_the_page_says_nothing_of_the_rooms_state(page: Element) -> None:
    terms = {each.text for each in page.one("dl").all("dt")}
    assert terms & set(State) == set()


def test_the_page_of_the_bundled_catalogue_is_small_even_if_every_room_is_marked(bundled: Catalogue) -> None:
    states: dict[str, State] = {each.alias: State.UNVERIFIED for each in bundled.rooms}
    assert len(write(bundled, CheckReport(DAY, states)).encode()) < MOST_BYTES
