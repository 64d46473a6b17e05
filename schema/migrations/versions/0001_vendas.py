"""Sales, and what the syncs know of themselves."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "cadastro_palletizacao",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("cod_produto", sa.String(length=50), nullable=False),
        sa.Column("nome_produto", sa.String(length=255), nullable=False),
        sa.Column("palletizacao", sa.Float(), nullable=False),
        sa.Column("peso_bruto", sa.Float(), nullable=False),
        sa.Column("tipo_embalagem", sa.String(length=50), nullable=True),
        sa.Column("tipo_materia_prima", sa.String(length=50), nullable=True),
        sa.Column("categoria_produto", sa.String(length=50), nullable=True),
        sa.Column("subcategoria", sa.String(length=50), nullable=True),
        sa.Column("linha_producao", sa.String(length=50), nullable=True),
        sa.Column("produto_comprado", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("produto_produzido", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("produto_vendido", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("lead_time_mto", sa.Integer(), nullable=True),
        sa.Column("disparo_producao", sa.String(length=3), nullable=True),
        sa.Column("ativo", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.String(length=100), server_default="odoo_sync", nullable=True),
        sa.Column("updated_by", sa.String(length=100), server_default="odoo_sync", nullable=True),
        sa.CheckConstraint(
            "disparo_producao IN ('MTO', 'MTS')", name=op.f("ck_cadastro_palletizacao_disparo_producao")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cadastro_palletizacao")),
        sa.UniqueConstraint("cod_produto", name=op.f("uq_cadastro_palletizacao_cod_produto")),
    )
    op.create_table(
        "carteira_principal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("num_pedido", sa.String(length=50), nullable=False),
        sa.Column("cod_produto", sa.String(length=50), nullable=False),
        sa.Column("odoo_order_id", sa.BigInteger(), nullable=False),
        sa.Column("pedido_cliente", sa.String(length=100), nullable=True),
        sa.Column("data_pedido", sa.Date(), nullable=True),
        sa.Column("data_atual_pedido", sa.Date(), nullable=True),
        sa.Column("status_pedido", sa.String(length=50), nullable=True),
        sa.Column("cnpj_cpf", sa.String(length=20), nullable=True),
        sa.Column("raz_social", sa.String(length=255), nullable=True),
        sa.Column("raz_social_red", sa.String(length=100), nullable=True),
        sa.Column("municipio", sa.String(length=100), nullable=True),
        sa.Column("estado", sa.String(length=2), nullable=True),
        sa.Column("vendedor", sa.String(length=100), nullable=True),
        sa.Column("equipe_vendas", sa.String(length=100), nullable=True),
        sa.Column("nome_produto", sa.String(length=255), nullable=False),
        sa.Column("unid_medida_produto", sa.String(length=20), nullable=True),
        sa.Column("embalagem_produto", sa.String(length=100), nullable=True),
        sa.Column("materia_prima_produto", sa.String(length=100), nullable=True),
        sa.Column("categoria_produto", sa.String(length=100), nullable=True),
        sa.Column("qtd_produto_pedido", sa.Numeric(precision=15, scale=3), nullable=False),
        sa.Column("qtd_saldo_produto_pedido", sa.Numeric(precision=15, scale=3), server_default="0", nullable=False),
        sa.Column("qtd_cancelada_produto_pedido", sa.Numeric(precision=15, scale=3), server_default="0", nullable=True),
        sa.Column("preco_produto_pedido", sa.Numeric(precision=15, scale=2), nullable=True),
        sa.Column("cond_pgto_pedido", sa.String(length=100), nullable=True),
        sa.Column("forma_pgto_pedido", sa.String(length=100), nullable=True),
        sa.Column("incoterm", sa.String(length=20), nullable=True),
        sa.Column("metodo_entrega_pedido", sa.String(length=100), nullable=True),
        sa.Column("data_entrega_pedido", sa.Date(), nullable=True),
        sa.Column("cliente_nec_agendamento", sa.String(length=10), nullable=True),
        sa.Column("observ_ped_1", sa.Text(), nullable=True),
        sa.Column("cnpj_endereco_ent", sa.String(length=20), nullable=True),
        sa.Column("empresa_endereco_ent", sa.String(length=255), nullable=True),
        sa.Column("cep_endereco_ent", sa.String(length=10), nullable=True),
        sa.Column("nome_cidade", sa.String(length=100), nullable=True),
        sa.Column("cod_uf", sa.String(length=2), nullable=True),
        sa.Column("bairro_endereco_ent", sa.String(length=100), nullable=True),
        sa.Column("rua_endereco_ent", sa.String(length=255), nullable=True),
        sa.Column("endereco_ent", sa.String(length=20), nullable=True),
        sa.Column("telefone_endereco_ent", sa.String(length=50), nullable=True),
        sa.Column("tags_pedido", sa.Text(), nullable=True, comment="JSON array of {name, color}"),
        sa.Column("ativo", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("motivo_exclusao", sa.Text(), nullable=True),
        sa.Column("expedicao", sa.Date(), nullable=True),
        sa.Column("data_entrega", sa.Date(), nullable=True),
        sa.Column("agendamento", sa.Date(), nullable=True),
        sa.Column("hora_agendamento", sa.Time(), nullable=True),
        sa.Column("agendamento_confirmado", sa.Boolean(), server_default="false", nullable=True),
        sa.Column("forma_agendamento", sa.String(length=50), nullable=True),
        sa.Column("protocolo", sa.String(length=50), nullable=True),
        sa.Column("roteirizacao", sa.String(length=100), nullable=True),
        sa.Column("separacao_lote_id", sa.String(length=50), nullable=True),
        sa.Column("importante", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("odoo_write_date", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ultima_sync", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.String(length=100), server_default="odoo_sync", nullable=True),
        sa.Column("updated_by", sa.String(length=100), server_default="odoo_sync", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carteira_principal")),
        sa.UniqueConstraint("num_pedido", "cod_produto", name=op.f("uq_carteira_principal_num_pedido_cod_produto")),
    )
    op.create_index(op.f("ix_carteira_principal_ativo"), "carteira_principal", ["ativo"], unique=False)
    op.create_index(
        "ix_carteira_principal_cnpj_cpf_vendedor", "carteira_principal", ["cnpj_cpf", "vendedor"], unique=False
    )
    op.create_index(
        "ix_carteira_principal_cod_produto_saldo",
        "carteira_principal",
        ["cod_produto", "qtd_saldo_produto_pedido"],
        unique=False,
    )
    op.create_index(op.f("ix_carteira_principal_data_pedido"), "carteira_principal", ["data_pedido"], unique=False)
    op.create_index(op.f("ix_carteira_principal_odoo_order_id"), "carteira_principal", ["odoo_order_id"], unique=False)
    op.create_index(
        op.f("ix_carteira_principal_separacao_lote_id"), "carteira_principal", ["separacao_lote_id"], unique=False
    )
    op.create_index(op.f("ix_carteira_principal_status_pedido"), "carteira_principal", ["status_pedido"], unique=False)
    op.create_index(op.f("ix_carteira_principal_vendedor"), "carteira_principal", ["vendedor"], unique=False)
    op.create_table(
        "faturamento_produtos",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "company_id", sa.Integer(), nullable=False, comment="Odoo's id of the company that issued the invoice"
        ),
        sa.Column("numero_nf", sa.String(length=20), nullable=False),
        sa.Column("cod_produto", sa.String(length=50), nullable=False),
        sa.Column("odoo_move_id", sa.BigInteger(), nullable=False),
        sa.Column("data_fatura", sa.Date(), nullable=False),
        sa.Column("cnpj_cliente", sa.String(length=20), nullable=True),
        sa.Column("nome_cliente", sa.String(length=255), nullable=True),
        sa.Column("municipio", sa.String(length=100), nullable=True),
        sa.Column("estado", sa.String(length=2), nullable=True),
        sa.Column("vendedor", sa.String(length=100), nullable=True),
        sa.Column("equipe_vendas", sa.String(length=100), nullable=True),
        sa.Column("incoterm", sa.String(length=20), nullable=True),
        sa.Column("nome_produto", sa.String(length=200), nullable=False),
        sa.Column("qtd_produto_faturado", sa.Numeric(precision=15, scale=3), server_default="0", nullable=False),
        sa.Column("preco_produto_faturado", sa.Numeric(precision=15, scale=4), nullable=False),
        sa.Column("valor_produto_faturado", sa.Numeric(precision=15, scale=2), nullable=False),
        sa.Column("peso_unitario_produto", sa.Numeric(precision=15, scale=3), nullable=True),
        sa.Column("peso_total", sa.Numeric(precision=15, scale=3), nullable=True),
        sa.Column(
            "origem",
            sa.String(length=50),
            nullable=False,
            comment="num_pedido of the sale order invoiced; empty without one",
        ),
        sa.Column(
            "status_nf", sa.String(length=20), nullable=False, comment="Odoo's status: Provisório, Lançado, Cancelado"
        ),
        sa.Column(
            "status_processamento",
            sa.String(length=20),
            nullable=True,
            comment="Local: VINCULADO (a lot was found) or SEM_LOTE",
        ),
        sa.Column("odoo_write_date", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.String(length=100), server_default="odoo_sync", nullable=True),
        sa.Column("updated_by", sa.String(length=100), server_default="odoo_sync", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faturamento_produtos")),
        sa.UniqueConstraint(
            "company_id",
            "numero_nf",
            "cod_produto",
            "origem",
            name=op.f("uq_faturamento_produtos_company_id_numero_nf_cod_produto_origem"),
        ),
    )
    op.create_index(
        "ix_faturamento_produtos_cnpj_cliente_data_fatura",
        "faturamento_produtos",
        ["cnpj_cliente", "data_fatura"],
        unique=False,
    )
    op.create_index(op.f("ix_faturamento_produtos_cod_produto"), "faturamento_produtos", ["cod_produto"], unique=False)
    op.create_index(op.f("ix_faturamento_produtos_data_fatura"), "faturamento_produtos", ["data_fatura"], unique=False)
    op.create_index(
        op.f("ix_faturamento_produtos_odoo_move_id"), "faturamento_produtos", ["odoo_move_id"], unique=False
    )
    op.create_index(
        "ix_faturamento_produtos_origem_cod_produto", "faturamento_produtos", ["origem", "cod_produto"], unique=False
    )
    op.create_table(
        "import_failures",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("entidade", sa.String(length=50), nullable=False),
        sa.Column("documento_id", sa.BigInteger(), nullable=False),
        sa.Column("registro_id", sa.BigInteger(), nullable=False),
        sa.Column("documento", sa.String(length=100), nullable=True),
        sa.Column("erro", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("tentativas", sa.Integer(), server_default="1", nullable=False),
        sa.Column("status", sa.String(length=20), server_default="pendente", nullable=False),
        sa.Column("proxima_tentativa", sa.DateTime(timezone=True), nullable=True),
        sa.Column("criado_em", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("atualizado_em", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("resolvido_em", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_failures")),
        sa.UniqueConstraint(
            "entidade", "documento_id", "registro_id", name=op.f("uq_import_failures_entidade_documento_id_registro_id")
        ),
        comment="Quarantine: pendente (tried again at proxima_tentativa), esgotado (waits for a person), resolvido",
    )
    op.create_index(
        "ix_import_failures_pendente",
        "import_failures",
        ["entidade", "proxima_tentativa"],
        unique=False,
        postgresql_where=sa.text("status = 'pendente'"),
    )
    op.create_table(
        "log_integracao",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("tipo_integracao", sa.String(length=50), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("mensagem", sa.Text(), nullable=True),
        sa.Column("registros_processados", sa.Integer(), server_default="0", nullable=False),
        sa.Column("registros_erro", sa.Integer(), server_default="0", nullable=False),
        sa.Column("data_execucao", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tempo_execucao", sa.Float(), nullable=True),
        sa.Column("detalhes", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_integracao")),
        comment="One row per run: executando, then sucesso, parcial or erro; written outside the data's transactions",
    )
    op.create_index(
        "ix_log_integracao_tipo_integracao_data_execucao",
        "log_integracao",
        ["tipo_integracao", "data_execucao"],
        unique=False,
    )
    op.create_table(
        "relatorio_faturamento_importado",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("numero_nf", sa.String(length=20), nullable=False),
        sa.Column("data_fatura", sa.Date(), nullable=True),
        sa.Column("cnpj_cliente", sa.String(length=20), nullable=True),
        sa.Column("nome_cliente", sa.String(length=255), nullable=True),
        sa.Column("valor_total", sa.Float(), nullable=True),
        sa.Column("peso_bruto", sa.Float(), nullable=True),
        sa.Column("cnpj_transportadora", sa.String(length=20), nullable=True),
        sa.Column("nome_transportadora", sa.String(length=255), nullable=True),
        sa.Column("municipio", sa.String(length=100), nullable=True),
        sa.Column("estado", sa.String(length=2), nullable=True),
        sa.Column("codigo_ibge", sa.String(length=10), nullable=True),
        sa.Column("origem", sa.String(length=50), nullable=True),
        sa.Column("incoterm", sa.String(length=20), nullable=True),
        sa.Column("vendedor", sa.String(length=100), nullable=True),
        sa.Column("equipe_vendas", sa.String(length=100), nullable=True),
        sa.Column("ativo", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("inativado_em", sa.DateTime(timezone=True), nullable=True),
        sa.Column("inativado_por", sa.String(length=100), nullable=True),
        sa.Column("criado_em", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relatorio_faturamento_importado")),
        sa.UniqueConstraint(
            "company_id", "numero_nf", name=op.f("uq_relatorio_faturamento_importado_company_id_numero_nf")
        ),
    )
    op.create_index(
        op.f("ix_relatorio_faturamento_importado_cnpj_cliente"),
        "relatorio_faturamento_importado",
        ["cnpj_cliente"],
        unique=False,
    )
    op.create_table(
        "separacao",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("separacao_lote_id", sa.String(length=50), nullable=True),
        sa.Column("num_pedido", sa.String(length=50), nullable=True),
        sa.Column("data_pedido", sa.Date(), nullable=True),
        sa.Column("cnpj_cpf", sa.String(length=20), nullable=True),
        sa.Column("raz_social_red", sa.String(length=255), nullable=True),
        sa.Column("nome_cidade", sa.String(length=100), nullable=True),
        sa.Column("cod_uf", sa.String(length=2), nullable=False),
        sa.Column("cod_produto", sa.String(length=50), nullable=True),
        sa.Column("nome_produto", sa.String(length=255), nullable=True),
        sa.Column("qtd_saldo", sa.Numeric(precision=15, scale=3), nullable=True),
        sa.Column("valor_saldo", sa.Float(), nullable=True),
        sa.Column("pallet", sa.Float(), nullable=True),
        sa.Column("peso", sa.Float(), nullable=True),
        sa.Column("rota", sa.String(length=50), nullable=True),
        sa.Column("sub_rota", sa.String(length=50), nullable=True),
        sa.Column("observ_ped_1", sa.String(length=700), nullable=True),
        sa.Column("roteirizacao", sa.String(length=255), nullable=True),
        sa.Column("expedicao", sa.Date(), nullable=True),
        sa.Column("agendamento", sa.Date(), nullable=True),
        sa.Column("agendamento_confirmado", sa.Boolean(), server_default="false", nullable=True),
        sa.Column("protocolo", sa.String(length=50), nullable=True),
        sa.Column("pedido_cliente", sa.String(length=100), nullable=True),
        sa.Column("tipo_envio", sa.String(length=10), server_default="total", nullable=False),
        sa.Column("sincronizado_nf", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("numero_nf", sa.String(length=20), nullable=True),
        sa.Column("data_sincronizacao", sa.DateTime(timezone=True), nullable=True),
        sa.Column("zerado_por_sync", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("data_zeragem", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(length=20), server_default="ABERTO", nullable=False),
        sa.Column("nf_cd", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("cotacao_id", sa.BigInteger(), nullable=True),
        sa.Column("obs_separacao", sa.Text(), nullable=True),
        sa.Column("criado_em", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_separacao")),
    )
    op.create_index(
        "ix_separacao_num_pedido_cod_produto_sincronizado_nf",
        "separacao",
        ["num_pedido", "cod_produto", "sincronizado_nf"],
        unique=False,
    )
    op.create_index("ix_separacao_numero_nf", "separacao", ["numero_nf"], unique=False)
    op.create_index("ix_separacao_separacao_lote_id_status", "separacao", ["separacao_lote_id", "status"], unique=False)
    op.create_index(op.f("ix_separacao_status"), "separacao", ["status"], unique=False)
    op.create_table(
        "sync_documento",
        sa.Column("entidade", sa.String(length=50), nullable=False),
        sa.Column("documento_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("numero", sa.String(length=100), nullable=True),
        sa.Column("versao", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lido_em", sa.DateTime(timezone=True), nullable=False),
        sa.Column("linhas", sa.Integer(), server_default="0", nullable=False),
        sa.Column("excluido_em", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("entidade", "documento_id", name=op.f("pk_sync_documento")),
        comment="Per document of the source: the version stored, when it was read, how many rows it gave",
    )
    op.create_index("ix_sync_documento_numero", "sync_documento", ["entidade", "numero"], unique=False)
    op.create_table(
        "sync_metadata",
        sa.Column("entidade", sa.String(length=50), nullable=False),
        sa.Column("checkpoint", sa.DateTime(timezone=True), nullable=False),
        sa.Column("atualizado_em", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("flow_run_id", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("entidade", name=op.f("pk_sync_metadata")),
        comment="Per entity, the source's instant up to which every change is stored or quarantined",
    )
    op.create_table(
        "movimentacao_estoque",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("cod_produto", sa.String(length=50), nullable=False),
        sa.Column("nome_produto", sa.String(length=200), nullable=False),
        sa.Column("data_movimentacao", sa.Date(), nullable=False),
        sa.Column("tipo_movimentacao", sa.String(length=50), nullable=False),
        sa.Column("local_movimentacao", sa.String(length=50), nullable=False),
        sa.Column(
            "qtd_movimentacao",
            sa.Numeric(precision=15, scale=3),
            nullable=False,
            comment="Signed: what leaves the stock is negative",
        ),
        sa.Column("separacao_lote_id", sa.String(length=50), nullable=True),
        sa.Column("numero_nf", sa.String(length=20), nullable=True),
        sa.Column("num_pedido", sa.String(length=50), nullable=True),
        sa.Column("tipo_origem", sa.String(length=20), nullable=True),
        sa.Column("status_nf", sa.String(length=20), nullable=True),
        sa.Column(
            "faturamento_produto_id",
            sa.BigInteger(),
            nullable=True,
            comment="Key of a FATURAMENTO movement: one per invoiced product",
        ),
        sa.Column("observacao", sa.Text(), nullable=True),
        sa.Column("ativo", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("criado_em", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("atualizado_em", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("criado_por", sa.String(length=100), nullable=True),
        sa.Column("atualizado_por", sa.String(length=100), nullable=True),
        sa.ForeignKeyConstraint(
            ["faturamento_produto_id"],
            ["faturamento_produtos.id"],
            name=op.f("fk_movimentacao_estoque_faturamento_produto_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movimentacao_estoque")),
        sa.UniqueConstraint("faturamento_produto_id", name=op.f("uq_movimentacao_estoque_faturamento_produto_id")),
    )
    op.create_index(op.f("ix_movimentacao_estoque_ativo"), "movimentacao_estoque", ["ativo"], unique=False)
    op.create_index(op.f("ix_movimentacao_estoque_cod_produto"), "movimentacao_estoque", ["cod_produto"], unique=False)
    op.create_index(
        op.f("ix_movimentacao_estoque_data_movimentacao"), "movimentacao_estoque", ["data_movimentacao"], unique=False
    )
    op.create_index(op.f("ix_movimentacao_estoque_num_pedido"), "movimentacao_estoque", ["num_pedido"], unique=False)
    op.create_index(op.f("ix_movimentacao_estoque_numero_nf"), "movimentacao_estoque", ["numero_nf"], unique=False)
    op.create_index(
        op.f("ix_movimentacao_estoque_separacao_lote_id"), "movimentacao_estoque", ["separacao_lote_id"], unique=False
    )
    op.create_index(
        op.f("ix_movimentacao_estoque_tipo_movimentacao"), "movimentacao_estoque", ["tipo_movimentacao"], unique=False
    )


def downgrade() -> None:

    op.drop_index(op.f("ix_movimentacao_estoque_tipo_movimentacao"), table_name="movimentacao_estoque")
    op.drop_index(op.f("ix_movimentacao_estoque_separacao_lote_id"), table_name="movimentacao_estoque")
    op.drop_index(op.f("ix_movimentacao_estoque_numero_nf"), table_name="movimentacao_estoque")
    op.drop_index(op.f("ix_movimentacao_estoque_num_pedido"), table_name="movimentacao_estoque")
    op.drop_index(op.f("ix_movimentacao_estoque_data_movimentacao"), table_name="movimentacao_estoque")
    op.drop_index(op.f("ix_movimentacao_estoque_cod_produto"), table_name="movimentacao_estoque")
    op.drop_index(op.f("ix_movimentacao_estoque_ativo"), table_name="movimentacao_estoque")
    op.drop_table("movimentacao_estoque")
    op.drop_table("sync_metadata")
    op.drop_index("ix_sync_documento_numero", table_name="sync_documento")
    op.drop_table("sync_documento")
    op.drop_index(op.f("ix_separacao_status"), table_name="separacao")
    op.drop_index("ix_separacao_separacao_lote_id_status", table_name="separacao")
    op.drop_index("ix_separacao_numero_nf", table_name="separacao")
    op.drop_index("ix_separacao_num_pedido_cod_produto_sincronizado_nf", table_name="separacao")
    op.drop_table("separacao")
    op.drop_index(op.f("ix_relatorio_faturamento_importado_cnpj_cliente"), table_name="relatorio_faturamento_importado")
    op.drop_table("relatorio_faturamento_importado")
    op.drop_index("ix_log_integracao_tipo_integracao_data_execucao", table_name="log_integracao")
    op.drop_table("log_integracao")
    op.drop_index(
        "ix_import_failures_pendente", table_name="import_failures", postgresql_where=sa.text("status = 'pendente'")
    )
    op.drop_table("import_failures")
    op.drop_index("ix_faturamento_produtos_origem_cod_produto", table_name="faturamento_produtos")
    op.drop_index(op.f("ix_faturamento_produtos_odoo_move_id"), table_name="faturamento_produtos")
    op.drop_index(op.f("ix_faturamento_produtos_data_fatura"), table_name="faturamento_produtos")
    op.drop_index(op.f("ix_faturamento_produtos_cod_produto"), table_name="faturamento_produtos")
    op.drop_index("ix_faturamento_produtos_cnpj_cliente_data_fatura", table_name="faturamento_produtos")
    op.drop_table("faturamento_produtos")
    op.drop_index(op.f("ix_carteira_principal_vendedor"), table_name="carteira_principal")
    op.drop_index(op.f("ix_carteira_principal_status_pedido"), table_name="carteira_principal")
    op.drop_index(op.f("ix_carteira_principal_separacao_lote_id"), table_name="carteira_principal")
    op.drop_index(op.f("ix_carteira_principal_odoo_order_id"), table_name="carteira_principal")
    op.drop_index(op.f("ix_carteira_principal_data_pedido"), table_name="carteira_principal")
    op.drop_index("ix_carteira_principal_cod_produto_saldo", table_name="carteira_principal")
    op.drop_index("ix_carteira_principal_cnpj_cpf_vendedor", table_name="carteira_principal")
    op.drop_index(op.f("ix_carteira_principal_ativo"), table_name="carteira_principal")
    op.drop_table("carteira_principal")
    op.drop_table("cadastro_palletizacao")
