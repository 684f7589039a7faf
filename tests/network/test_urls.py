"""The URLs that are asked for."""

from stashmatrix.network.urls import absolute_url, base_url


def test_a_redirect_keeps_its_last_slash_and_a_base_url_does_not() -> None:
    assert absolute_url("client/", relative_to="https://example.org/matrix/") == (
        "https://example.org/matrix/client/"
    )
    assert base_url("https://example.org/synapse/") == "https://example.org/synapse"
