"""Quantities in the product's own unit, what is no goods, and values as Odoo has them."""

from typing import Any

import pytest

from tests.flows.vendas.sales_company import BOXES, CAPS, DOZEN, KG, OLIVES, UNIT, USD, Sales
from tests.flows.vendas.vendas_samples import KILOS, Vendas, order, product
from tests.flows.vendas.vendas_samples import order_line as given


def line(product: int = CAPS, quantity: float = 10, **values: Any) -> dict[str, Any]:
    return {"product_id": product, "product_uom_qty": quantity, "price_unit": 10, **values}


def item(product: int = CAPS, quantity: float = 10, **values: Any) -> dict[str, Any]:
    return {"product_id": product, "quantity": quantity, "price_unit": 10, **values}


# --- units -------------------------------------------------------------------------------------------------------


def test_lines_of_one_product_in_two_units_are_summed_in_the_product_s_own(sales: Sales) -> None:
    order = sales.order(line(quantity=2, product_uom=DOZEN), line(quantity=5, product_uom=UNIT))
    sales.sync()
    columns = "qtd_produto_pedido::float, unid_medida_produto, qtd_pedido_unidade, unid_medida_pedido"
    own = sales.one("uom.uom", UNIT, "name")
    assert sales.row(order, columns) == (29, own, None, None)
    assert sales.balance(order) == 29


def test_what_was_ordered_stands_beside_it_where_the_lines_have_one_unit(sales: Sales) -> None:
    order = sales.order(line(quantity=2, product_uom=DOZEN), line(quantity=1, product_uom=DOZEN))
    sales.sync()
    columns = "qtd_produto_pedido::float, qtd_pedido_unidade::float, unid_medida_pedido"
    assert sales.row(order, columns) == (36, 3, sales.one("uom.uom", DOZEN, "name"))


def test_an_order_of_units_that_is_invoiced_by_the_dozen_is_delivered(sales: Sales) -> None:
    order = sales.order(line(quantity=24))
    invoice = sales.invoice(order, item(quantity=2, product_uom_id=DOZEN, price_unit=120))
    sales.sync()
    assert sales.balance(order) == 0
    assert sales.moved(invoice) == -24
    columns = "qtd_produto_faturado::float, qtd_faturada_unidade::float, preco_produto_faturado::float"
    assert sales.invoiced(invoice, columns) == [(24, 2, 10)]


def test_an_order_by_the_dozen_that_is_invoiced_in_units_is_delivered_in_part(sales: Sales) -> None:
    order = sales.order(line(quantity=2, product_uom=DOZEN, price_unit=120))
    sales.invoice(order, item(quantity=6))
    sales.sync()
    assert sales.balance(order) == 18
    assert sales.row(order, "preco_produto_pedido::float, valor_produto_pedido::float") == (10, 240)


def test_two_products_of_one_code_are_summed_where_their_units_can_be_converted(sales: Sales) -> None:
    with (
        sales.raw("product.product", BOXES, default_code=sales.code(CAPS)),
        sales.raw("product.product", BOXES, uom_id=DOZEN),
    ):
        order = sales.order(line(quantity=10), line(BOXES, 2, product_uom=DOZEN))
        sales.sync()
        assert sales.row(order, "qtd_produto_pedido::float") == 34


def test_of_two_products_of_one_code_in_units_that_measure_different_things_the_second_waits(sales: Sales) -> None:
    with sales.raw("product.product", OLIVES, default_code=sales.code(CAPS)):
        order = sales.order(line(quantity=10), line(OLIVES, 500, product_uom=KG), line(BOXES, 3))
        sales.sync()
        assert sales.row(order, "qtd_produto_pedido::float") == 10
        assert sales.balance(order, BOXES) == 3
        [(number, reason)] = sales.failures()
        assert number == sales.number(order)
        assert "medem coisas diferentes" in reason


def test_a_code_with_white_space_around_it_is_the_same_code(vendas: Vendas) -> None:
    olives = given("P1 ", 500, produto=product("P1 ", unidade=KILOS), unidade=KILOS)
    counts = vendas.orders(order(1, given("P1", 10), olives))
    assert counts.rejeitados == 1
    assert vendas.balances() == {("VSC1", "P1"): 10}


# --- what is no goods ----------------------------------------------------------------------------------------------


def test_a_deposit_and_its_deduction_are_no_goods(sales: Sales) -> None:
    order = sales.order(line(quantity=10, price_unit=100), line(quantity=0, price_unit=300, is_downpayment=True))
    deposit = sales.invoice(order, item(quantity=1, price_unit=300, is_downpayment=True))
    rest = sales.invoice(
        order, item(quantity=10, price_unit=100), item(quantity=-1, price_unit=300, is_downpayment=True)
    )
    counts = sales.sync()
    assert sales.report(deposit) is None
    assert sales.report(rest) == 1000
    assert sales.balance(order) == 0
    assert counts["faturamento"].motivos["adiantamento, que não é mercadoria"] == 2


def test_a_negative_line_of_a_product_is_part_of_its_sum(sales: Sales) -> None:
    order = sales.order(line(quantity=10), line(quantity=0))
    invoice = sales.invoice(order, item(quantity=10), item(quantity=-2))
    sales.sync()
    assert sales.invoiced(invoice) == [(sales.code(CAPS), 8)]
    assert (sales.report(invoice), sales.moved(invoice), sales.balance(order)) == (80, -8, 2)


def test_a_product_that_is_given_and_taken_back_in_one_invoice_moves_nothing(sales: Sales) -> None:
    order = sales.order(line(quantity=10), line(quantity=0))
    invoice = sales.invoice(order, item(quantity=3), item(quantity=-3))
    sales.sync()
    assert sales.invoiced(invoice) == [(sales.code(CAPS), 0)]
    assert (sales.moved(invoice), sales.balance(order)) == (0, 10)


def test_a_combo_is_no_row_and_its_parts_are(sales: Sales) -> None:
    order = sales.order(line(BOXES, 2), line(CAPS, 4))
    with sales.raw("product.product", BOXES, type="combo"):
        counts = sales.sync()["carteira"]
    shown = "SELECT cod_produto FROM carteira_principal WHERE odoo_order_id = :id AND ativo"
    assert sales.fetch(shown, id=order) == [(sales.code(CAPS),)]
    assert counts.motivos["combo, cujas partes são linhas próprias"] >= 1


# --- values --------------------------------------------------------------------------------------------------------


def test_the_value_is_odoo_s_own_subtotal_and_the_net_price_follows_from_it(sales: Sales) -> None:
    order = sales.order(line(quantity=10, price_unit=100, discount=10))
    invoice = sales.invoice(order)
    sales.sync()
    columns = "preco_produto_pedido::float, preco_liquido_produto_pedido::float, valor_produto_pedido::float"
    assert sales.row(order, columns) == (100, 90, 900)
    history = "SELECT valor_produto_pedido::float FROM historico_pedidos WHERE odoo_order_id = :id"
    assert sales.fetch(history, id=order) == [(900,)]
    columns = "preco_produto_faturado::float, preco_liquido_produto_faturado::float, valor_produto_faturado::float"
    assert sales.invoiced(invoice, columns) == [(100, 90, 900)]


def test_an_order_in_another_currency_has_its_currency_and_the_company_s_value(sales: Sales) -> None:
    order = sales.order(line(quantity=10, price_unit=100), currency_id=USD)
    sales.odoo.control("raw", model="sale.order", id=order, values={"currency_rate": 0.2})
    sales.sync()
    columns = "moeda, preco_produto_pedido::float, valor_moeda_pedido::float, valor_produto_pedido::float"
    assert sales.row(order, columns) == (sales.one("sale.order", order, "currency_id")[1], 100, 1000, 5000)


def test_an_invoice_in_another_currency_is_reported_in_the_company_s(sales: Sales) -> None:
    order = sales.order(line(quantity=10, price_unit=100))
    invoice = sales.invoice(order, post=False, currency_id=USD)
    [row] = sales.one("account.move", invoice, "invoice_line_ids")
    sales.call("account.move", "action_post", [invoice])
    sales.odoo.control("raw", model="account.move.line", id=row, values={"balance": -5000.0})
    sales.sync()
    assert sales.report(invoice) == 5000
    assert sales.invoiced(invoice, "valor_moeda_faturado::float, valor_produto_faturado::float") == [(1000, 5000)]


@pytest.mark.parametrize("rate", [0, False])
def test_an_order_in_another_currency_without_a_rate_waits_in_the_quarantine(sales: Sales, rate: Any) -> None:
    order = sales.order(line(), currency_id=USD)
    sales.odoo.control("raw", model="sale.order", id=order, values={"currency_rate": rate})
    sales.sync()
    [(number, reason)] = sales.failures()
    assert (number, "não tem câmbio" in reason) == (sales.number(order), True)
