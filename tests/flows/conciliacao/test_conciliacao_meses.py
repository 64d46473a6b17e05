"""Months, totals and the search for those that differ."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.conciliacao.months import Cell, Cells, Month, added, agree, between, by_month, differing, less, period
from flows.run.errors import BadParameters

KEY = ("venda", "BRL")
MONTHS = between(Month(2021, 11), Month(2026, 11))


def cells(lines: int, value: str = "1.00") -> Cells:
    return {KEY: Cell(1, lines, (Decimal(value),))}


class Asked:
    """A source that counts how often it is asked."""

    def __init__(self, theirs: dict[Month, Cells]) -> None:
        self.theirs, self.times = theirs, 0

    def __call__(self, months: Sequence[Month]) -> Cells:
        self.times += 1
        return added(self.theirs.get(month, {}) for month in months)


def test_a_span_that_agrees_is_not_looked_at_month_by_month() -> None:
    here = dict.fromkeys(MONTHS, cells(3))
    asked = Asked(dict(here))
    assert differing(MONTHS, {**here}, asked, asked(MONTHS)) == {}
    assert asked.times == 1


@given(st.sets(st.sampled_from(MONTHS), min_size=1, max_size=3))
def test_exactly_the_months_that_differ_are_found_with_few_questions(lost: set[Month]) -> None:
    here = dict.fromkeys(MONTHS, cells(3))
    there = {month: cells(3 + number) for number, month in enumerate(sorted(lost), start=1)}
    asked = Asked({**here, **there})
    assert differing(MONTHS, {**here}, asked, asked(MONTHS)) == there
    assert asked.times <= 1 + 6 * len(lost)


def test_a_cent_is_a_difference_and_a_tenth_of_a_thousandth_is_none() -> None:
    assert not agree(cells(1, "10.00"), cells(1, "10.01"))
    assert agree(cells(1, "10.0000"), cells(1, "10.0001"))


def test_what_adds_up_to_nothing_is_no_total() -> None:
    assert agree({}, less(cells(2), cells(2)))


def test_a_key_that_only_one_side_has_is_a_difference() -> None:
    assert not agree({}, cells(1))
    assert not agree({("cotação", "BRL"): cells(1)[KEY]}, cells(1))


def test_a_line_that_is_worth_nothing_is_a_difference() -> None:
    assert not agree({}, cells(1, "0.00"))


def test_rows_are_added_up_by_month() -> None:
    rows = [(date(2026, 1, 31), KEY, cells(2)[KEY]), (date(2026, 1, 1), KEY, cells(3)[KEY]), (None, KEY, cells(1)[KEY])]
    assert by_month(rows) == {Month(2026, 1): {KEY: Cell(2, 5, (Decimal("2.00"),))}, None: cells(1)}


@pytest.mark.parametrize(
    ("asked", "months"),
    [
        (None, []),
        ("2026-10", [Month(2026, 10)]),
        (" 2025-12/2026-01 ", [Month(2025, 12), Month(2026, 1)]),
    ],
)
def test_a_period_is_a_month_or_the_months_from_one_to_another(asked: str | None, months: list[Month]) -> None:
    assert period(asked) == months


@pytest.mark.parametrize(
    "asked", ["", "2026", "2026-13", "2026-00", "10/2026", "2026-10/2026-08", "2026-10-01", "3026-01"]
)
def test_any_other_period_is_refused(asked: str) -> None:
    with pytest.raises(BadParameters, match="periodo"):
        period(asked)
