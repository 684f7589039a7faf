"""What is known of hosts: names that are set aside, web clients and homeservers that have ended.

A host or server is listed only if a public source says that it has ended: a false entry is a false
warning in somebody's build.
"""

import re
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
    # "Disroot no longer provides Matrix"; announced on 2018-09-07 in its own blog.
    "disroot.org": RetiredServer("2018", "https://github.com/riseupnet/riseup_help/pull/710"),
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

# RFC 2606 and RFC 6761, and the words that documentation puts in place of a server.
_RESERVED = re.compile(
    r"(?i)(?:[^:]*\.)?(?:example(?:\.(?:com|net|org))?|test|invalid|localhost|local)\.?(?::[0-9]+)?"
    r"|(?:your|my)?(?:server|homeserver|domain|host|hostname)(?::[0-9]+)?"
)


def is_reserved(server_name: str) -> bool:
    """Say whether a server name stands for any server, or for one that only its own network has."""
    return _RESERVED.fullmatch(server_name) is not None


def is_reachable(server_name: str) -> bool:
    """Say whether a server name could be found from everywhere: by a dot, a port or brackets."""
    return re.search(r"[.:\[]", server_name) is not None
