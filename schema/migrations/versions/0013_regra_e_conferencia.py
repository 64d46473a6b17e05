"""Each document carries by which rule its rows were made, what was read of it, and when it was last checked.

Nobody knows by which rule the documents that are there were made: all are read again, by and by, within the budget.
"""

import sqlalchemy as sa
from alembic import op

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
    )
    op.add_column("sync_documento", sa.Column("regra", sa.String(length=16), comment=RULE))
    op.add_column("sync_documento", sa.Column("resumo", sa.String(length=16), comment=DIGEST))
    op.add_column("sync_metadata", sa.Column("regra", sa.String(length=16), comment=RULE_NOW))
    op.execute("UPDATE sync_documento SET conferido_em = least(lido_em, now())")
    # Checks rewrite all rows of a page in one transaction: in half of it they find room, and need no new index entries.
    op.execute("ALTER TABLE sync_documento SET (fillfactor = 50)")


def downgrade() -> None:
    op.execute("ALTER TABLE sync_documento RESET (fillfactor)")
    op.drop_column("sync_metadata", "regra")
    op.drop_column("sync_documento", "resumo")
    op.drop_column("sync_documento", "regra")
    op.drop_column("sync_documento", "conferido_em")
