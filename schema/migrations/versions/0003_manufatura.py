"""Production and demand: orders, bills of materials, forecasts, groups, and the view `pedido`."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PEDIDO = """
CREATE VIEW pedido AS
SELECT
    separacao_lote_id,
    min(num_pedido) AS num_pedido,
    min(data_pedido) AS data_pedido,
    min(cnpj_cpf) AS cnpj_cpf,
    min(raz_social_red) AS raz_social_red,
    min(nome_cidade) AS nome_cidade,
    min(cod_uf) AS cod_uf,
    min(rota) AS rota,
    min(sub_rota) AS sub_rota,
    min(observ_ped_1) AS observ_ped_1,
    min(roteirizacao) AS roteirizacao,
    min(expedicao) AS expedicao,
    min(agendamento) AS agendamento,
    bool_or(agendamento_confirmado) AS agendamento_confirmado,
    min(protocolo) AS protocolo,
    min(pedido_cliente) AS pedido_cliente,
    sum(valor_saldo) AS valor_saldo_total,
    sum(pallet) AS pallet_total,
    sum(peso) AS peso_total,
    min(numero_nf) AS nf,
    min(status) AS status,
    bool_or(nf_cd) AS nf_cd,
    min(criado_em) AS data_criacao
FROM separacao
WHERE separacao_lote_id IS NOT NULL AND status <> 'PREVISAO'
GROUP BY separacao_lote_id
"""


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("ordem_producao_numero")))
    op.create_table(
        "grupo_empresarial",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("nome_grupo", sa.String(length=100), nullable=False),
        sa.Column(
            "prefixo_cnpj",
            sa.String(length=8),
            nullable=False,
            comment="The CNPJ's first eight places, without punctuation",
        ),
        sa.Column("descricao", sa.Text(), nullable=True),
        sa.Column("ativo", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("criado_em", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("criado_por", sa.String(length=100), nullable=True),
        sa.CheckConstraint("prefixo_cnpj ~ '^[0-9A-Z]{8}$'", name=op.f("ck_grupo_empresarial_prefixo_cnpj")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grupo_empresarial")),
        sa.UniqueConstraint("prefixo_cnpj", name=op.f("uq_grupo_empresarial_prefixo_cnpj")),
    )
    op.create_table(
        "historico_pedidos",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("num_pedido", sa.String(length=50), nullable=False),
        sa.Column("cod_produto", sa.String(length=50), nullable=False),
        sa.Column("odoo_order_id", sa.BigInteger(), nullable=False),
        sa.Column("data_pedido", sa.Date(), nullable=False),
        sa.Column("cnpj_cliente", sa.String(length=20), nullable=True),
        sa.Column("raz_social_red", sa.String(length=255), nullable=True),
        sa.Column("nome_grupo", sa.String(length=100), nullable=True),
        sa.Column("vendedor", sa.String(length=100), nullable=True),
        sa.Column("equipe_vendas", sa.String(length=100), nullable=True),
        sa.Column("incoterm", sa.String(length=20), nullable=True),
        sa.Column("nome_cidade", sa.String(length=100), nullable=True),
        sa.Column("cod_uf", sa.String(length=2), nullable=True),
        sa.Column("nome_produto", sa.String(length=255), nullable=True),
        sa.Column("qtd_produto_pedido", sa.Numeric(precision=15, scale=3), nullable=False),
        sa.Column("preco_produto_pedido", sa.Numeric(precision=15, scale=4), nullable=True),
        sa.Column("valor_produto_pedido", sa.Numeric(precision=15, scale=2), nullable=True),
        sa.Column("icms_produto_pedido", sa.Numeric(precision=15, scale=2), nullable=True),
        sa.Column("pis_produto_pedido", sa.Numeric(precision=15, scale=2), nullable=True),
        sa.Column("cofins_produto_pedido", sa.Numeric(precision=15, scale=2), nullable=True),
        sa.Column("odoo_write_date", sa.DateTime(timezone=True), nullable=True),
        sa.Column("importado_em", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_historico_pedidos")),
        sa.UniqueConstraint("num_pedido", "cod_produto", name=op.f("uq_historico_pedidos_num_pedido_cod_produto")),
        comment="Confirmed sale orders, the lines of one product summed",
    )
    op.create_index(op.f("ix_historico_pedidos_cod_produto"), "historico_pedidos", ["cod_produto"], unique=False)
    op.create_index(op.f("ix_historico_pedidos_data_pedido"), "historico_pedidos", ["data_pedido"], unique=False)
    op.create_index(op.f("ix_historico_pedidos_nome_grupo"), "historico_pedidos", ["nome_grupo"], unique=False)
    op.create_index(op.f("ix_historico_pedidos_odoo_order_id"), "historico_pedidos", ["odoo_order_id"], unique=False)
    op.create_table(
        "lista_materiais",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("cod_produto_produzido", sa.String(length=50), nullable=False),
        sa.Column("nome_produto_produzido", sa.String(length=255), nullable=True),
        sa.Column("cod_produto_componente", sa.String(length=50), nullable=False),
        sa.Column("nome_produto_componente", sa.String(length=255), nullable=True),
        sa.Column(
            "qtd_utilizada",
            sa.Numeric(precision=15, scale=6),
            nullable=False,
            comment="Of the component, per unit produced",
        ),
        sa.Column("status", sa.String(length=10), server_default="ativo", nullable=False),
        sa.Column("versao", sa.String(length=100), server_default="v1", nullable=False),
        sa.Column("criado_em", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("criado_por", sa.String(length=100), nullable=True),
        sa.Column("atualizado_em", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("atualizado_por", sa.String(length=100), nullable=True),
        sa.Column("inativado_em", sa.DateTime(timezone=True), nullable=True),
        sa.Column("inativado_por", sa.String(length=100), nullable=True),
        sa.Column("motivo_inativacao", sa.Text(), nullable=True),
        sa.CheckConstraint("status IN ('ativo', 'inativo')", name=op.f("ck_lista_materiais_status")),
        sa.CheckConstraint(
            "cod_produto_componente <> cod_produto_produzido", name=op.f("ck_lista_materiais_componente")
        ),
        sa.CheckConstraint("qtd_utilizada > 0", name=op.f("ck_lista_materiais_qtd_utilizada")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lista_materiais")),
        sa.UniqueConstraint(
            "cod_produto_produzido", "cod_produto_componente", "versao", name="uq_lista_materiais_versao"
        ),
    )
    op.create_index(
        op.f("ix_lista_materiais_cod_produto_componente"), "lista_materiais", ["cod_produto_componente"], unique=False
    )
    op.create_index(
        op.f("ix_lista_materiais_cod_produto_produzido"), "lista_materiais", ["cod_produto_produzido"], unique=False
    )
    op.create_index(op.f("ix_lista_materiais_status"), "lista_materiais", ["status"], unique=False)
    op.create_index(
        "uq_lista_materiais_ativo",
        "lista_materiais",
        ["cod_produto_produzido", "cod_produto_componente"],
        unique=True,
        postgresql_where=sa.text("status = 'ativo'"),
    )
    op.create_table(
        "ordem_producao",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("numero_ordem", sa.String(length=20), nullable=False),
        sa.Column(
            "odoo_production_id",
            sa.BigInteger(),
            nullable=True,
            comment="mrp.production; its name changes with a backorder",
        ),
        sa.Column("origem_ordem", sa.String(length=10), server_default="Manual", nullable=False),
        sa.Column("status", sa.String(length=20), server_default="Planejada", nullable=False),
        sa.Column("cod_produto", sa.String(length=50), nullable=False),
        sa.Column("nome_produto", sa.String(length=255), nullable=True),
        sa.Column(
            "materiais_necessarios",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="The exploded bill of materials: one object per component and level",
        ),
        sa.Column(
            "problemas",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="What was wrong with the bills of materials: an array of texts",
        ),
        sa.Column("qtd_planejada", sa.Numeric(precision=15, scale=3), nullable=False),
        sa.Column("qtd_produzida", sa.Numeric(precision=15, scale=3), server_default="0", nullable=False),
        sa.Column("data_inicio_prevista", sa.Date(), nullable=False),
        sa.Column("data_fim_prevista", sa.Date(), nullable=False),
        sa.Column("data_inicio_real", sa.Date(), nullable=True),
        sa.Column("data_fim_real", sa.Date(), nullable=True),
        sa.Column("data_necessidade", sa.Date(), nullable=True),
        sa.Column("ordem_pai_id", sa.BigInteger(), nullable=True),
        sa.Column("tipo_ordem", sa.String(length=20), server_default="principal", nullable=False),
        sa.Column("nivel_bom", sa.Integer(), server_default="0", nullable=False),
        sa.Column("recalculo_automatico", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("sequencia_producao", sa.Integer(), nullable=True),
        sa.Column("disponibilidade_componentes", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("data_disponibilidade_componentes", sa.Date(), nullable=True),
        sa.Column("maquina_alocada", sa.String(length=50), nullable=True),
        sa.Column("tempo_setup_minutos", sa.Integer(), nullable=True),
        sa.Column("capacidade_maquina_hora", sa.Numeric(precision=15, scale=3), nullable=True),
        sa.Column("linha_producao", sa.String(length=50), nullable=True),
        sa.Column("turno", sa.String(length=20), nullable=True),
        sa.Column("lote_producao", sa.String(length=50), nullable=True),
        sa.Column("custo_previsto", sa.Numeric(precision=15, scale=2), nullable=True),
        sa.Column("custo_real", sa.Numeric(precision=15, scale=2), nullable=True),
        sa.Column("separacao_lote_id", sa.String(length=50), nullable=True),
        sa.Column("num_pedido_origem", sa.String(length=50), nullable=True),
        sa.Column("raz_social_red", sa.String(length=255), nullable=True),
        sa.Column("qtd_pedido_atual", sa.Numeric(precision=15, scale=3), nullable=True),
        sa.Column("criado_em", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("criado_por", sa.String(length=100), nullable=True),
        sa.Column("atualizado_em", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "origem_ordem <> 'MTO' OR separacao_lote_id IS NOT NULL", name=op.f("ck_ordem_producao_lote_mto")
        ),
        sa.CheckConstraint(
            "origem_ordem IN ('MTO', 'Manual', 'Automática')", name=op.f("ck_ordem_producao_origem_ordem")
        ),
        sa.CheckConstraint(
            "status IN ('Planejada', 'Liberada', 'Em Produção', 'Concluída', 'Cancelada')",
            name=op.f("ck_ordem_producao_status"),
        ),
        sa.ForeignKeyConstraint(["ordem_pai_id"], ["ordem_producao.id"], name=op.f("fk_ordem_producao_ordem_pai_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ordem_producao")),
        sa.UniqueConstraint("numero_ordem", name=op.f("uq_ordem_producao_numero_ordem")),
        sa.UniqueConstraint("odoo_production_id", name=op.f("uq_ordem_producao_odoo_production_id")),
    )
    op.create_index(op.f("ix_ordem_producao_cod_produto"), "ordem_producao", ["cod_produto"], unique=False)
    op.create_index(
        op.f("ix_ordem_producao_data_inicio_prevista"), "ordem_producao", ["data_inicio_prevista"], unique=False
    )
    op.create_index(op.f("ix_ordem_producao_linha_producao"), "ordem_producao", ["linha_producao"], unique=False)
    op.create_index(op.f("ix_ordem_producao_ordem_pai_id"), "ordem_producao", ["ordem_pai_id"], unique=False)
    op.create_index(op.f("ix_ordem_producao_separacao_lote_id"), "ordem_producao", ["separacao_lote_id"], unique=False)
    op.create_index(op.f("ix_ordem_producao_status"), "ordem_producao", ["status"], unique=False)
    op.create_index(
        "uq_ordem_producao_mto",
        "ordem_producao",
        ["separacao_lote_id", "cod_produto"],
        unique=True,
        postgresql_where=sa.text("origem_ordem = 'MTO' AND status <> 'Cancelada'"),
    )
    op.create_table(
        "pre_separacao_item",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("separacao_lote_id", sa.String(length=50), nullable=True),
        sa.Column("num_pedido", sa.String(length=50), nullable=False),
        sa.Column("cod_produto", sa.String(length=50), nullable=False),
        sa.Column("cnpj_cliente", sa.String(length=20), nullable=True),
        sa.Column("nome_produto", sa.String(length=255), nullable=True),
        sa.Column("qtd_original_carteira", sa.Numeric(precision=15, scale=3), nullable=False),
        sa.Column("qtd_selecionada_usuario", sa.Numeric(precision=15, scale=3), nullable=False),
        sa.Column("qtd_restante_calculada", sa.Numeric(precision=15, scale=3), nullable=False),
        sa.Column("valor_original_item", sa.Numeric(precision=15, scale=2), nullable=True),
        sa.Column("peso_original_item", sa.Numeric(precision=15, scale=3), nullable=True),
        sa.Column("hash_item_original", sa.String(length=128), nullable=True),
        sa.Column("data_expedicao_editada", sa.Date(), nullable=False),
        sa.Column("data_agendamento_editada", sa.Date(), nullable=True),
        sa.Column("agendamento_confirmado", sa.Boolean(), server_default="false", nullable=True),
        sa.Column("protocolo_editado", sa.String(length=50), nullable=True),
        sa.Column("observacoes_usuario", sa.Text(), nullable=True),
        sa.Column("recomposto", sa.Boolean(), server_default="false", nullable=True),
        sa.Column("data_recomposicao", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recomposto_por", sa.String(length=100), nullable=True),
        sa.Column("versao_carteira_original", sa.String(length=50), nullable=True),
        sa.Column("versao_carteira_recomposta", sa.String(length=50), nullable=True),
        sa.Column("status", sa.String(length=20), server_default="CRIADO", nullable=True),
        sa.Column("tipo_envio", sa.String(length=10), server_default="total", nullable=True),
        sa.Column("data_criacao", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=True),
        sa.Column("criado_por", sa.String(length=100), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pre_separacao_item")),
        sa.UniqueConstraint(
            "num_pedido",
            "cod_produto",
            "data_expedicao_editada",
            "data_agendamento_editada",
            "protocolo_editado",
            name="uq_pre_separacao_item_escolha",
        ),
        comment="Replaced by separacao with status PREVISAO; read only for lots that separacao does not have",
    )
    op.create_index(op.f("ix_pre_separacao_item_cnpj_cliente"), "pre_separacao_item", ["cnpj_cliente"], unique=False)
    op.create_index(op.f("ix_pre_separacao_item_cod_produto"), "pre_separacao_item", ["cod_produto"], unique=False)
    op.create_index(op.f("ix_pre_separacao_item_num_pedido"), "pre_separacao_item", ["num_pedido"], unique=False)
    op.create_index(op.f("ix_pre_separacao_item_recomposto"), "pre_separacao_item", ["recomposto"], unique=False)
    op.create_index(
        op.f("ix_pre_separacao_item_separacao_lote_id"), "pre_separacao_item", ["separacao_lote_id"], unique=False
    )
    op.create_index(op.f("ix_pre_separacao_item_status"), "pre_separacao_item", ["status"], unique=False)
    op.create_table(
        "previsao_demanda",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("data_mes", sa.Integer(), nullable=False),
        sa.Column("data_ano", sa.Integer(), nullable=False),
        sa.Column(
            "nome_grupo",
            sa.String(length=100),
            server_default="GERAL",
            nullable=False,
            comment="GERAL: all customers together",
        ),
        sa.Column("cod_produto", sa.String(length=50), nullable=False),
        sa.Column("nome_produto", sa.String(length=255), nullable=True),
        sa.Column("qtd_demanda_prevista", sa.Numeric(precision=15, scale=3), nullable=False),
        sa.Column("qtd_demanda_realizada", sa.Numeric(precision=15, scale=3), server_default="0", nullable=False),
        sa.Column("disparo_producao", sa.String(length=3), nullable=True),
        sa.Column("criado_em", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("criado_por", sa.String(length=100), nullable=True),
        sa.Column("atualizado_em", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("disparo_producao IN ('MTO', 'MTS')", name=op.f("ck_previsao_demanda_disparo_producao")),
        sa.CheckConstraint("data_mes BETWEEN 1 AND 12", name=op.f("ck_previsao_demanda_data_mes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_previsao_demanda")),
        sa.UniqueConstraint(
            "data_mes",
            "data_ano",
            "cod_produto",
            "nome_grupo",
            name=op.f("uq_previsao_demanda_data_mes_data_ano_cod_produto_nome_grupo"),
        ),
    )
    op.create_index(op.f("ix_previsao_demanda_cod_produto"), "previsao_demanda", ["cod_produto"], unique=False)
    op.create_index(op.f("ix_previsao_demanda_data_ano"), "previsao_demanda", ["data_ano"], unique=False)
    op.add_column(
        "cadastro_palletizacao",
        sa.Column("altura_cm", sa.Numeric(precision=10, scale=2), server_default="0", nullable=True),
    )
    op.add_column(
        "cadastro_palletizacao",
        sa.Column("largura_cm", sa.Numeric(precision=10, scale=2), server_default="0", nullable=True),
    )
    op.add_column(
        "cadastro_palletizacao",
        sa.Column("comprimento_cm", sa.Numeric(precision=10, scale=2), server_default="0", nullable=True),
    )
    op.add_column("cadastro_palletizacao", sa.Column("custo_produto", sa.Numeric(precision=15, scale=4), nullable=True))
    op.add_column("movimentacao_estoque", sa.Column("ordem_producao_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "movimentacao_estoque",
        sa.Column(
            "apontamento",
            sa.Integer(),
            nullable=True,
            comment="Key of a PRODUCAO movement: the order's first, second, … report",
        ),
    )
    op.create_unique_constraint(
        op.f("uq_movimentacao_estoque_ordem_producao_id_apontamento"),
        "movimentacao_estoque",
        ["ordem_producao_id", "apontamento"],
    )
    op.create_foreign_key(
        op.f("fk_movimentacao_estoque_ordem_producao_id"),
        "movimentacao_estoque",
        "ordem_producao",
        ["ordem_producao_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.add_column("separacao", sa.Column("ordem_producao_id", sa.BigInteger(), nullable=True))
    op.create_index("ix_separacao_ordem_producao_id", "separacao", ["ordem_producao_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_separacao_ordem_producao_id"),
        "separacao",
        "ordem_producao",
        ["ordem_producao_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.execute(PEDIDO)


def downgrade() -> None:
    op.execute("DROP VIEW pedido")
    op.drop_constraint(op.f("fk_separacao_ordem_producao_id"), "separacao", type_="foreignkey")
    op.drop_index("ix_separacao_ordem_producao_id", table_name="separacao")
    op.drop_column("separacao", "ordem_producao_id")
    op.drop_constraint(op.f("fk_movimentacao_estoque_ordem_producao_id"), "movimentacao_estoque", type_="foreignkey")
    op.drop_constraint(
        op.f("uq_movimentacao_estoque_ordem_producao_id_apontamento"), "movimentacao_estoque", type_="unique"
    )
    op.drop_column("movimentacao_estoque", "apontamento")
    op.drop_column("movimentacao_estoque", "ordem_producao_id")
    op.drop_column("cadastro_palletizacao", "custo_produto")
    op.drop_column("cadastro_palletizacao", "comprimento_cm")
    op.drop_column("cadastro_palletizacao", "largura_cm")
    op.drop_column("cadastro_palletizacao", "altura_cm")
    op.drop_index(op.f("ix_previsao_demanda_data_ano"), table_name="previsao_demanda")
    op.drop_index(op.f("ix_previsao_demanda_cod_produto"), table_name="previsao_demanda")
    op.drop_table("previsao_demanda")
    op.drop_index(op.f("ix_pre_separacao_item_status"), table_name="pre_separacao_item")
    op.drop_index(op.f("ix_pre_separacao_item_separacao_lote_id"), table_name="pre_separacao_item")
    op.drop_index(op.f("ix_pre_separacao_item_recomposto"), table_name="pre_separacao_item")
    op.drop_index(op.f("ix_pre_separacao_item_num_pedido"), table_name="pre_separacao_item")
    op.drop_index(op.f("ix_pre_separacao_item_cod_produto"), table_name="pre_separacao_item")
    op.drop_index(op.f("ix_pre_separacao_item_cnpj_cliente"), table_name="pre_separacao_item")
    op.drop_table("pre_separacao_item")
    op.drop_index(
        "uq_ordem_producao_mto",
        table_name="ordem_producao",
        postgresql_where=sa.text("origem_ordem = 'MTO' AND status <> 'Cancelada'"),
    )
    op.drop_index(op.f("ix_ordem_producao_status"), table_name="ordem_producao")
    op.drop_index(op.f("ix_ordem_producao_separacao_lote_id"), table_name="ordem_producao")
    op.drop_index(op.f("ix_ordem_producao_ordem_pai_id"), table_name="ordem_producao")
    op.drop_index(op.f("ix_ordem_producao_linha_producao"), table_name="ordem_producao")
    op.drop_index(op.f("ix_ordem_producao_data_inicio_prevista"), table_name="ordem_producao")
    op.drop_index(op.f("ix_ordem_producao_cod_produto"), table_name="ordem_producao")
    op.drop_table("ordem_producao")
    op.drop_index(
        "uq_lista_materiais_ativo", table_name="lista_materiais", postgresql_where=sa.text("status = 'ativo'")
    )
    op.drop_index(op.f("ix_lista_materiais_status"), table_name="lista_materiais")
    op.drop_index(op.f("ix_lista_materiais_cod_produto_produzido"), table_name="lista_materiais")
    op.drop_index(op.f("ix_lista_materiais_cod_produto_componente"), table_name="lista_materiais")
    op.drop_table("lista_materiais")
    op.drop_index(op.f("ix_historico_pedidos_odoo_order_id"), table_name="historico_pedidos")
    op.drop_index(op.f("ix_historico_pedidos_nome_grupo"), table_name="historico_pedidos")
    op.drop_index(op.f("ix_historico_pedidos_data_pedido"), table_name="historico_pedidos")
    op.drop_index(op.f("ix_historico_pedidos_cod_produto"), table_name="historico_pedidos")
    op.drop_table("historico_pedidos")
    op.drop_table("grupo_empresarial")
    op.execute(sa.schema.DropSequence(sa.Sequence("ordem_producao_numero")))
