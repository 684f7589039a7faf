"""The project's own files: its root, and what the README shows."""

import re
import shlex
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text()
EXAMPLES = [
    (shlex.split(example.partition("\n")[0])[1:], example.partition("\n")[2])
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    for example in block.split("$ ")[1:]
]
"""The arguments of each command that the README runs, and what it prints."""


def is_online(args: list[str]) -> bool:
    """Say whether an example asks homeservers."""
    return "check-links" in args and "--offline" not in args


def snippet(key: str) -> Any:  # noqa: ANN401 (YAML can be anything)
    """Return the README's YAML example that has this key at its top."""
    blocks = map(yaml.safe_load, re.findall(r"```yaml\n(.*?)```", README, re.DOTALL))
    (block,) = (block for block in blocks if key in block)
    return block
