"""Strategies for Hypothesis: any text, and every identifier that the grammar of Matrix admits."""

from hypothesis import strategies as st

ANY_TEXT = st.text(st.characters())
"""Half surrogate pairs included: command lines that are not UTF-8 hold them."""

_HOSTS = st.one_of(
    st.from_regex(r"[A-Za-z0-9.-]{1,60}", fullmatch=True),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(lambda address: f"[{address}]"),
)
_PORTS = st.integers(0, 65_535).flatmap(
    lambda port: st.sampled_from(["", f":{port}", f":{port:05}"]),
)
SERVER_NAMES = st.builds("{}{}".format, _HOSTS, _PORTS)
_OPAQUE_CHARS = st.characters(exclude_categories=("Cc", "Cs"))
_NAME_CHARS = st.characters(exclude_categories=("Cc", "Cs"), exclude_characters=":")
_NAMES = st.text(_NAME_CHARS, min_size=1, max_size=40)
ALIASES = st.builds("#{}:{}".format, _NAMES, SERVER_NAMES)
USER_IDS = st.builds("@{}:{}".format, _NAMES, SERVER_NAMES)
ROOM_IDS = st.one_of(
    st.builds("!{}:{}".format, _NAMES, SERVER_NAMES),
    st.from_regex(r"![A-Za-z0-9_-]{43}", fullmatch=True),
)
EVENT_IDS = st.one_of(
    st.builds("${}:{}".format, _NAMES, SERVER_NAMES),
    st.from_regex(r"\$[A-Za-z0-9+/]{43}", fullmatch=True),
    st.from_regex(r"\$[A-Za-z0-9_-]{43}", fullmatch=True),
    st.builds("${}".format, st.text(_OPAQUE_CHARS, min_size=1, max_size=60)),
)
