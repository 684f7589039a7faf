"""Editors: their own parsers read our plain lines, and text that is not saved yet is checked at once."""

import shutil
import subprocess
from pathlib import Path

from tests.support.process import TIMEOUT, run_in

LINE = "[one](https://matrix.to/#help:a.org), [#two:a.org](https://matrix.to/#/#three:a.org)"
COLUMNS = [LINE.index("https"), LINE.rindex("https")]
SCRIPT = """
set nocompatible
set errorformat=%f:%l:%c:\\ %t%*[^[][%.%#]\\ %m
cgetfile lines
for each in getqflist()
  call writefile([join([bufname(each.bufnr), each.lnum, each.col, each.type, each.valid])], 'found', 'a')
endfor
qall!
"""


def test_vim_reads_file_line_and_column_of_each_finding(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"# Chat\n\n{LINE}\n")
    result = run_in(tmp_path, "check-links", "--offline", "--format", "plain", "a.md")
    (tmp_path / "lines").write_text(result.stdout)
    (tmp_path / "script.vim").write_text(SCRIPT)
    vim = shutil.which("vim")
    if vim is None:  # CI has it
        return
    subprocess.run(
        [vim, "-Nu", "NONE", "-es", "-S", "script.vim"], cwd=tmp_path, timeout=TIMEOUT, check=False
    )
    assert (tmp_path / "found").read_text().splitlines() == [f"a.md 3 {column + 1} e 1" for column in COLUMNS]
