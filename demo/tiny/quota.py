"""How many reads the account has in a clock minute.

After :00 the full quota is back, and refused calls do not lengthen the block. The headers tell the limit, what remains
and the seconds, not an epoch, until it is back (docs/tiny.md, "Quota").
"""

from datetime import datetime
from math import ceil

from demo.tiny.clock import Clock


class Quota:
    """The reads of the present minute. Not safe for threads: the simulator's lock is."""

    def __init__(self, clock: Clock, limit: int, *, headers: bool) -> None:
        self.limit = limit
        self._clock = clock
        self._headers = headers
        self._minute = _minute(clock.now())
        self._used = 0

    def take(self, calls: int = 1) -> bool:
        """Spend calls of the present minute's; False, and nothing spent, where fewer are left."""
        self._turn()
        if self._used + calls > self.limit:
            return False
        self._used += calls
        return True

    def renew(self) -> None:
        """Give the present minute its full quota back."""
        self._used = 0

    def headers(self) -> dict[str, str]:
        """What every answer says of the quota."""
        if not self._headers:
            return {}
        now = self._turn()
        reset = max(1, ceil(60 - now.timestamp() % 60))
        remaining = max(0, self.limit - self._used)
        names = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
        return {name: str(value) for name, value in zip(names, (self.limit, remaining, reset), strict=True)}

    def _turn(self) -> datetime:
        now = self._clock.now()
        if _minute(now) != self._minute:
            self._minute, self._used = _minute(now), 0
        return now


def _minute(moment: datetime) -> int:
    return int(moment.timestamp() // 60)
