"""The body of a response: read within bounds, without the long lists of names that nobody asked for.

A directory answer lists every server in its room, which can be megabytes of names around one room ID.
"""

import json
import re
from collections.abc import AsyncIterable
from typing import Any

MOST_KEPT = 256 * 1024
"""Maximum bytes of a body without its long lists of names."""

# Maximum lists and objects in a body: an empty one takes thirty times its bytes in memory.
_MOST_CONTAINERS = 10_000

# To the end of the body where the string has none: to look for a string in its rest would be quadratic.
_STRING = rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)'
# In printable ASCII and without escapes, so that no fault of the JSON can be in there.
_NAME = rb'"[ !#-\[\]-~]*+"[ \t\r\n]*+,[ \t\r\n]*+'
# Three in a row are a list, or no JSON, which the two that are left show as well. Strings are matched so
# that nothing in them is taken for a list.
_NAMES_OR_STRING = re.compile(rb"((?:%b){2})(?:%b)++|(%b)" % (_NAME, _NAME, _STRING), re.DOTALL)


async def read(chunks: AsyncIterable[bytes], limit: int) -> bytes | int:
    """Return the body, where lists of names may be cut short, or the bound in bytes that it exceeds.

    ``limit`` is the maximum of bytes as they were sent; the rest of the body has another, ``MOST_KEPT``.
    """
    kept = bytearray()
    sent = 0
    async for chunk in chunks:
        sent += len(chunk)
        kept += chunk
        if sent > limit:
            return limit
        if len(kept) > 2 * MOST_KEPT:  # so that each byte is looked at three times at the most
            kept = bytearray(_without_names(kept))
            if len(kept) > MOST_KEPT:
                return MOST_KEPT
    return bytes(kept)


def read_json(body: bytes) -> Any:  # noqa: ANN401 (JSON can be anything)
    """Return the JSON that ``body`` is; ``None`` if it is none, or has too many lists and objects."""
    if len(body) > _MOST_CONTAINERS:  # a shorter one has no more brackets than that
        brackets = _NAMES_OR_STRING.sub(b"", body)
        if brackets.count(b"[") + brackets.count(b"{") > _MOST_CONTAINERS:
            return None
        body = _without_names(body)
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        return None


def _without_names(body: bytes | bytearray) -> bytes:
    """Return ``body``, which may be an incomplete one, with two names of each list of many."""
    return _NAMES_OR_STRING.sub(rb"\1\2", body)
