"""What a generated company's purchases refer to: suppliers, raw materials and services, warehouses and their receipts.

Suppliers are numbered apart from customers, and raw materials after the products that are sold, so that sales do not
depend on what is bought.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from demo.odoo.catalogue import PRODUCTS
from demo.odoo.company import BRAZIL
from demo.odoo.dice import Dice
from demo.odoo.geography import STATES
from demo.odoo.store import Store

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


class Bought(NamedTuple):
    """A product as it is bought: `factor` of its own units make one unit of purchase."""

    id: int
    label: str
    unit: int
    purchase_unit: int
    factor: float
    service: bool = False


class Place(NamedTuple):
    """Where a company's goods come in and go out."""

    code: str  # of the warehouse
    stock: int
    incoming: int  # picking types
    outgoing: int


VENDORS: Final = 4
CUSTOMERS: Final = 5
PLACES: Final = {1: Place("WH", 8, 1, 2), 2: Place("CD", 20, 9, 10)}


@dataclass(frozen=True)
class PurchaseCatalogue:
    """Supplier ids, the special ones first, and products by how they are bought."""

    suppliers: range
    tonnes: Sequence[Bought]
    units: Sequence[Bought]
    dozens: Sequence[Bought]
    uncoded: Sequence[Bought]
    services: Sequence[Bought]

    @property
    def shelves(self) -> tuple[Sequence[Bought], ...]:
        """The products that are received, in groups without a common one."""
        return self.tonnes, self.units, self.dozens, self.uncoded


def load(store: Store, dice: Dice, orders: int) -> PurchaseCatalogue:
    """Fill the master data of a company with this many purchase orders, beside what its sales have loaded."""
    _places(store)
    store.tables["purchase.requisition.type"].load([{"id": 1, "name": "Blanket Order"}])
    suppliers = _suppliers(store, dice, _FEWEST_SUPPLIERS + orders // _ORDERS_PER_SUPPLIER)
    materials, services = _materials(store, dice)
    sold = [_bought(store, number) for number in range(1, PRODUCTS + 1)]
    return PurchaseCatalogue(
        suppliers,
        tonnes=[product for product in materials if product.factor > 1 and product.label.startswith("[")],
        units=[product for product in sold if product.purchase_unit == UNITS and product.label.startswith("[")],
        dozens=[product for product in sold if product.purchase_unit == DOZENS],
        uncoded=[product for product in materials if not product.label.startswith("[")],
        services=services,
    )


def _places(store: Store) -> None:
    """Locations, the second company's warehouse, and the types of pickings of both."""
    locations = store.tables["stock.location"]
    locations.delete(PLACES[1].stock)  # the base knows it by its label alone
    shared = [(VENDORS, "Partners/Vendors", "supplier"), (CUSTOMERS, "Partners/Customers", "customer")]
    records: list[dict[str, Any]] = [
        {"id": number, "complete_name": name, "usage": usage, "active": True} for number, name, usage in shared
    ]
    types: list[dict[str, Any]] = []
    for company, place in PLACES.items():
        name = store.value("res.company", company, "name")
        stock = {"id": place.stock, "complete_name": f"{place.code}/Estoque", "usage": "internal", "active": True}
        records.append({**stock, "company_id": company})
        if company not in store.tables["stock.warehouse"].rows:
            warehouse = {"id": company, "name": name, "code": place.code, "lot_stock_id": place.stock}
            store.tables["stock.warehouse"].load([{**warehouse, "company_id": company}])
        kinds = ((place.incoming, "Recebimentos", "IN"), (place.outgoing, "Pedidos de entrega", "OUT"))
        for number, kind, sequence in kinds:
            named = {"id": number, "name": kind, "display_name": f"{name}: {kind}", "sequence_code": sequence}
            code = "incoming" if sequence == "IN" else "outgoing"
            types.append({**named, "code": code, "warehouse_id": company, "company_id": company, "active": True})
    locations.load(records)
    store.tables["stock.picking.type"].load(types)


def _suppliers(store: Store, dice: Dice, count: int) -> range:
    """Suppliers whose CNPJ is formatted, plain digits, absent, foreign, wrong or of the own group; no two alike."""
    vats: list[str] = []
    while len(vats) < count:
        drawn = dice.vat(person=False)
        if drawn not in (*vats, *_GROUP):
            vats.append(drawn)
    wrong = vats[4][:-1] + str((int(vats[4][-1]) + 1) % 10)
    special: list[str | None] = [vats[0], _digits(vats[1]), None, _FOREIGN_VAT, wrong, *_GROUP]
    usual = [_digits(vat) if number % 3 == 0 else vat for number, vat in enumerate(vats[SPECIAL:])]
    suppliers = range(FIRST_SUPPLIER, FIRST_SUPPLIER + count)
    records = []
    for number, vat in zip(suppliers, [*special, *usual], strict=True):
        foreign, state = vat == _FOREIGN_VAT, dice.random.choice(STATES)
        name = f"{dice.random.choice(_TRADES)} {dice.random.choice(_NAMES)} {number}"
        place = {"city": "Sevilla", "country_id": _SPAIN}
        if not foreign:
            place = {"city": dice.random.choice(state.cities), "country_id": BRAZIL, "state_id": state.id}
        kind = {"type": "contact", "is_company": True, "supplier_rank": 1, "active": True}
        records.append({"id": number, "name": name, "vat": vat, **place, **kind, **dice.stamps(dice.past())})
    store.tables["res.partner"].load(records)
    return suppliers


def _materials(store: Store, dice: Dice) -> tuple[list[Bought], list[Bought]]:
    """Raw materials counted in kg and bought by the tonne (one in four by the kg, without a code), and services."""
    first, templates, products = PRODUCTS + 1, [], []
    count = _MATERIALS + len(_SERVICES)
    for position in range(count):
        service, number = position >= _MATERIALS, first + position
        name = _SERVICES[position - _MATERIALS] if service else f"{_RAW[position % len(_RAW)]} {number}"
        loose = not service and position % 4 == 3
        unit = UNITS if service else KG
        common = {
            "id": number,
            "name": name,
            "default_code": None if loose else f"{'SV' if service else 'MP'}{position:04d}",
            "detailed_type": "service" if service else "product",
            "categ_id": _RAW_CATEGORY,
            "uom_id": unit,
            "uom_po_id": unit if service or loose else TONNES,
            "weight": 0.0,
            "purchase_ok": True,
            "active": True,
            **dice.stamps(dice.past()),
        }
        templates.append({**common, "list_price": 0.0, "product_variant_ids": (number,)})
        products.append({**common, "lst_price": 0.0, "product_tmpl_id": number})
    store.tables["product.template"].load(templates)
    store.tables["product.product"].load(products)
    bought = [_bought(store, number) for number in range(first, first + count)]
    return bought[:_MATERIALS], bought[_MATERIALS:]


def _bought(store: Store, number: int) -> Bought:
    """How a product of the store is bought."""
    code, name, unit, purchase_unit, kind = (
        store.value("product.product", number, field)
        for field in ("default_code", "name", "uom_id", "uom_po_id", "detailed_type")
    )
    ratio = store.value("uom.uom", purchase_unit, "factor_inv") / store.value("uom.uom", unit, "factor_inv")
    return Bought(number, f"[{code}] {name}" if code else name, unit, purchase_unit, ratio, kind == "service")


def _digits(vat: str) -> str:
    return "".join(letter for letter in vat if letter.isdigit())
