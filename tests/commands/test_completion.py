"""What the shells are offered at the press of Tab, and that they run none of it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.process import Result, Run, lines
from tests.support.shells import INSTALLED, SHELLS, Shell, interactive

# Inserted unquoted, or evaluated once more than Typer's quoting reckons with, they leave a file named pwned.
COMMANDS = [";touch pwned;$(touch pwned)", r"\$(touch pwned)", r"\`touch pwned\`"]
PLAIN_NAMES = ["help", "Stash.Help_2-x", "_", "7"]
OTHER_NAMES = ["-rf", "é", "a b", *"'\"\\`$(){}[]<>|&;*?!~=#%^,+/@"]

Complete = Callable[[str, str], Result]
"""Have stashmatrix write what a shell asks of it for the words that are typed."""


@pytest.fixture
def complete(run: Run, tmp_path: Path) -> Complete:
    def call(shell: str, typed: str) -> Result:
        words = f"stashmatrix {typed}"
        env = {
            "STASHMATRIX_CATALOGUE": str(tmp_path / "rooms.yaml"),
            "_STASHMATRIX_COMPLETE": f"complete_{shell}",
            "COMP_WORDS": words,
            "COMP_CWORD": str(words.count(" ")),
            "_TYPER_COMPLETE_ARGS": words,
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        }
        if not (tmp_path / "rooms.yaml").exists():
            del env["STASHMATRIX_CATALOGUE"]
        return run(env=env)

    return call


@pytest.fixture(scope="module", params=INSTALLED)
def shell(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """Start each of the shells; its catalogue is ``rooms.yaml`` in the folder above its own."""
    home = tmp_path_factory.mktemp(request.param)
    with interactive(request.param, home, {"STASHMATRIX_CATALOGUE": str(home / "rooms.yaml")}) as shell:
        yield shell


def write_rooms(
    folder: Path, *rooms: tuple[str, str | None], title: str = "Support", community: str = "Test"
) -> None:
    """Write a catalogue of these names and descriptions, and of a space; JSON is YAML, too."""
    catalogue = {
        "community": {"name": community, "prefix": "stash-"},
        "space": {"alias": "#stash-space:example.org"},
        "categories": [{"id": "support", "title": title}],
        "rooms": [
            {"alias": f"#{name}:example.org", "category": "support"}
            | ({} if description is None else {"description": description})
            for name, description in rooms
        ],
    }
    (folder / "rooms.yaml").write_text(json.dumps(catalogue, ensure_ascii=False))


@pytest.mark.parametrize("text", COMMANDS)
def test_no_shell_runs_what_a_catalogue_says(shell: Shell, text: str) -> None:
    rooms = [("stash-one", text), ("stash-two", None), (f"zz{text}", text)]
    write_rooms(shell.folder.parent, *rooms, title=text, community=text)
    completed = [shell.complete(f"stashmatrix show {typed}") for typed in ("sta", "zz")]
    assert shell.take_files() == []
    # Of two rooms and the space Tab inserts what their names share; of the third room nothing.
    assert completed == ["stashmatrix show stash-", "stashmatrix show zz"]


def test_no_shell_runs_the_title_of_a_category(shell: Shell) -> None:
    write_rooms(shell.folder.parent, title=r"\$(touch pwned)")
    assert shell.complete("stashmatrix rooms -c s") == "stashmatrix rooms -c support "
    assert shell.take_files() == []


@pytest.mark.parametrize("shell_name", {"zsh"}.intersection(INSTALLED))
def test_no_encoding_makes_a_command_of_letters(tmp_path: Path, shell_name: str) -> None:
    letter = "乣"  # whose second byte is a backquote in GBK
    assert letter.encode("gbk")[1:] == b"`"
    write_rooms(tmp_path, ("stash-one", f"{letter} touch pwned {letter}"))
    env = {"STASHMATRIX_CATALOGUE": str(tmp_path / "rooms.yaml"), "PYTHONIOENCODING": "gbk"}
    with interactive(shell_name, tmp_path, env) as shell:
        assert shell.complete("stashmatrix show stash-o") == "stashmatrix show stash-one "
        assert shell.take_files() == []


def test_every_shell_completes_commands_and_options(shell: Shell) -> None:
    write_rooms(shell.folder.parent)
    assert shell.complete("stashmatrix val") == "stashmatrix validate "
    assert shell.complete("stashmatrix rooms --nsf") == "stashmatrix rooms --nsfw "
    assert shell.complete("stashmatrix rooms --quie") == "stashmatrix rooms --quiet "


@pytest.mark.parametrize("shell_name", INSTALLED)
def test_every_shell_completes_a_program_that_is_not_on_its_path(tmp_path: Path, shell_name: str) -> None:
    with interactive(shell_name, tmp_path, {"PATH": "/usr/bin:/bin"}) as shell:
        assert shell.complete("../bin/stashmatrix val") == "../bin/stashmatrix validate "
        assert shell.complete("~/bin/stashmatrix val") == "~/bin/stashmatrix validate "


def test_words_for_rooms_are_no_files(shell: Shell) -> None:
    write_rooms(shell.folder.parent, ("stash-docker", None))
    (shell.folder / "documents").touch()
    assert shell.complete("stashmatrix rooms do") == "stashmatrix rooms docker "
    assert shell.complete("stashmatrix rooms doc -c sup") == "stashmatrix rooms doc -c support "
    assert shell.complete("stashmatrix rooms docu") == "stashmatrix rooms docu "
    assert shell.complete("stashmatrix rooms brid") == "stashmatrix rooms bridged "
    shell.take_files()


def test_every_shell_lists_rooms(shell: Shell) -> None:
    write_rooms(shell.folder.parent, ("stash-one", "First"), ("stash-two", None))
    # Bash has no place for descriptions.
    shell.list_candidates(
        "stashmatrix show stash-", expected="stash-one" if shell.name == "bash" else "First"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('It\'s (more or less) "new", v1.2-3_4/5+', "It\u2019s more or less new, v1.2-3_4/5+"),
        ("a:b;c&d|e<f>g#h*i?j!k~l=m^n%o@p", "a b c d e f g h i j k l m n o p"),
        ("a $b ${c} $(d) `e` f\\g \\", "a b c d e f g"),
        (" a\tb\nc\r\u2028d\x1b[31me\x00\u202e\u200b ", "a b c d 31me"),
        ("Ünïcode, हिन्दी, ไทย, 日本語。«да»…", "Ünïcode, हिन्दी, ไทย, 日本語。«да»…"),
        ("$(`'", "\u2019"),
        ("::", ""),
    ],
)
def test_descriptions_are_letters_digits_blanks_and_harmless_punctuation(
    complete: Complete, tmp_path: Path, text: str, expected: str
) -> None:
    write_rooms(tmp_path, ("one", text), ("two", None), title=text, community=text)
    shown = lines(complete("fish", "show ").stdout)
    space = f"the {expected} space".replace("  ", " ")
    descriptions = {"one": expected, "two": expected, "stash-space": space, "space": space}
    assert [line.split("\t") for line in shown] == [
        [name, description] if description else [name] for name, description in descriptions.items()
    ]


def test_only_plain_names_are_offered(complete: Complete, tmp_path: Path) -> None:
    write_rooms(tmp_path, *((name, None) for name in (*PLAIN_NAMES, *OTHER_NAMES)))
    assert lines(complete("bash", "show ").stdout) == [*PLAIN_NAMES, "stash-space", "space"]


def test_only_plain_names_are_offered_without_their_prefix(complete: Complete, tmp_path: Path) -> None:
    names = [f"stash-x{name}" for name in (*PLAIN_NAMES, *OTHER_NAMES)]
    write_rooms(tmp_path, *((name, None) for name in names))
    # A hyphen in the middle makes no option of a name.
    assert lines(complete("bash", "show x").stdout) == [f"x{name}" for name in (*PLAIN_NAMES, "-rf")]


@pytest.mark.parametrize("shell_name", SHELLS)
@pytest.mark.parametrize(
    ("typed", "value", "help_text"),
    [
        ("rooms -c supp", "support", "Support rooms"),
        ("open stash-the", "stash-theming", "Discussions related to Stash theming"),
        ("open theming", "theming", "Discussions related to Stash theming"),
        ("guide ti", "tips", "Tips"),
    ],
)
def test_completion_offers_names_with_their_descriptions(
    complete: Complete, shell_name: str, typed: str, value: str, help_text: str
) -> None:
    shown = complete(shell_name, typed).stdout
    assert value in shown
    if shell_name != "bash":
        assert help_text in shown


@pytest.mark.parametrize("shell_name", SHELLS)
@pytest.mark.parametrize("content", [b"rooms: []\n", b"\xff"])
def test_a_broken_catalogue_offers_no_rooms_and_says_nothing(
    complete: Complete, tmp_path: Path, shell_name: str, content: bytes
) -> None:
    (tmp_path / "rooms.yaml").write_bytes(content)
    nothing = {"bash": "", "zsh": "_files", "fish": ""}[shell_name]  # zsh goes on with the names of files
    assert complete(shell_name, "show s") == Result(0, nothing + "\n", "")


def test_an_apostrophe_stays_one(complete: Complete) -> None:
    assert "the space\u2019s addresses" in complete("zsh", "spac").stdout


def test_options_that_print_something_print_nothing_into_a_completion(complete: Complete) -> None:
    expected = complete("zsh", "guide ti").stdout
    assert complete("zsh", "--version guide ti").stdout == expected
    assert complete("zsh", "--help guide ti").stdout == expected


def test_a_completion_request_loads_no_rich(run: Run) -> None:
    env = {"_STASHMATRIX_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "stashmatrix open stash-h"}
    result = run(env={**env, "PYTHONPROFILEIMPORTTIME": "1"})
    loaded = {line.rpartition("|")[2].strip() for line in lines(result.stderr)}
    assert "stash-help" in result.stdout
    assert loaded.isdisjoint({"rich", "httpx"})
