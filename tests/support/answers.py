"""Questions to the network about aliases, and its answers."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import aclosing

from stashmatrix.matrix.identifiers import RoomAlias, ServerName
from stashmatrix.network.patience import Web
from stashmatrix.network.resolve import resolve
from stashmatrix.records.answers import Answer
from tests.support.process import TIMEOUT


def ask(
    web: Web,
    aliases: Iterable[RoomAlias],
    *,
    homeservers: Mapping[ServerName, str] | None = None,
    resolver: str | None = None,
    within: float = TIMEOUT,
) -> dict[RoomAlias, Answer]:
    """Resolve ``aliases`` and return the answers, in their order; no alias may have two.

    ``within`` is how many seconds that may take.
    """
    answers: dict[RoomAlias, Answer] = {}

    async def run() -> None:
        async with (
            aclosing(web),
            asyncio.timeout(within),
            aclosing(resolve(web, aliases, homeservers=homeservers, resolver=resolver)) as coming,
        ):
            async for alias, answer in coming:
                assert isinstance(alias, RoomAlias)
                assert alias not in answers
                answers[alias] = answer

    asyncio.run(run())
    return answers
