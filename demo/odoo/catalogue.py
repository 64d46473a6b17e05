"""What a generated company's documents refer to: companies, teams, customers, categories and products."""

from dataclasses import dataclass
from typing import Any, Final

from demo.odoo.company import BRAZIL
from demo.odoo.dice import Dice
from demo.odoo.geography import STATES
from demo.odoo.store import Store

BRL: Final = 5
PRODUCTS: Final = 600

_CUSTOMERS: Final = (50, 4000)  # at least, at most; one for four orders between
_FIRST_PARTNER: Final = 100

_KINDS: Final = ("Palmito", "Azeitona", "Cogumelo", "Pepino", "Pimenta", "Molho", "Azeite", "Vinagre")
_BRANDS: Final = ("CAMPO BELO", "MEZZANI", "IMPERIAL", "BOM SABOR")
_PACKS: Final = ("VD 12X300", "BD 6X2 KG", "PT 24X150", "LT 6X3 KG")
_TRADES: Final = ("Supermercados", "Atacado", "Distribuidora", "Mercearia", "Comercial", "Restaurante")
_SURNAMES: Final = ("Oliveira", "Três Irmãos", "São Jorge", "Bom Preço", "Conceição", "Aliança", "Pampa", "Litoral")


@dataclass(frozen=True)
class Catalogue:
    """The ids and prices that documents are made of; products are numbered from 1."""

    customers: range
    deliveries: dict[int, int]  # customer → the address its goods go to, where that is another one
    prices: list[float]


def load(store: Store, dice: Dice, orders: int) -> Catalogue:
    """Fill the master data of a company with this many orders."""
    _companies(store)
    customers, deliveries = _partners(store, dice, orders)
    _categories(store)
    return Catalogue(customers, deliveries, _products(store, dice))


def _companies(store: Store) -> None:
    branch = {"id": 2, "name": "Centro de Distribuição Exemplo Ltda", "partner_id": 1, "currency_id": BRL}
    store.tables["res.company"].load([branch])
    store.tables["crm.team"].load(
        [{"id": 2, "name": "Atacado", "active": True}, {"id": 3, "name": "Varejo", "active": True}]
    )


def _partners(store: Store, dice: Dice, orders: int) -> tuple[range, dict[int, int]]:
    """Customers; every tenth has a delivery address, every fifteenth is a person."""
    least, most = _CUSTOMERS
    customers = range(_FIRST_PARTNER, _FIRST_PARTNER + min(max(least, orders // 4), most))
    records = []
    for number in customers:
        person = number % 15 == 0
        name = f"{dice.random.choice(_TRADES)} {dice.random.choice(_SURNAMES)} {number}"
        records.append(
            {**_address(dice, number), "name": name, "is_company": not person, "vat": dice.vat(person=person)}
        )
    addresses = customers[::10]
    for number, parent in enumerate(addresses, start=customers.stop):
        address = {**_address(dice, number), "type": "delivery", "parent_id": parent}
        records.append({**address, "name": f"CD {address['city']}", "vat": records[parent - _FIRST_PARTNER]["vat"]})
    store.tables["res.partner"].load(records)
    return customers, dict(zip(addresses, range(customers.stop, customers.stop + len(addresses)), strict=True))


def _categories(store: Store) -> None:
    """Three levels: brand, kind of product, packing."""
    categories = []
    for number, kind in enumerate(_KINDS):
        names, parent = (_BRANDS[number % 4], kind, _PACKS[number % 4]), None
        for depth, name in enumerate(names, start=1):
            category = _category(number, depth)
            complete = " / ".join(names[:depth])
            categories.append({"id": category, "name": name, "parent_id": parent, "complete_name": complete})
            parent = category
    store.tables["product.category"].load(categories)


def _category(kind: int, depth: int) -> int:
    return 99 + kind * 3 + depth


def _products(store: Store, dice: Dice) -> list[float]:
    """Products and their prices.

    Every ninth is bought by the dozen; every fortieth has no code, every fiftieth repeats the one before it.
    """
    templates, products, prices = [], [], []
    for number in range(1, PRODUCTS + 1):
        kind = number % len(_KINDS)
        name = f"{_KINDS[kind].upper()} {dice.random.choice(_PACKS)} - {dice.random.choice(_BRANDS)} {number}"
        code = None if number % 40 == 0 else str(4_300_000 + number - (number % 50 == 0))
        price = round(dice.random.uniform(2, 400), 2)
        prices.append(price)
        common: dict[str, Any] = {
            "id": number,
            "name": name,
            "default_code": code,
            "detailed_type": "product",
            "active": True,
        }
        common |= {
            "categ_id": _category(kind, 3),
            "uom_id": 1,
            "uom_po_id": 2 if number % 9 == 0 else 1,
            "weight": float(number % 24),
        }
        common |= dice.stamps(dice.past())
        templates.append({**common, "list_price": price, "sale_ok": True, "product_variant_ids": (number,)})
        products.append({**common, "lst_price": price, "product_tmpl_id": number})
    store.tables["product.template"].load(templates)
    store.tables["product.product"].load(products)
    return prices


def _address(dice: Dice, number: int) -> dict[str, Any]:
    state = dice.random.choice(STATES)
    return {
        "id": number,
        "ref": f"C{number:05d}",
        "type": "contact",
        "street": f"Rua {dice.random.choice(_SURNAMES)}, {number}",
        "street2": None,
        "city": dice.random.choice(state.cities),
        "state_id": state.id,
        "country_id": BRAZIL,
        "zip": f"{state.zip}{dice.random.randint(0, 99):02d}-{dice.random.randint(0, 999):03d}",
        "phone": f"+55 11 3{number % 1000:03d}-{number % 10000:04d}",
        "active": True,
        "is_company": False,
        "customer_rank": 1,
        **dice.stamps(dice.past()),
    }
