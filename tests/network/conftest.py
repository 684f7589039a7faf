"""What all tests of the network need."""

from pathlib import Path

import pytest
import trustme


@pytest.fixture(scope="session")
def small_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("certificates") / "bundle.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(autouse=True)
def _few_certificates(small_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each client read one certificate: reading the machine's takes longer than most tests."""
    monkeypatch.setenv("SSL_CERT_FILE", str(small_bundle))
