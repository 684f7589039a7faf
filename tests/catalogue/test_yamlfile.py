"""YAML files: what is not read, by whichever of PyYAML's two parsers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from stashmatrix.catalogue import yamlfile
from stashmatrix.errors import Fault, InvalidFileError
from tests.catalogue.faults import Expected, assert_faults

GOOD = 'rooms:\n  - alias: "#a:x.org"\n    flags: [nsfw]\n'
ANCHOR = "a YAML anchor or alias (& or *) is not supported: write it out"
TAG = "a YAML tag (!) is not supported: quote the text"
CONTROL = "not YAML: a control character"
TOO_DEEP = "is nested more than 32 deep"

FAULTY: dict[str, tuple[str, Expected]] = {
    # YAML that is not supported
    "anchor": (GOOD + "  - &first {}\n", [(4, 5, ANCHOR)]),
    "alias": (GOOD + "  - *first\n", [(4, 5, ANCHOR)]),
    "merge key": (GOOD + "  - <<: *first\n", [(4, 9, ANCHOR)]),
    "alias as a key": ("*a : b\n", [(1, 1, ANCHOR)]),
    "alias bomb": (
        "\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))]),
        [(1, 5, ANCHOR)],
    ),
    "tag": (GOOD + '  - alias: !secret "#a:x.org"\n', [(4, 12, TAG)]),
    "tag that runs code": (GOOD + "  - !!python/object/apply:os.system [id]\n", [(4, 5, TAG)]),
    "unquoted room ID": (GOOD + "  - alias: !a:x.org\n", [(4, 12, TAG)]),
    "second document": (GOOD + "---\na: b\n", [(4, 1, "contains a second document")]),
    "list as a key": ("? [a]\n: b\n", [(1, 3, "a key: expected text, got a list")]),
    "mapping as a key": ("? {a: b}\n: c\n", [(1, 3, "a key: expected text, got a mapping")]),
    "key twice": (
        GOOD + "    flags: []\n    alias: b\n",
        [(4, 5, "duplicate key 'flags'"), (5, 5, "duplicate key 'alias'")],
    ),
    "empty": ("", [(1, 1, "is empty")]),
    "comments only": ("# nothing here\n\n", [(1, 1, "is empty")]),
    "wide": ("[" + "a," * 1_000_000 + "]", [(1, 2_000_000, "contains more than 1000000 values")]),
    # no YAML
    "control character": ('a: "\u00e9\u00e9 \x1b[2J"\n', [(1, 8, CONTROL)]),
    "NUL": (GOOD + "\x00", [(4, 1, CONTROL)]),
    "character that starts nothing": (GOOD + "  - alias: @a:x.org\n", [(4, 12, "not YAML: ")]),
    "tab": (GOOD + '\t- alias: "#a:x.org"\n', [(4, 1, "not YAML: ")]),
    "open quote": (GOOD + '  - alias: "#a:x.org\n\n', [(4, 12, "not YAML: ")]),
    "open list": (GOOD + "    more: [nsfw\n", [(4, 11, "not YAML: ")]),
    "open mapping": (GOOD + "  - {alias: a\n\n", [(4, 5, "not YAML: ")]),
    "key without a colon": (GOOD + "    check\n", [(4, 5, "not YAML: ")]),
    "key without a colon, then another": (GOOD + "    check x\n    reason: y\n", [(4, 5, "not YAML: ")]),
    # too deep
    "[": ("[" * 100_000, [(1, 34, TOO_DEEP)]),
    "[]": ("[" * 34 + "]" * 34, [(1, 34, TOO_DEEP)]),
    "[[]]": ("[" * 500 + "]" * 500, [(1, 34, TOO_DEEP)]),
    "[[[]]]": ("[" * 1_100 + "]" * 1_100, [(1, 34, TOO_DEEP)]),
    "[ [": ("[ " * 1_100, [(1, 67, TOO_DEEP)]),
    "[ on lines": ("[\n" * 1_100, [(34, 1, TOO_DEEP)]),
    "{a: {": ("{a: " * 100_000, [(1, 130, TOO_DEEP)]),
    "[{a: [{": ("[{a: " * 1_000, [(1, 82, TOO_DEEP)]),
    "- - ": ("- " * 100_000, [(1, 67, TOO_DEEP)]),
    "mappings": ("".join(" " * level + "a:\n" for level in range(100)), [(33, 33, TOO_DEEP)]),
    "a: - b: [": ("a:\n  - b: " + "[" * 1_100, [(2, 38, TOO_DEEP)]),
    "- - [": ("- " * 20 + "[" * 1_100, [(1, 54, TOO_DEEP)]),
    "deep, then [": ("- " * 40 + "[" * 1_100, [(1, 67, TOO_DEEP)]),
    "brackets as text, then [": ('a: "[[["  # [[[\nb: ' + "[" * 1_100, [(2, 36, TOO_DEEP)]),
    "wide characters, then [": ('a: "\u00e9 \U0001f600"\r\nb: ' + "[" * 1_100, [(2, 36, TOO_DEEP)]),
    "many lists, then [": ("a: [" + "[], " * 10 + "[" * 1_100, [(1, 76, TOO_DEEP)]),
    # deep, and faulty before that
    "? ?": ("? " * 100_000, [(1, 3, "a key: expected text, got a mapping")]),
    "{": ("{" * 1_100, [(1, 2, "a key: expected text, got a mapping")]),
    "[{": ("[{" * 1_100, [(1, 3, "a key: expected text, got a list")]),
    "? [": ("? " + "[" * 1_100, [(1, 3, "a key: expected text, got a list")]),
    "anchor, then [": ("a: &a 1\nb: " + "[" * 1_100, [(1, 4, ANCHOR)]),
    "anchor in [": ("a: [&a 1, " + "[" * 1_100, [(1, 5, ANCHOR)]),
    "[ in the place of a key": ("a:\n" + "[" * 1_100, [(2, 1, "not YAML: ")]),
}

WITHOUT_LIBYAML = """
import json, sys
sys.modules["yaml._yaml"] = None  # as on a machine where PyYAML has no C part
from pathlib import Path
from stashmatrix.catalogue import yamlfile
from stashmatrix.errors import InvalidFileError
faults = []
for path in sys.argv[1:]:
    try:
        yamlfile.load(Path(path))
    except InvalidFileError as error:
        faults.append(error.faults)
print(json.dumps(faults))
"""


@pytest.mark.parametrize(("content", "expected"), FAULTY.values(), ids=FAULTY.keys())
def test_what_is_not_read_is_refused_at_its_place(tmp_path: Path, content: str, expected: Expected) -> None:
    path = tmp_path / "rooms.yaml"
    path.write_bytes(content.encode())
    with pytest.raises(InvalidFileError) as caught:
        yamlfile.load(path)
    assert caught.value.path == str(path)
    assert_faults(caught.value.faults, expected)


def test_pyyaml_without_libyaml_is_no_different(tmp_path: Path) -> None:
    # Its Python parser takes a minute for the longest ones, which show nothing that the others do not.
    faulty = [(content, expected) for content, expected in FAULTY.values() if len(content) < 10_000]
    paths = [tmp_path / str(number) for number in range(len(faulty))]
    for path, (content, _) in zip(paths, faulty, strict=True):
        path.write_bytes(content.encode())
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_LIBYAML, *paths], capture_output=True, check=True, text=True
    )
    found = [tuple(Fault(*fault) for fault in faults) for faults in json.loads(done.stdout)]
    for faults, (_, expected) in zip(found, faulty, strict=True):
        assert_faults(faults, expected)


@pytest.mark.parametrize("content", ["[" * 33 + "]" * 33, "- " * 32 + "a", "{a: " * 32 + "}" * 32])
def test_a_value_may_be_nested_as_deep_as_the_limit(tmp_path: Path, content: str) -> None:
    path = tmp_path / "rooms.yaml"
    path.write_text(content)
    assert yamlfile.load(path).faults == []


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidFileError) as caught:
        yamlfile.load(tmp_path / "missing")
    assert caught.value.faults == ()
