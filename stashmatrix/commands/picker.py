"""The list of rooms from which ``open`` lets a person choose."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from stashmatrix.catalogue.model import Filters, Room, select
from stashmatrix.commands import terminal
from stashmatrix.commands.screen import Screen
from stashmatrix.formats import drawings, qr

_FRAME = 2
"""Lines besides the rooms: what is searched, and the keys."""


class State(NamedTuple):
    """What a person has typed and chosen."""

    query: str = ""
    chosen: int = 0
    """The place of the chosen room among those that match."""
    is_typing: bool = False
    """Whether ``c`` and ``q`` are letters of the query, and no commands."""


def pick(rooms: Sequence[Room], url_of: Callable[[Room], str]) -> Room | None:
    """Let a person choose a room; ``None`` if they leave without any.

    ``url_of`` gives the link that they can copy, or see as a QR code.
    """
    state, message = State(), ""
    with Screen() as screen:
        keys = screen.keys()
        while True:
            matches = _matches(rooms, state.query)
            screen.show(_frame(state, matches, len(rooms), screen, message))
            key, message = next(keys, "escape"), ""
            chosen = matches[state.chosen] if matches else None
            if key == "escape" or (key == "enter" and chosen is not None):
                return None if key == "escape" else chosen
            if key == "c" and not state.is_typing and chosen is not None:
                screen.write(terminal.clipboard_sequence(url_of(chosen)))
                message = f"copied, if the terminal allows it: {url_of(chosen)}"
            elif key == "q" and not state.is_typing and chosen is not None:
                message = _show_code(screen, url_of(chosen), lambda: next(keys, "escape"))
            else:
                state = pressed(state, key, len(matches), max(1, screen.size.lines - _FRAME))


def pressed(state: State, key: str, matches: int, page: int) -> State:
    """Return what a key makes of a list of so many ``matches``, of which a ``page`` is seen at once."""
    moves = {"up": -1, "down": 1, "page up": -page, "page down": page, "home": -matches, "end": matches}
    if key in moves:
        chosen = max(0, min(state.chosen + moves[key], matches - 1))
        return state._replace(chosen=chosen, is_typing=False)
    if key == "tab":
        return state._replace(is_typing=not state.is_typing)
    if key == "clear":
        return State(is_typing=True)
    if key == "backspace":
        return State(state.query[:-1], is_typing=True)
    if key == "/" and not state.is_typing:
        return state._replace(is_typing=True)
    if len(key) == 1:
        return State(state.query + key, is_typing=True)
    return state


def _matches(rooms: Sequence[Room], query: str) -> Sequence[Room]:
    """Return the rooms that have all words, first those that have them in their names."""
    words = query.casefold().split()
    return sorted(
        select(rooms, Filters(query)),
        key=lambda room: not all(word in room.name.casefold() for word in words),
    )


def _frame(state: State, matches: Sequence[Room], total: int, screen: Screen, message: str) -> Sequence[str]:
    columns, lines = screen.size
    drawing = drawings.picker(
        matches,
        chosen=state.chosen,
        query=state.query,
        total=total,
        is_typing=state.is_typing,
        message=message,
        columns=columns,
        lines=lines,
    )
    return terminal.rendered(drawing, columns)[:lines]


def _show_code(screen: Screen, url: str, next_key: Callable[[], str]) -> str:
    """Show a QR code until a key is pressed; return what to say if it does not fit."""
    code = qr.lines(url, in_ascii=not terminal.can_show(qr.HALF_BLOCKS))
    while True:
        columns, lines = screen.size
        if len(code[0]) > columns or len(code) > lines:
            return f"the QR code needs {len(code[0])} columns and {len(code)} lines"
        below = [url, "any key goes back"] if len(code) + 2 <= lines and len(url) <= columns else []
        screen.show([*terminal.rendered(drawings.qr_code(code), columns), *below])
        if next_key() != "resize":
            return ""
