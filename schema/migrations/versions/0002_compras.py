"""Purchasing, and what a document is made of."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lead_time_fornecedor",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("cnpj_fornecedor", sa.String(length=20), nullable=False),
        sa.Column("nome_fornecedor", sa.String(length=255), nullable=True),
        sa.Column("cod_produto", sa.String(length=50), nullable=False),
        sa.Column("nome_produto", sa.String(length=255), nullable=True),
        sa.Column(
            "lead_time_previsto",
            sa.Integer(),
            nullable=False,
            comment="The first delivery's days, until a person sets it",
        ),
        sa.Column("lead_time_calculado", sa.Integer(), nullable=True, comment="The first delivery's days"),
        sa.Column(
            "lead_time_historico",
            sa.Numeric(precision=5, scale=1),
            nullable=True,
            comment="Moving mean (old + days) / 2 over the deliveries, by date",
        ),
        sa.Column("atualizado_em", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_time_fornecedor")),
        sa.UniqueConstraint(
            "cnpj_fornecedor", "cod_produto", name=op.f("uq_lead_time_fornecedor_cnpj_fornecedor_cod_produto")
        ),
    )
    op.create_index(op.f("ix_lead_time_fornecedor_cod_produto"), "lead_time_fornecedor", ["cod_produto"], unique=False)
    op.create_table(
        "pedido_compras",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "odoo_id", sa.BigInteger(), nullable=True, comment="Odoo's id of the line; NULL for what people enter"
        ),
        sa.Column("num_pedido", sa.String(length=30), nullable=False),
        sa.Column("company_id", sa.String(length=100), nullable=True, comment="The company's name"),
        sa.Column("odoo_purchase_order_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "num_requisicao",
            sa.String(length=30),
            nullable=True,
            comment="Of a native agreement; requests are linked by allocations",
        ),
        sa.Column("cnpj_fornecedor", sa.String(length=20), nullable=True),
        sa.Column(
            "cnpj_valido", sa.Boolean(), nullable=True, comment="Whether its check digits are right; NULL without one"
        ),
        sa.Column("raz_social", sa.String(length=255), nullable=True),
        sa.Column("data_pedido_criacao", sa.Date(), nullable=True),
        sa.Column("usuario_pedido_criacao", sa.String(length=100), nullable=True),
        sa.Column("data_pedido_previsao", sa.Date(), nullable=True),
        sa.Column("cod_produto", sa.String(length=50), nullable=False),
        sa.Column("nome_produto", sa.String(length=255), nullable=True),
        sa.Column("qtd_produto_pedido", sa.Numeric(precision=15, scale=3), nullable=False),
        sa.Column(
            "unid_medida_pedido",
            sa.String(length=20),
            nullable=True,
            comment="Unit of qtd_produto_pedido, qtd_recebida and the price",
        ),
        sa.Column("qtd_produto_pedido_estoque", sa.Numeric(precision=15, scale=3), nullable=False),
        sa.Column(
            "unid_medida_estoque",
            sa.String(length=20),
            nullable=True,
            comment="The product's own unit, that of stock movements",
        ),
        sa.Column("qtd_recebida", sa.Numeric(precision=15, scale=3), server_default="0", nullable=False),
        sa.Column("preco_produto_pedido", sa.Numeric(precision=15, scale=4), nullable=True),
        sa.Column("icms_produto_pedido", sa.Numeric(precision=15, scale=2), nullable=True),
        sa.Column("pis_produto_pedido", sa.Numeric(precision=15, scale=2), nullable=True),
        sa.Column("cofins_produto_pedido", sa.Numeric(precision=15, scale=2), nullable=True),
        sa.Column(
            "status_odoo",
            sa.String(length=20),
            nullable=False,
            comment="Odoo's own: draft, sent, to approve, purchase, …",
        ),
        sa.Column("tipo_pedido", sa.String(length=50), nullable=True),
        sa.Column(
            "ativo", sa.Boolean(), server_default="true", nullable=False, comment="Not cancelled, nor gone from Odoo"
        ),
        sa.Column("motivo_exclusao", sa.Text(), nullable=True),
        sa.Column("odoo_write_date", sa.DateTime(timezone=True), nullable=True),
        sa.Column("data_pedido_entrega", sa.Date(), nullable=True, comment="Of the last receipt"),
        sa.Column("qtd_recebida_estoque", sa.Numeric(precision=15, scale=3), server_default="0", nullable=False),
        sa.Column("confirmacao_pedido", sa.Boolean(), server_default="false", nullable=False),
        sa.Column(
            "confirmado_por", sa.String(length=100), nullable=True, comment="odoo_sync, or who confirmed it by hand"
        ),
        sa.Column("confirmado_em", sa.DateTime(timezone=True), nullable=True),
        sa.Column("numero_nf", sa.String(length=20), nullable=True),
        sa.Column("lead_time_previsto", sa.Integer(), nullable=True),
        sa.Column("importado_odoo", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("criado_em", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("atualizado_em", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pedido_compras")),
        sa.UniqueConstraint("odoo_id", name=op.f("uq_pedido_compras_odoo_id")),
    )
    op.create_index(
        "ix_pedido_compras_cod_produto_cnpj_fornecedor",
        "pedido_compras",
        ["cod_produto", "cnpj_fornecedor"],
        unique=False,
    )
    op.create_index(
        "ix_pedido_compras_company_id_num_pedido", "pedido_compras", ["company_id", "num_pedido"], unique=False
    )
    op.create_index(
        "ix_pedido_compras_odoo_purchase_order_id", "pedido_compras", ["odoo_purchase_order_id"], unique=False
    )
    op.create_table(
        "requisicao_compras",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "odoo_id", sa.BigInteger(), nullable=True, comment="Odoo's id of the line; NULL for what people enter"
        ),
        sa.Column("num_requisicao", sa.String(length=30), nullable=False),
        sa.Column("company_id", sa.String(length=100), nullable=True, comment="The company's name"),
        sa.Column("requisicao_odoo_id", sa.BigInteger(), nullable=True, comment="Odoo's id of the header"),
        sa.Column(
            "odoo_modelo", sa.String(length=50), nullable=True, comment="purchase.request (OCA) or purchase.requisition"
        ),
        sa.Column("data_requisicao_criacao", sa.Date(), nullable=False),
        sa.Column("usuario_requisicao_criacao", sa.String(length=100), nullable=True),
        sa.Column("data_requisicao_solicitada", sa.Date(), nullable=True),
        sa.Column("lead_time_requisicao", sa.Integer(), nullable=True, comment="Days from solicitada to necessidade"),
        sa.Column("cod_produto", sa.String(length=50), nullable=False),
        sa.Column("nome_produto", sa.String(length=255), nullable=True),
        sa.Column("qtd_produto_requisicao", sa.Numeric(precision=15, scale=3), nullable=False),
        sa.Column("unid_medida_requisicao", sa.String(length=20), nullable=True),
        sa.Column("data_necessidade", sa.Date(), nullable=True),
        sa.Column("status", sa.String(length=20), server_default="Pendente", nullable=False),
        sa.Column("purchase_state", sa.String(length=20), nullable=True),
        sa.Column("observacoes_odoo", sa.Text(), nullable=True),
        sa.Column(
            "ativo", sa.Boolean(), server_default="true", nullable=False, comment="Not refused, nor gone from Odoo"
        ),
        sa.Column("motivo_exclusao", sa.Text(), nullable=True),
        sa.Column("odoo_write_date", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lead_time_previsto", sa.Integer(), nullable=True),
        sa.Column("qtd_produto_sem_requisicao", sa.Numeric(precision=15, scale=3), server_default="0", nullable=True),
        sa.Column("necessidade", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("importado_odoo", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("criado_em", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("atualizado_em", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requisicao_compras")),
        sa.UniqueConstraint("odoo_id", name=op.f("uq_requisicao_compras_odoo_id")),
    )
    op.create_index("ix_requisicao_compras_cod_produto", "requisicao_compras", ["cod_produto"], unique=False)
    op.create_index(
        "ix_requisicao_compras_company_id_num_requisicao",
        "requisicao_compras",
        ["company_id", "num_requisicao"],
        unique=False,
    )
    op.create_index(
        "ix_requisicao_compras_requisicao_odoo_id", "requisicao_compras", ["requisicao_odoo_id"], unique=False
    )
    op.create_table(
        "historico_pedido_compras",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("pedido_compra_id", sa.BigInteger(), nullable=False),
        sa.Column("operacao", sa.String(length=20), nullable=False, comment="CRIAR or EDITAR"),
        sa.Column("alterado_em", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("alterado_por", sa.String(length=100), server_default="Odoo", nullable=False),
        sa.Column("write_date_odoo", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "alteracoes",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="Column to [before, after]; NULL for CRIAR",
        ),
        sa.Column("num_pedido", sa.String(length=30), nullable=False),
        sa.Column("company_id", sa.String(length=100), nullable=True, comment="The company's name"),
        sa.Column("odoo_purchase_order_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "num_requisicao",
            sa.String(length=30),
            nullable=True,
            comment="Of a native agreement; requests are linked by allocations",
        ),
        sa.Column("cnpj_fornecedor", sa.String(length=20), nullable=True),
        sa.Column(
            "cnpj_valido", sa.Boolean(), nullable=True, comment="Whether its check digits are right; NULL without one"
        ),
        sa.Column("raz_social", sa.String(length=255), nullable=True),
        sa.Column("data_pedido_criacao", sa.Date(), nullable=True),
        sa.Column("usuario_pedido_criacao", sa.String(length=100), nullable=True),
        sa.Column("data_pedido_previsao", sa.Date(), nullable=True),
        sa.Column("cod_produto", sa.String(length=50), nullable=False),
        sa.Column("nome_produto", sa.String(length=255), nullable=True),
        sa.Column("qtd_produto_pedido", sa.Numeric(precision=15, scale=3), nullable=False),
        sa.Column(
            "unid_medida_pedido",
            sa.String(length=20),
            nullable=True,
            comment="Unit of qtd_produto_pedido, qtd_recebida and the price",
        ),
        sa.Column("qtd_produto_pedido_estoque", sa.Numeric(precision=15, scale=3), nullable=False),
        sa.Column(
            "unid_medida_estoque",
            sa.String(length=20),
            nullable=True,
            comment="The product's own unit, that of stock movements",
        ),
        sa.Column("qtd_recebida", sa.Numeric(precision=15, scale=3), server_default="0", nullable=False),
        sa.Column("preco_produto_pedido", sa.Numeric(precision=15, scale=4), nullable=True),
        sa.Column("icms_produto_pedido", sa.Numeric(precision=15, scale=2), nullable=True),
        sa.Column("pis_produto_pedido", sa.Numeric(precision=15, scale=2), nullable=True),
        sa.Column("cofins_produto_pedido", sa.Numeric(precision=15, scale=2), nullable=True),
        sa.Column(
            "status_odoo",
            sa.String(length=20),
            nullable=False,
            comment="Odoo's own: draft, sent, to approve, purchase, …",
        ),
        sa.Column("tipo_pedido", sa.String(length=50), nullable=True),
        sa.Column(
            "ativo", sa.Boolean(), server_default="true", nullable=False, comment="Not cancelled, nor gone from Odoo"
        ),
        sa.Column("motivo_exclusao", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["pedido_compra_id"],
            ["pedido_compras.id"],
            name=op.f("fk_historico_pedido_compras_pedido_compra_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_historico_pedido_compras")),
    )
    op.create_index(
        "ix_historico_pedido_compras_num_pedido",
        "historico_pedido_compras",
        ["num_pedido", "alterado_em"],
        unique=False,
    )
    op.create_index(
        "ix_historico_pedido_compras_pedido_compra_id",
        "historico_pedido_compras",
        ["pedido_compra_id", "id"],
        unique=False,
    )
    op.create_table(
        "historico_requisicao_compras",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("requisicao_compra_id", sa.BigInteger(), nullable=False),
        sa.Column("operacao", sa.String(length=20), nullable=False, comment="CRIAR or EDITAR"),
        sa.Column("alterado_em", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("alterado_por", sa.String(length=100), server_default="Odoo", nullable=False),
        sa.Column("write_date_odoo", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "alteracoes",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="Column to [before, after]; NULL for CRIAR",
        ),
        sa.Column("num_requisicao", sa.String(length=30), nullable=False),
        sa.Column("company_id", sa.String(length=100), nullable=True, comment="The company's name"),
        sa.Column("requisicao_odoo_id", sa.BigInteger(), nullable=True, comment="Odoo's id of the header"),
        sa.Column(
            "odoo_modelo", sa.String(length=50), nullable=True, comment="purchase.request (OCA) or purchase.requisition"
        ),
        sa.Column("data_requisicao_criacao", sa.Date(), nullable=False),
        sa.Column("usuario_requisicao_criacao", sa.String(length=100), nullable=True),
        sa.Column("data_requisicao_solicitada", sa.Date(), nullable=True),
        sa.Column("lead_time_requisicao", sa.Integer(), nullable=True, comment="Days from solicitada to necessidade"),
        sa.Column("cod_produto", sa.String(length=50), nullable=False),
        sa.Column("nome_produto", sa.String(length=255), nullable=True),
        sa.Column("qtd_produto_requisicao", sa.Numeric(precision=15, scale=3), nullable=False),
        sa.Column("unid_medida_requisicao", sa.String(length=20), nullable=True),
        sa.Column("data_necessidade", sa.Date(), nullable=True),
        sa.Column("status", sa.String(length=20), server_default="Pendente", nullable=False),
        sa.Column("purchase_state", sa.String(length=20), nullable=True),
        sa.Column("observacoes_odoo", sa.Text(), nullable=True),
        sa.Column(
            "ativo", sa.Boolean(), server_default="true", nullable=False, comment="Not refused, nor gone from Odoo"
        ),
        sa.Column("motivo_exclusao", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["requisicao_compra_id"],
            ["requisicao_compras.id"],
            name=op.f("fk_historico_requisicao_compras_requisicao_compra_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_historico_requisicao_compras")),
    )
    op.create_index(
        "ix_historico_requisicao_compras_num_requisicao",
        "historico_requisicao_compras",
        ["num_requisicao", "alterado_em"],
        unique=False,
    )
    op.create_index(
        "ix_historico_requisicao_compras_requisicao_compra_id",
        "historico_requisicao_compras",
        ["requisicao_compra_id", "id"],
        unique=False,
    )
    op.create_table(
        "requisicao_compra_alocacao",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("odoo_allocation_id", sa.BigInteger(), nullable=False),
        sa.Column("requisicao_compra_id", sa.BigInteger(), nullable=False),
        sa.Column("pedido_compra_id", sa.BigInteger(), nullable=True),
        sa.Column("purchase_request_line_odoo_id", sa.BigInteger(), nullable=False),
        sa.Column("purchase_order_line_odoo_id", sa.BigInteger(), nullable=True),
        sa.Column("stock_move_odoo_id", sa.BigInteger(), nullable=True),
        sa.Column("company_id", sa.String(length=100), nullable=True, comment="The company's name"),
        sa.Column("cod_produto", sa.String(length=50), nullable=False),
        sa.Column("nome_produto", sa.String(length=255), nullable=True),
        sa.Column("qtd_requisitada", sa.Numeric(precision=15, scale=3), nullable=False),
        sa.Column("qtd_alocada", sa.Numeric(precision=15, scale=3), nullable=False),
        sa.Column("qtd_aberta", sa.Numeric(precision=15, scale=3), server_default="0", nullable=False),
        sa.Column(
            "purchase_state",
            sa.String(length=20),
            nullable=True,
            comment="Of the order line; cancel once the allocation is gone from Odoo",
        ),
        sa.Column("ativo", sa.Boolean(), server_default="true", nullable=False, comment="Not gone from Odoo"),
        sa.Column("importado_odoo", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("create_date_odoo", sa.DateTime(timezone=True), nullable=True),
        sa.Column("write_date_odoo", sa.DateTime(timezone=True), nullable=True),
        sa.Column("criado_em", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("atualizado_em", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["pedido_compra_id"],
            ["pedido_compras.id"],
            name=op.f("fk_requisicao_compra_alocacao_pedido_compra_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["requisicao_compra_id"],
            ["requisicao_compras.id"],
            name=op.f("fk_requisicao_compra_alocacao_requisicao_compra_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requisicao_compra_alocacao")),
        sa.UniqueConstraint("odoo_allocation_id", name=op.f("uq_requisicao_compra_alocacao_odoo_allocation_id")),
    )
    op.create_index(
        op.f("ix_requisicao_compra_alocacao_cod_produto"), "requisicao_compra_alocacao", ["cod_produto"], unique=False
    )
    op.create_index(
        op.f("ix_requisicao_compra_alocacao_pedido_compra_id"),
        "requisicao_compra_alocacao",
        ["pedido_compra_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_requisicao_compra_alocacao_purchase_order_line_odoo_id"),
        "requisicao_compra_alocacao",
        ["purchase_order_line_odoo_id"],
        unique=False,
    )
    op.create_index(
        "ix_requisicao_compra_alocacao_requisicao_compra_id",
        "requisicao_compra_alocacao",
        ["requisicao_compra_id"],
        unique=False,
    )
    op.add_column(
        "import_failures",
        sa.Column(
            "espera",
            sa.String(length=100),
            nullable=True,
            comment="What an aguardando record waits for: a product's code, a record's id",
        ),
    )
    op.create_index(
        "ix_import_failures_espera",
        "import_failures",
        ["entidade", "espera"],
        unique=False,
        postgresql_where=sa.text("status = 'aguardando'"),
    )
    op.create_table_comment(
        "import_failures",
        "Kept aside: pendente (tried again at proxima_tentativa), esgotado (waits for a person), aguardando (waits for what `espera` names, however long), resolvido",
        existing_comment="Quarantine: pendente (tried again at proxima_tentativa), esgotado (waits for a person), resolvido",
        schema=None,
    )
    op.add_column(
        "movimentacao_estoque",
        sa.Column(
            "odoo_move_id",
            sa.BigInteger(),
            nullable=True,
            comment="Key of an ENTRADA_COMPRA movement: Odoo's stock move",
        ),
    )
    op.add_column("movimentacao_estoque", sa.Column("odoo_picking_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "movimentacao_estoque",
        sa.Column("purchase_line_id", sa.BigInteger(), nullable=True, comment="Odoo's id of the purchase order line"),
    )
    op.add_column("movimentacao_estoque", sa.Column("pedido_compras_id", sa.BigInteger(), nullable=True))
    op.add_column("movimentacao_estoque", sa.Column("odoo_write_date", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        op.f("ix_movimentacao_estoque_odoo_picking_id"), "movimentacao_estoque", ["odoo_picking_id"], unique=False
    )
    op.create_index(
        op.f("ix_movimentacao_estoque_pedido_compras_id"), "movimentacao_estoque", ["pedido_compras_id"], unique=False
    )
    op.create_index(
        op.f("ix_movimentacao_estoque_purchase_line_id"), "movimentacao_estoque", ["purchase_line_id"], unique=False
    )
    op.create_unique_constraint(op.f("uq_movimentacao_estoque_odoo_move_id"), "movimentacao_estoque", ["odoo_move_id"])
    op.create_foreign_key(
        op.f("fk_movimentacao_estoque_pedido_compras_id"),
        "movimentacao_estoque",
        "pedido_compras",
        ["pedido_compras_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.add_column(
        "sync_documento",
        sa.Column(
            "registros",
            postgresql.ARRAY(sa.BigInteger()),
            server_default="{}",
            nullable=False,
            comment="The ids of its lines",
        ),
    )
    op.add_column(
        "sync_metadata",
        sa.Column(
            "origem",
            sa.String(length=100),
            nullable=True,
            comment="What the documents are in the source: their ids mean nothing in another",
        ),
    )


def downgrade() -> None:
    op.drop_column("sync_metadata", "origem")
    op.drop_column("sync_documento", "registros")
    op.drop_constraint(op.f("fk_movimentacao_estoque_pedido_compras_id"), "movimentacao_estoque", type_="foreignkey")
    op.drop_constraint(op.f("uq_movimentacao_estoque_odoo_move_id"), "movimentacao_estoque", type_="unique")
    op.drop_index(op.f("ix_movimentacao_estoque_purchase_line_id"), table_name="movimentacao_estoque")
    op.drop_index(op.f("ix_movimentacao_estoque_pedido_compras_id"), table_name="movimentacao_estoque")
    op.drop_index(op.f("ix_movimentacao_estoque_odoo_picking_id"), table_name="movimentacao_estoque")
    op.drop_column("movimentacao_estoque", "odoo_write_date")
    op.drop_column("movimentacao_estoque", "pedido_compras_id")
    op.drop_column("movimentacao_estoque", "purchase_line_id")
    op.drop_column("movimentacao_estoque", "odoo_picking_id")
    op.drop_column("movimentacao_estoque", "odoo_move_id")
    op.create_table_comment(
        "import_failures",
        "Quarantine: pendente (tried again at proxima_tentativa), esgotado (waits for a person), resolvido",
        existing_comment="Kept aside: pendente (tried again at proxima_tentativa), esgotado (waits for a person), aguardando (waits for what `espera` names, however long), resolvido",
        schema=None,
    )
    op.drop_index(
        "ix_import_failures_espera", table_name="import_failures", postgresql_where=sa.text("status = 'aguardando'")
    )
    op.drop_column("import_failures", "espera")
    op.drop_index("ix_requisicao_compra_alocacao_requisicao_compra_id", table_name="requisicao_compra_alocacao")
    op.drop_index(
        op.f("ix_requisicao_compra_alocacao_purchase_order_line_odoo_id"), table_name="requisicao_compra_alocacao"
    )
    op.drop_index(op.f("ix_requisicao_compra_alocacao_pedido_compra_id"), table_name="requisicao_compra_alocacao")
    op.drop_index(op.f("ix_requisicao_compra_alocacao_cod_produto"), table_name="requisicao_compra_alocacao")
    op.drop_table("requisicao_compra_alocacao")
    op.drop_index("ix_historico_requisicao_compras_requisicao_compra_id", table_name="historico_requisicao_compras")
    op.drop_index("ix_historico_requisicao_compras_num_requisicao", table_name="historico_requisicao_compras")
    op.drop_table("historico_requisicao_compras")
    op.drop_index("ix_historico_pedido_compras_pedido_compra_id", table_name="historico_pedido_compras")
    op.drop_index("ix_historico_pedido_compras_num_pedido", table_name="historico_pedido_compras")
    op.drop_table("historico_pedido_compras")
    op.drop_index("ix_requisicao_compras_requisicao_odoo_id", table_name="requisicao_compras")
    op.drop_index("ix_requisicao_compras_company_id_num_requisicao", table_name="requisicao_compras")
    op.drop_index("ix_requisicao_compras_cod_produto", table_name="requisicao_compras")
    op.drop_table("requisicao_compras")
    op.drop_index("ix_pedido_compras_odoo_purchase_order_id", table_name="pedido_compras")
    op.drop_index("ix_pedido_compras_company_id_num_pedido", table_name="pedido_compras")
    op.drop_index("ix_pedido_compras_cod_produto_cnpj_fornecedor", table_name="pedido_compras")
    op.drop_table("pedido_compras")
    op.drop_index(op.f("ix_lead_time_fornecedor_cod_produto"), table_name="lead_time_fornecedor")
    op.drop_table("lead_time_fornecedor")
