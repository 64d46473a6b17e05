"""Sweeps of Tiny's list, by status or by days of emission, that notice when the list moved under them.

Offset paging shows an order twice or not at all where others arrive or go meanwhile. So a slice is read again until its
first and last page tell the same total and as many orders were seen, and a large one is cut in two first: a short slice
is read before anything moves. The parts of a slice must add up to its total, or orders without a day of emission exist.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from blocks.tiny import Page, Record, TinyClient
from flows.run.quarantine import Rejected
from flows.tiny_os.listed import Item, item_hash, listed, listed_id
from flows.tiny_os.quarantine import unreadable

LARGEST = 1000
"""Orders of a slice that is read in one go: ten pages."""
ATTEMPTS = 3
"""How often a slice that moves is read."""

_FIRST, _LAST = date(1990, 1, 1), date(2089, 12, 31)


@dataclass(frozen=True)
class Fatia:
    """A part of the list; days of emission, both included."""

    situacao: int | None = None
    de: date | None = None
    ate: date | None = None

    def halves(self) -> tuple["Fatia", "Fatia"] | None:
        """Two slices that make this one, unless it is a single day."""
        start, end = self.de or _FIRST, self.ate or _LAST
        if start >= end:
            return None
        middle = start + (end - start) // 2
        return replace(self, de=start, ate=middle), replace(self, de=middle + timedelta(days=1), ate=end)

    def __str__(self) -> str:
        status = "" if self.situacao is None else f"situação {self.situacao}"
        days = f"emissão de {self.de or 'sempre'} a {self.ate or 'hoje'}" if self.de or self.ate else ""
        return ", ".join(filter(None, (status, days))) or "tudo"


@dataclass(frozen=True)
class Listagem:
    """What sweeps showed.

    Attributes:
        itens: the lines that can be read, by id; of an order shown twice the later one.
        rejeitados: the lines that cannot.
        sem_id: lines that do not even tell whose they are.
        inseguras: slices that never stood still: an order may be missing.
        comecada_em: Tiny's clock before the first page.
    """

    comecada_em: datetime
    itens: dict[int, Item] = field(default_factory=dict)
    rejeitados: dict[int, Rejected] = field(default_factory=dict)
    sem_id: int = 0
    inseguras: tuple[str, ...] = ()

    @property
    def completa(self) -> bool:
        """Whether every order of the slices must be among those shown."""
        return not self.inseguras and not self.sem_id

    @property
    def vistas(self) -> set[int]:
        """The orders shown, readable or not."""
        return {*self.itens, *self.rejeitados}

    @property
    def linhas(self) -> int:
        """The lines shown, each order once."""
        return len(self.vistas) + self.sem_id


def sweep(client: TinyClient, slices: Iterable[Fatia]) -> Listagem:
    """List these slices one after the other, each only once however often it is named.

    Raises:
        TinyError: the list could not be read; it is never taken for an empty one.
    """
    began = client.now()
    found: dict[str, Record] = {}
    unsafe: list[str] = []
    for one in dict.fromkeys(slices):
        records, _, steady = _read(client, one)
        found = {**found, **records}
        if not steady:
            unsafe.append(str(one))
    return _sorted_out(began, found.values(), tuple(unsafe))


def month(year: int, number: int) -> Fatia:
    """The orders issued in a month."""
    return Fatia(de=date(year, number, 1), ate=date(year, number, monthrange(year, number)[1]))


def _read(client: TinyClient, one: Fatia) -> tuple[dict[str, Record], int, bool]:
    """The lines of a slice by what they say their id is, its total, and whether none can be missing."""
    every: dict[str, Record] = {}
    total = 0
    for _ in range(ATTEMPTS):
        pages = client.orders(status=one.situacao, since=one.de, until=one.ate)
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
    client: TinyClient, one: Fatia, parts: Iterable[Fatia], total: int, shown: dict[str, Record]
) -> tuple[dict[str, Record], int, bool]:
    """A slice by its parts. Orders that come or go meanwhile do no harm; more in the whole than in the parts does."""
    added, safe = 0, True
    for part in parts:
        lines, count, steady = _read(client, part)
        shown |= lines
        added, safe = added + count, safe and steady
    if added != total:
        after = next(client.orders(status=one.situacao, since=one.de, until=one.ate)).total or 0
        safe = safe and min(total, after) <= added <= max(total, after)
    return shown, added, safe


def _by_name(page: Page) -> dict[str, Record]:
    return {_name(each): each for each in page.items}


def _name(record: Record) -> str:
    """What tells lines apart, also those whose id cannot be read."""
    return str(record.get("id")) if record.get("id") is not None else item_hash(record)


def _sorted_out(began: datetime, records: Iterable[Record], unsafe: tuple[str, ...]) -> Listagem:
    items: dict[int, Item] = {}
    bad: dict[int, Rejected] = {}
    unnamed = 0
    for record in records:
        try:
            number = listed_id(record)
        except ValueError:
            unnamed += 1
            continue
        try:
            items[number] = listed(record)
        except ValueError as error:
            bad[number] = unreadable(number, record, error)
    return Listagem(began, items, bad, unnamed, unsafe)
