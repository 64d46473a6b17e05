"""Tiny's values, one by one."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from blocks.tiny import Discount, day, decimal_of, discount, flag, identifier, moment, person_type, status, text


@pytest.mark.parametrize(
    ("value", "read"),
    [("3", 3), (0, 0), ("7", 7), ("3 - Finalizada", 3), ("2 -Serv Concluido", 2), (" 4 - Não Aprovada ", 4)],
)
def test_a_status_is_what_stands_before_the_dash(value: Any, read: int) -> None:
    assert status(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("2024-03-01", date(2024, 3, 1)),
        ("2024-03-01 23:30:00", date(2024, 3, 1)),
        ("", None),
        (None, None),
        ("0000-00-00", None),
        ("0000-00-00 00:00:00", None),
    ],
)
def test_days(value: Any, read: date | None) -> None:
    assert day(value) == read


def test_naive_times_are_sao_paulo_s() -> None:
    assert moment("2024-03-01 23:30:00") == datetime(2024, 3, 2, 2, 30, tzinfo=UTC)
    assert moment("2018-12-01 12:00:00") == datetime(2018, 12, 1, 14, tzinfo=UTC)  # summer time
    assert moment("2024-03-01") == datetime(2024, 3, 1, 3, tzinfo=UTC)
    assert moment("0000-00-00 00:00:00") is None


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("150.00", "150.00"),
        ("0,00", "0.00"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1.234.567", "1234567"),
        ("1.234.567,8", "1234567.8"),
        ("-3,5", "-3.5"),
        ("1234", "1234"),
        (0.1, "0.1"),
        (12, "12"),
    ],
)
def test_numbers_have_a_dot_or_a_comma(value: Any, read: str) -> None:
    assert str(decimal_of(value)) == read
    assert decimal_of("") is decimal_of(None) is None


def test_a_discount_is_an_amount_or_a_percentage_and_keeps_its_text() -> None:
    assert discount("15%") == Discount("15%", None, Decimal(15))
    assert discount("100%") == Discount("100%", None, Decimal(100))
    assert discount("12,5 %") == Discount("12,5 %", None, Decimal("12.5"))
    assert discount("0,00") == Discount("0,00", Decimal("0.00"), None)
    assert discount(10) == Discount("10", Decimal(10), None)
    assert discount("") is discount(None) is None


def test_flags_are_letters_or_booleans() -> None:
    assert [flag(value) for value in ("S", "N", True, False, "", None)] == [True, False, True, False, None, None]


def test_ids_are_large_and_zero_names_nothing() -> None:
    assert identifier(2**31 + 5) == identifier(str(2**31 + 5)) == 2147483653
    assert [identifier(value) for value in (0, "0", "", None)] == [None] * 4


def test_texts_and_kinds_of_persons() -> None:
    assert [text(value) for value in (" a ", "", "  ", None, 7)] == ["a", None, None, None, "7"]
    assert [person_type(value) for value in ("J", "Física", "x", "", None)] == ["J", "F", "X", None, None]


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (status, "8"),
        (status, "33"),
        (status, ""),
        (status, None),
        (status, True),
        (day, "01/03/2024"),
        (day, "2024-02-30"),
        (day, 20240301),
        (moment, "2024-03-01T10:00"),
        (moment, "2024-03-01 25:00:00"),
        (moment, "0001-01-01 00:00:61"),
        (decimal_of, "12,34,5"),
        (decimal_of, "1.2.3"),
        (decimal_of, "abc"),
        (decimal_of, "١٢"),
        (decimal_of, True),
        (decimal_of, float("nan")),
        (discount, "quinze%"),
        (discount, "%"),
        (flag, "X"),
        (flag, 1),
        (identifier, "12a"),
        (identifier, -1),
        (identifier, 2**63),
        (identifier, True),
        (text, {}),
        (person_type, "Q"),
    ],
)
def test_what_does_not_fit_is_told_with_its_value(read: Any, value: Any) -> None:
    with pytest.raises(ValueError) as raised:
        read(value)
    assert repr(value) in str(raised.value)
