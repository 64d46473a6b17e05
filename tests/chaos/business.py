"""What happens in Odoo: functions of its database and of chance, which say what they did.

Each is one transaction. What Odoo refuses raises `UserError`, and then nothing has happened.
"""

from datetime import timedelta
from random import Random
from typing import Any

from demo.odoo import closings, invoices, requests, returns
from demo.odoo.calling import act
from demo.odoo.environment import Environment
from demo.odoo.faults import UserError
from demo.odoo.models import browse, create, write
from demo.odoo.records import Record

COPYING = frozenset(
    {"invoice", "renumber", "order_requests", "confirm_purchase", "receive", "receive_half", "give_back"}
)
"""What copies values from one document to others, where they would stay after the first is mended."""


def some(env: Environment, dice: Random, model: str, fits: Any = lambda _: True) -> Record:
    """A record that fits, chosen by chance.

    Raises:
        UserError: there is none.
    """
    found = [each for each in env.records(model, list(env.store.tables[model].ids)) if fits(each)]
    if not found:
        raise UserError(f"nenhum {model}")
    return dice.choice(found)


def product(env: Environment, dice: Random) -> int:
    """A product that some document names already."""
    line = some(env, dice, dice.choice(("sale.order.line", "purchase.order.line")), lambda each: each.product_id)
    return line.product_id.id or 0


def item(env: Environment, dice: Random) -> list[Any]:
    return [0, 0, {"product_id": product(env, dice), "product_uom_qty": float(dice.randint(1, 40))}]


# Sales


def sell(env: Environment, dice: Random) -> str:
    customer = some(env, dice, "res.partner", lambda each: each.id >= 100 and each.type == "contact")
    order = create(
        env, "sale.order", partner_id=customer.id, order_line=[item(env, dice) for _ in range(dice.randint(1, 3))]
    )
    if dice.random() < 0.8:
        act("action_confirm", order)
    return f"pedido {order.name}"


def resell(env: Environment, dice: Random) -> str:
    order = some(env, dice, "sale.order", lambda each: each.state != "cancel")
    write(order, order_line=[item(env, dice)])
    return f"mais uma linha no pedido {order.name}"


def requantify(env: Environment, dice: Random) -> str:
    line = some(env, dice, "sale.order.line", lambda each: each.product_id)
    write(line, product_uom_qty=float(dice.randint(1, 99)), price_unit=float(dice.randint(1, 50)))
    return f"linha {line.id} mudou"


def drop_line(env: Environment, dice: Random) -> str:
    line = some(env, dice, "sale.order.line", lambda each: each.order_id.state in ("draft", "sent"))
    browse(env, line.model, [line.id]).unlink()
    return f"linha {line.id} excluída"


def confirm_sale(env: Environment, dice: Random) -> str:
    order = some(env, dice, "sale.order", lambda each: each.state in ("draft", "sent"))
    act("action_confirm", order)
    return f"pedido {order.name} confirmado"


def cancel_sale(env: Environment, dice: Random) -> str:
    order = some(env, dice, "sale.order", lambda each: each.state != "cancel")
    act("action_cancel", order)
    return f"pedido {order.name} cancelado"


def unlink_sale(env: Environment, dice: Random) -> str:
    order = some(env, dice, "sale.order", lambda each: each.state in ("draft", "cancel") and not each.invoice_ids)
    name = order.name
    browse(env, order.model, [order.id]).unlink()
    return f"pedido {name} excluído"


def late_sale(env: Environment, dice: Random) -> str:
    """A transaction that began minutes ago and becomes visible now."""
    order = some(env, dice, "sale.order")
    early = env.at(env.store.clock.now() - _minutes(dice))
    write(early.record(order.model, order.id), client_order_ref=f"TARDE-{dice.randint(1, 999)}")
    return f"pedido {order.name}: transação que demorou"


def _minutes(dice: Random) -> timedelta:
    return timedelta(seconds=dice.randint(1, 540))


# Invoices


def invoice(env: Environment, dice: Random) -> str:
    order = some(env, dice, "sale.order", lambda each: each.state in ("sale", "done"))
    made = env.record("account.move", invoices.from_order(env, order.id or 0, share=dice.choice((1.0, 0.5))))
    if dice.random() < 0.6:
        act("action_post", made)
    return f"nota {made.id} do pedido {order.name}"


def _issued(*states: str) -> Any:
    return lambda each: each.move_type == "out_invoice" and each.state in states


def post(env: Environment, dice: Random) -> str:
    move = some(env, dice, "account.move", _issued("draft"))
    act("action_post", move)
    return f"nota {move.name} emitida"


def cancel_invoice(env: Environment, dice: Random) -> str:
    move = some(env, dice, "account.move", _issued("posted"))
    act("button_draft", move)
    act("button_cancel", move)
    return f"nota {move.name} cancelada"


def reset_invoice(env: Environment, dice: Random) -> str:
    move = some(env, dice, "account.move", _issued("posted", "cancel"))
    act("button_draft", move)
    return f"nota {move.name} de volta a rascunho"


def renumber(env: Environment, dice: Random) -> str:
    """Two invoices exchange their numbers."""
    one, other = (some(env, dice, "account.move", _issued("posted")) for _ in range(2))
    first, second = one.name, other.name
    write(one, name=second)
    write(other, name=first)
    return f"notas {first} e {second} trocam de número"


# What documents name


def recode(env: Environment, dice: Random) -> str:
    number = product(env, dice)
    write(env.record("product.product", number), default_code=str(9_000_000 + dice.randint(1, 99)))
    return f"produto {number} com outro código"


def uncode(env: Environment, dice: Random) -> str:
    number = product(env, dice)
    write(env.record("product.product", number), default_code=None)
    return f"produto {number} sem código"


def rename_partner(env: Environment, dice: Random) -> str:
    partner = some(env, dice, "res.partner", lambda each: each.id >= 100)
    write(partner, name=f"Renomeado {dice.randint(1, 999)} Ltda")
    return f"parceiro {partner.id} com outro nome"


# Purchases


def request(env: Environment, dice: Random) -> str:
    lines = [
        {"product_id": product(env, dice), "product_qty": float(dice.randint(1, 90))} for _ in range(dice.randint(1, 3))
    ]
    made = create(env, "purchase.request", line_ids=[[0, 0, line] for line in lines])
    for button in ("button_to_approve", "button_approved")[: dice.randint(0, 2)]:
        act(button, made)
    return f"requisição {made.name}"


def request_more(env: Environment, dice: Random) -> str:
    line = some(env, dice, "purchase.request.line", lambda each: each.request_id.state in ("draft", "to_approve"))
    write(line, product_qty=float(dice.randint(1, 500)))
    return f"linha de requisição {line.id} mudou"


def reject(env: Environment, dice: Random) -> str:
    made = some(env, dice, "purchase.request", lambda each: each.state == "to_approve")
    act("button_rejected", made)
    return f"requisição {made.name} rejeitada"


def order_requested(env: Environment, dice: Random) -> str:
    line = some(
        env, dice, "purchase.request.line", lambda each: each.request_id.state == "approved" and each.product_id
    )
    supplier = some(env, dice, "purchase.order").partner_id
    made = requests.order(env, [line.id or 0], supplier.id or 0)
    if dice.random() < 0.6:
        act("button_confirm", env.record("purchase.order", made))
    return f"pedido de compra {made} da linha {line.id}"


def buy(env: Environment, dice: Random) -> str:
    supplier = some(env, dice, "purchase.order").partner_id
    line = {"product_id": product(env, dice), "product_qty": float(dice.randint(1, 90)), "price_unit": 7.5}
    order = create(env, "purchase.order", partner_id=supplier.id, order_line=[[0, 0, line]])
    if dice.random() < 0.6:
        act("button_confirm", order)
    return f"pedido de compra {order.name}"


def buy_more(env: Environment, dice: Random) -> str:
    line = some(
        env, dice, "purchase.order.line", lambda each: each.product_id and each.order_id.state in ("draft", "purchase")
    )
    write(line, product_qty=float(dice.randint(1, 200)))
    return f"linha de compra {line.id} mudou"


def drop_purchase_line(env: Environment, dice: Random) -> str:
    line = some(env, dice, "purchase.order.line", lambda each: each.order_id.state == "draft")
    browse(env, line.model, [line.id]).unlink()
    return f"linha de compra {line.id} excluída"


def confirm_purchase(env: Environment, dice: Random) -> str:
    order = some(env, dice, "purchase.order", lambda each: each.state in ("draft", "sent"))
    act("button_confirm", order)
    return f"pedido de compra {order.name} confirmado"


def cancel_purchase(env: Environment, dice: Random) -> str:
    order = some(env, dice, "purchase.order", lambda each: each.state in ("draft", "sent", "purchase"))
    act("button_cancel", order)
    return f"pedido de compra {order.name} cancelado"


def unlink_purchase(env: Environment, dice: Random) -> str:
    order = some(env, dice, "purchase.order", lambda each: each.state in ("draft", "cancel") and not each.picking_ids)
    name = order.name
    if order.state == "draft":
        act("button_cancel", order)
    browse(env, order.model, [order.id]).unlink()
    return f"pedido de compra {name} excluído"


def late_purchase(env: Environment, dice: Random) -> str:
    line = some(env, dice, "purchase.order.line", lambda each: each.product_id)
    early = env.at(env.store.clock.now() - _minutes(dice))
    write(early.record(line.model, line.id), price_unit=float(dice.randint(1, 99)))
    return f"linha de compra {line.id}: transação que demorou"


def _coming(each: Record) -> bool:
    return bool(each.picking_type_code == "incoming" and each.state == "assigned")


def receive(env: Environment, dice: Random) -> str:
    picking = some(env, dice, "stock.picking", _coming)
    act("button_validate", picking)
    return f"recebimento {picking.name}"


def receive_half(env: Environment, dice: Random) -> str:
    picking = some(env, dice, "stock.picking", _coming)
    for move in picking.move_ids:
        write(move, quantity=round(move.product_uom_qty / 2, 2))
    act("button_validate", picking)
    return f"recebimento {picking.name} pela metade"


def _came(each: Record) -> bool:
    return bool(each.picking_type_code == "incoming" and each.state == "done")


def give_back(env: Environment, dice: Random) -> str:
    picking = some(env, dice, "stock.picking", _came)
    parts = {str(move.id): round(move.quantity * dice.choice((0.25, 1.0)), 2) for move in picking.move_ids}
    back = returns.give_back(env, picking.id or 0, parts)
    act("button_validate", env.record(picking.model, back))
    return f"devolução do recebimento {picking.name}"


def undo_receipt(env: Environment, dice: Random) -> str:
    picking = some(env, dice, "stock.picking", _came)
    returns.undo(env, picking.id or 0)
    return f"recebimento {picking.name} desfeito"


# Production


def produce(env: Environment, dice: Random) -> str:
    production = some(env, dice, "mrp.production", lambda each: each.state == "draft")
    act("action_confirm", production)
    return f"produção {production.name} confirmada"


def start(env: Environment, dice: Random) -> str:
    production = some(env, dice, "mrp.production", lambda each: each.state == "confirmed")
    closings.start(env, production.id or 0)
    write(production, qty_producing=round(production.product_qty * dice.choice((0.5, 1.0)), 2))
    return f"produção {production.name} começou"


def report_less(env: Environment, dice: Random) -> str:
    production = some(env, dice, "mrp.production", lambda each: each.state == "progress")
    closings.correct(env, production.id or 0, max(0.0, production.qty_produced - 1))
    return f"produção {production.name}: 1 a menos"


def finish(env: Environment, dice: Random) -> str:
    production = some(env, dice, "mrp.production", lambda each: each.state in ("progress", "to_close"))
    act("button_mark_done", production)
    return f"produção {production.name} encerrada"


def cancel_production(env: Environment, dice: Random) -> str:
    production = some(env, dice, "mrp.production", lambda each: each.state in ("draft", "confirmed"))
    act("action_cancel", production)
    return f"produção {production.name} cancelada"
