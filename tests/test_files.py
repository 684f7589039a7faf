"""Files: read within bounds, and replaced whole or not at all."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from stashmatrix import files
from stashmatrix.errors import Fault, InvalidFileError, StashmatrixError


@pytest.mark.parametrize("content", [b"a\r\n\xc3\xa9", b"\xef\xbb\xbfa\r\n\xc3\xa9"])
def test_a_file_is_read_as_it_is_without_a_byte_order_mark(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    assert files.read_text(tmp_path / "file") == "a\r\n\u00e9"


def no_file(path: Path) -> None:
    assert not path.exists()


def sparse_file(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(files.MAX_BYTES * 100)


def bytes_of(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        # The operating system says why.
        pytest.param(no_file, "cannot be read: ", id="missing"),
        pytest.param(Path.mkdir, "cannot be read: ", id="folder"),
        pytest.param(
            lambda path: path.symlink_to("/dev/null"),
            "is not an ordinary file: save what a pipe or a device gives to a file first",
            id="device",
        ),
        pytest.param(sparse_file, "is larger than 8 MiB", id="huge"),
        pytest.param(bytes_of(b"#" * (files.MAX_BYTES + 1)), "is larger than 8 MiB", id="a byte too large"),
    ],
)
def test_what_cannot_be_read_has_a_reason_and_no_place(
    make: Callable[[Path], object], reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    make(path)
    with pytest.raises(InvalidFileError) as caught:
        files.read_text(path)
    assert caught.value.faults == ()
    assert caught.value.message.startswith(f"{path} {reason}")


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        pytest.param(
            bytes_of(b"a\n\xc3\xa9 \xe9"), Fault(2, 3, "not UTF-8: byte 0xe9"), id="Latin-1 within UTF-8"
        ),
        pytest.param(bytes_of("a".encode("utf-16")), Fault(1, 1, "not UTF-8: byte 0xff"), id="UTF-16"),
    ],
)
def test_what_is_no_text_is_refused_at_its_place(
    make: Callable[[Path], object], fault: Fault, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    make(path)
    with pytest.raises(InvalidFileError) as caught:
        files.read_text(path)
    (found,) = caught.value.faults
    assert found[:2] == fault[:2]
    assert found.message.startswith(fault.message)


def test_a_file_of_the_greatest_size_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"#" * files.MAX_BYTES)
    assert len(files.read_text(tmp_path / "file")) == files.MAX_BYTES


def test_a_path_that_no_file_can_have_is_refused_and_safe_to_print(tmp_path: Path) -> None:
    with pytest.raises(InvalidFileError) as caught:
        files.read_text(tmp_path / "a\x00\x1bb")
    assert caught.value.path.endswith("a\\x00\\x1bb")


def test_a_file_may_be_as_large_as_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b" " * (files.MAX_BYTES + 1))
    limit = 9 * 1024 * 1024
    assert len(files.read_text(path, limit=limit)) == files.MAX_BYTES + 1
    path.write_bytes(b" " * (limit + 1))
    with pytest.raises(InvalidFileError) as caught:
        files.read_text(path, limit=limit)
    assert caught.value.message.endswith(" is larger than 9 MiB")


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 300_000])
def test_the_bytes_of_a_file_are_read_up_to_a_limit(size: int, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(data := os.urandom(size))
    assert files.read_bytes(str(path), limit=size) == data
    path.write_bytes(data + b"x")
    with pytest.raises(StashmatrixError, match="it is larger than "):
        files.read_bytes(str(path), limit=size)


@pytest.mark.parametrize("size", [10, 100_000])
def test_the_beginning_of_a_file_tells_whether_its_bytes_are_wanted(size: int, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"a" * size)
    assert files.read_bytes(str(path), limit=size, wanted=lambda data: data.startswith(b"a")) == b"a" * size
    assert files.read_bytes(str(path), limit=size, wanted=lambda data: data.startswith(b"b")) is None


@pytest.mark.parametrize("name", ["missing", ".", "pipe", "link to a pipe", "x" * 300, "a\0b"])
def test_no_bytes_are_read_but_those_of_an_ordinary_file(name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link to a pipe").symlink_to("pipe")
    with pytest.raises(StashmatrixError, match=" cannot be read: "):
        files.read_bytes(f"{tmp_path}/{name}", limit=1)


@pytest.mark.parametrize("follow", [True, False])
def test_the_bytes_behind_a_link_are_read_only_if_it_is_to_be_followed(follow: bool, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"a")
    (tmp_path / "link").symlink_to("file")
    if follow:
        assert files.read_bytes(str(tmp_path / "link"), limit=1) == b"a"
    else:
        with pytest.raises(StashmatrixError, match="link cannot be read: "):
            files.read_bytes(str(tmp_path / "link"), limit=1, follow=False)


def test_a_file_is_replaced_through_a_link_and_nothing_else_is_left(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    files.replace(tmp_path / "link", "new \u00e9")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text(encoding="utf-8") == "new \u00e9"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "real"]


def test_a_file_that_is_replaced_is_no_more_open_to_others_than_before(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.touch(0o600)
    files.replace(path, "new")
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", [".", "missing/x", "file/x", "/dev/null", "x" * 300])
def test_what_is_no_file_is_refused_and_left_as_it_is(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    with pytest.raises(StashmatrixError, match="cannot be written"):
        files.replace(tmp_path / name, "new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert not Path("/dev/null").is_file()


def test_text_is_added_to_a_file_that_may_be_missing(tmp_path: Path) -> None:
    files.append(tmp_path / "summary.md", "\u00e9\n")
    files.append(tmp_path / "summary.md", "more\n")
    assert (tmp_path / "summary.md").read_text(encoding="utf-8") == "\u00e9\nmore\n"


@pytest.mark.parametrize("name", [".", "missing/x", "/dev/null", "pipe", "pipe with a reader"])
def test_text_is_added_to_nothing_but_an_ordinary_file(name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    os.mkfifo(tmp_path / "pipe with a reader")
    reader = os.open(tmp_path / "pipe with a reader", os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(StashmatrixError, match="cannot be written"):
        files.append(tmp_path / name, "text")
    assert os.read(reader, 1) == b""
    os.close(reader)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("missing/x", "missing is not a folder"),
        (".", "it is a folder"),
        ("/dev/null", "it is not an ordinary file"),
        ("pipe", "it is not an ordinary file"),
    ],
)
def test_no_file_can_be_where_another_thing_is(
    name: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    with pytest.raises(StashmatrixError) as caught:
        files.check_target(Path(name))
    assert caught.value.message == f"{name} cannot be written: {why}"


@pytest.mark.parametrize("name", ["file", "new", "link"])
def test_a_file_can_be_where_one_is_or_nothing(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    files.check_target(tmp_path / name)


def test_a_file_is_rewritten_whole_with_its_mode_through_a_link_and_nothing_else_is_left(
    tmp_path: Path,
) -> None:
    (tmp_path / "real").write_bytes(b"old\r\n")
    (tmp_path / "real").chmod(0o751)
    (tmp_path / "link").symlink_to("real")
    files.rewrite(tmp_path / "link", b"old\r\n", b"\xff new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"\xff new"
    assert (tmp_path / "real").stat().st_mode & 0o777 == 0o751
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "real"]


@pytest.mark.parametrize("now", [b"older", b"ol", b"new", b""])
def test_a_file_that_is_not_what_it_was_is_not_rewritten(now: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(now)
    with pytest.raises(StashmatrixError, match="file cannot be written: it changed since it was read"):
        files.rewrite(tmp_path / "file", b"old", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", now)]


def test_a_file_that_is_read_only_or_has_a_second_name_or_is_missing_is_not_rewritten(tmp_path: Path) -> None:
    (tmp_path / "fixed").write_bytes(b"old")
    (tmp_path / "fixed").chmod(0o444)
    (tmp_path / "one").write_bytes(b"old")
    (tmp_path / "two").hardlink_to(tmp_path / "one")
    for name in ("fixed", "one", "missing"):
        with pytest.raises(StashmatrixError, match=f"{name} cannot be written: "):
            files.rewrite(tmp_path / name, b"old", b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == dict.fromkeys(
        ("fixed", "one", "two"), b"old"
    )
