"""The runs of each day, added up by triggers as they end: what is left of `log_integracao` when its rows are removed.

Everything that ends in the log is counted here once, whoever wrote it: a row that is inserted ended, or that leaves
`executando`. The metrics read nothing else of the log's past.
"""

from sqlalchemy import DDL, event
from sqlalchemy.schema import Column, Table
from sqlalchemy.types import BigInteger, Date, Float, Numeric, String

from schema.base import metadata

_COUNTED = {
    "documentos": "Soma dos documentos lidos inteiros",
    "novos": "Soma das linhas incluídas",
    "atualizados": "Soma das linhas que diferiam e foram mudadas",
    "inalterados": "Soma das linhas que já estavam certas",
    "ignorados": "Soma das linhas da origem que não são linhas aqui",
    "rejeitados": "Soma das linhas postas em quarentena",
    "removidos": "Soma das linhas desativadas porque saíram da origem",
    "tardios": "Soma dos documentos cuja mudança uma janela anterior devia ter mostrado",
    "chamadas": "Soma das chamadas à origem",
}
COUNTED = tuple(_COUNTED)
"""The counts of a run (`detalhes`) that are added up, each under its own name."""
_STATUS_CHANGES = {"mudancas_situacao": "Soma das mudanças de situação das ordens do Tiny"}

log_integracao_dia = Table(
    "log_integracao_dia",
    metadata,
    Column("dia", Date, primary_key=True, comment="Dia em que as execuções começaram, em São Paulo [registro]"),
    Column("tipo_integracao", String(50), primary_key=True, comment="Nome do job [registro]"),
    Column("status", String(20), primary_key=True, comment="Como terminaram [registro]"),
    Column(
        "faixa",
        Float,
        primary_key=True,
        autoincrement=False,
        comment=(
            "Nenhuma levou mais que estes segundos, nem tão pouco quanto a faixa anterior; 0: não se sabe [registro]"
        ),
    ),
    Column("execucoes", BigInteger, nullable=False, comment="Quantas execuções [registro]"),
    Column("segundos", Float, nullable=False, comment="Soma da duração, em segundos [registro]"),
    *(
        Column(name, Numeric, nullable=False, comment=f"{meaning} [registro]")
        for name, meaning in (_COUNTED | _STATUS_CHANGES).items()
    ),
    comment="Execuções terminadas de log_integracao somadas por dia; ficam quando as linhas de lá são removidas",
)

_SUMMED = ("execucoes", "segundos", *COUNTED, "mudancas_situacao")


def _number(place: str, name: str) -> str:
    """A number of a run's details; what is none counts as zero."""
    found = f"CASE jsonb_typeof({place} -> '{name}') WHEN 'number' THEN ({place} ->> '{name}')::numeric END"
    return f"coalesce(sum({found}), 0)"


_SUMS = ",\n        ".join(
    [*(_number("detalhes", name) for name in COUNTED), _number("detalhes -> 'efeitos'", "mudanças de situação")]
)
_ADDED = ",\n        ".join(f"{name} = d.{name} + excluded.{name}" for name in _SUMMED)
_ADD = """
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
_NEW = "SELECT * FROM novas WHERE status <> 'executando'"
_ENDED = "SELECT n.* FROM novas n JOIN antigas a USING (id) WHERE a.status = 'executando' AND n.status <> 'executando'"


def _function(name: str, ended: str) -> str:
    body = _ADD.format(columns=", ".join(_SUMMED), sums=_SUMS, ended=ended, added=_ADDED)
    head = f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$"
    return f"{head}\nBEGIN{body}    RETURN NULL;\nEND $$"


TRIGGERS = (
    _function("somar_execucoes_novas", _NEW),
    _function("somar_execucoes_terminadas", _ENDED),
    "CREATE OR REPLACE TRIGGER somar_novas AFTER INSERT ON log_integracao REFERENCING NEW TABLE AS novas "
    "FOR EACH STATEMENT EXECUTE FUNCTION somar_execucoes_novas()",
    "CREATE OR REPLACE TRIGGER somar_terminadas AFTER UPDATE ON log_integracao "
    "REFERENCING OLD TABLE AS antigas NEW TABLE AS novas "
    "FOR EACH STATEMENT EXECUTE FUNCTION somar_execucoes_terminadas()",
)

for _statement in TRIGGERS:
    event.listen(metadata, "after_create", DDL(_statement))  # type: ignore[no-untyped-call]
