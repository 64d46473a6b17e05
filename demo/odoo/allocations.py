"""What request lines know of the orders and receipts that serve them, through allocations (OCA purchase_request).

Recorded from Odoo 17.0: a partial receipt moves what is open to a new allocation of the backorder's move, which names
no order line, before the receipt is counted. So 300 kg requested, ordered as 1 t and received by half, are not received
at all: all of them wait for the other half.
"""

from collections.abc import Iterable
from typing import Any, Final

from demo.odoo.environment import Environment
from demo.odoo.units import converted, rounded, stored

_MODEL: Final = "purchase.request.allocation"
_LINE: Final = "purchase.request.line"
_PRECEDENCE: Final = ("purchase", "to approve", "sent", "draft")


def of(env: Environment, model: str, record: int) -> tuple[int, ...]:
    """The allocations of an order line, request line or move."""
    listed: tuple[int, ...] = env.value(model, record, "purchase_request_allocation_ids") or ()
    return listed


def request_lines(env: Environment, model: str, records: Iterable[int]) -> set[int]:
    """The request lines that order lines or moves have allocations for, and those that order lines name."""
    found = {env.value(_MODEL, own, "purchase_request_line_id") for record in records for own in of(env, model, record)}
    if model == "purchase.order.line":
        found |= {line for record in records for line in env.value(model, record, "purchase_request_lines") or ()}
    return found


def allocate(env: Environment, request_line: int, quantity: float, order_line: int | None, move: int | None) -> None:
    """A new allocation, of which nothing is received."""
    values = {
        "purchase_request_line_id": request_line,
        "purchase_line_id": order_line,
        "stock_move_id": move,
        "requested_product_uom_qty": quantity,
        "allocated_product_qty": 0.0,
        "company_id": env.value(_LINE, request_line, "company_id"),
    }
    env.insert(_MODEL, values)


def attach(env: Environment, order_line: int, move: int) -> None:
    """Give the allocations of an order line to the move that brings it."""
    for allocation in of(env, "purchase.order.line", order_line):
        env.update(_MODEL, allocation, {"stock_move_id": move})


def hand_over(env: Environment, move: int, other: int, quantity: float) -> None:
    """Move what is open of a move's allocations, up to a quantity, to a move that is copied from it."""
    for allocation in of(env, "stock.move", move):
        line, wanted, unmet = (
            env.value(_MODEL, allocation, name)
            for name in ("purchase_request_line_id", "requested_product_uom_qty", "open_product_qty")
        )
        part = min(quantity, unmet)
        if rounded(part) > 0:
            allocate(env, line, part, None, other)
            env.update(_MODEL, allocation, {"requested_product_uom_qty": wanted - part})
            quantity -= part


def receive(env: Environment, move: int) -> None:
    """Count what a move brought for the allocations it serves, the oldest first."""
    left, unit = (env.value("stock.move", move, name) for name in ("quantity", "product_uom"))
    for allocation in of(env, "stock.move", move):
        wanted, unmet, received = (
            env.value(_MODEL, allocation, name)
            for name in ("product_uom_id", "open_product_qty", "allocated_product_qty")
        )
        if left and unmet:
            there = converted(env.store, left, unit, wanted, up=True)
            part = min(unmet, there)
            env.update(_MODEL, allocation, {"allocated_product_qty": received + part})
            left = converted(env.store, there - part, wanted, unit, up=True)


def follow(env: Environment, lines: Iterable[int]) -> None:
    """Recompute request lines; those that come out the same keep their write dates, and headers always do."""
    for line in sorted(set(lines)):
        env.refresh(_MODEL, of(env, _LINE, line))
        env.settle(_LINE, line, _quantities(env, line))
        env.refresh(_LINE, [line])
        env.refresh("purchase.request", [env.value(_LINE, line, "request_id")])


def _quantities(env: Environment, line: int) -> dict[str, Any]:
    own = of(env, _LINE, line)
    wanted, product, unit = (env.value(_LINE, line, name) for name in ("product_qty", "product_id", "product_uom_id"))
    received, unmet = (
        stored(sum(env.value(_MODEL, allocation, name) or 0.0 for allocation in own))
        for name in ("allocated_product_qty", "open_product_qty")
    )
    moves = {env.value(_MODEL, allocation, "stock_move_id") for allocation in own} - {None}
    dropped = (move for move in moves if env.value("stock.move", move, "state") == "cancel")
    cancelled = sum(env.value("stock.move", move, "product_qty") or 0.0 for move in dropped)
    pending = stored((wanted or 0.0) - received)
    return {
        "qty_done": received,
        "qty_in_progress": unmet,
        "qty_cancelled": stored(
            converted(env.store, cancelled, env.value("product.product", product, "uom_id"), unit, up=True)
        ),
        "pending_qty_to_receive": pending,
        "qty_to_buy": pending > 0,
        "purchase_state": _purchase_state(env, line),
    }


def _purchase_state(env: Environment, line: int) -> str | None:
    ordered = env.value(_LINE, line, "purchase_lines") or ()
    states = {env.value("purchase.order.line", own, "state") for own in ordered}
    if "done" in states:
        return "done"
    if states == {"cancel"}:
        return "cancel"
    return next((state for state in _PRECEDENCE if state in states), None)
