"""Purchasing: requests, orders, the allocations between them, their histories and the suppliers' lead times."""

from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import Column, ForeignKey, Index, Table, UniqueConstraint
from sqlalchemy.types import BigInteger, Boolean, Date, Integer, Numeric, String, Text

from schema.base import CHANGED, WRITTEN, bookkeeping, computed, moment, money, people, quantity, table


def _written() -> list[Column[Any]]:
    """When the sync first wrote the row, and when it last changed it."""
    return bookkeeping(
        moment("criado_em", required=True, now=True, comment=WRITTEN),
        moment("atualizado_em", required=True, now=True, comment=CHANGED),
    )


def _history(parent: Table, link: str, number: str) -> Table:
    """A row per real change of the parent, `link` its id: what the sync wrote of it then, and what had changed.

    The columns are the parent's own, in its order: all that are not marked as somebody else's, without key and version.
    """
    name = f"historico_{parent.name}"
    snapshot = [
        Column(each.name, each.type, nullable=each.nullable, server_default=each.server_default, comment=each.comment)
        for each in parent.columns
        if "owner" not in each.info and each.name not in ("odoo_id", "odoo_write_date")
    ]
    return table(
        name,
        Column(
            link,
            BigInteger,
            ForeignKey(parent.c.id, ondelete="CASCADE"),
            nullable=False,
            comment=f"Linha de {parent.name} que mudou (id daqui) [registro]",
        ),
        Column("operacao", String(20), nullable=False, comment="CRIAR (linha nova) ou EDITAR [registro]"),
        moment(
            "alterado_em", required=True, now=True, comment="Quando a mudança foi gravada (instante, UTC) [registro]"
        ),
        Column(
            "alterado_por",
            String(100),
            nullable=False,
            server_default="Odoo",
            comment="De onde veio a mudança: Odoo [registro]",
        ),
        moment("write_date_odoo", comment="Versão gravada: o maior write_date no Odoo (instante, UTC) [origem]"),
        Column("alteracoes", JSONB, comment="Coluna e par [antes, depois], em JSON; vazio em CRIAR [registro]"),
        *snapshot,
        Index(f"ix_{name}_{link}", link, "id"),
        Index(f"ix_{name}_{number}", number, "alterado_em"),
        comment=f"Uma linha por mudança real de {parent.name}: os valores de depois, e o que mudou",
    )


requisicao_compras = table(
    "requisicao_compras",
    Column(
        "odoo_id",
        BigInteger,
        comment="Id da linha no Odoo: purchase.request.line.id; vazio no que pessoas incluem [origem]",
    ),
    Column(
        "num_requisicao",
        String(30),
        nullable=False,
        comment="Número da requisição. Odoo: purchase.request.name [origem]",
    ),
    Column("company_id", String(100), comment="Nome da empresa que requisita. Odoo: company_id.name [origem]"),
    Column("requisicao_odoo_id", BigInteger, comment="Id da requisição no Odoo: purchase.request.id [origem]"),
    Column(
        "odoo_modelo",
        String(50),
        comment="De que modelo do Odoo veio: purchase.request ou purchase.requisition [origem]",
    ),
    Column(
        "data_requisicao_criacao",
        Date,
        nullable=False,
        comment="Dia da criação, em São Paulo. Odoo: create_date [origem]",
    ),
    Column(
        "usuario_requisicao_criacao", String(100), comment="Quem requisita. Odoo: requested_by (ou user_id) [origem]"
    ),
    Column(
        "data_requisicao_solicitada",
        Date,
        comment="Dia em que foi solicitada. Odoo: date_start (ou ordering_date) [origem]",
    ),
    Column("lead_time_requisicao", Integer, comment="Dias corridos da solicitação à necessidade [origem]"),
    Column(
        "cod_produto",
        String(50),
        nullable=False,
        comment="Código do produto. Odoo: product.product.default_code [origem]",
    ),
    Column("nome_produto", String(255), comment="Nome do produto. Odoo: product.product.name [origem]"),
    quantity(
        "qtd_produto_requisicao",
        required=True,
        comment="Quantidade requisitada, em unid_medida_requisicao. Odoo: product_qty [origem]",
    ),
    Column("unid_medida_requisicao", String(20), comment="Unidade da quantidade. Odoo: product_uom_id.name [origem]"),
    Column(
        "data_necessidade",
        Date,
        comment="Dia em que o produto é necessário. Odoo: date_required (ou schedule_date) [origem]",
    ),
    Column(
        "status",
        String(20),
        nullable=False,
        server_default="Pendente",
        comment=(
            "Situação: Rascunho, Aguardando Aprovação, Aprovada, Rejeitada, Concluída, Cancelada ou "
            "Pendente. Odoo: state [origem]"
        ),
    ),
    Column(
        "purchase_state",
        String(20),
        comment="Situação da compra da linha, como o Odoo a diz. Odoo: purchase.request.line.purchase_state [origem]",
    ),
    Column("observacoes_odoo", Text, comment="Descrição da requisição, em texto simples. Odoo: description [origem]"),
    Column(
        "ativo",
        Boolean,
        nullable=False,
        server_default="true",
        comment="Falso se foi rejeitada ou cancelada, ou se saiu do Odoo [origem]",
    ),
    Column("motivo_exclusao", Text, comment="Por que não está ativa [origem]"),
    moment(
        "odoo_write_date",
        comment="Versão gravada. Odoo: maior write_date da requisição e da linha (instante, UTC) [origem]",
    ),
    *people(
        Column("lead_time_previsto", Integer, comment="Dias que se preveem até a entrega [pessoas]"),
        quantity(
            "qtd_produto_sem_requisicao", zero=True, comment="Quantidade necessária ainda sem requisição [pessoas]"
        ),
        Column(
            "necessidade",
            Boolean,
            nullable=False,
            server_default="false",
            comment="Se a linha é uma necessidade ainda sem requisição no Odoo [pessoas]",
        ),
        Column(
            "importado_odoo",
            Boolean,
            nullable=False,
            server_default="true",
            comment="Se a linha veio do Odoo; falso no que pessoas incluem [pessoas]",
        ),
    ),
    *_written(),
    UniqueConstraint("odoo_id"),
    Index("ix_requisicao_compras_requisicao_odoo_id", "requisicao_odoo_id"),
    Index("ix_requisicao_compras_company_id_num_requisicao", "company_id", "num_requisicao"),
    Index("ix_requisicao_compras_cod_produto", "cod_produto"),
    comment=(
        "Requisições de compra, uma linha por linha de requisição. Odoo: purchase.request (OCA) ou purchase.requisition"
    ),
)

historico_requisicao_compras = _history(requisicao_compras, "requisicao_compra_id", "num_requisicao")

pedido_compras = table(
    "pedido_compras",
    Column(
        "odoo_id",
        BigInteger,
        comment="Id da linha no Odoo: purchase.order.line.id; vazio no que pessoas incluem [origem]",
    ),
    Column(
        "num_pedido",
        String(30),
        nullable=False,
        comment="Número do pedido de compra. Odoo: purchase.order.name [origem]",
    ),
    Column("company_id", String(100), comment="Nome da empresa que compra. Odoo: company_id.name [origem]"),
    Column("odoo_purchase_order_id", BigInteger, comment="Id do pedido no Odoo: purchase.order.id [origem]"),
    Column(
        "num_requisicao",
        String(30),
        comment=(
            "Acordo de compra nativo do pedido; requisições ligam-se por alocações. Odoo: requisition_id.name [origem]"
        ),
    ),
    Column(
        "cnpj_fornecedor",
        String(20),
        comment="CNPJ ou CPF do fornecedor, pontuado. Odoo: res.partner.l10n_br_cnpj (ou vat) [origem]",
    ),
    Column("cnpj_valido", Boolean, comment="Se os dígitos do CNPJ ou CPF conferem; vazio sem documento [origem]"),
    Column(
        "raz_social",
        String(255),
        comment="Razão social do fornecedor. Odoo: res.partner.l10n_br_razao_social (ou name) [origem]",
    ),
    Column(
        "data_pedido_criacao", Date, comment="Dia do pedido, em São Paulo. Odoo: purchase.order.date_order [origem]"
    ),
    Column("usuario_pedido_criacao", String(100), comment="Comprador. Odoo: purchase.order.user_id.name [origem]"),
    Column(
        "data_pedido_previsao",
        Date,
        comment="Dia previsto da chegada, em São Paulo. Odoo: purchase.order.line.date_planned [origem]",
    ),
    Column(
        "cod_produto",
        String(50),
        nullable=False,
        comment="Código do produto. Odoo: product.product.default_code [origem]",
    ),
    Column("nome_produto", String(255), comment="Nome do produto. Odoo: product.product.name [origem]"),
    quantity(
        "qtd_produto_pedido",
        required=True,
        comment="Quantidade pedida, em unid_medida_pedido. Odoo: purchase.order.line.product_qty [origem]",
    ),
    Column(
        "unid_medida_pedido",
        String(20),
        comment="Unidade de qtd_produto_pedido, de qtd_recebida e dos preços. Odoo: product_uom.name [origem]",
    ),
    quantity(
        "qtd_produto_pedido_estoque",
        required=True,
        comment="Quantidade pedida, em unid_medida_estoque. Odoo: product_qty convertida [origem]",
    ),
    Column(
        "unid_medida_estoque",
        String(20),
        comment="Unidade do próprio produto, a dos movimentos de estoque. Odoo: product.product.uom_id.name [origem]",
    ),
    quantity(
        "qtd_recebida",
        required=True,
        zero=True,
        comment="Quantidade recebida, em unid_medida_pedido. Odoo: purchase.order.line.qty_received [origem]",
    ),
    money(
        "preco_produto_pedido",
        places=4,
        comment="Preço unitário sem o desconto, na moeda do pedido. Odoo: purchase.order.line.price_unit [origem]",
    ),
    money(
        "icms_produto_pedido",
        comment="Valor do ICMS da linha, na moeda do pedido. Odoo: l10n_br_icms_valor (CIEL IT) [origem]",
    ),
    money(
        "pis_produto_pedido",
        comment="Valor do PIS da linha, na moeda do pedido. Odoo: l10n_br_pis_valor (CIEL IT) [origem]",
    ),
    money(
        "cofins_produto_pedido",
        comment="Valor da COFINS da linha, na moeda do pedido. Odoo: l10n_br_cofins_valor (CIEL IT) [origem]",
    ),
    Column(
        "status_odoo",
        String(20),
        nullable=False,
        comment=(
            "Situação no Odoo: draft, sent, to approve, purchase, done (bloqueado) ou cancel. Odoo: "
            "state e locked [origem]"
        ),
    ),
    Column(
        "tipo_pedido",
        String(50),
        comment="Tipo fiscal do pedido. Odoo: purchase.order.l10n_br_tipo_pedido (CIEL IT) [origem]",
    ),
    Column(
        "ativo",
        Boolean,
        nullable=False,
        server_default="true",
        comment="Falso se foi cancelado, saiu do Odoo ou deixou de ser compra de estoque [origem]",
    ),
    Column("motivo_exclusao", Text, comment="Por que não está ativo [origem]"),
    moment(
        "odoo_write_date",
        comment="Versão gravada. Odoo: maior write_date do pedido e da linha (instante, UTC) [origem]",
    ),
    *computed(  # from the receipts; a person may confirm an order too
        Column(
            "data_pedido_entrega", Date, comment="Dia do último recebimento da linha; vazio se nada chegou [cálculo]"
        ),
    ),
    quantity(
        "qtd_recebida_estoque",
        required=True,
        zero=True,
        comment=(
            "Quantidade recebida, em unid_medida_estoque; kits contam completos. Odoo: qty_received convertida [origem]"
        ),
    ),
    *computed(
        Column(
            "confirmacao_pedido",
            Boolean,
            nullable=False,
            server_default="false",
            comment="Se chegou algo da linha, ou se uma pessoa confirmou a entrega [cálculo]",
        ),
        Column("confirmado_por", String(100), comment="odoo_sync, ou quem confirmou à mão [cálculo]"),
        moment("confirmado_em", comment="Quando a entrega foi confirmada (instante, UTC) [cálculo]"),
    ),
    *people(
        Column("numero_nf", String(20), comment="Nota do fornecedor [pessoas]"),
        Column("lead_time_previsto", Integer, comment="Dias que se preveem do pedido à entrega [pessoas]"),
        Column(
            "importado_odoo",
            Boolean,
            nullable=False,
            server_default="true",
            comment="Se a linha veio do Odoo; falso no que pessoas incluem [pessoas]",
        ),
    ),
    *_written(),
    Column(
        "moeda",
        String(3),
        comment="Moeda dos preços, dos impostos e de valor_moeda_pedido (BRL, USD). Odoo: currency_id.name [origem]",
    ),
    money(
        "preco_liquido_produto_pedido",
        places=4,
        comment="Preço unitário com o desconto, na moeda do pedido. Odoo: price_unit e discount [origem]",
    ),
    money(
        "valor_moeda_pedido",
        comment="Valor da linha sem impostos, na moeda do pedido. Odoo: purchase.order.line.price_subtotal [origem]",
    ),
    money(
        "valor_produto_pedido",
        comment="Valor da linha sem impostos, na moeda da empresa. Odoo: price_subtotal e currency_rate [origem]",
    ),
    UniqueConstraint("odoo_id"),
    Index("ix_pedido_compras_odoo_purchase_order_id", "odoo_purchase_order_id"),
    Index("ix_pedido_compras_company_id_num_pedido", "company_id", "num_pedido"),
    Index("ix_pedido_compras_cod_produto_cnpj_fornecedor", "cod_produto", "cnpj_fornecedor"),
    comment="Pedidos de compra, uma linha por linha de pedido. Odoo: purchase.order e purchase.order.line",
)

historico_pedido_compras = _history(pedido_compras, "pedido_compra_id", "num_pedido")

requisicao_compra_alocacao = table(
    "requisicao_compra_alocacao",
    Column(
        "odoo_allocation_id",
        BigInteger,
        nullable=False,
        comment="Id da alocação no Odoo: purchase.request.allocation.id [origem]",
    ),
    Column(
        "requisicao_compra_id",
        BigInteger,
        ForeignKey("requisicao_compras.id", ondelete="CASCADE"),
        nullable=False,
        comment="Linha de requisicao_compras atendida (id daqui) [origem]",
    ),
    *computed(
        Column(
            "pedido_compra_id",
            BigInteger,
            ForeignKey("pedido_compras.id", ondelete="SET NULL"),
            index=True,
            comment="Linha de pedido_compras que atende (id daqui); vazio enquanto ela não está aqui [cálculo]",
        )
    ),
    Column(
        "purchase_request_line_odoo_id",
        BigInteger,
        nullable=False,
        comment="Id da linha de requisição no Odoo. Odoo: purchase_request_line_id [origem]",
    ),
    Column(
        "purchase_order_line_odoo_id",
        BigInteger,
        index=True,
        comment="Id da linha de pedido no Odoo. Odoo: purchase_line_id, ou o do movimento [origem]",
    ),
    Column(
        "stock_move_odoo_id", BigInteger, comment="Id do movimento de estoque no Odoo. Odoo: stock_move_id [origem]"
    ),
    Column("company_id", String(100), comment="Nome da empresa. Odoo: company_id.name [origem]"),
    Column(
        "cod_produto",
        String(50),
        nullable=False,
        index=True,
        comment="Código do produto. Odoo: product.product.default_code [origem]",
    ),
    Column("nome_produto", String(255), comment="Nome do produto. Odoo: product.product.name [origem]"),
    quantity(
        "qtd_requisitada",
        required=True,
        comment="Quantidade requisitada, na unidade da requisição. Odoo: requested_product_uom_qty [origem]",
    ),
    quantity(
        "qtd_alocada",
        required=True,
        comment="Quantidade já atendida, na unidade do produto. Odoo: allocated_product_qty [origem]",
    ),
    quantity(
        "qtd_aberta",
        required=True,
        zero=True,
        comment="Quantidade ainda por atender, na unidade do produto. Odoo: open_product_qty [origem]",
    ),
    Column(
        "purchase_state",
        String(20),
        comment=(
            "Situação do pedido que atende; cancel depois que a alocação sai do Odoo. Odoo: "
            "purchase.order.state [origem]"
        ),
    ),
    Column(
        "ativo", Boolean, nullable=False, server_default="true", comment="Falso se a alocação saiu do Odoo [origem]"
    ),
    *people(
        Column(
            "importado_odoo",
            Boolean,
            nullable=False,
            server_default="true",
            comment="Se a linha veio do Odoo [pessoas]",
        )
    ),
    moment("create_date_odoo", comment="Quando a alocação foi criada. Odoo: create_date (instante, UTC) [origem]"),
    moment("write_date_odoo", comment="Versão gravada. Odoo: write_date da alocação (instante, UTC) [origem]"),
    *_written(),
    UniqueConstraint("odoo_allocation_id"),
    Index("ix_requisicao_compra_alocacao_requisicao_compra_id", "requisicao_compra_id"),
    comment=(
        "Que linha de pedido atende que linha de requisição, muitas para muitas. Odoo: "
        "purchase.request.allocation (OCA)"
    ),
)

lead_time_fornecedor = table(
    "lead_time_fornecedor",
    Column(
        "cnpj_fornecedor",
        String(20),
        nullable=False,
        comment="CNPJ ou CPF do fornecedor, pontuado, como em pedido_compras [cálculo]",
    ),
    Column("nome_fornecedor", String(255), comment="Razão social do fornecedor na última entrega [cálculo]"),
    Column("cod_produto", String(50), nullable=False, index=True, comment="Código do produto [cálculo]"),
    Column("nome_produto", String(255), comment="Nome do produto na última entrega [cálculo]"),
    Column(
        "lead_time_previsto",
        Integer,
        nullable=False,
        comment="Dias da primeira entrega, até que uma pessoa ponha outro número [pessoas]",
    ),
    Column("lead_time_calculado", Integer, comment="Dias da primeira entrega [cálculo]"),
    Column(
        "lead_time_historico",
        Numeric(5, 1),
        comment="Média móvel (anterior + dias) / 2 das entregas por data, em dias; vazio sem entrega [cálculo]",
    ),
    *bookkeeping(moment("atualizado_em", required=True, now=True, comment=CHANGED)),
    UniqueConstraint("cnpj_fornecedor", "cod_produto"),
    comment="Dias do pedido à entrega por fornecedor e produto, calculados das entregas de pedido_compras",
)
