"""What the shells offer at the press of Tab: nothing where the catalogue is at fault, and never an error."""

from collections.abc import Iterable
from pathlib import Path

import typer

from stashmatrix.catalogue import reading
from stashmatrix.catalogue.model import Catalogue
from stashmatrix.commands.invocation import load_guide
from stashmatrix.errors import StashmatrixError
from stashmatrix.text import printable


def prepare() -> None:
    """Have Typer write descriptions as they are; to be called while completing only.

    Typer renders them as Rich markup: that loads Rich at each press of the key, and eats words in brackets.
    """
    from typer import _completion_classes

    _completion_classes._sanitize_help_text = lambda text: text  # noqa: SLF001


def complete_room(ctx: typer.Context, incomplete: str) -> Iterable[tuple[str, str]]:
    """Return the names of rooms, each with its description."""
    if (catalogue := _catalogue(ctx)) is None:
        return []
    entries = [
        (printable(room.name), printable(room.description or room.category.title)) for room in catalogue.rooms
    ]
    if catalogue.space is not None:
        entries += [
            (printable(name), printable(f"the {catalogue.community} space"))
            for name in (catalogue.space.name, "space")
        ]
    matches = [entry for entry in entries if entry[0].startswith(incomplete)]
    return matches or [(name.removeprefix(catalogue.prefix), text) for name, text in entries]


def complete_category(ctx: typer.Context) -> Iterable[tuple[str, str]]:
    """Return the IDs of categories, each with its title."""
    catalogue = _catalogue(ctx)
    categories = catalogue.categories if catalogue is not None else ()
    return [(category.id, printable(category.title)) for category in categories]


def complete_topic() -> Iterable[tuple[str, str]]:
    """Return the IDs of the guide's topics, each with its title."""
    return [(topic.id, topic.title) for topic in load_guide().topics]


def _catalogue(ctx: typer.Context) -> Catalogue | None:
    # While completing, Typer calls nothing with the global options that it has parsed.
    path = ctx.find_root().params.get("catalogue")
    try:
        return reading.load(reading.bundled("rooms.yaml") if path is None else Path(path))
    except StashmatrixError:
        return None
