"""The page that people search, as they use it."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page

from stashmatrix.catalogue.model import Catalogue, Flag
from stashmatrix.catalogue.reading import load
from stashmatrix.page import website
from stashmatrix.page.checkreport import CheckReport, State
from tests.browser.conftest import Scheme, Visitor
from tests.support.catalogues import EVIL, HEAD, write_catalogue

DOCKER = "#stash-docker-help:unredacted.org"
MATRIX_TO = f"https://matrix.to/#/{DOCKER}"
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
WIDTHS = (320, 1280)


def rooms(page: Page) -> list[str]:
    """Return the rooms that are to be seen."""
    return [str(text) for text in page.locator("main li:visible h3").all_inner_texts()]


def status(page: Page) -> str:
    return str(page.get_by_role("status").inner_text())


def search(page: Page, words: str) -> None:
    page.get_by_role("searchbox").fill(words)


def choice_of(page: Page, flag: Flag) -> Locator:
    return page.get_by_role("combobox", name=flag.capitalize())


def open_all(page: Page) -> None:
    """Show every room with its code."""
    page.get_by_role("switch").check()
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")


def with_flag(catalogue: Catalogue, flag: Flag, *, has: bool) -> set[str]:
    return {str(room.alias) for room in catalogue.rooms if (flag in room.flags) is has}


@pytest.fixture(scope="module")
def every_kind(bundled: Catalogue) -> str:
    """Return a page with rooms of all flags, in all states."""
    states = tuple(State)
    rooms = bundled.rooms[::8]
    assert {flag for room in rooms for flag in room.flags} == set(Flag)
    assert len(rooms) > len(states)
    found = {str(room.alias): states[place % 4] for place, room in enumerate(rooms)}
    return website.write(bundled._replace(rooms=rooms), CheckReport(date(2026, 1, 31), found))


# Search


def test_who_types_docker_sees_one_room(visit: Visitor) -> None:
    page = visit().page
    page.get_by_role("searchbox").press_sequentially("docker")
    assert rooms(page) == [DOCKER]
    assert status(page) == "1 of 52 rooms"
    assert page.locator("section:visible h2").all_inner_texts() == ["Support rooms"]
    assert page.locator("nav li:visible").all_inner_texts() == ["Support rooms"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("DOCKER", [DOCKER]),
        ("  dócker  ", [DOCKER]),
        ("anything docker", [DOCKER]),
        ("docker-help:unredacted.org", [DOCKER]),
        ("bot feed", ["#stash-github-feed:unredacted.org"]),
        ("element", []),
        ("qr code", []),
        ("docker podman", []),
    ],
)
def test_a_search_is_for_words_of_the_room_or_its_category(
    visit: Visitor, words: str, expected: list[str]
) -> None:
    page = visit().page
    search(page, words)
    assert rooms(page) == expected


@pytest.mark.parametrize("words", ["#help", "questions", "#ask:y.org", "ask questions"])
def test_a_search_finds_a_room_by_each_of_its_names(visit: Visitor, tmp_path: Path, words: str) -> None:
    help_room = (
        '  - alias: "#help:x.org"\n    name: Questions\n    aliases: ["#ask:y.org"]\n    category: talk\n'
    )
    other = '  - alias: "#other:x.org"\n    category: talk\n'
    page = visit(html=website.write(load(Path(write_catalogue(tmp_path, HEAD + help_room + other))))).page
    search(page, words)
    assert rooms(page) == ["#help:x.org"]


def test_a_search_can_be_passed_on(visit: Visitor) -> None:
    page = visit().page
    search(page, "scenes")
    page.get_by_role("switch").check()
    choice_of(page, Flag.BRIDGED).select_option("yes")
    assert page.url.endswith("/rooms.html?q=scenes&nsfw=shown&bridged=yes")
    again = visit(query="?q=scenes&nsfw=shown&bridged=yes").page
    assert rooms(again) == rooms(page) != []
    page.get_by_role("searchbox").press("Escape")
    page.get_by_role("switch").uncheck()
    choice_of(page, Flag.BRIDGED).select_option("")
    assert page.url.endswith("/rooms.html")
    assert len(rooms(page)) == 34


@pytest.mark.parametrize("query", ["?bridged=maybe", "?length=1", "?q=", "?%ff", "?constructor=1&q"])
def test_an_address_that_makes_no_sense_changes_nothing(visit: Visitor, query: str) -> None:
    page = visit(query=query).page
    assert len(rooms(page)) == 34
    assert choice_of(page, Flag.BRIDGED).input_value() == ""


def test_the_page_works_from_a_disk_and_without_a_network(
    browser: Browser, html: str, tmp_path: Path
) -> None:
    (tmp_path / "rooms.html").write_text(html)
    page = browser.new_context(offline=True).new_page()
    page.goto((tmp_path / "rooms.html").as_uri())
    search(page, "docker")
    page.keyboard.press("Tab")
    assert rooms(page) == [DOCKER]
    page.context.close()


# Filters


def test_nsfw_rooms_are_behind_a_switch(visit: Visitor, bundled: Catalogue) -> None:
    page = visit().page
    switch = page.get_by_role("switch", name="Show NSFW rooms (18)")
    folded = with_flag(bundled, Flag.NSFW, has=True)
    assert len(folded) == 18
    assert set(rooms(page)) == with_flag(bundled, Flag.NSFW, has=False)
    assert status(page) == "34 of 52 rooms; 18 NSFW rooms not shown"
    switch.check()
    assert rooms(page) == [room.alias for room in bundled.rooms]
    assert status(page) == "52 of 52 rooms"
    switch.uncheck()
    assert folded.isdisjoint(rooms(page))
    search(page, "stash-scenes")
    assert status(page) == "0 of 52 rooms; 1 NSFW room not shown"


def test_nsfw_rooms_are_folded_before_the_page_is_all_there(visit: Visitor, html: str) -> None:
    begun = html.partition("</main>")[0].replace("DOMContentLoaded", "never")
    # Another script needs another policy.
    page = visit(html=begun.replace("Content-Security-Policy", "none")).page
    assert len(rooms(page)) == 34


@pytest.mark.parametrize("flag", [Flag.BRIDGED, Flag.ARCHIVED])
@pytest.mark.parametrize(("choice", "has"), [("yes", True), ("no", False)])
def test_a_flag_is_a_filter(visit: Visitor, bundled: Catalogue, flag: Flag, choice: str, has: bool) -> None:
    page = visit().page
    page.get_by_role("switch").check()
    choice_of(page, flag).select_option(choice)
    assert set(rooms(page)) == with_flag(bundled, flag, has=has)


def test_a_page_without_flags_has_no_filters(visit: Visitor, tmp_path: Path) -> None:
    path = write_catalogue(tmp_path, HEAD + '  - alias: "#a:x.org"\n    category: talk\n')
    page = visit(html=website.write(load(Path(path)))).page
    assert rooms(page) == ["#a:x.org"]
    assert status(page) == "1 of 1 room"
    search(page, "b")
    assert rooms(page) == []


# Links


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (DOCKER, MATRIX_TO),
        (f"Open in Element: {DOCKER}", f"https://app.element.io/#/room/{DOCKER}"),
    ],
)
def test_a_room_is_opened_by_its_link(visit: Visitor, name: str, expected: str) -> None:
    visited = visit()
    assert visited.requests == []
    visited.page.get_by_role("link", name=name, exact=True).click()
    visited.page.wait_for_url(expected)
    assert visited.requests == [expected.partition("#")[0]]
    assert visited.page.evaluate("document.referrer") == ""


def test_a_code_is_shown_on_demand(visit: Visitor) -> None:
    page = visit().page
    code = page.get_by_role("img", name=f"QR code of the link to {DOCKER}")
    assert not code.is_visible()
    page.locator("summary", has_text="QR code").and_(page.get_by_label(DOCKER)).click()
    assert code.is_visible()
    box = code.bounding_box()
    assert box is not None
    assert box["width"] == box["height"] >= 150


# For everybody


def test_all_can_be_done_by_keyboard(visit: Visitor) -> None:
    page = visit().page

    def focused() -> str:
        return str(
            page.evaluate("document.activeElement.getAttribute('name') ?? document.activeElement.textContent")
        )

    def press(*keys: str) -> None:
        for key in keys:
            page.keyboard.press(key)
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", focused()

    def tab_to(name: str) -> None:
        for _ in range(40):
            press("Tab")
            if focused() == name:
                return
        raise AssertionError(name)

    press("Tab")
    assert focused() == "Skip to the rooms"
    tab_to("q")
    page.keyboard.type("docker")
    assert rooms(page) == [DOCKER]
    press("Tab", "Space")
    assert page.get_by_role("switch").is_checked()
    press("Tab", "ArrowDown")
    assert choice_of(page, Flag.BRIDGED).input_value() == "yes"
    tab_to(DOCKER)
    tab_to("QR code")
    press("Enter")
    assert page.locator("li details[open]").count() == 1
    for _ in range(3):
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(MATRIX_TO)


def test_the_keyboard_skips_to_the_rooms(visit: Visitor) -> None:
    page = visit().page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == rooms(page)[0]


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_its_window(visit: Visitor, width: int) -> None:
    page = visit(width=width).page
    open_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_that_keeps_people_out(
    visit: Visitor, axe: str, every_kind: str, scheme: Scheme, width: int
) -> None:
    page = visit(html=every_kind, width=width, scheme=scheme).page
    page.evaluate(axe)
    open_all(page)
    result: dict[str, Any] = page.evaluate(
        "axe.run({rules: {'target-size': {enabled: true}, 'link-in-text-block': {enabled: true}}})"
    )
    assert [(each["id"], each["nodes"][0]["html"]) for each in result["violations"]] == []
    assert {"color-contrast", "target-size", "region"} <= {each["id"] for each in result["passes"]}


def test_light_and_dark_are_those_of_the_reader(visit: Visitor) -> None:
    light, dark = (
        visit(scheme=scheme).page.evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in SCHEMES
    )
    assert (light, dark) == ("rgb(255, 255, 255)", "rgb(20, 23, 26)")


def test_without_javascript_the_list_is_whole(visit: Visitor, bundled: Catalogue) -> None:
    page = visit(javascript=False).page
    assert rooms(page) == [room.alias for room in bundled.rooms]
    assert not page.get_by_role("searchbox").is_visible()
    page.locator("main summary").first.click()
    assert page.locator("main svg").first.is_visible()
    page.get_by_role("link", name="Support rooms").click()
    assert page.url.endswith("#support")


def test_on_paper_the_links_can_be_read(visit: Visitor) -> None:
    page = visit().page
    page.emulate_media(media="print")
    assert not page.locator("form, nav, .skip, .ways, summary").filter(visible=True).count()
    room = page.locator("main li:visible h3 a").first
    assert (
        room.evaluate("each => getComputedStyle(each, '::after').content")
        == f'"{room.get_attribute("href")}"'
    )
    assert page.pdf()


# What others wrote


def test_a_catalogue_can_run_nothing(visit: Visitor, tmp_path: Path) -> None:
    evil = "</style></script><script>document.title = 1</script><img src=x onerror=alert(1)>'\\\">"
    text = EVIL.replace(":smile:", evil).replace(
        "name: Evil", f'name: "{evil}"\nsource: "javascript:alert(1)"'
    )
    visited = visit(html=website.write(load(Path(write_catalogue(tmp_path, text)))))
    page = visited.page
    assert len(rooms(page)) == 1
    assert page.title().startswith("</style></script><script>")
    assert page.locator("img").count() == 0
    assert visited.requests == []
