"""Internal requests and blanket orders of a generated company, made before the purchase orders that come of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from demo.odoo import moments
from demo.odoo.calling import act
from demo.odoo.catalogue import Book
from demo.odoo.catalogue_purchases import PLACES, PurchaseCatalogue
from demo.odoo.models import create
from demo.odoo.planned_purchases import Line, Purchase
from demo.odoo.records import Record
from demo.odoo.units import converted

_MOST_LINES: Final = 4
_SHARE: Final = 0.6  # of a line of an order, for the first of two request lines that wait for it
_BUTTONS: Final[dict[str, tuple[str, ...]]] = {
    "draft": (),
    "to_approve": ("button_to_approve",),
    "approved": ("button_to_approve", "button_approved"),
    "rejected": ("button_to_approve", "button_rejected"),
}
_BLANKET_BUTTONS: Final[dict[str, tuple[str, ...]]] = {
    "draft": (),
    "ongoing": ("action_in_progress",),
    "in_progress": ("action_in_progress",),
    "open": ("action_in_progress", "action_open"),
    "done": ("action_in_progress", "action_done"),
    "cancel": ("action_cancel",),
}
_BLANKETS: Final = 12
_ORDERS_APART: Final = 12  # of two orders made from blanket orders

Wanted = tuple[Record, float]  # a product, and how much of it in its own unit


def waiting(book: Book, known: PurchaseCatalogue, purchase: Purchase, state: str) -> None:
    """A request that nothing is ordered for, of one to four products; in every fifth one of them is there twice."""
    random = book.dice.random
    shelves = random.sample((*known.shelves, known.services), random.randint(1, _MOST_LINES))
    chosen = [random.choice(shelf) for shelf in shelves]
    if purchase.number % 5 == 0:
        chosen = [*chosen[: _MOST_LINES - 1], chosen[0]]
    _request(book, purchase, [(product, random.choice((10.0, 25.0, 300.0, 1200.75))) for product in chosen], state)


def covered(book: Book, purchase: Purchase, *, first: Purchase | None = None, split: bool = False) -> None:
    """The request behind an order: its first line may wait for two orders, or two lines for the order's first.

    `first` is the other of the two orders, which is made before this one.
    """
    served: list[tuple[Record, list[tuple[Line, float]]]] = []  # a product, and how much of which lines it is for
    for number, line in enumerate(purchase.lines[: _MOST_LINES - split]):
        parts = [(own, _own(own)) for own in ([first.lines[0], line] if first and number == 0 else [line])]
        if split and number == 0:
            part = round(_own(line) * _SHARE, 2)
            served.append((line.product, [(line, part)]))
            parts = [(line, round(_own(line) - part, 2))]
        served.append((line.product, parts))
    wanted = [(product, round(sum(quantity for _, quantity in parts), 2)) for product, parts in served]
    request = _request(book, first or purchase, wanted, "approved")
    for own, (_, parts) in zip(reversed(request.line_ids), served, strict=True):
        for line, quantity in parts:
            line.requests.append((own, quantity))


def _own(line: Line) -> float:
    """What a line of an order is for, in the product's own unit."""
    return round(converted(line.quantity, line.product.uom_po_id, line.product.uom_id), 2)


def _request(book: Book, purchase: Purchase, wanted: Sequence[Wanted], state: str) -> Record:
    """A request some days older than an order, in a state that is reached before it."""
    dice, number, company = book.dice, purchase.number, purchase.values["company_id"]
    created = purchase.created - timedelta(days=dice.random.uniform(0.1, 5))
    lines = [
        {
            "product_id": product.id,
            "product_qty": quantity,
            "date_required": _day(dice.now + timedelta(days=dice.random.randint(3, 30))),
            "estimated_cost": 1500.0 if dice.random.random() < 0.5 else 0.0,
        }
        for product, quantity in wanted
    ]
    request = create(
        book.at(created),
        "purchase.request",
        requested_by=8 if number % 2 else 2,
        origin=f"OP/{number:05d}" if number % 2 else None,
        description=f"Requisição PCP {number}",
        company_id=company,
        picking_type_id=PLACES[company][2],
        line_ids=[[0, 0, line] for line in lines],
    )
    return _pressed(book.later(created + (purchase.created - created) / 2, request), _BUTTONS[state])


def _pressed(record: Record, buttons: Sequence[str]) -> Record:
    for button in buttons:
        act(button, record)
    return record


def blanket_orders(book: Book, known: PurchaseCatalogue, purchases: Sequence[Purchase]) -> None:
    """Two in every state: drafts are all named `New` and have no vendor, those that run have an order."""
    ordering = list(purchases[::_ORDERS_APART])
    for position, state in enumerate([*_BLANKET_BUTTONS] * (_BLANKETS // len(_BLANKET_BUTTONS))):
        purchase = ordering.pop(0) if state == "ongoing" and ordering else None
        created = purchase.created - timedelta(days=2) if purchase else book.dice.past()
        shelves = known.shelves[: 1 + position % 4]
        chosen = [line.product for line in purchase.lines] if purchase else list(map(book.dice.random.choice, shelves))
        vendor = purchase.values["partner_id"] if purchase else book.dice.random.choice(known.suppliers)
        blanket = create(
            book.at(created),
            "purchase.requisition",
            user_id=8 if position % 2 else 2,
            vendor_id=None if state in ("draft", "in_progress") else vendor,
            origin=f"Requisição PCP {100 + position}" if position % 2 else None,
            ordering_date=_day(created),
            schedule_date=_day(created + timedelta(days=25)),
            company_id=purchase.values["company_id"] if purchase else 1,
            line_ids=[[0, 0, _blanket_line(book, product, created)] for product in dict.fromkeys(chosen)],
        )
        _pressed(book.later(created + timedelta(days=1), blanket), _BLANKET_BUTTONS[state])
        if purchase:
            purchase.values["requisition_id"] = blanket.id


def _blanket_line(book: Book, product: Record, created: datetime) -> dict[str, Any]:
    return {
        "product_id": product.id,
        "product_qty": book.dice.random.choice((5.0, 50.0, 120.0, 500.0, 1000.5)),
        "price_unit": round(book.dice.random.uniform(1, 20), 2),
        "schedule_date": _day(created + timedelta(days=25)) if (product.id or 0) % 3 else None,
    }


def _day(moment: datetime) -> str:
    return moments.timestamp(moment)[: moments.DAY]
