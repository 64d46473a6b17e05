"""Fields of purchases, requests and receipts that repeat or sum up what other fields hold.

Those that Odoo does not store are here too; whoever changes what they are made of refreshes them, which moves no write
date: an allocation's unit, state and open quantity, a picking's order and kind, counts of documents.
"""

from collections.abc import Iterable
from typing import Any, Final

from demo.odoo.environment import Rule
from demo.odoo.store import Store
from demo.odoo.units import converted

_ENDED: Final = ("cancel", "done")
_CONFIRMED: Final = ("purchase", "done")


def _order(store: Store, order: int) -> dict[str, Any]:
    return {"priority": store.value("purchase.order", order, "priority") or "0"}


def _order_line(store: Store, line: int) -> dict[str, Any]:
    order = store.value("purchase.order.line", line, "order_id")
    same = {name: store.value("purchase.order", order, name) for name in ("partner_id", "company_id", "currency_id")}
    state = store.value("purchase.order", order, "state")
    total, subtotal, received, invoiced = (
        store.value("purchase.order.line", line, name) or 0.0
        for name in ("price_total", "price_subtotal", "qty_received", "qty_invoiced")
    )
    due = received - invoiced if state in _CONFIRMED else 0.0
    return {**same, "state": state, "price_tax": round(total - subtotal, 2), "qty_to_invoice": due}


def _allocation(store: Store, allocation: int) -> dict[str, Any]:
    """One that a backorder made has no order line, so its order's end does not close it (OCA purchase_request)."""
    requested, allocated = (
        store.value("purchase.request.allocation", allocation, name) or 0.0
        for name in ("requested_product_uom_qty", "allocated_product_qty")
    )
    line = store.value("purchase.request.allocation", allocation, "purchase_request_line_id")
    ordered = store.value("purchase.request.allocation", allocation, "purchase_line_id")
    state = store.value("purchase.order.line", ordered, "state")
    return {
        "product_id": store.value("purchase.request.line", line, "product_id"),
        "product_uom_id": store.value("purchase.request.line", line, "product_uom_id"),
        "purchase_state": state,
        "open_product_qty": 0.0 if state in _ENDED else max(0.0, requested - allocated),
    }


def _request_line(store: Store, line: int) -> dict[str, Any]:
    request = store.value("purchase.request.line", line, "request_id")
    names = ("requested_by", "assigned_to", "date_start", "description", "origin", "company_id")
    same = {name: store.value("purchase.request", request, name) for name in names}
    unit = store.value("purchase.request.line", line, "product_uom_id")
    bought = 0.0
    for ordered in store.value("purchase.request.line", line, "purchase_lines") or ():
        if store.value("purchase.order.line", ordered, "state") != "cancel":
            own, quantity = (
                store.value("purchase.order.line", ordered, name) for name in ("product_uom", "product_qty")
            )
            bought += quantity if own == unit else converted(store, quantity, own, unit, up=True)
    return {**same, "request_state": store.value("purchase.request", request, "state"), "purchased_qty": bought}


def _request(store: Store, request: int) -> dict[str, Any]:
    lines = store.value("purchase.request", request, "line_ids") or ()
    ordered = _gathered(store, "purchase.request.line", lines, "purchase_lines")
    allocations = _gathered(store, "purchase.request.line", lines, "purchase_request_allocation_ids")
    moves = {store.value("purchase.request.allocation", allocation, "stock_move_id") for allocation in allocations}
    orders = {store.value("purchase.order.line", line, "order_id") for line in ordered}
    return {"line_count": len(lines), "purchase_count": len(orders), "move_count": len(moves - {None})}


def _requisition(store: Store, requisition: int) -> dict[str, Any]:
    return {"order_count": len(store.value("purchase.requisition", requisition, "purchase_ids") or ())}


def _picking(store: Store, picking: int) -> dict[str, Any]:
    kind = store.value("stock.picking", picking, "picking_type_id")
    moves = sorted(store.tables["stock.move"].having("picking_id", [picking]))
    lines = [store.value("stock.move", move, "purchase_line_id") for move in moves]
    orders = [store.value("purchase.order.line", line, "order_id") for line in lines if line]
    return {
        "picking_type_code": store.value("stock.picking.type", kind, "code"),
        "purchase_id": orders[0] if orders else None,
        "priority": store.value("stock.picking", picking, "priority") or "0",
    }


def _move(store: Store, move: int) -> dict[str, Any]:
    product, unit, quantity, picking, component, sequence = (
        store.value("stock.move", move, name)
        for name in ("product_id", "product_uom", "product_uom_qty", "picking_id", "bom_line_id", "sequence")
    )
    own = store.value("product.product", product, "uom_id")
    name = store.value("stock.picking", picking, "name") or store.value("stock.move", move, "name")
    return {
        "sequence": sequence or store.value("mrp.bom.line", component, "sequence") or 10,
        "product_qty": converted(store, quantity or 0.0, unit, own),
        "reference": name,
    }


def _gathered(store: Store, model: str, records: Iterable[int], name: str) -> list[int]:
    return [target for record in records for target in store.value(model, record, name) or ()]


FOLLOWING: Final[dict[str, list[Rule]]] = {
    "purchase.order": [_order],
    "purchase.order.line": [_order_line],
    "purchase.request": [_request],
    "purchase.request.allocation": [_allocation],
    "purchase.request.line": [_request_line],
    "purchase.requisition": [_requisition],
    "stock.move": [_move],
    "stock.picking": [_picking],
}
