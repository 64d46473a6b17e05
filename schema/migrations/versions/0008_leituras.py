"""Reads are numbered, and whatever is stored is read once more.

Until now the dates of the source decided which of two reads of a document counted, which of its rows were written, and
where the checkpoint stood. Whatever a wrong date has kept out is not to be found by looking: so no document counts as
settled, no entity has a checkpoint, and the next run of each entity reads all of its documents again.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from schema.online import change_rows

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

METADATA_BEFORE = "Per entity, the source's instant up to which every change is stored or quarantined"
METADATA = (
    "Per entity, the source's instant up to which every change is stored or quarantined (NULL: not yet), and relogio: "
    "what the source's server said that the time was when the checkpoint moved there"
)
DOCUMENTS_BEFORE = "Per document of the source: the version stored, when it was read, how many rows it gave"
DOCUMENTS = (
    "Per document of the source: the version stored (NULL: not all of its parts have a date), when it was read by the "
    "source's clock, how many rows it gave. leitura: the number of that read, from sync_leitura"
)
FIELDS = "Which field of the source each of our fields is read from, where it has a choice"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("CREATE SEQUENCE IF NOT EXISTS sync_leitura")
    op.alter_column("sync_metadata", "checkpoint", existing_type=MOMENT, nullable=True)
    op.add_column("sync_metadata", sa.Column("relogio", MOMENT), if_not_exists=True)
    op.add_column("sync_metadata", sa.Column("campos", postgresql.JSONB(), comment=FIELDS), if_not_exists=True)
    op.create_table_comment("sync_metadata", METADATA, existing_comment=METADATA_BEFORE)
    op.alter_column("sync_documento", "versao", existing_type=MOMENT, nullable=True)
    number = sa.Column("leitura", sa.BigInteger(), nullable=False, server_default="0")
    op.add_column("sync_documento", number, if_not_exists=True)
    op.create_table_comment("sync_documento", DOCUMENTS, existing_comment=DOCUMENTS_BEFORE)
    change_rows("sync_documento", "lido_em = versao", "lido_em <> versao")
    # The other rows are not of documents: they are the months of Tiny's historic load.
    op.execute(
        "UPDATE sync_metadata m SET checkpoint = NULL "
        "WHERE EXISTS (SELECT FROM sync_documento d WHERE d.entidade = m.entidade)"
    )


def downgrade() -> None:
    op.create_table_comment("sync_documento", DOCUMENTS_BEFORE, existing_comment=DOCUMENTS)
    op.drop_column("sync_documento", "leitura")
    op.execute("UPDATE sync_documento SET versao = '-infinity' WHERE versao IS NULL")
    op.alter_column("sync_documento", "versao", existing_type=MOMENT, nullable=False)
    op.create_table_comment("sync_metadata", METADATA_BEFORE, existing_comment=METADATA)
    op.drop_column("sync_metadata", "campos")
    op.drop_column("sync_metadata", "relogio")
    op.execute("DELETE FROM sync_metadata WHERE checkpoint IS NULL")
    op.alter_column("sync_metadata", "checkpoint", existing_type=MOMENT, nullable=False)
    op.execute("DROP SEQUENCE sync_leitura")
