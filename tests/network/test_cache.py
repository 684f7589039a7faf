"""The cache of answers: what it keeps, what it refuses, and processes that die or meet in it."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.network import cache
from stashmatrix.network.cache import Cache
from stashmatrix.records.answers import Resolved, Summary
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
    ),
)
HIDDEN = Resolved(room_id=RoomId("!two:example.org"), homeserver=SERVER, hidden=True)
NOW = 1_800_000_000.0
DAY = 86_400.0

# What a process of its own starts with; its arguments follow.
SCRIPT = """
import os, sys
from pathlib import Path
from stashmatrix.records.answers import Resolved
from stashmatrix.network.cache import Cache
from stashmatrix.matrix.identifiers import RoomAlias, RoomId

NOW = 1_800_000_000.0

def opened(path):
    return Cache(Path(path), max_age=86400, now=NOW, warn=lambda line: print(line, flush=True))

def put(cache, name):
    answer = Resolved(room_id=RoomId(f"!{name}:example.org"), homeserver="https://matrix.example.org")
    cache.put(RoomAlias(f"#{name}:example.org"), "", answer)
"""


def refused(line: str) -> None:
    pytest.fail(f"warned: {line}")


def opened(
    path: Path, *, now: float = NOW, max_age: float = DAY, warn: Callable[[str], None] = refused
) -> Cache:
    return Cache(path, max_age=max_age, now=now, warn=warn)


def fill(path: Path) -> None:
    with opened(path) as kept:
        kept.put(A, "", FULL)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


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


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Have another process hold the file locked."""
    script = """
import sqlite3
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""
    process = start(script, path)
    assert process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    try:
        yield
    finally:
        process.communicate(timeout=TIMEOUT)


def run_sql(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
            database.commit()


# What it keeps


@pytest.fixture(scope="module")
def kept() -> Iterator[Cache]:
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder) / "cache.db") as kept:
        yield kept


any_text = st.text(st.characters(exclude_categories=()))
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
    ),
    hidden=st.booleans(),
)


@given(alias=st.sampled_from([A, B]), asked=any_text, answer=resolved)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_answer_comes_back_as_it_was_put(
    kept: Cache, alias: RoomAlias, asked: str, answer: Resolved
) -> None:
    kept.put(alias, asked, answer)
    found = kept.get(alias, asked)
    assert found == answer
    assert found is not None
    assert type(found.room_id) is RoomId


def test_the_answers_here_have_every_field_that_there_is() -> None:
    assert {field.name for field in fields(Resolved)} == {
        "room_id",
        "homeserver",
        "summary",
        "hidden",
        "by_resolver",  # never kept
    }
    assert FULL.summary is not None
    assert None not in {getattr(FULL.summary, field.name) for field in fields(Summary)}


def test_a_later_run_finds_what_an_earlier_one_put_and_no_file_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    with opened(path) as first:
        assert first.get(A, "") is None
        first.put(A, "", PLAIN)
        first.put(A, "", FULL)
        first.put(B, "", HIDDEN)
    with opened(path) as second:
        assert second.get(A, "") == FULL
        assert second.get(B, "") == HIDDEN
    assert names_in(tmp_path) == ["cache.db"]


def test_what_one_server_said_is_no_answer_of_another(tmp_path: Path) -> None:
    with opened(tmp_path / "cache.db") as kept:
        kept.put(A, "http://127.0.0.1:8008", PLAIN)
        assert kept.get(A, "") is None
        assert kept.get(A, "http://127.0.0.1:8009") is None
        assert kept.get(B, "http://127.0.0.1:8008") is None
        assert kept.get(A, "http://127.0.0.1:8008") == PLAIN


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
    fill(tmp_path / "cache.db")
    with opened(tmp_path / "cache.db", now=NOW + later, max_age=max_age) as kept:
        assert kept.get(A, "") == expected


def test_what_is_too_old_is_removed_so_that_the_file_does_not_grow_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    sizes = []
    for run in range(4):
        with opened(path, now=NOW + run * 2 * DAY) as kept:
            for number in range(300):
                kept.put(RoomAlias(f"#{run}-{number}:example.org"), "", FULL)
        sizes.append(path.stat().st_size)
    assert max(sizes[1:]) <= sizes[0] * 1.2
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM answers").fetchall() == [(300,)]


def test_an_empty_file_is_a_new_cache(tmp_path: Path) -> None:
    (tmp_path / "cache.db").touch()
    fill(tmp_path / "cache.db")
    with opened(tmp_path / "cache.db") as kept:
        assert kept.get(A, "") == FULL


def test_names_that_mean_something_to_sqlite_are_files_like_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (":memory:", "file:x?mode=memory", "\udcff.db"):
        fill(Path(name))
        with opened(Path(name)) as kept:
            assert kept.get(A, "") == FULL
        assert Path(name).is_file()


# What it refuses


def text_file(path: Path) -> None:
    path.write_text("version: 1\n")


def another_programs(path: Path) -> None:
    run_sql(path, "PRAGMA application_id = 7", "PRAGMA user_version = 1", "CREATE TABLE bookmarks (url TEXT)")


def another_programs_with_a_log(path: Path) -> None:
    run_sql(path, "PRAGMA journal_mode = WAL", "CREATE TABLE bookmarks (url TEXT)")


def another_version(path: Path) -> None:
    fill(path)
    run_sql(path, f"PRAGMA user_version = {cache.VERSION + 1}")


def with_a_log(path: Path) -> None:
    fill(path)
    run_sql(path, "PRAGMA journal_mode = WAL")


def with_a_trigger(path: Path) -> None:
    fill(path)
    run_sql(
        path, "CREATE TRIGGER t AFTER INSERT ON answers BEGIN UPDATE answers SET at = randomblob(9999); END"
    )


def with_a_view_for_a_table(path: Path) -> None:
    fill(path)
    run_sql(
        path,
        "DROP TABLE answers",
        "CREATE VIEW answers (key, at, answer) AS SELECT '', 0, randomblob(999999999)",
    )


def with_another_column(path: Path) -> None:
    fill(path)
    run_sql(path, "ALTER TABLE answers ADD COLUMN more TEXT")


def cut_short(path: Path) -> None:
    with opened(path) as kept:
        for number in range(300):
            kept.put(RoomAlias(f"#{number}:example.org"), "", FULL)
    os.truncate(path, path.stat().st_size // 2)


def header_only(path: Path) -> None:
    fill(path)
    os.truncate(path, 100)


def overwritten(path: Path) -> None:
    fill(path)
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 4096)


def bad_schema(path: Path) -> None:
    fill(path)
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE", b"CREATE BABLE"))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (text_file, "it is not a cache of stashmatrix"),
        (another_programs, "it is not a cache of stashmatrix"),
        (another_programs_with_a_log, "it is not a cache of stashmatrix"),
        (with_a_trigger, "it is not a cache of stashmatrix"),
        (with_a_view_for_a_table, "it is not a cache of stashmatrix"),
        (with_another_column, "it is not a cache of stashmatrix"),
        (another_version, "it is a cache of another version of stashmatrix"),
        (with_a_log, "it is damaged"),
        (cut_short, "it is damaged"),
        (header_only, "it is damaged"),
        (overwritten, "it is damaged"),
        (bad_schema, "it is damaged"),
        (Path.mkdir, "it is not an ordinary file"),
        (os.mkfifo, "it is not an ordinary file"),
    ],
)
def test_a_file_that_is_no_sound_cache_is_ignored_with_one_warning_and_stays_as_it_is(
    make: Callable[[Path], None], reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "cache.db"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    beside = names_in(tmp_path)
    warnings: list[str] = []
    with opened(path, now=NOW + 2 * DAY, warn=warnings.append) as kept:
        kept.put(A, "", PLAIN)
        assert kept.get(A, "") is None
    assert warnings == [f"{path} is ignored: {reason}; delete it, or name another file"]
    assert (path.read_bytes() if path.is_file() else None) == before
    assert names_in(tmp_path) == beside


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("missing/cache.db", "it cannot be used: unable to open database file; name another file"),
        ("file/cache.db", "it cannot be opened: Not a directory; name another file"),
        ("/proc/cache.db", "it cannot be used: unable to open database file; name another file"),
        ("n\0l", "embedded null"),
        ("x" * 300, "it cannot be opened: File name too long; name another file"),
    ],
)
def test_a_path_that_cannot_be_a_file_is_ignored_with_one_warning(
    path: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    warnings: list[str] = []
    with opened(Path(path), warn=warnings.append) as kept:
        kept.put(A, "", PLAIN)
        assert kept.get(A, "") is None
    (warning,) = warnings
    assert " is ignored: " in warning
    assert reason in warning


def test_a_warning_is_one_harmless_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("::error::\x1b[31m\n\u202e")
    path.write_text("x")
    warnings: list[str] = []
    opened(path, warn=warnings.append)
    (warning,) = warnings
    assert warning.startswith(r"./::error::\x1b[31m\n\u202e is ignored: ")
    assert warning.isprintable()


GOOD_JSON = '["!one:example.org", "https://matrix.example.org", [1, "n", "t", "public", null, "10"], false]'


def test_the_row_that_the_bad_ones_differ_from_is_an_answer(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    fill(path)
    run_sql(path, f"UPDATE answers SET answer = '{GOOD_JSON}'")  # noqa: S608 (ours, all of it)
    with opened(path) as kept:
        found = kept.get(A, "")
    assert found is not None
    assert found.summary == Summary(name="n", topic="t", members=1, join_rule="public", room_version="10")


@pytest.mark.parametrize(
    "change",
    [
        *(
            f"answer = '{GOOD_JSON.replace(old, new)}'"
            for old, new in [
                ("!one:example.org", "one"),
                ('"!one:example.org"', "1"),
                ('"https://matrix.example.org"', "null"),
                ("1,", "1.5,"),
                ("1,", "true,"),
                ("1,", "NaN,"),
                ("1,", f"{'9' * 5000},"),
                ('"n"', "[]"),
                (', "10"', ""),
                ("false", "0"),
                ("false", "false, false"),
                ("]", ""),
            ]
        ),
        "answer = ''",
        "answer = 5",
        "answer = 'null'",
        "answer = '{}'",
        "answer = x'ff00fe'",
        "answer = CAST(x'22ff22' AS TEXT)",
        f"answer = '{'[' * 100_000}'",
        "at = 9e999",
        "at = -9e999",
        "at = 'yesterday'",
        "at = x'00'",
    ],
)
def test_a_row_that_makes_no_sense_is_no_answer_and_gives_way_to_one(change: str, tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    fill(path)
    run_sql(path, f"UPDATE answers SET {change}")  # noqa: S608 (ours, all of it)
    with opened(path) as kept:
        assert kept.get(A, "") is None
        kept.put(A, "", PLAIN)
        assert kept.get(A, "") == PLAIN


def test_a_row_of_an_absurd_size_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    fill(path)
    run_sql(path, "UPDATE answers SET answer = zeroblob(100000000)")
    warnings: list[str] = []
    with opened(path, warn=warnings.append) as kept:
        assert kept.get(A, "") is None
        assert kept.get(A, "") is None
    assert len(warnings) <= 1


# Troubles on the way


def test_a_file_that_was_deleted_meanwhile_ends_the_caching_with_one_warning(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    warnings: list[str] = []
    with opened(path, warn=warnings.append) as kept:
        path.unlink()
        kept.put(A, "", PLAIN)
        kept.put(B, "", PLAIN)
        assert kept.get(A, "") is None
    (warning,) = warnings
    assert warning.startswith(f"{path} is not used any further: ")
    assert names_in(tmp_path) == []


def test_a_file_that_another_process_keeps_locked_is_ignored_with_one_warning(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    fill(path)
    warnings: list[str] = []
    with locked(path), opened(path, warn=warnings.append) as kept:
        kept.put(B, "", PLAIN)
        assert kept.get(A, "") is None
    assert warnings == [f"{path} is ignored: it cannot be used: database is locked; name another file"]
    with opened(path) as again:
        assert again.get(A, "") == FULL


def test_a_lock_in_the_middle_ends_the_caching_with_one_warning(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    warnings: list[str] = []
    with opened(path, warn=warnings.append) as kept:
        kept.put(A, "", FULL)
        with locked(path):
            kept.put(B, "", PLAIN)
            kept.put(B, "", PLAIN)
        assert kept.get(A, "") is None
    assert warnings == [f"{path} is not used any further: database is locked"]
    with opened(path) as again:
        assert again.get(A, "") == FULL


def test_a_full_disk_ends_the_caching_with_one_warning_and_what_was_put_stays(tmp_path: Path) -> None:
    script = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
with opened(sys.argv[1]) as cache:
    for number in range(2000):
        put(cache, number)
"""
    path = tmp_path / "cache.db"
    (warning,) = printed(script, path)
    assert warning.startswith(f"{path} is not used any further: ")
    with opened(path) as kept:
        assert kept.get(RoomAlias("#0:example.org"), "") is not None
        kept.put(A, "", FULL)
    assert names_in(tmp_path) == ["cache.db"]


@pytest.mark.parametrize(("folder_mode", "file_mode"), [(0o777, 0o444), (0o555, 0o666), (0o777, 0o000)])
def test_a_file_or_folder_that_may_not_be_written_gives_one_warning(folder_mode: int, file_mode: int) -> None:
    script = """
if os.geteuid() == 0:
    os.setuid(65534)  # what nobody may write, root may
with opened(sys.argv[1]) as cache:
    put(cache, "new")
    put(cache, "newer")
"""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cache.db"
        fill(path)
        before = path.read_bytes()
        path.chmod(file_mode)
        Path(folder).chmod(folder_mode)
        (warning,) = printed(script, path)
        Path(folder).chmod(0o700)
        path.chmod(0o600)
        assert warning.startswith(f"{path} is ")
        assert path.read_bytes() == before


def test_a_process_killed_while_it_puts_leaves_a_cache_with_all_that_it_had_put(tmp_path: Path) -> None:
    script = """
print("ready", flush=True)
with opened(sys.argv[1]) as cache:
    for number in range(1_000_000):
        put(cache, f"{sys.argv[2]}-{number}")
        print(number, flush=True)
"""
    path = tmp_path / "cache.db"
    seen = 0
    for run in range(12):
        process = start(script, path, str(run))
        assert process.stdout is not None
        # A number that differs from run to run, from before the file is there to far into it.
        lines = [process.stdout.readline() for _ in range(1 + run * random.randrange(40))]  # noqa: S311 (no secret)
        os.kill(process.pid, signal.SIGKILL)
        lines += process.stdout.readlines()
        assert process.wait(TIMEOUT) == -signal.SIGKILL
        process.communicate()
        assert lines[0] == "ready\n"
        numbers = [line for line in lines[1:] if line.endswith("\n")]
        seen += len(numbers)
        with opened(path) as kept:
            for number in numbers:
                assert kept.get(RoomAlias(f"#{run}-{number.strip()}:example.org"), "") is not None
            kept.put(A, "", FULL)
            assert kept.get(A, "") == FULL
    assert seen > 100
    assert names_in(tmp_path) == ["cache.db"]


def test_processes_that_put_at_once_lose_nothing(tmp_path: Path) -> None:
    script = """
sys.stdin.read()
with opened(sys.argv[1]) as cache:
    for number in range(1000):
        put(cache, f"{sys.argv[2]}-{number}")
        put(cache, f"both-{number}")
"""
    path = tmp_path / "cache.db"
    processes = [start(script, path, str(index)) for index in range(3)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    for process in processes:
        assert process.communicate(timeout=TIMEOUT)[0] == ""
        assert process.returncode == 0
    with opened(path) as kept:
        for name in ("0", "1", "2", "both"):
            for number in range(1000):
                assert kept.get(RoomAlias(f"#{name}-{number}:example.org"), "") is not None
    assert names_in(tmp_path) == ["cache.db"]
