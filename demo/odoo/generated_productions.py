"""The productions of a generated company: every state an importer meets, reached as on the shop floor.

They have chance of their own, drawn from the same seed: sales and purchases stay as they are whatever is produced.
"""

from datetime import datetime, timedelta
from random import Random
from typing import Final

from demo.odoo import catalogue_productions, closings, moments
from demo.odoo.calling import act
from demo.odoo.catalogue import Book
from demo.odoo.catalogue_productions import ProductionCatalogue
from demo.odoo.catalogue_purchases import DOZENS, UNITS
from demo.odoo.dice import Dice
from demo.odoo.environment import Environment
from demo.odoo.models import create, write
from demo.odoo.records import Record

_FEWEST: Final = 24  # two for every plan
_MOST: Final = 600
_SALES_PER_PRODUCTION: Final = 6
_STATES: Final = ("draft", "confirmed", "progress", "to_close", "done", "cancel")
_PAIR: Final = 5  # of every six the one that is done in two parts
_SHARE: Final = 0.4  # of a production, in the first of its parts or reported so far
_QUANTITIES: Final = (5.0, 10.0, 20.0, 50.0, 125.0)
_IN_DOZENS: Final = 7  # of how many productions of units one is in dozens
_SEMI_FINISHED: Final = 5  # of how many productions one is for stock of semi-finished products


def load(env: Environment, sale_orders: int, seed: int) -> None:
    """Add bills of materials and productions to a store that holds this many sale orders and the purchases."""
    book = Book(env, Dice(Random(f"productions {seed}"), env.store.clock.started))
    known = catalogue_productions.make(book)
    for number in range(1, min(max(_FEWEST, sale_orders // _SALES_PER_PRODUCTION), _MOST) + 1):
        _produce(book, known, number)
    book.env.settle()


def _produce(book: Book, known: ProductionCatalogue, number: int) -> None:
    """A production, or the two that it became; the states go round among those that are one."""
    dice, created = book.dice, book.dice.past()
    began = dice.later(created, 4)
    ended = dice.later(began, 1)
    production = _planned(book, known, number, created)
    if number % 6 == _PAIR:
        _work(book, production, began, _SHARE)
        act("button_mark_done", book.later(ended, production))
        if number % 4 == 3:
            rest = _backorder(book.later(dice.later(ended, 2), production))
            act("button_mark_done", rest)
        return
    state = _STATES[(number - 1 - number // 6) % 6]
    if state in ("confirmed", "cancel"):
        act("action_confirm", book.later(began, production))
    elif state != "draft":
        _work(book, production, began, _SHARE if state == "progress" else 1.0)
    if state == "cancel":
        act("action_cancel", production)
    elif state == "done":
        act("button_mark_done", book.later(ended, production))


def _planned(book: Book, known: ProductionCatalogue, number: int, created: datetime) -> Record:
    random = book.dice.random
    product = random.choice(known.semi_finished if number % _SEMI_FINISHED == 0 else known.finished)
    dozens = product.uom_id.id == UNITS and number % _IN_DOZENS == 0
    quantity = random.choice(_QUANTITIES)
    start = (created + timedelta(days=random.randint(1, 10))).replace(minute=0, second=0, microsecond=0)
    return create(
        book.at(created),
        "mrp.production",
        product_id=product.id,
        product_qty=quantity,
        product_uom_id=DOZENS if dozens else product.uom_id.id,
        company_id=2 if number % 4 == 1 else 1,
        date_start=moments.timestamp(start),
        origin=f"PLANO-S{40 + number % 8}" if number % 3 else None,
        user_id=8 if number % 2 else 2,
    )


def _work(book: Book, production: Record, began: datetime, share: float) -> None:
    """Confirm a production, start it and report this share of it."""
    production = book.later(began, production)
    act("action_confirm", production)
    closings.start(production.env, production.id or 0)
    write(production, qty_producing=round(production.product_qty * share, 2))


def _backorder(production: Record) -> Record:
    """The other production of the group."""
    table = production.env.store.tables[production.model]
    group = table.having("procurement_group_id", [production.procurement_group_id.id])
    return production.env.record(production.model, max(group))
