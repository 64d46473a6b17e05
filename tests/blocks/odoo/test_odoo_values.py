"""Odoo's values as ours; what does not fit says so with its value."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from blocks.odoo import day, latest, local_day, moment, number, odoo_datetime


def test_a_datetime_is_aware_utc() -> None:
    assert moment("2026-11-22 01:10:38") == datetime(2026, 11, 22, 1, 10, 38, tzinfo=UTC)


def test_a_business_day_is_cut_in_sao_paulo() -> None:
    assert local_day("2026-11-02 02:59:59") == date(2026, 11, 1)
    assert local_day("2026-11-02 03:00:00") == date(2026, 11, 2)


def test_a_date_has_no_zone() -> None:
    assert day("2026-11-02") == date(2026, 11, 2)


def test_a_float_is_the_decimal_people_see() -> None:
    assert number(0.1) == Decimal("0.1")
    assert number(0) == Decimal(0)


@pytest.mark.parametrize("convert", [moment, local_day, day, number])
def test_none_stays_none(convert: Any) -> None:
    assert convert(None) is None


@pytest.mark.parametrize(
    ("convert", "value"),
    [
        (moment, "0000-00-00 00:00:00"),
        (moment, "2026-11-22"),
        (moment, "2026-11-22T01:10:38"),
        (moment, "22/11/2026 01:10:38"),
        (moment, False),
        (local_day, "2026-13-01 00:00:00"),
        (local_day, "0001-01-01 00:00:00"),
        (day, "2026-02-30"),
        (day, "2026-11-22 01:10:38"),
        (day, "20261122"),
        (number, float("nan")),
        (number, float("inf")),
        (number, True),
        (number, "1,5"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_value(convert: Any, value: Any) -> None:
    with pytest.raises(ValueError, match="inválid") as caught:
        convert(value)
    assert repr(value) in str(caught.value)


def test_a_time_goes_to_odoo_in_utc_whole_seconds() -> None:
    local = datetime(2026, 11, 22, 1, 10, 38, 999_999, ZoneInfo("America/Sao_Paulo"))
    assert odoo_datetime(local) == "2026-11-22 04:10:38"
    with pytest.raises(ValueError, match="fuso"):
        odoo_datetime(datetime(2026, 11, 22))


def test_the_latest_of_write_dates_passes_over_what_is_no_date() -> None:
    early, late = "2026-11-22 01:10:38", "2026-11-22 01:10:39"
    assert latest(late, None, "ontem", early, False) == moment(late)
    assert latest(None, "0000-00-00 00:00:00") is None
