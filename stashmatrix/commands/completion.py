"""What the shells offer at the press of Tab: nothing if the catalogue is at fault, and never an error.

Shells evaluate what a completion offers, or insert it unquoted, and a catalogue is a stranger's text. So
only names and descriptions that no shell gives a meaning to leave this module.
"""

import re
from collections.abc import Iterable

import typer

from stashmatrix.catalogue import reading
from stashmatrix.catalogue.model import Catalogue, Flag
from stashmatrix.commands import configuration, terminal
from stashmatrix.commands.invocation import Invocation, load_guide
from stashmatrix.errors import StashmatrixError

# Bash inserts a name as it is, so it must be one word. One that starts with a hyphen would be an option.
_NAME = re.compile(r"[A-Za-z0-9._][A-Za-z0-9._-]*")
_ASCII_PUNCTUATION = frozenset("-_,./+")
# Better dropped than left as blanks, "(like) this"; an apostrophe has a form that no shell takes for a quote.
_READABLE = str.maketrans("'", "\N{RIGHT SINGLE QUOTATION MARK}", '"()[]{}')


def prepare() -> None:
    """Have Typer answer a shell, and write descriptions as they are, in UTF-8; for completing only.

    Typer renders them as Rich markup: that loads Rich at each press of the key, and eats words in brackets.
    UTF-8, because a letter's second byte is a backslash or a backquote in some encodings (GBK, Big5), and
    zsh evaluates bytes.
    """
    from typer import _completion_classes

    _completion_classes.completion_init()
    # An apostrophe comes doubled for zsh, which would drop it. Typer has no public place to say so.
    _completion_classes._sanitize_help_text = lambda text: text.replace("''", "'").translate(_READABLE)  # noqa: SLF001
    terminal.use_utf8()


def complete_room(ctx: typer.Context, incomplete: str) -> Iterable[tuple[str, str]]:
    """Return the names of rooms, each with its description."""
    if (catalogue := _catalogue(ctx)) is None:
        return []
    entries = [
        (name, room.description or room.category.title) for room in catalogue.rooms for name in room.names
    ]
    if catalogue.space is not None:
        entries += [(name, f"the {catalogue.community} space") for name in (catalogue.space.name, "space")]
    matches = [(name, text) for name, text in entries if name.startswith(incomplete)]
    return _safe(matches or [(name.removeprefix(catalogue.prefix), text) for name, text in entries])


def complete_query(ctx: typer.Context, incomplete: str) -> Iterable[tuple[str, str]]:
    """Return words that find rooms: categories, flags, the names of rooms."""
    if (catalogue := _catalogue(ctx)) is None:
        return []
    words = [(category.id, category.title) for category in catalogue.categories]
    words += [(str(flag), catalogue.flags.get(flag, "")) for flag in Flag]
    words += [(room.name.removeprefix(catalogue.prefix), room.description or "") for room in catalogue.rooms]
    found = [(name, text) for name, text in words if name.startswith(incomplete)]
    # Any word is a query, and where there is nothing to offer shells offer files.
    return _safe(found or [(incomplete, "")])


def complete_category(ctx: typer.Context) -> Iterable[tuple[str, str]]:
    """Return the IDs of categories, each with its title."""
    catalogue = _catalogue(ctx)
    return _safe((category.id, category.title) for category in catalogue.categories) if catalogue else []


def complete_topic() -> Iterable[tuple[str, str]]:
    """Return the IDs of the guide's topics, each with its title."""
    return _safe((topic.id, topic.title) for topic in load_guide().topics)


def _catalogue(ctx: typer.Context) -> Catalogue | None:
    invocation: Invocation = ctx.obj
    try:
        if not invocation.no_config:
            invocation.configuration = configuration.find(invocation.config)
        return reading.load(invocation.catalogue_path())
    except StashmatrixError:
        return None


def _safe(entries: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the entries whose name is plain, with descriptions that no shell acts on."""
    return [(name, _safe_text(text)) for name, text in entries if _NAME.fullmatch(name)]


def _safe_text(text: str) -> str:
    """Return ``text`` with nothing but letters, digits, blanks and punctuation that shells take as it is."""
    readable = text.translate(_READABLE)
    return " ".join("".join(char if _is_harmless(char) else " " for char in readable).split())


def _is_harmless(char: str) -> bool:
    if char.isascii():
        return char.isalnum() or char in _ASCII_PUNCTUATION
    import unicodedata

    # Letters, the marks that are parts of them, numbers and punctuation of any script. Control and
    # format characters, line separators and surrogates are in C and Z.
    return unicodedata.category(char)[0] in "LMNP"
