"""From a confirmed purchase order to the receipt it waits for (as Odoo 17.0's purchase_stock makes it).

A move is in the product's own unit. What a line asks for and its moves do not bring goes into the open receipt of the
order, or into a new one; what they bring too much of is taken from the open moves.
"""

from collections.abc import Iterable
from typing import Final

from demo.odoo import allocations, labels, purchased, stock
from demo.odoo.environment import Environment
from demo.odoo.faults import UserError
from demo.odoo.models import browse
from demo.odoo.units import converted, rounded

_ORDER: Final = "purchase.order"
_LINE: Final = "purchase.order.line"
_MOVE: Final = "stock.move"


def bring(env: Environment, order: int, lines: Iterable[int]) -> None:
    """Make the moves that these lines of a confirmed order lack, and take back what is too much."""
    wanting = [line for line in lines if purchased.is_storable(env, line)]
    changed = [move for line in wanting for move in _adjust(env, order, line)]
    stock.follow_pickings(env, changed)
    purchased.follow_lines(env, wanting)
    allocations.follow(env, allocations.request_lines(env, _LINE, wanting))


def in_order_of_dates(env: Environment, order: int) -> None:
    """Number the moves of an order's open receipt by their dates."""
    for picking in _open_receipts(env, order)[:1]:
        moves = env.value("stock.picking", picking, "move_ids")
        for number, move in enumerate(sorted(moves, key=lambda move: (env.value(_MOVE, move, "date"), move)), start=1):
            env.update(_MOVE, move, {"sequence": 5 * number})


def waiting_moves(env: Environment, line: int) -> list[int]:
    """The moves of a line that are neither done nor cancelled and come in."""
    moves = env.value(_LINE, line, "move_ids") or ()
    return [move for move in moves if stock.is_open(env, move) and not purchased.is_return(env, move)]


def _adjust(env: Environment, order: int, line: int) -> list[int]:
    """Bring a line's moves in step with its quantity; the moves that changed."""
    ordered, received, unit = (env.value(_LINE, line, name) for name in ("product_qty", "qty_received", "product_uom"))
    if rounded(ordered - (received or 0.0)) < 0:
        raise UserError(
            "Você não pode diminuir a quantidade pedida para abaixo da quantidade recebida.\n"
            "Crie uma devolução primeiro."
        )
    missing = rounded(ordered - _coming(env, line))
    if not missing:
        return []
    product_unit = env.value("product.product", env.value(_LINE, line, "product_id"), "uom_id")
    quantity = converted(env.store, missing, unit, product_unit)
    waiting = waiting_moves(env, line)
    if missing < 0:
        return _taken_back(env, waiting, -quantity)
    if waiting:
        move = waiting[0]
        demand = round(env.value(_MOVE, move, "product_uom_qty") + quantity, 2)
        env.update(_MOVE, move, {"product_uom_qty": demand})
    else:
        move = _new_move(env, order, line, round(quantity, 2))
    stock.reserve(env, move, env.value(_MOVE, move, "product_uom_qty"))
    allocations.attach(env, line, move)
    return [move]


def _coming(env: Environment, line: int) -> float:
    """What a line's moves bring or brought, less what goes back to be brought again."""
    total = 0.0
    for move in env.value(_LINE, line, "move_ids") or ():
        state, done, demand, refund = (
            env.value(_MOVE, move, name) for name in ("state", "quantity", "product_uom_qty", "to_refund")
        )
        if state != "cancel" and not (purchased.is_return(env, move) and refund is False):
            total += purchased.in_purchase_unit(env, line, move, (done if state == "done" else demand) or 0.0)
    return total


def _taken_back(env: Environment, moves: Iterable[int], quantity: float) -> list[int]:
    """Lower the demand of open moves; those that nothing is left of are cancelled."""
    changed = []
    for move in moves:
        demand = env.value(_MOVE, move, "product_uom_qty") or 0.0
        part = min(demand, quantity)
        quantity -= part
        if rounded(part) > 0:
            env.update(_MOVE, move, {"product_uom_qty": round(demand - part, 2)})
            stock.reserve(env, move, round(demand - part, 2))
            changed.append(move)
        if rounded(demand - part) <= 0:
            stock.cancel(env, [move])
    return changed


def _new_move(env: Environment, order: int, line: int, quantity: float) -> int:
    picking = next(iter(_open_receipts(env, order)), None) or _new_receipt(env, order)
    product, planned, price, unit = (
        env.value(_LINE, line, name) for name in ("product_id", "date_planned", "price_unit", "product_uom")
    )
    names = ("picking_type_id", "location_id", "location_dest_id", "company_id", "group_id")
    values = {
        **stock.defaults(env),
        **{name: env.value("stock.picking", picking, name) for name in names},
        "picking_id": picking,
        "purchase_line_id": line,
        "name": labels.label(env.store, "product.product", product, env.lang),
        "origin": env.value(_ORDER, order, "name"),
        "product_id": product,
        "product_uom": env.value("product.product", product, "uom_id") or unit,
        "product_uom_qty": quantity,
        "price_unit": price,
        "sequence": env.value(_LINE, line, "sequence"),
        "date": planned,
        "date_deadline": planned,
        "state": "confirmed",
    }
    return env.insert(_MOVE, values)


def _open_receipts(env: Environment, order: int) -> list[int]:
    found = []
    for line in env.value(_ORDER, order, "order_line") or ():
        found += [env.value(_MOVE, move, "picking_id") for move in waiting_moves(env, line)]
    return list(dict.fromkeys(picking for picking in found if picking is not None))


def _new_receipt(env: Environment, order: int) -> int:
    """An empty incoming picking from the supplier to the stock of the order's warehouse."""
    kind, partner, name, date, company, group = (
        env.value(_ORDER, order, name)
        for name in ("picking_type_id", "partner_id", "name", "date_order", "company_id", "group_id")
    )
    if group is None:
        group = env.insert("procurement.group", {"name": name})
        env.update(_ORDER, order, {"group_id": group})
    warehouse = env.value("stock.picking.type", kind, "warehouse_id")
    suppliers = sorted(env.store.tables["stock.location"].having("usage", ["supplier"]))
    values = {
        "picking_type_id": kind,
        "partner_id": partner,
        "origin": name,
        "date": date,
        "company_id": company,
        "group_id": group,
        "location_id": suppliers[0],
        "location_dest_id": env.value("stock.warehouse", warehouse, "lot_stock_id"),
    }
    picking: int = browse(env, "stock.picking").create(values)
    return picking
