"""Blanket orders: their states and names (as Odoo 17.0's purchase_requisition; write dates recorded).

A line's edit never moves the header, nor the header's state a line.
"""

from typing import Any, Final

from demo.odoo.calling import act
from demo.odoo.declared import DRAFT, Action, Model, declare, of_product, only_in, user
from demo.odoo.derived import STANDARD
from demo.odoo.faults import UserError
from demo.odoo.purchases import CONFIRMED
from demo.odoo.records import Record, gathered, total
from demo.odoo.sales import BRL

_BLANKET: Final = "purchase.requisition"
_BLANKET_LINE: Final = "purchase.requisition.line"

STANDARD.rule(_BLANKET, "order_count", "purchase_ids", lambda blanket: len(blanket.purchase_ids))
STANDARD.related(_BLANKET_LINE, {"company_id": "requisition_id.company_id"})


@STANDARD.derived(
    _BLANKET_LINE,
    "qty_ordered",
    "product_id requisition_id.purchase_ids.state requisition_id.purchase_ids.order_line.product_uom_qty",
    stored=False,
)
def _ordered(line: Record) -> float:
    """What confirmed orders made of a blanket order are for."""
    confirmed = [made for made in line.requisition_id.purchase_ids if made.state in CONFIRMED]
    own = [ordered for ordered in gathered(confirmed, "order_line") if ordered.product_id == line.product_id]
    return total(own, "product_uom_qty")


def complete(blanket: Record) -> None:
    """Refuse an agreement that lacks what a running one needs."""
    if not blanket.line_ids:
        raise UserError(f"Você não pode confirmar o acordo '{blanket.name}' porque não há linhas de produtos.")
    for field, shown in (("price_unit", "preço"), ("product_qty", "quantidade")) if blanket.vendor_id else ():
        if any(getattr(line, field) <= 0 for line in blanket.line_ids):
            raise UserError(f"Você não pode confirmar o pedido em aberto sem {shown}.")


def _running(blanket: Record) -> dict[str, Any]:
    named = {"name": blanket.env.store.next_name(_BLANKET, "BO")} if blanket.name == "New" else {}
    return {"state": "ongoing" if blanket.vendor_id else "in_progress", **named}


def _closable(blanket: Record) -> None:
    if any(made.state in ("draft", "sent", "to approve") for made in blanket.purchase_ids):
        raise UserError("Para encerrar esta requisição de compra, cancele as solicitações de cotação relacionadas.")


declare(
    Model(
        _BLANKET,
        defaults={"name": "New", **DRAFT, "type_id": 1, "user_id": user, "currency_id": BRL, "picking_type_id": 1},
        unlinking=only_in(("draft", "cancel"), "Você só pode excluir requisições em rascunho ou canceladas."),
        actions={
            "action_in_progress": Action(_running, check=complete, answer=None),
            "action_open": Action({"state": "open"}, answer=None),
            "action_draft": Action({"name": "New", "state": "draft"}, answer=None),
            "action_done": Action({"state": "done"}, check=_closable, answer=None),
            "action_cancel": Action(
                {"state": "cancel"}, before=lambda blanket: act("button_cancel", *blanket.purchase_ids), answer=None
            ),
        },
    ),
    Model(_BLANKET_LINE, defaults={"product_qty": 0.0, "price_unit": 0.0, "product_uom_id": of_product("uom_id")}),
)
