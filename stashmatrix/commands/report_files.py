"""Where the reports of a run go: stdout, the files that the user names, and the summary of a CI step."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

import typer

from stashmatrix import files
from stashmatrix.commands import terminal
from stashmatrix.commands.exits import report_error
from stashmatrix.commands.parameters import default_format
from stashmatrix.errors import InvalidFileError, StashmatrixError
from stashmatrix.formats import plain, reports
from stashmatrix.formats.reports import ReportFormat
from stashmatrix.formats.summary import advice, summary
from stashmatrix.records.results import Report
from stashmatrix.text import quoted


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A report to write to a file, as ``FORMAT=FILE``."""

    format: ReportFormat
    path: Path | None
    """``None`` for stdout."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``text``; raise ``ValueError`` if it names no format for files, or no file."""
        name, _, path = text.partition("=")
        formats = [str(known) for known in ReportFormat if known is not ReportFormat.TABLE]
        if name not in formats or not path:
            raise ValueError(f"expected FORMAT=FILE with one of {', '.join(formats)}, got {quoted(text)}")
        if path == "-" and name == ReportFormat.ISSUE:
            raise ValueError("an issue needs a file, which says what failed before")
        return cls(ReportFormat(name), None if path == "-" else Path(path))


def format_of_stdout(chosen: ReportFormat | None, wanted: Iterable[ReportFile]) -> ReportFormat:
    """Return what to write to stdout; raise a usage error if that is more than one report."""
    if chosen is ReportFormat.ISSUE:
        raise typer.BadParameter("an issue needs --report issue=FILE", param_hint="--format")
    formats: list[ReportFormat] = [] if chosen is None else [chosen]
    formats += [file.format for file in wanted if file.path is None]
    if len(formats) > 1:
        raise typer.BadParameter(
            f"stdout takes one report, got {' and '.join(formats)}", param_hint="--report"
        )
    return formats[0] if formats else ReportFormat(default_format())


def check_targets(paths: Iterable[Path], others: Iterable[tuple[str, Path | None]]) -> None:
    """Raise ``StashmatrixError`` if a report cannot be written, or would replace another file of this run."""
    taken = [(what, path) for what, path in others if path is not None]
    for path in paths:
        files.check_target(path)
        files.check_stays_inside(path, Path.cwd())
        for what, other in taken:
            if files.are_same(path, other):
                raise files.unwritable(path, f"it is {what}")
        taken.append(("another report", path))


def write_reports(
    report: Report,
    chosen: ReportFormat,
    wanted: Iterable[tuple[ReportFormat, Path]],
    *,
    unfolded: bool = False,
) -> bool:
    """Write the report to stdout and to all files that the user named; say whether all went well.

    ``unfolded`` is what a person reads on stdout: each finding by itself.
    """
    # The files are written even if stdout cannot be, as on a terminal that was closed.
    written = [attempt(partial(_show, report, chosen, unfolded=unfolded))]
    for form, path in wanted:
        text = _issue(report, path) if form is ReportFormat.ISSUE else reports.write(report, form)
        written += [attempt(partial(files.replace, path, text))]
    if chosen is ReportFormat.GITHUB and (step := os.environ.get("GITHUB_STEP_SUMMARY")):
        text = reports.write(report, ReportFormat.MARKDOWN)
        written += [attempt(partial(files.append, Path(step), text))]
    return all(written)


def _issue(report: Report, path: Path) -> str:
    """Write the issue; the one that is in its file says what failed before."""
    from stashmatrix.formats import issue

    try:
        before = issue.failed(files.read_text(path))
    except InvalidFileError:  # it is missing, or none of ours
        before = None
    return issue.write(report, before or ())


def _show(report: Report, chosen: ReportFormat, *, unfolded: bool) -> None:
    """Write the report to stdout, and to stderr what that format leaves out."""
    match chosen:
        case ReportFormat.TABLE:
            from stashmatrix.formats import table  # loads Rich

            terminal.draw(table.draw(report, unfolded=unfolded, quiet=terminal.is_quiet()))
        case ReportFormat.PLAIN:
            terminal.write(plain.write(report, unfolded=unfolded))
        case _:
            terminal.write(reports.write(report, chosen))
    if chosen in (ReportFormat.PLAIN, ReportFormat.GITHUB):
        terminal.note(f"{summary(report)}\n{advice(report)}".rstrip("\n"))


def attempt(write: Callable[[], None]) -> bool:
    """Write something; if that fails, say why and return ``False``: all else is still written."""
    try:
        write()
    except StashmatrixError as error:
        report_error(error)
        return False
    return True
