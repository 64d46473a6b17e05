"""Purchasing: requests, orders, the allocations between them, their histories and the suppliers' lead times."""

from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import Column, ForeignKey, Index, Table, UniqueConstraint
from sqlalchemy.types import BigInteger, Boolean, Date, Integer, Numeric, String, Text

from schema.base import bookkeeping, computed, moment, money, people, quantity, table


def _written() -> list[Column[Any]]:
    """When the sync first wrote the row, and when it last changed it."""
    return bookkeeping(moment("criado_em", required=True, now=True), moment("atualizado_em", required=True, now=True))


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
        Column(link, BigInteger, ForeignKey(parent.c.id, ondelete="CASCADE"), nullable=False),
        Column("operacao", String(20), nullable=False, comment="CRIAR or EDITAR"),
        moment("alterado_em", required=True, now=True),
        Column("alterado_por", String(100), nullable=False, server_default="Odoo"),
        moment("write_date_odoo"),
        Column("alteracoes", JSONB, comment="Column to [before, after]; NULL for CRIAR"),
        *snapshot,
        Index(f"ix_{name}_{link}", link, "id"),
        Index(f"ix_{name}_{number}", number, "alterado_em"),
    )


requisicao_compras = table(
    "requisicao_compras",
    Column("odoo_id", BigInteger, comment="Odoo's id of the line; NULL for what people enter"),
    Column("num_requisicao", String(30), nullable=False),
    Column("company_id", String(100), comment="The company's name"),
    Column("requisicao_odoo_id", BigInteger, comment="Odoo's id of the header"),
    Column("odoo_modelo", String(50), comment="purchase.request (OCA) or purchase.requisition"),
    Column("data_requisicao_criacao", Date, nullable=False),
    Column("usuario_requisicao_criacao", String(100)),
    Column("data_requisicao_solicitada", Date),
    Column("lead_time_requisicao", Integer, comment="Days from solicitada to necessidade"),
    Column("cod_produto", String(50), nullable=False),
    Column("nome_produto", String(255)),
    quantity("qtd_produto_requisicao", required=True),
    Column("unid_medida_requisicao", String(20)),
    Column("data_necessidade", Date),
    Column("status", String(20), nullable=False, server_default="Pendente"),
    Column("purchase_state", String(20)),
    Column("observacoes_odoo", Text),
    Column("ativo", Boolean, nullable=False, server_default="true", comment="Not refused, nor gone from Odoo"),
    Column("motivo_exclusao", Text),
    moment("odoo_write_date"),
    *people(
        Column("lead_time_previsto", Integer),
        quantity("qtd_produto_sem_requisicao", zero=True),
        Column("necessidade", Boolean, nullable=False, server_default="false"),
        Column("importado_odoo", Boolean, nullable=False, server_default="true"),
    ),
    *_written(),
    UniqueConstraint("odoo_id"),
    Index("ix_requisicao_compras_requisicao_odoo_id", "requisicao_odoo_id"),
    Index("ix_requisicao_compras_company_id_num_requisicao", "company_id", "num_requisicao"),
    Index("ix_requisicao_compras_cod_produto", "cod_produto"),
)

historico_requisicao_compras = _history(requisicao_compras, "requisicao_compra_id", "num_requisicao")

pedido_compras = table(
    "pedido_compras",
    Column("odoo_id", BigInteger, comment="Odoo's id of the line; NULL for what people enter"),
    Column("num_pedido", String(30), nullable=False),
    Column("company_id", String(100), comment="The company's name"),
    Column("odoo_purchase_order_id", BigInteger),
    Column("num_requisicao", String(30), comment="Of a native agreement; requests are linked by allocations"),
    Column("cnpj_fornecedor", String(20)),
    Column("cnpj_valido", Boolean, comment="Whether its check digits are right; NULL without one"),
    Column("raz_social", String(255)),
    Column("data_pedido_criacao", Date),
    Column("usuario_pedido_criacao", String(100)),
    Column("data_pedido_previsao", Date),
    Column("cod_produto", String(50), nullable=False),
    Column("nome_produto", String(255)),
    quantity("qtd_produto_pedido", required=True),
    Column("unid_medida_pedido", String(20), comment="Unit of qtd_produto_pedido, qtd_recebida and the price"),
    quantity("qtd_produto_pedido_estoque", required=True),
    Column("unid_medida_estoque", String(20), comment="The product's own unit, that of stock movements"),
    quantity("qtd_recebida", required=True, zero=True),
    money("preco_produto_pedido", places=4),
    money("icms_produto_pedido"),
    money("pis_produto_pedido"),
    money("cofins_produto_pedido"),
    Column("status_odoo", String(20), nullable=False, comment="Odoo's own: draft, sent, to approve, purchase, …"),
    Column("tipo_pedido", String(50)),
    Column("ativo", Boolean, nullable=False, server_default="true", comment="Not cancelled, nor gone from Odoo"),
    Column("motivo_exclusao", Text),
    moment("odoo_write_date"),
    *computed(  # from the receipts; a person may confirm an order too
        Column("data_pedido_entrega", Date, comment="Of the last receipt"),
    ),
    quantity("qtd_recebida_estoque", required=True, zero=True),
    *computed(
        Column("confirmacao_pedido", Boolean, nullable=False, server_default="false"),
        Column("confirmado_por", String(100), comment="odoo_sync, or who confirmed it by hand"),
        moment("confirmado_em"),
    ),
    *people(
        Column("numero_nf", String(20)),
        Column("lead_time_previsto", Integer),
        Column("importado_odoo", Boolean, nullable=False, server_default="true"),
    ),
    *_written(),
    Column("moeda", String(3), comment="Of the prices, taxes and valor_moeda_pedido"),
    money("preco_liquido_produto_pedido", places=4),
    money("valor_moeda_pedido"),
    money("valor_produto_pedido"),
    UniqueConstraint("odoo_id"),
    Index("ix_pedido_compras_odoo_purchase_order_id", "odoo_purchase_order_id"),
    Index("ix_pedido_compras_company_id_num_pedido", "company_id", "num_pedido"),
    Index("ix_pedido_compras_cod_produto_cnpj_fornecedor", "cod_produto", "cnpj_fornecedor"),
)

historico_pedido_compras = _history(pedido_compras, "pedido_compra_id", "num_pedido")

requisicao_compra_alocacao = table(
    "requisicao_compra_alocacao",
    Column("odoo_allocation_id", BigInteger, nullable=False),
    Column("requisicao_compra_id", BigInteger, ForeignKey("requisicao_compras.id", ondelete="CASCADE"), nullable=False),
    *computed(Column("pedido_compra_id", BigInteger, ForeignKey("pedido_compras.id", ondelete="SET NULL"), index=True)),
    Column("purchase_request_line_odoo_id", BigInteger, nullable=False),
    Column("purchase_order_line_odoo_id", BigInteger, index=True),
    Column("stock_move_odoo_id", BigInteger),
    Column("company_id", String(100), comment="The company's name"),
    Column("cod_produto", String(50), nullable=False, index=True),
    Column("nome_produto", String(255)),
    quantity("qtd_requisitada", required=True),
    quantity("qtd_alocada", required=True),
    quantity("qtd_aberta", required=True, zero=True),
    Column("purchase_state", String(20), comment="Of the order line; cancel once the allocation is gone from Odoo"),
    Column("ativo", Boolean, nullable=False, server_default="true", comment="Not gone from Odoo"),
    *people(Column("importado_odoo", Boolean, nullable=False, server_default="true")),
    moment("create_date_odoo"),
    moment("write_date_odoo"),
    *_written(),
    UniqueConstraint("odoo_allocation_id"),
    Index("ix_requisicao_compra_alocacao_requisicao_compra_id", "requisicao_compra_id"),
)

lead_time_fornecedor = table(
    "lead_time_fornecedor",
    Column("cnpj_fornecedor", String(20), nullable=False),
    Column("nome_fornecedor", String(255)),
    Column("cod_produto", String(50), nullable=False, index=True),
    Column("nome_produto", String(255)),
    Column("lead_time_previsto", Integer, nullable=False, comment="The first delivery's days, until a person sets it"),
    Column("lead_time_calculado", Integer, comment="The first delivery's days"),
    Column("lead_time_historico", Numeric(5, 1), comment="Moving mean (old + days) / 2 over the deliveries, by date"),
    *bookkeeping(moment("atualizado_em", required=True, now=True)),
    UniqueConstraint("cnpj_fornecedor", "cod_produto"),
)
