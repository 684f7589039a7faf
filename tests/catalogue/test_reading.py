"""Catalogue files: what is read, and every fault at its place."""

from pathlib import Path

import pytest

from stashmatrix.catalogue import reading
from stashmatrix.errors import InvalidFileError
from tests.catalogue.faults import OTHERS_WORDS, Expected, assert_faults
from tests.support.catalogues import HEAD

ROOM = """\
  - alias: "#a:x.org"
    category: talk
"""
GOOD = HEAD + ROOM
IN_ROOM = "(allowed: alias, name, aliases, category, flags, description, published_link, check, reason)"
IN_CATALOGUE = "(allowed: community, source, as_of, space, flags, categories, rooms)"
FLAGS = "(allowed: nsfw, bridged, archived)"

HASH = 'an unquoted # starts a comment in YAML: quote it, as in "#name:example.org"'


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        # names that are not known, or missing
        pytest.param(
            GOOD + "    topic: x\n",
            [(9, 5, f"unknown key 'topic' in a room {IN_ROOM}")],
            id="unknown key of a room",
        ),
        pytest.param(
            GOOD + "colour: x\n",
            [(9, 1, f"unknown key 'colour' in the catalogue {IN_CATALOGUE}")],
            id="unknown key",
        ),
        pytest.param(
            GOOD + "    flags: [nsfw, loud]\n",
            [(9, 19, f"unknown flag 'loud' {FLAGS}")],
            id="unknown flag of a room",
        ),
        pytest.param(
            GOOD + "flags:\n  loud: noisy\n",
            [(10, 3, f"unknown key 'loud' in flags {FLAGS}")],
            id="unknown flag",
        ),
        pytest.param(
            HEAD + '  - alias: "#a:x.org"\n    category: walk\n',
            [(8, 15, "unknown category 'walk'; did you mean talk? (allowed: talk)")],
            id="unknown category",
        ),
        pytest.param(
            "community: {name: Test}\ncategories: []\nrooms:\n" + ROOM,
            [(5, 15, "unknown category 'talk'")],
            id="category of a room without any categories",
        ),
        pytest.param(HEAD + "  - category: talk\n", [(7, 5, "missing key 'alias' in a room")], id="no alias"),
        pytest.param(
            HEAD + '  - alias: "#a:x.org"\n',
            [(7, 5, "missing key 'category' in a room")],
            id="no category of a room",
        ),
        pytest.param(
            "community: {}\n",
            [
                (1, 1, "missing key 'categories' in the catalogue"),
                (1, 1, "missing key 'rooms' in the catalogue"),
                (1, 12, "missing key 'name' in community"),
            ],
            id="no name, no categories, no rooms",
        ),
        # twice
        pytest.param(
            GOOD + ROOM, [(9, 12, "duplicate alias '#a:x.org' (first on line 7)")], id="alias twice"
        ),
        pytest.param(
            HEAD.rstrip("\n")
            + ' [{alias: "#a:x.org", category: talk}, {alias: "#a:x.org", category: talk}]\n',
            [(6, 54, "duplicate alias '#a:x.org' (first on line 6)")],
            id="alias twice on one line",
        ),
        pytest.param(
            GOOD + '    aliases: ["#b:x.org", "#a:x.org"]\n',
            [(9, 27, "duplicate alias '#a:x.org' (first on line 7)")],
            id="alias of a room twice",
        ),
        pytest.param(
            GOOD + '    aliases: ["#b:x.org"]\n  - {alias: "#b:x.org", category: talk}\n',
            [(10, 13, "duplicate alias '#b:x.org' (first on line 9)")],
            id="alias of two rooms",
        ),
        pytest.param(
            GOOD + 'space:\n  alias: "#a:x.org"\n',
            [(10, 10, "duplicate alias '#a:x.org' (first on line 7)")],
            id="alias of the space and of a room",
        ),
        pytest.param(
            GOOD + 'space:\n  alias: "#s:x.org"\n  alternatives:\n    - "#s:x.org"\n',
            [(12, 7, "duplicate alias '#s:x.org' (first on line 10)")],
            id="alternative that is the alias",
        ),
        pytest.param(
            GOOD + 'space:\n  alias: "#s:x.org"\n  alternatives: ["#a:x.org"]\n',
            [(11, 18, "duplicate alias '#a:x.org' (first on line 7)")],
            id="alternative that is a room",
        ),
        pytest.param(
            HEAD.replace("rooms:", "  - id: talk\n    title: More talk\nrooms: []"),
            [(6, 9, "duplicate category 'talk' (first on line 4)")],
            id="category twice",
        ),
        # malformed text
        pytest.param(
            HEAD + '  - alias: "a:x.org"\n    category: talk\n',
            [(7, 12, OTHERS_WORDS)],
            id="alias without #",
        ),
        pytest.param(
            HEAD + '  - alias: "#a:x_y.org"\n    category: talk\n',
            [(7, 12, OTHERS_WORDS)],
            id="alias with a malformed server",
        ),
        pytest.param(
            HEAD + '  - alias: "#:x.org"\n    category: talk\n',
            [(7, 12, "'#:x.org' has no name before the colon")],
            id="alias without a name",
        ),
        pytest.param(
            HEAD + '  - alias: "#a\\e:x.org"\n    category: talk\n',
            [(7, 12, OTHERS_WORDS)],
            id="escaped control character in an alias",
        ),
        pytest.param(
            GOOD + '    published_link: "https://example.org/"\n',
            [(9, 21, OTHERS_WORDS)],
            id="link elsewhere",
        ),
        pytest.param(
            GOOD + "as_of: yesterday\n",
            [(9, 8, "as_of: expected a date such as 2024-01-16, got 'yesterday'")],
            id="no date",
        ),
        pytest.param(
            GOOD + "as_of: 2024-02-30\n", [(9, 8, "as_of: expected a date")], id="date that no calendar has"
        ),
        pytest.param(
            HEAD.replace("id: talk", "id: Small Talk") + "  []\n",
            [(4, 9, "id: expected lower-case letters, digits and single hyphens, got 'Small Talk'")],
            id="category with a malformed id",
        ),
        # rooms that are not checked
        pytest.param(
            GOOD + "    check: false\n",
            [(9, 12, "a room with 'check: false' needs a reason")],
            id="unchecked without a reason",
        ),
        pytest.param(
            GOOD + "    check: false\n    reason: ''\n",
            [(10, 13, "reason: expected text, got ''")],
            id="empty reason",
        ),
        pytest.param(
            GOOD + "    check: false\n    reason:\n",
            [(10, 12, "reason: expected text, got nothing")],
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
            [
                (11, 3, "unknown key 'check' in space (allowed: alias, alternatives)"),
                (12, 3, "unknown key 'reason' in space (allowed: alias, alternatives)"),
            ],
            id="unchecked space",
        ),
        *(
            pytest.param(
                GOOD + f"    check: {written}\n    reason: members only\n",
                [(9, 12, f"check: expected true or false without quotes, got {shown}")],
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
            [(7, 11, f"alias: expected text, got nothing; {HASH}")],
            id="unquoted alias",
        ),
        pytest.param(
            GOOD + "    description: Help, or else #b:x.org\n",
            [(9, 18, "description: an unquoted # starts a comment in YAML; quote the whole text")],
            id="description cut at a #",
        ),
        pytest.param(
            GOOD + "    description: Help,\n      or else #b:x.org\n",
            [(9, 18, "description: an unquoted # starts a comment in YAML; quote the whole text")],
            id="description of two lines cut at a #",
        ),
        # wrong kinds
        pytest.param(
            GOOD + "    description: 42\n",
            [(9, 18, "description: expected text, got a number or a truth value; quote it")],
            id="number for text",
        ),
        pytest.param(
            GOOD + "    description: yes\n",
            [(9, 18, "description: expected text, got a number or a truth value; quote it")],
            id="truth value for text",
        ),
        pytest.param(
            GOOD + "    description: [a]\n",
            [(9, 18, "description: expected text, got a list")],
            id="list for text",
        ),
        pytest.param(
            HEAD + "  - alias: {a: b}\n    category: talk\n",
            [(7, 12, "alias: expected text, got a mapping")],
            id="mapping for text",
        ),
        pytest.param(
            GOOD + "    description:\n",
            [(9, 17, "description: expected text, got nothing")],
            id="nothing",
        ),
        pytest.param(
            GOOD + '    description: " "\n', [(9, 18, "description: expected text, got ' '")], id="blank text"
        ),
        pytest.param(
            GOOD + "    flags: nsfw\n",
            [(9, 12, "flags: expected a list, got text")],
            id="text for a list",
        ),
        pytest.param(
            GOOD + "    flags: {nsfw: a}\n",
            [(9, 12, "flags: expected a list, got a mapping")],
            id="mapping for a list",
        ),
        pytest.param(
            HEAD + "  - lounge\n",
            [(7, 5, "an item of rooms: expected a mapping, got text")],
            id="text for a room",
        ),
        pytest.param(
            GOOD + "    flags: [[nsfw]]\n",
            [(9, 13, "an item of flags: expected text, got a list")],
            id="list for a flag",
        ),
        pytest.param(
            HEAD.rstrip("\n") + " 3\n",
            [(6, 8, "rooms: expected a list, got a number or a truth value")],
            id="number for a list",
        ),
        pytest.param("- a\n", [(1, 1, "the catalogue: expected a mapping, got a list")], id="list of all"),
        pytest.param("~\n", [(1, 1, "the catalogue: expected a mapping, got nothing")], id="null for all"),
        # all at once
        pytest.param(
            HEAD
            + '  - alias: "a:x.org"\n    category: walk\n    flags: [loud]\n    topic: x\n'
            + "  - category: talk\n    description: 7\n"
            + "as_of: soon\n",
            [
                (7, 12, OTHERS_WORDS),
                (8, 15, "unknown category"),
                (9, 13, "unknown flag"),
                (10, 5, "unknown key"),
                (11, 5, "missing key"),
                (12, 18, "description: expected"),
                (13, 8, "as_of: expected"),
            ],
            id="several faults, in the file's order",
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
    assert_faults(caught.value.faults, expected)


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
        pytest.param(GOOD + "    flags: []\n    aliases: []\n", id="empty list"),
        pytest.param(GOOD + "    name: Help desk\n    aliases: ['#a:y.org']\n", id="name and aliases"),
        pytest.param(
            GOOD + 'space: {alias: "#a:y.org", alternatives: ["#a:z.org"]}\n', id="space of that name"
        ),
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
