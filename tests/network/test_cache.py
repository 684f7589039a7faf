"""The cache of answers: what it holds, what it refuses, and processes that die or meet in it."""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stashmatrix.matrix.identifiers import RoomAlias, RoomId, ServerName
from stashmatrix.network import cache
from stashmatrix.network.cache import Cache
from stashmatrix.records.answers import Absent, Answer, Reason, Resolved, Summary, Unknown
from tests.support.process import TIMEOUT, environment

A, B = RoomAlias("#a:example.org"), RoomAlias("#b\u00e9\U0001f600:example.org")
SERVER = "https://matrix.example.org"
PLAIN = Resolved(room_id=RoomId("!one:example.org"), homeserver=SERVER)
FULL = Resolved(
    room_id=RoomId("!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM"),
    homeserver=SERVER,
    summary=Summary(
        name="\ud800\0\U0001f600",
        topic="",
        members=0,
        join_rule="knock",
        room_type="m.space",
        room_version="12",
        canonical_alias=A,
        encryption="m.megolm.v1.aes-sha2",
    ),
)
HIDDEN = Resolved(room_id=RoomId("!two:example.org"), homeserver=SERVER, hidden=True)
NOW = 1_800_000_000.0
DAY = 86_400.0

# What a process of its own starts with; its arguments follow.
SCRIPT = """
import os, sys
from pathlib import Path
from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.network import cache
from stashmatrix.records.answers import Resolved

def opened(path):
    opened = cache.load(Path(path), homeservers={}, way="", max_age=86400, now=1_800_000_000.0)
    if opened.warning is not None:
        print(opened.warning, flush=True)
    return opened

def save(path, name):
    room = Resolved(room_id=RoomId(f"!{name}:example.org"), homeserver="https://matrix.example.org")
    answers = {RoomAlias(f"#{number}:example.org"): room for number in range(1000)}
    warning = cache.save(opened(path), answers)
    if warning is not None:
        print(warning, flush=True)
"""


def opened(
    path: Path,
    *,
    now: float = NOW,
    max_age: float = DAY,
    homeservers: Mapping[ServerName, str] | None = None,
    way: str = "",
) -> Cache:
    """Open a cache that has to be usable."""
    kept = cache.load(path, homeservers=homeservers or {}, way=way, max_age=max_age, now=now)
    assert kept.warning is None
    return kept


def fill(path: Path, answers: Mapping[RoomAlias, Answer] | None = None, *, now: float = NOW) -> None:
    assert cache.save(opened(path, now=now), {A: FULL} if answers is None else answers) is None


def many(names: str, count: int) -> dict[RoomAlias, Answer]:
    return {RoomAlias(f"#{names}-{number}:example.org"): FULL for number in range(count)}


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def sizes_in(folder: Path) -> list[int]:
    """Return the sizes of all files, or none if there is one that vanishes meanwhile."""
    with suppress(FileNotFoundError):
        return [path.stat().st_size for path in folder.iterdir()]
    return []


def start(script: str, *args: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT + script, *args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    )


def printed(script: str, *args: str | Path) -> list[str]:
    """Return the lines that ``script`` printed, which has to end well."""
    process = start(script, *args)
    stdout, _ = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 0
    return stdout.splitlines()


# What it holds


def paired(text: str) -> str:
    """Join the halves of surrogate pairs, as JSON does."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


any_text = st.text(st.characters(exclude_categories=())).map(paired)
maybe_text = st.none() | any_text
resolved = st.builds(
    Resolved,
    room_id=st.from_regex(r"![a-zA-Z0-9_-]{1,43}(:example\.org)?", fullmatch=True).map(RoomId),
    homeserver=any_text,
    summary=st.none()
    | st.builds(
        Summary,
        name=maybe_text,
        topic=maybe_text,
        members=st.integers(),
        join_rule=maybe_text,
        room_type=maybe_text,
        room_version=maybe_text,
        canonical_alias=st.none() | st.sampled_from([A, B]),
        encryption=maybe_text,
    ),
    hidden=st.booleans(),
)


@given(alias=st.sampled_from([A, B]), url=any_text, way=any_text, answer=resolved)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_answer_comes_back_as_it_was_saved(
    tmp_path: Path, alias: RoomAlias, url: str, way: str, answer: Resolved
) -> None:
    path, homeservers = tmp_path / "cache.json", {alias.server_name: url}
    path.unlink(missing_ok=True)
    assert cache.save(opened(path, homeservers=homeservers, way=way), {alias: answer}) is None
    cached = opened(path, homeservers=homeservers, way=way).get(alias)
    assert cached == answer
    assert cached is not None
    assert type(cached.room_id) is RoomId


def test_the_answers_here_have_every_field_that_there_is() -> None:
    assert {field.name for field in fields(Resolved)} == {
        "room_id",
        "homeserver",
        "summary",
        "hidden",
        "by_resolver",  # never cached
    }
    assert FULL.summary is not None
    assert None not in {getattr(FULL.summary, field.name) for field in fields(Summary)}


def test_a_later_run_has_what_an_earlier_one_saved_and_there_is_no_file_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "cache.json"
    first = opened(path)
    assert first.get(A) is None
    assert cache.save(first, {A: PLAIN, B: HIDDEN}) is None
    second = opened(path)
    assert (second.get(A), second.get(B)) == (PLAIN, HIDDEN)
    assert cache.save(second, {A: FULL}) is None
    third = opened(path)
    assert (third.get(A), third.get(B)) == (FULL, HIDDEN)
    assert names_in(tmp_path) == ["cache.json"]


def test_only_rooms_that_the_alias_s_own_server_knows_are_cached(tmp_path: Path) -> None:
    path = tmp_path / "cache.json"
    unknown = Unknown(reason=Reason.UNREACHABLE, detail="nobody is there")
    others: tuple[Answer, ...] = (replace(PLAIN, by_resolver=True), Absent(homeserver=SERVER), unknown)
    fill(path, {RoomAlias(f"#{number}:example.org"): answer for number, answer in enumerate(others)})
    assert opened(path).entries == {}


def test_what_one_api_said_is_no_answer_of_another(tmp_path: Path) -> None:
    path, name = tmp_path / "cache.json", A.server_name
    assert cache.save(opened(path, homeservers={name: "http://127.0.0.1:8008"}), {A: PLAIN}) is None
    assert opened(path).get(A) is None
    assert opened(path, homeservers={name: "http://127.0.0.1:8009"}).get(A) is None
    assert opened(path, homeservers={name: "http://127.0.0.1:8008"}).get(B) is None
    assert opened(path, homeservers={name: "http://127.0.0.1:8008"}).get(A) == PLAIN
    fill(path)
    assert opened(path).get(A) == FULL
    assert opened(path, homeservers={name: "http://127.0.0.1:8008"}).get(A) == PLAIN


def test_what_one_way_led_to_is_no_answer_of_another(tmp_path: Path) -> None:
    path = tmp_path / "cache.json"
    assert cache.save(opened(path, way="allow-private"), {A: PLAIN}) is None
    assert opened(path).get(A) is None
    assert opened(path, way="https=http://proxy.example.org").get(A) is None
    assert opened(path, way="allow-private").get(A) == PLAIN


@pytest.mark.parametrize(
    ("later", "max_age", "expected"),
    [
        (0, 0, FULL),
        (0, DAY, FULL),
        (DAY, DAY, FULL),
        (DAY + 1, DAY, None),
        (DAY + 1, 2 * DAY, FULL),
        (1, 0, None),
        (-1, DAY, None),
    ],
)
def test_an_answer_counts_while_it_is_young_and_not_before_it_was_given(
    later: float, max_age: float, expected: Resolved | None, tmp_path: Path
) -> None:
    fill(tmp_path / "cache.json")
    assert opened(tmp_path / "cache.json", now=NOW + later, max_age=max_age).get(A) == expected


def test_an_answer_does_not_become_younger_by_being_used(tmp_path: Path) -> None:
    path = tmp_path / "cache.json"
    fill(path)
    fill(path, {}, now=NOW + DAY)
    assert opened(path, now=NOW + DAY).get(A) == FULL
    assert opened(path, now=NOW + DAY + 1).get(A) is None


def test_what_is_too_old_is_removed_so_that_the_file_does_not_grow_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "cache.json"
    sizes = []
    for run in range(4):
        fill(path, many(str(run), 300), now=NOW + run * 2 * DAY)
        sizes.append(path.stat().st_size)
    assert len(set(sizes)) == 1
    assert len(opened(path, now=NOW + 6 * DAY).entries) == 300


def test_a_file_is_sorted_ascii_with_one_answer_a_line(tmp_path: Path) -> None:
    answers = many("x", 30) | {A: FULL, B: HIDDEN}
    fill(tmp_path / "one", answers)
    fill(tmp_path / "other", dict(reversed(answers.items())))
    data = (tmp_path / "one").read_bytes()
    assert data.isascii()
    assert data == (tmp_path / "other").read_bytes()
    lines = data.decode().splitlines()[1:-1]
    assert [json.loads(line.rstrip(","))["alias"] for line in lines] == sorted(answers)


def test_an_empty_file_is_a_new_cache(tmp_path: Path) -> None:
    (tmp_path / "cache.json").touch()
    fill(tmp_path / "cache.json")
    assert opened(tmp_path / "cache.json").get(A) == FULL


def test_a_name_may_be_odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (":memory:", "file:x?mode=memory", "\udcff.json"):
        fill(Path(name))
        assert opened(Path(name)).get(A) == FULL
        assert Path(name).is_file()


def test_of_more_than_a_file_may_hold_the_oldest_answers_are_dropped(tmp_path: Path) -> None:
    path, text = tmp_path / "cache.json", "\U0001f600" * 1000
    assert FULL.summary is not None
    summary = replace(FULL.summary, name=text, topic=text, join_rule=text, room_type=text, room_version=text)
    large = replace(FULL, summary=summary)
    count = cache.MAX_BYTES // 60_000 // 2 + 50  # a little more than half of the file
    fill(path, dict.fromkeys(many("old", count), large), now=NOW - 1)
    fill(path, dict.fromkeys(many("new", count), large))
    assert path.stat().st_size <= cache.MAX_BYTES
    kept = Counter(alias.partition("-")[0] for alias, *_ in opened(path).entries)
    assert kept["#new"] == count
    assert 0 < kept["#old"] < count


# What it refuses


def text_file(path: Path) -> None:
    path.write_text("version: 1\n")


def another_programs(path: Path) -> None:
    path.write_text('{"version": 1, "answers": []}\n')


def lock_file(path: Path) -> None:
    path.write_text('{"version": 1, "rooms": {"#a:example.org": "!one:example.org"}}\n')


def database(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + bytes(4080))


def written_anew(path: Path) -> None:
    fill(path)
    path.write_text(json.dumps(json.loads(path.read_text()), indent=2))


def head_cut_short(path: Path) -> None:
    fill(path)
    os.truncate(path, 20)


def change(path: Path, old: str, new: str) -> None:
    fill(path)
    text = path.read_text()
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode("latin-1"))


def another_version(path: Path) -> None:
    change(path, f'"version": {cache.VERSION}', f'"version": {cache.VERSION + 1}')


def another_version_of_another_form(path: Path) -> None:
    path.write_text('{"format": "stashmatrix cache", "version": 7, "rooms": {}}')


def cut_short(path: Path) -> None:
    fill(path, many("x", 300))
    os.truncate(path, path.stat().st_size // 2)


def head_only(path: Path) -> None:
    path.write_text('{"format": "stashmatrix cache", ')


def overwritten(path: Path) -> None:
    fill(path, many("x", 300))
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 4096)


def too_large(path: Path) -> None:
    fill(path)
    os.truncate(path, cache.MAX_BYTES + 1)


def without_answers(path: Path) -> None:
    change(path, '"answers": [', '"rooms": [')


def with_an_object_for_the_list(path: Path) -> None:
    path.write_text(f'{{"format": "stashmatrix cache", "version": {cache.VERSION}, "answers": {{}}}}')


def with_duplicate_keys(path: Path) -> None:
    change(path, '"hidden": false', '"hidden": false, "hidden": true')


def with_deep_nesting(path: Path) -> None:
    change(path, '"hidden": false', f'"hidden": {"[" * 100_000}')


def with_a_huge_number(path: Path) -> None:
    change(path, '"members": 0', f'"members": {"9" * 5000}')


NOT_OURS, DAMAGED = "it is not a cache of stashmatrix; ", "it is damaged"
VERSION, NOT_ORDINARY = "it is a cache of another version of stashmatrix; ", "it is not an ordinary file; "


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (text_file, NOT_OURS),
        (another_programs, NOT_OURS),
        (lock_file, NOT_OURS),
        (database, NOT_OURS),
        (written_anew, NOT_OURS),
        (head_cut_short, NOT_OURS),
        (another_version, VERSION),
        (another_version_of_another_form, VERSION),
        (cut_short, f"{DAMAGED} ("),
        (head_only, f"{DAMAGED} ("),
        (overwritten, f"{DAMAGED} ("),
        (too_large, "it is larger than "),
        (without_answers, f"{DAMAGED}; "),
        (with_an_object_for_the_list, f"{DAMAGED}; "),
        (with_duplicate_keys, f"{DAMAGED} (2:"),
        (with_deep_nesting, f"{DAMAGED} ("),
        (with_a_huge_number, f"{DAMAGED} ("),
        (Path.mkdir, NOT_ORDINARY),
        (os.mkfifo, NOT_ORDINARY),
    ],
)
def test_a_file_that_is_no_sound_cache_is_ignored_with_one_warning_and_stays_as_it_is(
    make: Callable[[Path], None], reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "cache.json"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    beside = names_in(tmp_path)
    kept = cache.load(path, homeservers={}, way="", max_age=DAY, now=NOW)
    assert kept.get(A) is None
    assert kept.warning is not None
    assert kept.warning.startswith(f"{path} is ignored: {reason}")
    assert kept.warning.endswith("name another file")
    assert kept.warning.isprintable()
    assert cache.save(kept, {A: PLAIN}) is None
    assert (path.read_bytes() if path.is_file() else None) == before
    assert names_in(tmp_path) == beside


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("missing/cache.json", "its folder does not exist; name another file"),
        ("file/cache.json", "its folder does not exist; name another file"),
        ("n\0l", "it cannot be read: "),
        ("x" * 300, "it cannot be read: File name too long; name another file"),
    ],
)
def test_a_path_that_cannot_be_a_file_is_ignored_with_one_warning(
    path: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    kept = cache.load(Path(path), homeservers={}, way="", max_age=DAY, now=NOW)
    assert kept.warning is not None
    assert f" is ignored: {reason}" in kept.warning
    assert cache.save(kept, {A: PLAIN}) is None
    assert names_in(tmp_path) == ["file"]


def test_a_path_where_nothing_can_be_written_gives_one_warning() -> None:
    kept = opened(Path("/proc/cache.json"))
    warning = cache.save(kept, {A: PLAIN})
    assert warning is not None
    assert warning.startswith("/proc/cache.json cannot be written: ")


def test_a_warning_is_one_harmless_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("::error::\x1b[31m\n\u202e")
    path.write_text("x")
    warning = cache.load(path, homeservers={}, way="", max_age=DAY, now=NOW).warning
    assert warning is not None
    assert warning.startswith(r"./::error::\x1b[31m\n\u202e is ignored: ")
    assert warning.isprintable()


GOOD: dict[str, Any] = {
    "alias": A,
    "given_url": "",
    "way": "",
    "at": NOW,
    "answer": {
        "room_id": "!one:example.org",
        "homeserver": SERVER,
        "hidden": False,
        "summary": {
            "members": 1,
            "name": "n",
            "topic": "t",
            "join_rule": "public",
            "room_type": None,
            "room_version": "10",
            "canonical_alias": "#name:example.org",
            "encryption": None,
        },
    },
}


def write_entries(path: Path, *entries: str) -> None:
    head = f'{{"format": "stashmatrix cache", "version": {cache.VERSION}, "answers": ['
    path.write_text(f"{head}{', '.join(entries)}]}}")


def test_the_entry_that_the_bad_ones_differ_from_is_an_answer(tmp_path: Path) -> None:
    write_entries(tmp_path / "cache.json", json.dumps(GOOD))
    cached = opened(tmp_path / "cache.json").get(A)
    assert cached is not None
    assert cached.summary == Summary(
        name="n",
        topic="t",
        members=1,
        join_rule="public",
        room_version="10",
        canonical_alias=RoomAlias("#name:example.org"),
    )


@pytest.mark.parametrize(
    "entry",
    [
        *(
            json.dumps(GOOD).replace(old, new)
            for old, new in [
                ("#a:example.org", "a"),
                ('"#a:example.org"', "1"),
                ('"given_url": ""', '"given_url": null'),
                ('"way": ""', '"way": null'),
                ("1800000000.0", "NaN"),
                ("1800000000.0", "9e999"),
                ("1800000000.0", "-9e999"),
                ("1800000000.0", "9" * 4000),
                ("1800000000.0", "true"),
                ("1800000000.0", '"yesterday"'),
                ("1800000000.0", "[]"),
                ("!one:example.org", "one"),
                ('"!one:example.org"', "1"),
                (f'"{SERVER}"', "null"),
                ('"members": 1', '"members": 1.5'),
                ('"members": 1', '"members": true'),
                ('"members": 1', '"members": NaN'),
                ('"n"', "[]"),
                (', "room_version": "10"', ""),
                ("#name:example.org", "name"),
                ("false", "0"),
                ('"summary"', '"about"'),
                ('"answer"', '"answers"'),
            ]
        ),
        "5",
        "null",
        '"x"',
        "{}",
        "[]",
        '{"alias": {"alias": []}}',
    ],
)
def test_an_entry_that_makes_no_sense_is_no_answer_and_gives_way_to_one(entry: str, tmp_path: Path) -> None:
    path = tmp_path / "cache.json"
    assert entry != json.dumps(GOOD)
    write_entries(path, entry, json.dumps(GOOD).replace("#a:", "#other:"))
    kept = opened(path)
    assert kept.get(A) is None
    assert kept.get(RoomAlias("#other:example.org")) is not None
    assert cache.save(kept, {A: PLAIN}) is None
    assert opened(path).get(A) == PLAIN
    assert len(opened(path).entries) == 2


# Troubles on the way


def test_a_file_that_was_deleted_meanwhile_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "cache.json"
    fill(path)
    kept = opened(path)
    path.unlink()
    assert cache.save(kept, {B: PLAIN}) is None
    assert (opened(path).get(A), opened(path).get(B)) == (FULL, PLAIN)


@pytest.mark.parametrize("make", [text_file, Path.mkdir])
def test_what_somebody_else_put_there_meanwhile_stays(make: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "cache.json"
    kept = opened(path)
    make(path)
    before = path.read_bytes() if path.is_file() else None
    warning = cache.save(kept, {A: PLAIN})
    assert warning is not None
    assert warning.startswith(f"{path} cannot be written: ")
    assert (path.read_bytes() if path.is_file() else None) == before
    assert names_in(tmp_path) == ["cache.json"]


def test_a_full_disk_gives_one_warning_and_the_old_file_stays(tmp_path: Path) -> None:
    script = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
save(sys.argv[1], "new")
"""
    path = tmp_path / "cache.json"
    fill(path)
    before = path.read_bytes()
    (warning,) = printed(script, path)
    assert warning.startswith(f"{path} cannot be written: ")
    assert path.read_bytes() == before
    assert names_in(tmp_path) == ["cache.json"]


@pytest.mark.parametrize(("folder_mode", "file_mode"), [(0o777, 0o444), (0o555, 0o666), (0o777, 0o000)])
def test_a_file_or_folder_that_may_not_be_written_gives_one_warning(
    folder_mode: int, file_mode: int, tmp_path: Path
) -> None:
    script = """
for _ in range(2):
    save(sys.argv[2], "first")  # to import all that is needed, which nobody may perhaps not read
if os.geteuid() == 0:
    os.setuid(65534)  # what nobody may write, root may
save(sys.argv[1], "new")
"""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cache.json"
        fill(path)
        before = path.read_bytes()
        path.chmod(file_mode)
        Path(folder).chmod(folder_mode)
        (warning,) = printed(script, path, tmp_path / "other")
        Path(folder).chmod(0o700)
        path.chmod(0o600)
        assert warning.startswith((f"{path} is ignored: ", f"{path} cannot be written: "))
        assert path.read_bytes() == before
        assert names_in(Path(folder)) == ["cache.json"]


def test_a_process_killed_while_it_writes_leaves_the_old_file(tmp_path: Path) -> None:
    script = """
room = Resolved(room_id=RoomId("!new:example.org"), homeserver="https://example.org/" + "x" * 300_000)
answers = {RoomAlias(f"#{number}:example.org"): room for number in range(100)}
before = opened(sys.argv[1])
print("ready", flush=True)
cache.save(before, answers)
"""
    folder = tmp_path / "folder"
    folder.mkdir()
    path = folder / "cache.json"
    left_old = 0
    for _ in range(4):
        fill(path)
        size = path.stat().st_size
        process = start(script, path)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        while sizes_in(folder) in ([], [size]) and process.poll() is None:
            pass
        process.kill()
        process.communicate(timeout=TIMEOUT)
        entries = opened(path).entries
        left_old += len(entries) == 1
        # Where this process was too slow to kill it in the middle, all has been written.
        assert len(entries) in {1, 101}
        for file in folder.iterdir():
            file.unlink()
    assert left_old


def test_of_processes_that_save_at_once_the_last_one_wins(tmp_path: Path) -> None:
    script = """
print("ready", flush=True)
sys.stdin.read()
for _ in range(7):
    save(sys.argv[1], sys.argv[2])
"""
    path = tmp_path / "cache.json"
    fill(path)
    processes = [start(script, path, str(index)) for index in range(3)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    while None in [process.poll() for process in processes]:
        rooms = Counter(entry.answer.room_id for entry in opened(path).entries.values())
        assert sorted(rooms.values()) in ([1], [1, 1000])
    for process in processes:
        assert process.communicate(timeout=TIMEOUT)[0] == ""
        assert process.returncode == 0
    assert len(opened(path).entries) == 1001
    assert names_in(tmp_path) == ["cache.json"]
