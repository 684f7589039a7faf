"""What is known of hosts: the web clients and the homeservers that have ended.

A host or server is listed only if a public source says that it has ended: a false entry is a false
warning in somebody's build.
"""

from typing import NamedTuple


class RetiredServer(NamedTuple):
    """A homeserver that has ended, so that its aliases lead nowhere."""

    ended: str
    """The day in ISO 8601, or only the year."""
    source: str
    """URL of the page that says so."""


RETIRED_SERVERS = {
    # "The Foundation will decommission this server" by that day; CollaboraOnline/CollaboraOnline.github.io
    # pull request 113 says afterwards that it resolves no addresses any more.
    "libera.chat": RetiredServer("2024-01-07", "https://matrix.org/blog/2023/12/libera-chat-alias-cleanup/"),
    # "closed after March 1, 2022"; announced in matrix-org/synapse issue 3765.
    "feneas.org": RetiredServer("2022-03-01", "https://github.com/xonsh/xonsh/pull/5103"),
}
"""Homeservers by their server name."""

_RIOT = "Riot is Element since 2020"
_VECTOR = "Vector became Riot in 2016, and Riot is Element since 2020"

RETIRED_HOSTS = {
    "riot.im": _RIOT,  # https://element.io/blog/welcome-to-element/
    "www.riot.im": _RIOT,
    "vector.im": _VECTOR,  # https://github.com/prometheus/docs/pull/559
    "www.vector.im": _VECTOR,
}
"""Hosts of web clients that have ended, with what became of each."""
