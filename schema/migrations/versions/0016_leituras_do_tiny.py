"""Reads of Tiny's orders are numbered, as those of Odoo's documents are.

Until now Tiny's clock decided which of two reads of an order counted. One answer whose `Date` was ahead kept out every
read until that time had come. The numbers that the orders get here are in the order in which they were read; those that
a time in the future hid come first, so that they are the first to be read again.
"""

import sqlalchemy as sa
from alembic import op

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
    op.add_column(
        "ordens_servico", sa.Column("leitura", sa.BigInteger(), nullable=False, server_default="0"), schema="tiny"
    )
    op.execute(
        "UPDATE tiny.ordens_servico t SET leitura = v.leitura FROM ("
        "SELECT id, nextval('sync_leitura') AS leitura FROM (SELECT id FROM tiny.ordens_servico "
        "ORDER BY CASE WHEN verificado_em <= now() THEN verificado_em END NULLS FIRST, id) o) v WHERE v.id = t.id"
    )
    # No change was seen after now.
    op.execute("UPDATE tiny.ordem_status_history SET changed_at = now() WHERE changed_at > now()")
    op.drop_index("ix_ordens_servico_verificado_em", table_name="ordens_servico", schema="tiny")
    op.create_index("ix_ordens_servico_leitura", "ordens_servico", ["leitura"], schema="tiny")
    op.create_table_comment("ordens_servico", AFTER, existing_comment=BEFORE, schema="tiny")


def downgrade() -> None:
    op.create_table_comment("ordens_servico", BEFORE, existing_comment=AFTER, schema="tiny")
    op.drop_index("ix_ordens_servico_leitura", table_name="ordens_servico", schema="tiny")
    op.create_index("ix_ordens_servico_verificado_em", "ordens_servico", ["verificado_em"], schema="tiny")
    op.drop_column("ordens_servico", "leitura", schema="tiny")
