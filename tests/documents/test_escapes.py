"""Views: a text without the escapes of its format, each character of which has its place in the file."""

import json
import tomllib
from collections.abc import Callable

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from stashmatrix.documents.escapes import html_view, po_view, settings_view, string_view, xml_view
from stashmatrix.documents.markup import View
from stashmatrix.documents.notebook import notebook_view

VIEWS = [string_view, po_view, settings_view, html_view, xml_view, notebook_view]
PIECES = st.sampled_from(
    [
        *"ab#:/\"'\\\n=&;~|",
        "\\u0023",
        "\\ud83d\\ude00",
        "\\ud83d",
        "\\U00000023",
        "\\U00110000",
        "\\u{23}",
        "\\x23",
        "\\/",
        "\\n",
        "\\\\",
        '\\"',
        '"\n"',
        "\n#~ ",
        "&#35;",
        "&#x2F;",
        "&lt;",
        "key=#",
        '"source": ["',
        '"cell_type": "code"',
    ]
)
TEXTS = st.lists(PIECES, max_size=30).map("".join)


@given(st.text())
def test_a_string_of_json_reads_as_json_reads_it(value: str) -> None:
    for written in (json.dumps(value), json.dumps(value, ensure_ascii=False)):
        assert string_view(written).text == f'"{json.loads(written)}"'


@pytest.mark.parametrize(
    "escape", [r"\/", r"\"", r"\\", r"\b\f\n\r\t", r"\u0023", r"\ud83d\ude00", r"\\u0023"]
)
def test_escapes_that_json_writers_need_not_write_read_as_json_reads_them(escape: str) -> None:
    written = f'"{escape}"'
    assert string_view(written).text == f'"{json.loads(written)}"'


@pytest.mark.parametrize("escape", [r"\u0023", r"\U00000023", r"\U0001F600", r"\"", r"\\", r"\t"])
def test_escapes_of_toml_read_as_toml_reads_them(escape: str) -> None:
    [value] = tomllib.loads(f'value = "{escape}"').values()
    assert string_view(f'"{escape}"').text == f'"{value}"'


@pytest.mark.parametrize("escape", [r"\u0023", r"\U00000023", r"\x23", r"\/", r"\"", r"\\", r"\n"])
def test_escapes_of_yaml_read_as_yaml_reads_them(escape: str) -> None:
    written = f'"{escape}"'
    assert string_view(written).text == f'"{yaml.safe_load(written)}"'


@pytest.mark.parametrize("escape", [r"\ud83d", r"\ude00\ud83d", r"\U00110000", r"\u{110000}"])
def test_a_number_that_is_no_character_is_a_replacement_character(escape: str) -> None:
    assert set(string_view(escape).text) == {"\ufffd"}


@pytest.mark.parametrize("view", VIEWS)
@given(TEXTS)
def test_every_character_has_its_place(view: Callable[[str], View], text: str) -> None:
    seen = view(text)
    places = [seen.position(index) for index in range(len(seen.text))]
    assert places == sorted(places)
    assert all(0 <= place <= len(text) for place in places)


@pytest.mark.parametrize("view", [string_view, po_view, settings_view, html_view, xml_view])
@given(TEXTS)
def test_a_character_stands_at_its_place_as_itself_or_as_an_escape(
    view: Callable[[str], View], text: str
) -> None:
    seen = view(text)
    for index, character in enumerate(seen.text):
        start, end = seen.position(index), seen.end(index + 1)
        written = text[start:end]
        assert written == character or written[:1] in ("\\", "&") or character == " "


@pytest.mark.parametrize("view", [string_view, html_view, xml_view])
@given(TEXTS)
def test_the_parts_of_a_file_are_the_file(view: Callable[[str], View], text: str) -> None:
    seen = view(text)
    parts = [text[seen.position(index) : seen.end(index + 1)] for index in range(len(seen.text))]
    assert "".join(parts) == text


def test_the_strings_of_a_gettext_catalogue_are_joined() -> None:
    text = 'msgid ""\n"one \\"\\n"\n"two\\\\"\n"three"\n#~ msgid "old"\nmsgstr "x"\n'
    assert po_view(text).text == 'msgid "one "\ntwo\\three"\n\nmsgstr "x"\n'
