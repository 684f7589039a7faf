"""The JSON report, read back."""

import json

from stashmatrix.formats.reports import FORMATS
from stashmatrix.records.results import Report
from tests.support.reports import DOWN, GONE, TOO


def test_json_gives_the_reason_of_each_skipped_link(skipping: Report) -> None:
    skipped = json.loads(FORMATS["json"](skipping))["skipped"]
    assert [(link["target"], link["source"]["line"], link["reason"]) for link in skipped] == [
        (GONE, 9, "members only | *"),
        (DOWN, 11, "--ignore '*:down.example'"),
        (TOO, 13, "--ignore '*:down.example'"),
    ]
