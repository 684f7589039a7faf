"""The examples in the README that ask a homeserver."""

import re
from pathlib import Path

import pytest

from tests.support.process import Run
from tests.support.project import EXAMPLES, README, is_online
from tests.support.synapse import Homeserver, at

PAGE = re.findall(r"```markdown\n(.*?)```", README, re.DOTALL)[0]
CATALOGUE = re.findall(r"```yaml\n(community:.*?)```", README, re.DOTALL)[0]
ONLINE = [example for example in EXAMPLES if is_online(example[0])]


@pytest.mark.parametrize(("args", "output"), ONLINE, ids=["documents", "catalogue"])
def test_an_example_of_check_links_is_what_it_prints(
    run: Run, unredacted: Homeserver, tmp_path: Path, args: list[str], output: str
) -> None:
    (tmp_path / "rooms.yaml").write_text(CATALOGUE)
    (tmp_path / "rooms.md").write_text(PAGE)
    result = run(*args, *at(unredacted))
    told, printed = result.stderr.splitlines(keepends=True), [result.stdout]
    first = told[:1] if "--catalogue" in args else []
    shown = "".join([*first, *printed, *told[len(first) :]])
    assert shown.replace(unredacted.url, "https://matrix.unredacted.org") == output
