"""A company of any size, the same for the same seed.

Everything an importer has to cope with occurs: two companies, customers with formatted CNPJ or CPF in all states and with
delivery addresses, product codes that repeat or are missing, categories three levels deep, orders in the four states,
sections and notes among their lines, a product twice in one order, invoices of about one order in three (drafts named
`/`, posted, cancelled, and one credit note), and write dates spread over the last months before the clock's now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from demo.odoo import moments
from demo.odoo.company import BRAZIL, TAX_RATES, load_base
from demo.odoo.environment import Rules
from demo.odoo.geography import STATES
from demo.odoo.store import Store

_DAYS: Final = 120  # how far back the write dates go
_TAX: Final = 11
_TAX_IDS: Final = (_TAX,)
_CUSTOMERS: Final = (50, 4000)  # at least, at most; one for four orders between
_PRODUCTS: Final = 600
_BRL: Final = 5
_FIRST_PARTNER: Final = 100

_STATES: Final = ("draft", "sent", "sale", "sale", "sale", "sale", "sale", "sale", "sale", "cancel")
_INCOTERMS: Final = (1, 4, 4, 6, 6, 6, 16, None)
_TERMS: Final = (1, 2, 4, 4, 8, None)
_KINDS: Final = ("Palmito", "Azeitona", "Cogumelo", "Pepino", "Pimenta", "Molho", "Azeite", "Vinagre")
_BRANDS: Final = ("CAMPO BELO", "MEZZANI", "IMPERIAL", "BOM SABOR")
_PACKS: Final = ("VD 12X300", "BD 6X2 KG", "PT 24X150", "LT 6X3 KG")
_TRADES: Final = ("Supermercados", "Atacado", "Distribuidora", "Mercearia", "Comercial", "Restaurante")
_SURNAMES: Final = ("Oliveira", "Três Irmãos", "São Jorge", "Bom Preço", "Conceição", "Aliança", "Pampa", "Litoral")


@dataclass(frozen=True)
class Size:
    """How much to make."""

    orders: int
    lines_per_order: int


def load(store: Store, rules: Rules, size: Size, seed: int) -> None:
    """Fill an empty store."""
    load_base(store, rules)
    making = _Making(store, Random(seed), store.clock.now(), size)
    making.companies()
    making.partners()
    making.products()
    making.documents()
    for model, table in store.tables.items():
        rules.apply(store, model, list(table.ids), new=True)


class _Making:
    """The records made so far, and the dice."""

    def __init__(self, store: Store, random: Random, now: datetime, size: Size) -> None:
        self._store = store
        self._random = random
        self._now = now
        self._size = size
        self._prices: list[float] = []

    def companies(self) -> None:
        branch = {"id": 2, "name": "Centro de Distribuição Exemplo Ltda", "partner_id": 1, "currency_id": _BRL}
        self._store.tables["res.company"].load([branch])
        self._store.tables["crm.team"].load(
            [{"id": 2, "name": "Atacado", "active": True}, {"id": 3, "name": "Varejo", "active": True}]
        )

    def partners(self) -> None:
        """Customers; every tenth has a delivery address, every fifteenth is a person."""
        least, most = _CUSTOMERS
        self._customers = range(_FIRST_PARTNER, _FIRST_PARTNER + min(max(least, self._size.orders // 4), most))
        records = []
        for number in self._customers:
            person = number % 15 == 0
            name = f"{self._random.choice(_TRADES)} {self._random.choice(_SURNAMES)} {number}"
            records.append({**self._address(number), "name": name, "is_company": not person, "vat": self._vat(person)})
        addresses = self._customers[::10]
        for number, parent in enumerate(addresses, start=self._customers.stop):
            address = {**self._address(number), "type": "delivery", "parent_id": parent}
            records.append({**address, "name": f"CD {address['city']}", "vat": records[parent - _FIRST_PARTNER]["vat"]})
        self._deliveries = dict(
            zip(addresses, range(self._customers.stop, self._customers.stop + len(addresses)), strict=True)
        )
        self._store.tables["res.partner"].load(records)

    def products(self) -> None:
        """Every fortieth product has no code, every fiftieth repeats the code of the one before it."""
        categories: list[dict[str, Any]] = []
        for number, kind in enumerate(_KINDS):
            top, middle, leaf = (100 + number * 3 + level for level in range(3))
            names = (f"{_BRANDS[number % 4]}", f"{kind}", _PACKS[number % 4])
            for category, parent, depth in ((top, None, 1), (middle, top, 2), (leaf, middle, 3)):
                full = " / ".join(names[:depth])
                categories.append(
                    {"id": category, "name": names[depth - 1], "parent_id": parent, "complete_name": full}
                )
        self._store.tables["product.category"].load(categories)
        templates, products = [], []
        for number in range(1, _PRODUCTS + 1):
            kind = number % len(_KINDS)
            name = f"{_KINDS[kind].upper()} {self._random.choice(_PACKS)} - {self._random.choice(_BRANDS)} {number}"
            code = None if number % 40 == 0 else str(4_300_000 + number - (number % 50 == 0))
            price = round(self._random.uniform(2, 400), 2)
            self._prices.append(price)
            common = {"id": number, "name": name, "default_code": code, "detailed_type": "product", "active": True}
            common |= {"categ_id": 102 + kind * 3, "uom_id": 1, "uom_po_id": 1, "weight": float(number % 24)}
            common |= self._stamps(self._past())
            templates.append({**common, "list_price": price, "sale_ok": True, "product_variant_ids": (number,)})
            products.append({**common, "lst_price": price, "product_tmpl_id": number})
        self._store.tables["product.template"].load(templates)
        self._store.tables["product.product"].load(products)

    def documents(self) -> None:
        """Orders with their lines, and the invoices of some."""
        orders: list[dict[str, Any]] = []
        lines: list[dict[str, Any]] = []
        moves: list[dict[str, Any]] = []
        entries: list[dict[str, Any]] = []
        for number in range(1, self._size.orders + 1):
            order = self._order(number)
            own = [
                self._line(order, len(lines) + position + 1, position) for position in range(self._size.lines_per_order)
            ]
            if number % 6 == 0 and len(own) > 2:
                own[-1] |= {name: own[-2][name] for name in ("product_id", "name")}
            order["order_line"] = tuple(line["id"] for line in own)
            order |= _totals(own)
            if order["state"] == "sale" and self._random.random() < 0.5:
                self._invoice(order, own, moves, entries)
            orders.append(order)
            lines.extend(own)
        self._credit_note(moves, entries)
        for model, records in (
            ("sale.order", orders),
            ("sale.order.line", lines),
            ("account.move", moves),
            ("account.move.line", entries),
        ):
            self._store.tables[model].load(records)

    def _order(self, number: int) -> dict[str, Any]:
        random, created = self._random, self._past()
        partner = random.choice(self._customers)
        changed = min(created + timedelta(hours=random.expovariate(1 / 72)), self._now - timedelta(minutes=1))
        due = created + timedelta(days=random.randint(3, 30))
        return {
            "id": number,
            "name": f"VCD{2_500_000 + number}",
            "state": random.choice(_STATES),
            "locked": False,
            "partner_id": partner,
            "partner_invoice_id": partner,
            "partner_shipping_id": self._deliveries.get(partner, partner),
            "user_id": random.choice((2, 7, 8)),
            "team_id": random.choice((1, 2, 3)),
            "company_id": 2 if number % 4 == 0 else 1,
            "currency_id": _BRL,
            "client_order_ref": f"PC-{random.randint(10_000, 99_999)}" if number % 2 else None,
            "date_order": moments.timestamp(created)[: moments.SECONDS],
            "commitment_date": moments.timestamp(due.replace(minute=0, second=0, microsecond=0))
            if number % 3
            else None,
            "incoterm": random.choice(_INCOTERMS),
            "payment_term_id": random.choice(_TERMS),
            "tag_ids": tuple(sorted(random.sample((1, 2, 3), number % 3))),
            "warehouse_id": 1,
            "invoice_ids": (),
            "invoice_status": "no",
            "note": "<p>Entregar <b>pela manhã</b></p>" if number % 7 == 0 else None,
            **self._stamps(created, changed),
        }

    def _line(self, order: dict[str, Any], number: int, position: int) -> dict[str, Any]:
        stamps = {name: order[name] for name in ("create_date", "write_date", "create_uid", "write_uid")}
        line: dict[str, Any] = {"id": number, "order_id": order["id"], "sequence": 10, "tax_id": (), **stamps}
        line |= dict.fromkeys(("product_uom_qty", "price_unit", "discount", "price_subtotal", "price_tax"), 0.0)
        line |= dict.fromkeys(("price_total", "qty_delivered", "qty_invoiced", "qty_to_invoice"), 0.0)
        line |= {"invoice_status": "no", "invoice_lines": (), "is_downpayment": False}
        if position == 0 and order["id"] % 8 == 0:
            return {**line, "display_type": "line_section", "name": "Linha de conservas"}
        if position == 1 and order["id"] % 12 == 0:
            return {**line, "display_type": "line_note", "name": "Conferir validade na entrega"}
        product = self._random.randint(1, _PRODUCTS)
        quantity, price = float(self._random.randint(1, 60)), self._prices[product - 1]
        label = self._store.value("product.product", product, "name")
        return {
            **line,
            "product_id": product,
            "name": label,
            "product_uom": 1,
            **_money(quantity, price),
            "tax_id": _TAX_IDS,
        }

    def _invoice(
        self,
        order: dict[str, Any],
        lines: Sequence[dict[str, Any]],
        moves: list[dict[str, Any]],
        entries: list[dict[str, Any]],
    ) -> None:
        """An invoice of all of an order, or of half of every line; a move is written when it is made or later."""
        share, state = self._random.choice((1.0, 0.5)), self._random.choice(("posted",) * 8 + ("draft", "cancel"))
        made = datetime.fromisoformat(order["write_date"]).replace(tzinfo=self._now.tzinfo)
        changed = min(made + timedelta(minutes=self._random.randint(0, 600)), self._now)
        move = self._move(len(moves) + 1, order, state, "out_invoice", made, changed)
        own: list[dict[str, Any]] = []
        for number, line in enumerate(lines, start=len(entries) + 1):
            entry = self._entry(number, move, line, line["product_uom_qty"] * share)
            own.append(entry)
            if line.get("product_id"):
                line["invoice_lines"] = (entry["id"],)
                if state != "cancel":
                    line |= {"qty_invoiced": entry["quantity"], "qty_delivered": entry["quantity"]}
                    line["invoice_status"] = "invoiced" if share == 1 else "no"
        entries += self._balanced(move, own)
        moves.append(move)
        order["invoice_ids"] = (move["id"],)
        order["invoice_status"] = "invoiced" if share == 1 and state != "cancel" else "no"

    def _credit_note(self, moves: list[dict[str, Any]], entries: list[dict[str, Any]]) -> None:
        """Give back the first posted invoice."""
        origin = next((move for move in moves if move["state"] == "posted"), None)
        if origin is None:
            return
        day = datetime.fromisoformat(origin["write_date"]).replace(tzinfo=self._now.tzinfo)
        order = {**origin, "name": origin["invoice_origin"], "partner_invoice_id": origin["partner_id"]}
        order |= {"user_id": origin["invoice_user_id"], "incoterm": origin["invoice_incoterm_id"]}
        note = self._move(len(moves) + 1, order, "posted", "out_refund", day, day)
        note |= {"reversed_entry_id": origin["id"], "ref": f"Estorno de: {origin['name']}"}
        returned = [entry for entry in entries if entry["move_id"] == origin["id"] and entry["product_id"]]
        changes = {"move_id": note["id"], "sale_line_ids": ()}
        own = [{**entry, **changes, "id": number} for number, entry in enumerate(returned, start=len(entries) + 1)]
        entries += self._balanced(note, own)
        origin |= {"payment_state": "reversed", "reversal_move_id": (note["id"],)}
        moves.append(note)

    def _move(
        self, number: int, order: dict[str, Any], state: str, kind: str, made: datetime, changed: datetime
    ) -> dict[str, Any]:
        document = None if state == "draft" else f"{number:08d}"
        return {
            "id": number,
            "name": f"NFe {document}" if document else "/",
            "l10n_latam_document_number": document,
            "state": state,
            "move_type": kind,
            "payment_state": "not_paid",
            "partner_id": order["partner_invoice_id"],
            "commercial_partner_id": order["partner_invoice_id"],
            "invoice_user_id": order["user_id"],
            "team_id": order["team_id"],
            "company_id": order["company_id"],
            "currency_id": _BRL,
            "journal_id": 1,
            "invoice_incoterm_id": order["incoterm"],
            "invoice_origin": order["name"],
            "invoice_date": None if state == "draft" else moments.timestamp(made)[: moments.DAY],
            "date": moments.timestamp(made)[: moments.DAY],
            **self._stamps(made, changed),
        }

    def _entry(self, number: int, move: dict[str, Any], line: dict[str, Any], quantity: float) -> dict[str, Any]:
        money = _money(quantity, line["price_unit"])
        return {
            "id": number,
            "move_id": move["id"],
            "display_type": line.get("display_type") or "product",
            "product_id": line.get("product_id"),
            "name": line["name"],
            "quantity": quantity,
            "product_uom_id": line.get("product_uom"),
            "price_unit": line["price_unit"],
            "discount": 0.0,
            "price_subtotal": money["price_subtotal"],
            "price_total": money["price_total"],
            "tax_ids": line["tax_id"],
            "sale_line_ids": (line["id"],) if line.get("product_id") else (),
            **{name: move[name] for name in ("create_date", "write_date", "create_uid", "write_uid")},
        }

    def _balanced(self, move: dict[str, Any], own: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """A move's lines with the one that balances it; the move gets its totals and the lists of its lines."""
        untaxed, total = (round(sum(entry[name] for entry in own), 2) for name in ("price_subtotal", "price_total"))
        move |= {"amount_untaxed": untaxed, "amount_tax": round(total - untaxed, 2), "amount_total": total}
        stamps = {name: move[name] for name in ("create_date", "write_date", "create_uid", "write_uid")}
        balance = {"id": own[-1]["id"] + 1, "move_id": move["id"], "display_type": "payment_term", "product_id": None}
        move["invoice_line_ids"] = tuple(entry["id"] for entry in own)
        move["line_ids"] = (*move["invoice_line_ids"], balance["id"])
        return [*own, {**balance, "name": "", "quantity": 0.0, "debit": total, "balance": total, **stamps}]

    def _address(self, number: int) -> dict[str, Any]:
        state = self._random.choice(STATES)
        return {
            "id": number,
            "ref": f"C{number:05d}",
            "type": "contact",
            "street": f"Rua {self._random.choice(_SURNAMES)}, {number}",
            "street2": None,
            "city": self._random.choice(state.cities),
            "state_id": state.id,
            "country_id": BRAZIL,
            "zip": f"{state.zip}{self._random.randint(0, 99):02d}-{self._random.randint(0, 999):03d}",
            "phone": f"+55 11 3{number % 1000:03d}-{number % 10000:04d}",
            "active": True,
            "is_company": False,
            "customer_rank": 1,
            **self._stamps(self._past()),
        }

    def _vat(self, person: bool) -> str:
        digits = "".join(str(self._random.randint(0, 9)) for _ in range(9 if person else 8)) + (
            "" if person else "0001"
        )
        for _ in range(2):
            digits += _check_digit(digits, 11 if person else 9)
        if person:
            return f"{digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}"
        return f"{digits[:2]}.{digits[2:5]}.{digits[5:8]}/{digits[8:12]}-{digits[12:]}"

    def _past(self) -> datetime:
        return self._now - timedelta(days=self._random.uniform(0.02, _DAYS))

    def _stamps(self, created: datetime, changed: datetime | None = None) -> dict[str, Any]:
        written = moments.timestamp(changed or created)
        return {"create_date": moments.timestamp(created), "write_date": written, "create_uid": 2, "write_uid": 2}


def _money(quantity: float, price: float) -> dict[str, float]:
    subtotal = round(quantity * price, 2)
    tax = round(subtotal * TAX_RATES[_TAX] / 100, 2)
    amounts = {"price_subtotal": subtotal, "price_tax": tax, "price_total": round(subtotal + tax, 2)}
    return {"product_uom_qty": quantity, "price_unit": price, **amounts}


def _totals(lines: Sequence[dict[str, Any]]) -> dict[str, float]:
    untaxed, tax = (round(sum(line[name] for line in lines), 2) for name in ("price_subtotal", "price_tax"))
    return {"amount_untaxed": untaxed, "amount_tax": tax, "amount_total": round(untaxed + tax, 2)}


def _check_digit(digits: str, heaviest: int) -> str:
    """The next check digit of a CPF (weights up to 11) or CNPJ (up to 9)."""
    weights = [position % (heaviest - 1) + 2 for position in range(len(digits))]
    rest = sum(int(digit) * weight for digit, weight in zip(reversed(digits), weights, strict=True)) % 11
    return str(0 if rest < 2 else 11 - rest)
