"""Reads slices of Tiny's list, by status or by days of emission, and tells whether an order may be missing.

The list is paged by offset, so that orders which arrive or go meanwhile make a page show an order twice or not at all
(docs/tiny.md, "The list"). Therefore:

- A slice is read again until its first and its last page tell the same total and as many orders were seen.
- A large slice is cut in two by days of emission first: a short slice is read before much changes.
- The parts of a slice must add up to its total; if they do not, some orders have no day of emission.
- A list that comes without its total, such as an empty answer, is no answer. It is asked for again after a moment; if
  it stays so, what it shows is believed only if the rest of the list leaves no more orders for it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from blocks.tiny import PAGE_SIZE, ListMissing, Page, Record, TinyClient
from flows.run.quarantine import Rejected
from flows.tiny_os.listed import ListedOrder, id_of, line_hash, listed_order
from flows.tiny_os.quarantine import reject_line
from flows.tiny_os.slices import Slice

LARGEST = 1000
"""Orders of a slice that is read in one go: ten pages."""
ATTEMPTS = 3
"""How often a slice is read whose orders change meanwhile, or whose total is not told."""
WAITS = (2.0, 10.0)
"""Seconds before a slice whose total was not told is asked for again."""


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


@dataclass(frozen=True)
class _Read:
    """What came of a slice.

    Attributes:
        lines: its lines by `_name`.
        total: how many orders it has, as Tiny told; None: it never did.
        steady: whether no line can be missing.
    """

    lines: dict[str, Record]
    total: int | None
    steady: bool

    @property
    def count(self) -> int:
        """How many orders it has as far as is known."""
        return len(self.lines) if self.total is None else self.total


def sweep(client: TinyClient, slices: Iterable[Slice]) -> Listing:
    """Read these slices of the list one after the other, each taken when it is its turn; one given twice is read once.

    Raises:
        TinyError: a page could not be read. A list that could not be read is never taken for an empty one.
    """
    began = client.begun()
    reads: dict[Slice, _Read] = {}
    for one in slices:
        if one not in reads:
            reads[one] = _read(client, one)
    totals = {one: each.total for one, each in reads.items() if each.steady and each.total is not None}
    found: dict[str, Record] = {}
    unsafe: list[str] = []
    for one, each in reads.items():
        found = {**found, **each.lines}
        if not each.steady and not (each.total is None and _is_all(client, one, len(each.lines), totals)):
            unsafe.append(str(one))
    return _listing(began(), found.values(), tuple(unsafe))


def _is_all(client: TinyClient, one: Slice, count: int, totals: Mapping[Slice, int]) -> bool:
    """Whether the whole list has no orders but `count` of this slice and those of the other slices.

    The totals that are known are taken from `totals`. One that is not told counts as none: if the others add up all the
    same, it is.
    """
    others, whole = one.others(), _total(client, Slice())
    if others is None or whole is None:
        return False
    told = [totals[each] if each in totals else _total(client, each) for each in others]
    return whole == count + sum(each or 0 for each in told)


def _total(client: TinyClient, one: Slice) -> int | None:
    """How many orders a slice has, as one page tells."""
    return next(_pages(client, one, page_size=1)).total


def _pages(client: TinyClient, one: Slice, page_size: int = PAGE_SIZE) -> Iterator[Page]:
    """The pages of a slice, at least one; an answer without a list is an empty page without a total."""
    try:
        yield from client.orders(status=one.status, since=one.since, until=one.until, page_size=page_size)
    except ListMissing:
        yield Page((), 0, None)


def _read(client: TinyClient, one: Slice, *, patient: bool = True) -> _Read:
    """Read a slice until no line can be missing, a few times at most.

    Without `patient`, a slice whose total is not told is not asked for again.
    """
    every: dict[str, Record] = {}
    total = None
    for attempt in range(ATTEMPTS):
        pages = _pages(client, one)
        last = first = next(pages)
        shown = _by_name(first)
        if first.total is not None and first.total > LARGEST and (halves := one.halves()):
            return _read_parts(client, one, halves, first.total, shown)
        for last in pages:
            shown |= _by_name(last)
        every |= shown
        if first.total is None:
            if not patient:
                break
            if attempt < len(WAITS):
                client.wait(WAITS[attempt])
            continue
        total = first.total
        if last.total == total == len(shown):
            return _Read(shown, total, steady=True)
    return _Read(every, total, steady=False)


def _read_parts(client: TinyClient, one: Slice, parts: Iterable[Slice], total: int, shown: dict[str, Record]) -> _Read:
    """Read a slice in parts, `total` and `shown` being those of its first page.

    Orders that arrive or go meanwhile change the slice's total too: the parts may add up to the total before or after,
    or to anything between. Any other sum means that a line may be missing. A part whose total is not told is as it was
    shown if the parts add up; else it is asked for again.
    """
    reads = {part: _read(client, part, patient=False) for part in parts}
    if sum(each.count for each in reads.values()) != total:
        untold = [part for part, each in reads.items() if each.total is None]
        reads |= {part: _read(client, part) for part in untold}
    for each in reads.values():
        shown |= each.lines
    added = sum(each.count for each in reads.values())
    steady = all(each.steady for each in reads.values() if each.total is not None)
    if added != total:
        after = _total(client, one)
        told = after is not None and all(each.total is not None for each in reads.values())
        steady = steady and told and min(total, after or 0) <= added <= max(total, after or 0)
    return _Read(shown, added, steady)


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
