"""What a generated company sells and to whom: companies, teams, customers, categories and products."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from demo.odoo.company import BRAZIL, STATES
from demo.odoo.dice import Dice
from demo.odoo.environment import Environment
from demo.odoo.records import Record
from demo.odoo.sales import BRL

PRODUCTS: Final = 600

_CUSTOMERS: Final = (50, 4000)  # at least, at most; one for four orders between
_FIRST_PARTNER: Final = 100
_FIRST_CATEGORY: Final = 100
_LEVELS: Final = 3  # of categories

_KINDS: Final = ("Palmito", "Azeitona", "Cogumelo", "Pepino", "Pimenta", "Molho", "Azeite", "Vinagre")
_BRANDS: Final = ("CAMPO BELO", "MEZZANI", "IMPERIAL", "BOM SABOR")
_PACKS: Final = ("VD 12X300", "BD 6X2 KG", "PT 24X150", "LT 6X3 KG")
_TRADES: Final = ("Supermercados", "Atacado", "Distribuidora", "Mercearia", "Comercial", "Restaurante")
_SURNAMES: Final = ("Oliveira", "Três Irmãos", "São Jorge", "Bom Preço", "Conceição", "Aliança", "Pampa", "Litoral")


@dataclass
class Book:
    """A company while its documents are made: its database at some moment, and the chance that they are made with."""

    env: Environment
    dice: Dice

    def at(self, moment: datetime) -> Environment:
        """The database at another moment; what was done before is settled."""
        self.env.settle()
        self.env = self.env.at(moment)
        return self.env

    def later(self, moment: datetime, record: Record) -> Record:
        """A record at another moment."""
        return self.at(moment).record(record.model, record.id)


@dataclass(frozen=True)
class Catalogue:
    """The ids and prices that sales are made of; products are numbered from 1."""

    customers: range
    deliveries: dict[int, int]  # customer → the address its goods go to, where that is another one
    prices: list[float]


def make(book: Book, orders: int) -> Catalogue:
    """Fill the master data of a company with this many orders."""
    branch = {"id": 2, "name": "Centro de Distribuição Exemplo Ltda", "partner_id": 1, "currency_id": BRL}
    book.env.insert("res.company", branch)
    for number, team in ((2, "Atacado"), (3, "Varejo")):
        book.env.insert("crm.team", {"id": number, "name": team, "active": True})
    customers, deliveries = _partners(book, orders)
    for number in range(len(_KINDS)):
        _categories(book, number)
    return Catalogue(customers, deliveries, [_product(book, number) for number in range(1, PRODUCTS + 1)])


def _partners(book: Book, orders: int) -> tuple[range, dict[int, int]]:
    """Customers; every tenth has a delivery address, every fifteenth is a person."""
    least, most = _CUSTOMERS
    customers = range(_FIRST_PARTNER, _FIRST_PARTNER + min(max(least, orders // 4), most))
    dice, vats = book.dice, {}
    for number in customers:
        person, name = number % 15 == 0, f"{dice.random.choice(_TRADES)} {dice.random.choice(_SURNAMES)} {number}"
        address, env = _address(dice, number), book.at(dice.past())
        vats[number] = dice.vat(person=person)
        env.insert("res.partner", {**address, "name": name, "is_company": not person, "vat": vats[number]})
    deliveries = dict(zip(customers[::10], range(customers.stop, customers.stop + len(customers)), strict=False))
    for parent, number in deliveries.items():
        address = {**_address(dice, number), "type": "delivery", "parent_id": parent, "vat": vats[parent]}
        book.at(dice.past()).insert("res.partner", {**address, "name": f"CD {address['city']}"})
    return customers, deliveries


def _address(dice: Dice, number: int) -> dict[str, Any]:
    state = dice.random.choice(STATES)
    return {
        "id": number,
        "ref": f"C{number:05d}",
        "type": "contact",
        "street": f"Rua {dice.random.choice(_SURNAMES)}, {number}",
        "city": dice.random.choice(state.cities),
        "state_id": state.id,
        "country_id": BRAZIL,
        "zip": f"{state.zip}{dice.random.randint(0, 99):02d}-{dice.random.randint(0, 999):03d}",
        "phone": f"+55 11 3{number % 1000:03d}-{number % 10000:04d}",
        "customer_rank": 1,
        "active": True,
    }


def _categories(book: Book, kind: int) -> None:
    """Three levels: brand, kind of product, packing."""
    names, parent = (_BRANDS[kind % 4], _KINDS[kind], _PACKS[kind % 4]), None
    for depth, name in enumerate(names):
        values = {"id": _FIRST_CATEGORY + kind * _LEVELS + depth, "name": name, "parent_id": parent}
        parent = book.env.insert("product.category", {**values, "complete_name": " / ".join(names[: depth + 1])}).id


def _product(book: Book, number: int) -> float:
    """A product and its price.

    Every ninth is bought by the dozen; every fortieth has no code, every fiftieth repeats the one before it.
    """
    random, kind = book.dice.random, number % len(_KINDS)
    name = f"{_KINDS[kind].upper()} {random.choice(_PACKS)} - {random.choice(_BRANDS)} {number}"
    price = round(random.uniform(2, 400), 2)
    add_product(
        book,
        list_price=price,
        sale_ok=True,
        name=name,
        default_code=None if number % 40 == 0 else str(4_300_000 + number - (number % 50 == 0)),
        categ_id=_FIRST_CATEGORY + kind * _LEVELS + 2,
        uom_id=1,
        uom_po_id=2 if number % 9 == 0 else 1,
        weight=float(number % 24),
    )
    return price


def add_product(book: Book, *, list_price: float = 0.0, **values: Any) -> int:
    """A template and its variant, which have the same number."""
    env = book.at(book.dice.past())
    common = {"detailed_type": "product", "weight": 0.0, "active": True, **values}
    template = env.insert("product.template", {**common, "list_price": list_price})
    return env.insert("product.product", {**common, "lst_price": list_price, "product_tmpl_id": template}).id or 0
