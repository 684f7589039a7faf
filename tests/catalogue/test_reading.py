"""Catalogue files: what is read, and every fault at its place."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pytest

from stashmatrix import files
from stashmatrix.catalogue import reading
from stashmatrix.errors import InvalidFileError
from tests.support.catalogues import HEAD

ROOM = """\
  - alias: "#a:x.org"
    category: talk
"""
GOOD = HEAD + ROOM
KNOWN_IN_ROOM = "known are alias, category, flags, description, published_link, check, reason"

Expected = list[tuple[int, int, str]]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        # names that are not known, or missing
        pytest.param(
            GOOD + "    topic: x\n",
            [(9, 5, f"unknown key 'topic' in a room: {KNOWN_IN_ROOM}")],
            id="unknown key of a room",
        ),
        pytest.param(
            GOOD + "colour: x\n", [(9, 1, "unknown key 'colour' in the catalogue")], id="unknown key"
        ),
        pytest.param(
            GOOD + "    flags: [nsfw, loud]\n", [(9, 19, "unknown flag 'loud'")], id="unknown flag of a room"
        ),
        pytest.param(
            GOOD + "flags:\n  loud: noisy\n", [(10, 3, "unknown key 'loud' in flags")], id="unknown flag"
        ),
        pytest.param(
            HEAD + '  - alias: "#a:x.org"\n    category: walk\n',
            [(8, 15, "unknown category 'walk'")],
            id="unknown category",
        ),
        pytest.param(HEAD + "  - category: talk\n", [(7, 5, "a room has no alias")], id="no alias"),
        pytest.param(
            HEAD + '  - alias: "#a:x.org"\n', [(7, 5, "a room has no category")], id="no category of a room"
        ),
        pytest.param(
            "community: {}\n",
            [
                (1, 1, "the catalogue has no categories"),
                (1, 1, "the catalogue has no rooms"),
                (1, 12, "community has no name"),
            ],
            id="no name, no categories, no rooms",
        ),
        # twice
        pytest.param(GOOD + ROOM, [(9, 12, "'#a:x.org' is there already, on line 7")], id="alias twice"),
        pytest.param(
            HEAD.rstrip("\n")
            + ' [{alias: "#a:x.org", category: talk}, {alias: "#a:x.org", category: talk}]\n',
            [(6, 54, "'#a:x.org' is there already, on line 6")],
            id="alias twice on one line",
        ),
        pytest.param(
            GOOD + '  - alias: "#a:y.org"\n    category: talk\n',
            [(9, 12, "the name 'a' is taken, on line 7")],
            id="name twice, on two servers",
        ),
        pytest.param(
            GOOD + 'space:\n  alias: "#a:x.org"\n',
            [(7, 12, "'#a:x.org' is there already, on line 10")],
            id="alias of the space and of a room",
        ),
        pytest.param(
            GOOD + 'space:\n  alias: "#s:x.org"\n  alternatives:\n    - "#s:x.org"\n',
            [(12, 7, "'#s:x.org' is there already, on line 10")],
            id="alternative that is the alias",
        ),
        pytest.param(
            HEAD.replace("rooms:", "  - id: talk\n    title: More talk\nrooms: []"),
            [(6, 9, "the category 'talk' is there twice")],
            id="category twice",
        ),
        pytest.param(
            GOOD + "    category: talk\n", [(9, 5, "the key 'category' is there twice")], id="key twice"
        ),
        # malformed text
        pytest.param(
            HEAD + '  - alias: "a:x.org"\n    category: talk\n',
            [(7, 12, "not a room alias: it does not start with #")],
            id="alias without #",
        ),
        pytest.param(
            HEAD + '  - alias: "#a:x_y.org"\n    category: talk\n',
            [(7, 12, "'x_y.org' is not a server name")],
            id="alias with a malformed server",
        ),
        pytest.param(
            HEAD + '  - alias: "#:x.org"\n    category: talk\n',
            [(7, 12, "'#:x.org' has no name before the colon")],
            id="alias without a name",
        ),
        pytest.param(
            HEAD + '  - alias: "#a\\e:x.org"\n    category: talk\n',
            [(7, 12, "'#a\\x1b:x.org' holds a control character")],
            id="escaped control character in an alias",
        ),
        pytest.param(
            GOOD + '    published_link: "https://example.org/"\n',
            [(9, 21, "neither a matrix.to link nor a matrix: URI")],
            id="link elsewhere",
        ),
        pytest.param(GOOD + "as_of: yesterday\n", [(9, 8, "'yesterday' is not a date")], id="no date"),
        pytest.param(GOOD + "as_of: 2024-02-30\n", [(9, 8, "as_of")], id="date that no calendar has"),
        pytest.param(
            HEAD.replace("id: talk", "id: Small Talk") + "  []\n",
            [(4, 9, "'Small Talk' should be of lower-case letters")],
            id="category with a malformed id",
        ),
        # rooms that are not checked
        pytest.param(
            GOOD + "    check: false\n",
            [(9, 12, "a room with 'check: false' needs a reason")],
            id="unchecked without a reason",
        ),
        pytest.param(
            GOOD + "    check: false\n    reason: ''\n", [(10, 13, "a reason is empty")], id="empty reason"
        ),
        pytest.param(
            GOOD + "    check: false\n    reason:\n",
            [(10, 12, "a reason should be text, and is nothing")],
            id="reason that is nothing",
        ),
        pytest.param(
            GOOD + "    reason: members only\n",
            [(9, 13, "a reason needs 'check: false': this room is checked")],
            id="reason alone",
        ),
        pytest.param(
            GOOD + "    reason: members only\n    check: true\n",
            [(9, 13, "a reason needs 'check: false': this room is checked")],
            id="reason of a checked room",
        ),
        pytest.param(
            GOOD + 'space:\n  alias: "#s:x.org"\n  check: false\n  reason: members only\n',
            [(11, 3, "unknown key 'check' in space"), (12, 3, "unknown key 'reason' in space")],
            id="unchecked space",
        ),
        *(
            pytest.param(
                GOOD + f"    check: {written}\n    reason: members only\n",
                [(9, 12, f"check should be true or false, without quotes, and is {shown}")],
                id=f"check: {written}",
            )
            for written, shown in (
                ("no", "'no'"),
                ("Off", "'Off'"),
                ("fAlse", "'fAlse'"),
                ("0", "'0'"),
                ('"false"', "'false'"),
                ("'\u202e'", r"'\u202e'"),
                ("~", "nothing"),
                ("[false]", "a list"),
                ("{false: true}", "a mapping"),
            )
        ),
        # text that YAML takes for a comment
        pytest.param(
            HEAD + "  - alias: #a:x.org\n    category: talk\n",
            [(7, 11, 'an unquoted # starts a comment in YAML; quote it, as in "#name:example.org"')],
            id="unquoted alias",
        ),
        pytest.param(
            GOOD + "    description: Help, or else #b:x.org\n",
            [(9, 18, "a description ends at an unquoted #")],
            id="description cut at a #",
        ),
        pytest.param(
            GOOD + "    description: Help,\n      or else #b:x.org\n",
            [(9, 18, "a description ends at an unquoted #")],
            id="description of two lines cut at a #",
        ),
        # wrong kinds
        pytest.param(
            GOOD + "    description: 42\n",
            [(9, 18, "a description should be text, and is a number or a truth value; quote it")],
            id="number for text",
        ),
        pytest.param(
            GOOD + "    description: yes\n",
            [(9, 18, "a description should be text, and is a number or a truth value; quote it")],
            id="truth value for text",
        ),
        pytest.param(
            GOOD + "    description: [a]\n",
            [(9, 18, "a description should be text, and is a list")],
            id="list for text",
        ),
        pytest.param(
            HEAD + "  - alias: {a: b}\n    category: talk\n",
            [(7, 12, "an alias should be text, and is a mapping")],
            id="mapping for text",
        ),
        pytest.param(
            GOOD + "    description:\n",
            [(9, 17, "a description should be text, and is nothing")],
            id="nothing",
        ),
        pytest.param(GOOD + '    description: " "\n', [(9, 18, "a description is empty")], id="blank text"),
        pytest.param(
            GOOD + "    flags: nsfw\n", [(9, 12, "flags should be a list, and is text")], id="text for a list"
        ),
        pytest.param(
            GOOD + "    flags: {nsfw: a}\n",
            [(9, 12, "flags should be a list, and is a mapping")],
            id="mapping for a list",
        ),
        pytest.param(
            HEAD + "  - lounge\n", [(7, 5, "a room should be a mapping, and is text")], id="text for a room"
        ),
        pytest.param(
            HEAD.rstrip("\n") + " 3\n",
            [(6, 8, "rooms should be a list, and is a number or a truth value")],
            id="number for a list",
        ),
        pytest.param("- a\n", [(1, 1, "the catalogue should be a mapping, and is a list")], id="list of all"),
        pytest.param("~\n", [(1, 1, "the catalogue should be a mapping, and is nothing")], id="null for all"),
        # YAML that is not read
        pytest.param(
            HEAD + ROOM.replace("- alias", "- &first\n    alias"), [(7, 5, "anchor or alias")], id="anchor"
        ),
        pytest.param(GOOD + "  - *first\n", [(9, 5, "anchor or alias")], id="alias of an anchor"),
        pytest.param(GOOD + "  - <<: *first\n", [(9, 9, "anchor or alias")], id="merge key"),
        pytest.param(
            HEAD + '  - alias: !secret "#a:x.org"\n    category: talk\n', [(7, 12, "tag (!)")], id="tag"
        ),
        pytest.param(
            HEAD + "  - !!python/object/apply:os.system [id]\n", [(7, 5, "tag (!)")], id="tag that runs code"
        ),
        pytest.param(HEAD + "  - alias: !a:x.org\n", [(7, 12, "tag (!)")], id="unquoted room ID"),
        pytest.param(GOOD + "---\na: b\n", [(9, 1, "second document")], id="second document"),
        pytest.param("? [a]\n: b\n", [(1, 3, "a key should be text")], id="key that is a list"),
        pytest.param("", [(1, 1, "is empty")], id="empty file"),
        pytest.param("# nothing here\n\n", [(1, 1, "is empty")], id="comments only"),
        # no YAML at all
        pytest.param(
            HEAD.encode() + b'  - alias: "#\xe9:x.org"\n', [(7, 14, "not UTF-8: byte 0xe9")], id="Latin-1"
        ),
        pytest.param(GOOD.encode("utf-16"), [(1, 1, "not UTF-8: byte 0xff")], id="UTF-16"),
        pytest.param(
            GOOD + '    description: "\u00e9\u00e9 \x1b[2J"\n',
            [(9, 22, "a control character")],
            id="raw control character",
        ),
        pytest.param(GOOD + "\x00", [(9, 1, "a control character")], id="NUL"),
        pytest.param(
            HEAD + "  - alias: @a:x.org\n",
            [(7, 12, "not YAML: while scanning")],
            id="character that opens nothing",
        ),
        pytest.param(HEAD + '\t- alias: "#a:x.org"\n', [(7, 1, "not YAML: while scanning")], id="tab"),
        pytest.param(
            HEAD + '  - alias: "#a:x.org\n', [(8, 1, "not YAML: while scanning a quoted")], id="open quote"
        ),
        # all at once
        pytest.param(
            HEAD
            + '  - alias: "a:x.org"\n    category: walk\n    flags: [loud]\n    topic: x\n'
            + "  - category: talk\n    description: 7\n"
            + "as_of: soon\n",
            [
                (7, 12, "does not start with #"),
                (8, 15, "unknown category 'walk'"),
                (9, 13, "unknown flag 'loud'"),
                (10, 5, "unknown key 'topic'"),
                (11, 5, "a room has no alias"),
                (12, 18, "a description should be text"),
                (13, 8, "not a date"),
            ],
            id="several faults, in the file's order",
        ),
        pytest.param(
            GOOD + "    category: talk\n    alias: b\n",
            [(9, 5, "the key 'category' is there twice"), (10, 5, "the key 'alias' is there twice")],
            id="several keys twice",
        ),
    ],
)
def test_every_fault_is_located_and_described(
    tmp_path: Path, content: str | bytes, expected: Expected
) -> None:
    path = tmp_path / "rooms.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InvalidFileError) as caught:
        reading.load(path)
    assert caught.value.path == str(path)
    assert_faults(caught.value, expected)


def assert_faults(error: InvalidFileError, expected: Expected) -> None:
    assert [fault[:2] for fault in error.faults] == [place[:2] for place in expected], error.faults
    for fault, (_, _, message) in zip(error.faults, expected, strict=True):
        assert message in fault.message


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(GOOD, id="nothing optional"),
        pytest.param("\ufeff" + GOOD, id="byte order mark"),
        pytest.param(GOOD.replace("\n", "\r\n"), id="Windows line ends"),
        pytest.param(GOOD + "# the end\n", id="comment"),
        pytest.param(GOOD + "    description: Help  # really\n", id="comment behind text"),
        pytest.param(GOOD + '    description: "Help, or else #b:x.org"\n', id="quoted #"),
        pytest.param(GOOD + "    description: Help in C#\n", id="# within a word"),
        pytest.param(GOOD + "    description: '42'\n", id="quoted number"),
        pytest.param(GOOD + "    flags: []\n", id="empty list"),
        pytest.param(
            HEAD.replace("title: Talk", "title: Talk\n  - {id: more, title: More}  #todo") + ROOM,
            id="comment behind a mapping on one line",
        ),
        pytest.param("---\n" + GOOD + "...\n", id="document marks"),
        pytest.param(GOOD.replace("\n", "\r"), id="old line ends"),
        pytest.param(GOOD.replace("\n", "\r\n"), id="other line ends"),
    ],
)
def test_what_is_no_fault_is_read(tmp_path: Path, content: str) -> None:
    path = tmp_path / "rooms.yaml"
    path.write_bytes(content.encode())
    assert [room.alias for room in reading.load(path).rooms] == ["#a:x.org"]


@pytest.mark.parametrize(
    ("lines", "unchecked"),
    [
        ("", None),
        ("    check: true\n", None),
        ("    check: TRUE  # always\n", None),
        ("    check: false\n    reason: ' members only '\n", "members only"),
        ("    reason: members only\n    check: False\n", "members only"),
        ("    check: FALSE\n    reason: >\n      members\n      only\n", "members only"),
    ],
)
def test_a_room_is_checked_unless_a_reason_says_why_not(
    tmp_path: Path, lines: str, unchecked: str | None
) -> None:
    path = tmp_path / "rooms.yaml"
    path.write_text(GOOD + lines, encoding="utf-8")
    assert [room.unchecked for room in reading.load(path).rooms] == [unchecked]


def no_file(path: Path) -> None:
    assert not path.exists()


def huge_file(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(files.MAX_BYTES * 100)


def slightly_too_large_file(path: Path) -> None:
    path.write_text(GOOD + "#" * (files.MAX_BYTES + 1 - len(GOOD)), encoding="utf-8")


def alias_bomb(path: Path) -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    path.write_text("\n".join(lines), encoding="utf-8")


def text_file(content: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_text(content, encoding="utf-8")

    return write


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        pytest.param(no_file, (1, 1, "cannot be read: No such file"), id="missing"),
        pytest.param(Path.mkdir, (1, 1, "cannot be read: Is a directory"), id="directory"),
        pytest.param(huge_file, (1, 1, "is larger than 8 MiB"), id="huge"),
        pytest.param(slightly_too_large_file, (1, 1, "is larger than 8 MiB"), id="one byte too large"),
        pytest.param(alias_bomb, (1, 5, "anchor or alias"), id="alias bomb"),
        pytest.param(text_file("[" * 100_000), (1, 34, "is nested more than 32 deep"), id="deep flow lists"),
        pytest.param(
            text_file("- " * 100_000), (1, 67, "is nested more than 32 deep"), id="deep block lists"
        ),
        pytest.param(
            text_file("{a: " * 100_000), (1, 130, "is nested more than 32 deep"), id="deep mappings"
        ),
        pytest.param(text_file("? " * 100_000), (1, 3, "a key should be text"), id="deep keys"),
        pytest.param(
            text_file("[" + "a," * 1_100_000 + "]"), (1, 1_999_999 + 1, "more than 1000000"), id="wide"
        ),
    ],
)
def test_a_hostile_or_unreadable_file_is_refused_at_once(
    tmp_path: Path, make: Callable[[Path], None], expected: tuple[int, int, str]
) -> None:
    path = tmp_path / "rooms.yaml"
    make(path)
    start = perf_counter()
    with pytest.raises(InvalidFileError) as caught:
        reading.load(path)
    assert perf_counter() - start < 30  # far above what a slow machine needs, far below a bomb's growth
    assert_faults(caught.value, [expected])


def test_a_path_that_no_file_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidFileError) as caught:
        reading.load(tmp_path / "a\x00\x1bb")
    assert caught.value.path.endswith("a\\x00\\x1bb")
