"""The lines of orders and invoices, of which the sales tables are made; series, units, net prices and currencies.

Every row that is there becomes a line of its own, under an id below zero, until its document is read again; so balances
and reports are right from the first run on. Migration 0008 has all documents read again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


ORDER = """
    odoo_order_id, num_pedido, cod_produto, pedido_cliente, data_pedido, data_atual_pedido, status_pedido, cnpj_cpf,
    raz_social, raz_social_red, municipio, estado, vendedor, equipe_vendas, nome_produto, embalagem_produto,
    materia_prima_produto, categoria_produto, qtd_produto_pedido, unid_medida_produto, qtd_cancelada_produto_pedido,
    preco_produto_pedido, cond_pgto_pedido, forma_pgto_pedido, incoterm, metodo_entrega_pedido, data_entrega_pedido,
    cliente_nec_agendamento, observ_ped_1, cnpj_endereco_ent, empresa_endereco_ent, cep_endereco_ent, nome_cidade,
    cod_uf, bairro_endereco_ent, rua_endereco_ent, endereco_ent, telefone_endereco_ent, tags_pedido, odoo_write_date
"""
INVOICE = """
    odoo_move_id, odoo_order_id, company_id, numero_nf, cod_produto, data_fatura, cnpj_cliente, nome_cliente, municipio, estado,
    vendedor, equipe_vendas, incoterm, nome_produto, qtd_produto_faturado, preco_produto_faturado,
    valor_produto_faturado, peso_unitario_produto, peso_total, origem, status_nf, odoo_write_date
"""
"""What a row and a line have in common."""

DELETED = "SELECT documento_id FROM sync_documento WHERE entidade = 'ENTITY' AND excluido_em IS NOT NULL"
ORDER_LINES = f"""
    INSERT INTO carteira_linha (odoo_line_id, odoo_product_id, ativo, linha_de, COLUMNS)
    SELECT -id, 0, (ativo OR status_pedido = 'Cancelado') AND odoo_order_id NOT IN ({DELETED}), id, COLUMNS
    FROM carteira_principal
"""  # noqa: S608 - all of it is ours
INVOICE_LINES = f"""
    INSERT INTO faturamento_linha (odoo_line_id, odoo_product_id, ativo, linha_de, COLUMNS)
    SELECT -id, 0, odoo_move_id NOT IN ({DELETED}), id, COLUMNS
    FROM faturamento_produtos
"""  # noqa: S608


def _unique(table: str, *columns: str, deferrable: bool = False) -> None:
    """Make a UNIQUE constraint anew, deferrable or not."""
    name = op.f(f"uq_{table}_{'_'.join(columns)}")
    op.drop_constraint(name, table, type_="unique")
    initially = "IMMEDIATE" if deferrable else None
    op.create_unique_constraint(name, table, list(columns), deferrable=deferrable or None, initially=initially)


def upgrade() -> None:
    _tables()
    _data()


def _tables() -> None:
    op.create_table(
        "carteira_linha",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("odoo_line_id", sa.BigInteger(), nullable=False),
        sa.Column("odoo_order_id", sa.BigInteger(), nullable=False),
        sa.Column("odoo_product_id", sa.BigInteger(), nullable=False, comment="Odoo's id of the product"),
        sa.Column(
            "ativo", sa.Boolean(), server_default="true", nullable=False, comment="In Odoo, and meant to be in a row"
        ),
        sa.Column("num_pedido", sa.String(length=50), nullable=False),
        sa.Column("cod_produto", sa.String(length=50), nullable=False),
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
        sa.Column(
            "unid_medida_produto",
            sa.String(length=20),
            nullable=True,
            comment="The product's own: of quantities, balance and prices",
        ),
        sa.Column("embalagem_produto", sa.String(length=100), nullable=True),
        sa.Column("materia_prima_produto", sa.String(length=100), nullable=True),
        sa.Column("categoria_produto", sa.String(length=100), nullable=True),
        sa.Column("qtd_produto_pedido", sa.Numeric(precision=15, scale=3), nullable=False),
        sa.Column("qtd_cancelada_produto_pedido", sa.Numeric(precision=15, scale=3), server_default="0", nullable=True),
        sa.Column("preco_produto_pedido", sa.Numeric(precision=17, scale=4), nullable=True),
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
        sa.Column("odoo_write_date", sa.DateTime(timezone=True), nullable=True),
        sa.Column("company_id", sa.Integer(), nullable=True, comment="Odoo's id of the company"),
        sa.Column("qtd_pedido_unidade", sa.Numeric(precision=15, scale=3), nullable=True),
        sa.Column(
            "unid_medida_pedido",
            sa.String(length=20),
            nullable=True,
            comment="Of qtd_pedido_unidade; both NULL where the lines differ",
        ),
        sa.Column("moeda", sa.String(length=3), nullable=True, comment="Of the prices and of valor_moeda_pedido"),
        sa.Column("preco_liquido_produto_pedido", sa.Numeric(precision=17, scale=4), nullable=True),
        sa.Column("valor_moeda_pedido", sa.Numeric(precision=15, scale=2), nullable=True),
        sa.Column("valor_produto_pedido", sa.Numeric(precision=15, scale=2), nullable=True),
        sa.Column("linha_de", sa.BigInteger(), nullable=True, comment="The row that it is part of"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.String(length=100), server_default="odoo_sync", nullable=True),
        sa.Column("updated_by", sa.String(length=100), server_default="odoo_sync", nullable=True),
        sa.ForeignKeyConstraint(
            ["linha_de"],
            ["carteira_principal.id"],
            name=op.f("fk_carteira_linha_linha_de"),
            ondelete="SET NULL",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carteira_linha")),
        sa.UniqueConstraint("odoo_line_id", name=op.f("uq_carteira_linha_odoo_line_id")),
        comment="The lines of documents as Odoo has them; the rows of carteira_principal are made of them",
    )
    op.create_index(op.f("ix_carteira_linha_linha_de"), "carteira_linha", ["linha_de"], unique=False)
    op.create_index("ix_carteira_linha_num_pedido", "carteira_linha", ["num_pedido"], unique=False)
    op.create_index(op.f("ix_carteira_linha_odoo_order_id"), "carteira_linha", ["odoo_order_id"], unique=False)
    op.create_table(
        "faturamento_linha",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("odoo_line_id", sa.BigInteger(), nullable=False),
        sa.Column("odoo_move_id", sa.BigInteger(), nullable=False),
        sa.Column("odoo_product_id", sa.BigInteger(), nullable=False, comment="Odoo's id of the product"),
        sa.Column(
            "ativo", sa.Boolean(), server_default="true", nullable=False, comment="In Odoo, and meant to be in a row"
        ),
        sa.Column(
            "company_id", sa.Integer(), nullable=False, comment="Odoo's id of the company that issued the invoice"
        ),
        sa.Column("numero_nf", sa.String(length=20), nullable=False),
        sa.Column("cod_produto", sa.String(length=50), nullable=False),
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
            "origem", sa.String(length=50), nullable=False, comment="num_pedido of the sale order; empty without one"
        ),
        sa.Column(
            "status_nf", sa.String(length=20), nullable=False, comment="Odoo's status: Provisório, Lançado, Cancelado"
        ),
        sa.Column("odoo_write_date", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "serie",
            sa.String(length=10),
            server_default="",
            nullable=False,
            comment="The invoice's series; empty: none",
        ),
        sa.Column(
            "unid_medida_produto",
            sa.String(length=20),
            nullable=True,
            comment="The product's own: of quantity, prices and weight",
        ),
        sa.Column("qtd_faturada_unidade", sa.Numeric(precision=15, scale=3), nullable=True),
        sa.Column(
            "unid_medida_faturada",
            sa.String(length=20),
            nullable=True,
            comment="Of qtd_faturada_unidade; both NULL where the lines differ",
        ),
        sa.Column(
            "moeda",
            sa.String(length=3),
            nullable=True,
            comment="Of the prices, valor_liquido_faturado and valor_moeda_faturado",
        ),
        sa.Column("preco_liquido_produto_faturado", sa.Numeric(precision=15, scale=4), nullable=True),
        sa.Column("valor_liquido_faturado", sa.Numeric(precision=15, scale=2), nullable=True),
        sa.Column("valor_moeda_faturado", sa.Numeric(precision=15, scale=2), nullable=True),
        sa.Column("odoo_order_id", sa.BigInteger(), nullable=True, comment="Odoo's id of the sale order"),
        sa.Column("odoo_order_line_id", sa.BigInteger(), nullable=True, comment="Odoo's id of the order line invoiced"),
        sa.Column("linha_de", sa.BigInteger(), nullable=True, comment="The row that it is part of"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.String(length=100), server_default="odoo_sync", nullable=True),
        sa.Column("updated_by", sa.String(length=100), server_default="odoo_sync", nullable=True),
        sa.ForeignKeyConstraint(
            ["linha_de"],
            ["faturamento_produtos.id"],
            name=op.f("fk_faturamento_linha_linha_de"),
            ondelete="SET NULL",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faturamento_linha")),
        sa.UniqueConstraint("odoo_line_id", name=op.f("uq_faturamento_linha_odoo_line_id")),
        comment="The lines of documents as Odoo has them; the rows of faturamento_produtos are made of them",
    )
    op.create_index(op.f("ix_faturamento_linha_linha_de"), "faturamento_linha", ["linha_de"], unique=False)
    op.create_index(
        "ix_faturamento_linha_numero_nf", "faturamento_linha", ["company_id", "serie", "numero_nf"], unique=False
    )
    op.create_index(op.f("ix_faturamento_linha_odoo_move_id"), "faturamento_linha", ["odoo_move_id"], unique=False)
    op.create_index("ix_faturamento_linha_odoo_order_id", "faturamento_linha", ["odoo_order_id"], unique=False)
    op.create_index(
        op.f("ix_faturamento_linha_odoo_order_line_id"), "faturamento_linha", ["odoo_order_line_id"], unique=False
    )
    op.create_index("ix_faturamento_linha_origem", "faturamento_linha", ["origem"], unique=False)
    op.add_column(
        "carteira_principal", sa.Column("company_id", sa.Integer(), nullable=True, comment="Odoo's id of the company")
    )
    op.add_column(
        "carteira_principal", sa.Column("qtd_pedido_unidade", sa.Numeric(precision=15, scale=3), nullable=True)
    )
    op.add_column(
        "carteira_principal",
        sa.Column(
            "unid_medida_pedido",
            sa.String(length=20),
            nullable=True,
            comment="Of qtd_pedido_unidade; both NULL where the lines differ",
        ),
    )
    op.add_column(
        "carteira_principal",
        sa.Column("moeda", sa.String(length=3), nullable=True, comment="Of the prices and of valor_moeda_pedido"),
    )
    op.add_column(
        "carteira_principal",
        sa.Column("preco_liquido_produto_pedido", sa.Numeric(precision=17, scale=4), nullable=True),
    )
    op.add_column(
        "carteira_principal", sa.Column("valor_moeda_pedido", sa.Numeric(precision=15, scale=2), nullable=True)
    )
    op.add_column(
        "carteira_principal", sa.Column("valor_produto_pedido", sa.Numeric(precision=15, scale=2), nullable=True)
    )
    op.alter_column(
        "carteira_principal",
        "unid_medida_produto",
        existing_type=sa.VARCHAR(length=20),
        comment="The product's own: of quantities, balance and prices",
        existing_nullable=True,
    )
    op.alter_column(
        "carteira_principal",
        "preco_produto_pedido",
        existing_type=sa.NUMERIC(precision=15, scale=2),
        type_=sa.Numeric(precision=17, scale=4),
        existing_nullable=True,
    )
    op.add_column(
        "faturamento_produtos",
        sa.Column(
            "serie",
            sa.String(length=10),
            server_default="",
            nullable=False,
            comment="The invoice's series; empty: none",
        ),
    )
    op.add_column(
        "faturamento_produtos",
        sa.Column(
            "unid_medida_produto",
            sa.String(length=20),
            nullable=True,
            comment="The product's own: of quantity, prices and weight",
        ),
    )
    op.add_column(
        "faturamento_produtos", sa.Column("qtd_faturada_unidade", sa.Numeric(precision=15, scale=3), nullable=True)
    )
    op.add_column(
        "faturamento_produtos",
        sa.Column(
            "unid_medida_faturada",
            sa.String(length=20),
            nullable=True,
            comment="Of qtd_faturada_unidade; both NULL where the lines differ",
        ),
    )
    op.add_column(
        "faturamento_produtos",
        sa.Column(
            "moeda",
            sa.String(length=3),
            nullable=True,
            comment="Of the prices, valor_liquido_faturado and valor_moeda_faturado",
        ),
    )
    op.add_column(
        "faturamento_produtos",
        sa.Column("preco_liquido_produto_faturado", sa.Numeric(precision=15, scale=4), nullable=True),
    )
    op.add_column(
        "faturamento_produtos", sa.Column("valor_liquido_faturado", sa.Numeric(precision=15, scale=2), nullable=True)
    )
    op.add_column(
        "faturamento_produtos", sa.Column("valor_moeda_faturado", sa.Numeric(precision=15, scale=2), nullable=True)
    )
    op.add_column(
        "faturamento_produtos",
        sa.Column("odoo_order_id", sa.BigInteger(), nullable=True, comment="Odoo's id of the sale order"),
    )
    op.alter_column(
        "faturamento_produtos",
        "origem",
        existing_type=sa.VARCHAR(length=50),
        comment="num_pedido of the sale order; empty without one",
        existing_comment="num_pedido of the sale order invoiced; empty without one",
        existing_nullable=False,
    )
    op.drop_constraint(
        op.f("uq_faturamento_produtos_company_id_numero_nf_cod_produto_origem"), "faturamento_produtos", type_="unique"
    )
    op.create_index(
        op.f("ix_faturamento_produtos_odoo_order_id"), "faturamento_produtos", ["odoo_order_id"], unique=False
    )
    op.create_unique_constraint(
        op.f("uq_faturamento_produtos_company_id_serie_numero_nf_cod_produto_origem"),
        "faturamento_produtos",
        ["company_id", "serie", "numero_nf", "cod_produto", "origem"],
        deferrable=True,
        initially="IMMEDIATE",
    )
    op.add_column(
        "historico_pedidos",
        sa.Column(
            "carteira_id",
            sa.BigInteger(),
            nullable=True,
            comment="The row of carteira_principal; NULL: imported by people",
        ),
    )
    op.create_unique_constraint(op.f("uq_historico_pedidos_carteira_id"), "historico_pedidos", ["carteira_id"])
    op.create_foreign_key(
        op.f("fk_historico_pedidos_carteira_id"),
        "historico_pedidos",
        "carteira_principal",
        ["carteira_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.add_column(
        "relatorio_faturamento_importado",
        sa.Column(
            "odoo_move_id", sa.BigInteger(), nullable=True, comment="Odoo's id of the invoice; NULL: imported by people"
        ),
    )
    op.add_column(
        "relatorio_faturamento_importado", sa.Column("serie", sa.String(length=10), server_default="", nullable=False)
    )
    op.drop_constraint(
        op.f("uq_relatorio_faturamento_importado_company_id_numero_nf"),
        "relatorio_faturamento_importado",
        type_="unique",
    )
    op.create_unique_constraint(
        op.f("uq_relatorio_faturamento_importado_company_id_serie_numero_nf"),
        "relatorio_faturamento_importado",
        ["company_id", "serie", "numero_nf"],
        deferrable=True,
        initially="IMMEDIATE",
    )
    op.create_unique_constraint(
        op.f("uq_relatorio_faturamento_importado_odoo_move_id"), "relatorio_faturamento_importado", ["odoo_move_id"]
    )
    op.add_column("separacao", sa.Column("qtd_saldo_zerado", sa.Numeric(precision=15, scale=3), nullable=True))
    op.add_column("separacao", sa.Column("status_zerado", sa.String(length=20), nullable=True))
    op.add_column("separacao", sa.Column("odoo_order_id_zerado", sa.BigInteger(), nullable=True))


def _data() -> None:
    for table in ("carteira_principal", "historico_pedidos"):
        _unique(table, "num_pedido", "cod_produto", deferrable=True)
    op.execute("""
        UPDATE historico_pedidos h SET carteira_id = c.id
        FROM carteira_principal c
        WHERE c.num_pedido = h.num_pedido AND c.cod_produto = h.cod_produto AND c.odoo_order_id = h.odoo_order_id
    """)
    op.execute("""
        UPDATE relatorio_faturamento_importado r SET odoo_move_id = f.odoo_move_id
        FROM (
            SELECT DISTINCT ON (odoo_move_id) odoo_move_id, company_id, numero_nf
            FROM (
                SELECT DISTINCT ON (company_id, numero_nf) company_id, numero_nf, odoo_move_id
                FROM faturamento_produtos
                ORDER BY company_id, numero_nf, status_nf = 'Cancelado', odoo_move_id
            ) n
            ORDER BY odoo_move_id, numero_nf
        ) f
        WHERE r.company_id = f.company_id AND r.numero_nf = f.numero_nf
    """)
    op.execute("""
        UPDATE faturamento_produtos f SET odoo_order_id = c.odoo_order_id
        FROM carteira_principal c
        WHERE c.num_pedido = f.origem AND c.cod_produto = f.cod_produto
    """)
    op.execute(ORDER_LINES.replace("ENTITY", "carteira").replace("COLUMNS", ORDER))
    op.execute(INVOICE_LINES.replace("ENTITY", "faturamento").replace("COLUMNS", INVOICE))


def downgrade() -> None:
    for table in ("historico_pedidos", "carteira_principal"):
        _unique(table, "num_pedido", "cod_produto")
    op.drop_column("separacao", "odoo_order_id_zerado")
    op.drop_column("separacao", "status_zerado")
    op.drop_column("separacao", "qtd_saldo_zerado")
    op.drop_constraint(
        op.f("uq_relatorio_faturamento_importado_odoo_move_id"), "relatorio_faturamento_importado", type_="unique"
    )
    op.drop_constraint(
        op.f("uq_relatorio_faturamento_importado_company_id_serie_numero_nf"),
        "relatorio_faturamento_importado",
        type_="unique",
    )
    op.create_unique_constraint(
        op.f("uq_relatorio_faturamento_importado_company_id_numero_nf"),
        "relatorio_faturamento_importado",
        ["company_id", "numero_nf"],
    )
    op.drop_column("relatorio_faturamento_importado", "serie")
    op.drop_column("relatorio_faturamento_importado", "odoo_move_id")
    op.drop_constraint(op.f("fk_historico_pedidos_carteira_id"), "historico_pedidos", type_="foreignkey")
    op.drop_constraint(op.f("uq_historico_pedidos_carteira_id"), "historico_pedidos", type_="unique")
    op.drop_column("historico_pedidos", "carteira_id")
    op.drop_constraint(
        op.f("uq_faturamento_produtos_company_id_serie_numero_nf_cod_produto_origem"),
        "faturamento_produtos",
        type_="unique",
    )
    op.drop_index(op.f("ix_faturamento_produtos_odoo_order_id"), table_name="faturamento_produtos")
    op.create_unique_constraint(
        op.f("uq_faturamento_produtos_company_id_numero_nf_cod_produto_origem"),
        "faturamento_produtos",
        ["company_id", "numero_nf", "cod_produto", "origem"],
    )
    op.alter_column(
        "faturamento_produtos",
        "origem",
        existing_type=sa.VARCHAR(length=50),
        comment="num_pedido of the sale order invoiced; empty without one",
        existing_comment="num_pedido of the sale order; empty without one",
        existing_nullable=False,
    )
    op.drop_column("faturamento_produtos", "odoo_order_id")
    op.drop_column("faturamento_produtos", "valor_moeda_faturado")
    op.drop_column("faturamento_produtos", "valor_liquido_faturado")
    op.drop_column("faturamento_produtos", "preco_liquido_produto_faturado")
    op.drop_column("faturamento_produtos", "moeda")
    op.drop_column("faturamento_produtos", "unid_medida_faturada")
    op.drop_column("faturamento_produtos", "qtd_faturada_unidade")
    op.drop_column("faturamento_produtos", "unid_medida_produto")
    op.drop_column("faturamento_produtos", "serie")
    op.alter_column(
        "carteira_principal",
        "preco_produto_pedido",
        existing_type=sa.Numeric(precision=17, scale=4),
        type_=sa.NUMERIC(precision=15, scale=2),
        existing_nullable=True,
    )
    op.alter_column(
        "carteira_principal",
        "unid_medida_produto",
        existing_type=sa.VARCHAR(length=20),
        comment=None,
        existing_comment="The product's own: of quantities, balance and prices",
        existing_nullable=True,
    )
    op.drop_column("carteira_principal", "valor_produto_pedido")
    op.drop_column("carteira_principal", "valor_moeda_pedido")
    op.drop_column("carteira_principal", "preco_liquido_produto_pedido")
    op.drop_column("carteira_principal", "moeda")
    op.drop_column("carteira_principal", "unid_medida_pedido")
    op.drop_column("carteira_principal", "qtd_pedido_unidade")
    op.drop_column("carteira_principal", "company_id")
    op.drop_index("ix_faturamento_linha_origem", table_name="faturamento_linha")
    op.drop_index(op.f("ix_faturamento_linha_odoo_order_line_id"), table_name="faturamento_linha")
    op.drop_index("ix_faturamento_linha_odoo_order_id", table_name="faturamento_linha")
    op.drop_index(op.f("ix_faturamento_linha_odoo_move_id"), table_name="faturamento_linha")
    op.drop_index("ix_faturamento_linha_numero_nf", table_name="faturamento_linha")
    op.drop_index(op.f("ix_faturamento_linha_linha_de"), table_name="faturamento_linha")
    op.drop_table("faturamento_linha")
    op.drop_index(op.f("ix_carteira_linha_odoo_order_id"), table_name="carteira_linha")
    op.drop_index("ix_carteira_linha_num_pedido", table_name="carteira_linha")
    op.drop_index(op.f("ix_carteira_linha_linha_de"), table_name="carteira_linha")
    op.drop_table("carteira_linha")
