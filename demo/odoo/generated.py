"""A company of any size, the same for the same seed.

Everything an importer has to cope with occurs: two companies, customers with formatted CNPJ or CPF in all states and
with delivery addresses, product codes that repeat or are missing, categories three levels deep, orders in the four
states, sections and notes among their lines, a product twice in one order, invoices of about one order in three (drafts
named `/`, posted, cancelled, and one credit note), and write dates spread over the months before the clock's start. The
purchases (`generated_purchases`) and the productions (`generated_productions`) are made beside the sales and leave them
alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from demo.odoo import catalogue, generated_productions, generated_purchases, links, moments
from demo.odoo.catalogue import BRL, Catalogue
from demo.odoo.company import TAX_RATES, fill, load_base
from demo.odoo.dice import Dice
from demo.odoo.environment import Environment
from demo.odoo.store import Store

_TAX: Final = 11
_TAX_IDS: Final = (_TAX,)

_STATES: Final = ("draft", "sent", "sale", "sale", "sale", "sale", "sale", "sale", "sale", "cancel")
_INCOTERMS: Final = (1, 4, 4, 6, 6, 6, 16, None)
_TERMS: Final = (1, 2, 4, 4, 8, None)


@dataclass(frozen=True)
class Size:
    """How much to make."""

    orders: int
    lines_per_order: int


def load(env: Environment, size: Size, seed: int) -> None:
    """Fill an empty store."""
    store = env.store
    load_base(store)
    dice = Dice(Random(seed), store.clock.started)
    _Documents(store, dice, catalogue.load(store, dice, size.orders)).make(size)
    generated_purchases.load(store, size.orders, seed)
    generated_productions.load(store, size.orders, seed)
    links.complete(store)
    fill(env)


class _Documents:
    """Makes the orders and invoices."""

    def __init__(self, store: Store, dice: Dice, known: Catalogue) -> None:
        self._store = store
        self._dice = dice
        self._catalogue = known

    def make(self, size: Size) -> None:
        """Orders with their lines, and the invoices of some."""
        orders: list[dict[str, Any]] = []
        lines: list[dict[str, Any]] = []
        moves: list[dict[str, Any]] = []
        entries: list[dict[str, Any]] = []
        for number in range(1, size.orders + 1):
            order = self._order(number)
            own = [self._line(order, len(lines) + position + 1, position) for position in range(size.lines_per_order)]
            if number % 6 == 0 and len(own) > 2 and "product_id" in own[-2]:
                own[-1] |= {name: own[-2][name] for name in ("product_id", "name")}
            order["order_line"] = tuple(line["id"] for line in own)
            order |= _totals(own)
            if order["state"] == "sale" and self._dice.random.random() < 0.5:
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
        random, created = self._dice.random, self._dice.past()
        partner = random.choice(self._catalogue.customers)
        changed = min(created + timedelta(hours=random.expovariate(1 / 72)), self._dice.now - timedelta(minutes=1))
        due = created + timedelta(days=random.randint(3, 30))
        return {
            "id": number,
            "name": f"VCD{2_500_000 + number}",
            "state": random.choice(_STATES),
            "locked": False,
            "partner_id": partner,
            "partner_invoice_id": partner,
            "partner_shipping_id": self._catalogue.deliveries.get(partner, partner),
            "user_id": random.choice((2, 7, 8)),
            "team_id": random.choice((1, 2, 3)),
            "company_id": 2 if number % 4 == 0 else 1,
            "currency_id": BRL,
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
            **self._dice.stamps(created, changed),
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
        product = self._dice.random.randint(1, catalogue.PRODUCTS)
        quantity, price = float(self._dice.random.randint(1, 60)), self._catalogue.prices[product - 1]
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
        share, state = (
            self._dice.random.choice((1.0, 0.5)),
            self._dice.random.choice(("posted",) * 8 + ("draft", "cancel")),
        )
        made = datetime.fromisoformat(order["write_date"]).replace(tzinfo=self._dice.now.tzinfo)
        changed = min(made + timedelta(minutes=self._dice.random.randint(0, 600)), self._dice.now)
        move = self._move(len(moves) + 1, order, state=state, kind="out_invoice", made=made, changed=changed)
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
        day = datetime.fromisoformat(origin["write_date"]).replace(tzinfo=self._dice.now.tzinfo)
        order = {**origin, "name": origin["invoice_origin"], "partner_invoice_id": origin["partner_id"]}
        order |= {"user_id": origin["invoice_user_id"], "incoterm": origin["invoice_incoterm_id"]}
        note = self._move(len(moves) + 1, order, state="posted", kind="out_refund", made=day, changed=day)
        note |= {"reversed_entry_id": origin["id"], "ref": f"Estorno de: {origin['name']}"}
        returned = [entry for entry in entries if entry["move_id"] == origin["id"] and entry["product_id"]]
        changes = {"move_id": note["id"], "sale_line_ids": ()}
        own = [{**entry, **changes, "id": number} for number, entry in enumerate(returned, start=len(entries) + 1)]
        entries += self._balanced(note, own)
        origin |= {"payment_state": "reversed", "reversal_move_id": (note["id"],)}
        moves.append(note)

    def _move(
        self, number: int, order: dict[str, Any], *, state: str, kind: str, made: datetime, changed: datetime
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
            "currency_id": BRL,
            "journal_id": 1,
            "invoice_incoterm_id": order["incoterm"],
            "invoice_origin": order["name"],
            "invoice_date": None if state == "draft" else moments.timestamp(made)[: moments.DAY],
            "date": moments.timestamp(made)[: moments.DAY],
            **self._dice.stamps(made, changed),
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


def _money(quantity: float, price: float) -> dict[str, float]:
    subtotal = round(quantity * price, 2)
    tax = round(subtotal * TAX_RATES[_TAX] / 100, 2)
    amounts = {"price_subtotal": subtotal, "price_tax": tax, "price_total": round(subtotal + tax, 2)}
    return {"product_uom_qty": quantity, "price_unit": price, **amounts}


def _totals(lines: Sequence[dict[str, Any]]) -> dict[str, float]:
    untaxed, tax = (round(sum(line[name] for line in lines), 2) for name in ("price_subtotal", "price_tax"))
    return {"amount_untaxed": untaxed, "amount_tax": tax, "amount_total": round(untaxed + tax, 2)}
