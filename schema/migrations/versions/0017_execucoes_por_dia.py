"""The log's runs are added up by day, so that its rows can be removed; what is resolved keeps no payload.

The triggers count what ends from now on. What has ended is added up here: all but the last day before the triggers are
there, for only they lock the log; the rest, and what ended in the meantime, after them, in milliseconds.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLE = "log_integracao_dia"
COUNTED = (
    "documentos",
    "novos",
    "atualizados",
    "inalterados",
    "ignorados",
    "rejeitados",
    "removidos",
    "tardios",
    "chamadas",
)
SUMMED = ("execucoes", "segundos", *COUNTED, "mudancas_situacao")
FAILURES_BEFORE = (
    "Kept aside: pendente (tried again at proxima_tentativa), esgotado (waits for a person, and is tried again daily), "
    "aguardando (waits for what `espera` names, and is read again daily), resolvido"
)
FAILURES_NOW = FAILURES_BEFORE + " (its payload is gone)"


def number(place: str, name: str) -> str:
    found = f"CASE jsonb_typeof({place} -> '{name}') WHEN 'number' THEN ({place} ->> '{name}')::numeric END"
    return f"coalesce(sum({found}), 0)"


SUMS = ",\n        ".join(
    [*(number("detalhes", name) for name in COUNTED), number("detalhes -> 'efeitos'", "mudanças de situação")]
)
ADDED = ",\n        ".join(f"{name} = d.{name} + excluded.{name}" for name in SUMMED)
ADD = """
    INSERT INTO log_integracao_dia AS d (dia, tipo_integracao, status, faixa, {columns})
    SELECT (data_execucao AT TIME ZONE 'America/Sao_Paulo')::date AS dia, tipo_integracao, status, faixa,
        count(*), coalesce(sum(tempo_execucao), 0),
        {sums}
    FROM ({ended}) terminadas
    CROSS JOIN LATERAL (
        SELECT CASE WHEN tempo_execucao IS NULL THEN 0 ELSE coalesce(min(limite), 'Infinity') END AS faixa
        FROM unnest('{{1,2.5,5,10,30,60,120,300,600,1800,3600,7200,14400,43200}}'::float8[]) limite
        WHERE limite >= tempo_execucao
    ) duracao
    GROUP BY 1, 2, 3, 4
    ORDER BY 1, 2, 3, 4
    ON CONFLICT (dia, tipo_integracao, status, faixa) DO UPDATE SET
        {added};
"""
LOG = "SELECT * FROM log_integracao WHERE {}"
NEW = "SELECT * FROM novas WHERE status <> 'executando'"
ENDED = "SELECT n.* FROM novas n JOIN antigas a USING (id) WHERE a.status = 'executando' AND n.status <> 'executando'"
OLD = "id <= (SELECT ate FROM corte)"


def adding(ended: str) -> str:
    return ADD.format(columns=", ".join(SUMMED), sums=SUMS, ended=ended, added=ADDED)


def function(name: str, ended: str) -> str:
    head = f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$"
    return f"{head}\nBEGIN{adding(ended)}    RETURN NULL;\nEND $$"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("dia", sa.Date(), nullable=False, comment="On which the runs began, in São Paulo"),
        sa.Column("tipo_integracao", sa.String(50), nullable=False),
        sa.Column("status", sa.String(20), nullable=False, comment="How they ended"),
        sa.Column(
            "faixa",
            sa.Float(),
            nullable=False,
            comment="None of them took longer than these seconds, nor as little as the bound before; 0: not known",
        ),
        sa.Column("execucoes", sa.BigInteger(), nullable=False),
        sa.Column("segundos", sa.Float(), nullable=False),
        *(sa.Column(name, sa.Numeric(), nullable=False) for name in (*COUNTED, "mudancas_situacao")),
        sa.PrimaryKeyConstraint("dia", "tipo_integracao", "status", "faixa", name=op.f("pk_log_integracao_dia")),
        comment="The runs of log_integracao that have ended, added up by day; it stays when their rows are removed. "
        "Filled by the triggers of log_integracao",
    )
    op.execute(
        "CREATE TEMPORARY TABLE corte ON COMMIT DROP AS SELECT coalesce(max(id), 0) AS ate FROM log_integracao "
        "WHERE data_execucao < now() - interval '1 day'"
    )
    op.execute("CREATE TEMPORARY TABLE abertas (id bigint) ON COMMIT DROP")
    op.execute("INSERT INTO abertas " + LOG.replace("*", "id").format(f"{OLD} AND status = 'executando'"))
    before = LOG.format(f"{OLD} AND status <> 'executando' AND id NOT IN (TABLE abertas)")
    op.execute(adding(before))
    op.execute(function("somar_execucoes_novas", NEW))
    op.execute(function("somar_execucoes_terminadas", ENDED))
    op.execute(
        "CREATE TRIGGER somar_novas AFTER INSERT ON log_integracao REFERENCING NEW TABLE AS novas "
        "FOR EACH STATEMENT EXECUTE FUNCTION somar_execucoes_novas()"
    )
    op.execute(
        "CREATE TRIGGER somar_terminadas AFTER UPDATE ON log_integracao "
        "REFERENCING OLD TABLE AS antigas NEW TABLE AS novas "
        "FOR EACH STATEMENT EXECUTE FUNCTION somar_execucoes_terminadas()"
    )
    since = LOG.format("status <> 'executando' AND (id > (SELECT ate FROM corte) OR id IN (TABLE abertas))")
    op.execute(adding(since))
    op.create_table_comment("import_failures", FAILURES_NOW, existing_comment=FAILURES_BEFORE)
    often = sa.Column(
        "vezes",
        sa.Integer(),
        nullable=False,
        server_default="1",
        comment="Of how many exchanges; faxina joins old ones",
    )
    op.add_column("renovacoes", often, schema="tiny")


def downgrade() -> None:
    op.drop_column("renovacoes", "vezes", schema="tiny")
    op.create_table_comment("import_failures", FAILURES_BEFORE, existing_comment=FAILURES_NOW)
    op.execute("DROP TRIGGER somar_novas ON log_integracao")
    op.execute("DROP TRIGGER somar_terminadas ON log_integracao")
    op.execute("DROP FUNCTION somar_execucoes_novas(), somar_execucoes_terminadas()")
    op.drop_table(TABLE)
