"""Every syntax of a document, by the suffix of its name."""

import re

from stashmatrix.documents import (
    asciidoc,
    escapes,
    htmlmarkup,
    man,
    mappings,
    markdown,
    notebook,
    org,
    restructuredtext,
    strings,
    tex,
    textile,
    wiki,
)
from stashmatrix.documents.markup import Syntax

_IN_PROGRAMS = ("<!--", "{#", "#", "//", "/*", "--", ";", "%", "{-", "(*", "dnl")
_TEXT = Syntax(strings.text_markup, markdown.unescape, has_captions=True, comments=_IN_PROGRAMS)
_DATA = Syntax(mappings.data_markup, markdown.unescape, escapes.string_view, comments=("#", "//", "/*"))
_PROGRAM = Syntax(strings.text_markup, markdown.unescape, escapes.string_view, comments=_IN_PROGRAMS)
_HTML = Syntax(
    htmlmarkup.html_markup,
    htmlmarkup.unescape,
    escapes.html_view,
    comments=("<!--", "{{!--", "{{/*", "{/*", "/*", "//", "{#", "<%#"),
)
_XML = Syntax(htmlmarkup.html_markup, htmlmarkup.unescape, escapes.xml_view, comments=("<!--",))

_BY_SUFFIX = {
    "md markdown mdown mkd mkdn mdc qmd rmd livemd": (
        Syntax(
            mappings.with_front_matter(markdown.markdown_markup),
            markdown.unescape,
            has_captions=True,
            comments=("<!--", "[//]: # ("),
        )
    ),
    "mdx": Syntax(
        mappings.with_front_matter(markdown.mdx_markup),
        markdown.unescape,
        has_captions=True,
        comments=("{/*",),
    ),
    "rst rest": Syntax(
        restructuredtext.restructuredtext_markup,
        restructuredtext.unescape,
        has_captions=True,
        comments=("^..",),
    ),
    "adoc asciidoc asc": Syntax(
        asciidoc.asciidoc_markup, asciidoc.unescape, has_captions=True, comments=("^//",)
    ),
    "org": Syntax(org.org_markup, has_captions=True, comments=("^#",)),
    "textile": Syntax(
        textile.textile_markup, htmlmarkup.unescape, has_captions=True, comments=("<!--", "^###.")
    ),
    "wiki mediawiki dokuwiki creole xwiki tid": Syntax(
        wiki.wiki_markup, htmlmarkup.unescape, has_captions=True, comments=("<!--",)
    ),
    "tex latex ltx sty cls texi texinfo": Syntax(
        tex.tex_markup, view=tex.tex_view, comments=("%", "@c", "@comment")
    ),
    "man mdoc": Syntax(man.man_markup, view=man.man_view, comments=('.\\"', "'\\\"", '\\"')),
    "html htm xhtml svg vue svelte astro jsx tsx jsp erb ejs hbs mustache njk liquid twig jinja jinja2 tmpl"
    " php": _HTML,
    "xml rss atom xsl xslt opml dtd rdf xlf xliff qhp ui docbook dbk appdata metainfo resx plist": _XML,
    "ipynb": Syntax(markdown.markdown_markup, markdown.unescape, notebook.notebook_view, comments=("<!--",)),
    "po pot": Syntax(
        strings.text_markup, markdown.unescape, escapes.po_view, comments=("#", "#."), is_translation=True
    ),
    "json jsonc json5 jsonl ndjson webmanifest arb geojson topojson jsonld yaml yml toml strings": _DATA,
    "eml mbox": Syntax(
        strings.text_markup, markdown.unescape, escapes.mail_view, has_captions=True, comments=_IN_PROGRAMS
    ),
    "ini cfg conf config properties env desktop service prefs": (
        Syntax(mappings.data_markup, markdown.unescape, escapes.settings_view, comments=("#", ";", "!", "//"))
    ),
    "py pyi rs ts mts cts js mjs cjs coffee go c h cc cpp cxx hpp hh m mm java kt kts scala swift rb lua el"
    " clj cljs ex exs erl hs ml fs cs vb dart nim zig d jl r pl pm tcl groovy gradle sql sh bash zsh fish ps1"
    " nix vala qml proto cmake": _PROGRAM,
    "css scss sass less styl": Syntax(strings.style_markup, comments=("/*", "//")),
}
_SYNTAXES = {suffix: syntax for suffixes, syntax in _BY_SUFFIX.items() for suffix in suffixes.split()}
_XML_DECLARATION = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml\s|!DOCTYPE\s+TS)")
_MANUAL = re.compile(r"[1-9][a-z]{0,2}")


def syntax_of(path: str, data: bytes = b"") -> Syntax:
    """Return the syntax of a file by its name, and by how it begins; that of text if it is not known.

    Qt's translations are called like TypeScript, and much XML has a suffix of its own.
    """
    name = path.rpartition("/")[2].lower()
    while name.endswith((".in", ".j2", ".template", ".tmpl", ".jinja", ".jinja2")) and "." in name[:-3]:
        name = name.rpartition(".")[0]
    stem, dot, suffix = name.rpartition(".")
    if stem and dot and _MANUAL.fullmatch(suffix):
        suffix = "man"
    syntax = _SYNTAXES.get(suffix, _TEXT)
    is_xml = syntax in (_TEXT, _PROGRAM) and _XML_DECLARATION.match(data)
    return _XML if is_xml else syntax
