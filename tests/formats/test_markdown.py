"""Markdown, rendered by GitHub's own parser and read back."""

import re
from html.parser import HTMLParser

import cmarkgfm
import pytest

from stashmatrix.checks.grouping import rows
from stashmatrix.checks.judge import judge
from stashmatrix.formats import markdown
from stashmatrix.formats.lines import location
from stashmatrix.matrix.identifiers import RoomAlias, RoomId
from stashmatrix.records.answers import Absent, Answer, Resolved
from stashmatrix.records.findings import Check
from stashmatrix.records.reference import Ignore
from stashmatrix.records.results import Report, Skipped
from tests.support.reports import DOWN, GONE, HELP, HOSTILE_TEXT, WEIRD, reference, unknown

RESOLVED = Resolved(room_id=RoomId("!help:example.org"), homeserver="https://example.org")


class _Page(HTMLParser):
    """Collects the cells of the tables, the links, and what GitHub would look through for mentions."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.cells: list[str] = []
        self.links: list[str | None] = []
        self.outside_code = ""
        self._in_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "td":
            self.cells.append("")
        if tag == "a":
            self.links.append(dict(attrs)["href"])
        self._in_code = self._in_code or tag == "code"

    def handle_endtag(self, tag: str) -> None:
        self._in_code = self._in_code and tag != "code"

    def handle_data(self, data: str) -> None:
        if not self._in_code:
            self.outside_code += data
        if self.cells and data != "\n":
            self.cells[-1] += data


def rendered(text: str) -> _Page:
    page = _Page()
    page.feed(cmarkgfm.github_flavored_markdown_to_html(text))
    return page


def messages(text: str) -> list[str]:
    return rendered(text).cells[4::6]


def test_markdown_is_a_heading_and_a_table_with_the_worst_first(mixed: Report) -> None:
    page = rendered(markdown.write(mixed))
    assert markdown.write(mixed).startswith("## 4 links: 1 ok, 1 broken, 2 unverified\n")
    assert page.cells[:6] == [
        "error",
        "rooms.yaml:9:12",
        GONE,
        "alias-not-found",
        mixed.links[1].findings[0].message,
        Check.ALIAS_NOT_FOUND.hint,
    ]
    assert page.cells[::6] == ["error", "unverified", "note"]


def test_markdown_says_little_when_all_is_well() -> None:
    assert (
        markdown.write(judge([reference(HELP, 1)], {HELP: RESOLVED}))
        == "## 1 link: 1 ok, 0 broken, 0 unverified\n"
    )


def test_markdown_names_what_was_skipped_once_for_each_reason(skipping: Report) -> None:
    assert "\n\n| location | skipped or ignored | reason |\n" in markdown.write(skipping)
    assert rendered(markdown.write(skipping)).cells == [
        *("rooms.yaml:9:12", GONE, "members only | *"),
        *("rooms.yaml:11:12", "2 links", "--ignore '*:down.example'"),
    ]


def test_a_link_in_a_hint_can_be_copied(repairable: Report) -> None:
    page = rendered(markdown.write(repairable))
    assert page.cells[5] == "write https://matrix.to/#/#help:example.org"
    assert page.links == ["https://matrix.to/#/#help:example.org"]  # the room's alone


def test_markdown_ends_with_what_would_mend_the_links(fixable: Report) -> None:
    assert markdown.write(fixable).partition("### Suggested changes\n\n")[2] == (
        "```diff\n"
        "@@ docs/a.md:1:1: --fix @@\n"
        "-https://matrix.to/#help:example.org\n"
        "+https://matrix.to/#/#help:example.org\n"
        "@@ docs/a.md:1:1: --fix --unsafe-fixes @@\n"
        "-https://riot.im/#/room/#help:example.org\n"
        "+https://matrix.to/#/#help:example.org\n"
        "```\n"
    )


def test_markdown_shows_hostile_text_as_text(hostile: Report) -> None:
    page = rendered(markdown.write(hostile))
    found = sorted(rows(hostile), key=lambda row: row.finding.check.severity.rank)
    assert page.tags == {"h2", "table", "thead", "tr", "th", "tbody", "td", "code", "a"}
    assert len(page.cells) == 6 * len(found) + 3
    assert page.cells[-1].startswith(r"::error::\n::error::x\r\n  ::stop-commands::y\u2028::z")
    for index, row in enumerate(found):
        _, place, _, code, message, _ = page.cells[6 * index : 6 * index + 6]
        assert place == location(row.link)
        assert code == row.finding.check.code
        assert message == row.finding.message


@pytest.mark.parametrize(
    ("alias", "url"),
    [
        ("#stash-help:unredacted.org", "https://matrix.to/#/#stash-help:unredacted.org"),
        ("#a_b*c:example.org:8448", "https://matrix.to/#/%23a_b%2Ac:example.org:8448"),
        ("#x|`y`](z)\\<b>:example.org", "https://matrix.to/#/%23x%7C%60y%60%5D%28z%29%5C%3Cb%3E:example.org"),
        ("#x:[::1]", "https://matrix.to/#/%23x:%5B::1%5D"),
    ],
)
def test_the_link_to_a_room_leads_there(alias: str, url: str) -> None:
    page = rendered(markdown.write(judge([reference(RoomAlias(alias), 1)], {})))
    assert page.links == [url]
    assert page.cells[2] == alias


@pytest.mark.parametrize(
    "text",
    [
        "@somebody",
        "@org/team",
        "#123 owner/name#123",
        "https://evil.example/x",
        "http://evil.example",
        "ftp://evil.example/",
        "www.evil.example",
        "somebody@evil.example",
        "mailto:somebody@evil.example",
        "xmpp:somebody@evil.example",
        "<https://evil.example>",
        "[x](https://evil.example)",
        "![x](https://evil.example)",
        "![x][y]",
        "<img src=x>",
        "<!--",
        "&lt;",
        "&#64;somebody",
        ":smile:",
        "$x$ **b** ~~s~~",
        "a|b",
        "a\\|b",
        "a\\\\|b\\",
        "`@somebody",
        "`a`",
        "`` @somebody ` @somebody ``",
        "`" * 9,
        "``|`|",
        HOSTILE_TEXT,
    ],
)
def test_nothing_of_a_stranger_s_lives_in_markdown(text: str) -> None:
    path = f"{text}.yaml".replace("\x00", "")
    answers: dict[RoomAlias, Answer] = {DOWN: unknown(detail=text), GONE: Absent(homeserver=text)}
    skipped = (
        Skipped(reference(HELP, 3, path), Ignore(text)),
        Skipped(reference(WEIRD, 4, path), Ignore(f"{text}2")),
    )
    report = judge([reference(DOWN, 1, path), reference(GONE, 2, path, text)], answers, skipped=skipped)
    page = rendered(markdown.write(report))
    written = {row.finding.message for row in rows(report)} | {location(link) for link in report.links}
    assert written <= set(page.cells)
    assert page.tags <= {"h2", "table", "thead", "tr", "th", "tbody", "td", "code", "a"}
    assert set(page.links) == {
        f"https://matrix.to/#/{alias}" for alias in ("#down:down.example", "#gone:example.org")
    }
    assert not re.search("@|evil|&", page.outside_code)


@pytest.mark.parametrize("text", ["`", " `a", "a` ", " a ", " a", "a ", "`a", "a`", "``a`", "a``b`c"])
def test_a_code_span_is_the_text_itself(text: str) -> None:
    report = Report((), (Skipped(reference(HELP, 1), Ignore(text)),))
    assert rendered(markdown.write(report)).cells[-1] == text


def gone(number: int) -> RoomAlias:
    return RoomAlias(f"#{number:05}{'x' * 200}:example.org")


@pytest.mark.parametrize("broken", [1, 100, 10_000])
def test_markdown_says_how_many_rows_are_missing(broken: int) -> None:
    aliases = [gone(number) for number in range(broken)]
    answers: dict[RoomAlias, Answer] = dict.fromkeys(aliases, Absent(homeserver="https://example.org"))
    # A note first: whatever is left out, it is not what is worst.
    references = [reference(HELP, 1, published_link="x"), *(reference(alias, 2) for alias in aliases)]
    skipped = tuple(Skipped(reference(DOWN, number), Ignore(f"reason {number}")) for number in range(5))
    report = judge(references, {**answers, HELP: RESOLVED}, skipped=skipped)
    written = markdown.write(report)
    page = rendered(written)
    assert len(written.encode()) < 1024 * 1024 // 2 + 1000
    findings = page.cells.count("error") + page.cells.count("note")
    missing = broken + 1 + len(skipped) - findings - sum(cell.startswith("reason ") for cell in page.cells)
    assert page.cells[:6:6] == ["error"]
    if broken <= 100:
        assert missing == 0
        assert "Not shown" not in written
    else:
        assert written.endswith(f"\n\nNot shown, for lack of room: {missing} more rows.\n")
        assert f"{missing} more rows" in page.outside_code
        assert missing > 1000
        assert "note" not in page.cells


def test_the_limit_counts_bytes() -> None:
    aliases = [RoomAlias(f"#{number:04}{chr(0x1F600) * 50}:example.org") for number in range(3000)]
    report = judge([reference(alias, 1) for alias in aliases], dict.fromkeys(aliases, Absent(homeserver="x")))
    assert len(markdown.write(report)) < len(markdown.write(report).encode()) < 1024 * 1024 // 2 + 1000


@pytest.mark.parametrize(
    ("char", "escaped"), [("|", "\\|"), ("<", "<"), ("&", "&"), ("*", "*"), ("\\", "\\"), ("#", "#")]
)
def test_in_a_code_span_only_the_end_of_a_cell_is_escaped(char: str, escaped: str) -> None:
    report = judge([reference(GONE, 1)], {GONE: unknown(detail=f"a{char}b")})
    assert f": a{escaped}b` |" in markdown.write(report)
    assert messages(markdown.write(report)) == [f"{GONE} could not be checked: a{char}b"]
