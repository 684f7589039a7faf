"""Turns: how many of many start at once."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager


class Turns:
    """A limit of how much is under way at once, apart from what is only waiting for somebody."""

    def __init__(self, most: int, *, most_waiting: int) -> None:
        """Let ``most`` be under way, and ``most_waiting`` more that gave way."""
        self._free = asyncio.Semaphore(most)
        self._most_waiting = most_waiting
        self._waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[Callable[[], None]]:
        """Wait for a turn. What is yielded is to be called while waiting: it lets the next one have a turn.

        It does nothing if too many others wait already.
        """
        await self._free.acquire()
        gave_way = False

        def give_way() -> None:
            nonlocal gave_way
            if not gave_way and self._waiting < self._most_waiting:
                gave_way = True
                self._waiting += 1
                self._free.release()

        try:
            yield give_way
        finally:
            if gave_way:
                self._waiting -= 1
            else:
                self._free.release()
