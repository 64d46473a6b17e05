"""Purchase orders and their lines: amounts, states and refusals (recorded from Odoo 17.0).

A line is in the product's purchase unit and knows what that is in its own. A header's write date moves when an amount,
its date or a status changes, so the second of three receipts leaves it alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from demo.odoo import allocations, kits, stock, supply
from demo.odoo.declared import DRAFT, Action, Model, declare, now, only_in, user
from demo.odoo.derived import STANDARD
from demo.odoo.faults import UserError
from demo.odoo.products import STORABLE
from demo.odoo.records import Record, gathered
from demo.odoo.sales import BRL, amounts, totals
from demo.odoo.units import converted, rounded, stored

_ORDER: Final = "purchase.order"
_LINE: Final = "purchase.order.line"
CONFIRMED: Final = ("purchase", "done")
_PASSED_ON: Final = {"price_unit": "price_unit", "date_planned": "date_deadline"}  # from a line to its open moves

STANDARD.related(
    _LINE,
    {
        "partner_id": "order_id.partner_id",
        "company_id": "order_id.company_id",
        "currency_id": "order_id.currency_id",
        "state": "order_id.state",
    },
)


@STANDARD.derived(_LINE, "product_uom_qty", "product_qty product_uom product_id.uom_id")
def _own_unit(line: Record) -> float:
    own, bought = line.product_id.uom_id, line.product_uom
    return float(line.product_qty if own == bought else converted(line.product_qty, bought, own, up=True))


@STANDARD.derived(_LINE, "price_subtotal price_tax price_total", "product_qty price_unit discount taxes_id")
def _amounts(line: Record) -> tuple[float, float, float]:
    return amounts(line.product_qty, line.price_unit, line.discount, line.taxes_id)


@STANDARD.derived(_LINE, "qty_received_method", "product_id.detailed_type", stored=False)
def _method(line: Record) -> str | None:
    return ("stock_moves" if line.product_id.detailed_type in STORABLE else "manual") if line.product_id else None


@STANDARD.derived(_LINE, "qty_received", "move_ids.state move_ids.quantity qty_received_manual")
def _received(line: Record) -> float:
    """What is done of a line's moves, less the returns that are to be deducted; of services what a person says."""
    if line.product_id.detailed_type not in STORABLE:
        return float(line.qty_received_manual)
    if kits.kit_of(line):
        return kits.complete(line, _came)
    done = [move for move in line.move_ids if move.state == "done" and not supply.kept_return(move)]
    return stored(sum(supply.in_purchase_unit(line, move, move.quantity) for move in done))


def _came(move: Record) -> float:
    return supply.signed(move, move.quantity) if move.state == "done" and not supply.kept_return(move) else 0.0


@STANDARD.derived(_LINE, "qty_to_invoice", "qty_received qty_invoiced state", stored=False)
def _to_invoice(line: Record) -> float:
    return float(line.qty_received - line.qty_invoiced) if line.state in CONFIRMED else 0.0


@STANDARD.derived(_ORDER, "amount_untaxed amount_tax amount_total", "order_line.price_subtotal order_line.price_tax")
def _totals(order: Record) -> tuple[float, float, float]:
    return totals(order.order_line)


@STANDARD.derived(_ORDER, "currency_rate", "currency_id company_id date_order")
def _rate(order: Record) -> float:
    """How much of the order's currency one of the company's is worth; a currency without a rate is worth one."""
    return float(order.currency_id.rate or 1.0) / float(order.company_id.currency_id.rate or 1.0)


@STANDARD.derived(_ORDER, "date_planned", "order_line.date_planned")
def _planned(order: Record) -> str | None:
    return min((line.date_planned for line in order.order_line if line.date_planned), default=None)


@STANDARD.derived(_ORDER, "picking_ids", "order_line.move_ids.picking_id.scheduled_date", stored=False)
def _pickings(order: Record) -> list[Record]:
    """Those planned first come first, and the youngest of a day."""
    found = gathered(gathered(order.order_line, "move_ids"), "picking_id")
    found.sort(key=lambda picking: picking.id or 0, reverse=True)
    return sorted(found, key=lambda picking: picking.scheduled_date or "")


@STANDARD.derived(_ORDER, "receipt_status", "order_line.move_ids.picking_id.state")
def _receipt_status(order: Record) -> str | None:
    states = {picking.state for picking in order.picking_ids} - {"cancel"}
    return ("full" if states == {"done"} else "partial" if "done" in states else "pending") if states else None


@STANDARD.derived(
    _ORDER, "effective_date", "order_line.move_ids.picking_id.state order_line.move_ids.picking_id.date_done"
)
def _arrival(order: Record) -> str | None:
    """When the first receipt was done."""
    done = [picking for picking in order.picking_ids if picking.state == "done" and picking.date_done]
    return min((picking.date_done for picking in done if picking.location_dest_id.usage != "supplier"), default=None)


@STANDARD.derived(_ORDER, "invoice_status", "state invoice_ids order_line.qty_to_invoice")
def _invoice_status(order: Record) -> str:
    if order.state not in CONFIRMED:
        return "no"
    if any(stored(line.qty_to_invoice) for line in order.order_line if not line.display_type):
        return "to invoice"
    return "invoiced" if order.invoice_ids else "no"


def _line_created(line: Record, values: Mapping[str, Any]) -> None:
    if line.display_type:  # a section or a note is for showing
        line.set(product_id=None, product_uom=None, date_planned=None, product_qty=0.0, price_unit=0.0)
    if line.order_id.state == "purchase":
        supply.bring(line.order_id, [line])


def _line_writing(lines: Sequence[Record], values: Mapping[str, Any]) -> None:
    if any((line.display_type or False) != values.get("display_type", line.display_type or False) for line in lines):
        raise UserError("Você não pode alterar o tipo de uma linha de pedido de compra.")


def _line_written(line: Record, values: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Let a confirmed line's moves follow its price, date and quantity; their own date stays."""
    if "qty_received_manual" in values:
        allocations.receive(line, line.qty_received_manual - (before["qty_received_manual"] or 0.0))
    if line.order_id.state != "purchase" or line.display_type:
        return
    passed = {_PASSED_ON[name]: line.raw(name) for name in values if name in _PASSED_ON}
    for move in supply.waiting(line) if passed else ():
        move.set(**passed)
    if "product_qty" in values and rounded(line.product_qty - (before["product_qty"] or 0.0)):
        supply.bring(line.order_id, [line])


def _unlinking_lines(lines: Sequence[Record]) -> None:
    for line in lines:
        if line.order_id.state in CONFIRMED:
            state = line.order_id.state
            raise UserError(f"Não é possível excluir uma linha de pedido de compra no estado '{state}'.")
    stock.cancel(gathered(lines, "move_ids"))


def _confirmable(order: Record) -> None:
    if any(line.purchase_state == "done" for line in gathered(order.order_line, "purchase_request_lines")):
        raise UserError("A requisição de compra já foi concluída.")


def _cancellable(order: Record) -> None:
    if any(move.state == "done" for move in gathered(order.order_line, "move_ids")):
        raise UserError("Não é possível cancelar o pedido de compra, pois alguns recebimentos já foram realizados.")
    if any(invoice.state == "posted" for invoice in order.invoice_ids):
        raise UserError("Não é possível cancelar este pedido de compra. Cancele primeiro as faturas relacionadas.")


def _give_up(order: Record) -> None:
    waiting = [picking for picking in order.picking_ids if picking.state != "cancel"]
    stock.cancel(gathered(order.order_line, "move_ids"))
    for picking in waiting:
        picking.set(is_locked=True)


declare(
    Model(
        _ORDER,
        defaults={**DRAFT, "currency_id": BRL, "picking_type_id": 1, "date_order": now, "user_id": user},
        numbered=lambda env, values: env.store.next_name(_ORDER, "P"),
        unlinking=only_in(("cancel",), "Para excluir um pedido de compra, você deve cancelá-lo primeiro."),
        actions={
            "button_confirm": Action(
                lambda order: {"state": "purchase", "date_approve": order.env.now[:19]},
                ("draft", "sent"),
                check=_confirmable,
                after=supply.confirmed,
            ),
            "button_done": Action({"state": "done", "priority": "0"}, answer=None),
            "button_unlock": Action({"state": "purchase"}, answer=None),
            "button_draft": Action({"state": "draft"}, answer={}),
            "button_cancel": Action({"state": "cancel"}, check=_cancellable, before=_give_up, answer=None),
        },
    ),
    Model(
        _LINE,
        defaults=supply.line_defaults,
        rounded=frozenset({"product_qty"}),
        created=_line_created,
        writing=_line_writing,
        written=_line_written,
        unlinking=_unlinking_lines,
    ),
)
