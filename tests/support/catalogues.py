"""Catalogues for the tests, as text."""

from pathlib import Path


def catalogue_of(*aliases: str, space: str | None = None) -> str:
    """Write a catalogue: its first room's alias is on line 7, and each next one two lines further down."""
    head = "community:\n  name: Test\ncategories:\n  - id: support\n    title: Support\n"
    middle = "" if space is None else f'space:\n  alias: "{space}"\n'
    rooms = "".join(f'  - alias: "{alias}"\n    category: support\n' for alias in aliases)
    return f"{head}{middle}rooms:\n{rooms}"


CATALOGUE = catalogue_of(
    "#stash-help:unredacted.org",
    "#gone:unredacted.org",
    "#stash-bugs:unredacted.org",
    "#gone-too:unredacted.org",
)
"""Two rooms that the bundled catalogue has, and two that are gone."""

NOWHERE = CATALOGUE.replace("unredacted.org", "nowhere.invalid")
"""On a server whose name cannot resolve: RFC 6761."""


def write_catalogue(folder: Path, text: str) -> str:
    """Write ``rooms.yaml`` and return its path."""
    path = folder / "rooms.yaml"
    path.write_text(text)
    return str(path)


HEAD = """\
community:
  name: Test
categories:
  - id: talk
    title: Talk
rooms:
"""
"""Six lines, so that the rooms begin on line 7."""

EVIL = """\
community:
  name: Evil
categories:
  - id: misc
    title: "::error::title\\x1b[31m"
rooms:
  - alias: "#evil\\u202egnp:example.org"
    category: misc
    description: "a\\x1b]0;owned\\x07b\\u200bc\\nd\\u2028e [bold]f[/bold] :smile:"
"""
"""Text that would do harm on a terminal, and in a log of GitHub's."""
