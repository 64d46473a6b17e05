"""What a document only shows: customers, products and categories that change after it."""

from typing import Any

import pytest

from flows.vendas.carteira import CARTEIRA
from flows.vendas.faturamento import FATURAMENTO
from tests.flows.vendas.sales_company import CAPS, CUSTOMER, Sales


def line(product: int = CAPS, quantity: float = 10) -> dict[str, Any]:
    return {"product_id": product, "product_uom_qty": quantity, "price_unit": 10}


@pytest.fixture
def sold(sales: Sales) -> tuple[Sales, int, int]:
    """An order of ten caps and its invoice of four, stored half a day ago."""
    order = sales.order(line())
    invoice = sales.invoice(order, {"product_id": CAPS, "quantity": 4, "price_unit": 10})
    sales.sync()
    sales.skip(hours=12)
    sales.sync()
    return sales, order, invoice


def test_a_customer_s_name_and_tax_id_reach_orders_and_invoices_with_the_next_run(
    sold: tuple[Sales, int, int],
) -> None:
    sales, order, invoice = sold
    before = sales.call("res.partner", "read", [CUSTOMER], ["name", "vat"])[0]
    sales.call("res.partner", "write", [CUSTOMER], {"name": "Mercado Novo", "vat": "11444777000161"})
    sales.sync()
    assert sales.row(order, "raz_social_red, cnpj_cpf") == ("Mercado Novo", "11.444.777/0001-61")
    history = "SELECT cnpj_cliente FROM historico_pedidos WHERE odoo_order_id = :order"
    assert sales.fetch(history, order=order) == [("11.444.777/0001-61",)]
    assert sales.invoiced(invoice, "cnpj_cliente") == [("11.444.777/0001-61",)]
    sales.call("res.partner", "write", [CUSTOMER], {"name": before["name"], "vat": before["vat"]})


def test_a_product_s_code_and_name_reach_both_sides_of_the_balance_with_the_next_run(
    sold: tuple[Sales, int, int],
) -> None:
    sales, order, invoice = sold
    before = sales.call("product.product", "read", [CAPS], ["default_code", "name"])[0]
    sales.call("product.product", "write", [CAPS], {"default_code": "NOVO", "name": "Tampa nova"})
    sales.sync()
    shown = "cod_produto, nome_produto, qtd_saldo_produto_pedido::float"
    assert sales.row(order, shown) == ("NOVO", "Tampa nova", 6)
    assert sales.invoiced(invoice, "cod_produto, nome_produto") == [("NOVO", "Tampa nova")]
    moved = "SELECT cod_produto, qtd_movimentacao::float FROM movimentacao_estoque WHERE ativo AND num_pedido = :number"
    assert sales.fetch(moved, number=sales.number(order)) == [("NOVO", -4)]
    sales.call("product.product", "write", [CAPS], {"default_code": before["default_code"], "name": before["name"]})


def test_a_category_s_name_reaches_orders_with_the_next_run(sold: tuple[Sales, int, int]) -> None:
    sales, order, _ = sold
    category = sales.one("product.product", CAPS, "categ_id")[0]
    before = sales.one("product.category", category, "name")
    sales.call("product.category", "write", [category], {"name": "Embalagens novas"})
    sales.sync()
    assert sales.row(order, "embalagem_produto") == "Embalagens novas"
    sales.call("product.category", "write", [category], {"name": before})


def test_a_quiet_run_asks_once_for_all_that_documents_show(sales: Sales) -> None:
    sales.skip(days=5)  # the window of invoices is four days wide
    sales.invoice(sales.order(line()))
    sales.sync()
    sales.skip(hours=1)
    sales.sync()
    for entity in (CARTEIRA, FATURAMENTO):
        sales.odoo.control("reset")
        sales.run(entity)
        calls = sales.odoo.control("calls")["methods"]
        read = {name for name in calls if name.startswith(("res.partner.", "product."))}
        assert {name.rsplit(".", 1)[1] for name in read} <= {"fields_get"}
