"""Every format: each has its module, and none lets through what is hostile."""

import inspect
import pickle
import pkgutil
import re
import subprocess
import sys
import unicodedata
from importlib import import_module
from types import FunctionType

import pytest

from stashmatrix import formats
from stashmatrix.checks.grouping import rows
from stashmatrix.formats import reports
from stashmatrix.formats.reports import TEXT_FORMATS, ReportFormat
from stashmatrix.records.findings import Check, Finding, Severity
from stashmatrix.records.results import CheckedLink, Report, Verdict
from tests.support.links import ONE, A, references, resolved
from tests.support.process import UNMEASURED, environment

INDEX = list(Check).index(Check.LABEL_MISMATCH)
MODULES = [module.name for module in pkgutil.iter_modules(formats.__path__)]


def ways_to_write_a_report(name: str) -> list[str]:
    """Return the functions of a module that make of a report, and of nothing else, what is shown."""
    module = import_module(f"stashmatrix.formats.{name}")
    functions = {way: getattr(module, way, None) for way in ("draw", "write")}
    return [
        way
        for way, function in functions.items()
        if inspect.isfunction(function) and _arguments(function) == ["report"]
    ]


def _arguments(function: FunctionType) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    return [each.name for each in parameters if each.kind is not each.KEYWORD_ONLY]


def test_every_format_has_its_module_and_every_module_of_one_is_a_format() -> None:
    found = {name: ways for name in MODULES if (ways := ways_to_write_a_report(name))}
    assert found == {str(each): ["write"] for each in TEXT_FORMATS} | {"table": ["draw"]}
    assert set(ReportFormat) == {*TEXT_FORMATS, ReportFormat.ISSUE, ReportFormat.TABLE}


def test_asking_for_the_names_of_the_formats_loads_none_of_them() -> None:
    code = "import stashmatrix.formats.reports, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment(UNMEASURED)
    )
    loaded = set(done.stdout.split())
    ours = {name for name in loaded if name.partition(".")[0] == "stashmatrix"}
    assert ours == {"stashmatrix", "stashmatrix.formats", "stashmatrix.formats.reports"}
    assert not loaded & {"hashlib", "json", "rich", "xml"}


@pytest.mark.parametrize("chosen", TEXT_FORMATS)
def test_no_format_lets_through_what_moves_hides_or_breaks_text(
    chosen: ReportFormat, hostile: Report
) -> None:
    written = reports.write(hostile, chosen)
    categories = {unicodedata.category(char) for char in written.replace("\n", "")}
    assert not categories & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    written.encode()


@pytest.mark.parametrize("chosen", TEXT_FORMATS)
def test_no_line_of_any_format_is_a_stranger_s_workflow_command(
    chosen: ReportFormat, hostile: Report
) -> None:
    written = reports.write(hostile, chosen)
    commands = [line for line in written.splitlines() if line.lstrip().startswith("::")]
    assert "##[" not in written
    assert len(commands) == (len([*rows(hostile)]) if chosen is ReportFormat.GITHUB else 0)
    assert all(
        re.fullmatch(r"::(error|notice|warning) file=[^:,]+,line=\d,col=12,title=[a-z-]+::.+", line)
        for line in commands
    )


@pytest.mark.parametrize(
    ("chosen", "severity"),
    [
        (ReportFormat.PLAIN, "note[label-mismatch]"),
        (ReportFormat.JSON, '"severity": "note"'),
        (ReportFormat.GITHUB, "::notice "),
        (ReportFormat.JUNIT, "note[label-mismatch]"),
        (ReportFormat.SARIF, f'"ruleIndex": {INDEX},\n          "level": "note"'),
        (ReportFormat.MARKDOWN, "| note |"),
    ],
)
def test_a_finding_s_own_severity_and_hint_are_shown(chosen: ReportFormat, severity: str) -> None:
    finding = Finding(Check.LABEL_MISMATCH, "two aliases", "one will do", Severity.NOTE)
    [reference] = references(A)
    link = CheckedLink(reference=reference, answer=resolved(ONE), findings=(finding,), verdict=Verdict.OK)
    written = reports.write(Report((link,)), chosen)
    assert severity in written
    assert "one will do" in written
    assert "whichever is wrong" not in written or chosen is ReportFormat.SARIF  # which lists every rule


@pytest.mark.parametrize("seed", ["1", "2"])
def test_a_report_is_written_the_same_each_time(seed: str, mixed: Report) -> None:
    code = (
        "import pickle, sys\n"
        "from stashmatrix.formats.reports import TEXT_FORMATS, write\n"
        "report = pickle.load(sys.stdin.buffer)\n"
        "print(*(write(report, each) for each in TEXT_FORMATS))\n"
    )
    # The order of a set's strings depends on the seed.
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=pickle.dumps(mixed),
        capture_output=True,
        check=True,
        env=environment({"PYTHONHASHSEED": seed}),
    )
    assert done.stdout.decode() == " ".join(reports.write(mixed, each) for each in TEXT_FORMATS) + "\n"


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (ReportFormat.PLAIN, ""),
        (ReportFormat.GITHUB, ""),
        (ReportFormat.MARKDOWN, "## 0 links: 0 ok, 0 broken, 0 unverified\n"),
    ],
)
def test_a_report_without_links_is_short(chosen: ReportFormat, expected: str) -> None:
    assert reports.write(Report(()), chosen) == expected


@pytest.mark.parametrize("chosen", [ReportFormat.PLAIN, ReportFormat.GITHUB])
def test_a_format_of_findings_says_nothing_of_what_was_skipped(
    chosen: ReportFormat, skipping: Report
) -> None:
    assert reports.write(skipping, chosen) == ""
