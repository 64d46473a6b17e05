"""Each document carries by which rule its rows were made, what was read of it, and when it was last checked.

Nobody knows by which rule the documents that are there were made: all are read again, by and by, within the budget.
"""

import sqlalchemy as sa
from alembic import op

from schema.online import change_rows

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
CHECKED = "When it was last read, by the clock of this database"
RULE = "Fingerprint of the declaration, mapping and settings that made its rows; NULL: not known, it is read again"
DIGEST = "Digest of its rows as they followed from what was read"
RULE_NOW = "Fingerprint of the rule by which the last run made rows"


def upgrade() -> None:
    op.add_column(
        "sync_documento",
        sa.Column("conferido_em", MOMENT, nullable=False, server_default=sa.text("now()"), comment=CHECKED),
        if_not_exists=True,
    )
    for table, column, comment in (
        ("sync_documento", "regra", RULE),
        ("sync_documento", "resumo", DIGEST),
        ("sync_metadata", "regra", RULE_NOW),
    ):
        op.add_column(table, sa.Column(column, sa.String(length=16), comment=comment), if_not_exists=True)
    # Checks rewrite all rows of a page in one transaction: in half of it they find room, and need no new index entries.
    op.execute("ALTER TABLE sync_documento SET (fillfactor = 50)")
    # Whose read is in the future keeps the time of this migration.
    change_rows("sync_documento", "conferido_em = lido_em", "conferido_em > lido_em")


def downgrade() -> None:
    op.execute("ALTER TABLE sync_documento RESET (fillfactor)")
    op.drop_column("sync_metadata", "regra")
    op.drop_column("sync_documento", "resumo")
    op.drop_column("sync_documento", "regra")
    op.drop_column("sync_documento", "conferido_em")
