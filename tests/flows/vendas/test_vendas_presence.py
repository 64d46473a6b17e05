"""What Odoo does not show: hidden by a record rule and kept, or deleted and retired, however old it is."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from demo.odoo import OdooProcess, odoo_process
from flows.run.counts import Counts
from flows.sync.hidden import TOLD
from flows.vendas.carteira import CARTEIRA
from flows.vendas.faturamento import FATURAMENTO
from tests.flows.simulated import Company, company_of
from tests.flows.vendas.vendas_samples import Vendas

CUSTOMER, PRODUCTS = 20, (21, 22, 23)


@pytest.fixture(scope="module")
def process() -> Iterator[OdooProcess]:
    with odoo_process() as running:
        yield running


@pytest.fixture
def company(vendas: Vendas, process: OdooProcess) -> Iterator[Company]:
    with company_of(process, vendas.engine) as opened:
        yield opened


def order(company: Company, quantity: float = 5, *, confirm: bool = True) -> int:
    lines = [[0, 0, {"product_id": each, "product_uom_qty": quantity, "price_unit": 10}] for each in PRODUCTS]
    made: int = company.rpc.call("sale.order", "create", {"partner_id": CUSTOMER, "order_line": lines})
    if confirm:
        company.rpc.call("sale.order", "action_confirm", [made])
    return made


def invoice(company: Company, of: int) -> int:
    made: int = company.odoo.control("invoice", order=of)["id"]
    company.rpc.call("account.move", "action_post", [made])
    return made


def sync(company: Company, **asked: Any) -> tuple[Counts, Counts]:
    return company.run(FATURAMENTO, **asked), company.run(CARTEIRA, **asked)


def hide(company: Company, model: str, *ids: int) -> None:
    company.odoo.control("hide_records", model=model, ids=list(ids))


def rows(company: Company, orders: list[int], columns: str = "ativo, qtd_produto_pedido::float") -> list[Any]:
    query = f"SELECT {columns} FROM carteira_principal WHERE odoo_order_id = ANY(:o)"
    return sorted(company.fetch(query, o=orders))


def history(company: Company, orders: list[int]) -> int:
    [(count,)] = company.fetch("SELECT count(*) FROM historico_pedidos WHERE odoo_order_id = ANY(:o)", o=orders)
    return int(count)


def test_orders_that_a_rule_hides_are_kept_counted_and_told_and_catch_up_once_they_are_shown(company: Company) -> None:
    orders = [order(company) for _ in range(8)]
    sync(company)
    before = company.fetch("SELECT xmin::text, * FROM carteira_principal ORDER BY id"), history(company, orders)
    hide(company, "sale.order", *orders)
    for _ in range(2):
        _, counts = sync(company)
        assert (counts.ocultos, counts.removidos, counts.avisos[TOLD]) == (8, 0, 8)
    company.rpc.call("sale.order", "write", orders, {"client_order_ref": "PC-OCULTO"})
    company.skip(days=3)
    _, counts = sync(company)
    assert (counts.ocultos, counts.documentos) == (8, 0)
    assert (
        company.fetch("SELECT xmin::text, * FROM carteira_principal ORDER BY id"),
        history(company, orders),
    ) == before
    hide(company, "sale.order")
    _, counts = sync(company)
    assert (counts.ocultos, counts.documentos, counts.avisos.get(TOLD, 0)) == (0, 8, 0)
    assert rows(company, orders, "DISTINCT ativo, pedido_cliente") == [(True, "PC-OCULTO")]
    _, counts = sync(company)
    assert (counts.ocultos, counts.documentos) == (0, 0)


def test_what_was_deleted_while_it_was_hidden_is_gone_once_the_others_are_shown(company: Company) -> None:
    kept, deleted, both = order(company, confirm=False), order(company, confirm=False), order(company, confirm=False)
    sync(company)
    hide(company, "sale.order", kept, deleted)
    company.rpc.call("sale.order", "unlink", [both])
    _, counts = sync(company)
    assert (counts.ocultos, counts.removidos) == (2, len(PRODUCTS))
    company.rpc.call("sale.order", "unlink", [deleted])
    hide(company, "sale.order")
    _, counts = sync(company)
    assert (counts.ocultos, counts.removidos) == (0, len(PRODUCTS))
    assert rows(company, [kept], "DISTINCT ativo") == [(True,)]
    assert rows(company, [deleted, both], "DISTINCT ativo") == [(False,)]


def test_what_was_deleted_while_it_was_hidden_is_found_within_a_day_though_nothing_is_shown(company: Company) -> None:
    hidden = [order(company, confirm=False) for _ in range(3)]
    sync(company)
    hide(company, "sale.order", *hidden)
    sync(company)
    company.rpc.call("sale.order", "unlink", hidden[:1])
    company.do("UPDATE sync_documento SET oculto_em = oculto_em - interval '25 hours' WHERE oculto_em IS NOT NULL")
    _, counts = sync(company)
    assert (counts.ocultos, counts.removidos) == (2, len(PRODUCTS))


def test_a_hidden_order_asked_for_by_its_number_is_neither_gone_nor_unknown(company: Company) -> None:
    hidden = order(company)
    sync(company)
    number = company.records("sale.order", "name", [("id", "=", hidden)])[hidden]["name"]
    hide(company, "sale.order", hidden)
    counts = company.run(CARTEIRA, numbers=(number,))
    assert (counts.ocultos, counts.removidos) == (1, 0)
    assert rows(company, [hidden], "DISTINCT ativo") == [(True,)]


@pytest.mark.parametrize("edited", [True, False])
def test_a_line_that_a_rule_hides_does_not_vanish_from_its_order(company: Company, edited: bool) -> None:
    made = order(company)
    sync(company)
    lines = sorted(company.records("sale.order.line", "id", [("order_id", "=", made)]))
    hide(company, "sale.order.line", lines[0])
    if edited:
        company.rpc.call("sale.order", "write", [made], {"client_order_ref": "PC-9"})
    _, counts = sync(company)
    assert (counts.ocultos, counts.removidos) == (1, 0)
    assert rows(company, [made]) == [(True, 5.0)] * len(PRODUCTS)
    company.rpc.call("sale.order.line", "write", [lines[0]], {"product_uom_qty": 8})
    company.skip(days=3)
    _, counts = sync(company)
    assert (counts.ocultos, counts.removidos) == (1, 0)
    hide(company, "sale.order.line")
    _, counts = sync(company)
    assert (counts.ocultos, counts.documentos) == (0, 1)
    assert rows(company, [made]) == [(True, 5.0), (True, 5.0), (True, 8.0)]


def test_a_line_deleted_while_its_sister_is_hidden_is_gone_and_the_hidden_one_stays(company: Company) -> None:
    made = order(company, confirm=False)
    sync(company)
    lines = sorted(company.records("sale.order.line", "id", [("order_id", "=", made)]))
    hide(company, "sale.order.line", lines[0])
    sync(company)
    company.rpc.call("sale.order.line", "unlink", [lines[1]])
    sync(company)
    hide(company, "sale.order.line")
    sync(company)
    assert sorted(row[0] for row in rows(company, [made], "ativo")) == [False, True, True]


def test_invoices_that_a_rule_hides_keep_their_movements_and_balances(company: Company) -> None:
    made = order(company)
    hidden = invoice(company, made)
    sync(company)
    hide(company, "account.move", hidden)
    counts, _ = sync(company)
    assert (counts.ocultos, counts.removidos) == (1, 0)
    assert invoiced(company, hidden) == [("Lançado", True, 0.0)] * len(PRODUCTS)


def test_orders_that_were_hidden_from_the_start_are_read_once_they_are_shown(company: Company) -> None:
    hidden = [order(company) for _ in range(3)]
    hide(company, "sale.order", *hidden)
    sync(company)
    assert rows(company, hidden) == []
    company.skip(days=3)
    hide(company, "sale.order")
    sync(company)
    assert rows(company, hidden) == [(True, 5.0)] * (3 * len(PRODUCTS))


def invoiced(company: Company, made: int) -> list[Any]:
    return company.fetch(
        "SELECT f.status_nf, m.ativo, c.qtd_saldo_produto_pedido::float FROM faturamento_produtos f "
        "JOIN movimentacao_estoque m ON m.faturamento_produto_id = f.id "
        "JOIN carteira_principal c ON c.num_pedido = f.origem AND c.cod_produto = f.cod_produto "
        "WHERE f.odoo_move_id = :i",
        i=made,
    )


def test_an_invoice_of_half_a_year_ago_that_is_deleted_is_cancelled_with_all_that_followed(company: Company) -> None:
    made = order(company)
    old = invoice(company, made)
    sync(company)
    assert invoiced(company, old) == [("Lançado", True, 0.0)] * len(PRODUCTS)
    company.do("UPDATE faturamento_produtos SET data_fatura = '2026-01-02' WHERE odoo_move_id = :i", i=old)
    company.rpc.call("account.move", "button_draft", [old])
    company.rpc.call("account.move", "unlink", [old])
    counts, _ = sync(company)
    assert counts.removidos == len(PRODUCTS)
    assert invoiced(company, old) == [("Cancelado", False, 5.0)] * len(PRODUCTS)


def test_a_quotation_without_quantities_that_is_deleted_is_no_longer_active(company: Company) -> None:
    empty = order(company, 0, confirm=False)
    sync(company)
    assert rows(company, [empty], "DISTINCT ativo, qtd_saldo_produto_pedido::float") == [(True, 0.0)]
    company.rpc.call("sale.order", "unlink", [empty])
    sync(company)
    assert rows(company, [empty], "DISTINCT ativo") == [(False,)]


def test_a_line_without_a_balance_that_is_deleted_is_no_longer_active(company: Company) -> None:
    empty = order(company, 0, confirm=False)
    sync(company)
    lines = sorted(company.records("sale.order.line", "id", [("order_id", "=", empty)]))
    company.skip(days=3)
    company.odoo.control("raw", model="sale.order", id=empty, values={"write_date": "2026-01-01 00:00:00"})
    company.rpc.call("sale.order.line", "unlink", lines[:1])
    sync(company)
    assert sorted(row[0] for row in rows(company, [empty], "ativo")) == [False, True, True]


def test_an_invoice_that_became_a_credit_note_is_no_longer_an_invoice(company: Company) -> None:
    made = order(company)
    turned = invoice(company, made)
    sync(company)
    company.odoo.control("raw", model="account.move", id=turned, values={"move_type": "out_refund"})
    counts, _ = sync(company)
    assert (counts.ocultos, counts.removidos) == (0, len(PRODUCTS))
    assert invoiced(company, turned) == [("Cancelado", False, 5.0)] * len(PRODUCTS)


def test_a_quiet_run_makes_two_calls(company: Company) -> None:
    order(company)
    sync(company)
    company.skip(days=3)
    sync(company)
    company.odoo.control("reset")
    sync(company)
    written = ("sale.order.search", "account.move.search")  # whether anything was, since the checkpoint
    counted = ("sale.order.line.read_group", "account.move.line.read_group")  # lines, and the documents that have some
    assert company.odoo.control("calls")["methods"] == dict.fromkeys((*written, *counted), 1)


def test_before_the_first_complete_run_only_what_is_stored_is_asked_for(company: Company) -> None:
    doomed = order(company, confirm=False)
    number = company.records("sale.order", "name", [("id", "=", doomed)])[doomed]["name"]
    company.run(CARTEIRA, numbers=("S00001", number))
    company.rpc.call("sale.order", "unlink", [doomed])
    company.skip(days=3)
    counts = company.run(CARTEIRA, width=timedelta(minutes=5))
    assert (counts.removidos, counts.documentos) == (len(PRODUCTS), 0)
    assert company.fetch("SELECT count(*) FROM sync_documento WHERE excluido_em IS NULL") == [(1,)]
