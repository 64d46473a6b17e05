"""Reads of Tiny's orders are numbered, as those of Odoo's documents are.

Until now Tiny's clock decided which of two reads of an order counted. One answer whose `Date` was ahead kept out every
read until that time had come. The numbers that the orders get here are in the order in which they were read; those that
a time in the future hid come first, so that they are the first to be read again.
"""

import sqlalchemy as sa
from alembic import op

from schema.online import change_rows, make_index, remove_index

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BEFORE = (
    "One row per service order. verificado_em: its detail was last read; data_extracao: the row last changed; "
    "excluido_em: a whole sweep did not list it and its detail was not found"
)
AFTER = BEFORE + ". leitura: the number of the read that told of it last, from sync_leitura"


def upgrade() -> None:
    number = sa.Column("leitura", sa.BigInteger(), nullable=False, server_default="0")
    op.add_column("ordens_servico", number, schema="tiny", if_not_exists=True)
    with op.get_context().autocommit_block():
        op.execute(
            "CREATE TEMPORARY TABLE numeradas AS "
            "SELECT id, nextval('sync_leitura') AS leitura FROM (SELECT id FROM tiny.ordens_servico WHERE leitura = 0 "
            "ORDER BY CASE WHEN verificado_em <= now() THEN verificado_em END NULLS FIRST, id) o"
        )
        op.execute("CREATE INDEX ON numeradas (id)")
    change_rows(
        "tiny.ordens_servico",
        "leitura = coalesce((SELECT n.leitura FROM numeradas n WHERE n.id = ordens_servico.id), nextval('sync_leitura'))",
        "leitura = 0",
    )
    op.execute("DROP TABLE numeradas")
    # No change was seen after now.
    change_rows("tiny.ordem_status_history", "changed_at = now()", "changed_at > now()")
    remove_index("ix_ordens_servico_verificado_em", "ordens_servico", schema="tiny")
    make_index("ix_ordens_servico_leitura", "ordens_servico", ["leitura"], schema="tiny")
    op.create_table_comment("ordens_servico", AFTER, existing_comment=BEFORE, schema="tiny")


def downgrade() -> None:
    op.create_table_comment("ordens_servico", BEFORE, existing_comment=AFTER, schema="tiny")
    op.drop_index("ix_ordens_servico_leitura", table_name="ordens_servico", schema="tiny")
    op.create_index("ix_ordens_servico_verificado_em", "ordens_servico", ["verificado_em"], schema="tiny")
    op.drop_column("ordens_servico", "leitura", schema="tiny")
