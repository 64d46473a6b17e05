"""What is left to check is found by an index that has the time of the check, too.

Each run asks for it, and looked through all documents before. The price is that a check takes entries in the table's
indexes, so that a row gains nothing from free room in its page any more.
"""

from alembic import op

from schema.online import make_index, remove_index

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

READABLE = "excluido_em IS NULL AND (oculto_em IS NULL OR linhas_ocultas <> '{}')"


def upgrade() -> None:
    """Make the index that takes the place of the one by rule."""
    make_index(
        "ix_sync_documento_conferencia",
        "sync_documento",
        ["entidade", "regra", "conferido_em"],
        postgresql_where=READABLE,
    )
    remove_index("ix_sync_documento_regra", "sync_documento")
    op.execute("ALTER TABLE sync_documento RESET (fillfactor)")


def downgrade() -> None:
    """Make the one by rule again."""
    op.execute("ALTER TABLE sync_documento SET (fillfactor = 50)")
    op.create_index("ix_sync_documento_regra", "sync_documento", ["entidade", "regra"], postgresql_where=READABLE)
    op.drop_index("ix_sync_documento_conferencia", table_name="sync_documento")
