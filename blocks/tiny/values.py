"""Conversion of single values of Tiny (docs/tiny.md, "The list", "The detail" and "Values").

Values are converted when an order is mapped, not when a page is read, so that a bad value affects one order only. None,
`""` and `0000-00-00…` become None. A value that cannot be converted raises ValueError with the value in its message.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from blocks.zone import BUSINESS_ZONE

STATUSES = range(8)
"""0 Em Aberto, 1 Orçada, 2 Serviço Concluído, 3 Finalizada, 4 Não Aprovada, 5 Aprovada, 6 Em Andamento, 7 Cancelada."""

_LARGEST_ID = 2**63 - 1
_NO_DATE = "0000-00-00"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}", re.ASCII)
_STATUS = re.compile(r"([0-7])(?: *-.*)?", re.ASCII | re.DOTALL)
_PLAIN = re.compile(r"-?\d+([.,]\d+)?", re.ASCII)
_GROUPED = re.compile(r"-?\d{1,3}(?:(?:\.\d{3})+(?:,\d+)?|(?:,\d{3})+(?:\.\d+)?)", re.ASCII)
_FLAGS = {"S": True, "N": False}


@dataclass(frozen=True)
class Discount:
    """A discount: the text as Tiny writes it, and either the amount in reais or the percentage (15 is 15 %)."""

    text: str
    amount: Decimal | None
    percent: Decimal | None


def text(value: Any) -> str | None:
    """A text without the white space around it, None if nothing is left; numbers become their text."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"Texto do Tiny inválido: {value!r}")
    return str(value).strip() or None


def status(value: Any) -> int:
    """A status 0–7: `"3"`, `3` or `"3 - Finalizada"`."""
    found = _STATUS.fullmatch("" if isinstance(value, bool) else str(value).strip())
    if found is None:
        raise ValueError(f"Situação do Tiny desconhecida: {value!r} (esperado 0 a 7)")
    return int(found[1])


def day(value: Any) -> date | None:
    """`YYYY-MM-DD`, with or without a time, as a date."""
    written = _instant(value, "Data", "AAAA-MM-DD")
    return written and written.date()


def moment(value: Any) -> datetime | None:
    """`YYYY-MM-DD HH:MM:SS`, or a day's first instant, in São Paulo (assumed: Tiny names no zone), as aware UTC."""
    written = _instant(value, "Data e hora", "AAAA-MM-DD HH:MM:SS")
    try:
        return written and written.replace(tzinfo=BUSINESS_ZONE).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"Data e hora do Tiny inválida: {value!r}") from None


def decimal_of(value: Any) -> Decimal | None:
    """A number, or its text with dot or comma: `"1234.56"`, `"0,00"`, `"1.234,56"`, `"1,234.56"`.

    A separator that occurs once, alone, is the decimal one. Of dot and comma together, the last is the decimal one and
    the other separates groups of three digits.
    """
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        exact = Decimal(str(value))
        if exact.is_finite():
            return exact
        raise ValueError(f"Número do Tiny inválido: {value!r}")
    if value is not None and not isinstance(value, str):
        raise ValueError(f"Número do Tiny inválido: {value!r}")
    written = (value or "").strip()
    if not written:
        return None
    if _PLAIN.fullmatch(written):
        return Decimal(written.replace(",", "."))
    if not _GROUPED.fullmatch(written):
        raise ValueError(f"Número do Tiny inválido: {value!r} (esperado 1234.56 ou 1.234,56)")
    if written.rfind(",") > written.rfind(".") and written.count(",") == 1:
        return Decimal(written.replace(".", "").replace(",", "."))
    if written.rfind(".") > written.rfind(",") and written.count(".") == 1:
        return Decimal(written.replace(",", ""))
    return Decimal(written.replace(".", "").replace(",", ""))


def discount(value: Any) -> Discount | None:
    """A discount: an amount (`"0,00"`, `10`) or a percentage (`"15%"`)."""
    written = text(value)
    if written is None:
        return None
    try:
        if written.endswith("%"):
            return Discount(written, None, _required(decimal_of(written[:-1])))
        return Discount(written, _required(decimal_of(written)), None)
    except ValueError:
        raise ValueError(f"Desconto do Tiny inválido: {value!r} (esperado um valor ou 15%)") from None


def flag(value: Any) -> bool | None:
    """A boolean; before May 2025 Tiny answered `"S"` or `"N"`."""
    if value is None or value == "" or isinstance(value, bool):
        return None if value == "" else value
    if isinstance(value, str) and value in _FLAGS:
        return _FLAGS[value]
    raise ValueError(f"Valor lógico do Tiny inválido: {value!r} (esperado S, N, true ou false)")


def identifier(value: Any) -> int | None:
    """An id, given as a number or as its digits; 0 and `""` mean none and become None."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST_ID:
        raise ValueError(f"Identificador do Tiny inválido: {value!r}")
    return value or None


def person_type(value: Any) -> str | None:
    """The first letter of `tipoPessoa`: J, F, E or X; some answers hold the whole word."""
    written = text(value)
    if written is None:
        return None
    if written[0].upper() not in "JFEX":
        raise ValueError(f"Tipo de pessoa do Tiny desconhecido: {value!r} (esperado J, F, E ou X)")
    return written[0].upper()


def _instant(value: Any, what: str, expected: str) -> datetime | None:
    """A day, with or without a time, as a naive datetime; `what` and `expected` tell what is wrong with a bad one."""
    written = _dated(value)
    if written is None:
        return None
    if not _DATE.fullmatch(written) and not _MOMENT.fullmatch(written):
        raise ValueError(f"{what} do Tiny inválida: {value!r} (esperado {expected})")
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        raise ValueError(f"{what} do Tiny inválida: {value!r}") from None


def _dated(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ValueError(f"Data do Tiny inválida: {value!r}")
    written = (value or "").strip()
    return None if not written or written.startswith(_NO_DATE) else written


def _required(parsed: Decimal | None) -> Decimal:
    if parsed is None:
        raise ValueError("sem número")
    return parsed
