"""Time as the client sees it: a clock that tests can turn, and what is known of Tiny's own clock."""

import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol

import httpx

_DATE_RESOLUTION = timedelta(seconds=1)


class Clock(Protocol):
    """The present moment and a way to wait, both on one time scale."""

    def now(self) -> datetime:
        """The present moment, aware UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let so many of this clock's seconds pass."""
        ...


class SystemClock:
    """This machine's clock."""

    def now(self) -> datetime:
        """The present moment, aware UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class ServerClock:
    """How far Tiny's clock is ahead of ours, learnt from the `Date` of its answers. Thread-safe.

    `Date` is cut to seconds and was written at some moment between sending and receiving, so that one answer only
    bounds the difference; the bounds of many answers meet within milliseconds. Bounds that contradict the earlier ones
    mean that a clock was set: they start anew. Until an answer came, our clock is taken for Tiny's.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bounds: tuple[timedelta, timedelta] | None = None

    def observe(self, sent: datetime, received: datetime, dated: datetime) -> None:
        """An answer dated `dated` by Tiny was under way from `sent` to `received`, by our clock."""
        low, high = dated - received, dated + _DATE_RESOLUTION - sent
        with self._lock:
            if self._bounds and max(low, self._bounds[0]) <= min(high, self._bounds[1]):
                low, high = max(low, self._bounds[0]), min(high, self._bounds[1])
            self._bounds = (low, high)

    def earliest(self, ours: datetime) -> datetime:
        """What Tiny's clock shows at least when ours shows `ours`: a minute that began by this has begun there."""
        with self._lock:
            return ours + self._bounds[0] if self._bounds else ours


def server_date(response: httpx.Response) -> datetime | None:
    """The answer's `Date`, aware UTC; None where it is missing or no date."""
    try:
        return parsedate_to_datetime(response.headers["date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return None
