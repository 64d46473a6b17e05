"""Months, the totals of one, and the search for those in which two sides differ. Pure.

The whole span is compared first and then by halves, as long as they differ: a quiet night costs one question, however
many years there are.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flows.run.errors import BadParameters

PLACES = Decimal("0.001")
"""To which sums are compared: our columns hold no more."""

_PERIOD = re.compile(r"(\d{4})-(\d{2})(?:/(\d{4})-(\d{2}))?")


@dataclass(frozen=True, order=True)
class Month:
    """A month of a year, in São Paulo."""

    year: int
    number: int

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def next(self) -> "Month":
        """The month after it."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02d}"

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month of a day."""
        return cls(day.year, day.month)


@dataclass(frozen=True)
class Cell:
    """What some lines add up to: how many documents and lines they are, and the sums of their measures."""

    documents: int
    lines: int
    sums: tuple[Decimal, ...]

    def __add__(self, other: "Cell") -> "Cell":
        return Cell(self.documents + other.documents, self.lines + other.lines, _paired(self, other, 1))

    def __sub__(self, other: "Cell") -> "Cell":
        return Cell(self.documents - other.documents, self.lines - other.lines, _paired(self, other, -1))


Key = tuple[str, ...]
"""What tells totals apart besides the month: a state, a currency."""

Cells = Mapping[Key, Cell]


def _paired(one: Cell, other: Cell, sign: int) -> tuple[Decimal, ...]:
    return tuple(mine + sign * theirs for mine, theirs in zip(one.sums, other.sums, strict=True))


def rounded(cells: Cells) -> Cells:
    """The cells as they are compared; empty ones are left out."""
    found = {
        key: Cell(c.documents, c.lines, tuple(each.quantize(PLACES) for each in c.sums)) for key, c in cells.items()
    }
    return {key: cell for key, cell in found.items() if cell.documents or cell.lines or any(cell.sums)}


def added(parts: Iterable[Cells]) -> Cells:
    """The sum of several totals."""
    found: dict[Key, Cell] = {}
    for part in parts:
        for key, cell in part.items():
            found[key] = found[key] + cell if key in found else cell
    return found


def less(one: Cells, other: Cells) -> Cells:
    """What is left of totals without others."""
    return added([one, {key: Cell(0, 0, tuple(Decimal() for _ in c.sums)) - c for key, c in other.items()}])


def agree(ours: Cells, theirs: Cells) -> bool:
    """Whether two totals are the same."""
    return rounded(ours) == rounded(theirs)


def differing(
    months: Sequence[Month],
    ours: Mapping[Month | None, Cells],
    ask: Callable[[Sequence[Month]], Cells],
    whole: Cells,
) -> dict[Month, Cells]:
    """The months in which the two sides differ, each with the source's totals.

    Args:
        months: one after the other; `whole` is what the source has in all of them together.
        ours: our totals by month.
        ask: the source's totals in some months that follow each other.
        whole: see `months`.
    """
    found: dict[Month, Cells] = {}
    waiting = [(months, whole)]
    while waiting:
        part, theirs = waiting.pop()
        if agree(added(ours.get(month, {}) for month in part), theirs):
            continue
        if len(part) == 1:
            found[part[0]] = theirs
            continue
        half = len(part) // 2
        below = ask(part[:half])
        waiting += [(part[:half], below), (part[half:], less(theirs, below))]
    return dict(sorted(found.items()))


def between(first: Month, last: Month) -> list[Month]:
    """All months from one to another."""
    found, month = [], first
    while month <= last:
        found.append(month)
        month = month.next
    return found


def period(asked: str | None) -> list[Month]:
    """The months that an operator asks for: `2026-10`, or `2026-08/2026-10`; none: all there are.

    Raises:
        BadParameters: it is no such period.
    """
    if asked is None:
        return []
    found = _PERIOD.fullmatch(asked.strip())
    if found:
        year, month, last_year, last_month = (int(each) if each else None for each in found.groups())
        first, last = Month(year or 0, month or 0), Month(last_year or year or 0, last_month or month or 0)
        if all(1 <= each.number <= 12 and 1990 <= each.year <= 2100 for each in (first, last)) and first <= last:
            return between(first, last)
    raise BadParameters(f"periodo={asked}: informe um mês como 2026-10, ou do primeiro ao último como 2026-08/2026-10")


def by_month(rows: Iterable[tuple[date | None, Key, Cell]]) -> dict[Month | None, Cells]:
    """Totals by month; under None those of rows without a day."""
    found: defaultdict[Month | None, dict[Key, Cell]] = defaultdict(dict)
    for day, key, cell in rows:
        month = Month.of(day) if day else None
        found[month][key] = found[month][key] + cell if key in found[month] else cell
    return dict(found)
