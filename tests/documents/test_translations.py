"""Gettext catalogues: a link of a translation and its original."""

import pytest

from tests.documents.links import references

OTHER = "https://matrix.to/#/#dogs:matrix.org"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('msgid "LINK"\nmsgstr "LINK"', {2: 1}),
        ('msgid "LINK"\nmsgstr ""', {}),
        (f'msgid "LINK"\nmsgstr "{OTHER}"', {}),
        (f'msgid "LINK {OTHER}"\nmsgstr "{OTHER} LINK"', {2: 1}),
        ('msgid ""\n"LINK"\nmsgstr ""\n"a "\n"LINK"', {5: 2}),
        ('msgid "one"\nmsgid_plural "LINK"\nmsgstr[0] "eins"\nmsgstr[1] "LINK"', {4: 2}),
        ('msgid "LINK"\nmsgid_plural "many"\nmsgstr[0] "LINK"\nmsgstr[1] "LINK"', {3: 1, 4: 1}),
        ('#. see LINK\n#, fuzzy\nmsgctxt "LINK"\nmsgid "x"\nmsgstr "LINK"', {}),
        ('msgid "LINK"\nmsgstr "LINK"\n\n#: LINK\nmsgid "x"\nmsgstr "LINK"', {2: 1}),
        ('msgid "LINK"\nmsgstr "x"\nmsgid "y"\nmsgstr "LINK"', {}),
        ('msgctxt "a"\nmsgid "LINK"\nmsgstr "x"\nmsgctxt "b"\nmsgid "y"\nmsgstr "LINK"', {}),
    ],
)
def test_the_link_that_a_translation_repeats(text: str, expected: dict[int, int]) -> None:
    found = references("a.po", text)
    assert {each.source.line: each.translates.line for each in found if each.translates} == expected


def test_only_translations_repeat_links() -> None:
    found = references("a.md", 'msgid "LINK"\nmsgstr "LINK"')
    assert [each.translates for each in found] == [None, None]
