"""However much is stored, a batch of orders looks at its own lines only, with PostgreSQL's statistics and without."""

from sqlalchemy import Engine

from blocks.banco import execute, fetch, transaction
from flows.sync.followups import follow
from flows.vendas.statements import VENDAS
from flows.vendas.tabelas import backlog_of
from tests.conftest import as_owner

ORDERS = 4_000
LINES_OF_AN_ORDER = 10
BATCH = 20

LINES = """
    INSERT INTO carteira_linha (odoo_line_id, odoo_order_id, odoo_product_id, num_pedido, cod_produto, nome_produto,
        status_pedido, unid_medida_produto, qtd_produto_pedido, qtd_pedido_unidade, unid_medida_pedido,
        qtd_cancelada_produto_pedido, odoo_write_date, company_id)
    SELECT 10 * n + k, n, k, 'VSC' || n, '400000' || k, 'PRODUTO', 'Pedido de venda', 'CX', 1, 1, 'CX', 0, now(), 1
    FROM generate_series(1, %(orders)s) n, generate_series(0, 9) k"""
LOOKED_AT = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'carteira_linha'"


def followed(engine: Engine, orders: range) -> int:
    """Make the rows of these orders; how many of all lines were looked at, each time counted."""
    with transaction(engine) as connection:
        follow(connection, backlog_of(VENDAS["lidos"]), documentos=list(orders), cancelada_ja_deduzida=True)
        [(looked_at,)] = fetch(connection, LOOKED_AT)
    return int(looked_at)


def test_a_batch_looks_at_its_own_lines_with_and_without_statistics(untouched: Engine) -> None:
    with transaction(untouched) as connection:
        execute(connection, LINES, orders=ORDERS)
    assert followed(untouched, range(1, BATCH + 1)) < 30 * LINES_OF_AN_ORDER * BATCH
    followed(untouched, range(BATCH + 1, ORDERS + 1))
    with as_owner(untouched) as owner, transaction(owner) as connection:
        execute(connection, "ANALYZE carteira_linha, carteira_principal, faturamento_linha")
    assert followed(untouched, range(1, BATCH + 1)) < 30 * LINES_OF_AN_ORDER * BATCH
