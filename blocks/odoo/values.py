"""Conversion of single values of Odoo: dates, datetimes and numbers (docs/odoo.md, "Values").

Values are converted when a record is mapped, not when a page is read, so that a bad value affects one record only.
None stays None. A value that cannot be converted raises ValueError with the value in its message.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from blocks.zone import BUSINESS_ZONE

_DATETIME = "%Y-%m-%d %H:%M:%S"
_DATETIME_LENGTH = len("2026-11-22 01:10:38")
_DATE_LENGTH = len("2026-11-22")
_NUMBERS = (int, float, Decimal)


def moment(text: str | None) -> datetime | None:
    """A datetime string of Odoo (`YYYY-MM-DD HH:MM:SS` in UTC) as an aware UTC datetime."""
    if text is None:
        return None
    if not isinstance(text, str) or len(text) != _DATETIME_LENGTH or text[_DATE_LENGTH] != " ":
        raise ValueError(f"Data e hora do Odoo inválida: {text!r} (esperado AAAA-MM-DD HH:MM:SS)")
    return _moment(text)


@lru_cache(maxsize=10_000)
def _moment(text: str) -> datetime:
    """The moment that a text says. The records of a batch share most of theirs."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f"Data e hora do Odoo inválida: {text!r}") from None


def latest(*written: Any) -> datetime | None:
    """The latest of several write dates, aware UTC. What is no date, as after an import by SQL, is passed over."""
    return max([date for each in written if (date := moment_if_valid(each)) is not None], default=None)


def moment_if_valid(text: Any) -> datetime | None:
    """Like `moment`; None if it is no date."""
    try:
        return moment(text)
    except ValueError:
        return None


def local_day(text: str | None) -> date | None:
    """The day in São Paulo of a datetime string: `2026-11-02 01:30:00` is 1 November 2026 there."""
    when = moment(text)
    try:
        return None if when is None else when.astimezone(BUSINESS_ZONE).date()
    except OverflowError:
        raise ValueError(f"Data e hora do Odoo inválida: {text!r}") from None


def day(text: str | None) -> date | None:
    """A date string of Odoo (`YYYY-MM-DD`, without a zone) as a date."""
    if text is None:
        return None
    if not isinstance(text, str) or len(text) != _DATE_LENGTH:
        raise ValueError(f"Data do Odoo inválida: {text!r} (esperado AAAA-MM-DD)")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"Data do Odoo inválida: {text!r}") from None


def number(value: Any) -> Decimal | None:
    """A number as a Decimal with the digits that it is written with: 0.1, not 0.1000000000000000055."""
    if value is None:
        return None
    if isinstance(value, _NUMBERS) and not isinstance(value, bool):
        exact = Decimal(str(value))
        if exact.is_finite():
            return exact
    raise ValueError(f"Número do Odoo inválido: {value!r}")


def odoo_datetime(moment: datetime) -> str:
    """An aware datetime as domains need it: UTC, cut to whole seconds.

    Raises:
        ValueError: the datetime has no zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"Data e hora sem fuso: {moment!r}")
    return moment.astimezone(UTC).strftime(_DATETIME)
