"""Catalogues that Hypothesis draws, whose texts are full of what formats read as more than text."""

from datetime import date

from hypothesis import strategies as st

from stashmatrix.catalogue.model import Address, Catalogue, Category, Flag, Room, Space
from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.records.reference import Source

NOWHERE = Source("", 1, 1)

WORDS = st.text(st.characters(exclude_categories=["Cc", "Cn", "Cs", "Zl", "Zp"]), max_size=12)
SPECIAL = st.sampled_from(
    ["*", "_", "`", "[", "](x)", "<b>", "<!--", "-->", "&amp;", "&", "{{x}}", "{:.a}", "\\", "~~", "|", "$"]
) | st.sampled_from(
    ["#", "- ", " - ", ": ", "(bridged)", "[NSFW]", "archived", "NSFW", "1. ", "![", "#x:y.org", "<script>"]
)
# Of reStructuredText and AsciiDoc.
SPECIAL |= st.sampled_from(
    [
        "`x`_",
        "x_",
        "|x|",
        ".. x::",
        "::",
        ":x:`y`",
        "[1]_",
        "<x>`__",
        "https://x.org",
        "x@y.org",
        "**",
        "++",
        "//",
    ]
) | st.sampled_from(
    [
        "{set:x}",
        "pass:[x]",
        "<<x>>",
        "(C)",
        "...",
        "--",
        "->",
        "image::x[]",
        "[[x]]",
        "^",
        "#x#",
        "]",
        "include::x[]",
    ]
)
TEXTS = (
    st.lists(WORDS | SPECIAL, min_size=1, max_size=6)
    .map(lambda parts: " ".join("".join(parts).split(" ")).strip())
    .filter(bool)
)
LOCALPARTS = st.lists(WORDS | SPECIAL, min_size=1, max_size=3).map(
    lambda parts: "".join(parts).replace(":", "")
)
SERVERS = st.sampled_from(["x.org", "example.org:8448", "[2001:db8::1]", "a-b.example"])
ALIASES = (
    st.tuples(LOCALPARTS, SERVERS)
    .filter(lambda names: names[0] != "" and len(names[0].encode()) < 200)
    .map(lambda names: RoomAlias(f"#{names[0]}:{names[1]}"))
)
REASONS = TEXTS.filter(lambda text: "-->" not in text and "*/" not in text)


def _other_than(name: str, own_name: str | None) -> str | None:
    return None if own_name == name else own_name


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    """Return catalogues whose rooms are in their categories' order."""
    titles = draw(st.lists(TEXTS, min_size=1, max_size=3))
    categories = tuple(
        Category(draw(st.sampled_from(["talk", "bot-feed"])) + f"-{number}", title)
        for number, title in enumerate(titles)
    )
    aliases = draw(st.lists(ALIASES, max_size=6, unique=True))
    others = draw(st.lists(ALIASES.filter(lambda alias: alias not in aliases), max_size=3, unique=True))
    places = sorted(draw(st.lists(st.integers(0, len(titles) - 1), min_size=6, max_size=6)))
    return Catalogue(
        path="",
        community=draw(TEXTS),
        prefix=draw(st.just("") | TEXTS),
        origin=draw(st.none() | TEXTS),
        as_of=draw(st.none() | st.dates(min_value=date(1000, 1, 1))),
        space=draw(
            st.none()
            | st.just(Space(RoomAlias("#s:x.org"), (Address(RoomAlias("#s:y.org"), NOWHERE),), NOWHERE))
        ),
        flags=draw(st.dictionaries(st.sampled_from(Flag), TEXTS)),
        categories=categories,
        rooms=tuple(
            Room(
                alias=alias,
                category=categories[place],
                flags=tuple(flag for flag in Flag if draw(st.booleans())),
                description=draw(st.none() | TEXTS),
                published_link=draw(st.none() | st.just("https://matrix.to/#/#else where(<:x.org")),
                unchecked=draw(st.none() | REASONS),
                source=NOWHERE,
                own_name=_other_than(alias.localpart, draw(st.none() | TEXTS)),
                alternatives=tuple(Address(other, NOWHERE) for other in others[number::3])
                if number < 3
                else (),
            )
            for number, (alias, place) in enumerate(zip(aliases, places, strict=False))
        ),
    )
