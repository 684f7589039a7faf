"""validate: good catalogues, and all faults of bad ones."""

from pathlib import Path

from tests.support.catalogues import EVIL
from tests.support.process import Result, Run, lines


def test_validate_lists_all_faults_with_their_places(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "rooms.yaml"
    path.write_text(EVIL.replace("category: misc", "category: mics\n    colour: red"))
    result = run("validate", str(path))
    assert [line.partition(": ")[0] for line in lines(result.stdout)] == [f"{path}:8:15", f"{path}:9:5"]
    assert result.stderr.startswith(f"error: {path} cannot be used: 2 faults")
    assert result.status == 3


def test_validate_lists_a_hundred_faults_and_counts_the_others(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rooms.yaml").write_text(EVIL + "".join(f"key-{number}: x\n" for number in range(5000)))
    result = run("validate", "rooms.yaml")
    shown = lines(result.stdout)
    assert len(shown) == 101
    assert shown[-1] == "rooms.yaml: 4900 more faults"
    assert result.stderr == "error: rooms.yaml cannot be used: 5000 faults\n"
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
    assert shown[1].startswith("bad.yaml:8:15: ")
    assert [shown[0], *shown[2:]] == [good, good]
    assert lines(result.stderr) == [
        "error: missing.yaml cannot be read: No such file or directory",
        "error: bad.yaml cannot be used: 1 fault",
    ]
    assert result.status == 3
