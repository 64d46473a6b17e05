"""Demand: the forecast, the confirmed orders that it is measured against, and the customers' groups."""

from sqlalchemy.schema import CheckConstraint, Column, ForeignKey, UniqueConstraint
from sqlalchemy.types import BigInteger, Boolean, Date, Integer, String, Text

from schema.base import bookkeeping, moment, money, people, quantity, table, texts

previsao_demanda = table(
    "previsao_demanda",
    Column("data_mes", Integer, nullable=False, comment="Mês previsto, de 1 a 12 [pessoas]"),
    Column("data_ano", Integer, nullable=False, index=True, comment="Ano previsto [pessoas]"),
    Column(
        "nome_grupo",
        String(100),
        nullable=False,
        server_default="GERAL",
        comment="Grupo de clientes de grupo_empresarial; RESTANTE: sem grupo; GERAL: todos os clientes [pessoas]",
    ),
    Column("cod_produto", String(50), nullable=False, index=True, comment="Código do produto [pessoas]"),
    Column("nome_produto", String(255), comment="Nome do produto [pessoas]"),
    quantity("qtd_demanda_prevista", required=True, comment="Quantidade prevista, na unidade do produto [pessoas]"),
    quantity(
        "qtd_demanda_realizada",
        required=True,
        zero=True,
        comment="Quantidade pedida de fato no mês, na unidade do produto: soma de historico_pedidos [cálculo]",
    ),
    Column("disparo_producao", String(3), comment="MTO (sob encomenda) ou MTS (para estoque) [pessoas]"),
    moment("criado_em", required=True, now=True, comment="Quando a previsão foi incluída (instante, UTC) [pessoas]"),
    Column("criado_por", String(100), comment="Quem a incluiu [pessoas]"),
    moment("atualizado_em", required=True, now=True, comment="Quando a linha mudou (instante, UTC) [registro]"),
    UniqueConstraint("data_mes", "data_ano", "cod_produto", "nome_grupo"),
    CheckConstraint("data_mes BETWEEN 1 AND 12", name="data_mes"),
    CheckConstraint("disparo_producao IN ('MTO', 'MTS')", name="disparo_producao"),
    comment="Previsão de demanda por mês, produto e grupo, de pessoas, com a demanda que se realizou",
)

historico_pedidos = table(
    "historico_pedidos",
    Column(
        "num_pedido", String(50), nullable=False, comment="Número do pedido de venda. Odoo: sale.order.name [origem]"
    ),
    Column(
        "cod_produto",
        String(50),
        nullable=False,
        index=True,
        comment="Código do produto. Odoo: product.product.default_code [origem]",
    ),
    Column(
        "odoo_order_id", BigInteger, nullable=False, index=True, comment="Id do pedido no Odoo: sale.order.id [origem]"
    ),
    Column(
        "data_pedido",
        Date,
        nullable=False,
        index=True,
        comment="Dia do pedido, em São Paulo. Odoo: create_date (ou date_order) [origem]",
    ),
    *texts(
        cnpj_cliente=(20, "CNPJ ou CPF do cliente, pontuado. Odoo: res.partner.l10n_br_cnpj (ou vat) [origem]"),
        raz_social_red=(255, "Nome do cliente, reduzido. Odoo: res.partner.name [origem]"),
    ),
    Column(
        "nome_grupo",
        String(100),
        index=True,
        comment="Grupo do cliente, pela raiz do CNPJ em grupo_empresarial; RESTANTE: sem grupo [cálculo]",
    ),
    *texts(
        vendedor=(100, "Vendedor. Odoo: sale.order.user_id.name [origem]"),
        equipe_vendas=(100, "Equipe de vendas. Odoo: sale.order.team_id.name [origem]"),
        incoterm=(20, "Código do incoterm. Odoo: sale.order.incoterm [origem]"),
        nome_cidade=(100, "Cidade da entrega. Odoo: res.partner [origem]"),
        cod_uf=(2, "UF da entrega. Odoo: res.partner.state_id.code [origem]"),
        nome_produto=(255, "Nome do produto. Odoo: product.product.name [origem]"),
    ),
    quantity(
        "qtd_produto_pedido",
        required=True,
        comment="Quantidade pedida, na unidade do produto. Odoo: sale.order.line.product_uom_qty [origem]",
    ),
    money(
        "preco_produto_pedido",
        places=4,
        comment="Preço unitário, por unidade do produto, na moeda do pedido. Odoo: price_unit [origem]",
    ),
    money(
        "valor_produto_pedido",
        comment="Valor sem impostos, na moeda da empresa. Odoo: price_subtotal e currency_rate [origem]",
    ),
    *people(
        money("icms_produto_pedido", comment="Valor do ICMS [pessoas]"),
        money("pis_produto_pedido", comment="Valor do PIS [pessoas]"),
        money("cofins_produto_pedido", comment="Valor da COFINS [pessoas]"),
    ),
    moment(
        "odoo_write_date",
        comment="Versão gravada. Odoo: maior write_date do pedido e das linhas (instante, UTC) [origem]",
    ),
    *bookkeeping(
        moment(
            "importado_em",
            required=True,
            now=True,
            comment="Quando a linha foi gravada ou mudou aqui (instante, UTC) [registro]",
        )
    ),
    Column(
        "carteira_id",
        BigInteger,
        ForeignKey("carteira_principal.id", ondelete="CASCADE"),
        unique=True,
        comment="Linha de carteira_principal (id daqui); vazio: importada por pessoas [origem]",
    ),
    UniqueConstraint("num_pedido", "cod_produto", deferrable=True, initially="IMMEDIATE"),
    comment="Pedidos de venda confirmados, uma linha por pedido e produto: com eles a demanda é medida",
)

grupo_empresarial = table(
    "grupo_empresarial",
    Column("nome_grupo", String(100), nullable=False, comment="Nome do grupo [pessoas]"),
    Column(
        "prefixo_cnpj",
        String(8),
        nullable=False,
        comment="Raiz do CNPJ: as oito primeiras posições, sem pontuação [pessoas]",
    ),
    Column("descricao", Text, comment="Texto livre sobre o grupo [pessoas]"),
    Column("ativo", Boolean, nullable=False, server_default="true", comment="Se o grupo vale [pessoas]"),
    moment("criado_em", required=True, now=True, comment="Quando foi incluído (instante, UTC) [pessoas]"),
    Column("criado_por", String(100), comment="Quem o incluiu [pessoas]"),
    UniqueConstraint("prefixo_cnpj"),
    CheckConstraint("prefixo_cnpj ~ '^[0-9A-Z]{8}$'", name="prefixo_cnpj"),
    comment="Grupos de clientes, pela raiz do CNPJ; cadastro de pessoas, que o Sincronia só lê",
)
