"""Documents and lines that the source does not let us see any more are remembered, so that they are read once it does."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

HIDDEN_LINES = "Those of its lines that the source does not let us see; none, and oculto_em set: all of it is hidden"


def upgrade() -> None:
    op.add_column("sync_documento", sa.Column("oculto_em", sa.DateTime(timezone=True)))
    op.add_column(
        "sync_documento",
        sa.Column("linhas_ocultas", ARRAY(sa.BigInteger), nullable=False, server_default="{}", comment=HIDDEN_LINES),
    )


def downgrade() -> None:
    op.drop_column("sync_documento", "linhas_ocultas")
    op.drop_column("sync_documento", "oculto_em")
