"""Files, replaced whole or not at all."""

from pathlib import Path

import pytest

from stashmatrix import files
from stashmatrix.errors import StashmatrixError


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
