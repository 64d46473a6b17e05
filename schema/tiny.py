"""Tiny (schema `tiny`): service orders, what they name, their statuses over time, and the client's own state.

Ids are Tiny's unless a comment says otherwise. What an order names (contact, category, form of payment) is no foreign
key: an order is stored even where Tiny names something that it does not describe, such as a vendor without contact.
"""

from typing import Any

from sqlalchemy import event
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.schema import DDL, CheckConstraint, Column, ForeignKey, Index, SchemaItem, Table, UniqueConstraint
from sqlalchemy.types import BigInteger, Boolean, Date, DateTime, Integer, Numeric, SmallInteger, String, Text

from schema.base import bookkeeping, metadata, moment, table, texts

SCHEMA = "tiny"


def _table(name: str, *parts: SchemaItem, comment: str | None = None) -> Table:
    """A table of the schema `tiny` without a surrogate key: its rows are known by a key of their own."""
    return Table(name, metadata, *parts, schema=SCHEMA, comment=comment)


def _tiny_id(name: str = "id", *, key: bool = False) -> Column[int]:
    """An id that Tiny gave; some are above 2³¹."""
    return Column(name, BigInteger, primary_key=key, autoincrement=False)


def _total(name: str) -> Column[Any]:
    """An amount in reais, as Tiny sums it."""
    return Column(name, Numeric(12, 2))


ordens_servico = _table(
    "ordens_servico",
    _tiny_id(key=True),
    Column("numero_ordem_servico", String(30), index=True),
    Column("situacao", SmallInteger, nullable=False),
    Column("data_emissao", Date),
    moment("data_prevista"),
    Column("data_conclusao", Date, comment="As Tiny gives it, for few orders: see the view conclusoes"),
    _total("total_servicos"),
    _total("total_pecas"),
    _total("total_ordem_servico"),
    Column("desconto", Text, comment="As Tiny writes it: 0,00 or 15%; parsed into one of the next two"),
    _total("desconto_valor"),
    Column("desconto_percentual", Numeric(7, 4)),
    Column("equipamento", Text),
    Column("equipamento_serie", Text),
    Column("descricao_problema", Text),
    Column("observacoes", Text),
    Column("observacoes_servico", Text),
    Column("observacoes_internas", Text),
    Column("orcar", Boolean),
    Column("orcado", Boolean),
    Column("alq_comissao", Numeric(7, 4)),
    _total("vlr_comissao"),
    Column("tecnico", String(255)),
    _tiny_id("id_contato"),
    _tiny_id("id_vendedor"),
    _tiny_id("id_categoria_os"),
    _tiny_id("id_forma_pagamento"),
    _tiny_id("id_conta_contabil"),
    _tiny_id("id_lista_preco"),
    _tiny_id("id_deposito"),
    Column("id_local_prestacao", String(50), comment="A text in Tiny's contract"),
    Column("marcadores", ARRAY(Text), nullable=False, server_default="{}", comment="Only the list tells them"),
    Column("hash_lista", String(64), comment="Of the list's item: another one means that the detail is read again"),
    moment("verificado_em"),
    Column("dados_api", JSONB, comment="The answer as it came"),
    *bookkeeping(moment("data_extracao", required=True, now=True)),
    moment("excluido_em"),
    Column("leitura", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("situacao BETWEEN 0 AND 7", name="situacao"),
    Index("ix_ordens_servico_situacao_data_emissao", "situacao", "data_emissao"),
    Index("ix_ordens_servico_leitura", "leitura"),
    Index("ix_ordens_servico_id_contato", "id_contato"),
    comment="One row per service order. verificado_em: its detail was last read; data_extracao: the row last changed; "
    "excluido_em: a whole sweep did not list it and its detail was not found. leitura: the number of the read that "
    "told of it last, from sync_leitura",
)

contatos = _table(
    "contatos",
    _tiny_id(key=True),
    *texts(nome=255, codigo=100, fantasia=255),
    Column("tipo_pessoa", String(1), comment="J company, F person, E foreigner, X foreigner in Brazil"),
    Column("cpf_cnpj", String(20), index=True),
    *texts(inscricao_estadual=30, rg=30, telefone=50, celular=50, email=255),
    *bookkeeping(moment("data_extracao", required=True, now=True)),
    comment="Customers and vendors, as the orders describe them",
)

enderecos = _table(
    "enderecos",
    _tiny_id("id_contato", key=True),
    *texts(endereco=255, numero=30, complemento=255, bairro=100, municipio=100, cep=10, uf=2, pais=60),
    *bookkeeping(moment("data_extracao", required=True, now=True)),
    comment="A contact's address; Tiny gives it no id of its own",
)

categorias_os = _table("categorias_os", _tiny_id(key=True), Column("descricao", String(255)))

formas_pagamento = _table("formas_pagamento", _tiny_id(key=True), Column("nome", String(255)))

marcadores = table(
    "marcadores",
    Column("descricao", String(255), nullable=False),
    UniqueConstraint("descricao"),
    comment="The id is ours: Tiny gives markers none",
    schema=SCHEMA,
)

ordem_servico_marcadores = _table(
    "ordem_servico_marcadores",
    Column("id_os", ForeignKey(ordens_servico.c.id, ondelete="CASCADE"), primary_key=True),
    Column("id_marcador", ForeignKey(marcadores.c.id, ondelete="CASCADE"), primary_key=True, index=True),
)

ordem_status_history = table(
    "ordem_status_history",
    Column("id_os", ForeignKey(ordens_servico.c.id, ondelete="CASCADE"), nullable=False),
    Column("status_antigo", SmallInteger, comment="NULL: the order was seen for the first time"),
    Column("status_novo", SmallInteger, nullable=False),
    moment("changed_at", required=True, now=True),
    Column("origem", String(30), nullable=False, comment="The flow that saw it"),
    CheckConstraint("status_novo BETWEEN 0 AND 7", name="status_novo"),
    CheckConstraint("status_antigo IS DISTINCT FROM status_novo", name="mudou"),
    Index("ix_ordem_status_history_id_os_changed_at", "id_os", "changed_at"),
    Index("ix_ordem_status_history_status_novo_changed_at", "status_novo", "changed_at"),
    comment="Every status that we saw an order take; changed_at is when we saw it, Tiny tells no time",
    schema=SCHEMA,
)

credenciais = _table(
    "credenciais",
    Column("conta", String(50), primary_key=True),
    Column("client_id", String(200), nullable=False),
    Column("versao", BigInteger, nullable=False, comment="Grows with every new pair: what a renewal compares"),
    Column("acesso", Text, nullable=False, comment="Access token, encrypted (Fernet, TINY_TOKEN_KEY)"),
    Column("renovacao", Text, nullable=False, comment="Refresh token, encrypted likewise"),
    moment("acesso_ate", required=True),
    moment("renovacao_ate"),
    moment("consentido_em", required=True),
    moment("renovado_em", required=True),
    moment("recusado_em"),
    Column(
        "sessao_ate",
        DateTime(timezone=True),
        comment="When the session of the consent ends, whatever is renewed; NULL: no answer has shown it yet",
    ),
    Column(
        "esperar_ate",
        DateTime(timezone=True),
        comment="The token endpoint asked for no exchange before this (Retry-After)",
    ),
    comment="The newest pair of tokens of an account. recusado_em: Tiny refused the refresh token, a person must "
    "consent again (python -m blocks.tiny authorize)",
)

renovacoes = table(
    "renovacoes",
    Column("conta", String(50), nullable=False),
    Column("versao", BigInteger, nullable=False, comment="The pair that was given in exchange"),
    Column("por", String(200), nullable=False, comment="Host and process"),
    moment("iniciada_em", required=True),
    moment("terminada_em"),
    Column("resultado", String(20), comment="renovado, indisponivel, recusado or erro; NULL: never came back"),
    Column("erro", Text),
    Column(
        "vezes", Integer, nullable=False, server_default="1", comment="Of how many exchanges; faxina joins old ones"
    ),
    Index("ix_renovacoes_conta_id", "conta", "id"),
    comment="One row per exchange of a refresh token, written before it is sent: one without a result tells where a "
    "new pair may have been lost",
    schema=SCHEMA,
)

limites = _table(
    "limites",
    Column("conta", String(50), primary_key=True),
    Column("limite", Integer, comment="Reads a minute, from the last answer that told; NULL: none has yet"),
    moment("pausa_ate"),
    comment="What Tiny's answers told of an account's limit; pausa_ate: nothing is sent before, in Tiny's clock",
)

cotas = _table(
    "cotas",
    Column("conta", String(50), primary_key=True),
    Column("minuto", DateTime(timezone=True), primary_key=True, comment="Its first instant, in Tiny's clock"),
    Column("tomadas", Integer, nullable=False, server_default="0"),
    Column("respondidas", Integer, nullable=False, server_default="0"),
    Column("restantes", Integer, comment="The least X-RateLimit-Remaining seen in this minute"),
    comment="The reads of a clock minute: taken by all flows and workers together, and answered; kept for a day",
)

CONCLUSOES = """
CREATE OR REPLACE VIEW tiny.conclusoes AS
SELECT
    os.id AS id_os,
    os.numero_ordem_servico,
    os.situacao,
    CASE fonte
        WHEN 'historico' THEN (vista.presenciada_em AT TIME ZONE 'America/Sao_Paulo')::date
        WHEN 'tiny' THEN os.data_conclusao
        ELSE (vista.primeira_em AT TIME ZONE 'America/Sao_Paulo')::date
    END AS concluida_em,
    fonte,
    vista.primeira_em AS finalizada_vista_em,
    vista.ultima_em AS finalizada_ultima_vez_em,
    os.data_conclusao
FROM tiny.ordens_servico os
LEFT JOIN (
    SELECT id_os, min(changed_at) AS primeira_em, max(changed_at) AS ultima_em,
           min(changed_at) FILTER (WHERE status_antigo IS NOT NULL) AS presenciada_em
    FROM tiny.ordem_status_history
    WHERE status_novo = 3
    GROUP BY id_os
) vista ON vista.id_os = os.id
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN vista.presenciada_em = vista.primeira_em THEN 'historico'
        WHEN os.data_conclusao IS NOT NULL THEN 'tiny'
        ELSE 'primeira_leitura'
    END AS fonte
) escolha
WHERE vista.id_os IS NOT NULL OR os.data_conclusao IS NOT NULL
"""
"""When an order finished: one row per order that we saw in status 3, or for which Tiny tells a date.

- concluida_em: the day in São Paulo; how good it is, `fonte` tells:
  historico, we saw it change to 3, so at most one sync late; tiny, `dataConclusao`;
  primeira_leitura, it was in 3 when first seen, so it finished on that day or before.
- finalizada_vista_em, finalizada_ultima_vez_em: first and last time that we saw it enter status 3.
- situacao: the present one; an order that was opened again is not in 3.
"""

FALHAS = """
CREATE OR REPLACE VIEW tiny.import_failures AS
SELECT
    documento_id AS id_ordem,
    criado_em AS primeira_tentativa,
    atualizado_em AS ultima_tentativa,
    erro,
    tentativas,
    status = 'resolvido' AS resolvido,
    payload AS dados_api
FROM public.import_failures
WHERE starts_with(entidade, 'tiny_')
"""
"""Tiny's part of the quarantine: the failures of entities whose names begin with `tiny_`, one row per order."""

event.listen(metadata, "before_create", DDL("CREATE SCHEMA IF NOT EXISTS tiny"))  # type: ignore[no-untyped-call]
event.listen(metadata, "after_create", DDL(CONCLUSOES))  # type: ignore[no-untyped-call]
event.listen(metadata, "after_create", DDL(FALHAS))  # type: ignore[no-untyped-call]
