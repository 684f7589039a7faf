"""Links in programs: in their strings and comments, and not where a program makes one."""

import pytest

from tests.documents.links import CATS, Row, link, references, rows

PROGRAMS = [
    "py",
    "rs",
    "ts",
    "js",
    "go",
    "c",
    "cpp",
    "java",
    "kt",
    "swift",
    "rb",
    "php",
    "lua",
    "el",
    "sh",
    "sql",
    "cs",
    "dart",
    "ex",
    "hs",
    "scala",
    "vue",
    "svelte",
]

ROWS: list[tuple[str, str, list[Row]]] = [
    # Labels in comments
    ("a.rs", "/// Join [our room](LINK).", [link(1, 21, "our room")]),
    ("a.rs", "/// Join [our\n/// own\n/// room](LINK) now", [link(3, 11, "our own room")]),
    ("a.py", '"""\nJoin `our room <LINK>`_.\n"""', [link(2, 17, "our room")]),
    ("a.go", "// matrix: #cats:matrix.org, or LINK.", [link(1, 12, text=CATS), link(1, 33)]),
    ("a.java", '/**\n * See <a href="LINK">our room</a>.\n */', [link(2, 17, "our room")]),
    ("a.sql", "-- [our\n-- room](LINK)", [link(2, 10, "our room")]),
    ("a.sh", "# [our\n\n# room](LINK)", [link(3, 9)]),
    # Strings and their escapes
    ("a.py", 'URL = "LINK"\nROOM = "matrix #cats:matrix.org"', [link(1, 8), link(2, 16, text=CATS)]),
    (
        "a.php",
        r"<?php $a = 'https:\/\/matrix.to\/#\/#cats:matrix.org';",
        [link(1, 13, text=r"https:\/\/matrix.to\/#\/#cats:matrix.org")],
    ),
    ("a.rs", r'let matrix = "\u{23}cats:matrix.org";', [link(1, 15, text=r"\u{23}cats:matrix.org")]),
    ("a.c", r'char *matrix = "\x23cats:matrix.org";', [link(1, 17, text=r"\x23cats:matrix.org")]),
    ("a.js", r'a = "<a href=\"LINK\">our room</a>"', [link(1, 16, "our room")]),
    ("a.c", 'puts("LINK\\n");', [link(1, 7)]),
    ("a.js", "open(links['a']); handlers[name]('LINK')", [link(1, 35)]),
    ("a.el", '(browse-url "LINK") ; matrix #cats:matrix.org', [link(1, 14), link(1, 62, text=CATS)]),
    ("Dockerfile", 'LABEL matrix="#cats:matrix.org" url=LINK', [link(1, 15, text=CATS), link(1, 37)]),
    ("CMakeLists.txt", 'set(CPACK_CHAT "LINK")', [link(1, 17)]),
    ("Makefile", "A := https://matrix.to/#/$(ROOM)\nB := LINK", [link(2, 6)]),
    # Style sheets
    ("a.css", "/* matrix: #cats:matrix.org */\n#nav:matrix.org {}", [link(1, 12, text=CATS)]),
    ("a.scss", "// matrix\n// #cats:matrix.org\n#a { b: url(LINK) }", [link(2, 4, text=CATS), link(3, 13)]),
    # Pages with programs in them
    (
        "a.html",
        r'<script>a = {"b": "https:\/\/matrix.to\/#\/#cats:matrix.org"}</script>',
        [link(1, 20, text=r"https:\/\/matrix.to\/#\/#cats:matrix.org")],
    ),
    (
        "a.html",
        '<a href="https:&#x2F;&#x2F;matrix.to&#x2F;&num;&#47;&#35;cats:matrix.org">a</a>',
        [link(1, 10, "a", text="https:&#x2F;&#x2F;matrix.to&#x2F;&num;&#47;&#35;cats:matrix.org")],
    ),
    (
        "a.tsx",
        "<a href={'LINK'}>our{' '}room</a> <A to={`LINK`}>a</A>",
        [link(1, 11, "our room"), link(1, 75, "a")],
    ),
    ("a.tsx", "<a href={`https://matrix.to/#/${room}`}>a</a> <a href={url(room)}>#{room}:matrix.org</a>", []),
    (
        "a.erb",
        "<a href='https://matrix.to/#/<%= room %>'>a</a> <a href=\"LINK\"><%= t('x') %> b</a>",
        [link(1, 58, "b")],
    ),
    ("a.twig", "<a href='https://matrix.to/#/{{ room }}'>a</a> <a href='LINK'>b</a>", [link(1, 57, "b")]),
    # XML
    ("a.metainfo.xml", '<url type="contact">LINK</url>', [link(1, 21)]),
    ("strings.xml", r"<string>&lt;a href=\"LINK\"&gt;cats&lt;/a&gt;</string>", [link(1, 22, "cats")]),
    (
        "a.rss",
        "<link>LINK</link><description>&lt;a href=&quot;LINK?via=a.org&quot;&gt;our room&lt;/a&gt;",
        [link(1, 7), link(1, 80, "our room", text="LINK?via=a.org")],
    ),
    (
        "a.atom",
        '<link rel="alternate" href="LINK"/><c><![CDATA[<a href="LINK">a</a> LINK]]></c>',
        [link(1, 29), link(1, 89, "a"), link(1, 133)],
    ),
    ("a.svg", '<a xlink:href="LINK"><text>our <tspan>room</tspan></text></a>', [link(1, 16, "our room")]),
    (
        "a.dbk",
        '<ulink url="LINK">a</ulink> <link xlink:href="LINK">b</link>',
        [link(1, 13, "a"), link(1, 79, "b")],
    ),
    ("a.xlf", '<source>&lt;a href="LINK"&gt;a&lt;/a&gt;</source>', [link(1, 21, "a")]),
    (
        "a.ts",
        '<?xml version="1.0"?>\n<TS><source>&lt;a href=&quot;LINK&quot;&gt;a&lt;/a&gt;</source></TS>',
        [link(2, 30, "a")],
    ),
    ("a.opml", '<outline text="our room" htmlUrl="LINK"/>', [link(1, 35)]),
]


@pytest.mark.parametrize(
    ("path", "text", "expected"), ROWS, ids=[f"{index}-{row[0]}" for index, row in enumerate(ROWS)]
)
def test_programs_pages_and_xml(path: str, text: str, expected: list[Row]) -> None:
    assert rows(path, text) == expected


MADE_BY_PROGRAMS = [
    '"https://matrix.to/#/" + room',
    '"https://matrix.to/#/#" + name + ":matrix.org"',
    '"https://matrix.to/#/#cats:" + server',
    "'https://matrix.to/#/#' . $name",
    "`https://matrix.to/#/#${name}:matrix.org`",
    '"https://matrix.to/#/#{name}"',
    '"https://matrix.to/#/%s"',
    '"https://matrix.to/#/#%s:matrix.org"',
    '"https://matrix.to/#/#%1$s:%2$s"',
    '"https://matrix.to/#/{}".format(room)',
    'f"https://matrix.to/#/#{name}:{server}"',
    r'"https://matrix.to/#/\(room)"',
    r"/https:\/\/matrix\.to\/#\/#cats:matrix.org/",
    r"/^https?:\/\/matrix.to\/#\/(.*)$/",
    r"/https:\/\/matrix.to\/#\/[#!].*/",
    r"/^https?:\/\/matrix\.to\/#\/((@|#|!).+:[^?\/]+)/",
    r'"#[a-z]+:matrix\\.org"',
    '"matrix #%s:matrix.org"',
    '"matrix #%d:matrix.org"',
    '"matrix #$name:matrix.org"',
    '"matrix #${name}:matrix.org"',
    'f"matrix #{name}:matrix.org"',
    '"matrix #<name>:matrix.org"',
    "/matrix #.+:matrix.org/",
    '"matrix #cats:" + server',
    '"https://matrix.to/#/#cats:example.org" "#cats:example.org"',
]


@pytest.mark.parametrize("suffix", PROGRAMS)
def test_what_a_program_makes_or_matches_is_no_link(suffix: str) -> None:
    for text in MADE_BY_PROGRAMS:
        assert references(f"a.{suffix}", f"matrix = {text};\n") == (), text


@pytest.mark.parametrize("suffix", PROGRAMS)
def test_a_string_and_a_comment_of_any_language_hold_links(suffix: str) -> None:
    text = 'matrix = "LINK"\n// #cats:matrix.org\n'
    assert rows(f"a.{suffix}", text) == [link(1, 11), link(2, 4, text=CATS)]
