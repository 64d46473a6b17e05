"""Orders in other currencies and with discounts: the value is Odoo's own, in the order's currency and the company's."""

from typing import Any

from flows.compras.pedidos import PEDIDOS
from tests.flows.compras.compras_company import Compras

MONEY = (
    "moeda, preco_produto_pedido::float, preco_liquido_produto_pedido::float, valor_moeda_pedido::float, "
    "valor_produto_pedido::float"
)


def bought(company: Compras, **values: Any) -> int:
    """A draft of ten of a product at ten each, with a discount of 12.5 %."""
    line = {"product_id": company.products()[0], "product_qty": 10, "price_unit": 10, "discount": 12.5}
    order = {"partner_id": 10, "order_line": [[0, 0, line]], **values}
    return company.rpc.call("purchase.order", "create", order)  # type: ignore[no-any-return]


def currency(company: Compras, name: str, rate: float) -> int:
    return company.rpc.call("res.currency", "create", {"name": name, "rate": rate})  # type: ignore[no-any-return]


def test_a_discount_is_in_the_net_price_and_the_value(buying: Compras) -> None:
    order = bought(buying)
    buying.run(PEDIDOS)
    assert buying.rows_of(order, MONEY) == [("BRL", 10, 8.75, 87.5, 87.5)]


def test_another_currency_is_stored_with_its_value_in_the_company_s(buying: Compras) -> None:
    order = bought(buying, currency_id=currency(buying, "USD", 0.2))
    buying.run(PEDIDOS)
    assert buying.rows_of(order, MONEY) == [("USD", 10, 8.75, 87.5, 437.5)]


def test_a_rate_that_odoo_corrects_later_is_followed_and_told_in_the_history(buying: Compras) -> None:
    order = bought(buying, currency_id=currency(buying, "EUR", 0.16))
    buying.run(PEDIDOS)
    buying.skip(hours=1)
    buying.rpc.call("purchase.order", "write", [order], {"currency_rate": 0.175})
    buying.run(PEDIDOS)
    assert buying.rows_of(order, MONEY) == [("EUR", 10, 8.75, 87.5, 500)]
    changes = (
        "SELECT alteracoes FROM historico_pedido_compras WHERE odoo_purchase_order_id = :o AND operacao = 'EDITAR'"
    )
    assert buying.fetch(changes, o=order) == [({"valor_produto_pedido": [546.88, 500]},)]


def test_an_order_whose_currency_has_no_rate_is_kept_aside_and_its_neighbours_are_stored(buying: Compras) -> None:
    order, neighbour = bought(buying, currency_id=currency(buying, "ARS", 200)), bought(buying)
    buying.rpc.call("purchase.order", "write", [order], {"currency_rate": 0.0})
    assert buying.run(PEDIDOS).rejeitados == 1
    assert (buying.rows_of(order, "moeda"), buying.rows_of(neighbour, "moeda")) == ([], [("BRL",)])
    [(reason,)] = buying.fetch("SELECT erro FROM import_failures WHERE documento_id = :o", o=order)
    assert "ARS" in reason and "câmbio para BRL" in reason
