"""What came in for the purchase orders of a generated company, what went back, and one return by a customer.

As recorded from Odoo 17.0: a partial receipt splits the demand, so that every done move received what it asked for; a
move that is waiting for its goods shows them as `quantity` too and is not `picked`; a return is a picking of its own
that names the moves it takes back; `receipt_status` goes by the states of the pickings alone.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from demo.odoo import moments
from demo.odoo.catalogue_purchases import CUSTOMERS, PLACES, UNITS, VENDORS
from demo.odoo.generated_orders import Book, Purchase, Record, stamped
from demo.odoo.store import Store

_SHARE: Final = 0.4  # of an order, in the first of two receipts
_IN_PURCHASE_UNIT: Final = 2  # of five orders, the one whose moves are not in the products' units

# Directions: whether goods come in, and the location at the other end.
_RECEIPT: Final = (True, VENDORS)
_DELIVERY: Final = (False, CUSTOMERS)


def receive(book: Book, purchase: Purchase) -> None:
    """The pickings of an order as its plan has them, and what the order and its lines say of them."""
    plan = purchase.plan
    goods = [(line, bought) for line, bought in zip(purchase.lines, purchase.bought, strict=True) if not bought.service]
    if plan.receipt and goods:
        group = book.add("procurement.group", {"name": purchase.order["name"]})
        purchase.order["group_id"] = group["id"]
        share = _SHARE if plan.backorder else 1.0
        parts = [round(line["product_uom_qty"] * share, 2) for line, _ in goods]
        receipt = _receipt(book, purchase, plan.receipt, parts)
        if plan.backorder:
            rests = [round(line["product_uom_qty"] - part, 2) for (line, _), part in zip(goods, parts, strict=True)]
            backorder = _receipt(book, purchase, plan.backorder, rests)
            backorder["backorder_id"] = receipt["id"]
            receipt["backorder_ids"] = (backorder["id"],)
        if plan.returned:
            _give_back(book, receipt, purchase.closed, plan.returned)
    _sum_up(book, purchase)


def customer_return(store: Store, book: Book) -> None:
    """Deliver the first line of the first confirmed sale order and take it back: the latter is an incoming picking."""
    now, sales, lines = book.dice.now, store.tables["sale.order"], store.tables["sale.order.line"]
    sold = (order for order in sales.ids if sales.value(order, "state") == "sale")
    for line in (line for order in sold for line in sales.value(order, "order_line")):
        if (product := lines.value(line, "product_id")) is None:
            continue
        order, quantity = lines.value(line, "order_id"), lines.value(line, "product_uom_qty")
        name, company, partner = (sales.value(order, field) for field in ("name", "company_id", "partner_id"))
        sent = datetime.fromisoformat(sales.value(order, "write_date")).replace(tzinfo=now.tzinfo)
        links = {"origin": name, "sale_id": order, "partner_id": partner, "company_id": company}
        group = book.add("procurement.group", {"name": name})
        delivery = _picking(book, "done", (sent, sent), links | {"group_id": group["id"]}, _DELIVERY)
        values = {"product_id": product, "name": lines.value(line, "name"), "sale_line_id": line}
        _move(book, delivery, {**values, "product_uom": UNITS}, quantity, 1.0)
        _give_back(book, delivery, sent + (now - sent) / 2, 1.0)
        return


def _receipt(book: Book, purchase: Purchase, state: str, quantities: Sequence[float]) -> Record:
    """A picking from the supplier with a move for each quantity that an order's goods have in it."""
    order, backorder = purchase.order, len(purchase.order["picking_ids"]) > 0
    made = purchase.received if backorder else purchase.approved
    moved = {"assigned": made, "done": purchase.closed if backorder else purchase.received}.get(state, purchase.closed)
    shared = ("partner_id", "group_id", "company_id")
    links = {"origin": order["name"], "purchase_id": order["id"]} | {name: order[name] for name in shared}
    planned = {"scheduled_date": order["date_planned"], "date_deadline": order["date_planned"]}
    links |= planned | {"date": order["date_order"]}
    picking = _picking(book, state, (made, moved), links, _RECEIPT)
    order["picking_ids"] += (picking["id"],)
    goods = (pair for pair in zip(purchase.lines, purchase.bought, strict=True) if not pair[1].service)
    for (line, bought), quantity in zip(goods, quantities, strict=True):
        kept = purchase.number % 5 == _IN_PURCHASE_UNIT
        unit, factor = (bought.purchase_unit, bought.factor) if kept else (bought.unit, 1.0)
        values = {"product_id": bought.id, "name": bought.label, "product_uom": unit, "purchase_line_id": line["id"]}
        move = _move(book, picking, {**values, "date_deadline": line["date_planned"]}, quantity, factor)
        line["move_ids"] += (move["id"],)
    return picking


def _give_back(book: Book, origin: Record, moment: datetime, share: float) -> None:
    """A picking that takes back this share of every move of another."""
    incoming = origin["picking_type_code"] == "outgoing"
    direction = (incoming, origin["location_dest_id" if incoming else "location_id"])
    kept = ("partner_id", "group_id", "purchase_id", "sale_id", "company_id", "date")
    links = {name: origin.get(name) for name in kept} | {"origin": f"Devolução de {origin['name']}"}
    back = _picking(book, "done", (moment, moment), links, direction)
    back |= {"return_id": origin["id"], "scheduled_date": back["date_done"]}
    origin["return_ids"] = (back["id"],)
    for move in book.get("stock.move", origin["move_ids"]):
        names = ("product_id", "name", "product_uom", "purchase_line_id", "sale_line_id")
        values = {name: move.get(name) for name in names} | {"origin": move["origin"], "to_refund": True}
        values |= {"origin_returned_move_id": move["id"], "move_orig_ids": (move["id"],)}
        quantity, factor = round(move["product_qty"] * share, 2), move["product_qty"] / move["product_uom_qty"]
        returned = _move(book, back, values, quantity, factor)
        move |= {"returned_move_ids": (returned["id"],), "move_dest_ids": (returned["id"],)}
        if line := move.get("purchase_line_id"):
            book.records["purchase.order.line"][line - 1]["move_ids"] += (returned["id"],)
    if order := origin.get("purchase_id"):
        book.records["purchase.order"][order - 1]["picking_ids"] += (back["id"],)


def _picking(
    book: Book,
    state: str,
    when: tuple[datetime, datetime],
    links: Mapping[str, Any],
    direction: tuple[bool, int],
) -> Record:
    """A picking without its moves, named after its warehouse and direction, with when it was made and last changed."""
    (made, moved), (incoming, outside), place = when, direction, PLACES[links["company_id"]]
    kind, code = (place.incoming, "IN") if incoming else (place.outgoing, "OUT")
    ends = (outside, place.stock) if incoming else (place.stock, outside)
    values = {
        "name": book.name(f"{place.code}/{code}/"),
        "state": state,
        "picking_type_id": kind,
        "picking_type_code": "incoming" if incoming else "outgoing",
        "location_id": ends[0],
        "location_dest_id": ends[1],
        "scheduled_date": moments.timestamp(made)[: moments.SECONDS],
        "date": moments.timestamp(made)[: moments.SECONDS],
        "date_done": moments.timestamp(moved)[: moments.SECONDS] if state == "done" else None,
        **dict.fromkeys(("move_ids", "move_line_ids", "backorder_ids", "return_ids"), ()),
        **links,
        **book.dice.stamps(made, moved),
    }
    return book.add("stock.picking", values)


def _move(book: Book, picking: Record, values: Mapping[str, Any], product_qty: float, factor: float) -> Record:
    """A move of so much in the product's unit, with a line of its own unless nothing moves."""
    state, done = picking["state"], picking["state"] == "done"
    quantity = round(product_qty / factor, 2)
    same = {name: picking[name] for name in ("location_id", "location_dest_id", "company_id", "state")}
    same |= {"picking_id": picking["id"], "reference": picking["name"], "picked": done, **stamped(picking)}
    move = book.add(
        "stock.move",
        {
            "origin": picking["origin"],
            "product_qty": product_qty,
            "product_uom_qty": quantity,
            "quantity": 0.0 if state == "cancel" else quantity,
            "picking_type_id": picking["picking_type_id"],
            "picking_code": picking["picking_type_code"],
            "group_id": picking.get("group_id"),
            "date": picking["date_done"] if done else picking["scheduled_date"],
            "scrapped": False,
            "to_refund": False,
            **dict.fromkeys(("returned_move_ids", "move_orig_ids", "move_dest_ids", "move_line_ids"), ()),
            "purchase_request_allocation_ids": (),
            **same,
            **values,
        },
    )
    picking["move_ids"] += (move["id"],)
    if state != "cancel":
        amounts = {"quantity": quantity, "quantity_product_uom": product_qty, "product_uom_id": move["product_uom"]}
        own = {"move_id": move["id"], "product_id": move["product_id"], "date": move["date"], **amounts, **same}
        line = book.add("stock.move.line", own)
        move["move_line_ids"] = (line["id"],)
        picking["move_line_ids"] += (line["id"],)
    return move


def _sum_up(book: Book, purchase: Purchase) -> None:
    """What an order knows of its receipts."""
    order, plan = purchase.order, purchase.plan
    for line, bought in zip(purchase.lines, purchase.bought, strict=True):
        if bought.service and plan.receipt == "done" and not plan.backorder:
            line["qty_received_manual"] = line["qty_received"] = line["product_qty"]
        done = [move for move in book.get("stock.move", line["move_ids"]) if move["state"] == "done"]
        signed = (-move["product_qty"] if move["to_refund"] else move["product_qty"] for move in done)
        if not bought.service:
            line["qty_received"] = round(sum(signed) / bought.factor, 2)
        line["qty_to_invoice"] = line["qty_received"] if order["state"] in ("purchase", "done") else 0.0
        if line["qty_to_invoice"]:
            order["invoice_status"] = "to invoice"
    pickings = book.get("stock.picking", order["picking_ids"])
    states = {picking["state"] for picking in pickings} - {"cancel"}
    if states:
        order["receipt_status"] = "full" if states == {"done"} else "partial" if "done" in states else "pending"
    arrivals = [picking["date_done"] for picking in pickings if picking["picking_type_code"] == "incoming"]
    order["effective_date"] = min((day for day in arrivals if day), default=None)
