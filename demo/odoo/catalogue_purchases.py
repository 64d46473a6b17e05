"""What a generated company's purchases refer to: suppliers, raw materials and services, warehouses and their receipts.

Suppliers are numbered apart from customers, and raw materials after the products that are sold, so that sales do not
depend on what is bought.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from demo.odoo.catalogue import PRODUCTS, Book, add_product
from demo.odoo.company import BRAZIL, STATES
from demo.odoo.records import Record

UNITS: Final = 1
DOZENS: Final = 2
KG: Final = 12
TONNES: Final = 14

FIRST_SUPPLIER: Final = 20_000
SPECIAL: Final = 7  # the first suppliers, each of a kind that importers have to tell apart

_FEWEST_SUPPLIERS: Final = 13
_ORDERS_PER_SUPPLIER: Final = 20
# The buyer's own group: two companies whose goods are transfers rather than purchases.
_GROUP: Final = ("61.724.241/0001-78", "18.467.441/0001-63")
_SPAIN: Final = 68
_FOREIGN_VAT: Final = "ESB41234567"

_MATERIALS: Final = 40
_SERVICES: Final = ("Frete de compra", "Manutenção de autoclave", "Análise de laboratório", "Industrialização")
_RAW: Final = ("Palmito in natura", "Azeitona a granel", "Cogumelo fresco", "Sal refinado", "Açúcar cristal")
_RAW_CATEGORY: Final = 6
_TRADES: Final = ("Agroindustrial", "Embalagens", "Cooperativa", "Vidraria", "Metalgráfica", "Insumos")
_NAMES: Final = ("Vale do Ribeira", "São Pedro", "Santa Clara", "Mossoró", "Ibiúna", "Centro-Oeste", "Ágil", "Serrana")

CUSTOMERS: Final = 5  # the location that deliveries go to
_VENDORS: Final = 4
# By company: the warehouse's code and stock, and the types of pickings that come in and go out.
PLACES: Final = {1: ("WH", 8, 1, 2), 2: ("CD", 20, 9, 10)}


@dataclass(frozen=True)
class PurchaseCatalogue:
    """Supplier ids, the special ones first, and products in groups without a common one."""

    suppliers: range
    shelves: tuple[Sequence[Record], ...]  # products that are received: in tonnes, units, dozens, and without a code
    services: Sequence[Record]


def make(book: Book, orders: int) -> PurchaseCatalogue:
    """Fill the master data of a company with this many purchase orders, beside what its sales have."""
    _places(book)
    book.env.insert("purchase.requisition.type", {"id": 1, "name": "Blanket Order"})
    suppliers = _suppliers(book, _FEWEST_SUPPLIERS + orders // _ORDERS_PER_SUPPLIER)
    numbers = range(PRODUCTS + 1, PRODUCTS + 1 + _MATERIALS + len(_SERVICES))
    bought = book.env.records("product.product", [_bought(book, number - PRODUCTS - 1) for number in numbers])
    materials, services = bought[:_MATERIALS], bought[_MATERIALS:]
    sold = book.env.records("product.product", range(1, PRODUCTS + 1))
    tonnes, units, dozens = (
        [product for product in (*materials, *sold) if product.uom_po_id.id == unit] for unit in (TONNES, UNITS, DOZENS)
    )
    coded = [product for product in units if product.default_code]
    loose = [product for product in materials if not product.default_code]
    return PurchaseCatalogue(suppliers, (tonnes, coded, dozens, loose), services)


def _places(book: Book) -> None:
    """Locations, the second company's warehouse, and the types of pickings of both."""
    env = book.env
    env.delete("stock.location", [PLACES[1][1]])  # the base knows it by its label alone
    for number, name, usage in ((_VENDORS, "Vendors", "supplier"), (CUSTOMERS, "Customers", "customer")):
        location = {"id": number, "complete_name": f"Partners/{name}", "usage": usage, "active": True}
        env.insert("stock.location", location)
    for company, (code, stock, incoming, outgoing) in PLACES.items():
        name, own = env.record("res.company", company).name, {"company_id": company}
        place = {"id": stock, "complete_name": f"{code}/Estoque", "usage": "internal", "active": True}
        env.insert("stock.location", {**place, **own})
        if company not in env.store.tables["stock.warehouse"].rows:
            warehouse = {"id": company, "name": name, "code": code, "lot_stock_id": stock}
            env.insert("stock.warehouse", {**warehouse, **own})
        kinds = ((incoming, "Recebimentos", "incoming", "IN"), (outgoing, "Pedidos de entrega", "outgoing", "OUT"))
        for number, kind, direction, sequence in kinds:
            named = {"id": number, "name": kind, "display_name": f"{name}: {kind}", "sequence_code": sequence}
            env.insert(
                "stock.picking.type", {**named, **own, "code": direction, "warehouse_id": company, "active": True}
            )


def _suppliers(book: Book, count: int) -> range:
    """Suppliers whose CNPJ is formatted, plain digits, absent, foreign, wrong or of the own group; no two alike."""
    dice, vats = book.dice, list[str]()
    while len(vats) < count:
        drawn = dice.vat(person=False)
        if drawn not in (*vats, *_GROUP):
            vats.append(drawn)
    wrong = vats[4][:-1] + str((int(vats[4][-1]) + 1) % 10)
    special: list[str | None] = [vats[0], _digits(vats[1]), None, _FOREIGN_VAT, wrong, *_GROUP]
    usual = [_digits(vat) if number % 3 == 0 else vat for number, vat in enumerate(vats[SPECIAL:])]
    suppliers = range(FIRST_SUPPLIER, FIRST_SUPPLIER + count)
    for number, vat in zip(suppliers, [*special, *usual], strict=True):
        state = dice.random.choice(STATES)
        name = f"{dice.random.choice(_TRADES)} {dice.random.choice(_NAMES)} {number}"
        place: dict[str, Any] = {"city": "Sevilla", "country_id": _SPAIN}
        if vat != _FOREIGN_VAT:
            place = {"city": dice.random.choice(state.cities), "country_id": BRAZIL, "state_id": state.id}
        kind = {"type": "contact", "is_company": True, "supplier_rank": 1, "active": True}
        book.at(dice.past()).insert("res.partner", {"id": number, "name": name, "vat": vat, **place, **kind})
    return suppliers


def _bought(book: Book, position: int) -> int:
    """A raw material counted in kg and bought by the tonne (one in four by the kg, without a code), or a service."""
    service, number = position >= _MATERIALS, PRODUCTS + 1 + position
    loose, unit = not service and position % 4 == 3, UNITS if service else KG
    return add_product(
        book,
        name=_SERVICES[position - _MATERIALS] if service else f"{_RAW[position % len(_RAW)]} {number}",
        default_code=None if loose else f"{'SV' if service else 'MP'}{position:04d}",
        detailed_type="service" if service else "product",
        categ_id=_RAW_CATEGORY,
        uom_id=unit,
        uom_po_id=unit if service or loose else TONNES,
        purchase_ok=True,
    )


def _digits(vat: str) -> str:
    return "".join(letter for letter in vat if letter.isdigit())
