"""Planted losses of every kind: one reconciliation finds them, says what differed, and the tables agree again."""

import pytest

from flows.catalogo import ENTITIES
from flows.compras.alocacoes import ALOCACOES
from flows.compras.entradas import ENTRADAS
from flows.compras.pedidos import PEDIDOS
from flows.compras.requisicoes import REQUISICOES
from flows.conciliacao import lines
from flows.conciliacao.parties import OTHER_PARTY
from flows.run.errors import DeletionRefused
from flows.sync.entity import Entity
from flows.vendas.carteira import CARTEIRA
from flows.vendas.faturamento import FATURAMENTO
from tests.flows.conciliacao.conciliacao_company import Reconciled, told


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda each: each.name)
def test_a_company_that_was_only_synced_agrees(company: Reconciled, entity: Entity) -> None:
    found = company.reconcile(entity)
    assert (found.agreed, found.skipped) == (True, None)
    assert sum(cell.lines for cells in found.compared.ours.values() for cell in cells.values())


def test_one_run_finds_and_mends_losses_of_every_kind_and_names_the_columns(company: Reconciled) -> None:
    lost_line, lost_row, value, row_value, undated, merged, no_line, extra = orders = company.sale_orders(8)
    company.do("DELETE FROM carteira_linha WHERE odoo_line_id = :line", line=company.sold(lost_line)[0])
    company.do("DELETE FROM carteira_principal WHERE odoo_order_id = :o", o=lost_row)
    company.do(
        "UPDATE carteira_linha SET valor_moeda_pedido = valor_moeda_pedido + 0.01 WHERE odoo_line_id = :line",
        line=company.sold(value)[0],
    )
    company.do(
        "UPDATE carteira_principal SET qtd_produto_pedido = qtd_produto_pedido + 1 WHERE id = "
        "(SELECT min(id) FROM carteira_principal WHERE odoo_order_id = :o)",
        o=row_value,
    )
    company.sums_up(undated, product_uom_qty=77, price_subtotal=770)
    company.raw("sale.order", merged, partner_id=company.rpc.call("res.partner", "create", {"name": "Sobrevivente"}))
    company.do("UPDATE carteira_linha SET ativo = false WHERE odoo_line_id = :line", line=company.sold(no_line)[0])
    company.do(
        "INSERT INTO carteira_linha (odoo_line_id, odoo_order_id, odoo_product_id, num_pedido, cod_produto, "
        "nome_produto, qtd_produto_pedido, qtd_pedido_unidade, valor_moeda_pedido, status_pedido, moeda, "
        "data_atual_pedido) SELECT 99000001, odoo_order_id, odoo_product_id, num_pedido, cod_produto, nome_produto, "
        "1, 1, 1, status_pedido, moeda, data_atual_pedido FROM carteira_linha WHERE odoo_line_id = :line",
        line=company.sold(extra)[0],
    )
    found = company.reconcile(CARTEIRA)
    reported = told(found)
    numbers = dict(zip(orders, company.order_numbers(*orders), strict=True))
    causes = {order: reported[number][0] for order, number in numbers.items()}
    assert causes == {
        lost_line: lines.MISSING_LINE,
        lost_row: lines.BADLY_GROUPED,
        value: lines.SAME_DATE,
        row_value: lines.BADLY_GROUPED,
        undated: lines.SAME_DATE,
        merged: OTHER_PARTY,
        no_line: lines.MISSING_LINE,
        extra: lines.EXTRA,
    }
    columns = {order: reported[number][1] for order, number in numbers.items()}
    assert columns[lost_line].startswith("(linha nova)")
    assert "valor_moeda_pedido" in columns[value]
    assert "qtd_produto_pedido" in columns[row_value]
    assert "qtd_pedido_unidade" in columns[undated]
    assert "raz_social" in columns[merged]
    assert "ativo" in columns[no_line]
    assert "ativo" in columns[extra]
    assert set(reported) == set(numbers.values())
    assert not found.still
    assert company.disagreements("carteira") == []
    assert company.reconcile(CARTEIRA).agreed


def test_a_whole_day_that_was_lost_here_with_the_checkpoint_ahead_is_read_again(company: Reconciled) -> None:
    day = company.days()[-1]
    [(lost,)] = company.fetch(
        "SELECT count(DISTINCT odoo_order_id) FROM carteira_linha WHERE data_atual_pedido = :d", d=day
    )
    company.do(
        "DELETE FROM sync_documento WHERE entidade = 'carteira' AND documento_id IN "
        "(SELECT odoo_order_id FROM carteira_linha WHERE data_atual_pedido = :d)",
        d=day,
    )
    company.do("DELETE FROM carteira_principal WHERE data_atual_pedido = :d", d=day)
    company.do("DELETE FROM carteira_linha WHERE data_atual_pedido = :d", d=day)
    company.do("UPDATE sync_metadata SET checkpoint = now() + interval '1 day' WHERE entidade = 'carteira'")
    found = company.reconcile(CARTEIRA)
    assert [cause for cause, _ in told(found).values()] == [lines.MISSING_DOCUMENT] * lost
    assert not found.still
    assert company.disagreements("carteira") == []


def test_what_changed_behind_a_checkpoint_that_was_moved_ahead_is_read(company: Reconciled) -> None:
    [order] = company.sale_orders(1)
    company.do("UPDATE sync_metadata SET checkpoint = now() + interval '30 days' WHERE entidade = 'carteira'")
    company.rpc.call("sale.order.line", "write", [company.sold(order)[0]], {"product_uom_qty": 321})
    found = company.reconcile(CARTEIRA)
    [number] = company.order_numbers(order)
    assert told(found)[number][0] == lines.UNREAD
    assert "qtd_pedido_unidade" in told(found)[number][1]
    assert company.reconcile(CARTEIRA).agreed


def test_a_state_that_was_changed_there_without_a_date_is_read_although_the_lines_do_not_repeat_it(
    company: Reconciled,
) -> None:
    [order] = company.sale_orders(1)
    company.raw("sale.order", order, state="cancel")
    [bought] = company.fetch("SELECT max(odoo_purchase_order_id) FROM pedido_compras WHERE status_odoo = 'purchase'")
    company.raw("purchase.order", bought[0], state="cancel")
    found = company.reconcile(CARTEIRA)
    [(cause, columns)] = told(found).values()
    assert cause == lines.STALE
    assert "status_pedido" in columns
    assert not found.still
    assert company.disagreements("carteira") == []
    assert company.reconcile(CARTEIRA).agreed, "it is read each time, and told only if it was wrong here"
    assert "status_odoo" in told(company.reconcile(PEDIDOS))[company.one("purchase.order", bought[0], "name")][1]
    assert company.disagreements("pedidos") == []


def test_what_changed_after_the_last_sync_is_told_apart_from_a_loss(company: Reconciled) -> None:
    [order] = company.sale_orders(1)
    company.rpc.call("sale.order.line", "write", [company.sold(order)[0]], {"product_uom_qty": 322})
    [(cause, _)] = told(company.reconcile(CARTEIRA)).values()
    assert cause == lines.NOT_YET


@pytest.mark.parametrize("whole", [False, True], ids=["the order", "its lines, too"])
def test_a_document_that_is_gone_from_the_source_is_retired_and_a_hidden_one_stays(
    company: Reconciled, *, whole: bool
) -> None:
    gone, hidden = (
        company.rpc.call(
            "sale.order", "create", {"partner_id": 20, "order_line": [[0, 0, {"product_id": 17, "product_uom_qty": 5}]]}
        )
        for _ in range(2)
    )
    company.run(CARTEIRA)
    company.rpc.call("sale.order", "unlink", [gone])
    lines_of_it = company.sold(hidden)
    company.odoo.control("hide_records", model="sale.order", ids=[hidden])
    if whole:
        company.odoo.control("hide_records", model="sale.order.line", ids=lines_of_it)
    found = company.reconcile(CARTEIRA)
    assert (list(found.repaired.gone), list(found.repaired.hidden)) == ([gone], [hidden])
    rows = "SELECT odoo_order_id FROM carteira_linha WHERE ativo AND odoo_order_id = ANY(:o)"
    assert company.fetch(rows, o=[gone, hidden]) == [(hidden,)]
    assert company.reconcile(CARTEIRA).agreed


def test_a_document_that_the_source_never_had_is_retired(company: Reconciled) -> None:
    company.do(
        "INSERT INTO pedido_compras (odoo_id, odoo_purchase_order_id, num_pedido, cod_produto, qtd_produto_pedido, "
        "qtd_produto_pedido_estoque, status_odoo, data_pedido_criacao, moeda) "
        "VALUES (99000001, 99000002, 'P99', 'X', 1, 1, 'purchase', '2026-11-10', 'BRL')"
    )
    found = company.reconcile(PEDIDOS)
    assert list(found.repaired.gone) == [99000002]
    assert company.disagreements("pedidos") == []


def test_a_source_that_lacks_suspiciously_much_retires_nothing(company: Reconciled) -> None:
    company.do(
        "INSERT INTO pedido_compras (odoo_id, odoo_purchase_order_id, num_pedido, cod_produto, qtd_produto_pedido, "
        "qtd_produto_pedido_estoque, status_odoo, data_pedido_criacao, moeda) "
        "SELECT 99000000 + n, 99000000 + n, 'P' || n, 'X', 1, 1, 'purchase', '2026-11-10', 'BRL' "
        "FROM generate_series(1, 50) n"
    )
    alive = "SELECT count(*) FROM pedido_compras WHERE ativo AND odoo_purchase_order_id > 99000000"
    with pytest.raises(DeletionRefused, match=r"50 de \d+ documentos sumiriam de uma vez"):
        company.reconcile(PEDIDOS)
    assert company.fetch(alive) == [(50,)]


@pytest.mark.parametrize(
    ("entity", "table", "key", "column"),
    [
        (FATURAMENTO, "faturamento_linha", "odoo_line_id", "valor_liquido_faturado"),
        (REQUISICOES, "requisicao_compras", "odoo_id", "qtd_produto_requisicao"),
        (PEDIDOS, "pedido_compras", "odoo_id", "valor_moeda_pedido"),
        (PEDIDOS, "pedido_compras", "odoo_id", "qtd_recebida"),
        (ALOCACOES, "requisicao_compra_alocacao", "odoo_allocation_id", "qtd_alocada"),
    ],
    ids=lambda each: getattr(each, "name", each),
)
def test_a_value_that_was_changed_here_is_found_in_every_entity(
    company: Reconciled, entity: Entity, table: str, key: str, column: str
) -> None:
    changed = f"UPDATE {table} SET {column} = {column} + 3 WHERE {key} = (SELECT max({key}) FROM {table} WHERE ativo)"
    company.do(changed)
    found = company.reconcile(entity)
    [(cause, columns)] = told(found).values()
    assert (cause, columns) == (lines.SAME_DATE, column)
    assert not found.still
    assert company.disagreements(entity.name) == []


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda each: each.name)
def test_a_row_that_was_deleted_here_comes_back_in_every_entity(company: Reconciled, entity: Entity) -> None:
    table, key = entity.target.table, entity.line_id
    company.do(f"DELETE FROM {table} WHERE {key} = (SELECT max({key}) FROM {table} WHERE ativo)")
    found = company.reconcile(entity)
    [(cause, columns)] = told(found).values()
    assert cause in (lines.MISSING_LINE, lines.BADLY_GROUPED)
    assert "(linha nova)" in columns
    assert not found.still
    assert company.disagreements(entity.name) == []


def test_rows_of_a_rule_that_changed_are_found(company: Reconciled) -> None:
    supplier = company.supplier("61724241000178")
    order = company.order((company.products(1)[0], 7), supplier=supplier, confirm=True)
    company.extra = {"fornecedores_do_grupo": ""}
    company.run(PEDIDOS)
    assert company.rows_of(order, "ativo") == [(True,)]
    assert company.reconcile(PEDIDOS).agreed
    company.extra = {}
    found = company.reconcile(PEDIDOS)
    assert [columns for _, columns in told(found).values()] == ["ativo, motivo_exclusao"]
    assert company.rows_of(order, "ativo") == [(False,)]
    company.extra = {"fornecedores_do_grupo": ""}
    assert not company.reconcile(PEDIDOS).agreed
    assert company.rows_of(order, "ativo") == [(True,)]


def test_a_dry_run_tells_what_differs_and_writes_nothing(company: Reconciled) -> None:
    value, gone = company.sale_orders(2)
    company.do("UPDATE carteira_linha SET valor_moeda_pedido = 1 WHERE odoo_line_id = :l", l=company.sold(value)[0])
    company.do("DELETE FROM carteira_linha WHERE odoo_line_id = :l", l=company.sold(gone)[0])
    rows = "SELECT xmin::text, * FROM carteira_linha ORDER BY id"
    before = company.fetch(rows)
    found = company.reconcile(CARTEIRA, dry_run=True)
    one, other = company.order_numbers(value, gone)
    assert "valor_moeda_pedido" in told(found)[one][1]
    assert "(linha nova)" in told(found)[other][1]
    assert company.fetch(rows) == before
    assert {number: why for number, (why, _) in told(company.reconcile(CARTEIRA)).items()} == {
        number: why for number, (why, _) in told(found).items()
    }


def test_an_entity_that_was_never_loaded_is_left_to_its_first_load(company: Reconciled) -> None:
    company.do("DELETE FROM sync_metadata WHERE entidade = 'carteira'")
    found = company.reconcile(CARTEIRA)
    assert found.skipped == "ainda sem a primeira carga completa"
    assert not found.repaired.changes.size


def test_entries_that_wait_or_are_in_quarantine_and_returned_ones_make_no_difference(company: Reconciled) -> None:
    product = company.products(1)[0]
    order = company.order((product, 10), confirm=True)
    receipt = company.receive(order)
    company.give_back(receipt)
    company.do("UPDATE cadastro_palletizacao SET produto_comprado = false WHERE cod_produto LIKE '%1'")
    company.run(ENTRADAS)
    assert company.movements_of(order) == [(10.0, False)]
    assert company.reconcile(ENTRADAS).agreed
