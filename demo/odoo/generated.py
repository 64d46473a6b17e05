"""A company of any size, the same for the same seed, made as its users would make it: by the buttons of its documents.

Everything an importer has to cope with occurs: two companies, customers with formatted CNPJ or CPF in all states and
with delivery addresses, product codes that repeat or are missing, categories three levels deep, orders in the four
states, sections and notes among their lines, a product twice in one order, invoices of about one order in three (drafts
named `/`, posted, cancelled, and one credit note), and write dates spread over the months before the clock's start. The
purchases (`generated_purchases`) and the productions (`generated_productions`) have chance of their own: the sales stay
as they are whatever is bought and produced.
"""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any, Final

from demo.odoo import catalogue, generated_productions, generated_purchases, invoices, moments
from demo.odoo.calling import act
from demo.odoo.catalogue import Book, Catalogue
from demo.odoo.company import fill, load_base
from demo.odoo.dice import DAYS, Dice
from demo.odoo.environment import Environment
from demo.odoo.models import create, write
from demo.odoo.records import Record

_STATES: Final = ("draft", "sent", "sale", "sale", "sale", "sale", "sale", "sale", "sale", "cancel")
_INVOICE_STATES: Final = (*("posted",) * 8, "draft", "cancel")
_INCOTERMS: Final = (1, 4, 4, 6, 6, 6, 16, None)
_TERMS: Final = (1, 2, 4, 4, 8, None)


@dataclass(frozen=True)
class Size:
    """How much to make."""

    orders: int
    lines_per_order: int


def load(env: Environment, size: Size, seed: int) -> None:
    """Fill an empty store."""
    load_base(env.store)
    fill(env)
    env, dice = env.at(env.store.clock.started - timedelta(days=DAYS)), Dice(Random(seed), env.store.clock.started)
    book = Book(env, dice)
    known = catalogue.make(book, size.orders)
    posted: list[tuple[Record, Record]] = []
    for number in range(1, size.orders + 1):
        order = _order(book, known, number, size.lines_per_order)
        if order.state == "sale" and book.dice.random.random() < 0.5:
            invoice = _invoice(book, order)
            if invoice.state == "posted":
                posted.append((order, invoice))
    if posted:
        _credit(book, *posted[0])
    generated_purchases.load(env, size.orders, seed)
    generated_productions.load(env, size.orders, seed)
    env.settle()


def _order(book: Book, known: Catalogue, number: int, count: int) -> Record:
    """An order with its lines, in the state that chance gave it and last changed some time after it was made."""
    random, created = book.dice.random, book.dice.past()
    partner = random.choice(known.customers)
    changed = min(created + timedelta(hours=random.expovariate(1 / 72)), book.dice.now - timedelta(minutes=1))
    due = (created + timedelta(days=random.randint(3, 30))).replace(minute=0, second=0, microsecond=0)
    state = random.choice(_STATES)
    values = {
        "name": f"VCD{2_500_000 + number}",
        "partner_id": partner,
        "partner_shipping_id": known.deliveries.get(partner, partner),
        "user_id": random.choice((2, 7, 8)),
        "team_id": random.choice((1, 2, 3)),
        "company_id": 2 if number % 4 == 0 else 1,
        "client_order_ref": f"PC-{random.randint(10_000, 99_999)}" if number % 2 else None,
        "commitment_date": moments.timestamp(due) if number % 3 else None,
        "incoterm": random.choice(_INCOTERMS),
        "payment_term_id": random.choice(_TERMS),
        "tag_ids": sorted(random.sample((1, 2, 3), number % 3)),
        "note": "<p>Entregar <b>pela manhã</b></p>" if number % 7 == 0 else None,
    }
    lines = [_line(book, known, number, position) for position in range(count)]
    if number % 6 == 0 and len(lines) > 2 and "product_id" in lines[-2]:
        lines[-1]["product_id"] = lines[-2]["product_id"]
        lines[-1].pop("display_type", None)
    order = create(book.at(created), "sale.order", **values, order_line=[[0, 0, line] for line in lines])
    _change(book.later(changed, order), state)
    return order


def _line(book: Book, known: Catalogue, number: int, position: int) -> dict[str, Any]:
    if position == 0 and number % 8 == 0:
        return {"display_type": "line_section", "name": "Linha de conservas"}
    if position == 1 and number % 12 == 0:
        return {"display_type": "line_note", "name": "Conferir validade na entrega"}
    product = book.dice.random.randint(1, catalogue.PRODUCTS)
    quantity = float(book.dice.random.randint(1, 60))
    return {"product_id": product, "product_uom_qty": quantity, "price_unit": known.prices[product - 1]}


def _change(order: Record, state: str) -> None:
    """Bring an order into a state; a draft is only looked over."""
    if state == "sale":
        act("action_confirm", order)
    elif state == "cancel":
        act("action_cancel", order)
    else:
        write(order, state=state, locked=False)


def _invoice(book: Book, order: Record) -> Record:
    """An invoice of all of an order, or of half of every line; half an hour or some hours later it is posted."""
    share, state = book.dice.random.choice((1.0, 0.5)), book.dice.random.choice(_INVOICE_STATES)
    made = moments.moment(order.write_date)
    changed = min(made + timedelta(minutes=book.dice.random.randint(0, 600)), book.dice.now)
    env = book.at(made)
    invoice = env.record("account.move", invoices.from_order(env, order.id or 0, share=share))
    invoice = book.later(changed, invoice)
    if state != "draft":
        act("action_post", invoice)
    if state == "cancel":
        act("button_draft", invoice)
        act("button_cancel", invoice)
    for line in order.order_line if state != "cancel" else ():
        if line.product_id:
            write(invoice.env.record(line.model, line.id), qty_delivered=line.qty_invoiced)
    return invoice


def _credit(book: Book, order: Record, invoice: Record) -> None:
    """Give an invoice back."""
    env = book.at(moments.moment(invoice.write_date))
    note = env.record("account.move", invoices.from_order(env, order.id or 0, invoice.id))
    write(note, ref=f"Estorno de: {invoice.name}")
    act("action_post", note)
