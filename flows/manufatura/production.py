"""What Odoo's productions say of a local production order. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from blocks.odoo import Record, local_day, number

_BACKORDER = re.compile(r"-\d{3}$")
_QUANTITIES = ("produzida", "planejada", "planejada_estoque")
_PLACES = Decimal("0.001")
_LARGEST = Decimal("1e12")
"""What a total stays below: the columns, numeric(15,3), hold no more."""


class Aberta(NamedTuple):
    """An open local order."""

    id: int
    numero: str
    odoo_id: int | None
    status: str


@dataclass(frozen=True)
class Apontamento:
    """What an order is to become: the total produced in the product's unit, and what Odoo says of state and dates."""

    ordem_id: int
    odoo_id: int
    origem: str
    total: Decimal
    status: str
    inicio: date | None
    fim: date | None


def chains(orders: Iterable[Aberta], productions: Iterable[Record]) -> dict[int, list[Record]]:
    """Per order (by id) the productions that carry it out: the one it is tied to or named as, and their backorders.

    A backorder renames the first production (`OP-000005` becomes `OP-000005-001`, the rest `-002`) and shares its
    procurement group, where the server has such groups. A number that itself looks like a backorder's is no backorder.
    """
    by_id = {each["id"]: each for each in sorted(productions, key=lambda production: int(production["id"]))}
    by_name: defaultdict[str, list[Record]] = defaultdict(list)
    for each in by_id.values():
        for name in {each["numero"], root(each["numero"])}:
            by_name[name].append(each)
    found = {}
    for order in orders:
        tied = by_id.get(order.odoo_id) if order.odoo_id is not None else next(iter(by_name[order.numero]), None)
        if tied is not None:
            name = order.numero if tied in by_name[order.numero] else root(tied["numero"])
            found[order.id] = [each for each in by_name[name] if each["grupo"] == tied["grupo"]]
    return found


def root(name: str) -> str:
    """A production's name without the number of its backorder."""
    return _BACKORDER.sub("", name)


def report(order: Aberta, chain: Sequence[Record], today: date) -> Apontamento:
    """What the productions of an order make of it; `today` is a day in São Paulo.

    Odoo may still hold the planned start of what has begun: the real one is not after the end, nor in the future.

    Raises:
        ValueError: a date or number of Odoo's cannot be read, or is too large.
    """
    live = [each for each in chain if each["situacao"] != "cancel"]
    done = [each for each in live if each["situacao"] == "done"]
    begun = [each for each in live if each["situacao"] in ("progress", "to_close", "done")]
    status = order.status
    if not live:
        status = "Cancelada"
    elif len(done) == len(live):
        status = "Concluída"
    elif begun:
        status = "Em Produção"
    elif any(each["situacao"] == "confirmed" for each in live):
        status = "Liberada"
    started = [day for each in begun if (day := local_day(each["inicio"]))]
    ended = [day for each in done if (day := local_day(each["fim"]))]
    total = sum((produced(each) for each in live), Decimal(0))
    if abs(total) >= _LARGEST:
        raise ValueError(f"a quantidade produzida no Odoo não cabe: {total}")
    tied = next((each for each in chain if each["id"] == order.odoo_id), chain[0])
    return Apontamento(
        order.id,
        tied["id"],
        tied["numero"],
        total.quantize(_PLACES),
        status,
        min([*started, *ended, today]) if started else None,
        max(ended, default=None) if status == "Concluída" else None,
    )


def produced(production: Record) -> Decimal:
    """What was produced, in the product's own unit: the production may count in another one."""
    amount, planned, in_stock = (number(production[name]) or Decimal(0) for name in _QUANTITIES)
    return amount * in_stock / planned if planned else amount
