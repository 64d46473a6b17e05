"""A record in quarantine that has no quick attempts left is tried again daily.

Those that are exhausted already are tried by the first run after this.
"""

import sqlalchemy as sa
from alembic import op

from schema.online import change_rows, make_index, remove_index

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLE = "import_failures"
PENDING, DUE = "ix_import_failures_pendente", "ix_import_failures_proxima_tentativa"
BEFORE = (
    "Kept aside: pendente (tried again at proxima_tentativa), esgotado (waits for a person), "
    "aguardando (waits for what `espera` names, however long), resolvido"
)
NOW = (
    "Kept aside: pendente (tried again at proxima_tentativa), esgotado (waits for a person, and is tried again daily), "
    "aguardando (waits for what `espera` names, and is read again daily), resolvido"
)


def upgrade() -> None:
    op.create_table_comment(TABLE, NOW, existing_comment=BEFORE)
    remove_index(PENDING, TABLE)
    make_index(DUE, TABLE, ["entidade", "proxima_tentativa"], postgresql_where=sa.text("proxima_tentativa IS NOT NULL"))
    left = "status = 'esgotado' AND (proxima_tentativa IS NULL OR proxima_tentativa > now())"
    change_rows(TABLE, "proxima_tentativa = now()", left)


def downgrade() -> None:
    op.execute("UPDATE import_failures SET proxima_tentativa = NULL WHERE status = 'esgotado'")
    op.drop_index(DUE, table_name=TABLE)
    op.create_index(PENDING, TABLE, ["entidade", "proxima_tentativa"], postgresql_where=sa.text("status = 'pendente'"))
    op.create_table_comment(TABLE, BEFORE, existing_comment=NOW)
