"""Every format of a report that is text."""

from collections.abc import Callable

from stashmatrix.formats.github import github
from stashmatrix.formats.json import as_json
from stashmatrix.formats.junit import junit
from stashmatrix.formats.markdown import markdown
from stashmatrix.formats.plain import plain
from stashmatrix.formats.sarif import sarif
from stashmatrix.records.results import Report

FORMATS: dict[str, Callable[[Report], str]] = {
    "plain": plain,
    "json": as_json,
    "github": github,
    "junit": junit,
    "sarif": sarif,
    "markdown": markdown,
}
"""Every format that is text, by its name."""
