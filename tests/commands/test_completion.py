"""What the shell is offered."""

import re
from pathlib import Path

import pytest

from tests.support.catalogues import EVIL
from tests.support.process import Run, lines


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


def test_a_completion_request_loads_no_rich(run: Run) -> None:
    env = {"_STASHMATRIX_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "stashmatrix open stash-h"}
    result = run(env={**env, "PYTHONPROFILEIMPORTTIME": "1"})
    loaded = {line.rpartition("|")[2].strip() for line in lines(result.stderr)}
    assert "stash-help" in result.stdout
    assert loaded.isdisjoint({"rich", "httpx"})
