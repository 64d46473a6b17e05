"""Business days in Brazil: all days but weekends, holidays and a company's own days off. Pure."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays

_BRAZIL = holidays.country_holidays("BR")

STATES = frozenset(code for code in _BRAZIL.subdivisions if len(code) == 2)
"""The states of Brazil by their two letters."""

YEARS = range(_BRAZIL.start_year, _BRAZIL.end_year + 1)
"""The years whose holidays the library knows; for any other year it answers that there are none."""


@dataclass(frozen=True)
class BusinessCalendar:
    """Which days are business days.

    Attributes:
        state: whose holidays count besides the national ones, by its two letters; None: no state's.
        optional_holidays: whether the federal *pontos facultativos* are days off, the half days too: Carnaval (Monday
            to Ash Wednesday), Corpus Christi, 28 October, 24 and 31 December.
        days_off: the company's own days off, such as municipal holidays and collective leave.

    Raises:
        ValueError: there is no such state.
    """

    state: str | None = None
    optional_holidays: bool = False
    days_off: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if self.state is not None and self.state not in STATES:
            raise ValueError(f"UF {self.state!r} não existe; use {', '.join(sorted(STATES))}")

    def is_business_day(self, day: date) -> bool:
        """Whether `day` is a business day.

        Raises:
            ValueError: the holidays of its year are not known.
        """
        worked = _business_days(self, day.year)
        return bisect_left(worked, day) < bisect_right(worked, day)

    def before(self, day: date, days: int) -> date:
        """The date that lies `days` business days before `day`, which itself does not count.

        With 0 it is `day` if that is a business day, else the business day before it.

        Raises:
            ValueError: `days` is negative, or the holidays of a year in between are not known.
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
def _business_days(calendar: BusinessCalendar, year: int) -> tuple[date, ...]:
    """The business days of a year, in order."""
    if year not in YEARS:
        raise ValueError(f"Os feriados de {year} não são conhecidos: só os de {YEARS[0]} a {YEARS[-1]}")
    categories = ("public", "optional") if calendar.optional_holidays else ("public",)
    found = holidays.country_holidays("BR", calendar.state, year, expand=False, categories=categories)
    off = calendar.days_off.union(found)
    first = date(year, 1, 1)
    days = (first + timedelta(days=offset) for offset in range((date(year + 1, 1, 1) - first).days))
    return tuple(day for day in days if day.weekday() < 5 and day not in off)
