"""Sale orders and their lines (recorded from Odoo 17.0).

A header's write date moves with its own fields and when a stored amount or status changes, so not when a line changes
its name, keeps its quantity or costs nothing. Confirming and cancelling reach all lines, which repeat the state.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from demo.odoo import reading
from demo.odoo.declared import DRAFT, Action, Model, declare, now, of_product, only_in, user
from demo.odoo.derived import STANDARD
from demo.odoo.environment import Environment
from demo.odoo.faults import UserError
from demo.odoo.records import Record, gathered, total
from demo.odoo.units import stored

BRL: Final = 5
_ORDER: Final = "sale.order"
_LINE: Final = "sale.order.line"
_DEFAULT_TAX: Final = 11
_CONFIRMED: Final = ("sale", "done")  # the second is a locked order of 16.0


def amounts(quantity: float, price: float, discount: float, taxes: Iterable[Record]) -> tuple[float, float, float]:
    """A line's subtotal, the tax on it, rounded per tax, and both together."""
    subtotal = stored(quantity * price * (1 - discount / 100))
    tax = sum((stored(subtotal * tax.amount / 100) for tax in taxes), 0.0)
    return subtotal, round(tax, 2), round(subtotal + tax, 2)


def totals(lines: Sequence[Record]) -> tuple[float, float, float]:
    """What lines come to without tax, their tax, and both together."""
    untaxed, tax = (round(total(lines, name), 2) for name in ("price_subtotal", "price_tax"))
    return untaxed, tax, round(untaxed + tax, 2)


def label(env: Environment, values: Mapping[str, Any]) -> str:
    """How a line names its product."""
    product = values.get("product_id")
    return str(reading.label(env.store, "product.product", product, env.lang)) if product else ""


STANDARD.related(
    _LINE,
    {
        "order_partner_id": "order_id.partner_id",
        "salesman_id": "order_id.user_id",
        "company_id": "order_id.company_id",
        "currency_id": "order_id.currency_id",
        "state": "order_id.state",
        "product_template_id": "product_id.product_tmpl_id",
    },
)


@STANDARD.derived(_LINE, "price_subtotal price_tax price_total", "product_uom_qty price_unit discount tax_id")
def _amounts(line: Record) -> tuple[float, float, float]:
    return amounts(line.product_uom_qty, line.price_unit, line.discount, line.tax_id)


@STANDARD.derived(_LINE, "qty_invoiced", "invoice_lines.quantity invoice_lines.move_id.state")
def _invoiced(line: Record) -> float:
    """Drafts count as invoiced, cancelled invoices do not, credit notes count against it."""
    counted = [entry for entry in line.invoice_lines if entry.move_id.state != "cancel"]
    return sum((-e.quantity if e.move_id.move_type == "out_refund" else e.quantity for e in counted), 0.0)


@STANDARD.derived(
    _LINE, "qty_to_invoice invoice_status", "state qty_delivered qty_invoiced product_uom_qty display_type"
)
def _to_invoice(line: Record) -> tuple[float, str]:
    """What was delivered is due."""
    if line.state not in _CONFIRMED:
        return 0.0, "no"
    due = line.qty_delivered - line.qty_invoiced
    full = line.qty_invoiced >= line.product_uom_qty
    return due, "no" if line.display_type else "invoiced" if full else "to invoice" if due else "no"


@STANDARD.derived(_ORDER, "amount_untaxed amount_tax amount_total", "order_line.price_subtotal order_line.price_tax")
def _totals(order: Record) -> tuple[float, float, float]:
    return totals(order.order_line)


@STANDARD.derived(_ORDER, "invoice_status", "order_line.invoice_status order_line.display_type")
def _status(order: Record) -> str:
    statuses = {line.invoice_status for line in order.order_line if not line.display_type}
    return "to invoice" if "to invoice" in statuses else "invoiced" if statuses == {"invoiced"} else "no"


STANDARD.rule(
    _ORDER,
    "invoice_ids",
    "order_line.invoice_lines.move_id",
    lambda order: sorted(move.id or 0 for move in gathered(gathered(order.order_line, "invoice_lines"), "move_id")),
)


def _next_name(env: Environment, values: Mapping[str, Any]) -> str:
    return f"S{max(env.store.tables[_ORDER].ids, default=0) + 1:05d}"


def _keep_confirmed(lines: Sequence[Record]) -> None:
    if any(line.order_id.state in _CONFIRMED for line in lines):
        raise UserError("Uma linha de um pedido de venda confirmado não pode ser removida.")


def _confirmed(order: Record) -> dict[str, Any]:
    return {"state": "sale", "date_order": order.env.now[:19]}


declare(
    Model(
        _ORDER,
        defaults={
            **DRAFT,
            "date_order": now,
            "partner_invoice_id": lambda env, values: values.get("partner_id"),
            "partner_shipping_id": lambda env, values: values.get("partner_id"),
            "user_id": user,
            "team_id": 1,
            "currency_id": BRL,
            "warehouse_id": 1,
        },
        numbered=_next_name,
        unlinking=only_in(
            ("draft", "cancel"),
            "Você não pode excluir uma cotação enviada ou um pedido de venda confirmado. "
            "Você deve primeiro cancelá-lo.",
        ),
        actions={
            "action_confirm": Action(
                _confirmed, ("draft", "sent"), "Alguns pedidos não estão em um estado que exige confirmação."
            ),
            "action_cancel": Action({"state": "cancel"}),
            "action_draft": Action({"state": "draft"}, ("cancel", "sent")),
            "action_lock": Action({"locked": True}, answer=None),
            "action_unlock": Action({"locked": False}, answer=None),
        },
    ),
    Model(
        _LINE,
        defaults={
            "sequence": 10,
            "name": label,
            "product_uom_qty": lambda env, values: 0.0 if values.get("display_type") else 1.0,
            "product_uom": of_product("uom_id"),
            "price_unit": of_product("lst_price"),
            "discount": 0.0,
            "qty_delivered": 0.0,
            "tax_id": lambda env, values: [] if values.get("display_type") else [_DEFAULT_TAX],
        },
        unlinking=_keep_confirmed,
    ),
)
