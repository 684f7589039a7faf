"""check-links on documents of twelve formats, whose rooms are on two real homeservers."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.process import run_in
from tests.support.synapse import Homeserver, at

HERE, GONE, THERE = "#stash-help:unredacted.org", "#gone:unredacted.org", "#there:matrix.im"
GROUP = "+group:matrix.im"
TARGETS = [HERE, GONE, THERE, GROUP]

LINKS = {
    "chat.md": "[chat]({url})",
    "chat.mdx": "<a href={{'{url}'}}>chat</a>",
    "chat.html": '<p><a href="{url}">chat</a></p>',
    "chat.rst": "`chat <{url}>`__",
    "chat.adoc": "{url}[chat]",
    "chat.org": "[[{url}][chat]]",
    "chat.textile": '"chat":{url}',
    "chat.po": 'msgid "[chat]({url})"',
    "chat.json": '{{"chat": "<a href=\\"{url}\\">chat</a>"}}',
    "chat.toml": "chat = '[chat]({url})'",
    "chat.xml": '<ulink url="{url}">chat</ulink>',
    "chat.tex": "\\href{{{url}}}{{chat}}",
}


@pytest.fixture(scope="module")
def there(matrix_im: Homeserver) -> Iterator[str]:
    """Give the second server its room; return the room's ID."""
    yield matrix_im.create_room("there")
    matrix_im.api("DELETE", "directory/room/%23there:matrix.im")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Write a document of each format, with a link on every second line."""
    docs = tmp_path / "docs"
    docs.mkdir()
    for name, link in LINKS.items():
        lines = [link.format(url=f"https://matrix.to/#/{target}") for target in TARGETS]
        (docs / name).write_text("\n\n".join(lines) + "\n")
    return tmp_path


def test_every_format_gets_the_verdicts_of_the_rooms_own_servers(
    tree: Path, unredacted: Homeserver, matrix_im: Homeserver, there: str
) -> None:
    result = run_in(tree, "check-links", "docs", "--format", "json", *at(unredacted), *at(matrix_im))
    links = json.loads(result.stdout)["links"]
    found = {
        name: [
            (link["source"]["line"], link["label"], link["target"], link["verdict"])
            for link in links
            if link["source"]["path"] == f"docs/{name}"
        ]
        for name in LINKS
    }
    expected = [
        (1, "chat", HERE, "ok"),
        (3, "chat", GONE, "broken"),
        (5, "chat", THERE, "ok"),
        (7, "chat", None, "broken"),
    ]
    assert found == dict.fromkeys(LINKS, expected)
    assert {link["room_id"] for link in links if link["target"] == THERE} == {there}
    codes = Counter(finding["code"] for link in links for finding in link["findings"])
    assert codes == {"alias-not-found": len(LINKS), "group-link": len(LINKS)}
    assert result.status == 1


def test_a_label_that_names_another_address_of_the_same_room_is_a_note(
    tmp_path: Path, unredacted: Homeserver
) -> None:
    unredacted.api(
        "PUT",
        "directory/room/%23help-too:unredacted.org",
        {"room_id": unredacted.api("GET", "directory/room/%23stash-help:unredacted.org")["room_id"]},
    )
    (tmp_path / "a.md").write_text(
        f"[#help-too:unredacted.org](https://matrix.to/#/{HERE})\n\n"
        f"[#stash-bugs:unredacted.org](https://matrix.to/#/{HERE})\n"
    )
    result = run_in(tmp_path, "check-links", "a.md", "--format", "plain", *at(unredacted))
    unredacted.api("DELETE", "directory/room/%23help-too:unredacted.org")
    first, second = result.stdout.splitlines()
    assert first.startswith("a.md:1:28: note[label-mismatch] ")
    assert second.startswith("a.md:3:30: error[label-mismatch] ")


def test_a_room_by_its_id_is_asked_for_at_the_servers_that_the_link_names(
    tmp_path: Path, matrix_im: Homeserver, there: str
) -> None:
    (tmp_path / "a.md").write_text(
        f"https://matrix.to/#/{there}?via=matrix.im\n\nhttps://matrix.to/#/!nowhere{there[8:]}?via=matrix.im\n"
    )
    result = run_in(tmp_path, "check-links", "a.md", "--format", "json", *at(matrix_im))
    verdicts = [(link["verdict"], link["room_id"]) for link in json.loads(result.stdout)["links"]]
    assert verdicts == [("ok", there), ("unverified", None)]
