"""What a generated company's productions refer to: semi-finished products, bills of materials, places to produce.

They come after everything that is sold and bought, whose records stay as they are.
"""

from typing import Final, NamedTuple

from demo.odoo.catalogue import PRODUCTS, Book, add_product
from demo.odoo.catalogue_purchases import KG, PLACES
from demo.odoo.models import create
from demo.odoo.products import bom_of
from demo.odoo.records import Record

_EVERY: Final = 10  # of how many products sold one is made here
_CATEGORY: Final = 5  # semi-finished
_BATCH: Final = 100.0  # kg of brine that its bill is for


class ProductionCatalogue(NamedTuple):
    """Products that are made, by whether they are sold."""

    semi_finished: tuple[Record, ...]
    finished: tuple[Record, ...]


def make(book: Book) -> ProductionCatalogue:
    """Bills of one level for brine, of two for sauce and of up to three for some of the products sold."""
    in_kg = book.env.records("product.product", sorted(book.env.store.tables["product.product"].having("uom_id", [KG])))
    raw = [product for product in in_kg if (product.id or 0) > PRODUCTS and product.default_code]
    names = ("Salmoura", "Palmito branqueado", "Molho agridoce")
    brine, cleaned, sauce = made = [_semi_finished(book, number, name) for number, name in enumerate(names, start=1)]
    choice = book.dice.random.choice
    _bill(book, brine, _BATCH, [(choice(raw), 3.0), (choice(raw), 1.0)])
    _bill(book, cleaned, 1.0, [(choice(raw), 1.25)])
    _bill(book, sauce, 1.0, [(choice(raw), 0.35), (brine, 0.3)])
    finished = book.env.records("product.product", range(1, PRODUCTS + 1, _EVERY))
    for position, product in enumerate(finished):
        inner = (brine, cleaned, sauce)[position % 3]
        _bill(book, product, 1.0, [(choice(raw), 2.4), (inner, float(1 + position % 4))])
    _places(book)
    return ProductionCatalogue(tuple(made), tuple(finished))


def _semi_finished(book: Book, number: int, name: str) -> Record:
    own = add_product(book, name=name, default_code=f"SA{number:03d}", categ_id=_CATEGORY, uom_id=KG, uom_po_id=KG)
    return book.env.record("product.product", own)


def _bill(book: Book, product: Record, batch: float, wanted: list[tuple[Record, float]]) -> None:
    """A bill for a batch of a product; what it asks for is in the components' own units."""
    lines = [
        {"product_id": component.id, "product_qty": quantity, "child_bom_id": bom_of(component).id}
        for component, quantity in wanted
    ]
    create(
        book.at(book.dice.past()),
        "mrp.bom",
        code=f"EST-{product.default_code}",
        product_tmpl_id=product.product_tmpl_id.id,
        product_qty=batch,
        bom_line_ids=[[0, 0, line] for line in lines],
    )


def _places(book: Book) -> None:
    """Where each company produces: a type of operation, and the location that goods pass through."""
    for company, name in ((company, book.env.record("res.company", company).name) for company in PLACES):
        own = {"company_id": company, "active": True}
        passing = {"complete_name": "Virtual Locations/Production", "usage": "production"}
        book.env.insert("stock.location", {**passing, **own})
        kind = {"name": "Fabricação", "display_name": f"{name}: Fabricação", "code": "mrp_operation"}
        book.env.insert("stock.picking.type", {**kind, **own, "warehouse_id": company, "sequence_code": "MO"})
