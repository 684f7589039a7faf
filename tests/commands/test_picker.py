"""The list of rooms that ``open`` shows on a terminal."""

from base64 import b64encode
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGTERM

import pytest

from stashmatrix.commands.picker import State, pressed
from tests.support.process import Run, lines
from tests.support.screens import person

DOWN, UP, ESCAPE, CTRL_C, CTRL_U, BACKSPACE = "\x1b[B", "\x1bOA", "\x1b", "\x03", "\x15", "\x7f"
ENTER_SCREEN, LEAVE_SCREEN = b"\x1b[?1049h\x1b[?25l", b"\x1b[?25h\x1b[?1049l"
BUGS = "https://matrix.to/#/#stash-bugs:unredacted.org"


@pytest.mark.parametrize(
    ("state", "key", "after"),
    [
        (State(), "d", State("d", is_typing=True)),
        (State("do", 3, is_typing=True), "c", State("doc", is_typing=True)),
        (State("do"), "k", State("dok", is_typing=True)),
        (State(), "/", State(is_typing=True)),
        (State("a", is_typing=True), "/", State("a/", is_typing=True)),
        (State("doc", is_typing=True), "backspace", State("do", is_typing=True)),
        (State(), "backspace", State(is_typing=True)),
        (State("doc", 2), "clear", State(is_typing=True)),
        (State("doc", is_typing=True), "down", State("doc", 1)),
        (State("doc", 9), "down", State("doc", 9)),
        (State("doc", 0), "up", State("doc", 0)),
        (State("doc", 1), "page down", State("doc", 6)),
        (State("doc", 7), "page down", State("doc", 9)),
        (State("doc", 7), "page up", State("doc", 2)),
        (State("doc", 7), "home", State("doc", 0)),
        (State("doc", 7), "end", State("doc", 9)),
        (State("doc", 7), "tab", State("doc", 7, is_typing=True)),
        (State("doc", 7, is_typing=True), "tab", State("doc", 7)),
        (State("doc", 7), "resize", State("doc", 7)),
    ],
)
def test_a_key_moves_or_is_a_letter(state: State, key: str, after: State) -> None:
    assert pressed(state, key, matches=10, page=5) == after


def test_nothing_is_chosen_where_no_room_matches() -> None:
    assert pressed(State("zzz", is_typing=True), "down", matches=0, page=5) == State("zzz")


@pytest.fixture
def browser(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """Return the file in which a browser records what it opens, and the way to set it."""
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> "{tmp_path}/opened"\n')
    script.chmod(0o755)
    return tmp_path / "opened", {"BROWSER": str(script)}


def test_a_room_is_found_by_typing_and_opened(tmp_path: Path, browser: tuple[Path, dict[str, str]]) -> None:
    record, env = browser
    with person(tmp_path, "open", env=env) as somebody:
        somebody.sees_chosen("stash-general-unbridged")
        somebody.press("bugz")
        somebody.sees(lambda shown: shown[1] == "no room matches")
        somebody.press("\r")  # opens nothing
        somebody.press(f"{BACKSPACE}s")
        somebody.sees(lambda shown: shown[0].startswith("search bugs") and shown[0].endswith("1 of 52"))
        somebody.sees_chosen("stash-bugs")
        somebody.press("\r")
        assert somebody.waits() == 0
    assert record.read_text() == f"{BUGS}\n"
    assert somebody.sent.endswith(f"opening {BUGS}\r\n".encode())


def test_a_link_is_copied_and_shown_as_a_qr_code(run: Run, tmp_path: Path) -> None:
    with person(tmp_path, "open", "--client", "element") as somebody:
        somebody.sees_chosen("stash-general-unbridged")
        somebody.press(f"bug{DOWN}{UP}")
        somebody.sees_chosen("stash-bugs")
        somebody.press("c")
        somebody.sees(lambda shown: "copied" in shown[-1])
        link = "https://app.element.io/#/room/#stash-bugs:unredacted.org"
        assert f"\x1b]52;c;{b64encode(link.encode()).decode()}\x07".encode() in somebody.sent
        somebody.press("q")
        somebody.sees(lambda shown: "any key goes back" in shown)
        _, *code = lines(run("link", "bugs", "--client", "element", "--qr").stdout)
        assert somebody.lines[: len(code)] == code
        somebody.press("q")
        somebody.sees_chosen("stash-bugs")
        somebody.press(ESCAPE)
        assert somebody.waits() == 0


def test_the_list_follows_the_size_of_the_terminal(tmp_path: Path) -> None:
    with person(tmp_path, "open", size=(40, 8)) as somebody:
        somebody.sees_chosen("stash-general-unbridged")
        assert somebody.lines[-1] == "Enter open  c copy  q QR  Esc leave"
        somebody.press("\x1b[F")  # the last one
        somebody.sees(lambda shown: shown[-2].startswith("> "))
        somebody.press("q")
        somebody.sees(lambda shown: shown[-1].startswith("the QR code needs "))
        somebody.resizes(120, 30)
        somebody.sees(lambda shown: shown[-1].endswith("type to search   Esc leaves"))
        somebody.sees(lambda shown: shown[-2].startswith("> "))
        somebody.resizes(12, 2)
        somebody.sees(lambda shown: shown[1].startswith("> ") and shown[1].endswith("…"))


@pytest.mark.parametrize(
    ("way", "status"),
    [(ESCAPE, 0), (CTRL_C, 130), (SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129), ("\r", 3)],
    ids=["Esc", "Ctrl-C", "SIGINT", "SIGTERM", "SIGHUP", "Enter without a browser"],
)
def test_every_way_out_leaves_the_terminal_as_it_was(tmp_path: Path, way: str | int, status: int) -> None:
    with person(tmp_path, "open", env={"BROWSER": "/nowhere/browser", "PATH": "/nowhere"}) as somebody:
        somebody.sees_chosen("stash-general-unbridged")
        assert somebody.terminal != somebody.usual
        if isinstance(way, str):
            somebody.press(way)
        else:
            somebody.process.send_signal(way)
        assert somebody.waits() == status
        assert somebody.terminal == somebody.usual
    assert somebody.sent.startswith(ENTER_SCREEN)
    assert somebody.sent.count(LEAVE_SCREEN) == 1
    assert b"Traceback" not in somebody.sent


def test_the_chosen_room_stands_out_without_colour(tmp_path: Path) -> None:
    with person(tmp_path, "open", env={"NO_COLOR": "1"}) as somebody:
        somebody.sees_chosen("stash-general-unbridged")
        assert b"\x1b[7m" in somebody.sent
        assert b"\x1b[3" not in somebody.sent


def test_without_a_terminal_a_room_has_to_be_named(run: Run, tmp_path: Path) -> None:
    result = run("open")
    assert (result.status, result.stdout) == (2, "")
    with person(tmp_path, "open", env={"TERM": "dumb"}) as somebody:
        assert somebody.waits() == 2
    assert b"no terminal to choose one on" in somebody.sent
