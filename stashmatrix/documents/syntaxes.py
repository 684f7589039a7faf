"""Every syntax of a document, by the suffix of its name."""

import re

from stashmatrix.documents import (
    asciidoc,
    htmlmarkup,
    man,
    markdown,
    org,
    restructuredtext,
    strings,
    tex,
    textile,
    wiki,
)
from stashmatrix.documents.markup import Syntax

_TEXT = Syntax(strings.text_markup, markdown.unescape)
_STRINGS = Syntax(strings.text_markup, markdown.unescape, strings.string_view)
_STYLES = Syntax(strings.text_markup, bare=False)
_HTML = Syntax(htmlmarkup.html_markup, htmlmarkup.unescape)

_BY_SUFFIX = {
    "md markdown mdown mkd mkdn mdc qmd rmd livemd": Syntax(markdown.markdown_markup, markdown.unescape),
    "mdx": Syntax(markdown.mdx_markup, markdown.unescape),
    "rst rest": Syntax(restructuredtext.restructuredtext_markup, restructuredtext.unescape),
    "adoc asciidoc asc": Syntax(asciidoc.asciidoc_markup, asciidoc.unescape),
    "org": Syntax(org.org_markup),
    "textile": Syntax(textile.textile_markup, htmlmarkup.unescape),
    "wiki mediawiki dokuwiki": Syntax(wiki.wiki_markup, htmlmarkup.unescape),
    "tex latex ltx sty cls texi texinfo": Syntax(tex.tex_markup, view=tex.tex_view),
    "man mdoc": Syntax(man.man_markup, view=man.man_view),
    "html htm xhtml xml svg rss atom xsl opml dtd rdf xlf xliff qhp ui docbook appdata metainfo"
    " vue svelte astro jsx tsx jsp erb ejs hbs mustache njk liquid twig jinja jinja2 tmpl php": _HTML,
    "ipynb": Syntax(strings.notebook_markup, markdown.unescape, strings.notebook_view),
    "po pot": Syntax(strings.text_markup, markdown.unescape, strings.catalogue_view),
    "json jsonc json5 webmanifest arb geojson yaml yml toml": _STRINGS,
    "py pyi rs ts mts cts js mjs cjs go c h cc cpp cxx hpp hh m mm java kt kts scala swift rb lua el clj ex"
    " exs erl hs ml fs cs vb dart nim zig d jl r pl pm tcl groovy gradle sql sh bash zsh fish ps1 nix vala": (
        _STRINGS
    ),
    "css scss sass less styl": _STYLES,
}
_SYNTAXES = {suffix: syntax for suffixes, syntax in _BY_SUFFIX.items() for suffix in suffixes.split()}
_MANUAL = re.compile(r"[1-9][a-z]{0,2}")


def syntax_of(path: str) -> Syntax:
    """Return the syntax of a file by its name; that of text if it is not known."""
    name = path.rpartition("/")[2].lower()
    while name.endswith((".in", ".j2", ".template", ".tmpl", ".jinja", ".jinja2")) and "." in name[:-3]:
        name = name.rpartition(".")[0]
    stem, dot, suffix = name.rpartition(".")
    if stem and dot and _MANUAL.fullmatch(suffix):
        suffix = "man"
    return _SYNTAXES.get(suffix, _TEXT)
