"""Every reference of a document: what was found in it, with the label that its format gives it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

from stashmatrix.documents import htmlmarkup, ignores
from stashmatrix.documents.captions import caption
from stashmatrix.documents.decoding import decode, places
from stashmatrix.documents.ignores import Comment, Stretch
from stashmatrix.documents.lists import items
from stashmatrix.documents.markdown import end_of_front_matter
from stashmatrix.documents.markup import LinkMarkup, Markup, Span, Syntax, View, any_in, plain, span_at
from stashmatrix.documents.scanner import Find, links_to_irc, may_hold_anything, scan
from stashmatrix.documents.syntaxes import syntax_of
from stashmatrix.documents.translations import originals
from stashmatrix.matrix.forms import DefectKind, Reading
from stashmatrix.matrix.forms import read as read_address
from stashmatrix.matrix.identifiers import RoomId
from stashmatrix.matrix.links import Target
from stashmatrix.matrix.servers import is_reserved
from stashmatrix.records.reference import Ignore, Reference, Source


class Page(NamedTuple):
    """What a document holds."""

    references: tuple[Reference, ...] = ()
    """In the order of their places."""
    ignores: tuple[Ignore, ...] = ()
    """All comments that say what not to report, also those that no reference has."""
    documents: int = 1
    """How many documents these are."""
    digests: tuple[tuple[str, int], ...] = ()
    """The path of each document that has references, and a hash of what it held when it was read."""


def read(path: str, data: bytes, *, include_code: bool = False) -> tuple[Reference, ...]:
    """Return the references of a ``page``."""
    return page(path, data, include_code=include_code).references


def page(path: str, data: bytes, *, include_code: bool = False) -> Page:
    """Read the document with these bytes.

    Links in blocks of code are left out unless ``include_code``.
    """
    syntax = syntax_of(path, data[:256])
    if not may_hold_anything(data, has_escapes=syntax.view is not plain):
        return Page()
    has_comments = ignores.may_hold_comments(data)
    source = decode(data)
    view = syntax.view(source)
    finds = scan(view.text)
    comments = tuple(ignores.comments(source, syntax.comments)) if has_comments else ()
    if not finds and not comments:
        return Page()
    is_plain = syntax.view is plain
    others = links_to_irc(view.text) if any(find.is_bare for find in finds) else []
    addresses = sorted([*finds, *others])
    markup = syntax.markup(view.text, sorted([*addresses, *map(_find, comments)]) if is_plain else addresses)
    if is_plain and not include_code:
        comments = tuple(each for each in comments if span_at(markup.code, each.span.start) is None)
    links = [
        link for link in _links(view.text, syntax, addresses, markup) if include_code or not link.in_code
    ]
    if syntax.has_captions:
        links = list(_with_captions(view.text, links, finds))
    stretches = ignores.stretches(path, source, comments, in_entries=syntax.is_translation)
    is_markup = syntax.markup is htmlmarkup.html_markup
    references = tuple(_references(path, source, view, links, stretches, is_markup=is_markup))
    if syntax.is_translation:
        starts = [view.position(link.span.start) for link in links]
        references = tuple(_with_originals(source, starts, references))
    told = tuple(stretch.ignore for stretch in stretches)
    return Page(references, told, digests=((path, hash(data)),))


def _with_originals(
    source: str, starts: Sequence[int], references: Sequence[Reference]
) -> Iterator[Reference]:
    links = zip(starts, (each.address or "" for each in references), strict=True)
    for reference, original in zip(references, originals(source, links), strict=True):
        # A program finds a translation by the whole text of its original, which comes from elsewhere.
        yield reference._replace(
            start=None,
            label_start=None,
            translates=None if original is None else references[original].source,
        )


def commented(path: str, data: bytes, references: Sequence[Reference]) -> Page:
    """Return what is known to be in a file, in the order of its places, with what its comments say of it."""
    source, syntax = decode(data), syntax_of(path)
    lines = [0, *(match.end() for match in _LINE_BREAK.finditer(source))]
    starts = [lines[each.source.line - 1] + each.source.column - 1 for each in references]
    references = [
        each._replace(start=_unquoted(source, start, each.text))
        for each, start in zip(references, starts, strict=True)
    ]
    digests = ((path, hash(data)),)
    if not ignores.may_hold_comments(data):
        return Page(tuple(references), digests=digests)
    stretches = ignores.stretches(path, source, tuple(ignores.comments(source, syntax.comments)))
    ignored = ignores.ignores_at(starts, stretches)
    return Page(
        tuple(
            each._replace(ignores=each.ignores + more) for each, more in zip(references, ignored, strict=True)
        ),
        tuple(stretch.ignore for stretch in stretches),
        digests=digests,
    )


# The line ends of YAML 1.1, whose lines are those of a catalogue's places.
_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")


def _unquoted(source: str, start: int, text: str) -> int | None:
    """Return where ``text`` begins, behind a quotation mark if there is one; ``None`` if it has escapes."""
    begin = start + source.startswith(("'", '"'), start)
    return begin if source.startswith(text, begin) else None


def _find(comment: Comment) -> Find:
    """Return a comment as a place that a syntax is to look at."""
    return Find(*comment.span)


def _references(
    path: str,
    source: str,
    view: View,
    links: Sequence["_Link"],
    stretches: Sequence[Stretch],
    *,
    is_markup: bool,
) -> Iterator[Reference]:
    spans = [_in_file(view, link.span) for link in links]
    starts = [span.start for span in spans]
    sources = places(source, starts)
    # Nobody asks for the entry of a link whose target no other one has.
    counts = Counter(link.target for link in links)
    lines = [
        line if counts[link.target] > 1 else None for link, (line, _) in zip(links, sources, strict=True)
    ]
    entries = items(source, lines, is_markup=is_markup)
    ignored = ignores.ignores_at(starts, stretches)
    for link, span, place, item, ignore in zip(links, spans, sources, entries, ignored, strict=True):
        name = None if link.name is None else _in_file(view, link.name)
        text = source[span.start : span.end]
        # In markup, another query may need escapes that this one does not have.
        is_editable = text == link.address and not (is_markup and "?" in text)
        yield Reference(
            source=Source(path, *place),
            text=text,
            target=link.target,
            label=link.label,
            address=link.address,
            start=span.start if is_editable else None,
            label_start=name.start if name and source[name.start : name.end] == link.label else None,
            in_code=link.in_code,
            item=item,
            around=link.around,
            ignores=ignore,
        )


def _in_file(view: View, span: Span) -> Span:
    """Return where in the file a part of the view stands."""
    return Span(view.position(span.start), view.end(span.end))


class _Link(NamedTuple):
    span: Span
    address: str
    reading: Reading
    label: str | None
    in_code: bool
    around: str | None
    name: Span | None
    """Where the label stands, if it begins as an alias does, or as the link."""

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
            name=None if link is None or link.label_is_name else _name(text, link, address),
        )


def _name(text: str, link: LinkMarkup, address: str) -> Span | None:
    """Return where a link's label stands in its text, if it may be an alias or begins as the link does."""
    label = link.label or ""
    if not label.startswith(("#", address)):
        return None
    starts = (text.find(label, span.start, span.end) for span in link.texts)
    return next((Span(start, start + len(label)) for start in starts if start >= 0), None)


_EMPTY = ("", "#", "#/")


def _with_captions(text: str, links: Iterable[_Link], finds: Sequence[Find]) -> Iterator[_Link]:
    """Yield the links, those without a label with the name that their list or table has for them."""
    starts = [find.start for find in finds]
    begin = end_of_front_matter(text)
    for link in links:
        if link.label is None and link.span.start >= begin:
            yield link._replace(label=caption(text, link.span, starts))
        else:
            yield link


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
