"""What is not resolved in quarantine is found by document in an index, which is all that its counts read.

Each run that finds a change counts it, and looked through the whole table, payloads included, before.
"""

from alembic import op

from schema.online import make_index

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    make_index(
        "ix_import_failures_nao_resolvidas",
        "import_failures",
        ["entidade", "documento_id", "registro_id"],
        postgresql_where="status <> 'resolvido'",
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_index("ix_import_failures_nao_resolvidas", table_name="import_failures")
