"""The formats that a page may have: how each writes rooms, so that no text of theirs means more than text."""

import html
import re
from collections.abc import Callable
from pathlib import PurePath
from typing import NamedTuple
from urllib.parse import quote

from stashmatrix.page.marks import BREAK

# All that Markdown, its kin on GitHub and the templates of site generators read as more than text.
_MARKDOWN = re.compile(r"[\\`*_\[\]<>|~$]|!(?=\[)|&(?=[#\w])")
_MARKDOWN_MARK = re.compile(r"[\\`*_<>|~$]")
_MARKDOWN_LINK = re.compile(r"[\\<>]|&(?=[#\w])")
_PLAIN_LINK = re.compile(r"[^\s\\<>&()]+")
_RST = re.compile(r"[\\`*_|<>:@]")
_RST_LABEL = re.compile(r"[\\`<>]")
# Punctuation that AsciiDoc may read as more than text, also where it is doubled.
_ASCIIDOC = re.compile(r"[\"#$%&'()*+:;<=>@\[\\\]^_`{|}~\t]|(?<=[.-])[.-]|(?<=/)/")
_MDX_COMMENT = re.compile(r"\{/\*(.*?)\*/\}", re.DOTALL)
_IN_URLS = "!#$%&'()*,/:;=?@[]~"


class Syntax(NamedTuple):
    """How a format writes a list of rooms; pairs are what is before and behind something."""

    comment: tuple[str, str]
    heading: tuple[str, str]
    items: tuple[str, str]
    """Lines; empty for none."""
    item: tuple[str, str]
    bold: tuple[str, str]
    text: Callable[[str], str]
    """Writes text, on one line."""
    mark: Callable[[str], str]
    """Writes a flag's mark."""
    link: Callable[[str, str], str]
    """Writes a link from its label and its address."""
    fence: re.Pattern[str] | None = None
    """The lines around code that is shown."""
    is_read: bool = False
    """Whether ``page import`` reads it."""

    def commented(self, text: str) -> str:
        """Write a comment, which no text ends."""
        before, behind = self.comment
        for end in ("-->", "*/"):
            text = text.replace(end, f"{end[:-1]} {end[-1]}")
        return f"{before} {text} {behind}".rstrip()


def _with_backslash(special: re.Match[str]) -> str:
    return "\\" + special[0]


def _markdown(text: str) -> str:
    text = _MARKDOWN.sub(_with_backslash, text).replace("{", "&#123;").replace("}", "&#125;")
    return text.replace(BREAK, "<!-- -->")


def _markdown_mark(text: str) -> str:
    return _MARKDOWN_MARK.sub(_with_backslash, text).replace("{", "&#123;").replace("}", "&#125;")


def _markdown_link(label: str, url: str) -> str:
    if not _PLAIN_LINK.fullmatch(url):
        url = f"<{_MARKDOWN_LINK.sub(_with_backslash, url)}>"
    return f"[{_markdown(label)}]({url})"


def _mdx(text: str) -> str:
    return _markdown(text.replace(BREAK, "\0")).replace("\0", "{/* */}")


def _rst(text: str) -> str:
    return _RST.sub(_with_backslash, text)


def _rst_link(label: str, url: str) -> str:
    # What ends with an underscore would be the name of another link.
    return f"`{_RST_LABEL.sub(_with_backslash, label)} <{re.sub('_$', '%5F', _encoded(url))}>`__"


def _asciidoc(text: str) -> str:
    return _ASCIIDOC.sub(lambda special: f"&#{ord(special[0])};", text)


def _asciidoc_link(label: str, url: str) -> str:
    return f"link:++{_encoded(url)}++[{_asciidoc(label)}]"


def _html_link(label: str, url: str) -> str:
    return f'<a href="{html.escape(url)}">{html.escape(label)}</a>'


def _encoded(url: str) -> str:
    return quote(url, safe=_IN_URLS)


MARKDOWN = Syntax(
    comment=("<!--", "-->"),
    heading=("## ", ""),
    items=("", ""),
    item=("- ", ""),
    bold=("**", "**"),
    text=_markdown,
    mark=_markdown_mark,
    link=_markdown_link,
    fence=re.compile(r" {0,3}(`{3,}|~{3,})"),
    is_read=True,
)
MDX = MARKDOWN._replace(comment=("{/*", "*/}"), text=_mdx)
RST = Syntax(
    comment=("..", ""),
    heading=(".. rubric:: ", ""),  # a section would have to fit in with those of the page
    items=("", ""),
    item=("- ", ""),
    bold=("**", "**"),
    text=_rst,
    mark=_rst,
    link=_rst_link,
)
ASCIIDOC = Syntax(
    comment=("//", ""),
    heading=("[discrete]\n=== ", ""),
    items=("", ""),
    item=("* ", ""),
    bold=("**", "**"),
    text=_asciidoc,
    mark=_asciidoc,
    link=_asciidoc_link,
    fence=re.compile(r"(-{4,}|\.{4,}|`{3,}|\+{4,}|/{4,})\s*$"),
)
HTML = Syntax(
    comment=("<!--", "-->"),
    heading=("<h2>", "</h2>"),
    items=("<ul>", "</ul>"),
    item=("<li>", "</li>"),
    bold=("<strong>", "</strong>"),
    text=html.escape,
    mark=html.escape,
    link=_html_link,
)

_BY_SUFFIX = {
    ".mdx": MDX,
    ".rst": RST,
    ".rest": RST,
    ".adoc": ASCIIDOC,
    ".asciidoc": ASCIIDOC,
    ".asc": ASCIIDOC,
    ".html": HTML,
    ".htm": HTML,
}


def syntaxes_of(path: str) -> tuple[Syntax, ...]:
    """Return what a file may be written in, the likeliest first: some sites take all Markdown for MDX."""
    syntax = _BY_SUFFIX.get(PurePath(path).suffix.lower())
    return (MARKDOWN, MDX) if syntax is None else (syntax,)


def as_markdown(text: str) -> str:
    """Return MDX with the comments of Markdown."""
    return _MDX_COMMENT.sub(r"<!--\1-->", text)
