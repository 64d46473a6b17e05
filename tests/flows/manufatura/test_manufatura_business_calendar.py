"""Business days: known holidays, and distances that agree with counting day by day."""

from datetime import date, timedelta
from functools import cache

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.manufatura.business_calendar import BusinessCalendar
from flows.settings import STATES

NATIONAL = BusinessCalendar()
PROPERTY = settings(deadline=None, derandomize=True, max_examples=200)

FIRST, LAST = date(2019, 1, 1), date(2028, 12, 31)
DAYS = st.dates(FIRST, LAST)
CALENDARS = st.builds(
    BusinessCalendar,
    state=st.none() | st.sampled_from(sorted(STATES)),
    optional_holidays=st.booleans(),
    days_off=st.frozensets(DAYS, max_size=5),
)


@cache
def days_off(state: str | None, optional: bool) -> frozenset[date]:
    categories = ("public", "optional") if optional else ("public",)
    years = range(FIRST.year - 1, LAST.year + 1)
    return frozenset(holidays.country_holidays("BR", subdiv=state, years=years, categories=categories))


def works(calendar: BusinessCalendar, day: date) -> bool:
    off = days_off(calendar.state, calendar.optional_holidays) | calendar.days_off
    return day.weekday() not in (5, 6) and day not in off


def counted_back(calendar: BusinessCalendar, day: date, days: int) -> date:
    if days == 0 and works(calendar, day):
        return day
    left = max(days, 1)
    while left:
        day -= timedelta(days=1)
        left -= works(calendar, day)
    return day


def all_days() -> list[date]:
    return [FIRST + timedelta(days=offset) for offset in range((LAST - FIRST).days + 1)]


def test_there_are_27_states() -> None:
    assert len(STATES) == 27


@pytest.mark.parametrize("optional", [False, True])
@pytest.mark.parametrize("state", [None, *sorted(STATES)])
def test_ten_years_agree_with_a_count_day_by_day(state: str | None, optional: bool) -> None:
    calendar = BusinessCalendar(state, optional)
    worked: list[date] = []
    for day in all_days():
        assert calendar.is_business_day(day) == works(calendar, day)
        for days in (1, 2, 7, 30):
            if len(worked) >= days:
                assert calendar.before(day, days) == worked[-days]
        if works(calendar, day):
            worked.append(day)
        if worked:
            assert calendar.before(day, 0) == worked[-1]


@PROPERTY
@given(calendar=CALENDARS, day=DAYS, days=st.integers(0, 120))
def test_any_distance_agrees_with_a_count_day_by_day(calendar: BusinessCalendar, day: date, days: int) -> None:
    assert calendar.before(day, days) == counted_back(calendar, day, days)


@PROPERTY
@given(calendar=CALENDARS, day=DAYS, first=st.integers(1, 60), second=st.integers(1, 60))
def test_two_steps_are_one_long_step(calendar: BusinessCalendar, day: date, first: int, second: int) -> None:
    assert calendar.before(calendar.before(day, first), second) == calendar.before(day, first + second)


@pytest.mark.parametrize(
    ("day", "calendar", "worked"),
    [
        (date(2026, 4, 21), NATIONAL, False),  # Tiradentes
        (date(2026, 4, 3), NATIONAL, False),  # Sexta-feira Santa
        (date(2027, 3, 26), NATIONAL, False),
        (date(2023, 11, 20), NATIONAL, True),  # Consciência Negra, national since 2024
        (date(2024, 11, 20), NATIONAL, False),
        (date(2023, 11, 20), BusinessCalendar("RJ"), False),
        (date(2026, 2, 16), NATIONAL, True),  # Carnaval
        (date(2026, 2, 16), BusinessCalendar(optional_holidays=True), False),
        (date(2026, 2, 17), BusinessCalendar("SP"), True),
        (date(2026, 2, 17), BusinessCalendar("RJ"), False),
        (date(2026, 6, 4), BusinessCalendar("SP"), True),  # Corpus Christi
        (date(2026, 6, 4), BusinessCalendar("SP", optional_holidays=True), False),
        (date(2026, 7, 9), BusinessCalendar("SP"), False),  # 9 de Julho
        (date(2026, 7, 9), BusinessCalendar("RJ"), True),
        (date(2026, 7, 9), NATIONAL, True),
        (date(2026, 7, 8), BusinessCalendar("SP"), True),
        (date(2026, 7, 8), BusinessCalendar("SP", days_off=frozenset({date(2026, 7, 8)})), False),
        (date(2026, 7, 11), NATIONAL, False),  # a Saturday
        (date(2026, 7, 12), NATIONAL, False),
    ],
)
def test_a_known_day(day: date, calendar: BusinessCalendar, worked: bool) -> None:
    assert calendar.is_business_day(day) is worked


@pytest.mark.parametrize("state", sorted(STATES - {"SP"}))
def test_9_de_julho_is_a_holiday_in_sp_only(state: str) -> None:
    assert BusinessCalendar(state).is_business_day(date(2026, 7, 9))


def test_the_start_of_an_order_skips_weekends_and_holidays() -> None:
    shipped = date(2026, 4, 22)  # the Wednesday after Tiradentes
    assert NATIONAL.before(shipped, 1) == date(2026, 4, 20)
    assert NATIONAL.before(shipped, 2) == date(2026, 4, 17)
    assert NATIONAL.before(date(2027, 1, 4), 1) == date(2026, 12, 31)


def test_no_days_before_a_day_off_is_the_business_day_before_it() -> None:
    assert NATIONAL.before(date(2026, 4, 22), 0) == date(2026, 4, 22)
    assert NATIONAL.before(date(2026, 4, 21), 0) == date(2026, 4, 20)
    assert NATIONAL.before(date(2027, 1, 1), 0) == date(2026, 12, 31)


def test_a_negative_distance_is_refused() -> None:
    with pytest.raises(ValueError, match="-1"):
        NATIONAL.before(date(2026, 4, 22), -1)


@pytest.mark.parametrize("state", ["XX", "sp", "", "São Paulo Capital"])
def test_an_unknown_state_is_refused(state: str) -> None:
    with pytest.raises(ValueError, match="não existe"):
        BusinessCalendar(state)


@PROPERTY
@given(day=st.dates(date(1950, 1, 1), date(2199, 12, 31)), days=st.integers(0, 3000))
def test_far_off_dates_work_or_are_refused_with_the_reason(day: date, days: int) -> None:
    if day.year <= 2100:
        assert NATIONAL.before(day, days) <= day
    else:
        with pytest.raises(ValueError, match=f"Os feriados de {day.year} não são conhecidos"):
            NATIONAL.before(day, days)


def test_a_way_that_leads_before_the_first_known_year_is_refused() -> None:
    with pytest.raises(ValueError, match="1889"):
        NATIONAL.before(date(1890, 2, 1), 300)
