"""Time that passes by sleeping only, so that no test waits."""

import asyncio


class FakeTime:
    """A clock that stands still, but for sleeping; keeps how long that was."""

    def __init__(self) -> None:
        self.now = 1_763_900_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        until = self.now + seconds
        await asyncio.sleep(0)
        self.now = max(self.now, until)
