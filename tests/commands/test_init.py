"""init: a catalogue to begin with."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from stashmatrix.catalogue import fields, yamlfile
from stashmatrix.catalogue.forms import Form, ListOf, Mapping
from stashmatrix.catalogue.nodes import Node
from stashmatrix.catalogue.reading import bundled, load
from tests.support.process import Run


def keys_of(form: Form) -> Iterator[str]:
    match form:
        case ListOf(item):
            yield from keys_of(item)
        case Mapping(fields=keys):
            for key, field in keys.items():
                yield key
                yield from keys_of(field.form)
        case _:
            pass


def keys_in(node: Node) -> Iterator[str]:
    if isinstance(node.value, list):
        for item in node.value:
            yield from keys_in(item)
    elif isinstance(node.value, dict):
        for key, (_, value) in node.value.items():
            yield key
            yield from keys_in(value)


def test_a_catalogue_to_begin_with_is_valid(run: Run, tmp_path: Path) -> None:
    result = run("init")
    assert (result.status, result.stdout) == (0, "")
    assert "--catalogue rooms.yaml uses it" in result.stderr
    assert run("--catalogue", "rooms.yaml", "validate").status == 0
    assert [room.name for room in load(tmp_path / "rooms.yaml").rooms] == ["my-help"]


def test_its_comments_show_every_other_key(tmp_path: Path) -> None:
    advice, _, rest = bundled("starter.yaml").read_text().partition("\n\n")
    assert all(line.startswith("# ") for line in advice.splitlines())
    path = tmp_path / "rooms.yaml"
    path.write_text(re.sub(r"^( *)# ", r"\1", rest, flags=re.MULTILINE))
    load(path)
    assert set(keys_in(yamlfile.load(path).root)) == set(keys_of(fields.CATALOGUE))


def test_it_may_begin_with_the_rooms_of_a_page(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("# Talk\n\n- #a:x.org - Help\n- tea\n")
    result = run("init", "page.md", "-o", "own.yaml")
    assert "page.md: 1 room in 1 category" in result.stderr
    text = (tmp_path / "own.yaml").read_text()
    assert text.startswith(bundled("starter.yaml").read_text().partition("\n\n")[0])
    assert "  # page.md:4: not read: - tea\n" in text
    assert [room.alias for room in load(tmp_path / "own.yaml").rooms] == ["#a:x.org"]


@pytest.mark.parametrize("args", [["init"], ["init", "page.md"]])
def test_it_replaces_no_file(run: Run, tmp_path: Path, args: list[str]) -> None:
    (tmp_path / "page.md").write_text("- #a:x.org\n")
    (tmp_path / "rooms.yaml").write_text("mine")
    result = run(*args)
    assert result.status == 3
    assert result.stderr == "error: rooms.yaml is there already\nhint: -o FILE writes another file\n"
    assert (tmp_path / "rooms.yaml").read_text() == "mine"
