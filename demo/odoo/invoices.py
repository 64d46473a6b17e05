"""Customer invoices and their lines, and what they do to the orders they invoice (recorded from Odoo 17.0).

A line's quantity rewrites all lines of the invoice, the invoiced order line and its order; posting, cancelling and
posting a credit note rewrite the invoice with all its lines and everything they invoice.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from demo.odoo.declared import Action, Model, declare, of_product, today, user
from demo.odoo.derived import STANDARD
from demo.odoo.environment import Environment
from demo.odoo.faults import UserError
from demo.odoo.models import create
from demo.odoo.records import Record, gathered, total
from demo.odoo.sales import BRL, amounts, label

_MOVE: Final = "account.move"
_LINE: Final = "account.move.line"
_MONEY: Final = frozenset({"quantity", "price_unit", "discount", "tax_ids", "sale_line_ids", "product_id"})
_DEFAULT_TAX: Final = 11
_NUMBERED: Final = "NFe "

_REPEATED: Final = "date partner_id company_id currency_id journal_id invoice_date ref move_type"

STANDARD.related(
    _LINE,
    {name: f"move_id.{name}" for name in _REPEATED.split()}
    | {"move_name": "move_id.name", "parent_state": "move_id.state"},
)
STANDARD.related(_MOVE, {"invoice_partner_display_name": "partner_id.name", "user_id": "invoice_user_id"}, stored=False)


@STANDARD.derived(_LINE, "price_subtotal price_total balance", "quantity price_unit discount tax_ids")
def _amounts(line: Record) -> tuple[float, float, float]:
    subtotal, _, whole = amounts(line.quantity, line.price_unit, line.discount, line.tax_ids)
    return subtotal, whole, -subtotal


@STANDARD.derived(
    _MOVE, "amount_untaxed amount_tax amount_total", "invoice_line_ids.price_subtotal invoice_line_ids.price_total"
)
def _totals(move: Record) -> tuple[float, float, float]:
    untaxed, whole = (round(total(move.invoice_line_ids, name), 2) for name in ("price_subtotal", "price_total"))
    return untaxed, round(whole - untaxed, 2), whole


STANDARD.rule(
    _MOVE,
    "amount_residual",
    "amount_total payment_state",
    lambda move: 0.0 if move.payment_state in ("paid", "reversed") else move.amount_total,
)


def _balance(move: Record, values: Mapping[str, Any]) -> None:
    if move.move_type != "entry":
        create(move.env, _LINE, move_id=move.id, display_type="payment_term")


def _line_written(line: Record, values: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    if values.keys() & _MONEY:
        _stamp(line.move_id, [line])


def _rewrite(move: Record) -> None:
    _stamp(move, move.line_ids, orders=move.env.store.version.stamps_orders)


def _stamp(move: Record, lines: Iterable[Record], *, orders: bool = True) -> None:
    """Stamp a move with all its lines, and the order lines and orders that some of these invoice."""
    sold = gathered(lines, "sale_line_ids")
    for record in (move, *move.line_ids, *sold, *(gathered(sold, "order_id") if orders else ())):
        record.touch()


def _keep_posted(moves: Sequence[Record]) -> None:
    if any(move.state == "posted" for move in moves):
        raise UserError("Você não pode excluir um lançamento que foi lançado.")


def _posted(move: Record) -> dict[str, Any]:
    """A move that had a number keeps it."""
    day = move.invoice_date or move.env.now[:10]
    if move.name not in (None, "/"):
        return {"invoice_date": day, "date": day, "state": "posted"}
    name = move.env.store.next_name(_MOVE, _NUMBERED, digits=8)
    named = {"name": name, "l10n_latam_document_number": name.removeprefix(_NUMBERED)}
    return {**named, "invoice_date": day, "date": day, "state": "posted"}


def _reverse(move: Record) -> None:
    _rewrite(move)
    if origin := move.reversed_entry_id:
        origin.set(payment_state="reversed")
        _rewrite(origin)


def from_order(env: Environment, order: int, refund_of: int | None = None, *, share: float = 1.0) -> int:
    """A draft invoice of a share of what is ordered and not yet invoiced, or a credit note of an invoice."""
    sale = env.record("sale.order", order)
    lines: list[Any] = []
    for line in sale.order_line:
        if line.display_type:
            lines.append([0, 0, {"display_type": line.display_type, "name": line.name}])
            continue
        quantity = line.qty_invoiced if refund_of else (line.product_uom_qty - line.qty_invoiced) * share
        same = line.copied("name product_id price_unit discount")
        linked = {"tax_ids": list(line.raw("tax_id") or ()), "sale_line_ids": [[6, 0, [line.id]]]}
        lines.append([0, 0, {**same, **linked, "quantity": quantity}])
    move = create(
        env,
        _MOVE,
        move_type="out_refund" if refund_of else "out_invoice",
        partner_id=sale.partner_invoice_id.id,
        invoice_origin=sale.name,
        ref=sale.client_order_ref,
        invoice_user_id=sale.user_id.id,
        team_id=sale.team_id.id,
        invoice_incoterm_id=sale.incoterm.id,
        company_id=sale.company_id.id,
        reversed_entry_id=refund_of,
        invoice_line_ids=lines,
    )
    return move.id or 0


declare(
    Model(
        _MOVE,
        defaults={
            "name": "/",
            "state": "draft",
            "move_type": "entry",
            "payment_state": "not_paid",
            "date": today,
            "company_id": 1,
            "currency_id": BRL,
            "journal_id": 1,
            "invoice_user_id": user,
            "commercial_partner_id": lambda env, values: values.get("partner_id"),
        },
        created=_balance,
        unlinking=_keep_posted,
        actions={
            "action_post": Action(
                _posted,
                ("draft",),
                "O lançamento precisa estar em rascunho para ser lançado.",
                after=_reverse,
                answer=False,
            ),
            "button_draft": Action({"state": "draft"}, after=_rewrite, answer=None),
            "button_cancel": Action({"state": "cancel"}, after=_rewrite, answer=None),
        },
    ),
    Model(
        _LINE,
        defaults={
            "display_type": "product",
            "name": label,
            "quantity": lambda env, values: 1.0 if values.get("product_id") else 0.0,
            "price_unit": of_product("lst_price"),
            "discount": 0.0,
            "product_uom_id": of_product("uom_id"),
            "tax_ids": lambda env, values: [_DEFAULT_TAX] if values.get("product_id") else [],
        },
        written=_line_written,
    ),
)
