"""What an entry of a rooms page says of its rooms: their names, further aliases, flags and descriptions."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from stashmatrix.catalogue.model import Flag
from stashmatrix.page.entries import Entry, Mention
from stashmatrix.page.marks import BREAK, SEPARATORS, Marks, without_marks

_BETWEEN = re.compile(r"(?:[\s,;/|&+]|and|or)*")
_ALSO = re.compile(r"\s*\((?:also|aka|alias(?:es)?):?\s+", re.IGNORECASE)
_DASHES = "-\u2013\u2014:|"
_LONGEST_NAME = 6
"""The words of what is a name and no sentence."""

# What people write in place of a name, or beside it.
_SAYS_NOTHING = frozenset(
    {
        *("", "address", "alias", "and", "channel", "chat", "chat room", "element", "here", "join"),
        *("link", "matrix", "matrix channel", "matrix chat", "matrix room", "matrix.to", "open", "or"),
        *("riot", "room", "url", "click here", "join chat", "join here", "join room", "join us"),
        *("join the chat", "join the room"),
    }
)
# A name before a room does not end so: "Come to #a:example.org".
_LEADS_ON = frozenset(
    {
        *("a", "an", "and", "are", "at", "by", "called", "from", "in", "into", "is", "join", "of"),
        *("on", "or", "our", "see", "the", "through", "to", "us", "via", "visit", "with"),
    }
)


class Listed(NamedTuple):
    """A room of an entry."""

    mention: Mention
    others: tuple[Mention, ...]
    """Other addresses of the same room."""
    name: str | None
    flags: frozenset[Flag]
    description: str | None
    is_sentence: bool
    """Whether the room stands within a sentence, as in "Come to #a:example.org for help"."""
    label: str | None
    """What its link is called, if that is neither its name nor its alias."""


class _About(NamedTuple):
    caption: str | None
    """What the room is called, with marks."""
    text: str
    """What is said about it, with marks."""
    is_sentence: bool = False


def rooms_of(
    entry: Entry, marks: Marks, *, is_named: bool = False, is_one: bool = False, is_ours: bool = False
) -> tuple[Listed, ...]:
    """Return the rooms of an entry.

    If it ``is_named``, all that is before a room is its name; if it ``is_one``, aliases side by side are
    those of one room; if it ``is_ours``, no name is left out because it says nothing.
    """
    mentions = [mention for mention in entry.mentions if mention.is_link] or list(entry.mentions)
    if not mentions:
        return ()
    first, *rest = mentions
    others, end = _others(entry.text, first, rest, is_one=is_one)
    rooms = [first]
    if rest and not others and _side_by_side(entry.text, mentions) == len(mentions):
        rooms, end = mentions, rest[-1].end
    about = _about(entry, first, entry.text[end:], marks, is_named=is_named)
    return tuple(_listed(entry, mention, others, about, marks, is_ours=is_ours) for mention in rooms)


def _others(
    text: str, first: Mention, rest: Sequence[Mention], *, is_one: bool
) -> tuple[tuple[Mention, ...], int]:
    """Return the other addresses of the first room, and where they end."""
    if not rest:
        return (), first.end
    if is_one:
        number = _side_by_side(text, [first, *rest]) - 1
        return tuple(rest[:number]), (rest[number - 1] if number else first).end
    also = _ALSO.match(text, first.end)
    number = _side_by_side(text, rest)
    end = rest[number - 1].end
    if also is None or also.end() != rest[0].start or text[end : end + 1] != ")":
        return (), first.end
    return tuple(rest[:number]), end + 1


def _side_by_side(text: str, mentions: Sequence[Mention]) -> int:
    """Return how many of the rooms have nothing but commas and the like between them."""
    number = 1
    while number < len(mentions) and _BETWEEN.fullmatch(
        text[mentions[number - 1].end : mentions[number].start]
    ):
        number += 1
    return number


def begins_with(entry: Entry, mention: Mention) -> bool:
    """Say whether nothing is before a room, or nothing but bold text."""
    bold = entry.bold if entry.bold <= mention.start else 0
    return not entry.text[bold : mention.start].strip(SEPARATORS)


def _about(entry: Entry, first: Mention, after: str, marks: Marks, *, is_named: bool) -> _About:
    """Tell the name before a room from a sentence around it."""
    before = entry.text[: first.start]
    caption = before.strip(SEPARATORS)
    plain = without_marks(caption, marks)[1].strip(SEPARATORS)
    if not plain:
        return _About(None, f"{caption} {after}" if caption else after)
    is_parted = before.rstrip(" ")[-1:] in _DASHES
    if before[-1:] == "(" and after[:1] == ")":
        caption, after, is_parted = caption.rstrip("( "), after[1:], True
    is_short = len(plain.split()) <= _LONGEST_NAME
    if is_named or begins_with(entry, first) or (is_short and (is_parted or _ends_there(plain, after))):
        return _About(caption, after)
    if is_parted:
        return _About(None, f"{caption} - {after.lstrip(SEPARATORS)}")
    return _About(None, entry.text, is_sentence=True)


def _ends_there(caption: str, after: str) -> bool:
    """Say whether no sentence goes on from a caption, over the room, to what is behind it."""
    return after.lstrip()[:1] in SEPARATORS and caption.rsplit(maxsplit=1)[-1].casefold() not in _LEADS_ON


def _listed(
    entry: Entry,
    mention: Mention,
    others: tuple[Mention, ...],
    about: _About,
    marks: Marks,
    *,
    is_ours: bool,
) -> Listed:
    captions, caption = without_marks(about.caption or "", marks)
    flags, description = without_marks(about.text, marks)
    name, label = cleared(caption), None
    if mention.is_link and not about.is_sentence:
        label = cleared(entry.text[mention.start : mention.end])
    if label is None or "://" in label or label.lower().startswith("matrix:") or label == mention.alias:
        label = None
    elif label.startswith("#"):
        label = label[1:]
    if not is_ours:
        name, label = _telling(name), _telling(label)
        description = "" if (cleared(description) or "").casefold() in ("and", "or") else description
    localpart = mention.alias.localpart
    names = [each for each in (name, label) if each is not None and each != localpart]
    return Listed(
        mention=mention,
        others=others,
        name=names[0] if names else None,
        flags=captions | flags,
        description=cleared(description),
        is_sentence=about.is_sentence,
        label=names[1] if len(names) > 1 and names[1] != names[0] else None,
    )


def _telling(text: str | None) -> str | None:
    """Return a text, unless people write it in place of one that says something."""
    words = (text or "").strip(SEPARATORS + ".!").casefold()
    return None if words in _SAYS_NOTHING else text


def cleared(text: str) -> str | None:
    """Return a text without separators around it; ``None`` if nothing is left."""
    return text.strip(SEPARATORS).replace(BREAK, "").strip() or None
