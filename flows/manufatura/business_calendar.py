"""Business days in Brazil: weekends, national, state and optional holidays, and a company's own days off. Pure."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays

_BRAZIL = holidays.country_holidays("BR")

UFS = frozenset(code for code in _BRAZIL.subdivisions if len(code) == 2)

YEARS = range(_BRAZIL.start_year, _BRAZIL.end_year + 1)
"""The years whose holidays the library knows; outside it answers that there are none."""


@dataclass(frozen=True)
class Calendario:
    """Which days are worked.

    Attributes:
        uf: the state whose holidays count, by its two letters; None counts only the national ones.
        facultativos: whether the federal *pontos facultativos* are days off, the half days too: Carnaval (Monday to Ash
            Wednesday), Corpus Christi, 28 October, 24 and 31 December.
        extras: the company's own days off, such as municipal holidays and collective leave.

    Raises:
        ValueError: `uf` is not a state.
    """

    uf: str | None = None
    facultativos: bool = False
    extras: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if self.uf is not None and self.uf not in UFS:
            raise ValueError(f"UF {self.uf!r} não existe; use {', '.join(sorted(UFS))}")

    def is_business_day(self, day: date) -> bool:
        """Whether `day` is worked.

        Raises:
            ValueError: the holidays of its year are not known.
        """
        worked = _business_days(self, day.year)
        return bisect_left(worked, day) < bisect_right(worked, day)

    def before(self, day: date, days: int) -> date:
        """The date that lies `days` business days before `day`, which itself does not count.

        With 0 it is `day` if that is a business day, else the business day before it.

        Raises:
            ValueError: `days` is negative, or the way leads through a year whose holidays are not known.
        """
        if days < 0:
            raise ValueError(f"Dias úteis não podem ser negativos: {days}")
        year = day.year
        worked = _business_days(self, year)
        index = bisect_left(worked, day) - days if days else bisect_right(worked, day) - 1
        while index < 0:
            year -= 1
            worked = _business_days(self, year)
            index += len(worked)
        return worked[index]


@lru_cache(maxsize=2048)
def _business_days(calendario: Calendario, year: int) -> tuple[date, ...]:
    """The days of a year that are worked, in order."""
    if year not in YEARS:
        raise ValueError(f"Os feriados de {year} não são conhecidos: só os de {YEARS[0]} a {YEARS[-1]}")
    categories = ("public", "optional") if calendario.facultativos else ("public",)
    found = holidays.country_holidays("BR", calendario.uf, year, expand=False, categories=categories)
    off = calendario.extras.union(found)
    first = date(year, 1, 1)
    days = (first + timedelta(days=offset) for offset in range((date(year + 1, 1, 1) - first).days))
    return tuple(day for day in days if day.weekday() < 5 and day not in off)
