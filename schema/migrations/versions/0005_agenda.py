"""The timetable: what is meant to run, and how often."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sync_agenda",
        sa.Column("entidade", sa.String(50), nullable=False),
        sa.Column("ordem", sa.Integer(), nullable=False),
        sa.Column("titulo", sa.String(100), nullable=False),
        sa.Column("grupo", sa.String(50), nullable=False, comment="The domain whose folder declares it"),
        sa.Column(
            "agendada", sa.String(100), nullable=True, comment="The deployment that runs it by itself; NULL: none does"
        ),
        sa.Column("intervalo", sa.Interval(), nullable=True, comment="The longest time between two of its runs"),
        sa.Column(
            "recuperacao", sa.String(100), nullable=False, comment="The deployment that a person runs to recover it"
        ),
        sa.Column(
            "quarentena",
            sa.String(50),
            nullable=False,
            comment="Under which name import_failures holds its records",
        ),
        sa.PrimaryKeyConstraint("entidade", name=op.f("pk_sync_agenda")),
        comment="What is meant to run, and how often; written by make deploy from prefect.yaml and the settings",
    )


def downgrade() -> None:
    op.drop_table("sync_agenda")
