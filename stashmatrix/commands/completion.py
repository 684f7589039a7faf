"""What the shells offer: silent where there is nothing to offer, since it runs while the user types."""

from collections.abc import Iterable

import typer
from typer import _completion_classes

from stashmatrix.catalogue.model import Catalogue
from stashmatrix.commands.exits import load_catalogue, load_guide
from stashmatrix.errors import StashmatrixError
from stashmatrix.text import printable

# Typer renders the descriptions of completions as Rich markup: that loads Rich at each press of the
# key, and eats words in brackets. Ours are plain text.
_completion_classes._sanitize_help_text = lambda text: text  # noqa: SLF001


def _catalogue_to_complete(ctx: typer.Context) -> Catalogue | None:
    try:
        return load_catalogue(ctx)
    except StashmatrixError:
        return None


def complete_room(ctx: typer.Context, incomplete: str) -> Iterable[tuple[str, str]]:
    """Return the names of rooms, each with its description."""
    if (loaded := _catalogue_to_complete(ctx)) is None:
        return []
    entries = [
        (printable(room.name), printable(room.description or room.category.title)) for room in loaded.rooms
    ]
    if loaded.space is not None:
        entries += [
            (printable(name), printable(f"the {loaded.community} space"))
            for name in (loaded.space.name, "space")
        ]
    begun = [entry for entry in entries if entry[0].startswith(incomplete)]
    return begun or [(name.removeprefix(loaded.prefix), text) for name, text in entries]


def complete_category(ctx: typer.Context) -> Iterable[tuple[str, str]]:
    """Return the IDs of categories, each with its title."""
    loaded = _catalogue_to_complete(ctx)
    categories_there = loaded.categories if loaded is not None else ()
    return [(category.id, printable(category.title)) for category in categories_there]


def complete_topic() -> Iterable[tuple[str, str]]:
    """Return the IDs of the guide's topics, each with its title."""
    return [(topic.id, topic.title) for topic in load_guide().topics]
