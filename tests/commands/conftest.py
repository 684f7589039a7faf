"""What all tests of the commands need."""

import pytest
import trustme


@pytest.fixture(autouse=True)
def _few_certificates(authority: trustme.CA) -> None:
    """Have each client read one certificate: reading the machine's takes longer than most tests."""
