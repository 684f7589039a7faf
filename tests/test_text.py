"""Text from strangers, made safe to print."""

import json
import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stashmatrix.text import ascii_json, counted, printable, printable_path, quoted, some_of

ANY_TEXT = st.text(st.characters())


@pytest.mark.parametrize("code", [*range(0x20), *range(0x7F, 0xA0)])
def test_every_control_character_is_written_as_an_escape(code: int) -> None:
    escape = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}.get(chr(code), rf"\x{code:02x}")
    assert printable(f"a{chr(code)}b") == f"a{escape}b"


@pytest.mark.parametrize(
    ("char", "escaped"),
    [
        pytest.param("\u061c", "\\u061c", id="Arabic letter mark"),
        pytest.param("\u200e", "\\u200e", id="left-to-right mark"),
        pytest.param("\u200f", "\\u200f", id="right-to-left mark"),
        pytest.param("\u202a", "\\u202a", id="left-to-right embedding"),
        pytest.param("\u202e", "\\u202e", id="right-to-left override"),
        pytest.param("\u2066", "\\u2066", id="left-to-right isolate"),
        pytest.param("\u2069", "\\u2069", id="end of isolate"),
        pytest.param("\u200b", "\\u200b", id="zero-width space"),
        pytest.param("\u200c", "\\u200c", id="zero-width non-joiner"),
        pytest.param("\u200d", "\\u200d", id="zero-width joiner"),
        pytest.param("\u2060", "\\u2060", id="word joiner"),
        pytest.param("\ufeff", "\\ufeff", id="byte order mark"),
        pytest.param("\u00ad", "\\xad", id="soft hyphen"),
        pytest.param("\u2028", "\\u2028", id="line separator"),
        pytest.param("\u2029", "\\u2029", id="paragraph separator"),
        pytest.param("\ud800", "\\ud800", id="high surrogate"),
        pytest.param("\udcff", "\\udcff", id="low surrogate, as undecodable arguments have"),
        pytest.param("\U000e0041", "\\U000e0041", id="tag letter"),
    ],
)
def test_what_hides_reorders_or_breaks_text_is_written_as_an_escape(char: str, escaped: str) -> None:
    assert printable(f"a{char}b") == f"a{escaped}b"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain ASCII, ~ and space",
        "caf\u00e9",
        "\U0001f600",
        "\u6f22\u5b57",
        "\u0448\u0443\u043c",
        "e\u0301",
    ],
)
def test_ordinary_text_of_any_script_stays(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("abcdef", 7, "abcdef"),
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcd…"),
        ("abcdef", 1, "…"),
        ("\u6f22\u5b57\u6f22\u5b57", 3, "\u6f22\u5b57…"),
        ("abcdef\x1b", 4, "abc…"),
    ],
)
def test_text_beyond_the_limit_is_cut_and_marked(text: str, limit: int, expected: str) -> None:
    assert printable(text, limit=limit) == expected


@given(ANY_TEXT)
def test_the_result_is_one_line_that_any_stream_can_encode(text: str) -> None:
    result = printable(text)
    result.encode()
    assert len(result.splitlines()) <= 1
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in result)


def test_no_character_that_unicode_calls_bidirectional_control_is_let_through() -> None:
    embedding = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    chars = [chr(code) for code in range(sys.maxunicode) if unicodedata.bidirectional(chr(code)) in embedding]
    assert len(chars) == 9
    assert all(re.fullmatch(r"\\u[0-9a-f]{4}", printable(char)) for char in chars)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("##[error]x", r"#\x23[error]x"),
        ("a ###[group]", r"a ##\x23[group]"),
        ("caf\u00e9 ##[x]", "caf\u00e9 #\\x23[x]"),
        ("## [x] #[y]", "## [x] #[y]"),
    ],
)
def test_what_a_ci_runner_takes_for_a_command_within_a_line_is_broken(text: str, expected: str) -> None:
    assert printable(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "''"),
        ("a b", "'a b'"),
        ("\x1b[2J", r"'\x1b[2J'"),
        ("x" * 100, f"'{'x' * 100}'"),
        ("x" * 101, f"'{'x' * 99}…'"),
    ],
)
def test_a_quotation_is_short_and_safe_to_print(text: str, expected: str) -> None:
    assert quoted(text) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), ""),
        (("a",), "a"),
        (("a", "b"), "a, b"),
        (("a", "b", "c", "d"), "a, b and 2 more"),
        (("\x1b", "b"), r"\x1b, b"),
    ],
)
def test_the_first_names_are_listed_and_the_others_counted(names: tuple[str, ...], expected: str) -> None:
    assert some_of(names, 2) == expected


def test_a_number_agrees_with_its_noun() -> None:
    assert [counted(number, "room") for number in (0, 1, 2)] == ["0 rooms", "1 room", "2 rooms"]
    assert counted(2, "category", "categories") == "2 categories"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("rooms.yaml", "rooms.yaml"),
        ("a::b.yaml", "a::b.yaml"),
        ("/::error::x", "/::error::x"),
        (":a", ":a"),
        ("::error::x", "./::error::x"),
        (" \u00a0::error::x", "./ \u00a0::error::x"),
        ("\n::error::x", r"\n::error::x"),
    ],
)
def test_a_path_that_starts_a_line_is_no_command_of_a_ci_runner(path: str, expected: str) -> None:
    assert printable_path(path) == expected
    assert printable_path(expected) == expected


def test_json_is_ascii_without_what_a_ci_runner_takes_for_a_command() -> None:
    value = {"\u00e9\u202e": ["##[error]x", "\\##[x"]}
    written = ascii_json(value)
    assert written.isascii()
    assert "##[" not in written
    assert json.loads(written) == value
