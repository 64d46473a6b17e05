"""What keeps too many notices, and the same one twice, from having any effect."""

import time
from collections import OrderedDict
from collections.abc import Callable


class Bucket:
    """Lets so many pass a second, and as many as it holds at once. For one thread."""

    def __init__(self, rate: float, holds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin full.

        Args:
            rate: how many pass a second in the long run.
            holds: how many pass at once after a pause.
            clock: seconds, from any beginning.
        """
        self._rate = rate
        self._holds = holds
        self._clock = clock
        self._left = holds
        self._at = clock()

    def take(self) -> bool:
        """Whether one more may pass now."""
        now = self._clock()
        self._left = min(self._holds, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Seen:
    """The latest things that were seen. For one thread."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._known: OrderedDict[bytes, None] = OrderedDict()

    def again(self, thing: bytes) -> bool:
        """Whether it was seen before; from now on it was."""
        if thing in self._known:
            self._known.move_to_end(thing)
            return True
        self._known[thing] = None
        if len(self._known) > self._size:
            self._known.popitem(last=False)
        return False
