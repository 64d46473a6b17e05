"""Numbers and codes that change hands: rows follow the lines that they are made of."""

from typing import Any

import pytest

from blocks.odoo.model import field_of, resolve_field
from flows.vendas.faturamento import INVOICE
from tests.flows.vendas.sales_company import BOXES, CAPS, Sales
from tests.flows.vendas.vendas_samples import Vendas, cancelled, invoice, invoice_line
from tests.flows.vendas.vendas_samples import order as given

TYPED = "protocolo = 'PR-1', expedicao = '2026-12-01', agendamento = '2026-12-04'"
SHOWN = "protocolo, expedicao::text, agendamento::text"
WORK = ("PR-1", "2026-12-01", "2026-12-04")


def line(product: int = CAPS, quantity: float = 10) -> dict[str, Any]:
    return {"product_id": product, "product_uom_qty": quantity, "price_unit": 10}


def item(product: int = CAPS, quantity: float = 10, **values: Any) -> dict[str, Any]:
    return {"product_id": product, "quantity": quantity, "price_unit": 10, **values}


def typed(sales: Sales, order: int) -> None:
    """What a person enters in a row of an order."""
    sales.do(
        f"UPDATE carteira_principal SET {TYPED} WHERE odoo_order_id = :order AND cod_produto = :code",
        order=order,
        code=sales.code(CAPS),
    )


def lot(sales: Sales, order: int, quantity: float = 10) -> None:
    sales.do(
        "INSERT INTO separacao (separacao_lote_id, num_pedido, cod_produto, cod_uf, qtd_saldo) "
        "VALUES (:lot, :order, :code, 'SP', :quantity)",
        lot=f"L{order}",
        order=sales.number(order),
        code=sales.code(CAPS),
        quantity=quantity,
    )


def lots(sales: Sales, order: int, columns: str = "num_pedido, cod_produto, qtd_saldo::float, status") -> Any:
    return sales.fetch(f"SELECT {columns} FROM separacao WHERE separacao_lote_id = :lot", lot=f"L{order}")


# --- invoices ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [1, 50], ids=["each in a batch of its own", "in one batch"])
@pytest.mark.parametrize("cycle", [False, True], ids=["a chain", "a cycle"])
def test_partial_invoices_that_are_renumbered_keep_rows_movements_and_balance(
    sales: Sales, batch: int, cycle: bool
) -> None:
    order = sales.order(line(quantity=10))
    first, second = (sales.invoice(order, item(quantity=quantity)) for quantity in (1, 2))
    sales.sync()
    names = [sales.one("account.move", each, "name") for each in (first, second)]
    follows = names[0] if cycle else f"{names[1]}-2"
    sales.do("UPDATE relatorio_faturamento_importado SET nome_transportadora = odoo_move_id::text")
    sales.renumber(**{names[1]: first, follows: second})
    sales.sync(batch=batch)
    sales.sync(batch=batch)
    assert sales.balance(order) == 7
    assert sales.invoiced(first, "numero_nf, qtd_produto_faturado::float") == [(names[1], 1)]
    assert sales.invoiced(second, "numero_nf, qtd_produto_faturado::float") == [(follows, 2)]
    assert (sales.moved(first), sales.moved(second)) == (-1, -2)
    assert sales.report(first, "numero_nf, valor_total, nome_transportadora") == (names[1], 10, str(first))
    assert sales.report(second, "numero_nf, valor_total, nome_transportadora") == (follows, 20, str(second))
    active = "SELECT count(*) FROM movimentacao_estoque WHERE ativo AND num_pedido = :number"
    assert sales.fetch(active, number=sales.number(order)) == [(2,)]
    assert sales.failures() == []


def test_one_number_in_two_series_is_two_invoices(vendas: Vendas) -> None:
    vendas.orders(given(1), given(2))
    vendas.invoices(invoice(1, serie="1"), invoice(2, invoice_line(pedido="VSC2"), numero="NF1", serie="002"))
    report = "SELECT numero_nf, serie, valor_total, ativo FROM relatorio_faturamento_importado ORDER BY serie"
    assert vendas.fetch(report) == [("NF1", "1", 50, True), ("NF1", "2", 50, True)]
    assert set(vendas.balances().values()) == {6}
    vendas.invoices(cancelled(invoice(1, serie="1")))
    assert [row[3] for row in vendas.fetch(report)] == [False, True]
    assert vendas.balances() == {("VSC1", "P1"): 10, ("VSC2", "P1"): 6}


@pytest.mark.parametrize("name", ["l10n_br_serie_nota_fiscal", "document_serie"])
def test_the_series_is_read_from_whichever_field_the_server_has(name: str) -> None:
    spec = field_of(INVOICE.fields["serie"])
    for profile in ("auto", "vanilla", "ciel_it"):
        assert resolve_field(spec, {name}, profile) == name
        assert resolve_field(spec, set(), profile) is None


def test_a_draft_that_has_a_number_takes_no_posted_invoice_s_place_and_is_not_in_the_report(sales: Sales) -> None:
    order, other = sales.order(line(quantity=10)), sales.order(line(quantity=10))
    draft = sales.invoice(other, post=False)
    posted = sales.invoice(order)
    name = sales.one("account.move", posted, "name")
    sales.odoo.control("raw", model="account.move", id=draft, values={"name": name})
    counts = sales.sync()["faturamento"]
    assert sales.invoiced(posted) == [(sales.code(CAPS), 10)]
    assert (sales.report(posted), sales.report(draft)) == (100, None)
    assert sales.invoiced(draft) == []
    assert (counts.rejeitados, sales.failures()) == (0, [])
    sales.odoo.control("raw", model="account.move", id=draft, values={"name": "NF-PRÓPRIA"})
    sales.call("account.move", "action_post", [draft])
    sales.sync()
    assert sales.report(draft, "numero_nf, valor_total") == ("NF-PRÓPRIA", 100)


# --- orders --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [1, 50], ids=["each in a batch of its own", "in one batch"])
def test_two_orders_that_exchange_their_numbers_keep_their_rows_and_what_people_entered(
    sales: Sales, batch: int
) -> None:
    one, other = sales.order(line(quantity=10)), sales.order(line(quantity=20))
    sales.invoice(one, item(quantity=4))
    typed(sales, one)
    sales.sync()
    typed(sales, one)
    lot(sales, one)
    numbers = sales.number(one), sales.number(other)
    for each, number in zip((one, other), reversed(numbers), strict=True):
        sales.call("sale.order", "write", [each], {"name": number})
    sales.sync(batch=batch)
    sales.sync(batch=batch)
    shown = "num_pedido, qtd_produto_pedido::float, qtd_saldo_produto_pedido::float"
    assert sales.row(one, shown) == (numbers[1], 10, 6)
    assert sales.row(other, shown) == (numbers[0], 20, 20)
    assert sales.row(one, SHOWN) == WORK
    assert sales.row(other, "protocolo") is None
    assert lots(sales, one) == [(numbers[1], sales.code(CAPS), 10, "ABERTO")]
    history = "SELECT odoo_order_id, num_pedido FROM historico_pedidos WHERE odoo_order_id = ANY(:orders) ORDER BY 1"
    assert sales.fetch(history, orders=[one, other]) == [(one, numbers[1]), (other, numbers[0])]
    assert sales.failures() == []
    rows = "SELECT count(*) FROM carteira_principal WHERE num_pedido = ANY(:numbers)"
    assert sales.fetch(rows, numbers=list(numbers)) == [(2,)]


def test_an_order_that_is_renamed_takes_its_invoices_balance_and_movements_along(sales: Sales) -> None:
    order = sales.order(line(quantity=10))
    invoice = sales.invoice(order, item(quantity=4))
    sales.sync()
    typed(sales, order)
    sales.call("sale.order", "write", [order], {"name": "VENDA-NOVA"})
    sales.sync()
    assert sales.row(order, "num_pedido, qtd_saldo_produto_pedido::float") == ("VENDA-NOVA", 6)
    assert sales.row(order, SHOWN) == WORK
    assert sales.invoiced(invoice, "origem, qtd_produto_faturado::float") == [("VENDA-NOVA", 4)]
    assert sales.moved(invoice) == -4
    moved = "SELECT num_pedido FROM movimentacao_estoque WHERE ativo AND num_pedido LIKE 'VENDA%'"
    assert sales.fetch(moved) == [("VENDA-NOVA",)]
    assert sales.report(invoice, "origem") == "VENDA-NOVA"


def test_a_third_order_that_claims_a_number_waits_and_comes_in_when_the_number_is_free(sales: Sales) -> None:
    one, other = sales.order(line(quantity=10)), sales.order(line(quantity=20))
    sales.sync()
    number = sales.number(one)
    sales.call("sale.order", "write", [other], {"name": number})
    counts = sales.sync()["carteira"]
    assert counts.rejeitados == 1
    [(document, reason)] = sales.failures()
    assert document == number
    assert "ODOO_EMPRESAS" in reason
    assert str(one) in reason
    assert sales.balance(one) == 10
    sales.call("sale.order", "write", [one], {"name": "VENDA-LIVRE"})
    sales.sync()
    assert sales.row(other, "num_pedido, qtd_produto_pedido::float") == (number, 20)
    assert sales.failures() == []


def test_a_product_code_that_changes_after_the_invoice_leaves_the_balance_right(sales: Sales) -> None:
    order = sales.order(line(quantity=10))
    invoice = sales.invoice(order)
    sales.sync()
    typed(sales, order)
    lot(sales, order)
    with sales.raw("product.product", CAPS, default_code="NOVO-CÓDIGO"):
        sales.call("sale.order", "write", [order], {"client_order_ref": "PC-2"})
        sales.sync()
        assert sales.balance(order) == 0
        assert sales.row(order, SHOWN) == WORK
        assert [row[1] for row in lots(sales, order)] == ["NOVO-CÓDIGO"]
        assert len(sales.invoiced(invoice)) == 1


def test_a_line_whose_product_is_corrected_takes_along_what_people_entered(sales: Sales) -> None:
    order = sales.order(line(CAPS, 10))
    sales.sync()
    typed(sales, order)
    [row] = sales.lines(order)
    sales.call("sale.order.line", "write", [row], {"product_id": BOXES})
    sales.sync()
    assert sales.row(order, SHOWN, BOXES) == WORK
    shown = "SELECT cod_produto FROM carteira_principal WHERE odoo_order_id = :order"
    assert sales.fetch(shown, order=order) == [(sales.code(BOXES),)]


def test_of_two_lines_of_one_row_the_one_that_keeps_the_code_keeps_the_row(sales: Sales) -> None:
    order = sales.order(line(CAPS, 10), line(CAPS, 5))
    sales.sync()
    typed(sales, order)
    first, _ = sales.lines(order)
    sales.call("sale.order.line", "write", [first], {"product_id": BOXES})
    sales.sync()
    assert sales.row(order, f"{SHOWN}, qtd_produto_pedido::float") == (*WORK, 5)
    assert sales.row(order, "protocolo, qtd_produto_pedido::float", BOXES) == (None, 10)


# --- people's work -------------------------------------------------------------------------------------------------


def test_an_order_cancelled_by_mistake_gives_its_lot_back_what_it_held(sales: Sales) -> None:
    order = sales.order(line(quantity=10))
    sales.sync()
    lot(sales, order, 7)
    sales.call("sale.order", "action_cancel", [order])
    sales.sync()
    assert [row[2:] for row in lots(sales, order)] == [(0, "CANCELADO")]
    sales.call("sale.order", "action_draft", [order])
    sales.call("sale.order", "action_confirm", [order])
    sales.sync()
    assert [row[2:] for row in lots(sales, order)] == [(7, "ABERTO")]
    assert lots(sales, order, "zerado_por_sync, data_zeragem") == [(False, None)]


def test_a_lot_that_a_person_touched_after_it_was_emptied_stays_as_it_is(sales: Sales) -> None:
    order = sales.order(line(quantity=10))
    sales.sync()
    lot(sales, order, 7)
    sales.call("sale.order", "action_cancel", [order])
    sales.sync()
    sales.do("UPDATE separacao SET qtd_saldo = 3, status = 'ABERTO' WHERE separacao_lote_id = :lot", lot=f"L{order}")
    sales.call("sale.order", "action_draft", [order])
    sales.sync()
    assert [row[2:] for row in lots(sales, order)] == [(3, "ABERTO")]


# --- lines without a code ------------------------------------------------------------------------------------------


def test_a_line_kept_aside_keeps_no_deleted_sister_line_alive(sales: Sales) -> None:
    with sales.raw("product.product", BOXES, default_code=False):
        order = sales.call(
            "sale.order",
            "create",
            {"partner_id": 20, "order_line": [[0, 0, each] for each in (line(CAPS, 10), line(BOXES, 1))]},
        )
        sales.sync()
        assert sales.balance(order) == 10
        first, _ = sales.lines(order)
        sales.call("sale.order.line", "unlink", [first])
        sales.call("sale.order", "write", [order], {"client_order_ref": "PC-2"})
        sales.sync()
        shown = "SELECT ativo, qtd_saldo_produto_pedido FROM carteira_principal WHERE odoo_order_id = :order"
        assert sales.fetch(shown, order=order) == [(False, 0)]


def test_the_row_of_a_line_that_is_kept_aside_now_stays_and_shows_the_order_s_new_number(sales: Sales) -> None:
    order = sales.order(line(CAPS, 10), line(BOXES, 3))
    sales.sync()
    code = sales.code(BOXES)
    with sales.raw("product.product", BOXES, default_code=False):
        sales.call("sale.order", "write", [order], {"name": "VENDA-ASIDE"})
        sales.sync()
        shown = "SELECT cod_produto, ativo FROM carteira_principal WHERE num_pedido = 'VENDA-ASIDE' ORDER BY 1"
        assert sales.fetch(shown) == sorted([(sales.code(CAPS), True), (code, True)])
