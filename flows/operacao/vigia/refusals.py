"""What was refused, told in few lines however much it was."""

import logging
import time
from collections import Counter
from collections.abc import Callable

EVERY = 60.0
"""Seconds between two lines."""

logger = logging.getLogger(__name__)


class Refusals:
    """Counts refusals by their reason; the first is told with the next `tell`, those of the next minute together."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counted: Counter[str] = Counter()
        self._told: float | None = None

    def add(self, reason: str) -> None:
        """Count one; `reason` must not hold anything that came from outside."""
        self._counted[reason] += 1

    def tell(self, *, at_once: bool = False) -> None:
        """Log what was counted, if it is time to."""
        now = self._clock()
        if not self._counted or not (at_once or self._told is None or now - self._told >= EVERY):
            return
        reasons = ", ".join(f"{reason}: {count}" for reason, count in self._counted.most_common())
        logger.warning("🚫 Webhooks recusados: %d (%s)", self._counted.total(), reasons)
        self._counted.clear()
        self._told = now
