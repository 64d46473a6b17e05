"""The simulated account's clock: tokens, quotas, emission dates and the `Date` header all go by it."""

import threading
import time
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_SAO_PAULO: Final = ZoneInfo("America/Sao_Paulo")  # the zone of naive times in answers; assumed


class Clock:
    """A clock that starts at a chosen moment, runs at a chosen pace, and can be told to skip ahead (UTC)."""

    def __init__(self, start: datetime | None = None, minute: float = 60.0) -> None:
        """Start now or at `start`; `minute` is how many real seconds one simulated minute takes."""
        self._lock = threading.Lock()
        self._start = start or datetime.now(UTC)
        self._zero = time.monotonic()
        self._pace = 60 / minute

    def now(self) -> datetime:
        """The present moment, in UTC."""
        with self._lock:
            return self._start + timedelta(seconds=(time.monotonic() - self._zero) * self._pace)

    def today(self) -> date:
        """The present day in São Paulo."""
        return self.now().astimezone(_SAO_PAULO).date()

    def advance(self, seconds: float) -> None:
        """Skip this many simulated seconds ahead."""
        with self._lock:
            self._start += timedelta(seconds=seconds)

    def set(self, moment: datetime) -> None:
        """Show this moment now, and run on from it."""
        with self._lock:
            self._start, self._zero = moment, time.monotonic()
