"""What every comparison of a table with the source shares."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from demo.check.company import Row
from demo.check.tax_ids import bare

Key = tuple[Any, ...]
Rows = Mapping[Any, Row]

TAX_IDS = ("cnpj_cpf", "cnpj_fornecedor")
"""Columns whose punctuation does not matter."""

NEVER = ("id", None)
"""The mark of rows that are gone, where no surplus row is right."""


def table(connection: Connection, query: str, *key: str) -> dict[Any, Row]:
    """The rows of a query by one column, or by several as a tuple."""
    rows = [dict(row) for row in connection.execute(text(query)).mappings()]
    return {row[key[0]] if len(key) == 1 else tuple(row[name] for name in key): row for row in rows}


def rows(what: str, expected: Rows, found: Rows, gone: tuple[str, Any]) -> Iterator[str]:
    """Missing, wrong and surplus rows; a surplus one is right only if it is marked as gone."""
    for key, row in expected.items():
        if key not in found:
            yield f"{what} {key}: falta no banco"
            continue
        for name, value in row.items():
            stored = bare(found[key][name]) if name in TAX_IDS else found[key][name]
            if stored != value:
                yield f"{what} {key}: {name} é {stored!r} no banco e {value!r} na origem"
    column, mark = gone
    for key in found.keys() - expected.keys():
        if found[key][column] != mark:
            yield f"{what} {key}: está no banco e não na origem"


def quarantine(connection: Connection, entity: str, expected: Mapping[int, str | None]) -> Iterator[str]:
    """Lines kept aside: those that cannot be stored (None), and those that wait for something."""
    query = "SELECT registro_id, status, espera FROM import_failures WHERE status <> 'resolvido' AND entidade = :entity"
    found = {row.registro_id: row for row in connection.execute(text(query), {"entity": entity})}
    for number, waits_for in sorted(expected.items()):
        row = found.get(number)
        if row is None:
            yield f"linha {number} ({waits_for or 'sem código de produto'}): nem gravada nem em quarentena"
        elif row.espera != waits_for or (row.status == "aguardando") != (waits_for is not None):
            yield f"linha {number}: {row.status}, à espera de {row.espera}, e devia esperar por {waits_for}"
    for number in sorted(found.keys() - expected.keys()):
        yield f"linha {number}: em quarentena sem motivo na origem"


def histories(connection: Connection, parent: str, stored: Iterable[Row]) -> Iterator[str]:
    """Rows that were not created exactly once, or that changed without a snapshot."""
    snapshots: defaultdict[int, list[Row]] = defaultdict(list)
    for snapshot in connection.execute(text(f"SELECT * FROM historico_{parent}s ORDER BY id")).mappings():
        snapshots[snapshot[f"{parent}_id"]].append(dict(snapshot))
    own = {"id", f"{parent}_id", "operacao", "alterado_em", "alterado_por", "write_date_odoo", "alteracoes"}
    for row in stored:
        kept = snapshots[row["id"]]
        operations = [each["operacao"] for each in kept]
        if operations[:1] != ["CRIAR"] or set(operations[1:]) - {"EDITAR"}:
            yield f"linha {row['odoo_id']}: histórico com {operations}"
        elif changed := sorted(name for name in kept[-1].keys() - own if kept[-1][name] != row[name]):
            yield f"linha {row['odoo_id']}: mudou sem registro no histórico: {', '.join(changed)}"


def decimal(value: float | Decimal, places: str = "0.001") -> Decimal:
    """A number as a numeric column rounds it."""
    return Decimal(str(value)).quantize(Decimal(places), ROUND_HALF_UP)


def cut(value: str | None, size: int) -> str | None:
    """A text trimmed to fit its column."""
    return (value or "").strip()[:size].rstrip() or None


def instant(moment: str) -> datetime:
    """Odoo's time string, which is UTC."""
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


def sao_paulo_day(moment: str | None) -> date | None:
    """The business day of Odoo's time string."""
    return instant(moment).astimezone(ZoneInfo("America/Sao_Paulo")).date() if moment else None


def calendar_day(day: str | None) -> date | None:
    """Odoo's date string, which has no zone."""
    return date.fromisoformat(day) if day else None
