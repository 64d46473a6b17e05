"""Which production orders are made for which shipment lots: their quantities, dates and materials. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from flows.manufatura.business_calendar import BusinessCalendar
from flows.manufatura.explosion import Explosion, Material, valid

Row = dict[str, Any]


class Candidate(NamedTuple):
    """A product of a shipment lot that is made to order, with the order that was made for it.

    The columns of the statement `candidatos_e_ordens`, in its order. From `order_number` on they are the order's, and
    all None if there is none yet.
    """

    lot: str
    product_code: str
    quantity: Decimal | None
    shipment: date | None
    sale_order: str | None
    customer: str | None
    product_name: str
    lead_time: int | None
    order_number: str | None
    status: str | None
    planned_quantity: Decimal | None
    start: date | None
    end: date | None
    materials: list[Row] | None
    problems: list[str] | None


@dataclass
class Plan:
    """What is to be written, and what a person has to look at.

    Attributes:
        new: rows of orders that are not there yet.
        changed: rows of planned orders whose lot, dates or bills of materials changed.
        divergent: orders that do not fit their lot any more and cannot be changed, in the operators' language.
        ignored: how many candidates get no order, by reason.
        unchanged: how many candidates have an order that is not changed.
    """

    new: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    divergent: list[str] = field(default_factory=list)
    ignored: dict[str, int] = field(default_factory=dict)
    unchanged: int = 0


def planned(
    candidates: Iterable[Candidate], calendar: BusinessCalendar, explode: Callable[[str, Decimal], Explosion]
) -> Plan:
    """The plan for these candidates; one that cannot be planned is ignored, and the others are planned all the same."""
    plan = Plan()
    for each in candidates:
        try:
            row = order_row(each, calendar, explode)
        except ValueError as error:
            reason = str(error)
            plan.ignored[reason] = plan.ignored.get(reason, 0) + 1
            if each.order_number:
                plan.divergent.append(f"{each.order_number} (lote {each.lot}): {reason}")
            continue
        if each.order_number is None:
            plan.new.append(row)
        elif each.status == "Planejada":
            if _as_stored(each) == tuple(row[name] for name in _COMPARED):
                plan.unchanged += 1
            else:
                plan.changed.append(row)
        else:
            plan.unchanged += 1
            if each.planned_quantity != each.quantity:
                plan.divergent.append(
                    f"{each.order_number} ({each.status}, lote {each.lot}): planejada {each.planned_quantity}, "
                    f"o lote pede {each.quantity}"
                )
    return plan


def order_row(candidate: Candidate, calendar: BusinessCalendar, explode: Callable[[str, Decimal], Explosion]) -> Row:
    """The columns of the order that a candidate asks for.

    The order starts `lead_time` business days before the shipment and ends the day before it. Where that would be
    before its start, it also starts on the day before the shipment.

    Raises:
        ValueError: shipment date, quantity or lead time is missing or impossible.
    """
    if candidate.shipment is None:
        raise ValueError("lote sem data de expedição")
    if candidate.lead_time is None:
        raise ValueError("produto MTO sem lead_time_mto no cadastro")
    if candidate.quantity is None or not valid(candidate.quantity):
        raise ValueError("lote sem quantidade válida")
    start = calendar.before(candidate.shipment, candidate.lead_time)
    end = candidate.shipment - timedelta(days=1)
    needed = explode(candidate.product_code, candidate.quantity)
    return {
        "separacao_lote_id": candidate.lot,
        "cod_produto": candidate.product_code,
        "nome_produto": candidate.product_name,
        "qtd_planejada": candidate.quantity,
        "qtd_pedido_atual": candidate.quantity,
        "materiais_necessarios": [_json(material) for material in needed.materials],
        "problemas": list(needed.problems) or None,
        "data_inicio_prevista": min(start, end),
        "data_fim_prevista": end,
        "data_necessidade": candidate.shipment,
        "num_pedido_origem": candidate.sale_order,
        "raz_social_red": candidate.customer,
    }


_COMPARED = ("qtd_planejada", "data_inicio_prevista", "data_fim_prevista", "materiais_necessarios", "problemas")
"""The columns by which a planned order differs from its row."""


def _as_stored(candidate: Candidate) -> tuple[Any, ...]:
    """The values of these columns in the order that a candidate has."""
    return candidate.planned_quantity, candidate.start, candidate.end, candidate.materials, candidate.problems


def _json(material: Material) -> Row:
    """A material as the order keeps it; three places of a quantity below 10^12 fit a float exactly enough."""
    return {
        "cod_produto": material.code,
        "nome_produto": material.name,
        "quantidade": float(material.quantity),
        "nivel": material.level,
        "tipo": material.kind,
        "unidade": material.unit,
    }
