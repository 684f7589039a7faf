"""Ctrl-C while a homeserver is awaited."""

import os
import signal
import subprocess
from pathlib import Path

from tests.support.catalogues import CATALOGUE, write_catalogue
from tests.support.network import silent_server
from tests.support.process import TIMEOUT, after_catalogue, command, environment, read_report
from tests.support.synapse import Homeserver, at


def test_ctrl_c_reports_what_is_finished(unredacted: Homeserver, tmp_path: Path) -> None:
    path = write_catalogue(tmp_path, CATALOGUE.replace("gone:unredacted.org", "gone:silent.example"))
    with silent_server() as (url, asked):
        args = ["--catalogue", path, "check-links", "--format", "json", *at(unredacted)]
        process = subprocess.Popen(
            command([*args, "--homeserver", f"silent.example={url}"]),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
        )
        assert asked.wait(TIMEOUT)
        os.kill(process.pid, signal.SIGINT)
        stdout, stderr = process.communicate(timeout=TIMEOUT)
    report = read_report(stdout)
    assert process.returncode == 130
    assert after_catalogue(stderr.decode()) == "interrupted\n"
    assert report["links"][1]["findings"][0]["code"] == "not-asked"


def test_an_interrupted_run_records_nothing(unredacted: Homeserver, tmp_path: Path) -> None:
    path = write_catalogue(tmp_path, CATALOGUE.replace("gone:unredacted.org", "gone:silent.example"))
    lock = tmp_path / "rooms.lock"
    with silent_server() as (url, asked):
        args = ["--catalogue", path, "check-links", *at(unredacted), "--homeserver", f"silent.example={url}"]
        process = subprocess.Popen(
            command([*args, "--lock", str(lock), "--update-lock"]),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
        )
        assert asked.wait(TIMEOUT)
        os.kill(process.pid, signal.SIGINT)
        process.communicate(timeout=TIMEOUT)
    assert process.returncode == 130
    assert not lock.exists()
