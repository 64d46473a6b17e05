"""Clocks: this machine's, which tests can replace, and Tiny's, as far as it is known."""

import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol

import httpx

_DATE_RESOLUTION = timedelta(seconds=1)
_DIGITS = 9
_YEARS = range(2000, 3000)


class Clock(Protocol):
    """A clock that can also wait."""

    def now(self) -> datetime:
        """The present moment, aware UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait until so many seconds have passed on this clock."""
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
    """How far Tiny's clock is ahead of ours, computed from the `Date` header of its answers. Thread-safe.

    `Date` is cut to seconds and was written at some moment between sending and receiving. So one answer gives a lower
    and an upper bound of the difference; the bounds of many answers narrow it down to milliseconds. Bounds that
    contradict the earlier ones mean that one of the clocks was set: then only the new ones count. Before the first
    answer, our clock is taken for Tiny's.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bounds: tuple[timedelta, timedelta] | None = None

    def observe(self, sent: datetime, received: datetime, dated: datetime) -> None:
        """Take an answer into account: sent and received by our clock, and its `Date`."""
        low, high = dated - received, dated + _DATE_RESOLUTION - sent
        with self._lock:
            if self._bounds and max(low, self._bounds[0]) <= min(high, self._bounds[1]):
                low, high = max(low, self._bounds[0]), min(high, self._bounds[1])
            self._bounds = (low, high)

    def earliest(self, ours: datetime) -> datetime:
        """The earliest that Tiny's clock can show when ours shows `ours`."""
        with self._lock:
            return ours + self._bounds[0] if self._bounds else ours


def retry_after(response: httpx.Response) -> float | None:
    """Seconds to wait by the header `Retry-After`: a number, or a date compared with the answer's own `Date`.

    None if it is missing, or neither.
    """
    told = response.headers.get("retry-after", "").strip()
    if told.isascii() and told.isdigit() and len(told) <= _DIGITS:
        return float(told)
    try:
        until, dated = parsedate_to_datetime(told), server_date(response)
        return max(0.0, (until - dated).total_seconds()) if dated else None
    except (ValueError, TypeError, OverflowError):
        return None


def server_date(response: httpx.Response) -> datetime | None:
    """The answer's `Date` header, aware UTC; None if it is missing or no date of this millennium."""
    try:
        dated = parsedate_to_datetime(response.headers["date"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
    return dated if dated.year in _YEARS else None
