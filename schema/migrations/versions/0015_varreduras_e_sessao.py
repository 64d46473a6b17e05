"""The timetable knows the sweeps; Tiny's tokens tell when the session ends, and until when not to ask for new ones."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None

SWEEP = "The deployment that compares a wide window by itself; NULL: none does"
SESSION = "When the session of the consent ends, whatever is renewed; NULL: no answer has shown it yet"
WAIT = "The token endpoint asked for no exchange before this (Retry-After)"
MINUTES = "The width of its window: an asked run as wide counts as one"


def upgrade() -> None:
    op.add_column("sync_agenda", sa.Column("varredura", sa.String(100), comment=SWEEP))
    op.add_column(
        "sync_agenda",
        sa.Column("varredura_intervalo", sa.Interval(), comment="The longest time between two of those"),
    )
    op.add_column("sync_agenda", sa.Column("varredura_minutos", sa.Integer(), comment=MINUTES))
    op.add_column("credenciais", sa.Column("sessao_ate", sa.DateTime(timezone=True), comment=SESSION), schema="tiny")
    op.add_column("credenciais", sa.Column("esperar_ate", sa.DateTime(timezone=True), comment=WAIT), schema="tiny")


def downgrade() -> None:
    op.drop_column("credenciais", "esperar_ate", schema="tiny")
    op.drop_column("credenciais", "sessao_ate", schema="tiny")
    op.drop_column("sync_agenda", "varredura_minutos")
    op.drop_column("sync_agenda", "varredura_intervalo")
    op.drop_column("sync_agenda", "varredura")
