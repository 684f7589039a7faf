"""All bundled links, on two real homeservers behind TLS."""

from collections.abc import Sequence
from contextlib import ExitStack

import pytest
import trustme

from stashmatrix.catalogue.model import Catalogue
from stashmatrix.checks.judge import judge, questions
from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.network.patience import Web
from stashmatrix.records.answers import Absent, Reason, Resolved, Unknown
from stashmatrix.records.results import Verdict
from tests.support.answers import ask
from tests.support.network import LOOPBACK, certificate, forwards, http, listening, page, says, serves
from tests.support.synapse import Homeserver

pytestmark = pytest.mark.usefixtures("no_proxy")

CLIENT = "https://unredacted.org/.well-known/matrix/client"
DELEGATED = "https://matrix.unredacted.org"
MATRIX_IM = "https://matrix.im"


@pytest.mark.parametrize("name", ["matrix.unredacted.org", "other.example.org"])
def test_the_bundled_links_are_judged_by_two_real_homeservers_behind_tls(
    name: str, authority: trustme.CA, bundled: Catalogue, unredacted: Homeserver, matrix_im: Homeserver
) -> None:
    """A certificate for another name on the one leaves all its links unverified, and no others."""
    delegation = says(page({"m.homeserver": {"base_url": DELEGATED}}))
    hosts = {
        "unredacted.org": serves(
            {CLIENT: delegation}, certificate(authority, "unredacted.org"), [], says(http(status=404))
        ),
        "matrix.unredacted.org": forwards(unredacted.url, certificate(authority, name)),
        "matrix.im": forwards(matrix_im.url, certificate(authority, "matrix.im")),
    }
    references = bundled.references()
    with ExitStack() as stack:
        ports = {host: stack.enter_context(listening(talk)) for host, talk in hosts.items()}

        async def lookup(host: str, port: int) -> Sequence[tuple[str, int]]:
            assert port == 443
            return [(LOOPBACK, ports[host])]

        web = Web(lookup=lookup, trusted=[f"https://{host}" for host in hosts])
        report = judge(references, ask(web, questions(references).aliases))
    assert len(report.links) == 54
    for link in report.links:
        assert isinstance(link.reference.target, RoomAlias)
        if link.reference.target.server_name == "matrix.im":
            assert (link.verdict, link.answer) == (Verdict.BROKEN, Absent(homeserver=MATRIX_IM))
        elif name == "matrix.unredacted.org":
            assert link.verdict is Verdict.OK
            assert isinstance(link.answer, Resolved)
            assert link.answer.homeserver == DELEGATED
        else:
            assert link.verdict is Verdict.UNVERIFIED
            assert isinstance(link.answer, Unknown)
            assert link.answer.reason is Reason.TLS_ERROR
            assert "mismatch" in link.answer.detail
    assert sum(link.verdict is Verdict.BROKEN for link in report.links) == 1
