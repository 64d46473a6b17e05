"""What a generated company orders: every purchase order with a plan for what becomes of it.

The plans go round in turn. A product twice, sections, notes, services and the second company come round in other turns,
so that in time everything meets everything.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from demo.odoo import moments
from demo.odoo.catalogue import Book
from demo.odoo.catalogue_purchases import DOZENS, FIRST_SUPPLIER, PLACES, SPECIAL, TONNES, PurchaseCatalogue
from demo.odoo.records import Record

_QUANTITIES: Final = {TONNES: (1.0, 2.5, 5.0, 10.0), DOZENS: (5.0, 10.0, 50.0)}
_USUAL_QUANTITIES: Final = (10.0, 50.0, 100.0, 250.0, 333.33)
_ONLY_SERVICES: Final = 13  # of how many orders one has nothing to receive
_SPECIAL_TURN: Final = 13  # of how many orders each special supplier gets one


class Plan(NamedTuple):
    """The state an order ends in, and those of its receipt and of the backorder of a partial one."""

    state: str
    receipt: str | None = None
    backorder: str | None = None
    returned: float = 0.0  # share of the receipt that goes back to the supplier
    request: str | None = None  # the state of the request behind it


OPEN: Final = Plan("purchase", "assigned", request="in_progress")
RECEIVED: Final = Plan("purchase", "done", request="done")
PARTIAL: Final = Plan("purchase", "done", "assigned", request="in_progress")
DRAFT: Final = Plan("draft", request="in_progress")
LOCKED: Final = Plan("done", "done", "done", request="done")
CANCELLED: Final = Plan("cancel", "cancel", request="in_progress")
RETURNED: Final = Plan("purchase", "done", returned=1.0)
SENT: Final = Plan("sent")
DROPPED: Final = Plan("cancel")
PARTLY_RETURNED: Final = Plan("purchase", "done", returned=0.4)
GIVEN_UP: Final = Plan("purchase", "done", "cancel")

_PLANS: Final = (
    *(OPEN, RECEIVED, PARTIAL, DRAFT, LOCKED, CANCELLED),
    *(RETURNED, SENT, DROPPED, PARTLY_RETURNED, GIVEN_UP, RECEIVED),
)


@dataclass
class Line:
    """A product to order: the number and price of its purchase units, and when it is to come."""

    product: Record
    quantity: float
    price: float
    planned: str
    requests: list[tuple[Record, float]] = field(default_factory=list)  # the request lines it serves, and how much


@dataclass
class Purchase:
    """What is ordered and when it is made, confirmed and received; `closed` is when the rest or the return comes."""

    number: int
    plan: Plan
    values: dict[str, Any]
    created: datetime
    approved: datetime
    received: datetime
    closed: datetime
    changed: datetime | None
    lines: list[Line]

    @property
    def first_of_pair(self) -> bool:
        """Whether the next order begins with the product that this one begins with."""
        return _PLANS[self.number % len(_PLANS)] is PARTIAL


def drawn(book: Book, known: PurchaseCatalogue, number: int, pair: Purchase | None) -> Purchase:
    """What becomes of an order; the second of a pair is of the same company, so that one request can be for both."""
    dice, plan = book.dice, _PLANS[(number - 1) % len(_PLANS)]
    created = dice.past()
    approved = dice.later(created, 1)
    received = dice.later(approved, 10)
    closed = dice.later(received, 5)
    company = pair.values["company_id"] if pair else 2 if number % 5 == 1 else 1
    turn = number % _SPECIAL_TURN
    values = {
        "partner_id": FIRST_SUPPLIER + turn if turn < SPECIAL else dice.random.choice(known.suppliers[SPECIAL:]),
        "partner_ref": f"PV-{dice.random.randint(1000, 9999)}" if number % 3 == 0 else None,
        "user_id": 8 if number % 2 else 2,
        "company_id": company,
        "picking_type_id": PLACES[company][2],
        "origin": f"OP/{number:05d}" if number % 9 == 0 else None,
    }
    lines: list[Line] = []
    for product in _shopping(book, known, number, pair):
        quantity = dice.random.choice(_QUANTITIES.get(product.uom_po_id.id or 0, _USUAL_QUANTITIES))
        if any(line.product == product for line in lines):
            quantity += lines[0].quantity
        price, days = round(dice.random.uniform(2, 900), 2), dice.random.randint(3, 30)
        planned = (created + timedelta(days=days)).replace(hour=12, minute=0, second=0, microsecond=0)
        lines.append(Line(product, quantity, price, moments.timestamp(planned)))
    changed = dice.later(closed, 2) if number % 7 == 4 else None
    return Purchase(number, plan, values, created, approved, received, closed, changed, lines)


def _shopping(book: Book, known: PurchaseCatalogue, number: int, pair: Purchase | None) -> list[Record]:
    """What an order is for; no shelf is visited twice, so only the last product can be there twice."""
    random = book.dice.random
    if number % _ONLY_SERVICES == 0 and not pair:
        return [random.choice(known.services)]
    start = number - 1 if pair else number
    shelves = [known.shelves[(start + position) % 4] for position in range(random.randint(1, 4))]
    chosen = [random.choice(shelf) for shelf in shelves]
    if pair:
        chosen[0] = pair.lines[0].product
    if number % 5 == 3:
        chosen[1:2] = [random.choice(known.services)]
    return [*chosen, chosen[0]] if number % 5 == 0 else chosen
