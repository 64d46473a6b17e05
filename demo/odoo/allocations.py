"""What request lines know of the orders and receipts that serve them, through allocations (OCA purchase_request).

Recorded from Odoo 17.0: a partial receipt moves what is open to a new allocation of the backorder's move, which names
no order line, before the receipt is counted. So 300 kg requested, ordered as 1 t and received by half, are not received
at all: all of them wait for the other half.
"""

from typing import Any, Final

from demo.odoo.derived import STANDARD
from demo.odoo.records import Record, gathered, total
from demo.odoo.units import converted, rounded, stored

_MODEL: Final = "purchase.request.allocation"
_LINE: Final = "purchase.request.line"
_ENDED: Final = ("cancel", "done")
_PRECEDENCE: Final = ("purchase", "to approve", "sent", "draft")

STANDARD.related(
    _MODEL,
    {
        "product_id": "purchase_request_line_id.product_id",
        "product_uom_id": "purchase_request_line_id.product_uom_id",
        "purchase_state": "purchase_line_id.state",
    },
    stored=False,
)


@STANDARD.derived(
    _MODEL, "open_product_qty", "requested_product_uom_qty allocated_product_qty purchase_state", stored=False
)
def _open(allocation: Record) -> float:
    """One that a backorder made has no order line, so its order's end does not close it."""
    if allocation.purchase_state in _ENDED:
        return 0.0
    return float(max(0.0, allocation.requested_product_uom_qty - allocation.allocated_product_qty))


@STANDARD.derived(
    _LINE,
    "qty_done qty_in_progress",
    "purchase_request_allocation_ids.allocated_product_qty purchase_request_allocation_ids.open_product_qty",
)
def _progress(line: Record) -> tuple[float, float]:
    own = line.purchase_request_allocation_ids
    return stored(total(own, "allocated_product_qty")), stored(total(own, "open_product_qty"))


@STANDARD.derived(
    _LINE,
    "qty_cancelled",
    "purchase_request_allocation_ids.stock_move_id.state purchase_request_allocation_ids.stock_move_id.product_qty",
)
def _cancelled(line: Record) -> float:
    moves = gathered(line.purchase_request_allocation_ids, "stock_move_id")
    dropped = total([move for move in moves if move.state == "cancel"], "product_qty")
    return stored(converted(dropped, line.product_id.uom_id, line.product_uom_id, up=True))


@STANDARD.derived(_LINE, "pending_qty_to_receive qty_to_buy", "product_qty qty_done")
def _pending(line: Record) -> tuple[float, bool]:
    pending = stored(line.product_qty - line.qty_done)
    return pending, pending > 0


@STANDARD.derived(_LINE, "purchase_state", "purchase_lines.state")
def _purchase_state(line: Record) -> str | None:
    states = {ordered.state for ordered in line.purchase_lines}
    if "done" in states:
        return "done"
    return "cancel" if states == {"cancel"} else next((state for state in _PRECEDENCE if state in states), None)


def allocate(line: Record, quantity: float, order_line: Record | None, move: Record | None) -> None:
    """A new allocation of a request line, of which nothing is received."""
    values: dict[str, Any] = {"purchase_request_line_id": line, "purchase_line_id": order_line, "stock_move_id": move}
    amounts = {"requested_product_uom_qty": quantity, "allocated_product_qty": 0.0}
    line.env.insert(_MODEL, {**values, **amounts, "company_id": line.company_id})


def hand_over(move: Record, other: Record, quantity: float) -> None:
    """Move what is open of a move's allocations, up to a quantity, to a move that is copied from it."""
    for allocation in move.purchase_request_allocation_ids:
        unit = allocation.product_uom_id
        there = converted(quantity, move.product_uom, unit)
        part = min(there, allocation.open_product_qty)
        if rounded(part) > 0:
            allocate(allocation.purchase_request_line_id, part, None, other)
            allocation.set(requested_product_uom_qty=allocation.requested_product_uom_qty - part)
            quantity = converted(there - part, unit, move.product_uom)


def receive(source: Record, quantity: float) -> None:
    """Count what a move brought, or a line for a service, for the allocations it serves, the oldest first."""
    left, unit = quantity, source.product_uom
    for allocation in source.purchase_request_allocation_ids:
        wanted, unmet = allocation.product_uom_id, allocation.open_product_qty
        if left and unmet:
            there = converted(left, unit, wanted, up=True)
            part = min(unmet, there)
            allocation.set(allocated_product_qty=allocation.allocated_product_qty + part)
            left = converted(there - part, wanted, unit, up=True)
