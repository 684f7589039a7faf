"""The catalogue as a web page that people search: one file, which asks nobody for anything."""

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from importlib import resources
from typing import NamedTuple
from urllib.parse import quote, urlsplit

import segno
from jinja2 import Environment, StrictUndefined

from stashmatrix.catalogue.model import Catalogue, Flag, Room, Space
from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.matrix.links import Link, element_url, matrix_to_url, matrix_uri
from stashmatrix.page.checkreport import CheckReport, State
from stashmatrix.text import printable

_WORDS = {Flag.NSFW: "NSFW", Flag.BRIDGED: "bridged", Flag.ARCHIVED: "archived"}
_MEANINGS = {
    State.GONE: "On that day, its own server said that there is no such room.",
    State.CLOSED: "On that day, a stranger could not join the room.",
    State.UNVERIFIED: "On that day, nobody could tell: its server could not be asked, or gave no proof.",
}
# HTML has no place for these, not even as references.
_NO_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class _Mark(NamedTuple):
    """A word beside a room, and the day on which it was so."""

    kind: str
    """Its class in the style sheet."""
    text: str
    day: date | None = None


class _Address(NamedTuple):
    """An alias as the page shows it."""

    alias: str
    link: str
    marks: tuple[_Mark, ...] = ()


class _Entry(NamedTuple):
    """What the page shows of a room, or of the space."""

    main: _Address
    others: tuple[_Address, ...]
    matrix_uri: str
    element: str
    code: str
    """A QR code of the main address, in SVG."""
    name: str | None = None
    """A name of its own."""
    kinds: str = ""
    """The classes by which the page's script finds the flags."""
    flags: tuple[_Mark, ...] = ()
    description: str | None = None


def write(catalogue: Catalogue, report: CheckReport | None = None) -> str:
    """Write the page; with a ``report``, it marks the rooms that were not there for everybody."""
    style, script = _resource("website.css"), _resource("website.js")
    rooms, space = catalogue.rooms, catalogue.space
    flags = [flag for flag in Flag if any(flag in room.flags for room in rooms)]
    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    text = environment.from_string(_resource("website.html.jinja")).render(
        policy=_policy(style, script),
        style=style,
        script=script,
        community=catalogue.community,
        as_of=catalogue.as_of,
        report=report,
        counts="" if report is None else _counts(rooms, report),
        space=space and _entry(space, report),
        folded=sum(Flag.NSFW in room.flags for room in rooms),
        filters=[(str(flag), _WORDS[flag]) for flag in flags if flag is not Flag.NSFW],
        categories=[
            (category, [_room(room, report) for room in rooms if room.category == category])
            for category in catalogue.categories
            if any(room.category == category for room in rooms)
        ],
        meanings=[(_WORDS[flag], catalogue.flags[flag]) for flag in flags if flag in catalogue.flags]
        + [(str(state), meaning) for state, meaning in _MEANINGS.items() if report is not None],
        origin=catalogue.origin,
        is_link=_is_link(catalogue.origin or ""),
    )
    return _NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", text).lstrip()


def _resource(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Return a Content-Security-Policy by which the page runs these two, and loads nothing."""
    style_source, script_source = (
        f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in (style, script)
    )
    # Browsers ask for an icon if the page has none: it has an empty one.
    return (
        f"default-src 'none'; style-src {style_source}; script-src {script_source}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _room(room: Room, report: CheckReport | None) -> _Entry:
    return _entry(room, report)._replace(
        name=room.own_name,
        kinds=" ".join(room.flags),
        flags=tuple(_Mark(str(flag), _WORDS[flag]) for flag in room.flags),
        description=room.description,
    )


def _entry(place: Room | Space, report: CheckReport | None) -> _Entry:
    main, *others = (_address(alias, report) for alias in place.aliases)
    return _Entry(
        main=main,
        others=tuple(others),
        matrix_uri=matrix_uri(place.link),
        element=element_url(place.link),
        code=_code(place.alias),
    )


def _address(alias: RoomAlias, report: CheckReport | None) -> _Address:
    state = report and report.states.get(alias)
    return _Address(
        alias=printable(alias),
        link=matrix_to_url(Link(alias)),
        marks=(_Mark(state, state, report.day),) if report and state in _MEANINGS else (),
    )


def _code(alias: RoomAlias) -> str:
    # Some scanners end a link at its second "#".
    code = segno.make_qr(f"https://matrix.to/#/{quote(alias, safe=':')}")
    return code.svg_inline(omitsize=True, svgclass=None, lineclass=None)


def _counts(rooms: Iterable[Room], report: CheckReport) -> str:
    """Say how many rooms were in each state."""
    numbers = Counter(report.states.get(room.alias) for room in rooms)
    words = [(numbers[state], str(state)) for state in State] + [(numbers[None], "not checked")]
    return ", ".join(f"{number} {word}" for number, word in words if number)


def _is_link(text: str) -> bool:
    try:
        return urlsplit(text).scheme in {"http", "https"}
    except ValueError:
        return False
