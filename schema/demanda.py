"""Demand: the forecast, the confirmed orders that it is measured against, and the customers' groups."""

from sqlalchemy.schema import CheckConstraint, Column, ForeignKey, UniqueConstraint
from sqlalchemy.types import BigInteger, Boolean, Date, Integer, String, Text

from schema.base import bookkeeping, moment, money, people, quantity, table, texts

previsao_demanda = table(
    "previsao_demanda",
    Column("data_mes", Integer, nullable=False),
    Column("data_ano", Integer, nullable=False, index=True),
    Column("nome_grupo", String(100), nullable=False, server_default="GERAL", comment="GERAL: all customers together"),
    Column("cod_produto", String(50), nullable=False, index=True),
    Column("nome_produto", String(255)),
    quantity("qtd_demanda_prevista", required=True),
    quantity("qtd_demanda_realizada", required=True, zero=True),
    Column("disparo_producao", String(3)),
    moment("criado_em", required=True, now=True),
    Column("criado_por", String(100)),
    moment("atualizado_em", required=True, now=True),
    UniqueConstraint("data_mes", "data_ano", "cod_produto", "nome_grupo"),
    CheckConstraint("data_mes BETWEEN 1 AND 12", name="data_mes"),
    CheckConstraint("disparo_producao IN ('MTO', 'MTS')", name="disparo_producao"),
)

historico_pedidos = table(
    "historico_pedidos",
    Column("num_pedido", String(50), nullable=False),
    Column("cod_produto", String(50), nullable=False, index=True),
    Column("odoo_order_id", BigInteger, nullable=False, index=True),
    Column("data_pedido", Date, nullable=False, index=True),
    *texts(cnpj_cliente=20, raz_social_red=255),
    Column("nome_grupo", String(100), index=True),
    *texts(vendedor=100, equipe_vendas=100, incoterm=20, nome_cidade=100, cod_uf=2, nome_produto=255),
    quantity("qtd_produto_pedido", required=True),
    money("preco_produto_pedido", places=4),
    money("valor_produto_pedido"),
    *people(money("icms_produto_pedido"), money("pis_produto_pedido"), money("cofins_produto_pedido")),
    moment("odoo_write_date"),
    *bookkeeping(moment("importado_em", required=True, now=True)),
    Column(
        "carteira_id",
        BigInteger,
        ForeignKey("carteira_principal.id", ondelete="CASCADE"),
        unique=True,
        comment="The row of carteira_principal; NULL: imported by people",
    ),
    UniqueConstraint("num_pedido", "cod_produto", deferrable=True, initially="IMMEDIATE"),
    comment="Confirmed sale orders, the lines of one product summed",
)

grupo_empresarial = table(
    "grupo_empresarial",
    Column("nome_grupo", String(100), nullable=False),
    Column("prefixo_cnpj", String(8), nullable=False, comment="The CNPJ's first eight places, without punctuation"),
    Column("descricao", Text),
    Column("ativo", Boolean, nullable=False, server_default="true"),
    moment("criado_em", required=True, now=True),
    Column("criado_por", String(100)),
    UniqueConstraint("prefixo_cnpj"),
    CheckConstraint("prefixo_cnpj ~ '^[0-9A-Z]{8}$'", name="prefixo_cnpj"),
)
