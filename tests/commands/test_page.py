"""page: a rooms page into a catalogue, and a catalogue into a page."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from stashmatrix.catalogue.model import Catalogue, Room
from stashmatrix.catalogue.reading import load
from tests.support.catalogues import HEAD, catalogue_of
from tests.support.elements import parse
from tests.support.homeserver import fake_homeserver
from tests.support.process import Run, lines

PUBLISHED = Path(__file__).parents[1] / "catalogue" / "published-page.md"
SECTION = "<!-- stashmatrix:rooms -->\n<!-- /stashmatrix:rooms -->\n"


def without_places(rooms: tuple[Room, ...]) -> list[object]:
    return [room._replace(source=None) for room in rooms]  # type: ignore[arg-type]


def entries(page: str) -> list[str]:
    """Return the lines of a page's rooms, without what is there for its generator."""
    found = [line for line in page.splitlines() if line.startswith("- [#")]
    return [re.sub(r"\{:[^}]*\}", "", line).replace(" -  ", " - ").strip() for line in found]


def test_the_published_page_gives_the_rooms_of_the_bundled_catalogue(
    run: Run, tmp_path: Path, bundled: Catalogue
) -> None:
    result = run("page", "import", str(PUBLISHED), "-o", "rooms.yaml", "--community", "Stash")
    assert (result.status, result.stdout) == (0, "")
    assert result.stderr == f"{PUBLISHED}: 52 rooms in 11 categories\n"
    read = load(tmp_path / "rooms.yaml")
    assert without_places(read.rooms) == without_places(bundled.rooms)
    assert read.categories == bundled.categories
    assert sum(room.published_link is not None for room in read.rooms) == 2
    assert read.space is not None
    assert bundled.space is not None
    assert read.space.alias == bundled.space.alias


def test_the_rooms_of_the_published_page_are_written_as_they_were(run: Run) -> None:
    assert entries(run("page", "export").stdout) == entries(PUBLISHED.read_text())


def test_what_is_not_read_is_a_comment_in_its_place(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("# Talk\n\n- #a:matrix.org\n- tea\n- #b:matrix.org\n\nBye.\n")
    result = run("page", "import", "page.md")
    assert [line.strip() for line in lines(result.stdout)[-6:]] == [
        '- alias: "#a:matrix.org"',
        "category: talk",
        "# page.md:4: not read: - tea",
        '- alias: "#b:matrix.org"',
        "category: talk",
        "# page.md:7: not read: Bye.",
    ]
    assert result.stderr == "page.md: 2 rooms in 1 category; 2 comments on what is not there\n"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("# Talk\n\nHello.\n", "lists no rooms"),
        ("", "lists no rooms"),
        (SECTION[:27], "no /stashmatrix:rooms"),
    ],
)
def test_a_page_without_rooms_is_an_error(run: Run, tmp_path: Path, content: str, expected: str) -> None:
    (tmp_path / "page.md").write_text(content)
    result = run("page", "import", "page.md", "-o", "rooms.yaml")
    assert expected in result.stderr
    assert result.status == 3
    assert not (tmp_path / "rooms.yaml").exists()


def test_a_page_gets_its_rooms_between_the_markers_and_keeps_all_else(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    before, after = b"\xef\xbb\xbf# Hi  \r\nx\ny\r\n", b"\r\nlast line"
    page.write_bytes(before + SECTION.replace("\n", "\r\n").encode() + after)
    (tmp_path / "rooms.yaml").write_text(HEAD + '  - alias: "#a:x.org"\n    category: talk\n')
    export = ("--catalogue", "rooms.yaml", "page", "export")
    drifted = run(*export, "--check", "page.md")
    assert drifted.status == 1
    assert "+- [#a:x.org](https://matrix.to/#/#a:x.org)" in lines(drifted.stdout)
    assert "'stashmatrix --catalogue rooms.yaml page export --into page.md'" in drifted.stderr
    assert run(*export, "--into", "page.md").status == 0
    written = page.read_bytes()
    assert written.startswith(before)
    assert written.endswith(after)
    assert b"\r\n- [#a:x.org](https://matrix.to/#/#a:x.org)\r\n" in written
    clean = run(*export, "--check", "page.md")
    assert (clean.status, clean.stdout) == (0, "")
    assert run(*export, "--into", "page.md").status == 0
    assert page.read_bytes() == written


@pytest.mark.parametrize(
    ("name", "form", "written"),
    [
        ("page.mdx", "{{/* {} */}}", "- [#a:x.org](https://matrix.to/#/#a:x.org) - \\<b\\> &#123;x&#125;"),
        ("page.rst", ".. {}", "- `#a:x.org <https://matrix.to/#/#a:x.org>`__ - \\<b\\> {x}"),
        (
            "page.adoc",
            "// {}",
            "* link:++https://matrix.to/#/#a:x.org++[&#35;a&#58;x.org] - &#60;b&#62; &#123;x&#125;",
        ),
        (
            "page.html",
            "<!-- {} -->",
            '<li><a href="https://matrix.to/#/#a:x.org">#a:x.org</a> - &lt;b&gt; {x}</li>',
        ),
    ],
)
def test_a_page_gets_its_rooms_in_its_own_format(
    run: Run, tmp_path: Path, name: str, form: str, written: str
) -> None:
    rooms = HEAD + '  - alias: "#a:x.org"\n    category: talk\n    description: "<b> {x}"\n'
    (tmp_path / "rooms.yaml").write_text(rooms)
    export = ("--catalogue", "rooms.yaml", "page", "export")
    (tmp_path / name).write_text("Hi\n")
    without = run(*export, "--into", name)
    begin, end = form.format("stashmatrix:rooms"), form.format("/stashmatrix:rooms")
    assert without.stderr.endswith(f"\n{begin}\n{end}\n")
    assert without.status == 3
    (tmp_path / name).write_text(f"Hi\n\n{begin}\n{end}\n\nBye\n")
    assert run(*export, "--check", name).status == 1
    assert run(*export, "--into", name).status == 0
    page = lines((tmp_path / name).read_text())
    assert [*page[:3], *page[-3:]] == ["Hi", "", begin, end, "", "Bye"]
    assert written in page
    assert run(*export, "--check", name).status == 0


@pytest.mark.parametrize(
    ("name", "first"), [("mdx", "{/* "), ("rst", ".. "), ("asciidoc", "// "), ("markdown", "<!-- ")]
)
def test_a_section_of_any_format_goes_into_a_new_page(run: Run, name: str, first: str) -> None:
    written = run("page", "export", "--format", name)
    assert written.stdout.startswith(f"{first}stashmatrix:rooms ")
    assert written.stdout.count("matrix.to/#/#stash-help:unredacted.org") == 1


def test_what_is_not_in_markdown_is_not_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.rst").write_text("Rooms\n=====\n\n- #a:matrix.org\n")
    result = run("page", "import", "page.rst")
    assert result.stderr.startswith("error: page.rst is not in Markdown\n")
    assert result.status == 3


def test_a_change_by_hand_is_shown(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(run("page", "export").stdout.replace("Docker", "Podman"))
    result = run("page", "export", "--check", "page.md")
    assert result.status == 1
    assert [line[:2] for line in lines(result.stdout) if "docker-help" in line] == ["--", "+-"]
    number = next(n for n, line in enumerate(lines(page.read_text()), start=1) if "Podman" in line)
    assert result.stderr.startswith(f"page.md:{number}: differs from the catalogue ")
    assert "'stashmatrix page export --into page.md'" in result.stderr


def test_a_page_without_markers_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("# Rooms\n")
    result = run("page", "export", "--into", "page.md")
    assert result.status == 3
    assert "<!-- stashmatrix:rooms -->\n<!-- /stashmatrix:rooms -->\n" in result.stderr
    assert (tmp_path / "page.md").read_text() == "# Rooms\n"


def test_a_room_cannot_break_out_of_the_page(run: Run, tmp_path: Path) -> None:
    evil = (
        '"](https://evil.example) <script>alert(1)</script> | {{ x }} {% y %}'
        '\\n# Owned\\n<!-- /stashmatrix:rooms -->"'
    )
    (tmp_path / "rooms.yaml").write_text(
        HEAD.replace("title: Talk", f"title: {evil}")
        + f'  - alias: "#a:x.org"\n    category: talk\n    description: {evil}\n'
    )
    section = run("--catalogue", "rooms.yaml", "page", "export").stdout
    html = MarkdownIt("commonmark").enable("table").render(section)
    assert html.count("<a href=") == 1
    assert "<script>" not in html
    assert "{" not in section.split("-->", 2)[2]
    assert html.count("<h") == 1
    assert section.count("<!-- /stashmatrix:rooms -->") == 1
    (tmp_path / "page.md").write_text(section)
    again = run("page", "import", "page.md")
    assert "<script>" in again.stdout


def test_other_formats_of_the_rooms(run: Run, bundled: Catalogue) -> None:
    aliases = [room.alias for room in bundled.rooms]
    records = json.loads(run("page", "export", "--format", "json").stdout)
    assert [record["alias"] for record in records] == aliases
    table = csv.DictReader(io.StringIO(run("page", "export", "--format", "csv").stdout))
    assert [row["alias"] for row in table] == aliases


@pytest.mark.parametrize(
    ("args", "named"),
    [
        (["--into", "a.md", "--check", "b.md"], "--check"),
        (["--into", "a.md", "-o", "b.md"], "--into"),
        (["--check", "a.md", "--format", "csv"], "--format"),
        (["--check", "a.md", "--format", "html"], "--format"),
        (["--check-report", "report.json"], "--check-report"),
        (["--mark", "loud=x"], "--mark"),
        (["--mark", "nsfw="], "--mark"),
    ],
)
def test_options_that_make_no_sense_together_are_usage_errors(run: Run, args: list[str], named: str) -> None:
    result = run("page", "export", *args)
    assert result.status == 2
    assert named in result.stderr


def test_marks_are_those_of_the_page(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("# Talk\n\n- #a:matrix.org - 18+ - Fun (bridged)\n")
    read = run("page", "import", "page.md", "--mark", "nsfw=18+", "--mark", "bridged=no mark")
    assert "flags: [nsfw]" in read.stdout
    assert "description: Fun (bridged)" in read.stdout
    (tmp_path / "rooms.yaml").write_text(read.stdout)
    written = run("--catalogue", "rooms.yaml", "page", "export", "--mark", "nsfw=18+")
    assert " - 18+ - Fun (bridged)<!-- -->" in written.stdout


def test_the_page_that_people_search_says_what_check_links_found(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rooms.yaml").write_text(catalogue_of("#help:example.org", "#gone:example.org"))
    catalogue = ("--catalogue", "rooms.yaml")
    with fake_homeserver() as (url, _):
        at = ("--homeserver", f"example.org={url}", "--report", "json=report.json")
        assert run(*catalogue, "check-links", *at).status == 1
    day = json.loads((tmp_path / "report.json").read_text())["time"][:10]
    export = (*catalogue, "page", "export", "--format", "html")
    result = run(*export, "--check-report", "report.json", "-o", "rooms.html")
    assert (result.status, result.stdout) == (0, "")
    items = parse((tmp_path / "rooms.html").read_text()).one("main").all("li")
    assert [[mark.text for mark in item.all("span")] for item in items] == [[], [f"gone on {day}"]]
    assert "gone on" not in run(*export).stdout


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        ("{", "report.json:1:2: "),
        ("[]", "report.json:1:1: not a report of 'check-links --format json'\n"),
        (
            '{"version": 1, "time": "2026-01-31T12:00:00+00:00", "links": []}',
            "error: report.json tells nothing of the catalogue's rooms\n",
        ),
    ],
)
def test_what_is_no_report_of_the_rooms_is_an_error(
    run: Run, tmp_path: Path, report: str, expected: str
) -> None:
    (tmp_path / "report.json").write_text(report)
    result = run("page", "export", "--format", "html", "--check-report", "report.json", "-o", "rooms.html")
    assert (result.status, result.stderr[: len(expected)]) == (3, expected)
    assert not (tmp_path / "rooms.html").exists()
