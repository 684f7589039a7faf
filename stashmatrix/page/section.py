"""The section of a page that is made from a catalogue: what stands between two marker comments."""

import json
import re
from datetime import date
from typing import Any, NamedTuple

from stashmatrix.catalogue.model import Address, Catalogue, Flag, Space
from stashmatrix.errors import Fault, IdentifierError, InvalidFileError
from stashmatrix.files import position
from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.page.syntaxes import Syntax, syntaxes_of
from stashmatrix.records.reference import Source

BEGIN, END = "stashmatrix:rooms", "/stashmatrix:rooms"

_HEADER = re.compile(r"<!--\s*stashmatrix:catalogue\s+(?P<json>\{.*?\})\s*-->", re.DOTALL)
_COMMENT = re.compile(r"\s*(?:<!--(?:(?!-->).)*-->\s*)+", re.DOTALL)


class Markers(NamedTuple):
    """Where the section stands: behind the line of the first marker, up to the line of the second."""

    begin: int
    end: int
    syntax: Syntax


def find(path: str, text: str) -> Markers | None:
    """Return the section of the page at ``path``; ``None`` if it has no markers.

    They are comments of the format that its suffix says. Markers in fenced code are examples. Raises
    ``InvalidFileError`` if they are not one pair.
    """
    for syntax in syntaxes_of(path):
        if (found := _pair(path, text, syntax)) is not None:
            return found
    return None


def _pair(path: str, text: str, syntax: Syntax) -> Markers | None:
    opened: re.Match[str] | None = None
    found: Markers | None = None
    faults: list[Fault] = []
    for marker in _outside_fences(text, syntax):
        place = position(text[: marker.start("name")])
        if marker["name"] == END and opened is not None:
            found, opened = Markers(opened.end() + 1, marker.start(), syntax), None
        elif marker["name"] == END:
            faults.append(Fault(*place, f"{END} ends a section that nothing begins"))
        elif opened is not None or found is not None:
            faults.append(Fault(*place, f"{BEGIN} is there twice: expected one section"))
        else:
            opened = marker
    if opened is not None:
        faults.append(Fault(*position(text[: opened.start("name")]), f"no {END} ends this section"))
    if faults:
        raise InvalidFileError(path, tuple(faults))
    return found


def _outside_fences(text: str, syntax: Syntax) -> list[re.Match[str]]:
    """Return the markers that stand in no fenced code."""
    before, behind = map(re.escape, syntax.comment)
    # Without an end of its own, a comment is a line that nothing is before.
    indent = r"[ \t]*" if behind else ""
    marker = rf"^{indent}{before}[ \t]*(?P<name>/?{BEGIN})\b[^\n]*{behind}[ \t]*\r?$"
    found: list[re.Match[str]] = []
    fence = ""
    position_of = {match.start(): match for match in re.finditer(marker, text, re.MULTILINE)}
    start = 0
    for line in re.findall(r"[^\n]*\n?", text):
        if syntax.fence is not None and (mark := syntax.fence.match(line)) is not None:
            if not fence:
                fence = mark[1]
            elif mark[1].startswith(fence):
                fence = ""
        elif not fence and start in position_of:
            found.append(position_of[start])
        start += len(line)
    return found


class Header(NamedTuple):
    """What a catalogue says besides its categories and rooms, which a page has no place for."""

    community: str | None = None
    prefix: str = ""
    origin: str | None = None
    as_of: date | None = None
    space: Space | None = None
    flags: dict[Flag, str] = {}  # noqa: RUF012 (nobody changes it)


def header(path: str, text: str) -> Header | None:
    """Return the header of a section, which is a comment; ``None`` if it has none.

    Raises ``InvalidFileError`` if it is damaged.
    """
    match = _HEADER.search(text)
    if match is None:
        return None
    place = position(text[: match.start()])
    try:
        return _read_header(json.loads(match["json"]), Source(path, *place))
    except (AttributeError, IdentifierError, KeyError, TypeError, ValueError):
        fault = Fault(
            *place, "the comment stashmatrix:catalogue is damaged: delete it, or export the section"
        )
        raise InvalidFileError(path, (fault,)) from None


def _read_header(values: dict[str, Any], source: Source) -> Header:
    as_of, space = values.get("as_of"), values.get("space")
    addresses = [] if space is None else [space["alias"], *space.get("alternatives", ())]
    places = [Address(RoomAlias(alias), source) for alias in addresses]
    return Header(
        community=_text(values["community"]["name"]),
        prefix=_text(values["community"].get("prefix", "")),
        origin=_text(values["source"]) if "source" in values else None,
        as_of=None if as_of is None else date.fromisoformat(as_of),
        space=Space(places[0].alias, tuple(places[1:]), source) if places else None,
        flags={Flag(flag): _text(meaning) for flag, meaning in values.get("flags", {}).items()},
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def header_of(catalogue: Catalogue) -> str:
    """Write the header of a catalogue's section: its keys as in the catalogue's file, for a comment."""
    text = json.dumps(top_values(catalogue), ensure_ascii=False)
    return "stashmatrix:catalogue " + re.sub(r'"(?:[^"\\]|\\.)*"', _harmless, text)


def _harmless(string: re.Match[str]) -> str:
    """Return a JSON string that has nothing in it that ends a comment, or a part of MDX."""
    return re.sub(r"[-*/<>{}]", lambda char: f"\\u{ord(char[0]):04x}", string[0])


def top_values(catalogue: Catalogue) -> dict[str, Any]:
    """Return a catalogue's keys but for its categories and rooms, without those that say nothing."""
    space = catalogue.space
    values = {
        "community": _without_nothing({"name": catalogue.community, "prefix": catalogue.prefix}),
        "source": catalogue.origin,
        "as_of": catalogue.as_of.isoformat() if catalogue.as_of else None,
        "space": space
        and _without_nothing(
            {"alias": space.alias, "alternatives": [each.alias for each in space.alternatives]}
        ),
        "flags": {str(flag): meaning for flag, meaning in catalogue.flags.items()},
    }
    return _without_nothing(values)


def _without_nothing(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}


def is_comment(html: str) -> bool:
    """Say whether a block of HTML is nothing but comments."""
    return _COMMENT.fullmatch(html) is not None
