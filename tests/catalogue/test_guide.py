"""The guide, beside the page that it was made from."""

import re
from pathlib import Path

import pytest

from stashmatrix.catalogue import guide
from stashmatrix.catalogue.guide import Guide
from stashmatrix.catalogue.reading import bundled
from stashmatrix.errors import InvalidFileError, UnknownNameError
from tests.catalogue.faults import OTHERS_WORDS, Expected, assert_faults

PAGE = Path(__file__).with_name("published-page.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def published() -> Guide:
    return guide.load(bundled("guide.yaml"))


def page_section(title: str) -> str:
    """Return what stands below the heading ``title``, up to the next heading of any level."""
    match = re.search(rf"^#+ {re.escape(title)}$(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert match is not None
    return match[1]


def page_urls(title: str) -> list[str]:
    return re.findall(r"\]\((https://[^)]+)\)", page_section(title))


def test_the_topics_are_in_reading_order(published: Guide) -> None:
    ids = [topic.id for topic in published.topics]
    assert ids == ["about", "register", "clients", "rooms", "tips", "reading"]


def test_every_topic_has_a_title_and_something_to_read(published: Guide) -> None:
    assert all(topic.title for topic in published.topics)
    assert all(topic.paragraphs or topic.points or topic.links for topic in published.topics)


def test_the_homeservers_are_those_of_the_page(published: Guide) -> None:
    *sign_up, more = page_urls("Popular homeservers")
    names = re.findall(r"^- \[([a-z.]+) \(", page_section("Popular homeservers"), re.MULTILINE)
    assert len(names) == 3
    assert [(server.name, server.sign_up) for server in published.homeservers] == list(
        zip(names, sign_up, strict=True)
    )
    assert published.more_homeservers == more


@pytest.mark.parametrize(
    ("title", "topic", "count"),
    [
        ("Popular homeservers", "register", 4),
        ("Clients", "clients", 1),
        ("Further read on Matrix", "reading", 7),
    ],
)
def test_every_page_that_the_published_page_leads_to_is_in_its_topic(
    published: Guide, title: str, topic: str, count: int
) -> None:
    urls = page_urls(title)
    assert len(urls) == count
    assert set(urls) <= {page.url for page in published.topic(topic).links}


def test_the_readings_are_those_of_the_page_in_its_order(published: Guide) -> None:
    on_page = re.findall(r"^- \[(.+)\]\((.+?)\)", page_section("Further read on Matrix"), re.MULTILINE)
    assert [(page.title, page.url) for page in published.topic("reading").links] == on_page
    assert len(on_page) == 7


def test_there_are_as_many_tips_as_on_the_page(published: Guide) -> None:
    on_page = re.findall("^- ", page_section("Tips and Tricks"), re.MULTILINE)
    assert len(published.topic("tips").points) == len(on_page) == 3


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("tip", "did you mean tips?"),
        ("zzz", "about, register, clients, rooms, tips, reading"),
    ],
)
def test_an_unknown_topic_is_named_with_a_hint(published: Guide, text: str, hint: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        published.topic(text)
    assert caught.value.hint == hint


FAULTY = """\
homeservers:
  - name: no_name
    sign_up: https://a.org/
more_homeservers: 7
topics:
  - id: a
    points: [1, b]
    links:
      - url: c
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]", [(1, 1, "the guide: expected a mapping")]),
        (
            "homeservers: []\ntopics: []\n",
            [(1, 1, "missing key 'more_homeservers' in the guide")],
        ),
        (
            FAULTY,
            [
                (2, 11, OTHERS_WORDS),
                (4, 19, "more_homeservers: expected text"),
                (6, 5, "missing key 'title' in a topic"),
                (7, 14, "an item of points: expected text"),
                (9, 9, "missing key 'title' in a link"),
            ],
        ),
    ],
)
def test_every_fault_of_a_guide_is_located(tmp_path: Path, text: str, expected: Expected) -> None:
    path = tmp_path / "guide.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidFileError) as caught:
        guide.load(path)
    assert_faults(caught.value.faults, expected)
