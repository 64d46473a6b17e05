"""The blanket orders of a generated company: drafts are all named `New`, those that run have an order."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from demo.odoo import moments
from demo.odoo.catalogue import BRL
from demo.odoo.catalogue_purchases import Bought, PurchaseCatalogue
from demo.odoo.generated_orders import Book, Purchase, Record, later

_STATES: Final = ("draft", "ongoing", "in_progress", "open", "done", "cancel") * 2
_ORDERS_APART: Final = 12  # of two orders made from blanket orders


def blanket_orders(book: Book, known: PurchaseCatalogue, purchases: Sequence[Purchase]) -> None:
    """Two in every state; those that run have an order made from them."""
    ordering = list(purchases[::_ORDERS_APART])
    for position, state in enumerate(_STATES):
        purchase = ordering.pop(0) if state == "ongoing" and ordering else None
        _blanket_order(book, known, position, state, purchase)


def _blanket_order(book: Book, known: PurchaseCatalogue, position: int, state: str, purchase: Purchase | None) -> None:
    """A blanket order for what an order is for, or for one thing of each shelf; drafts have no name and no vendor."""
    dice = book.dice
    created = purchase.created - timedelta(days=2) if purchase else dice.past()
    vendor = purchase.order["partner_id"] if purchase else dice.random.choice(known.suppliers)
    values = {
        "name": "New" if state in ("draft", "cancel") else book.name("BO"),
        "state": state,
        "type_id": 1,
        "user_id": 8 if position % 2 else 2,
        "vendor_id": None if state == "draft" else vendor,
        "origin": f"Requisição PCP {100 + position}" if position % 2 else None,
        "ordering_date": moments.timestamp(created)[: moments.DAY],
        "schedule_date": moments.timestamp(created + timedelta(days=25))[: moments.DAY],
        "company_id": purchase.order["company_id"] if purchase else 1,
        "currency_id": BRL,
        "purchase_ids": (purchase.order["id"],) if purchase else (),
        "order_count": 1 if purchase else 0,
        **dice.stamps(created, later(dice, created, 3)),
    }
    requisition = book.add("purchase.requisition", values)
    chosen = purchase.bought if purchase else [dice.random.choice(shelf) for shelf in known.shelves[: 1 + position % 4]]
    lines = [_blanket_line(book, requisition, bought, purchase) for bought in dict.fromkeys(chosen)]
    requisition["line_ids"] = tuple(line["id"] for line in lines)
    if purchase:
        purchase.order["requisition_id"] = requisition["id"]


def _blanket_line(book: Book, requisition: Record, bought: Bought, purchase: Purchase | None) -> Record:
    """A product of a blanket order in its own unit; what was ordered counts once the order is confirmed."""
    confirmed = purchase.lines if purchase and purchase.order["state"] in ("purchase", "done") else ()
    ordered = [line["product_uom_qty"] for line in confirmed if line["product_id"] == bought.id]
    values = {
        "requisition_id": requisition["id"],
        "product_id": bought.id,
        "product_qty": book.dice.random.choice((5.0, 50.0, 120.0, 500.0, 1000.5)),
        "product_uom_id": bought.unit,
        "price_unit": round(book.dice.random.uniform(1, 20), 2),
        "qty_ordered": sum(ordered),
        "schedule_date": requisition["schedule_date"] if bought.id % 3 else None,
        "supplier_info_ids": (),
        **{name: requisition[name] for name in ("company_id", "create_date", "create_uid", "write_uid")},
        "write_date": requisition["create_date"],
    }
    return book.add("purchase.requisition.line", values)
