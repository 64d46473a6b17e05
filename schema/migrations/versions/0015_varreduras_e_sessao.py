"""The timetable knows the sweeps, so that a missing one is told like any other run that is missing."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0012"
branch_labels = None
depends_on = None

SWEEP = "The deployment that compares a wide window by itself; NULL: none does"
MINUTES = "The width of its window: an asked run as wide counts as one"


def upgrade() -> None:
    op.add_column("sync_agenda", sa.Column("varredura", sa.String(100), comment=SWEEP))
    op.add_column(
        "sync_agenda",
        sa.Column("varredura_intervalo", sa.Interval(), comment="The longest time between two of those"),
    )
    op.add_column("sync_agenda", sa.Column("varredura_minutos", sa.Integer(), comment=MINUTES))


def downgrade() -> None:
    op.drop_column("sync_agenda", "varredura_minutos")
    op.drop_column("sync_agenda", "varredura_intervalo")
    op.drop_column("sync_agenda", "varredura")
