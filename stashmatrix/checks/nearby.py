"""Did you mean: the alias that an absent one may have been meant to be.

A guess alone is no candidate: a server has to have found the room, and to let strangers in. No verdict
depends on any of this.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice, takewhile
from urllib.parse import urlsplit

from stashmatrix.checks.online import first_hand, is_bridge_alias, is_closed
from stashmatrix.errors import IdentifierError
from stashmatrix.matrix.identifiers import RoomAlias, RoomId, ServerName
from stashmatrix.records.answers import Absent, Answer, Resolved, Unknown
from stashmatrix.records.reference import Reference
from stashmatrix.text import printable

MOST_OF_ALIAS = 3
"""Maximum questions about one absent alias."""
MOST_OF_HOST = 30
"""Maximum questions to one host."""
MOST_OF_RUN = 300
"""Maximum questions of a run."""

Questions = dict[ServerName, list[RoomAlias | RoomId]]
"""What to ask each server."""

# Some tenths of a second: more names than anybody could tell apart.
_MOST_COMPARED = 50_000
_LONGEST_COMPARED = 64
_FEWEST_WITH_PREFIX = 3
_SHORTEST_WITH_SLIP = 5
_SHORTEST_SINGULAR = 3
_SEPARATOR = re.compile("[-_.]+")
_CAMEL = re.compile("(?<=[a-z])(?=[A-Z])")
_TAKES_NO_S = ("s", "x", "z", "ch", "sh")


class Origin(StrEnum):
    """Where a candidate comes from, in words for a hint."""

    RUN = "found in this run"
    LOCK = "the lock file's room is there now"
    CANONICAL = "a room found in this run calls itself so"
    SERVER = "its server confirms it"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An alias that its own server found, and why an absent one may have been meant to be this one."""

    alias: RoomAlias
    origin: Origin

    @property
    def hint(self) -> str:
        """What to say of it; safe to print."""
        return f"did you mean {printable(self.alias)} ({self.origin})"

    def is_no_stranger(self, absent: Reference) -> bool:
        """Say whether it may take the place of an alias that is gone.

        The same name on another server may be the room of other people.
        """
        is_there = (
            isinstance(absent.target, RoomAlias) and absent.target.server_name == self.alias.server_name
        )
        return is_there or self.origin is not Origin.RUN


class Nearby:
    """The aliases that servers found in a run, seen from those that are absent."""

    def __init__(
        self,
        aliases: Collection[RoomAlias],
        answers: Mapping[RoomAlias, Answer],
        *,
        recorded: Mapping[RoomAlias, RoomId],
        confirmed: Mapping[RoomAlias, Resolved] | None = None,
    ) -> None:
        """Look around the ``aliases`` that are proven absent.

        ``answers`` are those of the run, ``recorded`` is the room of each alias at an earlier time, and
        ``confirmed`` is what servers said to ``questions``.
        """
        self._aliases = aliases
        self._answers = answers
        self._recorded = recorded
        self._absent = sorted(alias for alias in aliases if _is_absent(alias, answers))
        self._found: dict[RoomAlias, RoomId] = {}
        self._by_room: dict[RoomId, list[RoomAlias]] = defaultdict(list)
        self._by_name: dict[str, list[RoomAlias]] = defaultdict(list)
        self._by_server: dict[ServerName, list[RoomAlias]] = defaultdict(list)
        self._by_spelling: dict[tuple[ServerName, str], list[RoomAlias]] = defaultdict(list)
        self._canonical: set[RoomAlias] = set()
        self._prefixes: dict[ServerName, str] = {}
        self.apis: dict[ServerName, str] = {}
        """Where the API of each server is that answered."""
        self._troubled: set[ServerName] = set()
        """The servers that left an alias of the run open."""
        self._asked: Counter[str] = Counter()
        """The number of questions to each host."""
        if self._absent:
            for alias, answer in chain(answers.items(), (confirmed or {}).items()):
                self._add(alias, answer)
            for server in {alias.server_name for alias in self._absent}:
                self._prefixes[server] = _prefix([alias.localpart for alias in self._by_server[server]])

    def _add(self, alias: RoomAlias, answer: Answer) -> None:
        room = first_hand(answer)
        if isinstance(answer, Unknown):
            self._troubled.add(alias.server_name)
        elif room is not None or isinstance(answer, Absent):
            self.apis[alias.server_name] = answer.homeserver
        if room is None or is_closed(room):
            return
        self._found[alias] = room.room_id
        self._by_room[room.room_id].append(alias)
        self._by_name[alias.localpart].append(alias)
        self._by_server[alias.server_name].append(alias)
        self._by_spelling[alias.server_name, _spelling(alias)].append(alias)
        if room.canonical_alias not in (None, alias):
            self._canonical.add(room.canonical_alias)

    def candidates(self) -> dict[RoomAlias, Candidate]:
        """Return one candidate for each absent alias, where there is one.

        The first of these counts: an alias that now leads to the recorded room; the same name on another
        server; another way to write it; the only name on its server that is a slip of the pen away.
        Where two rooms are as likely, neither is one.
        """
        likely = ((alias, self._likely(alias)) for alias in self._absent)
        return self._slips() | {alias: candidate for alias, candidate in likely if candidate is not None}

    def _likely(self, alias: RoomAlias) -> Candidate | None:
        recorded, server = self._recorded.get(alias), alias.server_name
        if recorded is not None and recorded in self._by_room:
            name = alias.localpart
            best = min(self._by_room[recorded], key=lambda other: (other.localpart != name, other))
            return Candidate(best, Origin.LOCK)
        alike = self._by_name[alias.localpart], self._by_spelling[server, _spelling(alias)]
        variants = (other for other in variants_of(alias, self._prefixes[server]) if other in self._found)
        return self._only(alike[0]) or self._only(alike[1]) or next(map(self._candidate, variants), None)

    def _only(self, aliases: Collection[RoomAlias]) -> Candidate | None:
        """Return one of the aliases, first of all one that a link has, if all of them lead to one room."""
        rooms = {self._found[alias] for alias in aliases}
        best = min(aliases, key=lambda alias: (alias not in self._aliases, alias), default=None)
        return None if best is None or len(rooms) > 1 else self._candidate(best)

    def _candidate(self, alias: RoomAlias) -> Candidate:
        if alias in self._aliases:
            return Candidate(alias, Origin.RUN)
        return Candidate(alias, Origin.CANONICAL if alias in self._canonical else Origin.SERVER)

    def _slips(self) -> dict[RoomAlias, Candidate]:
        near: dict[RoomAlias, list[RoomAlias]] = defaultdict(list)
        pairs = ((alias, other) for alias in self._absent for other in self._by_server[alias.server_name])
        for alias, other in islice(pairs, _MOST_COMPARED):
            if _is_slip(alias.localpart, other.localpart):
                near[alias].append(other)
        only = ((alias, self._only(others)) for alias, others in near.items())
        return {alias: candidate for alias, candidate in only if candidate is not None}

    def questions(self, is_left_alone: Callable[[RoomAlias], bool]) -> Questions:
        """Return what to ask about the absent aliases that have no likely candidate yet.

        That is the recorded room, as it may call itself otherwise now, and ways to write the alias, the
        likeliest of each alias first. No question is about an alias that ``is_left_alone``, or to a
        server that left one of the run open.
        """
        wanted: list[tuple[int, RoomAlias, RoomAlias | RoomId]] = []
        for alias in self._absent:
            if self._likely(alias) is None:
                recorded = self._recorded.get(alias)
                variants = self._open(variants_of(alias, self._prefixes[alias.server_name]), is_left_alone)
                # The answer about a recorded room may lead to one more question.
                number = MOST_OF_ALIAS if recorded is None else MOST_OF_ALIAS - 2
                about: list[RoomAlias | RoomId] = [] if recorded is None else [recorded]
                about += islice(variants, number)
                wanted += ((rank, alias, room) for rank, room in enumerate(about))
        return self._bounded((alias.server_name, room) for _, alias, room in sorted(wanted))

    def further_questions(
        self, rooms: Iterable[Resolved], is_left_alone: Callable[[RoomAlias], bool]
    ) -> Questions:
        """Return what to ask about the aliases that the recorded ``rooms`` call their own."""
        named = {room.canonical_alias for room in rooms if room.canonical_alias is not None}
        to_ask = self._open(sorted(named), is_left_alone)
        return self._bounded((alias.server_name, alias) for alias in to_ask)

    def _open(
        self, aliases: Iterable[RoomAlias], is_left_alone: Callable[[RoomAlias], bool]
    ) -> Iterator[RoomAlias]:
        return (alias for alias in aliases if alias not in self._answers and not is_left_alone(alias))

    def _bounded(self, wanted: Iterable[tuple[ServerName, RoomAlias | RoomId]]) -> Questions:
        """Return the first questions, as many as hosts and run have left; each once."""
        questions: Questions = defaultdict(list)
        for server, room in dict.fromkeys(wanted):
            host = urlsplit(self.apis.get(server, f"https://{server}")).netloc
            is_too_many = self._asked[host] >= MOST_OF_HOST or self._asked.total() >= MOST_OF_RUN
            if server not in self._troubled and not is_too_many:
                self._asked[host] += 1
                questions[server].append(room)
        return questions


def _is_absent(alias: RoomAlias, answers: Mapping[RoomAlias, Answer]) -> bool:
    return isinstance(answers.get(alias), Absent) and not is_bridge_alias(alias)


def variants_of(alias: RoomAlias, prefix: str = "") -> Iterator[RoomAlias]:
    """Yield other ways to write ``alias``, the likeliest first.

    ``prefix`` is how most names on its server begin; one that begins with its server's own name may do
    without. None of them is an alias that a bridge makes once somebody asks.
    """
    name, server = alias.localpart, alias.server_name
    words = [word for word in _SEPARATOR.split(_CAMEL.sub("-", name).lower()) if word]
    if not words:
        return
    first, *rest = words
    likely = [
        name.lower(),
        "-".join(words),
        "_".join(words) if "-" in name else name,
        name if first == _SEPARATOR.sub("", prefix).lower() else prefix + name,
        name[len(first) + 1 :] if rest and first in _own_names(server) else name,
        _other_number(name, words[-1]),
        "".join(words),
        name[:1].upper() + name[1:],
        "_".join(words),
        ".".join(words),
    ]
    variants = (_alias(other, server) for other in dict.fromkeys(likely) if other != name)
    yield from (each for each in variants if each is not None and not is_bridge_alias(each))


def _alias(name: str, server: ServerName) -> RoomAlias | None:
    try:
        return RoomAlias(f"#{name}:{server}")
    except IdentifierError:
        return None  # it is too long


def _own_names(server: ServerName) -> set[str]:
    """Return the words by which a server may be a community's own; ``matrix`` is nobody's."""
    return {*server.host.lower().split(".")[:-1]} - {"matrix"}


def _other_number(name: str, word: str) -> str:
    """Return the plural of a name with this last word, the singular if it is one, or the name itself."""
    is_plural = word.endswith("s") and not word.endswith("ss")
    is_word = word.isascii() and word.isalpha() and len(word) - is_plural >= _SHORTEST_SINGULAR
    if not is_word or not name.lower().endswith(word):
        return name
    if is_plural:
        return name[:-1]
    return name if word.endswith(_TAKES_NO_S) else name + "s"


def _prefix(names: Collection[str]) -> str:
    """Return how most of the names begin, with the separator; empty if there is no such beginning."""
    beginnings = Counter(match[0] for name in names if (match := re.match("[^-_.]+[-_.]", name)))
    for beginning, number in beginnings.most_common(1):
        if number >= _FEWEST_WITH_PREFIX and 2 * number > len(names):
            return beginning
    return ""


def _spelling(alias: RoomAlias) -> str:
    """Return what is left of a name without case and separators."""
    return _SEPARATOR.sub("", alias.localpart.casefold())


def _is_slip(name: str, other: str) -> bool:
    """Say whether two names differ in one letter, or in the order of two, and that in a long word.

    Digits and separators tell names apart, and so does a letter of a short word, such as a language's.
    """
    if abs(len(name) - len(other)) > 1 or len(name) > _LONGEST_COMPARED:
        return False
    name, other = name.casefold(), other.casefold()
    start = _alike_at_start(name, other)
    end = _alike_at_start(name[start:][::-1], other[start:][::-1])
    left, right = name[:start], name[len(name) - end :]
    this, that = name[start : len(name) - end], other[start : len(other) - end]
    is_exchange = len(this) == len("ab") and this == that[::-1]
    if not (is_exchange or max(len(this), len(that)) == 1) or not (this + that).isalpha():
        return False
    letters = len(_SEPARATOR.split(left)[-1]) + max(len(this), len(that)) + len(_SEPARATOR.split(right)[0])
    return letters >= _SHORTEST_WITH_SLIP - is_exchange


def _alike_at_start(text: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(text, other, strict=False)))
