"""What a generated company's productions refer to: semi-finished products, bills of materials, places to produce.

They come after everything that is sold and bought, whose records stay as they are.
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from demo.odoo.catalogue import PRODUCTS
from demo.odoo.catalogue_purchases import KG, PLACES, UNITS
from demo.odoo.generated_orders import Book
from demo.odoo.store import Store

_EVERY: Final = 10  # of how many products sold one is made here
_CATEGORY: Final = 5  # semi-finished
_BRINE, _SAUCE, _CLEANED = ("Salmoura", "Molho agridoce", "Palmito branqueado")
_BATCH: Final = 100.0  # kg of brine that its bill is for


class Component(NamedTuple):
    """What a bill asks for: a line and so much of a product, in its own unit, for one unit of what is made."""

    line: int
    product: int
    unit: int
    quantity: float


@dataclass(frozen=True)
class Made:
    """A product that is made, and by which bill."""

    id: int
    label: str
    unit: int
    bom: int
    components: tuple[Component, ...]


class Shop(NamedTuple):
    """Where a company produces."""

    code: str  # of the warehouse
    kind: int  # picking type
    stock: int
    passing: int  # the location that goods pass through


@dataclass(frozen=True)
class ProductionCatalogue:
    """Products by how deep their bills go, and where they are made."""

    semi_finished: tuple[Made, ...]
    finished: tuple[Made, ...]
    shops: dict[int, Shop]


def make(store: Store, book: Book) -> ProductionCatalogue:
    """Bills of one level for brine, of two for sauce and of up to three for some of the products sold."""
    raw = [
        number
        for number in store.tables["product.product"].having("uom_id", [KG])
        if number > PRODUCTS and store.value("product.product", number, "default_code")
    ]
    raw.sort()
    brine, cleaned, sauce = (_semi_finished(book, name) for name in (_BRINE, _CLEANED, _SAUCE))
    choice = book.dice.random.choice
    made = [
        _bill(book, brine, _BATCH, [(choice(raw), KG, 3.0), (choice(raw), KG, 0.2)]),
        _bill(book, cleaned, 1.0, [(choice(raw), KG, 1.25)]),
    ]
    made.append(_bill(book, sauce, 1.0, [(choice(raw), KG, 0.35), (brine["id"], KG, 0.3)], made))
    finished = []
    for position, number in enumerate(range(1, PRODUCTS + 1, _EVERY)):
        code, name = (store.value("product.product", number, field) for field in ("default_code", "name"))
        product = {"id": number, "default_code": code, "name": name, "uom_id": UNITS}
        inner = (brine, cleaned, sauce)[position % 3]
        wanted = [(choice(raw), KG, 2.4), (inner["id"], KG, float(1 + position % 4))]
        finished.append(_bill(book, product, 1.0, wanted, made))
    return ProductionCatalogue(tuple(made), tuple(finished), _shops(store, book))


def _semi_finished(book: Book, name: str) -> dict[str, Any]:
    number = len(book.records["product.product"]) + 1
    values = {
        "name": name,
        "default_code": f"SA{number:03d}",
        "detailed_type": "product",
        "categ_id": _CATEGORY,
        "uom_id": KG,
        "uom_po_id": KG,
        "weight": 0.0,
        "active": True,
        **book.dice.stamps(book.dice.past()),
    }
    template = book.add("product.template", {**values, "list_price": 0.0})
    product = book.add("product.product", {**values, "lst_price": 0.0, "product_tmpl_id": template["id"]})
    template["product_variant_ids"] = (product["id"],)
    return product


def _bill(
    book: Book,
    product: dict[str, Any],
    batch: float,
    wanted: list[tuple[int, int, float]],
    inner: list[Made] | None = None,
) -> Made:
    """A bill for a batch of a product; templates have the numbers of their products."""
    stamps = book.dice.stamps(book.dice.past())
    code = product["default_code"]
    values = {"code": f"EST-{code}", "product_tmpl_id": product["id"], "product_qty": batch, "sequence": 0}
    kind = {"type": "normal", "active": True, "consumption": "warning", "produce_delay": 0}
    unit = product["uom_id"]
    bom = book.add("mrp.bom", {**values, **kind, "product_uom_id": unit, "ready_to_produce": "all_available", **stamps})
    below = {made.id: made.bom for made in inner or ()}
    components = []
    for number, own, quantity in wanted:
        its = {"product_id": number, "product_uom_id": own, "product_qty": quantity, "child_bom_id": below.get(number)}
        parent = {"bom_id": bom["id"], "parent_product_tmpl_id": product["id"], "sequence": 1}
        line = book.add("mrp.bom.line", {**parent, **its, **stamps})
        components.append(Component(line["id"], number, own, quantity / batch))
    return Made(product["id"], f"[{code}] {product['name']}", unit, bom["id"], tuple(components))


def _shops(store: Store, book: Book) -> dict[int, Shop]:
    shops = {}
    for company, place in PLACES.items():
        name = store.value("res.company", company, "name")
        passing = {"complete_name": "Virtual Locations/Production", "usage": "production", "active": True}
        location = book.add("stock.location", {**passing, "company_id": company})
        named = {"name": "Fabricação", "display_name": f"{name}: Fabricação", "code": "mrp_operation", "active": True}
        ends = {"warehouse_id": company, "company_id": company, "sequence_code": "MO"}
        kind = book.add("stock.picking.type", {**named, **ends})
        shops[company] = Shop(place.code, kind["id"], place.stock, location["id"])
    return shops
