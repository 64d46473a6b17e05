"""The productions of a generated company: every state an importer meets, each with the moves that belong to it.

They have chance of their own, drawn from the same seed: sales and purchases stay as they are whatever is produced.
"""

from datetime import datetime, timedelta
from random import Random
from typing import Any, Final, NamedTuple

from demo.odoo import catalogue_productions, moments
from demo.odoo.catalogue_productions import Made, ProductionCatalogue, Shop
from demo.odoo.catalogue_purchases import DOZENS, UNITS
from demo.odoo.dice import Dice
from demo.odoo.generated_orders import Book, Record, later, stamped
from demo.odoo.store import Store

_FEWEST: Final = 24  # two for every plan
_MOST: Final = 600
_SALES_PER_PRODUCTION: Final = 6
_STATES: Final = ("draft", "confirmed", "progress", "to_close", "done", "cancel")
_PAIR: Final = 5  # of every six the one that is done in two parts
_SHARE: Final = 0.4  # of a production, in the first of its parts or reported so far
_QUANTITIES: Final = (5.0, 10.0, 20.0, 50.0, 125.0)
_IN_DOZENS: Final = 7  # of how many productions of units one is in dozens
_SEMI_FINISHED: Final = 5  # of how many productions one is for stock of semi-finished products
_STOCK_STATES: Final = {"draft": "draft", "done": "done", "cancel": "cancel"}


class Part(NamedTuple):
    """One production, or one part of it: its state, when things happened, and how much of the whole it is."""

    state: str
    made: datetime
    began: datetime
    ended: datetime
    share: float = 1.0
    number: int = 0  # of a backorder


def load(store: Store, sale_orders: int, seed: int) -> None:
    """Add bills of materials and productions to a store that holds this many sale orders and the purchases."""
    dice = Dice(Random(f"productions {seed}"), store.clock.started)
    book = Book(dice, {model: table.ids[-1] for model, table in store.tables.items() if table.ids})
    known = catalogue_productions.make(store, book)
    for number in range(1, min(max(_FEWEST, sale_orders // _SALES_PER_PRODUCTION), _MOST) + 1):
        _produce(book, known, number)
    for model, records in book.records.items():
        store.tables[model].load(records)


def _produce(book: Book, known: ProductionCatalogue, number: int) -> None:
    """A production, or the two that it became; the states go round among those that are one."""
    dice = book.dice
    created = dice.past()
    began = later(dice, created, 4)
    ended = later(dice, began, 1)
    company = 2 if number % 4 == 1 else 1
    made = dice.random.choice(known.semi_finished if number % _SEMI_FINISHED == 0 else known.finished)
    dozens = made.unit == UNITS and number % _IN_DOZENS == 0
    shop = known.shops[company]
    name = book.name(f"{shop.code}/MO/")
    group = book.add("procurement.group", {"name": name})
    common = {
        "name": name,
        "procurement_group_id": group["id"],
        "product_id": made.id,
        "product_uom_id": DOZENS if dozens else made.unit,
        "product_qty": dice.random.choice(_QUANTITIES),
        "bom_id": made.bom,
        "company_id": company,
        "picking_type_id": shop.kind,
        "location_src_id": shop.stock,
        "location_dest_id": shop.stock,
        "production_location_id": shop.passing,
        "consumption": "warning",
        "origin": f"PLANO-S{40 + number % 8}" if number % 3 else None,
        "user_id": 8 if number % 2 else 2,
    }
    if number % 6 == _PAIR:
        first = Part("done", created, began, ended, _SHARE, 1)
        rest = Part(("confirmed", "done")[number % 4 == 3], ended, ended, later(dice, ended, 2), 1 - _SHARE, 2)
        parts = [first, rest]
    else:
        parts = [Part(_STATES[(number - 1 - number // 6) % 6], created, began, ended)]
    for part in parts:
        _part(book, common, made, shop, part)


def _part(book: Book, common: Record, made: Made, shop: Shop, part: Part) -> None:
    """A production with its moves; work has begun where something is reported."""
    quantity = round(common["product_qty"] * part.share, 2)
    reported = {"progress": round(quantity * _SHARE, 2), "to_close": quantity, "done": quantity}.get(part.state, 0.0)
    planned = (part.made + timedelta(days=book.dice.random.randint(1, 10))).replace(minute=0, second=0, microsecond=0)
    start = part.began if reported else planned
    end = part.ended if part.state == "done" else start + timedelta(hours=1)
    written = {"draft": part.made, "done": part.ended}.get(part.state, part.began)
    values = {
        **common,
        "name": f"{common['name']}-{part.number:03d}" if part.number else common["name"],
        "backorder_sequence": part.number,
        "state": part.state,
        "product_qty": quantity,
        "qty_producing": reported,
        "date_start": _second(start),
        "date_finished": _second(end),
        **book.dice.stamps(part.made, written),
    }
    production = book.add("mrp.production", values)
    factor = quantity * (12 if production["product_uom_id"] == DOZENS else 1)
    for line, product, unit, amount in made.components:
        wanted = {"product_id": product, "product_uom": unit, "product_uom_qty": round(amount * factor, 2)}
        links = {"raw_material_production_id": production["id"], "bom_line_id": line}
        dates = {"date": production["date_start"], "date_deadline": production["date_start"]}
        _move(book, production, {**wanted, **links, **dates}, (shop.stock, shop.passing))
    brought = {"product_id": made.id, "product_uom": production["product_uom_id"], "product_uom_qty": quantity}
    links = {"production_id": production["id"], "date": production["date_finished"]}
    _move(book, production, {**brought, **links}, (shop.passing, shop.stock))


def _move(book: Book, production: Record, values: dict[str, Any], ends: tuple[int, int]) -> None:
    """A move, and a line of its own where something is reserved or done."""
    state = _STOCK_STATES.get(production["state"], "assigned")
    moving = values["product_uom_qty"] if state in ("assigned", "done") else 0.0
    same = {"company_id": production["company_id"], "location_id": ends[0], "location_dest_id": ends[1]}
    same |= {"state": state, "picked": state == "done", **stamped(production)}
    if state == "done":
        values["date"] = production["date_finished"]
    named = {"name": production["name"], "reference": production["name"], "origin": production["name"]}
    kind = {"picking_type_id": production["picking_type_id"], "group_id": production["procurement_group_id"]}
    fixed = {"scrapped": False, "procure_method": "make_to_stock", "quantity": moving}
    move = book.add("stock.move", {**named, **kind, **fixed, **values, **same})
    if moving:
        own = {"move_id": move["id"], "product_id": move["product_id"], "product_uom_id": move["product_uom"]}
        factor = 12 if move["product_uom"] == DOZENS else 1
        amounts = {"quantity": moving, "quantity_product_uom": moving * factor, "date": move["date"]}
        book.add("stock.move.line", {**own, **amounts, **same})


def _second(moment: datetime) -> str:
    return moments.timestamp(moment)[: moments.SECONDS]
