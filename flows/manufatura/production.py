"""What Odoo's productions (`mrp.production`) say of a production order of ours. Pure."""

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


class OpenOrder(NamedTuple):
    """A production order of ours that is neither finished nor cancelled.

    `odoo_id` is the id of the production that carries it out; None until one was found.
    """

    id: int
    number: str
    odoo_id: int | None
    status: str


@dataclass(frozen=True)
class ProductionReport:
    """What Odoo reports of an order.

    Attributes:
        order_id: our order's id.
        odoo_id: the id of the production that carries it out.
        origin: that production's name.
        total: the quantity produced so far, in the product's own unit.
        status: what the order's status becomes.
        start: the day on which it was begun, in São Paulo; None if it was not.
        end: the day on which it was finished; None if it was not.
    """

    order_id: int
    odoo_id: int
    origin: str
    total: Decimal
    status: str
    start: date | None
    end: date | None


def chains(orders: Iterable[OpenOrder], productions: Iterable[Record]) -> dict[int, list[Record]]:
    """The productions that carry out each order, by the order's id: one production and its backorders.

    The production is the one whose id the order has, else the first one of the order's name. A backorder renames it
    (`OP-000005` becomes `OP-000005-001`, the rest `-002`) and has the same procurement group, where the server has such
    groups (docs/odoo.md, "Backorders"). An order whose own number ends like a backorder's is not taken for one.
    """
    by_id = {each["id"]: each for each in sorted(productions, key=lambda production: int(production["id"]))}
    by_name: defaultdict[str, list[Record]] = defaultdict(list)
    for each in by_id.values():
        for name in {each["numero"], root(each["numero"])}:
            by_name[name].append(each)
    found = {}
    for order in orders:
        tied = by_id.get(order.odoo_id) if order.odoo_id is not None else next(iter(by_name[order.number]), None)
        if tied is not None:
            name = order.number if tied in by_name[order.number] else root(tied["numero"])
            found[order.id] = [each for each in by_name[name] if each["grupo"] == tied["grupo"]]
    return found


def root(name: str | None) -> str:
    """A production's name without the suffix of a backorder; empty if it has none."""
    return _BACKORDER.sub("", name or "")


def report(order: OpenOrder, chain: Sequence[Record], today: date) -> ProductionReport:
    """What the productions of an order say of it; `today` is a day in São Paulo.

    Odoo may still show the planned start of a production that has begun, or nothing but that. Therefore the start is
    never later than the end or than `today`.

    Raises:
        ValueError: a date or quantity of Odoo's cannot be read, or the total is too large for its column.
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
    started = [day for each in begun if (day := local_day(each["inicio"] or each["inicio_planejado"]))]
    ended = [day for each in done if (day := local_day(each["fim"]))]
    total = sum((produced(each) for each in live), Decimal(0))
    if abs(total) >= _LARGEST:
        raise ValueError(f"a quantidade produzida no Odoo não cabe: {total}")
    tied = next((each for each in chain if each["id"] == order.odoo_id), chain[0])
    return ProductionReport(
        order.id,
        tied["id"],
        tied["numero"],
        total.quantize(_PLACES),
        status,
        min([*started, *ended, today]) if started else None,
        max(ended, default=None) if status == "Concluída" else None,
    )


def produced(production: Record) -> Decimal:
    """The quantity produced, in the product's own unit; the production may count in another one."""
    amount, planned, in_stock = (number(production[name]) or Decimal(0) for name in _QUANTITIES)
    return amount * in_stock / planned if planned else amount
