"""Links that open as they are, and how they should be written."""

import pytest
from hypothesis import given

from stashmatrix.matrix.forms import read
from stashmatrix.matrix.repairs import tidied
from tests.support.identifiers import ANY_TEXT

URL = "https://matrix.to/#/#name:a.org"
ROOM = "https://matrix.to/#/!id:a.org?via=a.org&via=b.org"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://matrix.to/#/#name:a.org", URL),
        ("HTTP://Matrix.To/#/#name:a.org", URL),
        ("http:/matrix.to/#/#name:a.org", URL),
        ("https://www.matrix.to/#/#name:a.org", URL),
        ("https://matrix.to:/#/#name:a.org", URL),
        ("https://matrix.to:443/#/#name:a.org", URL),
        ("https://matrix.to#/#name:a.org", URL),
        ("https://matrix.to//#/#name:a.org", URL),
        ("https://matrix.to/#/#name:a.org.", URL),
        ("http://matrix.to/?client=x#/#name:a.org", "https://matrix.to/?client=x#/#name:a.org"),
        ("http://matrix.to/#/%23name%3Aa.org", "https://matrix.to/#/%23name%3Aa.org"),
        ("https://matrix.to/#/!id:a.org?via=a.org?via=b.org", ROOM),
        # right as they are
        (URL, None),
        (ROOM, None),
        ("https://matrix.to/#/%23name%3Aa.org", None),
        ("https://matrix.to/#/#name:a.org/$event.", None),
        ("https://matrix.to/#/#name:a.org?web-instance[element.io]=chat.a.org", None),
        # in prose, these are no URLs but names
        ("matrix.to/#/#name:a.org", None),
        ("www.matrix.to/#/#name:a.org", None),
        # wrong in other ways, or no links to matrix.to
        ("http://matrix.to/#name:a.org", None),
        ("http://matrix.to/#/#name:a.org,", None),
        ("http://matrix.to/", None),
        ("http://app.element.io/#/room/#name:a.org", None),
        ("http://example.net/matrix.to/#/#name:a.org", None),
        ("#name:a.org.", None),
        ("matrix:r/name:a.org", None),
        ("", None),
    ],
)
def test_a_link_with_a_slip_that_is_overlooked_is_written_without_it(
    address: str, expected: str | None
) -> None:
    assert tidied(address) == expected


@given(ANY_TEXT)
def test_whatever_is_tidied_opens_and_has_no_further_slip(text: str) -> None:
    for address in (
        text,
        f"http://www.matrix.to:/#/{text}",
        f"http:matrix.to#/!id:a.org?via={text}?via={text}",
    ):
        better = tidied(address)
        if better is not None:
            reading = read(better)
            assert reading is not None
            assert reading.link is not None
            assert reading.defect is None
            assert tidied(better) is None


@pytest.mark.parametrize(
    ("address", "is_certain"),
    [
        ("https://matrix.to/#name:a.org", True),
        ("https://matrix.to/##name:a.org", True),
        ("https://matrix.to/%23/%23name:a.org", True),
        ("https://matrix.to/!id:a.org", True),
        ("https://matrix.to/#/room/#name:a.org", True),
        ("https://matrix.to/#/%2523name%253Aa.org", True),
        ("https://matrix.to/#/#name:a.org,", True),
        ("https://matrix.to/#/#name:a.org).", True),
        ("https://matrix.to/#/#name:a.org%20", True),
        ("matrix:r/#name:a.org", True),
        ("matrix:#name:a.org", True),
        # could be a user, or what it says; or something would be lost
        ("https://matrix.to/#/name:a.org", False),
        ("https://matrix.to/#/%2523name:a.org", False),
        ("https://matrix.to/#/%2523name%3Aa.org", False),
        ("https://matrix.to/#/#50%:a.org", False),
        ("matrix:u/#name:a.org", False),
        ("matrix:r/#name:a.org/e/event", False),
    ],
)
def test_a_repair_is_certain_if_nobody_could_mean_anything_else(address: str, is_certain: bool) -> None:
    reading = read(address)
    assert reading is not None
    assert reading.defect is not None
    assert reading.defect.repaired is not None
    assert reading.defect.is_certain is is_certain


@pytest.mark.parametrize(
    ("address", "repaired"),
    [
        (
            "https://matrix.to/#name:a.org?web-instance[element.io]=chat.a.org",
            f"{URL}?web-instance[element.io]=chat.a.org",
        ),
        ("https://matrix.to/#name:a.org?client=50%", URL),  # which would keep matrix.to from opening it
        ("https://matrix.to/#/room/!id:a.org?via=a.org&client=x&via=b.org", f"{ROOM}&client=x"),
        ("matrix:r/#name:a.org/e/event?via=a.org", "matrix:r/name:a.org/e/event?via=a.org"),
        ("matrix:roomid/!id:a.org/e/$event", "matrix:roomid/id:a.org/e/event"),
        ("matrix:r/#name:a.org/unknown?via=a.org", "matrix:r/name:a.org?via=a.org"),
    ],
)
def test_a_repair_keeps_all_that_is_understood_besides(address: str, repaired: str) -> None:
    reading = read(address)
    assert reading is not None
    assert reading.defect is not None
    assert reading.defect.repaired == repaired


@pytest.mark.parametrize("tail", ["", "/", "?via=a.org", "/$event"])
def test_punctuation_inside_a_link_is_nothing_that_can_be_dropped(tail: str) -> None:
    reading = read(f"https://matrix.to/#/#name:a.org,b{tail}")
    assert reading is not None
    assert reading.defect is not None
    assert reading.defect.repaired is None
