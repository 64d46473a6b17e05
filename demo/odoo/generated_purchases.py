"""Purchase orders of a generated company, with the receipts, returns and requests that belong to them.

What is ordered is drawn first (`planned_purchases`), then it is requested, ordered and received.
"""

from random import Random
from typing import Any, Final

from demo.odoo import allocations, catalogue_purchases, generated_requests, moments, returns
from demo.odoo.calling import act
from demo.odoo.catalogue import Book
from demo.odoo.catalogue_purchases import CUSTOMERS, PLACES, PurchaseCatalogue
from demo.odoo.dice import Dice
from demo.odoo.environment import Environment
from demo.odoo.models import create, write
from demo.odoo.planned_purchases import DROPPED, PARTIAL, PARTLY_RETURNED, RECEIVED, RETURNED, SENT, Purchase, drawn
from demo.odoo.records import Record, gathered

_FEWEST: Final = 12  # one order for every plan
_MOST: Final = 600
_SALES_PER_PURCHASE: Final = 3
_SHARE: Final = 0.4  # of an order, in the first of two receipts


# Beside these orders requests are made that nothing is ordered for.
_BESIDE: Final = {RETURNED: "draft", SENT: "to_approve", DROPPED: "approved", PARTLY_RETURNED: "rejected"}


def load(env: Environment, sale_orders: int, seed: int) -> None:
    """Add the purchases to a store that holds this many sale orders."""
    book = Book(env, Dice(Random(f"purchases {seed}"), env.store.clock.started))
    count = min(max(_FEWEST, sale_orders // _SALES_PER_PURCHASE), _MOST)
    known, purchases = catalogue_purchases.make(book, count), list[Purchase]()
    for number in range(1, count + 1):
        pair = purchases[-1] if purchases and purchases[-1].first_of_pair else None
        purchases.append(drawn(book, known, number, pair))
    book.dice = Dice(Random(f"requests {seed}"), env.store.clock.started)
    generated_requests.blanket_orders(book, known, purchases)
    for purchase, following in zip(purchases, [*purchases[1:], None], strict=True):
        _request(book, known, purchase, following)
        _buy(book, purchase)
    _customer_return(book)
    book.env.settle()


def _request(book: Book, known: PurchaseCatalogue, purchase: Purchase, following: Purchase | None) -> None:
    """The request behind an order or before a pair of them, or beside an order one that nothing is ordered for."""
    if purchase.plan in _BESIDE:
        generated_requests.waiting(book, known, purchase, _BESIDE[purchase.plan])
    elif purchase.first_of_pair:
        if following:
            generated_requests.covered(book, following, first=purchase)
    elif purchase.plan.request and purchase.plan is not PARTIAL:
        generated_requests.covered(book, purchase, split=purchase.plan is RECEIVED)


def _buy(book: Book, purchase: Purchase) -> None:
    """Order what was drawn, and do what is planned with the order and its goods."""
    order, plan = _ordered(book, purchase), purchase.plan
    if plan.receipt:
        order = book.later(purchase.approved, order)
        act("button_confirm", order)
        if purchase.number % 5 == 2:
            _count_in_purchase_units(order)
    elif plan is SENT:
        write(book.later(purchase.approved, order), state="sent")
    if plan.receipt == "done":
        _receive(book, purchase, order)
    elif plan.state == "cancel":
        act("button_cancel", book.later(purchase.closed, order))
    if plan.state == "done":
        act("button_done", book.later(purchase.closed, order))
    if plan.request == "done" and not purchase.first_of_pair:
        for request in gathered(gathered(order.order_line, "purchase_request_lines"), "request_id"):
            act("button_done", book.later(purchase.closed, request))
    if purchase.changed:  # what leaves the header alone
        line = book.later(purchase.changed, order).order_line[-1]
        write(line, name=f"{line.name} (a granel)")


def _ordered(book: Book, purchase: Purchase) -> Record:
    """A draft with one to four products, the first of them again in every fifth, and sometimes a section or a note."""
    lines: list[dict[str, Any]] = [
        {
            "product_id": line.product.id,
            "product_qty": line.quantity,
            "price_unit": line.price,
            "date_planned": line.planned,
            "purchase_request_lines": [[6, 0, [wanted.id for wanted, _ in line.requests]]],
        }
        for line in purchase.lines
    ]
    if purchase.number % 7 == 3:
        lines.insert(0, {"display_type": "line_section", "name": "Matéria-prima da safra"})
    if purchase.number % 7 == 5:
        lines.append({"display_type": "line_note", "name": "Entregar pela manhã"})
    env = book.at(purchase.created)
    order = create(env, "purchase.order", **purchase.values, order_line=[[0, 0, line] for line in lines])
    made = [line for line in order.order_line if line.product_id]
    for line, own in zip(purchase.lines, made, strict=True):
        for wanted, quantity in line.requests:
            allocations.allocate(env.record(wanted.model, wanted.id), quantity, own, None)
    for request in gathered(gathered(made, "purchase_request_lines"), "request_id"):
        write(request, state="in_progress")
    return order


def _count_in_purchase_units(order: Record) -> None:
    """Let the moves of an order be in the units of its lines."""
    for line in order.order_line:
        for move in line.move_ids:
            write(move, product_uom=line.product_uom.id, product_uom_qty=line.product_qty)


def _receive(book: Book, purchase: Purchase, order: Record) -> None:
    """Validate the receipt of an order, in parts where it is planned so, and send back what is."""
    plan, order = purchase.plan, book.later(purchase.received, order)
    for line in order.order_line:
        if line.product_id.detailed_type == "service" and not plan.backorder:
            write(line, qty_received_manual=line.product_qty)
    for receipt in order.picking_ids:
        for move in receipt.move_ids if plan.backorder else ():
            write(move, quantity=round(move.product_uom_qty * _SHARE, 2))
        act("button_validate", receipt)
        for backorder in book.later(purchase.closed, receipt).backorder_ids if plan.backorder != "assigned" else ():
            act("action_cancel" if plan.backorder == "cancel" else "button_validate", backorder)
        if plan.returned:
            _give_back(book.later(purchase.closed, receipt), plan.returned)


def _give_back(picking: Record, share: float) -> None:
    """Return this share of every move of a picking."""
    parts = {str(move.id): round(move.product_uom_qty * share, 2) for move in picking.move_ids}
    back = returns.give_back(picking.env, picking.id or 0, parts)
    act("button_validate", picking.env.record(picking.model, back))


def _customer_return(book: Book) -> None:
    """Deliver the first line of the first confirmed sale order and take it back: the latter is an incoming picking."""
    tables, now = book.env.store.tables, book.dice.now
    confirmed = sorted(tables["sale.order"].having("state", ["sale"]))
    lines = (line for order in book.env.records("sale.order", confirmed) for line in order.order_line)
    line = next((line for line in lines if line.product_id), None)
    if line is None:
        return
    order, sent = line.order_id, moments.moment(line.order_id.write_date)
    _, stock, _, outgoing = PLACES[order.company_id.id or 0]
    move = {"product_id": line.product_id.id, "product_uom_qty": line.product_uom_qty, "sale_line_id": line.id}
    env = book.at(sent)
    delivery = create(
        env,
        "stock.picking",
        picking_type_id=outgoing,
        location_id=stock,
        location_dest_id=CUSTOMERS,
        origin=order.name,
        sale_id=order.id,
        group_id=env.insert("procurement.group", {"name": order.name}).id,
        **order.copied("partner_id company_id"),
        move_ids=[[0, 0, {**move, "origin": order.name}]],
    )
    act("button_validate", delivery)
    _give_back(book.later(sent + (now - sent) / 2, delivery), 1.0)
