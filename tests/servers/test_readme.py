"""The example of check-links in the README."""

import re
from pathlib import Path

from tests.support.process import Run
from tests.support.project import EXAMPLES, README, is_online
from tests.support.synapse import Homeserver, at

CATALOGUE = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)[0]


def test_the_example_of_check_links_is_what_it_prints(
    run: Run, unredacted: Homeserver, tmp_path: Path
) -> None:
    ((args, output),) = (example for example in EXAMPLES if is_online(example[0]))
    (tmp_path / "rooms.yaml").write_text(CATALOGUE)
    result = run(*args, *at(unredacted))
    first, _, last = result.stderr.partition("\n")
    shown = f"{first}\n{result.stdout}{last}".replace(unredacted.url, "https://matrix.unredacted.org")
    assert shown == output
