"""Autovacuum looks at the hot tables sooner.

PostgreSQL vacuums a table once a fifth of its rows are dead and analyzes it after a tenth. Of a million rows that is
200,000 dead ones, and statistics that know nothing of today, while every run asks for the newest write dates. Here it
is a fiftieth, and 500 rows so that a table that has just been made is not vacuumed for every batch.

Hot is what the code rewrites, not only inserts, and what grows with the company:

- sync_documento: the version of every document that a run has read, and `lido_em` until the version is settled;
- carteira_principal, pedido_compras, requisicao_compras, requisicao_compra_alocacao, faturamento_produtos: a source
  line is rewritten with each change in Odoo, a balance (saldo) with each invoice or receipt;
- movimentacao_estoque, historico_pedidos: follow these, line by line; a cancelled order's history is deleted;
- ordem_producao: quantities of all open orders every hour, and the plans of orders made to order;
- tiny.ordens_servico: `verificado_em` of every order that a sync reads, four times an hour, changed or not;
- import_failures: every attempt rewrites a row, its payload included; log_integracao: every run writes its row twice.

Left alone: histories and other tables that only grow (autovacuum_vacuum_insert_* covers them), and those that are hot
but small (sync_metadata, tiny.cotas, tiny.limites, tiny.credenciais): of a few hundred rows a fifth is soon reached.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

HOT = (
    "carteira_principal",
    "faturamento_produtos",
    "historico_pedidos",
    "import_failures",
    "log_integracao",
    "movimentacao_estoque",
    "ordem_producao",
    "pedido_compras",
    "requisicao_compra_alocacao",
    "requisicao_compras",
    "sync_documento",
    "tiny.ordens_servico",
)
PARAMETERS = {
    "autovacuum_vacuum_scale_factor": 0.02,
    "autovacuum_vacuum_threshold": 500,
    "autovacuum_analyze_scale_factor": 0.02,
    "autovacuum_analyze_threshold": 500,
}


def upgrade() -> None:
    values = ", ".join(f"{name} = {value}" for name, value in PARAMETERS.items())
    for table in HOT:
        op.execute(f"ALTER TABLE {table} SET ({values})")


def downgrade() -> None:
    for table in HOT:
        op.execute(f"ALTER TABLE {table} RESET ({', '.join(PARAMETERS)})")
