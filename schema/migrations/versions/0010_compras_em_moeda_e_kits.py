"""Purchase orders tell currency, discount and value, and what Odoo itself counts as received.

`qtd_recebida_estoque` was the sum of the movements, which of a kit are its components. From what is stored it can be
told from Odoo's quantity and how the ordered one was converted; the orders' history gets it too. The rest is read again:
the next run of each purchasing entity reads all its documents.
"""

import sqlalchemy as sa
from alembic import op

from schema.online import change_rows

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ORDERS = ("pedido_compras", "historico_pedido_compras")
AMOUNTS = {"preco_liquido_produto_pedido": 4, "valor_moeda_pedido": 2, "valor_produto_pedido": 2}
RECEIVED = """
    CASE WHEN qtd_produto_pedido = 0 THEN qtd_recebida
         WHEN abs(qtd_recebida * qtd_produto_pedido_estoque) < abs(qtd_produto_pedido) * 999999999999
         THEN qtd_recebida * qtd_produto_pedido_estoque / qtd_produto_pedido
         ELSE qtd_recebida_estoque END
"""


def upgrade() -> None:
    op.add_column(
        "historico_pedido_compras",
        sa.Column("qtd_recebida_estoque", sa.Numeric(15, 3), nullable=False, server_default="0"),
        if_not_exists=True,
    )
    for table in ORDERS:
        currency = sa.Column("moeda", sa.String(3), comment="Of the prices, taxes and valor_moeda_pedido")
        op.add_column(table, currency, if_not_exists=True)
        for column, places in AMOUNTS.items():
            op.add_column(table, sa.Column(column, sa.Numeric(15, places)), if_not_exists=True)
        wrong = f"qtd_recebida_estoque IS DISTINCT FROM ({RECEIVED})::numeric(15, 3)"
        change_rows(table, f"qtd_recebida_estoque = {RECEIVED}", wrong)


def downgrade() -> None:
    for table in ORDERS:
        for column in (*reversed(AMOUNTS), "moeda"):
            op.drop_column(table, column)
    op.drop_column("historico_pedido_compras", "qtd_recebida_estoque")
