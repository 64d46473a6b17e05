"""Since when nothing was left to do of an entity, and how its source was reached, so that a quiet run can tell."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both columns, empty: the next run that leaves nothing to do fills them."""
    op.add_column(
        "sync_metadata",
        sa.Column(
            "assentado_em",
            sa.DateTime(timezone=True),
            comment="The source's clock when a run had seen all documents and left nothing to do; NULL: not since the "
            "checkpoint moved",
        ),
    )
    op.add_column(
        "sync_metadata",
        sa.Column(
            "acesso", JSONB, comment="How the source was reached then: protocol, the user's id, version; no secret"
        ),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_column("sync_metadata", "acesso")
    op.drop_column("sync_metadata", "assentado_em")
