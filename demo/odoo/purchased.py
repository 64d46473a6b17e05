"""What purchase orders and their lines compute: amounts, dates, what was received (recorded from Odoo 17.0).

Whatever comes out the same stamps nothing. A header moves when an amount, its date or a status changes, so the second
of three receipts leaves it alone.
"""

from collections.abc import Iterable
from typing import Any, Final

from demo.odoo.environment import Environment
from demo.odoo.sales import taxes
from demo.odoo.searching import Searcher
from demo.odoo.units import converted, stored

_ORDER: Final = "purchase.order"
_LINE: Final = "purchase.order.line"


def amounts(env: Environment, line: int) -> None:
    """Recompute a line's subtotal and total."""
    quantity, price, discount = (
        env.value(_LINE, line, name) or 0.0 for name in ("product_qty", "price_unit", "discount")
    )
    subtotal = stored(quantity * price * (1 - discount / 100))
    tax = taxes(env.store, env.value(_LINE, line, "taxes_id") or (), subtotal)
    computed = {"price_subtotal": subtotal, "price_tax": round(tax, 2), "price_total": round(subtotal + tax, 2)}
    env.settle(_LINE, line, computed)


def follow_lines(env: Environment, lines: Iterable[int]) -> None:
    """Recompute what lines received from their moves, then their orders."""
    lines = sorted(set(lines))
    for line in lines:
        if is_storable(env, line):
            env.settle(_LINE, line, {"qty_received": _received(env, line)})
    for order in sorted({env.value(_LINE, line, "order_id") for line in lines}):
        follow_order(env, order)


def is_storable(env: Environment, line: int) -> bool:
    """Whether receipts have anything to do with a line: not with services and notes."""
    product = env.value(_LINE, line, "product_id")
    return env.value("product.product", product, "detailed_type") in ("product", "consu")


def is_return(env: Environment, move: int) -> bool:
    """Whether a move brings goods back to a supplier."""
    place = env.value("stock.move", move, "location_dest_id")
    return bool(env.value("stock.location", place, "usage") == "supplier")


def in_purchase_unit(env: Environment, line: int, move: int, quantity: float) -> float:
    """A quantity of a move in its line's unit; less than nothing if it goes back."""
    unit, own = env.value("stock.move", move, "product_uom"), env.value(_LINE, line, "product_uom")
    return converted(env.store, quantity, unit, own) * (-1 if is_return(env, move) else 1)


def follow_order(env: Environment, order: int) -> None:
    """Recompute an order's amounts, planned date, receipts and statuses from its lines."""
    lines = [own for own in env.value(_ORDER, order, "order_line") or () if not env.value(_LINE, own, "display_type")]
    untaxed, tax = (
        round(sum(env.value(_LINE, line, name) or 0.0 for line in lines), 2) for name in ("price_subtotal", "price_tax")
    )
    planned = [date for date in (env.value(_LINE, line, "date_planned") for line in lines) if date]
    moves = [move for line in lines for move in env.value(_LINE, line, "move_ids") or ()]
    pickings = {env.value("stock.move", move, "picking_id") for move in moves} - {None}
    listed = Searcher(env.store, False).ordered("stock.picking", pickings)
    env.store.tables[_ORDER].put(order, "picking_ids", tuple(listed))
    sums = {"amount_untaxed": untaxed, "amount_tax": tax, "amount_total": round(untaxed + tax, 2)}
    dates = {"date_planned": min(planned, default=None), "effective_date": _arrival(env, listed)}
    statuses = {"receipt_status": _receipt_status(env, listed), "invoice_status": _invoice_status(env, order, lines)}
    env.settle(_ORDER, order, {**sums, **dates, **statuses})


def _received(env: Environment, line: int) -> float:
    """What is done of a line's moves, less the returns that are to be deducted."""
    total = 0.0
    for move in env.value(_LINE, line, "move_ids") or ():
        kept = is_return(env, move) and env.value("stock.move", move, "to_refund") is False
        if env.value("stock.move", move, "state") == "done" and not kept:
            total += in_purchase_unit(env, line, move, env.value("stock.move", move, "quantity") or 0.0)
    return stored(total)


def _receipt_status(env: Environment, pickings: Iterable[int]) -> str | None:
    states = {env.value("stock.picking", picking, "state") for picking in pickings} - {"cancel"}
    if not states:
        return None
    return "full" if states == {"done"} else "partial" if "done" in states else "pending"


def _arrival(env: Environment, pickings: Iterable[int]) -> Any:
    """When the first receipt was done."""
    arrived = []
    for picking in pickings:
        state, place, done = (
            env.value("stock.picking", picking, n) for n in ("state", "location_dest_id", "date_done")
        )
        if state == "done" and done and env.value("stock.location", place, "usage") != "supplier":
            arrived.append(done)
    return min(arrived, default=None)


def _invoice_status(env: Environment, order: int, lines: Iterable[int]) -> str:
    if env.value(_ORDER, order, "state") not in ("purchase", "done"):
        return "no"
    if any(stored(env.value(_LINE, line, "qty_to_invoice") or 0.0) for line in lines):
        return "to invoice"
    return "invoiced" if env.value(_ORDER, order, "invoice_ids") else "no"
