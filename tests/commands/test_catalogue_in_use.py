"""Which catalogue the commands use, and that they say so."""

from pathlib import Path

import pytest

from tests.support.catalogues import CATALOGUE, write_catalogue
from tests.support.process import Run, lines

USING = "using the catalogue own/rooms.yaml"
HINT = "hint: rooms.yaml in this folder is not used; --catalogue rooms.yaml uses it"

COMMANDS = [
    ("rooms",),
    ("categories",),
    ("show", "stash-help"),
    ("link", "stash-help"),
    ("open", "-n", "stash-help"),
    ("space",),
    ("validate",),
    ("page", "export"),
]


@pytest.fixture
def own(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    write_catalogue(tmp_path / "own", CATALOGUE + 'space:\n  alias: "#space:unredacted.org"\n')


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_says_that_it_uses_another_catalogue(run: Run, command: tuple[str, ...]) -> None:
    result = run("--catalogue", "own/rooms.yaml", *command)
    assert (result.status, result.stderr) == (0, USING + "\n")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_catalogue_in_the_working_directory_is_named_and_not_used(
    run: Run, tmp_path: Path, command: tuple[str, ...]
) -> None:
    assert run(*command).stderr == ""
    (tmp_path / "rooms.yaml").write_text("no catalogue at all")
    result = run(*command)
    assert (result.status, result.stderr) == (0, HINT + "\n")


@pytest.mark.usefixtures("own")
def test_the_command_line_counts_before_the_variable_and_that_before_the_configuration(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "stashmatrix.toml").write_text('catalogue = "own/rooms.yaml"\n')
    assert lines(run("rooms").stderr) == [USING]
    env = {"STASHMATRIX_CATALOGUE": "variable.yaml"}
    assert run("rooms", env=env).stderr.startswith("error: variable.yaml ")
    assert lines(run("--catalogue", "own/rooms.yaml", "rooms", env=env).stderr) == [USING]
    assert run("--no-config", "rooms").stderr == ""


@pytest.mark.usefixtures("own")
def test_check_links_says_it_of_any_catalogue(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rooms.yaml").touch()
    bundled = lines(run("check-links", "--offline").stderr)
    assert bundled[0].startswith("checking the catalogue ")
    assert bundled[1] == HINT
    own = lines(run("--catalogue", "own/rooms.yaml", "check-links", "--offline").stderr)
    assert own == ["checking the catalogue own/rooms.yaml", "5 links: 0 broken"]


@pytest.mark.usefixtures("own")
def test_a_completion_uses_the_catalogue_of_the_configuration(run: Run, tmp_path: Path) -> None:
    (tmp_path / "stashmatrix.toml").write_text('catalogue = "own/rooms.yaml"\n')
    typed = "stashmatrix show gone"
    env = {"_STASHMATRIX_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": "2"}
    assert lines(run(env=env).stdout) == ["gone", "gone-too"]
    (tmp_path / "stashmatrix.toml").write_text("catalogue = 7\n")
    broken = run(env=env)
    assert (broken.stdout.strip(), broken.stderr) == ("", "")
