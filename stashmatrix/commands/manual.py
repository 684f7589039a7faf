r"""The manual page, of the same text as the help.

The language is that of man(7), in which a backslash, and a full stop at the start of a line, are no text.
"""

import re
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import TYPE_CHECKING

from typer.core import TyperGroup

from stashmatrix import __version__
from stashmatrix.commands import helptext
from stashmatrix.commands.helptext import Page, Row

if TYPE_CHECKING:
    from typer._click import Context

_HELP = ("-h, --help", "Show this message and exit.")
"""An option of every command, which is told once."""

_ENVIRONMENT = (
    ("STASHMATRIX_CATALOGUE", "Catalogue to use, as by --catalogue."),
    ("BROWSER", "Program that opens a room, such as firefox."),
    ("NO_COLOR, FORCE_COLOR", "Write without colour, or in colour; --color counts more."),
    ("HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE", "As elsewhere, for what asks servers."),
)
_FILES = (
    (
        "stashmatrix.toml, .stashmatrix.toml, pyproject.toml",
        (
            "Settings of a project: the nearest file counts, from the working directory to the root of the "
            "repository. In the last one they are the table [tool.stashmatrix]."
        ),
    ),
)


def written(root: "Context") -> str:
    """Write the manual page of the whole program; ``root`` is its own context."""
    page = helptext.page(root)
    options = page.sections[-1]
    lines = [
        f'.TH STASHMATRIX 1 "" "stashmatrix {__version__}" "User Commands"',
        *(".nh", ".ad l"),
        *(".SH NAME", rf"stashmatrix \- {_plain(page.about[:1].lower() + page.about[1:].rstrip('.'))}"),
        *(".SH SYNOPSIS", *_synopsis(page)),
        *(".SH DESCRIPTION", _plain(page.about)),
        *(".SH OPTIONS", _plain("These stand before a command or after it."), *_terms(options.rows)),
        *(".SH COMMANDS", *_commands(root)),
        *(".SH EXIT STATUS", *_terms(page.exit_codes)),
        *(".SH ENVIRONMENT", *_terms(_ENVIRONMENT)),
        *(".SH FILES", *_terms(_FILES)),
        *(".SH EXAMPLES", *_examples(page)),
    ]
    return "\n".join(lines) + "\n"


def _commands(ctx: "Context") -> Iterator[str]:
    for each in helptext.subcommands(ctx):
        page = helptext.page(each)
        sections = [(heading, [row for row in rows if row != _HELP]) for heading, rows in page.sections]
        yield f".SS {_plain(page.name.removeprefix('stashmatrix '))}"
        yield from _synopsis(page)
        for paragraph in page.about.split("\n\n"):
            yield from (".PP", _plain(paragraph))
        if isinstance(each.command, TyperGroup):
            yield from _commands(each)
            continue
        for heading, rows in filter(itemgetter(1), sections):
            yield from (".PP", f"{_plain(heading)}:")
            yield from _terms(rows)
        yield from _examples(page)


def _synopsis(page: Page) -> Iterator[str]:
    yield f".B {_plain(page.name)}"
    yield _plain(page.usage)


def _terms(rows: Iterable[Row]) -> Iterator[str]:
    for term, text in rows:
        yield from (".TP", f".B {_plain(term)}", _plain(text))


def _examples(page: Page) -> Iterator[str]:
    for line, what in page.examples:
        yield from (".PP", _plain(what), ".PP", ".nf", f".RS 4\n{_plain(line)}\n.RE", ".fi")


def _plain(text: str) -> str:
    """Write one paragraph as it is: nothing in it is a request, and a hyphen can be copied."""
    one_line = " ".join(text.split())
    escaped = one_line.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq").replace('"', r"\(dq")
    return re.sub(r"^\.", r"\&.", escaped)
