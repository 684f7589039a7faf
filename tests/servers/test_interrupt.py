"""Ctrl-C while a homeserver is awaited."""

import os
import signal
from pathlib import Path

from tests.support.catalogues import CATALOGUE, write_catalogue
from tests.support.network import silent_server
from tests.support.process import TIMEOUT, after_catalogue, read_report, start
from tests.support.synapse import Homeserver, at


def test_ctrl_c_reports_what_is_finished(unredacted: Homeserver, tmp_path: Path) -> None:
    path = write_catalogue(tmp_path, CATALOGUE.replace("gone:unredacted.org", "gone:silent.example"))
    with silent_server() as (url, asked):
        args = ["--catalogue", path, "check-links", "--format", "json", *at(unredacted)]
        process = start(tmp_path, *args, "--homeserver", f"silent.example={url}")
        assert asked.wait(TIMEOUT)
        os.kill(process.pid, signal.SIGINT)
        stdout, stderr = process.communicate()
    report = read_report(stdout)
    assert process.returncode == 130
    assert after_catalogue(stderr.decode()) == "interrupted\n"
    assert report["links"][1]["findings"][0]["code"] == "not-asked"


def test_an_interrupted_run_records_nothing(unredacted: Homeserver, tmp_path: Path) -> None:
    path = write_catalogue(tmp_path, CATALOGUE.replace("gone:unredacted.org", "gone:silent.example"))
    lock = tmp_path / "rooms.lock"
    with silent_server() as (url, asked):
        args = ["--catalogue", path, "check-links", *at(unredacted), "--homeserver", f"silent.example={url}"]
        process = start(tmp_path, *args, "--lock", str(lock), "--update-lock")
        assert asked.wait(TIMEOUT)
        os.kill(process.pid, signal.SIGINT)
        process.communicate()
    assert process.returncode == 130
    assert not lock.exists()
