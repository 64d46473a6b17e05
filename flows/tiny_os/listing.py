"""Reads slices of Tiny's list, by status or by days of emission, and tells whether an order may be missing.

The list is paged by offset, so that orders which arrive or go meanwhile make a page show an order twice or not at all
(docs/tiny.md, "The list"). Therefore:

- A slice is read again until its first and its last page tell the same total and as many orders were seen.
- A large slice is cut in two by days of emission first: a short slice is read before much changes.
- The parts of a slice must add up to its total; if they do not, some orders have no day of emission.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from blocks.tiny import Page, Record, TinyClient
from flows.run.quarantine import Rejected
from flows.tiny_os.listed import ListedOrder, id_of, line_hash, listed_order
from flows.tiny_os.quarantine import reject_line

LARGEST = 1000
"""Orders of a slice that is read in one go: ten pages."""
ATTEMPTS = 3
"""How often a slice is read whose orders change meanwhile."""

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

    def __str__(self) -> str:
        """The slice in the operators' words."""
        status = "" if self.status is None else f"situação {self.status}"
        days = f"emissão de {self.since or 'sempre'} a {self.until or 'hoje'}" if self.since or self.until else ""
        return ", ".join(filter(None, (status, days))) or "tudo"


@dataclass(frozen=True)
class Listing:
    """What the slices of one sweep showed.

    Attributes:
        began: Tiny's clock before the first page, aware UTC.
        items: the lines that could be read, by the order's id; of an order shown twice the later line.
        rejected: the lines that could not be read, by the order's id.
        without_id: how many lines had no readable id.
        unsafe: slices that changed in every attempt, in the operators' words: an order of theirs may be missing.
    """

    began: datetime
    items: dict[int, ListedOrder] = field(default_factory=dict)
    rejected: dict[int, Rejected] = field(default_factory=dict)
    without_id: int = 0
    unsafe: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every order of the slices is certainly among those shown."""
        return not self.unsafe and not self.without_id

    @property
    def shown(self) -> set[int]:
        """The ids of the orders shown, also of those whose line could not be read."""
        return {*self.items, *self.rejected}

    @property
    def lines(self) -> int:
        """How many lines were shown, each order counted once."""
        return len(self.shown) + self.without_id


def sweep(client: TinyClient, slices: Iterable[Slice]) -> Listing:
    """Read these slices of the list one after the other; a slice that is given twice is read once.

    Raises:
        TinyError: a page could not be read. A list that could not be read is never taken for an empty one.
    """
    began = client.now()
    found: dict[str, Record] = {}
    unsafe: list[str] = []
    for one in dict.fromkeys(slices):
        records, _, steady = _read(client, one)
        found = {**found, **records}
        if not steady:
            unsafe.append(str(one))
    return _listing(began, found.values(), tuple(unsafe))


def slice_of_month(year: int, month: int) -> Slice:
    """The orders issued in a month."""
    return Slice(since=date(year, month, 1), until=date(year, month, monthrange(year, month)[1]))


def _read(client: TinyClient, one: Slice) -> tuple[dict[str, Record], int, bool]:
    """The lines of a slice by `_name`, its total, and whether no line can be missing."""
    every: dict[str, Record] = {}
    total = 0
    for _ in range(ATTEMPTS):
        pages = client.orders(status=one.status, since=one.since, until=one.until)
        last = first = next(pages)
        total = first.total or 0
        shown = _by_name(first)
        if total > LARGEST and (halves := one.halves()):
            return _read_parts(client, one, halves, total, shown)
        for last in pages:
            shown |= _by_name(last)
        every |= shown
        if last.total in (total, None) and len(shown) == total:
            return shown, total, True
    return every, total, False


def _read_parts(
    client: TinyClient, one: Slice, parts: Iterable[Slice], total: int, shown: dict[str, Record]
) -> tuple[dict[str, Record], int, bool]:
    """The same of a slice that is read in parts, `total` and `shown` being those of its first page.

    Orders that arrive or go meanwhile change the slice's total too: the parts may add up to the total before or after,
    or to anything between. Any other sum means that a line may be missing.
    """
    added, safe = 0, True
    for part in parts:
        lines, count, steady = _read(client, part)
        shown |= lines
        added, safe = added + count, safe and steady
    if added != total:
        after = next(client.orders(status=one.status, since=one.since, until=one.until)).total or 0
        safe = safe and min(total, after) <= added <= max(total, after)
    return shown, added, safe


def _by_name(page: Page) -> dict[str, Record]:
    return {_name(each): each for each in page.items}


def _name(record: Record) -> str:
    """What tells a line from the others: its id as Tiny wrote it, or the line's hash if it has none."""
    return str(record.get("id")) if record.get("id") is not None else line_hash(record)


def _listing(began: datetime, records: Iterable[Record], unsafe: tuple[str, ...]) -> Listing:
    items: dict[int, ListedOrder] = {}
    rejected: dict[int, Rejected] = {}
    without_id = 0
    for record in records:
        try:
            order_id = id_of(record)
        except ValueError:
            without_id += 1
            continue
        try:
            items[order_id] = listed_order(record)
        except ValueError as error:
            rejected[order_id] = reject_line(order_id, record, error)
    return Listing(began, items, rejected, without_id, unsafe)
