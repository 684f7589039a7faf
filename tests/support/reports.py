"""What the reports of the tests are about."""

from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.records.answers import Reason, Summary, Unknown
from stashmatrix.records.reference import Reference, Source

HELP = RoomAlias("#help:example.org")
GONE = RoomAlias("#gone:example.org")
DOWN = RoomAlias("#down:down.example")
TOO = RoomAlias("#too:down.example")
WEIRD = RoomAlias("#\u202e\u200b|`x`<b>%0A:example.org")
WEIRD_ID = RoomId("!\u202e\u200b|`x`<b>##[x]:example.org")

# C0, C1, bidi, zero-width, line breaks of every kind, surrogates, and what means something to a format
# or to a CI runner.
HOSTILE_TEXT = (
    "\n::error::x\r\n  ::stop-commands::y\u2028::z##[add-mask]w"
    "\x00\x1b[31m\x07\x7f\x85\x9b\u202e\u2066\u200b\ufeff"
    "\ud800\udcff\ufffe\uffff]]><!-- <script>alert(1)</script> & | `code` "
    "[t](http://x) ![i](y) *b* _e_ ~s~ %0A % \\ \" '"
)

HOSTILE_SUMMARY = Summary(
    members=7,
    name=HOSTILE_TEXT,
    topic=HOSTILE_TEXT,
    join_rule=HOSTILE_TEXT,
    room_type=HOSTILE_TEXT,
    room_version=HOSTILE_TEXT,
    encryption=HOSTILE_TEXT,
)


def reference(
    target: RoomAlias,
    line: int,
    path: str = "rooms.yaml",
    published_link: str | None = None,
    *,
    is_space: bool = False,
) -> Reference:
    source = Source(path, line, 12)
    return Reference(
        source=source, text=target, target=target, published_link=published_link, is_space=is_space
    )


def unknown(reason: Reason = Reason.UNREACHABLE, detail: str = "no connection") -> Unknown:
    return Unknown(reason=reason, detail=detail)
