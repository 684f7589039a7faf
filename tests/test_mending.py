"""A document with the fixes of its findings: what is replaced, what stays, and what is not done."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stashmatrix.checks.judge import judge, judge_offline
from stashmatrix.documents.read import read
from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.mending import Mended, Repair, mend, repairs
from stashmatrix.records.findings import NOTES, Check, Fix
from stashmatrix.records.reference import Reference
from tests.support.links import ABSENT, ONE, resolved

RIGHT = "https://matrix.to/#/#help:a.org"
SAFE = [
    "https://matrix.to/#help:a.org",
    "https://matrix.to/%23/%23help:a.org",
    "https://matrix.to/#/room/#help:a.org",
    "http://matrix.to/#/#help:a.org",
    "https://www.matrix.to:/#/#help:a.org",
]
UNSAFE = {
    "https://riot.im/app/#/room/#help:a.org": RIGHT,
    "https://matrix.to/#/!id:a.org": "https://matrix.to/#/!id:a.org?via=a.org",
}
STAYS = [RIGHT, "https://matrix.to/#/+help:a.org", "matrix:r/help:a.org"]

# How a link is written in a document of each format, and what may stand around it.
FORMATS = {
    "a.md": "[chat]({})",
    "a.mdx": "<a href={{'{}'}}>chat</a>",
    "a.html": '<a href="{}">chat</a>',
    "a.rst": "`chat <{}>`__",
    "a.adoc": "{}[chat]",
    "a.org": "[[{}][chat]]",
    "a.textile": '"chat":{} ',
    "a.json": '{{"chat": "{}"}}',
    "a.toml": 'chat = "{}"',
    "a.yaml": 'chat: "{}"',
    "a.xml": '<ulink url="{}">chat</ulink>',
    "a.tex": "\\href{{{}}}{{chat}}",
    "a.py": 'CHAT = "{}"',
    "a.txt": "Chat: {} ",
}
TEXTS = st.lists(st.sampled_from(["", "A line.", "caf\u00e9 \u263a", "  ", "# 1"]), max_size=4).map("\n".join)
LINKS = st.lists(st.sampled_from([*SAFE, *UNSAFE, *STAYS]), max_size=6)
ENDS = st.sampled_from(["\n\n", "\r\n\r\n"])
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"])


def mended(path: str, data: bytes, *, unsafe: bool) -> Mended:
    """Mend a document until nothing is left to be."""
    read_again = partial(read, path)
    made: list[Repair] = []
    refused: list[Repair] = []
    while True:
        links = judge_offline(read_again(data), notes=NOTES).links
        wanted = repairs(links, unsafe=unsafe, refused=refused)
        if not wanted:
            return Mended(data, made, refused)
        result = mend(data, wanted, read_again)
        data, made, refused = result.data, [*made, *result.made], [*refused, *result.refused]


@pytest.mark.parametrize("path", FORMATS)
@given(before=TEXTS, links=LINKS, end=ENDS, encoding=ENCODINGS, unsafe=st.booleans())
def test_just_the_links_that_are_wrong_are_replaced_whatever_is_around_them(
    path: str, before: str, links: list[str], end: str, encoding: str, unsafe: bool
) -> None:
    right = dict.fromkeys(SAFE, RIGHT) | (UNSAFE if unsafe else {})

    def document(links: list[str]) -> bytes:
        lines = [FORMATS[path].format(link) for link in links]
        text = end.join([before.replace("\n", end), *lines]) + end
        return text.encode(encoding)

    data = document(links)
    result = mended(path, data, unsafe=unsafe)
    if path not in ("a.toml", "a.po"):  # there, a text around the links can hide some of them
        assert result.data == document([right.get(link, link) for link in links])
    assert result.refused == []
    assert mended(path, result.data, unsafe=unsafe).data == result.data


@pytest.mark.parametrize("link", [*SAFE, *UNSAFE])
@pytest.mark.parametrize("path", FORMATS)
def test_a_link_is_mended_in_every_format(path: str, link: str) -> None:
    written = FORMATS[path]
    result = mended(path, written.format(link).encode(), unsafe=True)
    assert result.data.decode() == written.format(UNSAFE.get(link, RIGHT))


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("a.md", "[{0}]({0}) [chat]({0})"),
        ("a.md", "[{0}][1]\n\n[1]: {0}\n"),
        ("a.md", "<{0}>"),
        ("a.html", '<a href="{0}">{0}</a>'),
        ("a.rst", "`{0} <{0}>`__"),
        ("a.adoc", "{0}[{0}]"),
        ("a.textile", '"{0}":{0} '),
    ],
)
@pytest.mark.parametrize("link", [*SAFE, *UNSAFE])
def test_a_link_that_is_its_own_label_is_mended_in_both_places(path: str, written: str, link: str) -> None:
    result = mended(path, written.format(link).encode(), unsafe=True)
    assert result.data.decode() == written.format(UNSAFE.get(link, RIGHT))
    assert result.refused == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.html", '<a href="https://matrix.to/#help:a.org?via=a.org&amp;via=b.org">chat</a>'),
        ("a.json", '{"chat": "https:\\/\\/matrix.to\\/#help:a.org"}'),
        ("a.json", '{"chat": "https://matrix.to/\\u0023help:a.org"}'),
        ("a.md", "[chat](https://matrix.to/#he\\_lp:a.org)"),
        ("a.po", 'msgid ""\n"https://matrix.to/#"\n"help:a.org"\n'),
        # the label is a name, by which other places refer to the link
        ("a.rst", "`https://matrix.to/#help:a.org <https://matrix.to/#help:a.org>`_\n"),
        # a program finds the translation of a text by all of that
        ("a.po", 'msgid "https://matrix.to/#help:a.org"\nmsgstr "https://matrix.to/#help:a.org"\n'),
        ("a.tex", "\\href{https://matrix.to/\\#help:a.org}{chat}"),
        ("a.eml", "Content-Transfer-Encoding: quoted-printable\n\nhttps://matrix.to/#he=\nlp:a.org\n"),
        # & would have to be an escape here
        ("a.xml", '<a href="http://matrix.to/#/!id:a.org?via=a.org?via=b.org">chat</a>'),
    ],
)
def test_a_link_is_left_that_is_written_with_escapes_or_would_not_be_read_as_it_should(
    path: str, text: str
) -> None:
    assert mended(path, text.encode(), unsafe=True).data.decode() == text


def test_a_byte_that_is_no_text_stays_with_all_others() -> None:
    latin = "caf\xe9 [chat](https://matrix.to/#help:a.org) \x85\n".encode("latin-1")
    assert mended("a.md", latin, unsafe=False).data == latin.replace(b"to/#", b"to/#/#")


def test_a_document_that_is_damaged_before_a_link_keeps_it() -> None:
    data = b"\xef\xbb\xbf\xff [chat](https://matrix.to/#help:a.org)\n"
    result = mended("a.md", data, unsafe=False)
    assert result.data == data
    assert len(result.refused) == 1


@pytest.mark.parametrize("place", range(3))
def test_what_will_not_do_keeps_nothing_else_from_being_done(place: int) -> None:
    """A reader that does not see a link once it is right stands for a format in which it is not read so."""
    links = [link.replace("help", f"help{number}") for number, link in enumerate(SAFE * 2)]
    links.insert(place * len(SAFE), "https://matrix.to/#two:a.org")
    data = "\n".join(links).encode()

    def read_again(data: bytes) -> tuple[Reference, ...]:
        return tuple(each for each in read("a.md", data) if each.text != "https://matrix.to/#/#two:a.org")

    wanted = repairs(judge_offline(read_again(data), notes=NOTES).links, unsafe=False)
    result = mend(data, wanted, read_again)
    assert [repair.fix.replacement for repair in result.refused] == ["https://matrix.to/#/#two:a.org"]
    assert len(result.made) == len(SAFE) * 2
    assert b"https://matrix.to/#two:a.org" in result.data
    assert len(read("a.md", result.data)) == len(links)


def test_a_document_is_not_read_again_and_again_if_hardly_anything_will_do() -> None:
    data = "\n".join(f"https://matrix.to/#help{number}:a.org" for number in range(500)).encode()
    references = read("a.md", data)
    asked = []

    def read_again(new: bytes) -> tuple[Reference, ...]:
        asked.append(new)
        return references

    wanted = repairs(judge_offline(references).links, unsafe=False)
    assert mend(data, wanted, read_again) == Mended(data, (), wanted)
    assert len(asked) <= 101


def test_of_fixes_that_overlap_the_second_waits_for_the_first() -> None:
    text = "https://riot.im/app/#/room/!id:a.org"
    (link,) = judge_offline(read("a.md", text.encode())).links
    assert [repair.check for repair in repairs([link], unsafe=True)] == [Check.MISSING_VIA]
    result = mended("a.md", text.encode(), unsafe=True)
    assert [repair.check for repair in result.made] == [Check.MISSING_VIA, Check.RETIRED_HOST]
    assert result.data == b"https://matrix.to/#/!id:a.org?via=a.org"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[#he-lp:a.org](https://matrix.to/#/#he-lp:a.org)",
            "[#help:a.org](https://matrix.to/#/#help:a.org)",
        ),
        ("[**#he-lp:a.org**](matrix:r/he-lp:a.org)", "[**#help:a.org**](matrix:r/help:a.org)"),
        ("[Help](https://matrix.to/#/#he-lp:a.org)", "[Help](https://matrix.to/#/#help:a.org)"),
    ],
)
def test_a_label_goes_with_its_link_to_another_alias(text: str, expected: str) -> None:
    data = f"{text} {RIGHT}".encode()
    report = judge(
        read("a.md", data), {RoomAlias("#he-lp:a.org"): ABSENT, RoomAlias("#help:a.org"): resolved(ONE)}
    )
    wanted = repairs(report.links, unsafe=True)
    assert mend(data, wanted, partial(read, "a.md")).data.decode() == f"{expected} {RIGHT}"


def test_of_fixes_that_overlap_the_second_has_its_turn_if_the_first_was_refused() -> None:
    links = judge_offline(read("a.md", b"https://riot.im/app/#/room/!id:a.org")).links
    first = repairs(links, unsafe=True)
    assert [repair.check for repair in repairs(links, unsafe=True, refused=first)] == [Check.RETIRED_HOST]


def test_a_reader_that_finds_another_link_or_none_has_the_last_word() -> None:
    data = b"https://matrix.to/#help:a.org"
    (reference,) = read("a.md", data)
    repair = Repair(Fix(0, len(data), RIGHT, safe=True), Check.MALFORMED_LINK)

    def result(*after: Reference) -> Mended:
        return mend(data, [repair], lambda new: after if new != data else [reference])

    (good,) = read("a.md", RIGHT.encode())
    assert result(good).data == RIGHT.encode()
    for after in (
        (),
        (good, good),
        (reference,),
        (good._replace(label="x"),),
        (good._replace(address=f"{RIGHT}?"),),
        (good._replace(address=None),),
        (good._replace(in_code=True),),
    ):
        assert result(*after) == Mended(data, (), [repair])
