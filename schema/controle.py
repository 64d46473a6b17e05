"""What the syncs know about themselves: checkpoints, document versions, quarantine, run log."""

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.schema import Column, Index, Sequence, Table, UniqueConstraint
from sqlalchemy.types import BigInteger, DateTime, Float, Integer, Interval, String, Text

from schema.base import metadata, moment, table

sync_metadata = Table(
    "sync_metadata",
    metadata,
    Column("entidade", String(50), primary_key=True),
    moment("checkpoint"),
    moment("atualizado_em", required=True, now=True),
    Column("flow_run_id", String(36)),
    Column("origem", String(100), comment="What the documents are in the source: their ids mean nothing in another"),
    moment("relogio"),
    Column("campos", JSONB, comment="Which field of the source each of our fields is read from, where it has a choice"),
    Column("regra", String(16), comment="Fingerprint of the rule by which the last run made rows"),
    Column(
        "assentado_em",
        DateTime(timezone=True),
        comment="The source's clock when a run had seen all documents and left nothing to do; NULL: not since the "
        "checkpoint moved",
    ),
    Column("acesso", JSONB, comment="How the source was reached then: protocol, the user's id, version; no secret"),
    comment="Per entity, the source's instant up to which every change is stored or quarantined (NULL: not yet), and "
    "relogio: what the source's server said that the time was when the checkpoint moved there",
)

sync_leitura = Sequence("sync_leitura", metadata=metadata)
"""Numbers the reads of documents in the order in which they begin, whatever the clocks say."""

sync_documento = Table(
    "sync_documento",
    metadata,
    Column("entidade", String(50), primary_key=True),
    Column("documento_id", BigInteger, primary_key=True, autoincrement=False),
    Column("numero", String(100)),
    moment("versao"),
    moment("lido_em", required=True),
    Column("linhas", Integer, nullable=False, server_default="0"),
    moment("excluido_em"),
    Column("registros", ARRAY(BigInteger), nullable=False, server_default="{}", comment="The ids of its lines"),
    Column("leitura", BigInteger, nullable=False, server_default="0"),
    moment("oculto_em"),
    Column(
        "linhas_ocultas",
        ARRAY(BigInteger),
        nullable=False,
        server_default="{}",
        comment="Those of its lines that the source does not let us see; none, and oculto_em set: all of it is hidden",
    ),
    Column(
        "conferido_em",
        DateTime(timezone=True),
        nullable=False,
        server_default=func.now(),
        comment="When it was last read, by the clock of this database",
    ),
    Column(
        "regra",
        String(16),
        comment="Fingerprint of the declaration, mapping and settings that made its rows; NULL: not known, it is read "
        "again",
    ),
    Column("resumo", String(16), comment="Digest of its rows as they followed from what was read"),
    Index("ix_sync_documento_numero", "entidade", "numero"),
    comment="Per document of the source: the version stored (NULL: not all of its parts have a date), when it was read "
    "by the source's clock, how many rows it gave. leitura: the number of that read, from sync_leitura",
)

sync_agenda = Table(
    "sync_agenda",
    metadata,
    Column("entidade", String(50), primary_key=True),
    Column("ordem", Integer, nullable=False),
    Column("titulo", String(100), nullable=False),
    Column("grupo", String(50), nullable=False, comment="The name of its domain"),
    Column("agendada", String(100), comment="The deployment that runs it by itself; NULL: none does"),
    Column("intervalo", Interval, comment="The longest time between two of its runs"),
    Column("recuperacao", String(100), nullable=False, comment="The deployment that a person runs to recover it"),
    Column("quarentena", String(50), nullable=False, comment="Under which name import_failures holds its records"),
    Column("varredura", String(100), comment="The deployment that compares a wide window by itself; NULL: none does"),
    Column("varredura_intervalo", Interval, comment="The longest time between two of those"),
    Column("varredura_minutos", Integer, comment="The width of its window: an asked run as wide counts as one"),
    comment="What is meant to run, and how often; written by make deploy from prefect.yaml and the settings",
)

import_failures = table(
    "import_failures",
    Column("entidade", String(50), nullable=False),
    Column("documento_id", BigInteger, nullable=False),
    Column("registro_id", BigInteger, nullable=False),
    Column("documento", String(100)),
    Column("erro", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("tentativas", Integer, nullable=False, server_default="1"),
    Column("status", String(20), nullable=False, server_default="pendente"),
    moment("proxima_tentativa"),
    moment("criado_em", required=True, now=True),
    moment("atualizado_em", required=True, now=True),
    moment("resolvido_em"),
    Column("espera", String(100), comment="What an aguardando record waits for: a product's code, a record's id"),
    UniqueConstraint("entidade", "documento_id", "registro_id"),
    Index(
        "ix_import_failures_proxima_tentativa",
        "entidade",
        "proxima_tentativa",
        postgresql_where=text("proxima_tentativa IS NOT NULL"),
    ),
    Index("ix_import_failures_espera", "entidade", "espera", postgresql_where=text("status = 'aguardando'")),
    comment="Kept aside: pendente (tried again at proxima_tentativa), esgotado (waits for a person, and is tried again "
    "daily), aguardando (waits for what `espera` names, and is read again daily), resolvido (its payload is gone)",
)

log_integracao = table(
    "log_integracao",
    Column("tipo_integracao", String(50), nullable=False),
    Column("status", String(20), nullable=False),
    Column("mensagem", Text),
    Column("registros_processados", Integer, nullable=False, server_default="0"),
    Column("registros_erro", Integer, nullable=False, server_default="0"),
    moment("data_execucao", required=True, now=True),
    Column("tempo_execucao", Float),
    Column("detalhes", JSONB),
    Index("ix_log_integracao_tipo_integracao_data_execucao", "tipo_integracao", "data_execucao"),
    comment="One row per run: executando, then sucesso, parcial, pulada (the source has no such records), erro or "
    "interrompida (its process ended first); written outside the data's transactions",
)
