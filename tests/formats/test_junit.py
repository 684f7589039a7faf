"""JUnit, read back with a library for it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import junitparser

from stashmatrix.checks.judge import judge
from stashmatrix.formats import junit
from stashmatrix.records.answers import Absent
from stashmatrix.records.findings import Check
from stashmatrix.records.results import Report, Run
from tests.support.reports import DOWN, GONE, HELP, TOO, reference


def suite(report: Report) -> Any:  # noqa: ANN401 (the package's types do not tell suites and cases apart)
    (found,) = junitparser.JUnitXml.fromstring(junit.write(report).encode())
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
    note, absent, *_ = (finding.message for link in mixed.links for finding in link.findings)
    assert cases[0].system_out == (
        f"rooms.yaml:7:12: note[published-link-differs] {note}\nhint: {Check.PUBLISHED_LINK_DIFFERS.hint}"
    )
    failure = cases[1].result[0]
    assert (failure.type, failure.message) == ("alias-not-found", absent)
    assert failure.text == (
        f"rooms.yaml:9:12: error[alias-not-found] {absent}\nhint: {Check.ALIAS_NOT_FOUND.hint}"
    )


def test_junit_keeps_what_does_not_decide_the_verdict_out_of_the_result() -> None:
    report = judge(
        [reference(GONE, 9, published_link="https://matrix.to/#/#other:example.org")],
        {GONE: Absent(homeserver="https://example.org")},
    )
    [case] = suite(report)
    [failure] = case.result
    assert failure.text.count("hint: ") == case.system_out.count("hint: ") == 1
    assert failure.text.startswith("rooms.yaml:9:12: error[alias-not-found] ")
    assert case.system_out.startswith("rooms.yaml:9:12: note[published-link-differs] ")


def test_junit_says_where_each_link_stands_and_how_long_the_run_took(mixed: Report) -> None:
    run = Run(catalogue="rooms.yaml", began=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), seconds=1.5)
    found = suite(replace(mixed, run=run, folder="data"))
    assert (found.timestamp, found.time) == ("2026-01-02T03:04:05+00:00", 1.5)
    places = [(case._elem.get("file"), case._elem.get("line")) for case in found]  # noqa: SLF001 (it has no names for them)
    assert places == [("data/rooms.yaml", str(link.reference.source.line)) for link in mixed.links]


def test_junit_of_a_translation_leads_to_its_original() -> None:
    original = reference(GONE, 3)
    twin = reference(GONE, 4)._replace(translates=original.source)
    report = judge([original, twin], {GONE: Absent(homeserver="https://example.org")})
    read = suite(report)
    assert read.failures == 2
    assert "line 3" in list(read)[1].result[0].message


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
    assert junit.write(hostile).isascii()
    assert suite(Report(())).tests == 0
