"""The packages, built and installed."""

import subprocess
import sys
from pathlib import Path

import pytest

from stashmatrix import __version__
from stashmatrix.catalogue.reading import bundled
from tests.support.action import INSTALL, added, new_job
from tests.support.process import lines
from tests.support.project import ROOT


def test_the_data_is_found_in_a_bare_checkout() -> None:
    assert bundled("rooms.yaml") == ROOT / "data" / "rooms.yaml"


@pytest.mark.packaging
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
        assert "<svg" in call("fresh/bin/stashmatrix", "page", "export", "--format", "html")
        assert (tmp_path / "fresh" / "share" / "man" / "man1" / "stashmatrix.1").is_file()


@pytest.mark.packaging
def test_a_release_is_installed_by_its_number(tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(releases)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    temp = tmp_path / "temp"
    temp.mkdir()
    job = new_job(tmp_path, temp)
    only_here = {"PIP_FIND_LINKS": releases.as_uri(), "PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1"}
    assert job.do(INSTALL, {"version": "0; touch pwned"}, only_here).status != 0
    assert job.do(INSTALL, {"version": __version__}, only_here).status == 0
    assert list(temp.glob(f"stashmatrix/lib/*/*/stashmatrix-{__version__}.dist-info"))
    assert added(job) == []
