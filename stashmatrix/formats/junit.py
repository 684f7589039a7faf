"""A report for CI servers that show test results: JUnit XML."""

from collections import Counter
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree as ET

from stashmatrix.checks.judge import is_deciding
from stashmatrix.formats.lines import finding_line, in_repository
from stashmatrix.records.findings import Finding
from stashmatrix.records.reference import Source
from stashmatrix.records.results import CheckedLink, Report, Run, Skipped, Verdict
from stashmatrix.text import printable

_RESULTS: dict[Verdict | None, str] = {Verdict.BROKEN: "failure", Verdict.UNVERIFIED: "skipped"}
"""The element that says what came of a test; one that passed has none."""


def write(report: Report) -> str:
    """Write JUnit XML, in ASCII: a test case for each link, and for each ignore that silences nothing.

    A broken link is a failure; an unverified or skipped one is skipped.
    """
    links: tuple[CheckedLink | Skipped, ...] = (*report.links, *report.unused_ignores, *report.skipped)
    counts = {
        "tests": len(links),
        "failures": report.count(Verdict.BROKEN),
        "errors": 0,
        "skipped": report.count(Verdict.UNVERIFIED) + len(report.skipped),
    }
    attributes = {key: str(value) for key, value in counts.items()}
    root = ET.Element("testsuites")
    name = {"name": "stashmatrix check-links"}
    suite = ET.SubElement(root, "testsuite", {**name, **attributes, **_when(report.run)})
    for link, names in zip(links, _names(links), strict=True):
        case = ET.SubElement(suite, "testcase", {**names, **_place(link.reference.source, report)})
        if isinstance(link, Skipped):
            ET.SubElement(case, "skipped", {"message": _xml_text(link.ignore.reason or link.ignore.text)})
        else:
            _add_findings(case, link)
    ET.indent(root)
    xml: bytes = ET.tostring(root, encoding="us-ascii", xml_declaration=True)
    return xml.decode() + "\n"


def _when(run: Run | None) -> dict[str, str]:
    if run is None:
        return {}
    return {"timestamp": run.began.isoformat(timespec="seconds"), "time": f"{run.seconds:.3f}"}


def _place(source: Source, report: Report) -> dict[str, str]:
    """Return where a test is, if that is in the repository."""
    path = in_repository(source.path, report)
    return {} if path is None else {"file": _xml_text(path), "line": str(source.line)}


def _names(links: Iterable[CheckedLink | Skipped]) -> Iterator[dict[str, str]]:
    """Name each test by its file and target; CI servers merge tests whose names are the same."""
    counts = Counter[tuple[str, str]]()
    for link in links:
        key = classname, name = _xml_text(link.reference.source.path), _xml_text(link.reference.name)
        counts[key] += 1
        yield {"classname": classname, "name": name if counts[key] == 1 else f"{name} ({counts[key]})"}


def _add_findings(case: ET.Element, link: CheckedLink) -> None:
    """Add the findings that decide the verdict as the test's result, and all others as its output."""
    deciding = [finding for finding in link.findings if is_deciding(finding, link.verdict)]
    others = [finding for finding in link.findings if not is_deciding(finding, link.verdict)]
    if deciding:
        about = {"type": deciding[0].check.code, "message": _xml_text(deciding[0].message)}
        ET.SubElement(case, _RESULTS[link.verdict], about).text = _xml_lines(link, deciding)
    elif link.verdict in _RESULTS and (original := link.reference.translates) is not None:
        about = {"message": f"as in the original, line {original.line}"}
        ET.SubElement(case, _RESULTS[link.verdict], about)
    if others:
        ET.SubElement(case, "system-out").text = _xml_lines(link, others)


def _xml_lines(link: CheckedLink, findings: Iterable[Finding]) -> str:
    return "\n".join(
        _xml_text(line)
        for finding in findings
        for line in (finding_line(link, finding), f"hint: {finding.hint}")
    )


def _xml_text(text: str) -> str:
    """Return ``printable`` text without the two other characters that XML 1.0 forbids."""
    return printable(text).replace("\ufffe", r"\ufffe").replace("\uffff", r"\uffff")
