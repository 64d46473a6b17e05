"""Parts of Tiny's list, by status and by days of emission, and how one is cut or completed by others. Pure."""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta

from blocks.tiny import STATUSES

_FIRST, _LAST = date(1990, 1, 1), date(2089, 12, 31)
"""Days of emission between which a slice without an end is cut."""


@dataclass(frozen=True)
class Slice:
    """A part of the list.

    Attributes:
        status: 0 to 7; None for all.
        since: the first day of emission; None for any.
        until: the last day of emission, included; None for any.
    """

    status: int | None = None
    since: date | None = None
    until: date | None = None

    def halves(self) -> tuple["Slice", "Slice"] | None:
        """Two slices that together are this one; None for a single day, which cannot be cut."""
        start, end = self.since or _FIRST, self.until or _LAST
        if start >= end:
            return None
        middle = start + (end - start) // 2
        return replace(self, since=start, until=middle), replace(self, since=middle + timedelta(days=1), until=end)

    def others(self) -> tuple["Slice", ...] | None:
        """Slices that are the whole list together with this one; None for a slice of a status and of days."""
        if self.status is None:
            before = [Slice(until=self.since - timedelta(days=1))] if self.since else []
            after = [Slice(since=self.until + timedelta(days=1))] if self.until else []
            return (*before, *after)
        return None if self.since or self.until else tuple(Slice(each) for each in STATUSES if each != self.status)

    def __str__(self) -> str:
        """The slice in the operators' words."""
        status = "" if self.status is None else f"situação {self.status}"
        days = f"emissão de {self.since or 'sempre'} a {self.until or 'hoje'}" if self.since or self.until else ""
        return ", ".join(filter(None, (status, days))) or "tudo"


def slice_of_month(year: int, month: int) -> Slice:
    """The orders issued in a month."""
    return Slice(since=date(year, month, 1), until=date(year, month, monthrange(year, month)[1]))
