"""Every format of a report. Asking for their names loads none of them."""

from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stashmatrix.records.results import Report


class ReportFormat(StrEnum):
    """Every format of a report: each is the module of that name in this package."""

    TABLE = "table"
    PLAIN = "plain"
    JSON = "json"
    GITHUB = "github"
    JUNIT = "junit"
    SARIF = "sarif"
    GITLAB = "gitlab"
    MARKDOWN = "markdown"
    ISSUE = "issue"


TEXT_FORMATS = tuple(each for each in ReportFormat if each not in (ReportFormat.TABLE, ReportFormat.ISSUE))
"""All but the table, which is drawn for a terminal, and the issue, which is for a file."""


def write(report: "Report", chosen: ReportFormat) -> str:
    """Write a report in one of ``TEXT_FORMATS``."""
    written: str = import_module(f"stashmatrix.formats.{chosen}").write(report)
    return written
