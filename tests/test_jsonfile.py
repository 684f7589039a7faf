"""JSON files: what is refused, and where."""

from pathlib import Path

import pytest

from stashmatrix import jsonfile
from stashmatrix.errors import Fault, InvalidFileError
from stashmatrix.jsonfile import JsonFile

TEXT = '{\n  "a": [1, "\\u00e9"],\n  "b\\u00e9": {}\n}\n'


def faults_of(error: pytest.ExceptionInfo[InvalidFileError]) -> list[tuple[int, int, str]]:
    return [(fault.line, fault.column, fault.message) for fault in error.value.faults]


def test_a_file_has_its_content_and_no_faults(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("\ufeff" + TEXT)
    file = jsonfile.load(tmp_path / "x.json")
    assert file.content == {"a": [1, "\u00e9"], "b\u00e9": {}}
    file.check()


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("", 1, 1, "not JSON: "),
        ("\0", 1, 1, "not JSON: "),
        ("rooms: []\n", 1, 1, "not JSON: "),
        (TEXT.replace("  }", "").replace("{}", "{\n<<<<<<< HEAD\n  }"), 4, 1, "not JSON: "),
        (TEXT[:13], 2, 12, "not JSON: "),
        (TEXT + "{}", 5, 1, "not JSON: "),
        ("[" * 200_000, 1, 1, "nested too deeply"),
        ('{"a":' * 200_000, 1, 1, "nested too deeply"),
        ('{"a": ' + "9" * 10_000 + "}", 1, 1, "holds a number that is too long"),
    ],
)
def test_what_is_no_json_is_refused_at_its_place(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(InvalidFileError) as caught:
        JsonFile("x.json", text)
    assert caught.value.path == "x.json"
    [(at_line, at_column, said)] = faults_of(caught)
    assert (at_line, at_column) == (line, column)
    assert said.startswith(message)
    assert said.isprintable()


def test_duplicate_keys_are_faults_at_the_last_of_them() -> None:
    file = JsonFile("x.json", '{"a": 1,\n "b\\u00e9": 2,\n "a": 3,\n  "b\\u00e9": {"c": 1, "c": 2}}')
    with pytest.raises(InvalidFileError) as caught:
        file.check()
    assert faults_of(caught) == [
        (3, 2, "duplicate key 'a'"),
        (4, 3, "duplicate key 'b\u00e9'"),
        (4, 23, "duplicate key 'c'"),
    ]


def test_faults_are_placed_at_keys_and_listed_once_in_the_file_s_order() -> None:
    file = JsonFile("x.json", TEXT)
    for message, key in [("wrong", "b\u00e9"), ("bad", "a"), ("wrong", "b\u00e9"), ("lost", "no such key")]:
        file.add_fault(message, at=key)
    listed = [(1, 1, "lost"), (2, 3, "bad"), (3, 3, "wrong")]
    with pytest.raises(InvalidFileError) as caught:
        file.check()
    assert faults_of(caught) == listed
    with pytest.raises(InvalidFileError) as caught:
        file.fail("worst", at="a")
    assert faults_of(caught) == [listed[0], *sorted([listed[1], (2, 3, "worst")]), listed[2]]
    with pytest.raises(InvalidFileError) as caught:
        JsonFile("x.json", TEXT).fail("no such thing")
    assert caught.value.faults == (Fault(1, 1, "no such thing"),)


def test_a_key_is_named_in_a_way_that_is_safe_to_print() -> None:
    file = JsonFile("x.json", '{"\\u001b[2J": 1, "\\u001b[2J": 2}')
    with pytest.raises(InvalidFileError) as caught:
        file.check()
    assert faults_of(caught) == [(1, 18, r"duplicate key '\x1b[2J'")]


def test_of_many_faults_a_hundred_are_listed_and_the_others_counted() -> None:
    keys = [f'"{number % 15_000}": 1' for number in range(30_000)]
    file = JsonFile("x.json", "{" + ",\n".join(keys) + "}")
    for number in [*range(15_000), *range(15_000)]:
        file.add_fault("wrong", at=str(number))
    with pytest.raises(InvalidFileError) as caught:
        file.check()
    assert (len(caught.value.faults), caught.value.unlisted) == (100, 29_900)


def test_a_fault_that_is_not_the_first_hundred_s_is_counted_once() -> None:
    file = JsonFile("x.json", "{}")
    for number in [*range(101), 0, 100]:
        file.add_fault(f"wrong {number}", at="x")
    with pytest.raises(InvalidFileError) as caught:
        file.check()
    assert (len(caught.value.faults), caught.value.unlisted) == (100, 1)


def test_a_file_that_cannot_be_read_is_refused_under_a_name_that_is_safe_to_print(tmp_path: Path) -> None:
    with pytest.raises(InvalidFileError) as caught:
        jsonfile.load(tmp_path / "\x1b[2J")
    assert caught.value.path.endswith(r"/\x1b[2J")
