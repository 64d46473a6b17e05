"""Sales: order backlog (carteira), invoiced products (faturamento) and the invoice report.

What Odoo has is kept line by line (`carteira_linha`, `faturamento_linha`), known by Odoo's ids. The tables that people
read are made of these lines: `carteira_principal` has a row per order and product, `faturamento_produtos` one per
invoice, product and order. Their numbers and codes are what the lines say today; which row a line is part of stands in
the line, so that a row, with all that people entered in it, follows its lines to another number or code.
"""

from typing import Any

from sqlalchemy.schema import Column, ForeignKey, Index, Table, UniqueConstraint
from sqlalchemy.types import BigInteger, Boolean, Date, Float, Integer, String, Text, Time

from schema.base import audit, bookkeeping, computed, moment, money, people, quantity, table, texts


def _lines(rows: Table, document: str, *parts: Column[Any] | Index, without: tuple[str, ...] = ()) -> Table:
    """The lines that the rows of a table are made of, of the documents in the column `document`.

    The columns are the rows' own, in their order: all that are not marked as somebody else's, but for those `without`.
    """
    name = rows.name.split("_")[0] + "_linha"
    shared = [
        Column(each.name, each.type, nullable=each.nullable, server_default=each.server_default, comment=each.comment)
        for each in rows.columns
        if "owner" not in each.info and each.name not in (document, *without)
    ]
    # Checked at the commit: a line is told its row before that is written.
    row = ForeignKey(rows.c.id, ondelete="SET NULL", deferrable=True, initially="DEFERRED")
    return table(
        name,
        Column("odoo_line_id", BigInteger, nullable=False, unique=True),
        Column(document, BigInteger, nullable=False, index=True),
        Column("odoo_product_id", BigInteger, nullable=False, comment="Odoo's id of the product"),
        Column("ativo", Boolean, nullable=False, server_default="true", comment="In Odoo, and meant to be in a row"),
        *shared,
        *parts,
        *computed(Column("linha_de", BigInteger, row, index=True, comment="The row that it is part of")),
        *audit(),
        comment=f"The lines of documents as Odoo has them; the rows of {rows.name} are made of them",
    )


carteira_principal = table(
    "carteira_principal",
    Column("num_pedido", String(50), nullable=False),
    Column("cod_produto", String(50), nullable=False),
    Column("odoo_order_id", BigInteger, nullable=False, index=True),
    Column("pedido_cliente", String(100)),
    Column("data_pedido", Date, index=True),
    Column("data_atual_pedido", Date),
    Column("status_pedido", String(50), index=True),
    *texts(cnpj_cpf=20, raz_social=255, raz_social_red=100, municipio=100, estado=2),
    Column("vendedor", String(100), index=True),
    Column("equipe_vendas", String(100)),
    Column("nome_produto", String(255), nullable=False),
    Column("unid_medida_produto", String(20), comment="The product's own: of quantities, balance and prices"),
    *texts(embalagem_produto=100, materia_prima_produto=100, categoria_produto=100),
    quantity("qtd_produto_pedido", required=True),
    quantity("qtd_saldo_produto_pedido", required=True, zero=True),
    quantity("qtd_cancelada_produto_pedido", zero=True),
    money("preco_produto_pedido", places=4, digits=17),
    *texts(cond_pgto_pedido=100, forma_pgto_pedido=100, incoterm=20, metodo_entrega_pedido=100),
    Column("data_entrega_pedido", Date),
    Column("cliente_nec_agendamento", String(10)),
    Column("observ_ped_1", Text),
    *texts(cnpj_endereco_ent=20, empresa_endereco_ent=255, cep_endereco_ent=10, nome_cidade=100, cod_uf=2),
    *texts(bairro_endereco_ent=100, rua_endereco_ent=255, endereco_ent=20, telefone_endereco_ent=50),
    Column("tags_pedido", Text, comment="JSON array of {name, color}"),
    Column("ativo", Boolean, nullable=False, server_default="true", index=True),
    Column("motivo_exclusao", Text),
    *people(
        Column("expedicao", Date),
        Column("data_entrega", Date),
        Column("agendamento", Date),
        Column("hora_agendamento", Time),
        Column("agendamento_confirmado", Boolean, server_default="false"),
        *texts(forma_agendamento=50, protocolo=50, roteirizacao=100),
        Column("separacao_lote_id", String(50), index=True),
        Column("importante", Boolean, nullable=False, server_default="false"),
    ),
    moment("odoo_write_date"),
    *bookkeeping(moment("ultima_sync")),
    *audit(),
    Column("company_id", Integer, comment="Odoo's id of the company"),
    quantity("qtd_pedido_unidade"),
    Column("unid_medida_pedido", String(20), comment="Of qtd_pedido_unidade; both NULL where the lines differ"),
    Column("moeda", String(3), comment="Of the prices and of valor_moeda_pedido"),
    money("preco_liquido_produto_pedido", places=4, digits=17),
    money("valor_moeda_pedido"),
    money("valor_produto_pedido"),
    # Rows may exchange their keys in one statement.
    UniqueConstraint("num_pedido", "cod_produto", deferrable=True, initially="IMMEDIATE"),
    Index("ix_carteira_principal_cnpj_cpf_vendedor", "cnpj_cpf", "vendedor"),
    Index("ix_carteira_principal_cod_produto_saldo", "cod_produto", "qtd_saldo_produto_pedido"),
)

carteira_linha = _lines(
    carteira_principal,
    "odoo_order_id",
    Index("ix_carteira_linha_num_pedido", "num_pedido"),
    without=("qtd_saldo_produto_pedido", "ativo", "motivo_exclusao"),
)

faturamento_produtos = table(
    "faturamento_produtos",
    Column("company_id", Integer, nullable=False, comment="Odoo's id of the company that issued the invoice"),
    Column("numero_nf", String(20), nullable=False),
    Column("cod_produto", String(50), nullable=False, index=True),
    Column("odoo_move_id", BigInteger, nullable=False, index=True),
    Column("data_fatura", Date, nullable=False, index=True),
    *texts(cnpj_cliente=20, nome_cliente=255, municipio=100, estado=2, vendedor=100, equipe_vendas=100, incoterm=20),
    Column("nome_produto", String(200), nullable=False),
    quantity("qtd_produto_faturado", required=True, zero=True),
    money("preco_produto_faturado", required=True, places=4),
    money("valor_produto_faturado", required=True),
    quantity("peso_unitario_produto"),
    quantity("peso_total"),
    Column("origem", String(50), nullable=False, comment="num_pedido of the sale order; empty without one"),
    Column("status_nf", String(20), nullable=False, comment="Odoo's status: Provisório, Lançado, Cancelado"),
    *computed(Column("status_processamento", String(20), comment="Local: VINCULADO (a lot was found) or SEM_LOTE")),
    moment("odoo_write_date"),
    *audit(),
    Column("serie", String(10), nullable=False, server_default="", comment="The invoice's series; empty: none"),
    Column("unid_medida_produto", String(20), comment="The product's own: of quantity, prices and weight"),
    quantity("qtd_faturada_unidade"),
    Column("unid_medida_faturada", String(20), comment="Of qtd_faturada_unidade; both NULL where the lines differ"),
    Column("moeda", String(3), comment="Of the prices, valor_liquido_faturado and valor_moeda_faturado"),
    money("preco_liquido_produto_faturado", places=4),
    money("valor_liquido_faturado"),
    money("valor_moeda_faturado"),
    Column("odoo_order_id", BigInteger, index=True, comment="Odoo's id of the sale order"),
    # With the order: one invoice may cover several, and each balance takes only its own part.
    UniqueConstraint(
        *("company_id", "serie", "numero_nf", "cod_produto", "origem"), deferrable=True, initially="IMMEDIATE"
    ),
    Index("ix_faturamento_produtos_origem_cod_produto", "origem", "cod_produto"),
    Index("ix_faturamento_produtos_cnpj_cliente_data_fatura", "cnpj_cliente", "data_fatura"),
)

faturamento_linha = _lines(
    faturamento_produtos,
    "odoo_move_id",
    Column("odoo_order_line_id", BigInteger, index=True, comment="Odoo's id of the order line invoiced"),
    Index("ix_faturamento_linha_numero_nf", "company_id", "serie", "numero_nf"),
    Index("ix_faturamento_linha_origem", "origem"),
    Index("ix_faturamento_linha_odoo_order_id", "odoo_order_id"),
)

relatorio_faturamento_importado = table(
    "relatorio_faturamento_importado",
    Column("company_id", Integer, nullable=False),
    Column("numero_nf", String(20), nullable=False),
    Column("data_fatura", Date),
    Column("cnpj_cliente", String(20), index=True),
    Column("nome_cliente", String(255)),
    Column("valor_total", Float),
    Column("peso_bruto", Float),
    *people(Column("cnpj_transportadora", String(20)), Column("nome_transportadora", String(255))),
    *texts(municipio=100, estado=2),
    *people(Column("codigo_ibge", String(10))),
    *texts(origem=50, incoterm=20, vendedor=100, equipe_vendas=100),
    # A person may inactivate a row too, and that is left alone.
    *computed(
        Column("ativo", Boolean, nullable=False, server_default="true"),
        moment("inativado_em"),
        Column("inativado_por", String(100)),
    ),
    *bookkeeping(moment("criado_em", required=True, now=True)),
    Column("odoo_move_id", BigInteger, unique=True, comment="Odoo's id of the invoice; NULL: imported by people"),
    Column("serie", String(10), nullable=False, server_default=""),
    UniqueConstraint("company_id", "serie", "numero_nf", deferrable=True, initially="IMMEDIATE"),
)
