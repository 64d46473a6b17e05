"""Tiny: service orders, the history of their statuses, and the client's tokens and budget."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

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


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS tiny")
    op.create_table(
        "categorias_os",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("descricao", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categorias_os")),
        schema="tiny",
    )
    op.create_table(
        "contatos",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("nome", sa.String(length=255), nullable=True),
        sa.Column("codigo", sa.String(length=100), nullable=True),
        sa.Column("fantasia", sa.String(length=255), nullable=True),
        sa.Column(
            "tipo_pessoa",
            sa.String(length=1),
            nullable=True,
            comment="J company, F person, E foreigner, X foreigner in Brazil",
        ),
        sa.Column("cpf_cnpj", sa.String(length=20), nullable=True),
        sa.Column("inscricao_estadual", sa.String(length=30), nullable=True),
        sa.Column("rg", sa.String(length=30), nullable=True),
        sa.Column("telefone", sa.String(length=50), nullable=True),
        sa.Column("celular", sa.String(length=50), nullable=True),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("data_extracao", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contatos")),
        schema="tiny",
        comment="Customers and vendors, as the orders describe them",
    )
    op.create_index(op.f("ix_contatos_cpf_cnpj"), "contatos", ["cpf_cnpj"], unique=False, schema="tiny")
    op.create_table(
        "cotas",
        sa.Column("conta", sa.String(length=50), nullable=False),
        sa.Column("minuto", sa.DateTime(timezone=True), nullable=False, comment="Its first instant, in Tiny's clock"),
        sa.Column("tomadas", sa.Integer(), server_default="0", nullable=False),
        sa.Column("respondidas", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "restantes", sa.Integer(), nullable=True, comment="The least X-RateLimit-Remaining seen in this minute"
        ),
        sa.PrimaryKeyConstraint("conta", "minuto", name=op.f("pk_cotas")),
        schema="tiny",
        comment="The reads of a clock minute: taken by all flows and workers together, and answered; kept for a day",
    )
    op.create_table(
        "credenciais",
        sa.Column("conta", sa.String(length=50), nullable=False),
        sa.Column("client_id", sa.String(length=200), nullable=False),
        sa.Column(
            "versao", sa.BigInteger(), nullable=False, comment="Grows with every new pair: what a renewal compares"
        ),
        sa.Column("acesso", sa.Text(), nullable=False, comment="Access token, encrypted (Fernet, TINY_TOKEN_KEY)"),
        sa.Column("renovacao", sa.Text(), nullable=False, comment="Refresh token, encrypted likewise"),
        sa.Column("acesso_ate", sa.DateTime(timezone=True), nullable=False),
        sa.Column("renovacao_ate", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consentido_em", sa.DateTime(timezone=True), nullable=False),
        sa.Column("renovado_em", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recusado_em", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("conta", name=op.f("pk_credenciais")),
        schema="tiny",
        comment="The newest pair of tokens of an account. recusado_em: Tiny refused the refresh token, a person must consent again (python -m blocks.tiny authorize)",
    )
    op.create_table(
        "enderecos",
        sa.Column("id_contato", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("endereco", sa.String(length=255), nullable=True),
        sa.Column("numero", sa.String(length=30), nullable=True),
        sa.Column("complemento", sa.String(length=255), nullable=True),
        sa.Column("bairro", sa.String(length=100), nullable=True),
        sa.Column("municipio", sa.String(length=100), nullable=True),
        sa.Column("cep", sa.String(length=10), nullable=True),
        sa.Column("uf", sa.String(length=2), nullable=True),
        sa.Column("pais", sa.String(length=60), nullable=True),
        sa.Column("data_extracao", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id_contato", name=op.f("pk_enderecos")),
        schema="tiny",
        comment="A contact's address; Tiny gives it no id of its own",
    )
    op.create_table(
        "formas_pagamento",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("nome", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_formas_pagamento")),
        schema="tiny",
    )
    op.create_table(
        "limites",
        sa.Column("conta", sa.String(length=50), nullable=False),
        sa.Column(
            "limite",
            sa.Integer(),
            nullable=True,
            comment="Reads a minute, from the last answer that told; NULL: none has yet",
        ),
        sa.Column("pausa_ate", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("conta", name=op.f("pk_limites")),
        schema="tiny",
        comment="What Tiny's answers told of an account's limit; pausa_ate: nothing is sent before, in Tiny's clock",
    )
    op.create_table(
        "marcadores",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("descricao", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marcadores")),
        sa.UniqueConstraint("descricao", name=op.f("uq_marcadores_descricao")),
        schema="tiny",
        comment="The id is ours: Tiny gives markers none",
    )
    op.create_table(
        "ordens_servico",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("numero_ordem_servico", sa.String(length=30), nullable=True),
        sa.Column("situacao", sa.SmallInteger(), nullable=False),
        sa.Column("data_emissao", sa.Date(), nullable=True),
        sa.Column("data_prevista", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "data_conclusao",
            sa.Date(),
            nullable=True,
            comment="As Tiny gives it, for few orders: see the view conclusoes",
        ),
        sa.Column("total_servicos", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("total_pecas", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("total_ordem_servico", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column(
            "desconto",
            sa.Text(),
            nullable=True,
            comment="As Tiny writes it: 0,00 or 15%; parsed into one of the next two",
        ),
        sa.Column("desconto_valor", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("desconto_percentual", sa.Numeric(precision=7, scale=4), nullable=True),
        sa.Column("equipamento", sa.Text(), nullable=True),
        sa.Column("equipamento_serie", sa.Text(), nullable=True),
        sa.Column("descricao_problema", sa.Text(), nullable=True),
        sa.Column("observacoes", sa.Text(), nullable=True),
        sa.Column("observacoes_servico", sa.Text(), nullable=True),
        sa.Column("observacoes_internas", sa.Text(), nullable=True),
        sa.Column("orcar", sa.Boolean(), nullable=True),
        sa.Column("orcado", sa.Boolean(), nullable=True),
        sa.Column("alq_comissao", sa.Numeric(precision=7, scale=4), nullable=True),
        sa.Column("vlr_comissao", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("tecnico", sa.String(length=255), nullable=True),
        sa.Column("id_contato", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("id_vendedor", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("id_categoria_os", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("id_forma_pagamento", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("id_conta_contabil", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("id_lista_preco", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("id_deposito", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("id_local_prestacao", sa.String(length=50), nullable=True, comment="A text in Tiny's contract"),
        sa.Column(
            "marcadores",
            postgresql.ARRAY(sa.Text()),
            server_default="{}",
            nullable=False,
            comment="Only the list tells them",
        ),
        sa.Column(
            "hash_lista",
            sa.String(length=64),
            nullable=True,
            comment="Of the list's item: another one means that the detail is read again",
        ),
        sa.Column("verificado_em", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dados_api", postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment="The answer as it came"),
        sa.Column("data_extracao", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("excluido_em", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("situacao BETWEEN 0 AND 7", name=op.f("ck_ordens_servico_situacao")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ordens_servico")),
        schema="tiny",
        comment="One row per service order. verificado_em: its detail was last read; data_extracao: the row last changed; excluido_em: a whole sweep did not list it and its detail was not found",
    )
    op.create_index("ix_ordens_servico_id_contato", "ordens_servico", ["id_contato"], unique=False, schema="tiny")
    op.create_index(
        op.f("ix_ordens_servico_numero_ordem_servico"),
        "ordens_servico",
        ["numero_ordem_servico"],
        unique=False,
        schema="tiny",
    )
    op.create_index(
        "ix_ordens_servico_situacao_data_emissao",
        "ordens_servico",
        ["situacao", "data_emissao"],
        unique=False,
        schema="tiny",
    )
    op.create_index("ix_ordens_servico_verificado_em", "ordens_servico", ["verificado_em"], unique=False, schema="tiny")
    op.create_table(
        "renovacoes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("conta", sa.String(length=50), nullable=False),
        sa.Column("versao", sa.BigInteger(), nullable=False, comment="The pair that was given in exchange"),
        sa.Column("por", sa.String(length=200), nullable=False, comment="Host and process"),
        sa.Column("iniciada_em", sa.DateTime(timezone=True), nullable=False),
        sa.Column("terminada_em", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "resultado",
            sa.String(length=20),
            nullable=True,
            comment="renovado, indisponivel, recusado or erro; NULL: never came back",
        ),
        sa.Column("erro", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renovacoes")),
        schema="tiny",
        comment="One row per exchange of a refresh token, written before it is sent: one without a result tells where a new pair may have been lost",
    )
    op.create_index("ix_renovacoes_conta_id", "renovacoes", ["conta", "id"], unique=False, schema="tiny")
    op.create_table(
        "ordem_servico_marcadores",
        sa.Column("id_os", sa.BigInteger(), nullable=False),
        sa.Column("id_marcador", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["id_marcador"],
            ["tiny.marcadores.id"],
            name=op.f("fk_ordem_servico_marcadores_id_marcador"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["id_os"], ["tiny.ordens_servico.id"], name=op.f("fk_ordem_servico_marcadores_id_os"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id_os", "id_marcador", name=op.f("pk_ordem_servico_marcadores")),
        schema="tiny",
    )
    op.create_index(
        op.f("ix_ordem_servico_marcadores_id_marcador"),
        "ordem_servico_marcadores",
        ["id_marcador"],
        unique=False,
        schema="tiny",
    )
    op.create_table(
        "ordem_status_history",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("id_os", sa.BigInteger(), nullable=False),
        sa.Column(
            "status_antigo", sa.SmallInteger(), nullable=True, comment="NULL: the order was seen for the first time"
        ),
        sa.Column("status_novo", sa.SmallInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("origem", sa.String(length=30), nullable=False, comment="The flow that saw it"),
        sa.CheckConstraint("status_antigo IS DISTINCT FROM status_novo", name=op.f("ck_ordem_status_history_mudou")),
        sa.CheckConstraint("status_novo BETWEEN 0 AND 7", name=op.f("ck_ordem_status_history_status_novo")),
        sa.ForeignKeyConstraint(
            ["id_os"], ["tiny.ordens_servico.id"], name=op.f("fk_ordem_status_history_id_os"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ordem_status_history")),
        schema="tiny",
        comment="Every status that we saw an order take; changed_at is when we saw it, Tiny tells no time",
    )
    op.create_index(
        "ix_ordem_status_history_id_os_changed_at",
        "ordem_status_history",
        ["id_os", "changed_at"],
        unique=False,
        schema="tiny",
    )
    op.create_index(
        "ix_ordem_status_history_status_novo_changed_at",
        "ordem_status_history",
        ["status_novo", "changed_at"],
        unique=False,
        schema="tiny",
    )
    op.execute(CONCLUSOES)
    op.execute(FALHAS)


def downgrade() -> None:
    op.execute("DROP VIEW tiny.import_failures")
    op.execute("DROP VIEW tiny.conclusoes")
    op.drop_index("ix_ordem_status_history_status_novo_changed_at", table_name="ordem_status_history", schema="tiny")
    op.drop_index("ix_ordem_status_history_id_os_changed_at", table_name="ordem_status_history", schema="tiny")
    op.drop_table("ordem_status_history", schema="tiny")
    op.drop_index(op.f("ix_ordem_servico_marcadores_id_marcador"), table_name="ordem_servico_marcadores", schema="tiny")
    op.drop_table("ordem_servico_marcadores", schema="tiny")
    op.drop_index("ix_renovacoes_conta_id", table_name="renovacoes", schema="tiny")
    op.drop_table("renovacoes", schema="tiny")
    op.drop_index("ix_ordens_servico_verificado_em", table_name="ordens_servico", schema="tiny")
    op.drop_index("ix_ordens_servico_situacao_data_emissao", table_name="ordens_servico", schema="tiny")
    op.drop_index(op.f("ix_ordens_servico_numero_ordem_servico"), table_name="ordens_servico", schema="tiny")
    op.drop_index("ix_ordens_servico_id_contato", table_name="ordens_servico", schema="tiny")
    op.drop_table("ordens_servico", schema="tiny")
    op.drop_table("marcadores", schema="tiny")
    op.drop_table("limites", schema="tiny")
    op.drop_table("formas_pagamento", schema="tiny")
    op.drop_table("enderecos", schema="tiny")
    op.drop_table("credenciais", schema="tiny")
    op.drop_table("cotas", schema="tiny")
    op.drop_index(op.f("ix_contatos_cpf_cnpj"), table_name="contatos", schema="tiny")
    op.drop_table("contatos", schema="tiny")
    op.drop_table("categorias_os", schema="tiny")
    op.execute("DROP SCHEMA tiny")
