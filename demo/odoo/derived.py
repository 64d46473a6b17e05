"""Fields of a plain Odoo that repeat or sum up what other fields hold."""

from typing import Any

from demo.odoo import derived_productions, derived_purchases
from demo.odoo.environment import Rules
from demo.odoo.store import Store


def rules() -> Rules:
    """The rules of a plain Odoo 17.0."""
    return Rules(
        following={
            "account.move": [_move],
            "account.move.line": [_move_line],
            "product.product": [_product],
            "res.partner": [_partner],
            "sale.order.line": [_order_line],
            **derived_productions.FOLLOWING,
            **derived_purchases.FOLLOWING,
        }
    )


def _move(store: Store, move: int) -> dict[str, Any]:
    partner = store.value("account.move", move, "partner_id")
    paid = store.value("account.move", move, "payment_state") in ("paid", "reversed")
    return {
        "invoice_partner_display_name": store.value("res.partner", partner, "name"),
        "amount_residual": 0.0 if paid else store.value("account.move", move, "amount_total"),
        "user_id": store.value("account.move", move, "invoice_user_id"),
    }


def _move_line(store: Store, line: int) -> dict[str, Any]:
    move = store.value("account.move.line", line, "move_id")
    same = ("date", "partner_id", "company_id", "currency_id", "journal_id", "invoice_date", "ref", "move_type")
    repeated = {name: store.value("account.move", move, name) for name in same}
    return {
        **repeated,
        "move_name": store.value("account.move", move, "name"),
        "parent_state": store.value("account.move", move, "state"),
    }


def _order_line(store: Store, line: int) -> dict[str, Any]:
    order = store.value("sale.order.line", line, "order_id")
    product = store.value("sale.order.line", line, "product_id")
    return {
        "order_partner_id": store.value("sale.order", order, "partner_id"),
        "salesman_id": store.value("sale.order", order, "user_id"),
        "company_id": store.value("sale.order", order, "company_id"),
        "currency_id": store.value("sale.order", order, "currency_id"),
        "state": store.value("sale.order", order, "state"),
        "product_template_id": store.value("product.product", product, "product_tmpl_id"),
    }


def _partner(store: Store, partner: int) -> dict[str, Any]:
    name = store.value("res.partner", partner, "name")
    parent = store.value("res.partner", partner, "parent_id")
    above = store.value("res.partner", parent, "name")
    return {
        "complete_name": f"{above}, {name}" if above else name,
        "commercial_partner_id": parent or partner,
        "commercial_company_name": above or name,
    }


def _product(store: Store, product: int) -> dict[str, Any]:
    return {
        "code": store.value("product.product", product, "default_code"),
        "list_price": store.value("product.product", product, "lst_price"),
        "type": store.value("product.product", product, "detailed_type"),
    }
