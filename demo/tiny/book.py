"""The book of calls: what was asked, how it was answered, in which minute."""

from collections import Counter
from datetime import datetime
from typing import Any

DROPPED = "dropped"  # instead of a status


class Book:
    """Counts calls. Not safe for threads: the simulator's lock is."""

    def __init__(self) -> None:
        self._running = 0
        self.clear()

    def clear(self) -> None:
        """Forget everything but the calls under way."""
        self._calls: Counter[tuple[str, str]] = Counter()  # by path and status
        self._reads: Counter[str] = Counter()  # by minute: calls that the quota was spent on
        self._refused: Counter[str] = Counter()  # by minute: answers 429
        self._ids: Counter[int] = Counter()  # details served, by order
        self._concurrent = self._running

    def started(self) -> None:
        """A call has come in."""
        self._running += 1
        self._concurrent = max(self._concurrent, self._running)

    def ended(self, name: str, status: int | None) -> None:
        """A call was answered, or its connection dropped (None)."""
        self._running -= 1
        self._calls[name, DROPPED if status is None else str(status)] += 1

    def read(self, moment: datetime) -> None:
        """A call was within the quota."""
        self._reads[_minute(moment)] += 1

    def refused(self, moment: datetime) -> None:
        """A call was answered with 429."""
        self._refused[_minute(moment)] += 1

    def detailed(self, id_: int) -> None:
        """An order's detail was worked out."""
        self._ids[id_] += 1

    def summary(self, *, ids: bool) -> dict[str, Any]:
        """All counts, the details by order only where asked for."""
        paths: dict[str, dict[str, int]] = {}
        for (name, status), count in sorted(self._calls.items()):
            paths.setdefault(name, {})[status] = count
        minutes = {
            minute: {"read": self._reads[minute], "refused": self._refused[minute]}
            for minute in sorted(self._reads.keys() | self._refused.keys())
        }
        summary = {
            "total": self._calls.total(),
            "concurrent": self._concurrent,
            "paths": paths,
            "refused": self._refused.total(),
            "minutes": minutes,
        }
        return {**summary, "ids": {str(id_): count for id_, count in self._ids.items()}} if ids else summary


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M}"
