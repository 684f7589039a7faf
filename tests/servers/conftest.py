"""Two real homeservers, which one process of the test run starts for all tests of this folder."""

from collections.abc import Iterator

import pytest
import trustme

from stashmatrix.catalogue.model import Catalogue
from tests.support import synapse
from tests.support.synapse import Homeserver


@pytest.fixture(scope="session")
def homeservers(
    tmp_path_factory: pytest.TempPathFactory, bundled: Catalogue
) -> Iterator[tuple[Homeserver, Homeserver]]:
    with synapse.running(tmp_path_factory.mktemp("synapse"), "unredacted.org", "matrix.im") as servers:
        unredacted, matrix_im = servers
        unredacted.create_rooms(room.name for room in bundled.rooms)
        unredacted.create_room("stashapp", creation_content={"type": "m.space"})
        yield unredacted, matrix_im


@pytest.fixture(scope="session")
def unredacted(homeservers: tuple[Homeserver, Homeserver]) -> Homeserver:
    """Return the homeserver of unredacted.org, with all bundled rooms and the space."""
    return homeservers[0]


@pytest.fixture(scope="session")
def matrix_im(homeservers: tuple[Homeserver, Homeserver]) -> Homeserver:
    """Return the homeserver of matrix.im, without any room."""
    return homeservers[1]


@pytest.fixture(autouse=True)
def _few_certificates(authority: trustme.CA) -> None:
    """Have each client read one certificate: reading the machine's takes longer than most tests."""
