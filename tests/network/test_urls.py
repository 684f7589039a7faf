"""The URLs that are asked for."""

import pytest

from stashmatrix.network.urls import absolute_url, base_url


def test_a_redirect_keeps_its_last_slash_and_a_base_url_does_not() -> None:
    assert absolute_url("client/", relative_to="https://example.org/matrix/") == (
        "https://example.org/matrix/client/"
    )
    assert base_url("https://example.org/synapse/") == "https://example.org/synapse"


@pytest.mark.parametrize(
    "url", ["https://xn--ls8h.la", "https://matrix.xn--i-7iq.ws", "https://xn--bcher-kva.de"]
)
def test_a_name_of_emoji_is_a_name(url: str) -> None:
    assert base_url(url) == url


@pytest.mark.parametrize(
    "url", ["https://xn--", "https://matrix.xn--.la", "https://xn--ls8h la", "https://.xn--ls8h.la"]
)
def test_a_name_that_nobody_can_have_is_none(url: str) -> None:
    assert base_url(url) is None
