"""A report for CI servers that show test results: JUnit XML."""

from collections import Counter
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from stashmatrix.formats.plain import finding_line
from stashmatrix.records.findings import Finding, Severity
from stashmatrix.records.results import CheckedLink, Report, Skipped, Verdict
from stashmatrix.text import printable


def junit(report: Report) -> str:
    """Write JUnit XML, in ASCII, as CI servers read it: a test case for each link.

    A broken link is a failure; one that could not be checked, or was not to be, is skipped.
    """
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


def _fill_case(case: ET.Element, link: CheckedLink) -> None:
    """Put a link's findings into its test case: those that decide the verdict, then all others."""
    tag, deciding = {
        Verdict.BROKEN: ("failure", Severity.ERROR),
        Verdict.UNVERIFIED: ("skipped", Severity.UNVERIFIED),
        Verdict.OK: ("", None),
    }[link.verdict]
    main = [finding for finding in link.findings if finding.check.severity is deciding]
    others = [finding for finding in link.findings if finding.check.severity is not deciding]
    if main:
        about = {"type": main[0].check.code, "message": _xml_text(main[0].message)}
        ET.SubElement(case, tag, about).text = _xml_lines(link, main)
    if others:
        ET.SubElement(case, "system-out").text = _xml_lines(link, others)


def _xml_lines(link: CheckedLink, findings: Iterable[Finding]) -> str:
    return "\n".join(
        _xml_text(line)
        for finding in findings
        for line in (finding_line(link, finding.check, finding.message), f"hint: {finding.check.hint}")
    )


def _xml_text(text: str) -> str:
    """Return ``printable`` text without the two characters besides that XML 1.0 forbids."""
    return printable(text).replace("\ufffe", r"\ufffe").replace("\uffff", r"\uffff")
