"""Lengths of time, as people write them."""

import pytest

from stashmatrix.commands.durations import Duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("15", 15),
        ("15s", 15),
        ("0.5s", 0.5),
        ("5m", 300),
        ("12h", 43_200),
        ("1d", 86_400),
        ("1.5d", 129_600),
        ("2w", 1_209_600),
    ],
)
def test_a_duration_is_a_number_of_seconds_or_of_a_unit(text: str, seconds: float) -> None:
    assert Duration.parse(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        *("", "s", "0", "0s", "-1", "+1", "1y", "1 d", " 1d", "1d\n", "1D", "1e3", "nan", "inf", ".5", "5."),
        *("1h30m", "1_0", "\N{ARABIC-INDIC DIGIT ONE}s", "9" * 12, "9" * 5000),
    ],
    ids=lambda text: text[:10],
)
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r" is not a duration such as 30s| is too (long|short)$"):
        Duration.parse(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (15.0, "15s"),
        (0.5, "0.5s"),
        (90, "90s"),
        (300, "5m"),
        (86_400, "1d"),
        (129_600, "36h"),
        (1_209_600, "2w"),
    ],
)
def test_a_duration_prints_as_people_write_it(seconds: float, text: str) -> None:
    assert str(Duration(seconds)) == text
    assert Duration.parse(text) == seconds
