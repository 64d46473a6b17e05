"""The simulated server's clock: the one behind write dates, the `Date` header and everything else that says now."""

import threading
import time
from datetime import UTC, datetime, timedelta


class Clock:
    """A clock that runs with the machine's, from a chosen start and with whatever was skipped added (UTC)."""

    def __init__(self, start: datetime | None = None) -> None:
        self._lock = threading.Lock()
        self.started = start or datetime.now(UTC)
        self._start = self.started
        self._zero = time.monotonic()

    def now(self) -> datetime:
        """The present moment, in UTC, with microseconds."""
        with self._lock:
            return self._start + timedelta(seconds=time.monotonic() - self._zero)

    def advance(self, seconds: float) -> None:
        """Skip this many seconds ahead."""
        with self._lock:
            self._start += timedelta(seconds=seconds)
