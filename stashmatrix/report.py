"""A finished report as text: for people, for other programs."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

from stashmatrix import __version__
from stashmatrix.answers import Answer, Resolved, Unknown
from stashmatrix.checks import CheckedLink, Reference, Report, Skipped, Verdict
from stashmatrix.escaping import ascii_json, printable, printable_path
from stashmatrix.findings import CHECK_OF_REASON, Check, Finding, Severity
from stashmatrix.wording import counted

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from rich.console import RenderableType

    from stashmatrix.identifiers import ServerName

JSON_VERSION = 1

_STYLES = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "yellow",
    Severity.UNVERIFIED: "magenta",
    Severity.NOTE: "dim",
}

_SEVERITIES = tuple(_STYLES)
"""The worst first."""

_GITHUB_COMMANDS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.UNVERIFIED: "warning",
    Severity.NOTE: "notice",
}

_SARIF_LEVELS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.UNVERIFIED: "note",
    Severity.NOTE: "note",
}

_SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def summary(report: Report) -> str:
    """Sum a report up in one line."""
    counts = [f"{report.count(verdict)} {verdict}" for verdict in Verdict]
    warnings = [counted(report.warnings, "warning")] if report.warnings else []
    skipped = [f"{len(report.skipped)} skipped"] if report.skipped else []
    return f"{counted(len(report.links), 'link')}: " + ", ".join(counts + warnings + skipped)


def advice(report: Report) -> str:
    """Say what to do about each kind of finding, the worst first, on a line each; notes need nothing done."""
    count = Counter(finding.check for link in report.links for finding in link.findings)
    worst_first = sorted(count, key=lambda check: _SEVERITIES.index(check.severity))
    return "".join(
        f"{count[check]} {check.code}: {check.hint}\n"
        for check in worst_first
        if check.severity is not Severity.NOTE
    )


def plain(report: Report) -> str:
    """Write one finding a line: ``path:line:column: severity[code] message``, in the links' order.

    Links that stayed open for one reason of one server are one line, at the first of them: the
    trouble is the server's.
    """
    return "".join(_line(row.link, row.check, row.message) + "\n" for row in _rows(report))


def as_json(report: Report) -> str:
    """Write the whole report as one JSON object, in ASCII.

    Skipped links have no verdict: they are no ``links``, and are listed by themselves.
    """
    counts = {str(verdict): report.count(verdict) for verdict in Verdict}
    return ascii_json(
        {
            "version": JSON_VERSION,
            "summary": {
                "links": len(report.links),
                **counts,
                "warnings": report.warnings,
                "skipped": len(report.skipped),
            },
            "links": [_link_record(link) for link in report.links],
            "skipped": [
                {**_reference_record(link.reference), "reason": link.reason} for link in report.skipped
            ],
        }
    )


def _reference_record(reference: Reference) -> dict[str, Any]:
    return {
        "source": reference.source._asdict(),
        "label": reference.label,
        "text": reference.text,
        "target": reference.target,
    }


def _link_record(link: CheckedLink) -> dict[str, Any]:
    return {
        **_reference_record(link.reference),
        "verdict": link.verdict,
        "room_id": link.room_id,
        "homeserver": link.answer.homeserver,
        "room": _room_record(link.answer),
        "findings": [
            {
                "code": finding.check.code,
                "severity": finding.check.severity,
                "message": finding.message,
                "hint": finding.check.hint,
            }
            for finding in link.findings
        ],
    }


def _room_record(answer: Answer) -> dict[str, Any] | None:
    if not isinstance(answer, Resolved) or answer.summary is None:
        return None
    keys = ("name", "topic", "members", "join_rule", "room_type", "room_version")
    return {key: getattr(answer.summary, key) for key in keys}


def github(report: Report) -> str:
    """Write one finding a line as a workflow command: GitHub shows it at its line of the file.

    Links that stayed open share a line as in ``plain``.
    """
    return "".join(_github_command(row) for row in _rows(report))


def _github_command(row: "_Row") -> str:
    path, line, column = row.link.reference.source
    place = f"file={_github_property(printable_path(path))},line={line},col={column}"
    title = _github_property(row.check.code)
    text = _github_data(f"{row.message}\nhint: {row.check.hint}")
    return f"::{_GITHUB_COMMANDS[row.check.severity]} {place},title={title}::{text}\n"


def _github_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _github_property(text: str) -> str:
    return _github_data(text).replace(":", "%3A").replace(",", "%2C")


def markdown(report: Report) -> str:
    """Write a heading that sums the report up, and tables of the findings and of what was skipped, if any."""
    heading = f"## {summary(report)}\n"
    findings = [
        f"| {_markdown_text(_place(row.link))} | `{row.check.code}` "
        f"| {_markdown_text(row.message)} | {_markdown_text(row.check.hint or '')} |\n"
        for row in _rows(report)
    ]
    skipped = [f"| {' | '.join(map(_markdown_text, row))} |\n" for row in _skipped_rows(report)]
    if findings:
        findings.insert(0, "\n| place | finding | message | hint |\n|---|---|---|---|\n")
    if skipped:
        skipped.insert(0, "\n| place | skipped | reason |\n|---|---|---|\n")
    return "".join((heading, *findings, *skipped))


def _markdown_text(text: str) -> str:
    """Escape what means something to Markdown or HTML within a cell of a table."""
    text = re.sub(r"([\\`*_{}\[\]()#~!$])", r"\\\1", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("|", "&#124;")


def sarif(report: Report) -> str:
    """Write SARIF 2.1.0, as code scanning reads it: a result for each finding, in the links' order."""
    driver = {
        "name": "stashmatrix",
        "version": __version__,
        "rules": [_sarif_rule(check) for check in Check],
    }
    count = Counter[tuple[str, str]]()
    results = []
    for link in report.links:
        for finding in link.findings:
            same = (finding.check.code, link.reference.target)
            count[same] += 1
            results.append(_sarif_result(link, finding, count[same]))
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return ascii_json({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]})


def _sarif_rule(check: Check) -> dict[str, Any]:
    description = check.code.replace("-", " ").capitalize()
    return {
        "id": check.code,
        "shortDescription": {"text": description},
        "help": {"text": check.hint or description},
        "defaultConfiguration": {"level": _SARIF_LEVELS[check.severity]},
    }


def _sarif_result(link: CheckedLink, finding: Finding, number: int) -> dict[str, Any]:
    path, line, column = link.reference.source
    return {
        "ruleId": finding.check.code,
        "ruleIndex": list(Check).index(finding.check),
        "level": _SARIF_LEVELS[finding.check.severity],
        # A viewer would make a link of "[text](address)".
        "message": {"text": finding.message.replace("](", r"]\x28")},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(path)},
                    "region": {"startLine": line, "startColumn": column},
                }
            }
        ],
        "partialFingerprints": {
            "stashmatrixFinding/v1": _fingerprint(finding.check, link.reference.target, number)
        },
    }


def _fingerprint(check: Check, target: str, number: int) -> str:
    """Return what stays the same when a file is moved or edited elsewhere.

    ``number`` tells apart findings of one kind about one target.
    """
    import hashlib

    return hashlib.sha256(json.dumps([check.code, target, number]).encode()).hexdigest()


def _uri(path: str) -> str:
    """Return a file's path as a relative URI, or as a file URI if the path is absolute."""
    from urllib.parse import quote

    pure = PurePath(printable(path))
    return pure.as_uri() if pure.is_absolute() else quote(pure.as_posix())


def junit(report: Report) -> str:
    """Write JUnit XML, in ASCII, as CI servers read it: a test case for each link.

    A broken link is a failure; one that could not be checked, or was not to be, is skipped.
    """
    from xml.etree import ElementTree as ET

    root = ET.Element("testsuites")
    counts = {
        "tests": len(report.links) + len(report.skipped),
        "failures": report.count(Verdict.BROKEN),
        "errors": 0,
        "skipped": report.count(Verdict.UNVERIFIED) + len(report.skipped),
    }
    attributes = {key: str(value) for key, value in counts.items()}
    suite = ET.SubElement(root, "testsuite", {"name": "stashmatrix check-links", **attributes})
    seen = Counter[tuple[str, str]]()
    links: tuple[CheckedLink | Skipped, ...] = (*report.links, *report.skipped)
    for link in links:
        same = _xml_text(link.reference.source.path), _xml_text(link.reference.target)
        seen[same] += 1
        classname, name = same
        unique = name if seen[same] == 1 else f"{name} ({seen[same]})"
        case = ET.SubElement(suite, "testcase", {"classname": classname, "name": unique})
        if isinstance(link, Skipped):
            ET.SubElement(case, "skipped", {"message": _xml_text(link.reason)})
        else:
            _fill_case(case, link)
    ET.indent(root)
    xml: bytes = ET.tostring(root, encoding="us-ascii", xml_declaration=True)
    return xml.decode() + "\n"


def _fill_case(case: "Element", link: CheckedLink) -> None:
    """Put a link's findings into its test case: those that decide the verdict, then all others."""
    from xml.etree.ElementTree import SubElement

    tag, deciding = {
        Verdict.BROKEN: ("failure", Severity.ERROR),
        Verdict.UNVERIFIED: ("skipped", Severity.UNVERIFIED),
        Verdict.OK: ("", None),
    }[link.verdict]
    main = [finding for finding in link.findings if finding.check.severity is deciding]
    others = [finding for finding in link.findings if finding.check.severity is not deciding]
    if main:
        about = {"type": main[0].check.code, "message": _xml_text(main[0].message)}
        SubElement(case, tag, about).text = _xml_lines(link, main)
    if others:
        SubElement(case, "system-out").text = _xml_lines(link, others)


def _xml_lines(link: CheckedLink, findings: Iterable[Finding]) -> str:
    return "\n".join(
        _xml_text(line)
        for finding in findings
        for line in (_line(link, finding.check, finding.message), f"hint: {finding.check.hint}")
    )


def _xml_text(text: str) -> str:
    """Return ``printable`` text without the two characters besides that XML 1.0 forbids."""
    return printable(text).replace("\ufffe", r"\ufffe").replace("\uffff", r"\uffff")


def table(report: Report) -> "RenderableType":
    """Draw the findings for a screen, the worst first, then what was skipped, a summary and advice."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 1, 0))
    grid.add_column(no_wrap=True)
    for row in sorted(_rows(report), key=lambda row: _SEVERITIES.index(row.check.severity)):
        style = _STYLES[row.check.severity]
        text = Text.assemble((row.check.code, style), f"\n{row.message}\n{_place(row.link)}", overflow="fold")
        grid.add_row(Text(row.check.severity, style=style), text)
    for place, what, reason in _skipped_rows(report):
        grid.add_row(Text("skipped", style="dim"), Text(f"{what}: {reason}\n{place}", overflow="fold"))
    return Group(grid, Text(summary(report), style="bold"), Text(advice(report), end=""))


class _Row(NamedTuple):
    """What people read of a finding, or of one that many links share."""

    link: CheckedLink
    check: Check
    message: str


def _rows(report: Report) -> Iterable[_Row]:
    awaited: dict[tuple[ServerName, Check], list[Unknown]] = defaultdict(list)
    for link in report.links:
        if isinstance(link.answer, Unknown):
            awaited[link.reference.target.server_name, CHECK_OF_REASON[link.answer.reason]].append(
                link.answer
            )
    for link in report.links:
        for finding in link.findings:
            if finding.check.severity is not Severity.UNVERIFIED:
                yield _Row(link, finding.check, finding.message)
                continue
            answers = awaited.pop((link.reference.target.server_name, finding.check), [])
            if len(answers) == 1:
                yield _Row(link, finding.check, finding.message)
            elif answers:
                many = f"{len(answers)} links to {printable(link.reference.target.server_name)}"
                details = [printable(answer.detail, limit=300) for answer in answers]
                # A detail may name the very link that it is about.
                first = ":" if len(set(details)) == 1 else ", the first because"
                yield _Row(link, finding.check, f"{many} could not be checked{first} {details[0]}")


def _skipped_rows(report: Report) -> Iterable[tuple[str, str, str]]:
    """Return the place, the alias and the reason of what was skipped.

    Links with one reason are one row, at the first of them: a pattern may match many.
    """
    alike: dict[str, list[Skipped]] = defaultdict(list)
    for link in report.skipped:
        alike[link.reason].append(link)
    for reason, links in alike.items():
        what = printable(links[0].reference.target) if len(links) == 1 else f"{len(links)} links"
        yield _place(links[0]), what, printable(reason, limit=300)


def _line(link: CheckedLink, check: Check, message: str) -> str:
    return f"{_place(link)}: {check.severity}[{check.code}] {message}"


def _place(link: CheckedLink | Skipped) -> str:
    path, line, column = link.reference.source
    return f"{printable_path(path)}:{line}:{column}"


FORMATS: dict[str, Callable[[Report], str]] = {
    "plain": plain,
    "json": as_json,
    "github": github,
    "junit": junit,
    "sarif": sarif,
    "markdown": markdown,
}
"""Every format that is text, by its name."""
