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
    procurement group.
    """
    by_id = {each["id"]: each for each in sorted(productions, key=lambda production: int(production["id"]))}
    by_name: defaultdict[str, list[Record]] = defaultdict(list)
    by_group: defaultdict[int, list[Record]] = defaultdict(list)
    for each in by_id.values():
        for name in {each["numero"], root(each["numero"])}:
            by_name[name].append(each)
        if each["grupo"] is not None:
            by_group[each["grupo"]].append(each)
    found = {}
    for order in orders:
        tied = by_id.get(order.odoo_id) if order.odoo_id is not None else next(iter(by_name[order.numero]), None)
        if tied is not None:
            together = by_group[tied["grupo"]] if tied["grupo"] is not None else by_name[root(tied["numero"])]
            found[order.id] = [each for each in together if root(each["numero"]) == root(tied["numero"])]
    return found


def root(name: str) -> str:
    """A production's name without the number of its backorder."""
    return _BACKORDER.sub("", name)


def report(order: Aberta, chain: Sequence[Record], today: date) -> Apontamento:
    """What the productions of an order make of it; `today` is a day in São Paulo.

    Raises:
        ValueError: a date or number of Odoo's cannot be read.
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
    tied = next((each for each in chain if each["id"] == order.odoo_id), chain[0])
    return Apontamento(
        order.id,
        tied["id"],
        tied["numero"],
        sum((produced(each) for each in live), Decimal(0)).quantize(_PLACES),
        status,
        min([*started, today]) if started else None,
        max(ended, default=None) if status == "Concluída" else None,
    )


def produced(production: Record) -> Decimal:
    """What was produced, in the product's own unit: the production may count in another one."""
    amount, planned, in_stock = (number(production[name]) or Decimal(0) for name in _QUANTITIES)
    return amount * in_stock / planned if planned else amount
