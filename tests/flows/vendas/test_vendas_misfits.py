"""A value that does not fit a table that follows from a document: it is kept aside whole, and nobody else is."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from demo.odoo import odoo_process
from flows.run.counts import Counts
from flows.vendas.carteira import CARTEIRA
from flows.vendas.faturamento import FATURAMENTO
from tests.flows.simulated import Company, company_of

EAN = 7891234567895.00
LARGEST = 999_999_999_999
Line = tuple[int, float, float]
"""Product, quantity and price."""


class Sales(Company):
    """A company that sells."""

    def products(self, count: int = 3) -> list[int]:
        found = self.records("product.product", "default_code", [("default_code", "!=", False)])
        return sorted(found)[:count]

    def order(self, *lines: Line, confirm: bool = True) -> int:
        items = [
            [0, 0, {"product_id": product, "product_uom_qty": quantity, "price_unit": price}]
            for product, quantity, price in lines
        ]
        order = self.rpc.call("sale.order", "create", {"partner_id": 20, "order_line": items})
        if confirm:
            self.rpc.call("sale.order", "action_confirm", [order])
        return order  # type: ignore[no-any-return]

    def lines(self, order: int) -> list[int]:
        [found] = self.rpc.call("sale.order", "read", [order], fields=["order_line"])
        return sorted(found["order_line"])

    def stored(self, order: int) -> int:
        [(rows,)] = self.fetch("SELECT count(*) FROM carteira_principal WHERE odoo_order_id = :o AND ativo", o=order)
        return int(rows)

    def failures(self, entity: str = "carteira") -> dict[int, tuple[int, str, str]]:
        """The open quarantine by record: its document, status and reason."""
        found = self.fetch(
            "SELECT registro_id, documento_id, status, erro FROM import_failures "
            "WHERE entidade = :e AND status <> 'resolvido'",
            e=entity,
        )
        return {record: tuple(rest) for record, *rest in found}  # type: ignore[misc]

    def checkpoint(self, entity: str = "carteira") -> Any:
        [(moment,)] = self.fetch("SELECT checkpoint FROM sync_metadata WHERE entidade = :e", e=entity)
        return moment


@pytest.fixture
def sales(banco: Engine) -> Iterator[Sales]:
    """A recorded company of the test's own, since its odd records would be read by others; synced an hour ago."""
    with odoo_process() as process, company_of(process, banco) as company:
        found = Sales(company.odoo, company.rpc, company.engine)
        found.run(FATURAMENTO)
        found.run(CARTEIRA)
        found.skip(hours=1)
        yield found


def accounted_for(counts: Counts) -> bool:
    became = (counts.novos, counts.atualizados, counts.inalterados, counts.ignorados, counts.rejeitados)
    return counts.lidos == sum(became) - counts.assentados


def test_a_value_that_does_not_fit_its_line_keeps_that_line_aside_and_no_other(sales: Sales) -> None:
    first, second, _ = sales.products()
    order = sales.order((first, 2, EAN), (second, 1, 5))
    counts = sales.run(CARTEIRA)
    assert (counts.rejeitados, sales.stored(order)) == (1, 1)
    [(document, _, reason)] = sales.failures().values()
    assert document == order
    for told in ("carteira_linha", "valor_moeda_pedido", "15782469135790"):
        assert told in reason


def test_a_value_that_does_not_fit_a_row_of_several_lines_keeps_its_order_aside_and_no_other(sales: Sales) -> None:
    first, second, third = sales.products()
    gone = sales.order((first, 1, 1))
    sales.run(CARTEIRA)
    before = sales.checkpoint()
    sales.skip(minutes=1)
    good = [sales.order((first, 3, 10), (second, 1, 2)) for _ in range(3)]
    bad = sales.order((first, 1, EAN), (first, 1, EAN), (third, 1, 5))
    good += [sales.order((third, 3, 10)) for _ in range(3)]
    sales.rpc.call("sale.order", "action_cancel", [gone])
    sales.rpc.call("sale.order", "unlink", [gone])
    sales.skip(minutes=1)
    counts = sales.run(CARTEIRA)
    assert [sales.stored(order) for order in good] == [2, 2, 2, 1, 1, 1]
    assert sales.stored(bad) == 0
    assert (counts.rejeitados, counts.removidos) == (3, 1)
    assert accounted_for(counts)
    assert sales.checkpoint() > before
    kept = sales.failures()
    assert set(kept) == set(sales.lines(bad))
    for document, status, reason in kept.values():
        assert (document, status) == (bad, "pendente")
        for told in ("carteira_principal", "valor_moeda_pedido", "15782469135790"):
            assert told in reason

    sales.rpc.call("sale.order.line", "write", [sales.lines(bad)[0]], {"price_unit": 7.9})
    assert sales.run(CARTEIRA).rejeitados == 0
    assert sales.stored(bad) == 2
    assert sales.failures() == {}


def test_several_such_orders_among_many_are_all_found(sales: Sales) -> None:
    [product] = sales.products(1)
    prices = [EAN if number in (3, 4, 17) else 10 for number in range(20)]
    orders = [sales.order((product, 1, price), (product, 1, price)) for price in prices]
    counts = sales.run(CARTEIRA, batch=20)
    assert [order for order in orders if not sales.stored(order)] == [orders[3], orders[4], orders[17]]
    assert counts.rejeitados == 6


def test_an_order_that_was_stored_keeps_its_rows_as_they_were_until_it_is_mended(sales: Sales) -> None:
    first, second, _ = sales.products()
    order, other = sales.order((first, 2, 10), (first, 1, 10), (second, 1, 1)), sales.order((first, 1, 1))
    sales.run(CARTEIRA)
    sales.skip(hours=1)
    *lines, left = sales.lines(order)
    sales.rpc.call("sale.order.line", "write", lines, {"price_unit": EAN, "product_uom_qty": 1})
    sales.rpc.call("sale.order.line", "write", [left], {"product_uom_qty": 50})
    sales.rpc.call("sale.order.line", "write", sales.lines(other), {"product_uom_qty": 9})
    sales.run(CARTEIRA)
    quantities = "SELECT qtd_produto_pedido::float FROM carteira_principal WHERE odoo_order_id = :o ORDER BY 1"
    assert sales.fetch(quantities, o=order) == [(1,), (3,)]
    assert sales.fetch(quantities, o=other) == [(9,)]
    history = "SELECT preco_produto_pedido::float FROM historico_pedidos WHERE odoo_order_id = :o ORDER BY 1"
    assert sales.fetch(history, o=order) == [(1,), (10,)]


def invoiced(sales: Sales, order: int, quantity: float | None = None) -> int:
    """A posted invoice of an order, its lines of so much."""
    invoice = sales.odoo.control("invoice", order=order)["id"]
    if quantity is not None:
        [found] = sales.rpc.call("account.move", "read", [invoice], fields=["invoice_line_ids"])
        sales.rpc.call("account.move.line", "write", found["invoice_line_ids"], {"quantity": quantity})
    sales.rpc.call("account.move", "action_post", [invoice])
    return invoice  # type: ignore[no-any-return]


def test_a_balance_that_does_not_fit_keeps_the_invoice_aside_with_column_and_value(sales: Sales) -> None:
    [product] = sales.products(1)
    order, other = sales.order((product, 10, 0.001)), sales.order((product, 10, 1))
    sales.run(CARTEIRA)
    one, two = (invoiced(sales, order, LARGEST) for _ in range(2))
    neighbour = invoiced(sales, other, 4)
    counts = sales.run(FATURAMENTO)
    assert counts.rejeitados == 1
    [(document, _, reason)] = sales.failures("faturamento").values()
    assert document == two
    for told in ("carteira_principal", "qtd_saldo_produto_pedido", "-1999999999988"):
        assert told in reason
    balance = "SELECT qtd_saldo_produto_pedido::float FROM carteira_principal WHERE odoo_order_id = :o"
    assert sales.fetch(balance, o=other) == [(6,)]
    assert sales.fetch(balance, o=order) == [(10 - LARGEST,)]
    documents = "SELECT odoo_move_id FROM faturamento_produtos WHERE odoo_move_id = ANY(:ids) ORDER BY 1"
    assert sales.fetch(documents, ids=[one, two, neighbour]) == [(one,), (neighbour,)]


def test_a_product_that_gets_its_code_brings_its_line_in_with_the_next_daily_attempt(sales: Sales) -> None:
    """The order itself is not saved again."""
    [known] = sales.products(1)
    product = sales.rpc.call("product.product", "create", {"name": "Produto sem código"})
    order = sales.order((known, 1, 1), (product, 4, 2))
    assert sales.run(CARTEIRA).rejeitados == 1
    for _ in range(4):
        sales.do("UPDATE import_failures SET proxima_tentativa = now() WHERE status = 'pendente'")
        sales.skip(hours=1)
        sales.run(CARTEIRA)
    [(_, status, _)] = sales.failures().values()
    assert status == "esgotado"
    sales.rpc.call("product.product", "write", [product], {"default_code": "CODIGO-NOVO"})
    sales.skip(days=1)
    sales.do("UPDATE import_failures SET proxima_tentativa = proxima_tentativa - interval '1 day'")
    sales.run(CARTEIRA)
    assert sales.failures() == {}
    rows = "SELECT cod_produto FROM carteira_principal WHERE odoo_order_id = :o AND qtd_produto_pedido = 4"
    assert sales.fetch(rows, o=order) == [("CODIGO-NOVO",)]
