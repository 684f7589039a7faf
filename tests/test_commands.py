"""The directory's commands, run as a person runs them: piped, on a terminal, with a browser."""

import csv
import io
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from stashmatrix import __version__
from stashmatrix.catalogue import Catalogue, bundled
from tests.conftest import ANSI, TIMEOUT, Result, Run, RunOnTerminal, command, environment, plain

ROOT = Path(__file__).parent.parent
THEMING = "https://matrix.to/#/#stash-theming:unredacted.org"
EVIL = """\
community:
  name: Evil
categories:
  - id: misc
    title: "::error::title\\x1b[31m"
rooms:
  - alias: "#evil\\u202egnp:example.org"
    category: misc
    description: "a\\x1b]0;owned\\x07b\\u200bc\\nd\\u2028e [bold]f[/bold] :smile:"
"""


def lines(text: str) -> list[str]:
    return text.splitlines()


@pytest.mark.parametrize(
    ("args", "count"),
    [
        ((), 52),
        (("--nsfw",), 18),
        (("--no-nsfw",), 34),
        (("--bridged",), 49),
        (("--no-bridged",), 3),
        (("--archived",), 10),
        (("--nsfw", "--no-archived"), 15),
        (("--nsfw", "--no-bridged"), 1),
        (("-c", "support"), 4),
        (("-c", "support", "--category", "stashdb"), 8),
        (("-c", "support", "--nsfw"), 0),
        (("docker",), 1),
        (("STASH", "ai"), 0),
    ],
)
def test_rooms_filters_combine(run: Run, bundled: Catalogue, args: tuple[str, ...], count: int) -> None:
    result = run("rooms", *args)
    if args == ("STASH", "ai"):
        count = sum(
            "ai" in f"{room.name} {room.description}".casefold()
            and "stash" in f"{room.name} {room.description}".casefold()
            for room in bundled.rooms
        )
    assert len(lines(result.stdout)) == count
    assert result.status == 0
    assert bool(result.stderr) is (count == 0)


def test_piped_rooms_are_one_a_line_between_tabs(run: Run) -> None:
    (line,) = lines(run("rooms", "theming").stdout)
    assert line.split("\t") == [
        "stash-theming",
        "#stash-theming:unredacted.org",
        "contributor",
        "bridged",
        "Discussions related to Stash theming and custom CSS",
    ]


def test_rooms_as_json_have_the_keys_of_the_contract(run: Run) -> None:
    listed = json.loads(run("rooms", "--format", "json").stdout)
    assert len(listed) == 52
    assert listed[21] == {
        "name": "stash-theming",
        "alias": "#stash-theming:unredacted.org",
        "category": "contributor",
        "category_title": "Contributor focused rooms",
        "flags": ["bridged"],
        "description": "Discussions related to Stash theming and custom CSS",
        "link": THEMING,
        "matrix_uri": "matrix:r/stash-theming:unredacted.org",
        "published_link": "https://matrix.to/#/#stash-plugins:unredacted.org",
    }


def test_no_room_as_json_is_an_empty_list_and_as_csv_a_header(run: Run) -> None:
    assert json.loads(run("rooms", "--format", "json", "no such words").stdout) == []
    assert len(lines(run("rooms", "--format", "csv", "no such words").stdout)) == 1


def test_rooms_as_csv_hold_what_json_holds(run: Run) -> None:
    as_json = json.loads(run("rooms", "--format", "json").stdout)
    as_csv = list(csv.DictReader(io.StringIO(run("rooms", "--format", "csv").stdout)))
    assert [row["description"] for row in as_csv] == [room["description"] or "" for room in as_json]
    assert [row["flags"] for row in as_csv] == [",".join(room["flags"]) for room in as_json]
    assert as_csv[0].keys() == as_json[0].keys()


def test_rooms_as_links_are_one_url_a_line(run: Run) -> None:
    assert lines(run("rooms", "--format", "links", "theming").stdout) == [THEMING]


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_the_table_fits_the_terminal_and_cuts_no_alias(
    run_on_terminal: RunOnTerminal, bundled: Catalogue, columns: int
) -> None:
    shown = plain(run_on_terminal("rooms", columns=columns))
    assert max(map(len, lines(shown))) <= columns
    joined = re.sub(r"\s+", "", shown)
    assert all(room.alias in joined for room in bundled.rooms)
    assert all(category.title in shown for category in bundled.categories)
    assert "52 rooms of 52" in shown
    assert "…" not in shown


def test_the_table_tells_flags_in_words_and_counts_what_it_shows(run_on_terminal: RunOnTerminal) -> None:
    shown = run_on_terminal("rooms", "--nsfw", "--archived", env={"NO_COLOR": "1"})
    assert not re.search("\x1b\\[[0-9;]*3[0-9]", shown)  # bold is no colour
    shown = plain(shown)
    assert shown.count("nsfw bridged archived") == 3
    assert "3 rooms of 52" in shown


def test_a_terminal_gets_colour_and_a_pipe_none(run: Run, run_on_terminal: RunOnTerminal) -> None:
    assert ANSI.search(run_on_terminal("rooms"))
    assert "\x1b" not in run("rooms").stdout
    assert "\x1b" not in run("rooms", "--format", "table").stdout
    assert ANSI.search(run("rooms", "--format", "table", env={"FORCE_COLOR": "1"}).stdout)


def test_a_closed_pipe_is_no_error() -> None:
    shell = f"{sys.executable} -m stashmatrix rooms | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", shell], capture_output=True, text=True, check=True, timeout=TIMEOUT, env=environment()
    )
    assert lines(done.stdout)[1:] == ["0"]
    assert done.stderr == ""


@pytest.mark.parametrize("args", [("rooms",), ("rooms", "--format", "table"), ("--help",)])
def test_a_full_disk_is_an_error_in_one_line(args: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command(args),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=TIMEOUT,
            env=environment(),
        )
    assert done.stderr.startswith(b"error: ")
    assert b"cannot be written" in done.stderr
    assert done.returncode == 3


def test_an_encoding_without_the_characters_is_no_traceback(run: Run) -> None:
    result = run("rooms", "--format", "table", "-c", "misc", env={"PYTHONIOENCODING": "ascii"})
    assert result.status == 0
    assert "6 rooms" in result.stdout


@pytest.mark.parametrize("output_format", ["plain", "table", "json", "csv", "links"])
def test_catalogue_text_cannot_reach_the_terminal_raw(run: Run, tmp_path: Path, output_format: str) -> None:
    path = tmp_path / "evil.yaml"
    path.write_text(EVIL)
    result = run("--catalogue", str(path), "rooms", "--format", output_format)
    assert result.status == 0
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e\u2028]",
        result.stdout.replace("\t", "").replace("\r\n", "\n"),
    )
    if output_format == "table":
        assert "[bold]f[/bold]" in result.stdout
        assert ":smile:" in result.stdout


@pytest.mark.parametrize("shell", ["zsh", "fish", "bash"])
def test_completion_hands_no_control_character_to_the_shell(run: Run, tmp_path: Path, shell: str) -> None:
    path = tmp_path / "evil.yaml"
    path.write_text(EVIL)
    words = "stashmatrix show evil"
    env = {
        "STASHMATRIX_CATALOGUE": str(path),
        "_STASHMATRIX_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": words,
        "COMP_CWORD": "2",
        "_TYPER_COMPLETE_ARGS": words,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    shown = run(env=env).stdout
    assert "evil" in shown
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202e\u2028]", shown)


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (("link", "stash-theming"), [THEMING]),
        (
            ("link", "help", "space"),
            [
                "https://matrix.to/#/#stash-help:unredacted.org",
                "https://matrix.to/#/#stashapp:unredacted.org",
            ],
        ),
        (("link", "--scheme", "matrix", "help"), ["matrix:r/stash-help:unredacted.org"]),
        (("open", "-n", "#stash-theming:unredacted.org"), [THEMING]),
        (
            ("open", "--print", "--client", "element", "help"),
            ["https://app.element.io/#/room/#stash-help:unredacted.org"],
        ),
        (("open", "-n", "--client", "matrix", "stashapp"), ["matrix:r/stashapp:unredacted.org"]),
    ],
)
def test_links_are_printed(run: Run, args: tuple[str, ...], expected: list[str]) -> None:
    result = run(*args)
    assert lines(result.stdout) == expected
    assert (result.status, result.stderr) == (0, "")


@pytest.fixture
def browser(tmp_path: Path) -> tuple[Path, Mapping[str, str]]:
    """Return a browser that records its argument, the file it records in, and the way to set it."""
    record = tmp_path / "opened"
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> "{record}"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return record, {"BROWSER": str(script)}


@pytest.mark.parametrize(
    ("args", "urls"),
    [
        (("stash-help",), ["https://matrix.to/#/#stash-help:unredacted.org"]),
        (("theming", "bugs"), [THEMING, "https://matrix.to/#/#stash-bugs:unredacted.org"]),
        (("--client", "matrix", "help"), ["matrix:r/stash-help:unredacted.org"]),
    ],
)
def test_open_hands_the_links_to_the_browser(
    run: Run, browser: tuple[Path, Mapping[str, str]], args: tuple[str, ...], urls: list[str]
) -> None:
    record, env = browser
    result = run("open", *args, env=env)
    assert lines(record.read_text()) == urls
    assert result.stdout == ""
    assert result.status == 0


def test_open_opens_nothing_unless_it_knows_every_room(
    run: Run, browser: tuple[Path, Mapping[str, str]]
) -> None:
    record, env = browser
    assert run("open", "help", "hlep", env=env).status == 2
    assert not record.exists()


def test_open_without_a_browser_prints_the_link_and_says_why(run: Run) -> None:
    # An empty path: none of the browsers that Python knows can be found.
    result = run("open", "theming", env={"PATH": "/nowhere", "BROWSER": "/nowhere/browser"})
    assert lines(result.stdout) == [THEMING]
    assert "browser" in result.stderr
    assert result.status == 3


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("open", "hlep"), "did you mean stash-help?"),
        (("show", "stash-ai"), "stash-ai-projects-feed-the-machine, stash-ai-tagging"),
        (("rooms", "-c", "suport"), "did you mean support?"),
        (("guide", "tip"), "did you mean tips?"),
        (("romos",), "Did you mean 'rooms'?"),
        (("rooms", "--catalogue", "x"), "goes before the command"),
        (("rooms", "--format", "xml"), "'xml'"),
        (("link",), "Missing argument"),
    ],
)
def test_what_does_not_exist_is_a_usage_error_with_a_way_on(
    run: Run, args: tuple[str, ...], said: str
) -> None:
    result = run(*args)
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert said in result.stderr
    assert result.status == 2


def test_show_tells_everything_of_a_room(run: Run) -> None:
    shown = run("show", "theming").stdout
    assert "#stash-theming:unredacted.org" in shown
    assert "published link: https://matrix.to/#/#stash-plugins:unredacted.org" in shown
    assert json.loads(run("show", "theming", "space", "--format", "json").stdout)[1]["alternatives"] == [
        "#stashapp:matrix.im"
    ]


def test_categories_are_in_page_order_with_their_counts(run: Run) -> None:
    listed = [line.split("\t") for line in lines(run("categories").stdout)]
    assert [(row[0], row[2]) for row in listed] == [
        ("matrix", "1"),
        ("stashapp-org", "2"),
        ("support", "4"),
        ("stash", "8"),
        ("stashdb", "4"),
        ("contributor", "10"),
        ("developer", "4"),
        ("stash-box", "2"),
        ("misc", "6"),
        ("bot-feed", "1"),
        ("archived", "10"),
    ]


def test_space_and_homeservers_give_their_addresses(run: Run) -> None:
    assert [line.split("\t")[0] for line in lines(run("space").stdout)] == [
        "#stashapp:unredacted.org",
        "#stashapp:matrix.im",
    ]
    listed = json.loads(run("homeservers", "--format", "json").stdout)
    assert [server["name"] for server in listed] == ["matrix.org", "nitro.chat", "matrix.im", None]


def test_the_guide_reads_well_on_a_terminal(run: Run, run_on_terminal: RunOnTerminal) -> None:
    shown = plain(run_on_terminal("guide"))
    assert max(map(len, lines(shown))) <= 80
    assert "https://calcuode.com/matrix/element-android.html" in shown
    assert "Tips" not in run("guide", "about").stdout
    assert "Tips" in run("guide", "tips").stdout


def test_validate_lists_all_faults_with_their_places(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "rooms.yaml"
    path.write_text(EVIL.replace("category: misc", "category: mics\n    colour: red"))
    result = run("validate", str(path))
    assert [line.partition(": ")[0] for line in lines(result.stdout)] == [f"{path}:8:15", f"{path}:9:5"]
    assert result.stderr.startswith(f"error: {path} cannot be used: 2 faults")
    assert result.status == 3


def test_validate_says_that_a_good_file_is_good(run: Run) -> None:
    result = run("validate")
    assert "52 rooms in 11 categories" in result.stdout
    assert result.status == 0


def test_validate_takes_the_catalogue_of_the_command_line_if_it_names_none(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rooms.yaml").write_text(EVIL)
    assert run("--catalogue", "rooms.yaml", "validate").stdout == (
        "rooms.yaml: 1 room in 1 category, no faults\n"
    )


def test_validate_checks_every_file_to_the_last(run: Run, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(EVIL)
    (tmp_path / "bad.yaml").write_text(EVIL.replace("category: misc", "category: mics"))
    good = "good.yaml: 1 room in 1 category, no faults"
    assert run("validate", "good.yaml", "good.yaml") == Result(0, f"{good}\n{good}\n", "")
    result = run("validate", "missing.yaml", "good.yaml", "bad.yaml", "good.yaml")
    shown = lines(result.stdout)
    assert shown[0].startswith("missing.yaml:1:1: cannot be read")
    assert shown[2].startswith("bad.yaml:8:15: ")
    assert [shown[1], *shown[3:]] == [good, good]
    assert lines(result.stderr) == [
        "error: missing.yaml cannot be used: 1 fault",
        "error: bad.yaml cannot be used: 1 fault",
    ]
    assert result.status == 3


@pytest.mark.parametrize(
    "args",
    [("rooms",), ("categories",), ("show", "x"), ("link", "x"), ("open", "x"), ("space",), ("check-links",)],
)
def test_every_command_refuses_a_bad_catalogue_whole(run: Run, tmp_path: Path, args: tuple[str, ...]) -> None:
    path = tmp_path / "rooms.yaml"
    path.write_text("rooms: 3\n")
    result = run(*args, env={"STASHMATRIX_CATALOGUE": str(path)})
    assert result.stdout == ""
    assert f"{path}:1:8: rooms should be a list" in result.stderr
    assert result.status == 3


def test_a_catalogue_without_a_space_says_so(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "rooms.yaml"
    path.write_text(EVIL)
    assert run("--catalogue", str(path), "space").status == 2


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
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
    run: Run, shell: str, typed: str, value: str, help_text: str
) -> None:
    words = f"stashmatrix {typed}"
    env = {
        "_STASHMATRIX_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
        "_TYPER_COMPLETE_ARGS": words,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    shown = run(env=env).stdout
    assert value in shown
    if shell != "bash":  # whose completion has no place for descriptions
        assert help_text in shown


@pytest.mark.parametrize(
    ("args", "absent"),
    [
        (("--help",), ("httpx", "rich", "asyncio")),
        (("rooms",), ("httpx", "rich", "asyncio")),
        (("open", "-n", "help"), ("httpx", "rich", "asyncio")),
        (("rooms", "--format", "table"), ("httpx", "asyncio")),
    ],
)
def test_a_command_loads_only_what_it_needs(run: Run, args: tuple[str, ...], absent: tuple[str, ...]) -> None:
    result = run(*args, env={"PYTHONPROFILEIMPORTTIME": "1"})
    loaded = {line.rpartition("|")[2].strip() for line in lines(result.stderr)}
    assert "stashmatrix.cli" in loaded
    assert loaded.isdisjoint(absent)


def test_a_completion_request_loads_no_rich(run: Run) -> None:
    env = {"_STASHMATRIX_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "stashmatrix open stash-h"}
    result = run(env={**env, "PYTHONPROFILEIMPORTTIME": "1"})
    loaded = {line.rpartition("|")[2].strip() for line in lines(result.stderr)}
    assert "stash-help" in result.stdout
    assert loaded.isdisjoint({"rich", "httpx"})


def test_version_and_help_at_every_level(run: Run) -> None:
    assert run("--version").stdout == f"stashmatrix {__version__}\n"
    names = re.findall(r"^  ([a-z-]+)  ", run("--help").stdout.partition("Commands:")[2], re.MULTILINE)
    assert names == [
        "rooms",
        "categories",
        "show",
        "link",
        "open",
        "space",
        "homeservers",
        "guide",
        "validate",
        "check-links",
    ]
    assert all(run(name, "-h").stdout.startswith("Usage: ") for name in names)


def test_no_command_at_all_shows_the_help(run: Run) -> None:
    assert run().stdout == run("--help").stdout


def test_our_own_bug_is_one_line_and_a_traceback_on_demand(run: Run, tmp_path: Path) -> None:
    # A broken dependency stands for any bug: nothing of ours expects it.
    (tmp_path / "csv.py").write_text("raise RuntimeError('broken')\n")
    env = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    quiet = run("rooms", "--format", "csv", env=env)
    assert quiet.status == 70
    assert lines(quiet.stderr)[0] == "error: stashmatrix failed: RuntimeError: broken"
    assert "Traceback" not in quiet.stderr
    assert "Traceback" in run("--debug", "rooms", "--format", "csv", env=env).stderr


def test_the_data_is_found_in_a_bare_checkout() -> None:
    assert bundled("rooms.yaml") == ROOT / "data" / "rooms.yaml"


def test_the_built_packages_work_in_a_fresh_environment(tmp_path: Path) -> None:
    def call(*args: str, cwd: Path = tmp_path) -> str:
        return subprocess.run(args, cwd=cwd, check=True, capture_output=True, text=True).stdout

    call(
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "-t",
        "wheel",
        "-t",
        "sdist",
        "-d",
        str(tmp_path),
        cwd=ROOT,
    )
    call(sys.executable, "-m", "venv", "fresh")
    # The second one finds the libraries that the first one brought along.
    for pattern, options in (("*.tar.gz", ()), ("*.whl", ("--no-deps", "--force-reinstall"))):
        (package,) = tmp_path.glob(pattern)
        call("fresh/bin/python", "-m", "pip", "--quiet", "install", *options, str(package))
        assert len(lines(call("fresh/bin/stashmatrix", "rooms", "--nsfw"))) == 18
        assert "Tips" in call("fresh/bin/python", "-m", "stashmatrix", "guide", "tips")
