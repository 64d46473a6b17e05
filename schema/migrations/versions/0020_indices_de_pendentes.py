"""What is left to do is found by indexes: quarantine that is open, documents that are hidden, and of which rule they are.

Each run asks for them, and looked through all documents and failures before.
"""

from alembic import op
from sqlalchemy import text

from schema.online import make_index

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indexes. None of them has `conferido_em`: a check takes no entry in any."""
    make_index(
        "ix_import_failures_abertas",
        "import_failures",
        ["entidade", "status", text("atualizado_em DESC"), text("id DESC")],
        postgresql_where="status IN ('pendente', 'esgotado')",
    )
    make_index(
        "ix_sync_documento_ocultos",
        "sync_documento",
        ["entidade", "documento_id"],
        postgresql_where="oculto_em IS NOT NULL AND excluido_em IS NULL",
    )
    make_index(
        "ix_sync_documento_regra",
        "sync_documento",
        ["entidade", "regra"],
        postgresql_where="excluido_em IS NULL AND (oculto_em IS NULL OR linhas_ocultas <> '{}')",
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_index("ix_sync_documento_regra", table_name="sync_documento")
    op.drop_index("ix_sync_documento_ocultos", table_name="sync_documento")
    op.drop_index("ix_import_failures_abertas", table_name="import_failures")
