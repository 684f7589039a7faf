"""Links in data: JSON and its kin, YAML, TOML, settings, gettext catalogues."""

import json

import pytest

from tests.documents.links import CATS, Row, link, rows

DOGS = "#dogs:matrix.org"

ROWS: list[tuple[str, str, list[Row]]] = [
    # JSON and its kin
    ("a.json", '{"chat": "LINK"}', [link(1, 11)]),
    (
        "a.json",
        r'{"a": "\ud83d\ude00 https:\/\/matrix.to\/#\/#cats:matrix.org"}',
        [link(1, 21, text=r"https:\/\/matrix.to\/#\/#cats:matrix.org")],
    ),
    ("a.json", r'{"matrix": "\u0023cats:matrix.org"}', [link(1, 13, text=r"\u0023cats:matrix.org")]),
    ("a.json", r'{"a": "see <a href=\"LINK\">our <b>room<\/b><\/a>"}', [link(1, 22, "our room")]),
    ("a.json", r'{"a": "[our\nroom](LINK)"}', [link(1, 20, "our room")]),
    ("a.strings", r'"a" = "<a href=\"LINK\">our room</a>";', [link(1, 18, "our room")]),
    ("a.json", '{"a": "LINK\\n"}', [link(1, 8)]),
    ("a.json", '{"a": "C:\\\\LINK"}', [link(1, 12)]),
    ("a.jsonc", "// [our\n// room](LINK)\n{}", [link(2, 10, "our room")]),
    (
        "a.json5",
        "{matrix: 'LINK', /* #dogs:matrix.org */}",
        [link(1, 11), link(1, 53, text=DOGS, target=DOGS)],
    ),
    ("a.arb", '{"chat": "Join {name}", "url": "LINK"}', [link(1, 33)]),
    ("a.geojson", '{"url": "https://matrix.to/#/{room}", "b": "https://matrix.to/#/#${x}:matrix.org"}', []),
    (
        "a.json",
        '{"matrix": "#/definitions/a:b", "$ref": "#matrix:b", "color": "#fff", "time": "#1:30.org"}',
        [],
    ),
    # Values beside one another
    ("a.json", '{"name": "#cats:matrix.org", "url": "LINK"}', [link(1, 11, text=CATS), link(1, 38, CATS)]),
    (
        "a.json",
        '{\n  "url": "LINK",\n  "title": "#cats:matrix.org"\n}',
        [link(2, 11, CATS), link(3, 13, text=CATS)],
    ),
    ("a.json", '[{"name": "#cats:matrix.org"}, {"url": "LINK"}]', [link(1, 12, text=CATS), link(1, 41)]),
    ("a.yaml", '- name: "#cats:matrix.org"\n  url: LINK\n', [link(1, 10, text=CATS), link(2, 8, CATS)]),
    (
        "a.yaml",
        '- url: LINK\n\n  # see there\n  name: "#cats:matrix.org"\n',
        [link(1, 8, CATS), link(4, 10, text=CATS)],
    ),
    ("a.yaml", '- name: "#cats:matrix.org"\n- url: LINK\n', [link(1, 10, text=CATS), link(2, 8)]),
    ("a.yaml", 'a:\n  name: "#cats:matrix.org"\nb:\n  url: LINK\n', [link(2, 10, text=CATS), link(4, 8)]),
    ("a.yaml", 'dogs: "#cats:matrix.org"\ncats: LINK\n', [link(1, 8, text=CATS), link(2, 7)]),
    (
        "a.toml",
        '[[rooms]]\nname = "#cats:matrix.org"\nurl = "LINK"',
        [link(2, 9, text=CATS), link(3, 8, CATS)],
    ),
    (
        "a.toml",
        '[[rooms]]\nname = "#cats:matrix.org"\n[b]\nurl = "LINK"',
        [link(2, 9, text=CATS), link(4, 8)],
    ),
    # YAML
    ("a.yml", "matrix: #cats:matrix.org", [link(1, 9, text=CATS)]),
    (
        "a.yml",
        "# matrix: #cats:matrix.org\na: LINK # LINK",
        [link(1, 11, text=CATS), link(2, 4), link(2, 43)],
    ),
    ("a.yml", "a: |\n  Join [our\n  room](LINK), or LINK.", [link(3, 9, "our room"), link(3, 51)]),
    ("a.yml", "a: >-\n  <a href='LINK'>our\n  room</a>", [link(2, 12, "our room")]),
    (
        "a.yml",
        r'a: "https:\/\/matrix.to/\x23/\u0023cats:matrix.org"',
        [link(1, 5, text=r"https:\/\/matrix.to/\x23/\u0023cats:matrix.org")],
    ),
    ("a.yml", "matrix: !cats:matrix.org\nref: &cats\n- *cats", []),
    ("a.yml", "contact_links:\n  - name: Matrix\n    url: LINK\n    about: Ask", [link(3, 10)]),
    (
        "a.md",
        "---\nlinks:\n  - tooltip: '#cats:matrix.org'\n    icon: x\n    url: LINK\n---\n[a](LINK)",
        [link(3, 15, text=CATS), link(5, 10, CATS), link(7, 5, "a")],
    ),
    ("a.md", "name: #cats:matrix.org\nurl: LINK", [link(1, 7, text=CATS), link(2, 6)]),
    # TOML
    ("a.toml", r'matrix = "\U00000023cats:matrix.org"', [link(1, 11, text=r"\U00000023cats:matrix.org")]),
    ("a.toml", "text = '''<a href=\"LINK\">our room</a>'''", [link(1, 20, "our room")]),
    ("a.toml", 'authors = ["a"] # matrix: #cats:matrix.org', [link(1, 27, text=CATS)]),
    # Settings
    (
        "a.ini",
        "[chat]\nmatrix=#cats:matrix.org\nurl = LINK ; LINK",
        [link(2, 8, text=CATS), link(3, 7), link(3, 46)],
    ),
    (".env", 'export MATRIX_ROOM=#cats:matrix.org\nB="LINK"', [link(1, 20, text=CATS), link(2, 4)]),
    (
        "a.properties",
        r"chat=https\://matrix.to/\#/\#cats\:matrix.org",
        [link(1, 6, text=r"https\://matrix.to/\#/\#cats\:matrix.org")],
    ),
    ("a.desktop", "[Desktop Entry]\nExec=xdg-open LINK\n", [link(2, 15)]),
    ("a.ini", "url=https://matrix.org/?a=#cats:matrix.org", []),
    # mail and forums
    (
        "a.eml",
        "Content-Transfer-Encoding: quoted-printable\n\nhttps://matrix.to/#/#ca=\nts:matrix.org?via=3Dx.org",
        [link(3, 1, text="https://matrix.to/#/#ca=\nts:matrix.org?via=3Dx.org")],
    ),
    ("a.eml", "\nhttps://matrix.to/#/#cats:matrix.org?a=3D", [link(2, 1, text="LINK?a=3D")]),
    (
        "a.txt",
        '[url=LINK]our [/url], [URL="LINK"]#cats:matrix.org[/URL]',
        [link(1, 6, "our"), link(1, 61, "#cats:matrix.org")],
    ),
    ("a.txt", "[url]LINK[/url] [url=LINK]", [link(1, 6), link(1, 54)]),
    # gettext catalogues
    (
        "a.po",
        'msgid "[our room](LINK)"\nmsgstr "[unser Raum](LINK)"',
        [link(1, 19, "our room"), link(2, 22, "unser Raum")],
    ),
    ("a.po", 'msgid ""\n"our "\n"<a href=\\"LINK\\">ro"\n"om</a>"', [link(3, 12, "room")]),
    (
        "a.pot",
        '#. Matrix: #cats:matrix.org\n#: LINK\nmsgid "`room <LINK>`__"\nmsgstr ""',
        [link(1, 12, text=CATS), link(2, 4), link(3, 15, "room")],
    ),
    (
        "a.po",
        'msgid "https://matrix.to/"\n"#/#cats:"\n"matrix.org"',
        [link(1, 8, text='https://matrix.to/"\n"#/#cats:"\n"matrix.org')],
    ),
    (
        "a.po",
        '#~ msgid ""\n#~ "LINK"\n#| msgid "a\\nLINK"\nmsgid "x"\nmsgstr "matrix #a:%s and #%s:matrix.org"',
        [],
    ),
]


@pytest.mark.parametrize(
    ("path", "text", "expected"), ROWS, ids=[f"{index}-{row[0]}" for index, row in enumerate(ROWS)]
)
def test_data(path: str, text: str, expected: list[Row]) -> None:
    assert rows(path, text) == expected


def test_a_link_in_json_means_what_a_reader_of_json_gets() -> None:
    text = r'{"a": "https:\/\/matrix.to\/\u0023\/#cats:matrix.org"}'
    [row] = rows("a.json", text)
    assert json.loads(f'"{row.text}"') == "https://matrix.to/#/#cats:matrix.org"
