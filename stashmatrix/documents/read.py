"""Every reference of a document: what was found in it, with the label that its format gives it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

from stashmatrix.documents import htmlmarkup
from stashmatrix.documents.decoding import decode, places
from stashmatrix.documents.lists import items
from stashmatrix.documents.markup import LinkMarkup, Markup, Span, Syntax, any_in, plain, span_at
from stashmatrix.documents.scanner import Find, may_hold_links, scan
from stashmatrix.documents.syntaxes import syntax_of
from stashmatrix.matrix.forms import DefectKind, Reading
from stashmatrix.matrix.forms import read as read_address
from stashmatrix.matrix.identifiers import RoomId
from stashmatrix.matrix.links import Target
from stashmatrix.matrix.servers import is_reserved
from stashmatrix.records.reference import Reference, Source


def read(path: str, data: bytes, *, include_code: bool = False) -> tuple[Reference, ...]:
    """Return the references of the document with these bytes, in the order of their places.

    Links in blocks of code are left out unless ``include_code``.
    """
    syntax = syntax_of(path, data[:256])
    if not may_hold_links(data, has_escapes=syntax.view is not plain):
        return ()
    source = decode(data)
    view = syntax.view(source)
    finds = scan(view.text, bare=syntax.bare)
    if not finds:
        return ()
    markup = syntax.markup(view.text, finds)
    links = [link for link in _links(view.text, syntax, finds, markup) if include_code or not link.in_code]
    spans = [Span(view.position(link.span.start), view.end(link.span.end)) for link in links]
    sources = places(source, [span.start for span in spans])
    # Nobody asks for the entry of a link whose target no other one has.
    counts = Counter(link.target for link in links)
    lines = [
        line if counts[link.target] > 1 else None for link, (line, _) in zip(links, sources, strict=True)
    ]
    entries = items(source, lines, is_markup=syntax.markup is htmlmarkup.html_markup)
    return tuple(
        Reference(
            source=Source(path, *place),
            text=source[span.start : span.end],
            target=link.target,
            label=link.label,
            address=link.address,
            in_code=link.in_code,
            item=item,
            around=link.around,
        )
        for link, span, place, item in zip(links, spans, sources, entries, strict=True)
    )


class _Link(NamedTuple):
    span: Span
    address: str
    reading: Reading
    label: str | None
    in_code: bool
    around: str | None

    @property
    def target(self) -> Target | None:
        return self.reading.link.target if self.reading.link else None


def _links(text: str, syntax: Syntax, finds: Sequence[Find], markup: Markup) -> Iterator[_Link]:
    """Put together what was found in a text, and what its markup tells of that."""
    by_destination = {link.destination: link for link in reversed(markup.links)}
    destinations = sorted(by_destination)
    starts = [find.start for find in finds]
    around = _Around(markup.links, starts)
    empty: set[Span] = set()
    end = 0
    for find in finds:
        if find.start < end or span_at(markup.hidden, find.start):
            continue
        destination = span_at(destinations, find.start)
        link = by_destination[destination] if destination else None
        outer, is_found = around.at(find.start)
        if link is None and is_found:
            continue  # the text of a link, which is found itself
        if link is None and outer is not None:
            target = outer.destination
            if text[target.start : target.end] in _EMPTY:
                if target in empty:
                    continue
                empty.add(target)
                link = outer
        span = Span(find.start, find.end)
        if link is not None and (link is outer or find.start == link.destination.start):
            span = link.destination
        address = syntax.unescape(text[span.start : span.end]).replace("\\_", "_")
        reading = read_address(address)
        label = link.label if link else None
        if reading is None or not _counts(reading, label):
            continue
        end = span.end
        picture_of = None
        if link is not None:
            picture_of = link.around or (outer.destination if outer and outer is not link else None)
        yield _Link(
            span=span,
            address=address,
            reading=reading,
            label=label,
            in_code=span_at(markup.code, find.start) is not None,
            around=syntax.unescape(text[slice(*picture_of)]) if picture_of else None,
        )


_EMPTY = ("", "#", "#/")


class _Around:
    """Which links have a position in their text: asked for positions in order."""

    def __init__(self, links: Sequence[LinkMarkup], starts: Sequence[int]) -> None:
        self.starts = starts
        texts = [(span, link) for link in links for span in link.texts]
        self.texts = sorted(texts, key=itemgetter(0), reverse=True)
        self.open: list[tuple[Span, LinkMarkup, bool]] = []

    def at(self, position: int) -> tuple[LinkMarkup | None, bool]:
        """Return the innermost link around ``position``, and whether any link around it is found itself."""
        while self.texts and self.texts[-1][0].start <= position:
            span, link = self.texts.pop()
            self._drop(span.start)
            is_found = any_in(self.starts, link.destination) or (bool(self.open) and self.open[-1][2])
            self.open.append((span, link, is_found))
        self._drop(position)
        return self.open[-1][1:] if self.open else (None, False)

    def _drop(self, position: int) -> None:
        while self.open and not self.open[-1][0].holds(position):
            self.open.pop()


def _counts(reading: Reading, label: str | None) -> bool:
    """Say whether what was read is a link to Matrix, and no example of one."""
    if reading.link is None:
        # A link to matrix.to's own page is right, unless it says that it leads to a room.
        is_empty = reading.defect is not None and reading.defect.kind is DefectKind.EMPTY_TARGET
        return not is_empty or (label is not None and label.startswith(("#", "!")))
    target = reading.link.target
    if isinstance(target, RoomId):
        opaque, colon, server = target.partition(":")
        return not is_reserved(server) if colon else len(opaque) == _HASH
    return not is_reserved(target.server_name)


_HASH = 44
"""Characters of a room ID of room version 12: the sigil and a hash of 256 bits in base64."""
