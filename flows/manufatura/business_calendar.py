"""Business days in Brazil: all days but weekends, holidays and a company's own days off. Pure."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from flows.settings import STATES


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
    known = _brazil()
    if not known.start_year <= year <= known.end_year:  # the library would answer that there are none
        raise ValueError(f"Os feriados de {year} não são conhecidos: só os de {known.start_year} a {known.end_year}")
    categories = ("public", "optional") if calendar.optional_holidays else ("public",)
    found = _brazil(calendar.state, year, expand=False, categories=categories)
    off = calendar.days_off.union(found)
    first = date(year, 1, 1)
    days = (first + timedelta(days=offset) for offset in range((date(year + 1, 1, 1) - first).days))
    return tuple(day for day in days if day.weekday() < 5 and day not in off)


def _brazil(*which: Any, **options: Any) -> Any:
    """Holidays of Brazil; which, as the library takes it."""
    import holidays  # noqa: PLC0415  a fifth of a second that only a run that counts days takes

    return holidays.country_holidays("BR", *which, **options)
