"""The label of a link without a text of its own: what its list item or table row says of it."""

import pytest

from stashmatrix.documents.read import read

LINK = "https://matrix.to/#/#room:gnome.org"
TABLE = "| Name | Address |\n|---|---|\n"


@pytest.mark.parametrize(
    ("name", "text", "label"),
    [
        ("a.md", f"- Support: {LINK}\n", "Support"),
        ("a.md", f"- **Support** - <{LINK}>\n", "Support"),
        ("a.md", f"  * Support ({LINK})\n", "Support"),
        ("a.md", f"1. {LINK} - general chat\n", "general chat"),
        ("a.md", f"- `{LINK}`: general chat\n", "general chat"),
        ("a.md", "- Support \u2014 `#room:gnome.org` \n\nMatrix", "Support"),
        ("a.md", f"{TABLE}| Support | {LINK} |\n", "Support"),
        ("a.md", f"{TABLE}| Support | <{LINK}> | text |\n", "Support"),
        ("a.md", f"{TABLE}| Support | Chat: {LINK} |\n", "Chat"),
        ("a.mdx", f"- Support: {LINK}\n", "Support"),
        ("a.rst", f"* Support: {LINK}\n", "Support"),
        ("a.adoc", f"* Support: {LINK}\n", "Support"),
        ("a.org", f"- Support :: {LINK}\n", "Support"),
        ("a.txt", f"* Support => {LINK}\n", "Support"),
        # It has a text of its own.
        ("a.md", f"- Support: [chat]({LINK})\n", "chat"),
        # A sentence is no name, nor is what leads to another link.
        ("a.md", f"- Join us at {LINK} for help\n", None),
        ("a.md", f"- Join us at {LINK}\n", None),
        ("a.md", f"- Read this first. Then: {LINK}\n", None),
        ("a.md", f"- {'Support ' * 10}: {LINK}\n", None),
        ("a.md", f"- [docs](https://gnome.org): {LINK}\n", None),
        ("a.md", f"- Support: https://gnome.org {LINK}\n", None),
        # No list, no table.
        ("a.md", f"Support: {LINK}\n", None),
        ("a.md", f"---\nlinks:\n  - url: {LINK}\n---\n", None),
        ("a.yaml", f"- url: {LINK}\n", None),
        ("a.py", f"# - Support: {LINK}\n", None),
    ],
)
def test_an_entry_names_its_link(name: str, text: str, label: str | None) -> None:
    [reference] = read(name, text.encode())
    assert reference.label == label


@pytest.mark.parametrize("text", [f"- #old:gnome.org: {LINK}\n", f"{TABLE}| #old:gnome.org | {LINK} |\n"])
def test_an_alias_beside_a_link_is_a_link_and_no_label(text: str) -> None:
    first, second = read("a.md", text.encode())
    assert (first.target, first.label) == ("#old:gnome.org", None)
    assert second.label is None
