"""The purchases of a generated company: everything an importer of orders, receipts and requests has to cope with.

They have chance of their own, drawn from the same seed: the sales stay as they are whatever is bought.
"""

from random import Random
from typing import Final

from demo.odoo import catalogue_purchases
from demo.odoo.dice import Dice
from demo.odoo.generated_blanket_orders import blanket_orders
from demo.odoo.generated_orders import Book, purchases
from demo.odoo.generated_receipts import customer_return, receive
from demo.odoo.generated_requests import requests
from demo.odoo.store import Store

_FEWEST: Final = 12  # one order for every plan
_MOST: Final = 2000
_SALES_PER_PURCHASE: Final = 3


def load(store: Store, sale_orders: int, seed: int) -> None:
    """Add the purchases to a store that holds this many sale orders."""
    dice = Dice(Random(f"purchases {seed}"), store.clock.started)
    count = min(max(_FEWEST, sale_orders // _SALES_PER_PURCHASE), _MOST)
    known, book = catalogue_purchases.load(store, dice, count), Book(dice)
    made = purchases(book, known, count)
    for purchase in made:
        receive(book, purchase)
    customer_return(store, book)
    requests(book, known, made)
    blanket_orders(book, known, made)
    for model, records in book.records.items():
        store.tables[model].load(records)
