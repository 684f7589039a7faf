"""The pre-commit hooks, run as pre-commit runs them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from tests.support.action import outside
from tests.support.catalogues import CATALOGUE
from tests.support.process import Result
from tests.support.project import ROOT, snippet

pytestmark = pytest.mark.packaging

HOOK_FILES = (".pre-commit-hooks.yaml", "LICENSE", "README.md", "data", "pyproject.toml", "stashmatrix")


@pytest.fixture(scope="module")
def hook_user(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a repository that uses the hooks as the README says; return its folder."""
    folder = tmp_path_factory.mktemp("hook")
    project, user = folder / "project", folder / "user"
    project.mkdir()
    user.mkdir()
    for name in HOOK_FILES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, project / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, project / name)
    git(project, "init", "--quiet")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "All of it")
    configuration = snippet("repos")
    configuration["repos"][0] |= {"repo": str(project), "rev": git(project, "rev-parse", "HEAD").strip()}
    (user / ".pre-commit-config.yaml").write_text(yaml.safe_dump(configuration))
    git(user, "init", "--quiet")
    return user


def git_environment() -> dict[str, str]:
    """Return an environment in which git knows of nobody's settings, and of no repository around."""
    clean = {name: value for name, value in outside().items() if not name.startswith("GIT_")}
    who = {
        f"GIT_{role}_{key}": "test@example.org"
        for role in ("AUTHOR", "COMMITTER")
        for key in ("NAME", "EMAIL")
    }
    return clean | who | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


def git(folder: Path, *args: str) -> str:
    return subprocess.run(
        ["git", *args], cwd=folder, env=git_environment(), check=True, capture_output=True, text=True
    ).stdout


def pre_commit(folder: Path, files: Mapping[str, str]) -> Result:
    """Run the hooks on a repository with just these files."""
    for old in git(folder, "ls-files", "-z").split("\0"):
        if old and old != ".pre-commit-config.yaml":
            (folder / old).unlink()
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    git(folder, "add", "--all")
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color", "never", "--verbose"],
        cwd=folder,
        env=git_environment() | {"PRE_COMMIT_HOME": str(folder.with_name("pre-commit"))},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def test_the_hook_passes_good_catalogues_and_leaves_other_yaml_alone(hook_user: Path) -> None:
    result = pre_commit(
        hook_user,
        {"rooms.yaml": CATALOGUE, "some folder/rooms.yaml": CATALOGUE, "mushrooms.yaml": "rooms: 3\n"},
    )
    assert "rooms.yaml: 4 rooms in 1 category, no faults" in result.stdout
    assert "some folder/rooms.yaml: 4 rooms in 1 category, no faults" in result.stdout
    assert "mushrooms" not in result.stdout
    assert result.status == 0


def test_the_hook_fails_on_bad_catalogues_and_shows_where(hook_user: Path) -> None:
    result = pre_commit(
        hook_user,
        {
            "one/rooms.yaml": "rooms: 3\n",
            "two/rooms.yaml": CATALOGUE,
            "zoo/rooms.yaml": CATALOGUE.replace("#gone:", "gone"),
        },
    )
    assert "one/rooms.yaml:1:8: " in result.stdout
    assert "two/rooms.yaml: 4 rooms in 1 category, no faults" in result.stdout
    assert "zoo/rooms.yaml:9:12: " in result.stdout
    assert result.status == 1


GOOD = "Ask in [our room](https://matrix.to/#/#help:matrix.org), or in #help:matrix.org on Matrix.\n"
WRONG = "[#help:matrix.org](https://matrix.to/#/#other:matrix.org)\n"


def test_the_hook_passes_links_that_may_work_and_asks_nobody(hook_user: Path) -> None:
    result = pre_commit(hook_user, {"README.md": GOOD, "docs/a b.rst": "No link.\n", "a.bin": "\0"})
    assert "2 links: 0 broken\n" in result.stdout
    assert result.status == 0


def test_the_hook_fails_on_links_that_never_work_and_shows_where(hook_user: Path) -> None:
    result = pre_commit(
        hook_user,
        {
            "README.md": GOOD,
            "docs/chat.md": f"# Chat\n\n{WRONG}",
            ".github/SUPPORT.md": "https://matrix.to/#/+group:matrix.org\n",
            # pre-commit names them all, and these are nobody's own words:
            "node_modules/x/README.md": WRONG,
            "tests/test_links.py": f"LINK = '{WRONG.strip()}'\n",
        },
    )
    assert "docs/chat.md:3:20: error[label-mismatch] " in result.stdout
    assert ".github/SUPPORT.md:1:1: error[group-link] " in result.stdout
    assert "4 links in 3 files: 2 broken\n" in result.stdout
    assert result.status == 1


def test_no_file_that_a_stranger_names_is_an_option(hook_user: Path) -> None:
    result = pre_commit(hook_user, {"--report=json=out.json": "No link.\n", "--ignore=*": WRONG, "-h": WRONG})
    assert "--ignore=*:1:20: error[label-mismatch] " in result.stdout
    assert "-h:1:20: error[label-mismatch] " in result.stdout
    assert not (hook_user / "out.json").exists()
    assert result.status == 1


def test_the_hook_compares_the_page_with_the_catalogue_of_the_configuration(hook_user: Path) -> None:
    path = hook_user / ".pre-commit-config.yaml"
    hooks = path.read_text()
    configuration = yaml.safe_load(hooks)
    configuration["repos"][0]["hooks"] = [{"id": "stashmatrix-page", "args": ["chat.md"]}]
    path.write_text(yaml.safe_dump(configuration))
    try:
        result = pre_commit(
            hook_user,
            {
                "rooms.yaml": CATALOGUE,
                "stashmatrix.toml": 'catalogue = "rooms.yaml"\n',
                "chat.md": "<!-- stashmatrix:rooms -->\n<!-- /stashmatrix:rooms -->\n",
            },
        )
    finally:
        path.write_text(hooks)
    assert ": differs from the catalogue" in result.stdout
    assert "\n+- [#" in result.stdout
    assert result.status == 1
