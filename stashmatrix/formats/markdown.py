"""A report for a comment or a web page, in GitHub's Markdown.

Each text of a stranger is a code span: GitHub makes links of bare URLs, ``www.`` names and mail addresses,
and notifies whoever an ``@name`` means, but not in code. The only links are those that this module writes.
"""

import re
from collections.abc import Iterable

from stashmatrix.checks.grouping import IgnoredRow, Row, ignored_rows, rows
from stashmatrix.formats.lines import location
from stashmatrix.formats.summary import summary
from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.matrix.links import Link, matrix_to_url
from stashmatrix.records.findings import Fix
from stashmatrix.records.reference import Reference
from stashmatrix.records.results import CheckedLink, Report
from stashmatrix.text import counted, printable

MAX_BYTES = 512 * 1024
"""The largest table rows together: GitHub drops a step's summary whole if it has more than 1 MiB."""

FINDINGS = "\n| severity | location | room | finding | message | hint |\n|---|---|---|---|---|---|\n"
_IGNORED = "\n| location | skipped or ignored | reason |\n|---|---|---|\n"

_LONGEST_NAME = 200
"""Characters of a link that names nothing."""


def write(report: Report) -> str:
    """Write the summary as a heading, tables of the findings, the worst first, and of what is ignored.

    After them comes what would mend the links. Rows that do not fit into ``MAX_BYTES`` are left out and
    counted, the least important first.
    """
    findings = [finding_row(row) for row in sorted(rows(report), key=_rank)]
    ignored = [_ignored(row) for row in ignored_rows(report)]
    fitting = number_that_fits([*findings, *ignored])
    parts = [f"## {summary(report)}\n"]
    for head, table in (
        (FINDINGS, findings[:fitting]),
        (_IGNORED, ignored[: max(0, fitting - len(findings))]),
    ):
        parts += [head, *table] if table else []
    if missing := len(findings) + len(ignored) - fitting:
        parts.append(f"\nNot shown, for lack of room: {counted(missing, 'more row')}.\n")
    return "".join([*parts, _suggested_changes(report)])


def _suggested_changes(report: Report) -> str:
    """Write what would mend the links, as a block of a diff; nothing if that is unknown."""
    changes = [_change(link, finding.fix) for link, finding in report.findings if finding.fix is not None]
    fitting = number_that_fits(changes)
    if not fitting:
        return ""
    fence = _fence("".join(changes), shortest=3)
    missing = len(changes) - fitting
    more = f"\nNot shown, for lack of room: {counted(missing, 'more change')}.\n" if missing else ""
    return "".join(["\n### Suggested changes\n\n", fence, "diff\n", *changes[:fitting], fence, "\n", more])


def _change(link: CheckedLink, fix: Fix) -> str:
    reference = link.reference
    old = reference.text if fix.start == reference.start else reference.label or ""
    way = "--fix" if fix.safe else "--fix --unsafe-fixes"
    return f"@@ {location(link)}: {way} @@\n-{printable(old)}\n+{printable(fix.replacement)}\n"


def _rank(row: Row) -> int:
    return row.finding.severity.rank


def number_that_fits(lines: Iterable[str], most: int = MAX_BYTES) -> int:
    """Return how many of the lines, from the first on, have at most so many bytes together."""
    number = size = 0
    for line in lines:
        size += len(line.encode())
        if size > most:
            break
        number += 1
    return number


def finding_row(row: Row) -> str:
    """Write a row of the table of ``FINDINGS``."""
    finding = row.finding
    cells = (
        finding.severity,
        _code(location(row.link)),
        _room(row.link.reference),
        _code(finding.check.code),
        _code(finding.message),
        _escaped(finding.hint) if finding.own_hint is None else _code(finding.own_hint),
    )
    return _line(cells)


def _ignored(row: IgnoredRow) -> str:
    return _line((_code(location(row.link)), _code(row.subject), _code(row.reason)))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _room(reference: Reference) -> str:
    """Write an alias as a link to its room, and all else as it is."""
    if isinstance(reference.target, RoomAlias):
        return f"[{_code(printable(reference.target))}](<{matrix_to_url(Link(target=reference.target))}>)"
    return _code(printable(reference.name, limit=_LONGEST_NAME))


def _code(text: str) -> str:
    """Write one line of text as a code span in a table's cell (GitHub Flavored Markdown, 4.10 and 6.3)."""
    fence = _fence(text)
    # One blank on each side is dropped. It keeps a backtick from the fence, and what is all blanks stays.
    padding = " " if re.search("^[` ]|[` ]$", text) and text.strip(" ") else ""
    # A table ends its cells before it looks for code: there, and only there, a backslash escapes.
    return f"{fence}{padding}{text}{padding}{fence}".replace("|", r"\|")


def _fence(text: str, *, shortest: int = 1) -> str:
    """Return backticks that no run of them in a text is as long as."""
    return "`" * max(shortest, 1 + max(map(len, re.findall("`+", text)), default=0))


def _escaped(text: str) -> str:
    """Escape what has a meaning to Markdown or HTML in a table's cell."""
    text = re.sub(r"([\\`*_{}\[\]()#~!$])", r"\\\1", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("|", "&#124;")
