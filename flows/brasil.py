"""Brazilian formats that the domains share: tax ids, cities, codes, texts. Pure."""

import html
import re
from collections.abc import Mapping
from typing import Any, TypeGuard

from stdnum.br import cnpj, cpf

_ALPHANUMERIC = re.compile(r"[^0-9A-Z]")
_CNPJ = re.compile(r"[0-9A-Z]{12}\d{2}")
_WITH_COUNTRY = re.compile(r"BR([0-9A-Z]{12}\d{2}|\d{11})")
_CITY = re.compile(r"^(?P<city>.*?)\s*\((?P<state>[A-Z]{2})\)\s*$")
_BRACKET = re.compile(r"^\[(?P<code>[^\]]+)\]")
_TAG = re.compile(r"</?[A-Za-z][^>]*>")
_BREAK = re.compile(r"<\s*(br|/p|/div|/li)\s*/?>", re.IGNORECASE)


def text(value: Any, size: int) -> str | None:
    """Descriptive text trimmed and cut to `size` characters; None if nothing is left. Never for keys."""
    if value is None:
        return None
    return str(value).strip()[:size].rstrip() or None


def key(value: Any, what: str) -> str:
    """A text by which a row is known: trimmed, and never cut.

    Raises:
        ValueError: there is none; `what` names it in the message.
    """
    found = str(value).strip() if value is not None else ""
    if not found:
        raise ValueError(
            f"{what} está sem valor na origem; preencha, e a linha entra na próxima tentativa, em até um dia"
        )
    return found


def name_of(record: Mapping[str, Any] | None, size: int = 255) -> str | None:
    """The `nome` of a record as descriptive text; None if there is no record."""
    return text(record["nome"], size) if record else None


def tax_id(value: str | None) -> str | None:
    """A CNPJ or CPF in its usual punctuation, however it was typed; any other text stays as it is.

    CNPJs may hold letters in their first twelve places since July 2026. A text without letters and digits is none.
    """
    if not is_given(value):
        return None
    bare = _bare(value)
    if _CNPJ.fullmatch(bare):
        return f"{bare[:2]}.{bare[2:5]}.{bare[5:8]}/{bare[8:12]}-{bare[12:]}"
    if len(bare) == 11 and bare.isdigit():
        return f"{bare[:3]}.{bare[3:6]}.{bare[6:9]}-{bare[9:]}"
    return text(value, 20)


def valid_tax_id(value: str | None) -> bool | None:
    """Whether a CNPJ or CPF has the right check digits; None if there is none."""
    if not is_given(value):
        return None
    return bool(cnpj.is_valid(_bare(value)) or cpf.is_valid(_bare(value)))


def tax_id_root(value: str | None) -> str | None:
    """The first eight places of a CNPJ, which all establishments of a company share; None if it is not one."""
    bare = _bare(value or "")
    return bare[:8] if _CNPJ.fullmatch(bare) else None


def is_given(value: str | None) -> TypeGuard[str]:
    """Whether a tax id was typed at all: Odoo takes `/` for a partner that has none."""
    return value is not None and _ALPHANUMERIC.sub("", value.upper()) != ""


def _bare(value: str) -> str:
    """The letters and digits of a tax id, without the country that the European form begins with (`BR…`)."""
    bare = _ALPHANUMERIC.sub("", value.upper())
    return bare[2:] if _WITH_COUNTRY.fullmatch(bare) else bare


def city_and_state(municipality: str | None, city: str | None, state: str | None) -> tuple[str | None, str | None]:
    """City and two-letter state, from the localisation's `Cidade (UF)` label or from plain fields."""
    found = _CITY.match(municipality or "")
    if found:
        return text(found["city"], 100), found["state"]
    code = (state or "").strip().upper()
    return text(municipality or city, 100), code if len(code) == 2 and code.isalpha() else None


def bracket_code(label: str | None) -> str | None:
    """The code of `[CIF] COST, INSURANCE AND FREIGHT`; without brackets the first 20 characters."""
    found = _BRACKET.match((label or "").strip())
    return text(found["code"] if found else label, 20)


def plain_text(rich: str | None) -> str | None:
    """The text of an HTML field: breaks kept as line ends, tags dropped, entities resolved."""
    if rich is None:
        return None
    lines = (line.strip() for line in html.unescape(_TAG.sub("", _BREAK.sub("\n", rich))).splitlines())
    return "\n".join(line for line in lines if line) or None
