"""Purchase requests and their lines (OCA purchase_request; write dates recorded from Odoo 17.0).

A line's edit leaves the header alone. The header's state and the other fields that lines repeat rewrite all lines.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from demo.odoo import allocations
from demo.odoo.declared import DRAFT, Action, Model, declare, of_product, only_in, today, user
from demo.odoo.derived import STANDARD
from demo.odoo.environment import Environment
from demo.odoo.faults import UserError
from demo.odoo.models import create, write
from demo.odoo.records import Record, gathered, total
from demo.odoo.supply import supplier_of
from demo.odoo.units import converted

_REQUEST: Final = "purchase.request"
_LINE: Final = "purchase.request.line"
_MIDNIGHT: Final = "03:00:00"  # of São Paulo, in UTC

_REPEATED: Final = "requested_by assigned_to date_start description origin company_id"

STANDARD.related(
    _LINE, {name: f"request_id.{name}" for name in _REPEATED.split()} | {"request_state": "request_id.state"}
)


@STANDARD.derived(
    _LINE, "purchased_qty", "product_uom_id purchase_lines.product_qty purchase_lines.state", stored=False
)
def _purchased(line: Record) -> float:
    """What orders that are not cancelled are for, in the line's unit."""
    bought = 0.0
    for ordered in (own for own in line.purchase_lines if own.state != "cancel"):
        same = ordered.product_uom == line.product_uom_id
        quantity = ordered.product_qty
        bought += quantity if same else converted(quantity, ordered.product_uom, line.product_uom_id, up=True)
    return bought


@STANDARD.derived(_REQUEST, "estimated_cost", "line_ids.estimated_cost")
def _cost(request: Record) -> float:
    return total(request.line_ids, "estimated_cost")


@STANDARD.derived(
    _REQUEST,
    "line_count purchase_count move_count",
    "line_ids.purchase_lines.order_id line_ids.purchase_request_allocation_ids.stock_move_id",
    stored=False,
)
def _counts(request: Record) -> tuple[int, int, int]:
    orders = gathered(gathered(request.line_ids, "purchase_lines"), "order_id")
    moves = gathered(gathered(request.line_ids, "purchase_request_allocation_ids"), "stock_move_id")
    return len(request.line_ids), len(orders), len(moves)


def _line_written(line: Record, values: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """A request is rejected with the last of its lines."""
    if values.get("cancelled") and all(own.cancelled for own in line.request_id.line_ids):
        write(line.request_id, state="rejected")


def _unlinking_lines(lines: Sequence[Record]) -> None:
    if any(line.purchase_lines for line in lines):
        raise UserError("Você não pode excluir um registro que se refere a linhas de compra!")
    if any(line.request_state != "draft" for line in lines):
        raise UserError("Você só pode excluir uma linha se a requisição de compra estiver em rascunho.")


def _askable(request: Record) -> None:
    asked = any(line.product_qty and not line.cancelled for line in request.line_ids)
    if request.state != "draft" or not asked:
        raise UserError(f"Você não pode solicitar aprovação para uma requisição de compra vazia. ({request.name})")


def _all_lines(cancelled: bool) -> Any:
    """What gives all lines of a request up, or takes that back."""

    def change(request: Record) -> None:
        for line in request.line_ids:
            write(line, cancelled=cancelled)

    return change


def order(env: Environment, lines: Sequence[int], partner: int) -> int:
    """A draft purchase order with a line for each of these request lines: what the wizard "make PO" does.

    A line is in the product's purchase unit, rounded up, and no less than the supplier's minimum; its allocation is
    what was pending, in the request line's unit. Unlike the wizard, it never adds up lines for one product.

    Raises:
        UserError: a request is not approved, or nothing is pending.
    """
    wanted = env.records(_LINE, lines)
    requests = gathered(wanted, "request_id")
    for request in requests:
        if request.state not in ("approved", "in_progress"):
            raise UserError(f"A requisição de compra {request.name} não está aprovada")
    header = requests[0].copied("picking_type_id group_id company_id origin")
    purchase = create(env, "purchase.order", **header, partner_id=partner)
    for line in wanted:
        _order_line(purchase, line)
    for request in requests:
        write(request, state="in_progress")
    return purchase.id or 0


def _order_line(purchase: Record, line: Record) -> None:
    product, pending = line.product_id, line.pending_qty_to_receive
    if not product:
        raise UserError("Selecione um produto para todas as linhas")
    if pending <= 0:
        raise UserError("Informe uma quantidade positiva.")
    bought = converted(pending, line.product_uom_id, product.uom_po_id, up=True)
    own = create(
        line.env,
        "purchase.order.line",
        order_id=purchase.id,
        product_id=product.id,
        product_qty=max(bought, supplier_of(product, purchase.partner_id).min_qty),
        date_planned=f"{line.date_required} {_MIDNIGHT}",
        purchase_request_lines=[[6, 0, [line.id]]],
    )
    allocations.allocate(line, pending, own, None)


declare(
    Model(
        _REQUEST,
        defaults={**DRAFT, "picking_type_id": 1, "requested_by": user, "date_start": today},
        numbered=lambda env, values: env.store.next_name(_REQUEST, "PR"),
        unlinking=only_in(("draft",), "Você não pode excluir uma requisição de compra que não está em rascunho."),
        actions={
            "button_draft": Action({"state": "draft"}, before=_all_lines(False)),
            "button_to_approve": Action({"state": "to_approve"}, check=_askable),
            "button_approved": Action({"state": "approved"}),
            "button_rejected": Action({"state": "rejected"}, before=_all_lines(True)),
            "button_in_progress": Action({"state": "in_progress"}),
            "button_done": Action({"state": "done"}),
        },
    ),
    Model(
        _LINE,
        defaults={
            "product_qty": 0.0,
            "product_uom_id": of_product("uom_id"),
            "date_required": today,
            "estimated_cost": 0.0,
            "cancelled": False,
        },
        written=_line_written,
        unlinking=_unlinking_lines,
    ),
)
