"""The run log tells a run that was skipped from a success, and one that was killed from a failure.

Rows of before are told apart by what only such a run has said: a run that was killed has no duration and the message of
the run that closed its row; a run that was skipped names the module or the account that is missing.
"""

import sqlalchemy as sa
from alembic import op

from schema.online import change_rows

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LOG_BEFORE = "One row per run: executando, then sucesso, parcial or erro; written outside the data's transactions"
LOG = (
    "One row per run: executando, then sucesso, parcial, pulada (the source has no such records), erro or interrompida "
    "(its process ended first); written outside the data's transactions"
)
GROUP_BEFORE = "The domain whose folder declares it"
GROUP = "The name of its domain"


def upgrade() -> None:
    op.create_table_comment("log_integracao", LOG, existing_comment=LOG_BEFORE)
    op.alter_column(
        "sync_agenda",
        "grupo",
        existing_type=sa.String(50),
        existing_nullable=False,
        existing_comment=GROUP_BEFORE,
        comment=GROUP,
    )
    change_rows(
        "log_integracao",
        "status = 'interrompida'",
        "status = 'erro' AND tempo_execucao IS NULL AND mensagem = 'Execução interrompida antes de terminar'",
    )
    change_rows(
        "log_integracao",
        "status = 'pulada'",
        "status = 'sucesso' AND (mensagem LIKE 'O servidor Odoo não tem %' OR mensagem LIKE 'Não há conta do Tiny%')",
    )


def downgrade() -> None:
    op.execute("UPDATE log_integracao SET status = 'erro' WHERE status = 'interrompida'")
    op.execute("UPDATE log_integracao SET status = 'sucesso' WHERE status = 'pulada'")
    op.alter_column(
        "sync_agenda",
        "grupo",
        existing_type=sa.String(50),
        existing_nullable=False,
        existing_comment=GROUP,
        comment=GROUP_BEFORE,
    )
    op.create_table_comment("log_integracao", LOG_BEFORE, existing_comment=LOG)
