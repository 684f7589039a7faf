"""What --diff shows: as difflib has it, but in time that grows with the file only."""

import difflib
from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from stashmatrix.formats.diff import unified

LINES = st.lists(st.booleans(), max_size=40)


@given(changed=LINES)
def test_the_diff_of_lines_that_are_replaced_is_that_of_difflib(changed: list[bool]) -> None:
    before = [b"%d\n" % number for number in range(len(changed))]
    after = [b"new " * is_new + line for line, is_new in zip(before, changed, strict=True)]
    expected = difflib.diff_bytes(difflib.unified_diff, before, after, b"a/a.md", b"b/a.md")
    assert unified("a.md", b"".join(before), b"".join(after)) == b"".join(expected)


def test_many_lines_that_are_alike_take_no_longer() -> None:
    before, after = b"text\nold\n" * 20_000, b"text\nnew\n" * 20_000
    began = process_time()
    assert unified("a.md", before, after).count(b"\n+new") == 20_000
    assert process_time() - began < 5
