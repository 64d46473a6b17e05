"""What suppliers ask for, and the receipts that confirmed orders wait for (as Odoo 17.0's purchase_stock makes them).

A move is in the product's own unit. What a line asks for and its moves do not bring goes into the open receipt of the
order, or into a new one; what they bring too much of is taken from the open moves.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from demo.odoo import kits, reading, stock
from demo.odoo.environment import Environment
from demo.odoo.faults import UserError
from demo.odoo.models import create
from demo.odoo.moments import shifted
from demo.odoo.products import STORABLE
from demo.odoo.records import Record
from demo.odoo.sales import label
from demo.odoo.units import converted, rounded

_ORDER: Final = "purchase.order"
_DAY: Final = 86_400
_DEFAULT_TAX: Final = 12


def line_defaults(env: Environment, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a line for a product begins with: the supplier's name, price and delay for it, if there are any."""
    nothing = dict.fromkeys(("product_qty", "qty_invoiced", "discount", "price_unit"), 0.0)
    if values.get("display_type"):
        return {"sequence": 10, **nothing}
    order = env.record(_ORDER, values["order_id"])
    product = env.record("product.product", values.get("product_id") or None)
    seller = supplier_of(product, order.partner_id)
    name = label(env, values)
    if seller.product_code or seller.product_name:
        own = seller.product_name or reading.text(env.store, product.model, product.id or 0, "name", env.lang) or ""
        name = f"[{seller.product_code}] {own}" if seller.product_code else own
    price = seller.raw("price")
    return {
        **nothing,
        "sequence": 10,
        "name": name,
        "product_qty": 1.0,
        "product_uom": product.uom_po_id.id,
        "price_unit": product.standard_price if price is None else price,
        "taxes_id": [_DEFAULT_TAX],
        "date_planned": f"{shifted(order.date_order, seller.delay * _DAY)[:10]} 12:00:00",
    }


def supplier_of(product: Record, partner: Record) -> Record:
    """What is known of a partner as a supplier of a product: the record that asks for least."""
    infos, template = product.env.store.tables["product.supplierinfo"], product.product_tmpl_id
    own = infos.having("partner_id", [partner.id]) & infos.having("product_tmpl_id", [template.id]) if template else ()
    least = min(own, key=lambda info: (infos.value(info, "min_qty") or 0.0, info), default=None)
    return product.env.record("product.supplierinfo", least)


def confirmed(order: Record) -> None:
    """Bring what was ordered; the moves of the receipt are numbered by their dates."""
    bring(order, order.order_line)
    for picking in list(dict.fromkeys(move.picking_id for own in order.order_line for move in waiting(own)))[:1]:
        moves = sorted(picking.move_ids, key=lambda move: (move.date, move.id))
        for number, move in enumerate(moves, start=1):
            move.set(sequence=5 * number)


def bring(order: Record, lines: Iterable[Record]) -> None:
    """Make the moves that these lines of a confirmed order lack, and take back what is too much."""
    for line in lines:
        if line.product_id.detailed_type in STORABLE:
            _adjust(order, line)


def _adjust(order: Record, line: Record) -> None:
    if rounded(line.product_qty - line.qty_received) < 0:
        raise UserError(
            "Você não pode diminuir a quantidade pedida para abaixo da quantidade recebida.\n"
            "Crie uma devolução primeiro."
        )
    missing = rounded(line.product_qty - _coming(line))
    if not missing:
        return
    if kits.kit_of(line):
        for part, quantity in kits.parts_of(line, abs(missing)):
            _bring_or_take_back(order, line, quantity if missing > 0 else -quantity, part)
    else:
        _bring_or_take_back(order, line, converted(missing, line.product_uom, line.product_id.uom_id))


def _bring_or_take_back(order: Record, line: Record, quantity: float, part: Record | None = None) -> None:
    """Let more of a line's product, or of a component of its kit, come, or less if the quantity is negative."""
    open_ones = [move for move in waiting(line) if part is None or move.bom_line_id == part]
    if quantity < 0:
        _take_back(open_ones, -quantity)
        return
    move = open_ones[0] if open_ones else _new_move(order, line, part)
    move.set(product_uom_qty=round(move.product_uom_qty + quantity, 2))
    stock.reserve(move, move.product_uom_qty)
    for allocation in line.purchase_request_allocation_ids:
        allocation.set(stock_move_id=move)


def waiting(line: Record) -> list[Record]:
    """The moves of a line that are neither done nor cancelled and come in."""
    return [move for move in line.move_ids if stock.is_open(move) and not _goes_back(move)]


def _coming(line: Record) -> float:
    """What a line's moves bring or brought, less what goes back to be brought again."""
    if kits.kit_of(line):
        return kits.made_up(line, _brings)
    moves = [move for move in line.move_ids if move.state != "cancel" and not kept_return(move)]
    return sum(
        in_purchase_unit(line, move, move.quantity if move.state == "done" else move.product_uom_qty) for move in moves
    )


def _brings(move: Record) -> float:
    """What of a component a move brings or brought, in its own unit."""
    if move.state == "cancel" or kept_return(move):
        return 0.0
    return signed(move, move.quantity if move.state == "done" else move.product_uom_qty)


def signed(move: Record, quantity: float) -> float:
    """The quantity, less than nothing of a move that takes something back."""
    return -quantity if _goes_back(move) else quantity


def _goes_back(move: Record) -> bool:
    return bool(move.location_dest_id.usage == "supplier")


def kept_return(move: Record) -> bool:
    """Whether a move brings goods back that count as received all the same."""
    return _goes_back(move) and move.raw("to_refund") is False


def in_purchase_unit(line: Record, move: Record, quantity: float) -> float:
    return converted(quantity, move.product_uom, line.product_uom) * (-1 if _goes_back(move) else 1)


def _take_back(moves: Iterable[Record], quantity: float) -> None:
    """Lower the demand of open moves; those that nothing is left of are cancelled."""
    for move in moves:
        part = min(move.product_uom_qty, quantity)
        left = round(move.product_uom_qty - part, 2)
        quantity -= part
        if rounded(part) > 0:
            move.set(product_uom_qty=left)
            stock.reserve(move, left)
        if rounded(left) <= 0:
            stock.cancel([move])


def _new_move(order: Record, line: Record, part: Record | None) -> Record:
    """A move of nothing yet for a line, or for a component of its kit."""
    env, product = order.env, part.product_id if part else line.product_id
    open_ones = [move.picking_id for own in order.order_line for move in waiting(own) if move.picking_id]
    picking = open_ones[0] if open_ones else _new_receipt(order)
    return stock.new_move(
        env,
        **picking.copied("picking_type_id location_id location_dest_id company_id group_id"),
        picking_id=picking,
        purchase_line_id=line,
        name=label(env, {"product_id": product.id}),
        origin=order.name,
        product_id=product,
        product_uom=part.product_uom_id if part else product.uom_id or line.product_uom,
        bom_line_id=part,
        price_unit=line.price_unit,
        sequence=line.sequence,
        date=line.date_planned,
        date_deadline=line.date_planned,
        state="confirmed",
    )


def _new_receipt(order: Record) -> Record:
    """An empty incoming picking from the supplier to the stock of the order's warehouse."""
    env = order.env
    if not order.group_id:
        order.set(group_id=env.insert("procurement.group", {"name": order.name}))
    return create(
        env,
        "stock.picking",
        **order.copied("picking_type_id partner_id company_id group_id"),
        origin=order.name,
        date=order.date_order,
        location_id=min(env.store.tables["stock.location"].having("usage", ["supplier"])),
        location_dest_id=order.picking_type_id.warehouse_id.lot_stock_id.id,
    )
