"""Help and version, at every level."""

import re

from stashmatrix import __version__
from tests.support.process import Run


def test_version_and_help_at_every_level(run: Run) -> None:
    assert run("-V").stdout == run("--version").stdout == f"stashmatrix {__version__}\n"
    names = re.findall(r"^  ([a-z-]+)  ", run("--help").stdout.partition("Commands:")[2], re.MULTILINE)
    assert names == [
        "rooms",
        "categories",
        "show",
        "link",
        "open",
        "space",
        "homeservers",
        "guide",
        "validate",
        "check-links",
        "page",
        "init",
        "config",
        "completion",
    ]
    assert all(run(name, "-h").stdout.startswith("Usage: ") for name in names)


def test_no_command_at_all_shows_the_help(run: Run) -> None:
    assert run().stdout == run("--help").stdout
