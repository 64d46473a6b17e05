"""Purchase orders of a generated company, each with a plan for what becomes of it; the plans go round in turn.

A product twice, sections, notes, services and the second company come round in other turns, so that in time everything
meets everything.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from demo.odoo import moments
from demo.odoo.catalogue import BRL
from demo.odoo.catalogue_purchases import DOZENS, FIRST_SUPPLIER, PLACES, SPECIAL, TONNES, Bought, PurchaseCatalogue
from demo.odoo.company import TAX_RATES
from demo.odoo.dice import Dice

Record = dict[str, Any]

_TAX: Final = 12
_STAMPS: Final = ("create_date", "write_date", "create_uid", "write_uid")
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


OPEN: Final = Plan("purchase", "assigned")
RECEIVED: Final = Plan("purchase", "done")
PARTIAL: Final = Plan("purchase", "done", "assigned")
DRAFT: Final = Plan("draft")
LOCKED: Final = Plan("done", "done", "done")
CANCELLED: Final = Plan("cancel", "cancel")
RETURNED: Final = Plan("purchase", "done", returned=1.0)
SENT: Final = Plan("sent")
DROPPED: Final = Plan("cancel")
PARTLY_RETURNED: Final = Plan("purchase", "done", returned=0.4)
GIVEN_UP: Final = Plan("purchase", "done", "cancel")

_PLANS: Final = (
    *(OPEN, RECEIVED, PARTIAL, DRAFT, LOCKED, CANCELLED),
    *(RETURNED, SENT, DROPPED, PARTLY_RETURNED, GIVEN_UP, RECEIVED),
)


@dataclass(frozen=True)
class Book:
    """Records by model, numbered on in each, and the chance and the dates that they are made with."""

    dice: Dice
    taken: Mapping[str, int] = field(default_factory=dict)  # the last id before these records, where there is one
    records: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    _named: Counter[str] = field(default_factory=Counter)

    def add(self, model: str, values: Record) -> Record:
        """A new record; what is written into it later is loaded with it."""
        record = {"id": self.taken.get(model, 0) + len(self.records[model]) + 1, **values}
        self.records[model].append(record)
        return record

    def get(self, model: str, ids: Sequence[int]) -> list[Record]:
        """The records with these ids."""
        return [self.records[model][number - self.taken.get(model, 0) - 1] for number in ids]

    def name(self, prefix: str) -> str:
        """The next name of a sequence."""
        self._named[prefix] += 1
        return f"{prefix}{self._named[prefix]:05d}"


@dataclass
class Purchase:
    """An order while its receipts and requests are made."""

    number: int
    plan: Plan
    order: Record
    created: datetime
    approved: datetime
    received: datetime
    closed: datetime  # when the backorder, the return or the cancellation came
    lines: list[Record] = field(default_factory=list)  # those with a product
    bought: list[Bought] = field(default_factory=list)  # what each of them is

    @property
    def first_of_pair(self) -> bool:
        """Whether the next order begins with the product that this one begins with."""
        return _PLANS[self.number % len(_PLANS)] is PARTIAL


def later(dice: Dice, moment: datetime, days: float) -> datetime:
    """A moment about this many days later, but before now."""
    return min(moment + timedelta(days=dice.random.expovariate(1 / days)), moment + (dice.now - moment) * 0.9)


def stamped(record: Record) -> Record:
    """The stamps of a record, for those written with it."""
    return {name: record[name] for name in _STAMPS}


def purchases(book: Book, known: PurchaseCatalogue, count: int) -> list[Purchase]:
    """This many orders with their lines; receipts and requests fill in the rest."""
    made: list[Purchase] = []
    for number in range(1, count + 1):
        pair = made[-1] if made and made[-1].first_of_pair else None
        purchase = _purchase(book, known, number, pair)
        _lines(book, known, purchase, pair)
        made.append(purchase)
    return made


def _purchase(book: Book, known: PurchaseCatalogue, number: int, pair: Purchase | None) -> Purchase:
    """An order's header; the second of a pair is of the same company, so that one request can be for both."""
    dice, plan = book.dice, _PLANS[(number - 1) % len(_PLANS)]
    created = dice.past()
    approved = later(dice, created, 1)
    received = later(dice, approved, 10)
    closed = later(dice, received, 5)
    settled = plan.backorder or plan.returned or plan.receipt == "cancel"
    written = closed if settled else received if plan.receipt == "done" else approved
    company = pair.order["company_id"] if pair else 2 if number % 5 == 1 else 1
    turn = number % _SPECIAL_TURN
    supplier = FIRST_SUPPLIER + turn if turn < SPECIAL else dice.random.choice(known.suppliers[SPECIAL:])
    values: Record = {
        "name": book.name("P"),
        "state": plan.state,
        "partner_id": supplier,
        "partner_ref": f"PV-{dice.random.randint(1000, 9999)}" if number % 3 == 0 else None,
        "user_id": 8 if number % 2 else 2,
        "company_id": company,
        "currency_id": BRL,
        "picking_type_id": PLACES[company].incoming,
        "origin": f"OP/{number:05d}" if number % 9 == 0 else None,
        "priority": "0",
        "date_order": moments.timestamp(created)[: moments.SECONDS],
        "date_approve": moments.timestamp(approved)[: moments.SECONDS] if plan.receipt else None,
        "invoice_ids": (),
        "invoice_status": "no",
        "picking_ids": (),
        **dice.stamps(created, written),
    }
    return Purchase(number, plan, book.add("purchase.order", values), created, approved, received, closed)


def _lines(book: Book, known: PurchaseCatalogue, purchase: Purchase, pair: Purchase | None) -> None:
    """One to four products, the first of them again in every fifth order, and sometimes a section or a note."""
    dice, number, order = book.dice, purchase.number, purchase.order
    own: list[Record] = []
    if number % 7 == 3:
        own.append(_note(book, purchase, "line_section", "Matéria-prima da safra"))
    for bought in _shopping(dice, known, number, pair):
        quantity = dice.random.choice(_QUANTITIES.get(bought.purchase_unit, _USUAL_QUANTITIES))
        if bought in purchase.bought:
            quantity += purchase.lines[0]["product_qty"]
        line = _line(book, purchase, bought, quantity)
        purchase.lines.append(line)
        purchase.bought.append(bought)
        own.append(line)
    if number % 7 == 5:
        own.append(_note(book, purchase, "line_note", "Entregar pela manhã"))
    if number % 7 == 4:  # a change that leaves the header alone, such as another day for a later line
        changed = dice.stamps(purchase.created, later(dice, purchase.closed, 2))
        own[-1]["write_date"] = changed["write_date"]
    order["order_line"] = tuple(line["id"] for line in own)
    order["date_planned"] = min(line["date_planned"] for line in purchase.lines)
    untaxed, total = (round(sum(line[name] for line in own), 2) for name in ("price_subtotal", "price_total"))
    order |= {"amount_untaxed": untaxed, "amount_tax": round(total - untaxed, 2), "amount_total": total}


def _shopping(dice: Dice, known: PurchaseCatalogue, number: int, pair: Purchase | None) -> list[Bought]:
    """What an order is for; no shelf is visited twice, so only the last product can be there twice."""
    if number % _ONLY_SERVICES == 0 and not pair:
        return [dice.random.choice(known.services)]
    start = number - 1 if pair else number
    shelves = [known.shelves[(start + position) % 4] for position in range(dice.random.randint(1, 4))]
    chosen = [dice.random.choice(shelf) for shelf in shelves]
    if pair:
        chosen[0] = pair.bought[0]
    if number % 5 == 3:
        chosen[1:2] = [dice.random.choice(known.services)]
    return [*chosen, chosen[0]] if number % 5 == 0 else chosen


def _line(book: Book, purchase: Purchase, bought: Bought, quantity: float) -> Record:
    random = book.dice.random
    price = round(random.uniform(2, 900), 2)
    subtotal = round(quantity * price, 2)
    tax = round(subtotal * TAX_RATES[_TAX] / 100, 2)
    planned = (purchase.created + timedelta(days=random.randint(3, 30))).replace(hour=12, minute=0, second=0)
    values = {
        "display_type": None,
        "product_id": bought.id,
        "name": bought.label,
        "product_uom": bought.purchase_unit,
        "product_qty": quantity,
        "product_uom_qty": round(quantity * bought.factor, 2),
        "price_unit": price,
        "price_subtotal": subtotal,
        "price_tax": tax,
        "price_total": round(subtotal + tax, 2),
        "taxes_id": (_TAX,),
        "qty_received_method": "manual" if bought.service else "stock_moves",
        "date_planned": moments.timestamp(planned.replace(microsecond=0)),
    }
    return book.add("purchase.order.line", {**_common(purchase), **values})


def _note(book: Book, purchase: Purchase, kind: str, text: str) -> Record:
    """A line without a product; it is for showing."""
    return book.add("purchase.order.line", {**_common(purchase), "display_type": kind, "name": text})


def _common(purchase: Purchase) -> Record:
    """What every line of an order begins with."""
    order = purchase.order
    numbers = ("product_qty", "product_uom_qty", "price_unit", "price_subtotal", "price_tax", "price_total")
    quantities = ("qty_received", "qty_received_manual", "qty_invoiced", "qty_to_invoice", "discount")
    return {
        "order_id": order["id"],
        "sequence": 10,
        "state": order["state"],
        "company_id": order["company_id"],
        "currency_id": BRL,
        **dict.fromkeys((*numbers, *quantities), 0.0),
        **dict.fromkeys(("taxes_id", "move_ids", "purchase_request_lines", "purchase_request_allocation_ids"), ()),
        **stamped(order),
    }
